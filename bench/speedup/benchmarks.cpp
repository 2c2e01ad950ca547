// SPDX-License-Identifier: BSD-3-Clause
// The inputs of benchmarks.
#include "bench/speedup/benchmarks.hpp"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <variant>

#include "bench/blobs.hpp"
#include "registry/catalogue.hpp"

namespace speedup {
namespace {

/// The pixels as an input of a kind wants them. Masks are those above 100; labels of the discs and
/// balls there, too.
gpuimg::host_image as_input(const std::vector<float>& pixels, const gpuimg::shape& size,
                            gpuimg::kind kind, gpuimg::pixel_type type) {
  if (kind == gpuimg::kind::binary) type = gpuimg::pixel_type::u8;
  if (kind == gpuimg::kind::labels) type = gpuimg::pixel_type::u32;
  return gpuimg::visit_pixel_type(type, [&]<class T>(std::type_identity<T>) {
    std::vector<T> converted;
    converted.reserve(pixels.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      float value = pixels[i];
      if (kind == gpuimg::kind::binary)
        value = value > 100;
      else if (kind == gpuimg::kind::labels)
        value = value > 100 ? static_cast<float>(bench::blob_at(size, i)) : 0;
      converted.push_back(static_cast<T>(value));
    }
    return gpuimg::host_image{.size = size, .pixels = std::move(converted)};
  });
}

void write_raw(const std::string& path, const gpuimg::host_image& image) {
  std::ofstream file(path, std::ios::binary);
  std::visit(
      [&](const auto& pixels) {
        file.write(reinterpret_cast<const char*>(pixels.data()),
                   static_cast<std::streamsize>(pixels.size() * sizeof(pixels[0])));
      },
      image.pixels);
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace

std::vector<benchmark> other_benchmarks() {
  std::vector<benchmark> others;
  for (const auto& entry : gpuimg::catalogue()) {
    const std::string name = entry.about->name;
    const auto is_of_it = [&](const benchmark& b) { return b.operation == name; };
    if (std::ranges::any_of(benchmarks, is_of_it)) continue;
    const auto* const chosen = std::ranges::find_if(with_parameters, is_of_it);
    if (chosen != std::end(with_parameters))
      others.push_back(*chosen);
    else
      others.push_back({.name = entry.about->name,
                        .operation = entry.about->name,
                        .in_2d = name.find("z_projection") == std::string::npos});
  }
  return others;
}

problem make_problem(const gpuimg::registry_entry& entry, const std::string& words,
                     gpuimg::pixel_type type, const std::vector<float>& pixels,
                     const gpuimg::shape& size, const gpuimg::shape& size_of_others,
                     const std::string& folder) {
  problem p{.entry = &entry};
  for (const auto& parameter : entry.parameters)
    p.parameters.emplace_back(parameter.name, parameter.default_text);
  std::istringstream stream(words);
  for (std::string word; stream >> word;) {
    const auto equals = word.find('=');
    const auto found = std::find_if(p.parameters.begin(), p.parameters.end(), [&](const auto& q) {
      return q.first == word.substr(0, equals);
    });
    if (found == p.parameters.end())
      throw std::runtime_error(std::string(entry.about->name) + " has no parameter " + word);
    found->second = word.substr(equals + 1);
  }
  for (std::size_t i = 0; i < entry.about->input_count(); ++i) {
    const gpuimg::shape& its_size = i == 0 ? size : size_of_others;
    const auto count = static_cast<std::ptrdiff_t>(its_size.pixels());
    // A second image is the first from its other end: other pixels, of the same kind.
    p.inputs.push_back(as_input(i % 2 == 0
                                    ? std::vector<float>(pixels.begin(), pixels.begin() + count)
                                    : std::vector<float>(pixels.rbegin(), pixels.rbegin() + count),
                                its_size, entry.about->inputs[i].kind, type));
    p.files.push_back(folder + "/input" + std::to_string(i) + ".raw");
    write_raw(p.files.back(), p.inputs.back());
  }
  return p;
}

}  // namespace speedup
