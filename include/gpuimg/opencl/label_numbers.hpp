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
      : pixels(image.shape.pixels()), labels{0} {
    device.read(image.memory, pixels.data(), image.bytes());
    labels.insert(labels.end(), pixels.begin(), pixels.end());
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    for (auto& pixel : pixels)
      pixel = static_cast<std::uint32_t>(std::lower_bound(labels.begin(), labels.end(), pixel) -
                                         labels.begin());
  }
};

}  // namespace gpuimg::detail
