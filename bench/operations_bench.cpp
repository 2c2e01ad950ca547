// SPDX-License-Identifier: BSD-3-Clause
// Every operation of the library, timed from the call until the device is finished.
//
// Names are operation/type/shape/parameters/device. Counters: GB/s counts each input and the output
// once; of_copy is the share of what copying a float image of that shape reaches on that device.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <gpuimg/gpuimg.hpp>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/blobs.hpp"
#include "registry/cases.hpp"
#include "registry/catalogue.hpp"

namespace {

using gpuimg::any_image;
using gpuimg::any_result;
using gpuimg::kind;
using gpuimg::pixel_type;
using gpuimg::shape;

const std::vector<shape> shapes{{2048, 1024}, {256, 256, 128}};
const std::vector<pixel_type> types{pixel_type::u8, pixel_type::u16, pixel_type::f32};

/// The images of one shape on one device, made when they are first asked for.
class images {
 public:
  images(const gpuimg::device& device, const shape& size)
      : device_(device), pixels_(gpuimg::push<float>(device, bench::blobs(size), size)) {}

  const gpuimg::device& device() const { return device_; }

  any_image get(kind kind, pixel_type type) const {
    const auto mask = [&] { return gpuimg::greater_constant(pixels_, {.scalar = 100}); };
    if (kind == kind::binary) return mask();
    if (kind == kind::labels) return gpuimg::connected_component_labeling(mask());
    return gpuimg::visit_pixel_type(type, [&]<class T>(std::type_identity<T>) {
      return any_image(gpuimg::push<T>(device_, gpuimg::pull(pixels_), pixels_.shape()));
    });
  }

  /// What copying a float image reaches, in bytes read and written per second: the best of 20.
  double copy_bandwidth() const {
    if (copy_bandwidth_ > 0) return copy_bandwidth_;
    for (int i = 0; i < 20; ++i) {
      device_.finish();
      const auto start = std::chrono::steady_clock::now();
      const auto copy = pixels_.clone();
      device_.finish();
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      const auto bytes = static_cast<double>(2 * sizeof(float) * pixels_.size());
      copy_bandwidth_ = std::max(copy_bandwidth_, bytes / seconds.count());
    }
    return copy_bandwidth_;
  }

 private:
  gpuimg::device device_;
  gpuimg::image<float> pixels_;
  mutable double copy_bandwidth_ = 0;
};

std::size_t bytes_of(const any_image& image) {
  return std::visit([](const auto& i) { return i.size(); }, image) * size_of(type_of(image));
}

struct problem {
  const gpuimg::registry_entry* entry;
  gpuimg::parameter_texts parameters;
  pixel_type type;
  const shape* size;

  [[nodiscard]] std::vector<any_result> run(std::span<const any_image> inputs) const {
    return entry->run(parameters, inputs);
  }
};

void time_problem(benchmark::State& state, const problem& p, const images& made) {
  std::vector<any_image> inputs;
  std::size_t bytes = 0;
  try {
    for (std::size_t i = 0; i < p.entry->about->input_count(); ++i) {
      inputs.push_back(made.get(p.entry->about->inputs[i].kind, p.type));
      bytes += bytes_of(inputs.back());
    }
    for (const auto& result : p.run(inputs))  // compiles, and fills the memory pool
      if (const auto* image = std::get_if<any_image>(&result)) bytes += bytes_of(*image);
    made.device().finish();
  } catch (const gpuimg::error& e) {
    state.SkipWithError(e.what());
    return;
  }
  double total = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    const auto results = p.run(inputs);
    made.device().finish();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    state.SetIterationTime(seconds.count());
    total += seconds.count();
  }
  const double per_second =
      static_cast<double>(bytes) * static_cast<double>(state.iterations()) / total;
  state.counters["GB/s"] = per_second / 1e9;
  state.counters["of_copy"] = per_second / made.copy_bandwidth();
}

/// The name of a device; with its place in the list where others have the same name.
std::string label_of(const std::vector<gpuimg::device>& devices, std::size_t place) {
  const std::string name = devices[place].name();
  const auto same = std::ranges::count(devices, name, &gpuimg::device::name);
  return same > 1 ? name + " #" + std::to_string(place) : name;
}

/// One entry per case, type, shape and device.
void add(const gpuimg::registry_entry& entry, const std::vector<gpuimg::device>& devices) {
  const auto& about = *entry.about;
  const bool any_type = entry.takes_any_pixel_type;
  for (std::size_t place = 0; place < devices.size(); ++place)
    for (const shape& size : shapes)
      for (const pixel_type type : any_type ? types : std::vector{pixel_type::u8})
        for (const auto& parameters : gpuimg::cases_of(about.name)) {
          const std::string text = entry.text(parameters);
          const std::string type_name(any_type ? name_of(type) : name_of(about.inputs[0].kind));
          const std::string name = std::string(about.name) + "/" + type_name + "/" +
                                   to_string(size) + "/" + (text.empty() ? "default" : text) + "/" +
                                   label_of(devices, place);
          const problem p{&entry, parameters, type, &size};
          // Images are shared by the entries of a shape and device, and made when one of them runs.
          benchmark::RegisterBenchmark(
              name.c_str(),
              [p, place, device = devices[place]](benchmark::State& state) {
                static std::map<std::pair<std::size_t, const shape*>, std::unique_ptr<images>>
                    shared;
                auto& made = shared[{place, p.size}];
                if (made == nullptr) made = std::make_unique<images>(device, *p.size);
                time_problem(state, p, *made);
              })
              ->Unit(benchmark::kMillisecond)
              ->UseManualTime();
        }
}

/// The device that GPUIMG_DEVICE names, or every OpenCL device.
std::vector<gpuimg::device> chosen_devices() {
  if (const char* name = std::getenv("GPUIMG_DEVICE"); name != nullptr && *name != '\0')
    return {gpuimg::device::best()};
  std::vector<gpuimg::device> devices;
  for (std::size_t i = 0; i + 1 < gpuimg::device::list().size(); ++i)
    devices.push_back(gpuimg::device::by_index(i));
  return devices;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const auto devices = chosen_devices();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const std::string driver = devices[i].is_reference()
                                   ? "none"
                                   : devices[i].opencl().description().platform + ", driver " +
                                         devices[i].opencl().description().driver;
    benchmark::AddCustomContext("device " + std::to_string(i), devices[i].name() + "; " + driver);
  }
  benchmark::AddCustomContext("gpuimg", gpuimg::version);
  for (const auto& entry : gpuimg::catalogue()) add(entry, devices);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
