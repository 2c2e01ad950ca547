// SPDX-License-Identifier: BSD-3-Clause
// Steps of pipelines that are no operations: networks, code of yours.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/any_image.hpp"
#include "gpuimg/tiling/box.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// Makes one image of images of one size, box by box. Several threads use it at once.
class stage {
 public:
  stage() = default;
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  virtual ~stage() = default;

  /// What people are told that it is: "network".
  [[nodiscard]] virtual std::string name() const = 0;
  /// All that decides on its result besides its inputs, in words: a run that was interrupted goes
  /// on where these are the same.
  [[nodiscard]] virtual std::string parameters() const = 0;

  [[nodiscard]] virtual std::size_t input_count() const { return 1; }
  /// The type of the result. Throws argument_error for inputs of types that it does not take.
  [[nodiscard]] virtual pixel_type result_type(std::span<const pixel_type> inputs) const = 0;
  /// The size of the result for images of a size.
  [[nodiscard]] virtual shape result_size(const shape& image) const { return image; }

  /// The box of images of size `image` from which a box of the result is made; inside the images.
  [[nodiscard]] virtual box source_box(const box& part, const shape& image) const = 0;
  /// The pixels of a box of the result, on the device of the inputs, which are the pixels of
  /// `source_box(part, image)`.
  [[nodiscard]] virtual any_image compute(std::vector<any_image> inputs, const box& part,
                                          const shape& image) const = 0;

  /// Bytes that `compute` takes besides inputs and result, on devices and host.
  [[nodiscard]] virtual std::uint64_t bytes_for(const box& /*part*/, const shape& /*image*/) const {
    return 0;
  }
  /// Bytes that are taken once, however many boxes are computed at a time.
  [[nodiscard]] virtual std::uint64_t bytes_held() const { return 0; }
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
