// SPDX-License-Identifier: BSD-3-Clause
// The labels of an image, or numbers from 1 to n where they are too far apart for a table by label.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gpuimg/opencl/device.hpp"
#include "gpuimg/opencl/primitives.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail {

/// A label image on a device that has a number, below `count()`, for each label. A number is the
/// label itself, unless labels are far apart, or so many that rows by label would outweigh the
/// image: then numbers have the order of the labels, and 0 stays 0. Those are made on the host,
/// which takes three times the memory of the image. Needs pixels; waits for the device.
class label_numbers {
 public:
  label_numbers(const opencl::device& device, const opencl::buffer_view& labels)
      : image_(labels), count_(std::size_t{opencl::greatest(device, labels)} + 1) {
    const std::size_t count = labels.shape.pixels();
    if (count_ <= count / 4 + 1024) return;
    std::vector<std::uint32_t> pixels(count);
    device.read(labels.memory, pixels.data(), labels.bytes());
    labels_ = pixels;
    labels_.push_back(0);  // is there always
    std::sort(labels_.begin(), labels_.end());
    const auto end = std::unique(labels_.begin(), labels_.end());
    labels_.resize(static_cast<std::size_t>(end - labels_.begin()));
    for (auto& pixel : pixels)
      pixel = static_cast<std::uint32_t>(std::lower_bound(labels_.begin(), labels_.end(), pixel) -
                                         labels_.begin());
    memory_ = device.allocate(labels.bytes());
    device.write(memory_.memory(), pixels.data(), labels.bytes());
    image_.memory = memory_.memory();
    count_ = labels_.size();
  }

  [[nodiscard]] const opencl::buffer_view& image() const { return image_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::uint32_t label_of(std::uint32_t number) const {
    return labels_.empty() ? number : labels_[number];
  }

 private:
  opencl::buffer_view image_;
  std::size_t count_;
  std::vector<std::uint32_t> labels_;  // by number; none where numbers are labels
  opencl::buffer memory_;
};

}  // namespace gpuimg::detail
