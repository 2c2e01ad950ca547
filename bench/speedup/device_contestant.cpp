// SPDX-License-Identifier: BSD-3-Clause
// A device of this library as a contestant.
#include <chrono>
#include <variant>

#include "bench/speedup/contestant.hpp"
#include "gpuimg/any_image.hpp"

namespace speedup {
namespace {

class device_contestant : public contestant {
 public:
  device_contestant(gpuimg::device device, std::string column)
      : device_(std::move(device)), column_(std::move(column)) {}

  [[nodiscard]] contestant_info info() const override {
    return {column_, column_, !device_.is_reference()};
  }

  double begin(const problem& p) override {
    problem_ = &p;
    inputs_.clear();
    copied_.reset();
    for (const auto& input : p.inputs) inputs_.push_back(gpuimg::push(device_, input));
    return seconds_of([&] { return first_result_.emplace(run(inputs_)).index(); });
  }

  gpuimg::host_image result() override {
    const auto first = std::exchange(first_result_, std::nullopt);
    return on_host(first.value());
  }

  std::optional<double> time(step s) override {
    switch (s) {
      case step::call:
        return seconds_of([&] { return run(inputs_); });
      case step::transfer:
        if (device_.is_reference()) return std::nullopt;
        return seconds_of([&] {
          std::vector<gpuimg::any_image> images;
          for (const auto& input : problem_->inputs) images.push_back(push(device_, input));
          return on_host(run(images));
        });
      case step::copy:
        if (device_.is_reference()) return std::nullopt;
        if (!copied_) {  // written, as memory that never was may be one page of zeros
          const gpuimg::shape& size = problem_->inputs[0].size;
          copied_.emplace(gpuimg::push(device_, std::vector<float>(size.pixels(), 1), size));
        }
        return seconds_of([&] { return copied_->clone(); });
      case step::second_size: {
        if (device_.is_reference()) return std::nullopt;
        std::vector<gpuimg::any_image> images;
        for (const auto& image : inputs_)
          images.push_back(std::visit(
              [](const auto& typed) -> gpuimg::any_image {
                return gpuimg::crop(typed, {}, second_size(typed.shape()));
              },
              image));
        return seconds_of([&] { return run(images); });
      }
      case step::count:
        break;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] gpuimg::any_result run(const std::vector<gpuimg::any_image>& images) const {
    return std::move(problem_->entry->run(problem_->parameters, images)[0]);
  }
  /// Numbers as pixels, those of a table row by row.
  static gpuimg::host_image on_host(const gpuimg::any_result& result) {
    if (const auto* image = std::get_if<gpuimg::any_image>(&result)) return gpuimg::pull(*image);
    std::vector<float> numbers;
    if (const auto* value = std::get_if<double>(&result))
      numbers.push_back(static_cast<float>(*value));
    else
      for (const auto& row : std::get<gpuimg::table>(result).rows)
        for (const double number : row) numbers.push_back(static_cast<float>(number));
    return {.size = {numbers.size()}, .pixels = std::move(numbers)};
  }
  template <class Work>
  double seconds_of(const Work& work) const {
    device_.finish();
    const auto start = std::chrono::steady_clock::now();
    [[maybe_unused]] const auto result = work();
    device_.finish();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  gpuimg::device device_;
  std::string column_;
  const problem* problem_ = nullptr;
  std::vector<gpuimg::any_image> inputs_;
  std::optional<gpuimg::any_result> first_result_;
  std::optional<gpuimg::image<float>> copied_;
};

}  // namespace

std::unique_ptr<contestant> make_device_contestant(const gpuimg::device& device,
                                                   const std::string& column) {
  return std::make_unique<device_contestant>(device, column);
}

}  // namespace speedup
