// SPDX-License-Identifier: BSD-3-Clause
// The labels of an image as numbers from 1 to n, where they are too far apart for a table by label.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpuimg/opencl/device.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail {

/// Label `pixels[i]` of pixel i is `labels[pixels[i]]` in the image; numbers have the order of the
/// labels, and 0 stays 0. Made on the host, which takes twice the memory of the image.
struct label_numbers {
  std::vector<std::uint32_t> pixels, labels;

  label_numbers(const opencl::device& device, const opencl::buffer_view& image)
      : pixels(image.shape.pixels()), labels(pixels.size() + 1) {  // one more: 0 is there always
    device.read(image.memory, pixels.data(), image.bytes());
    std::copy(pixels.begin(), pixels.end(), labels.begin());
    std::sort(labels.begin(), labels.end());
    const auto end = std::unique(labels.begin(), labels.end());
    labels.resize(static_cast<std::size_t>(end - labels.begin()));
    for (auto& pixel : pixels)
      pixel = static_cast<std::uint32_t>(std::lower_bound(labels.begin(), labels.end(), pixel) -
                                         labels.begin());
  }
};

}  // namespace gpuimg::detail
