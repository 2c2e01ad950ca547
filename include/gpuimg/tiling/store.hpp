// SPDX-License-Identifier: BSD-3-Clause
// Where images between passes are kept.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstdint>
#include <memory>
#include <utility>

#include "gpuimg/tiling/box.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// A source that is written first, tile by tile. Several threads may write, each its own tiles.
class store : public source {
 public:
  virtual void write(const box& part, const host_image& pixels) = 0;
};

/// A store in memory.
class memory_store final : public store {
 public:
  explicit memory_store(const host_image& description)
      : description_(describe(description.size, description.type(), description)),
        image_(zeros(description.size, description.type(), description)) {}
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return {1, 1, 1}; }
  [[nodiscard]] host_image read(const box& part) override { return crop(image_, part); }
  void write(const box& part, const host_image& pixels) override { paste(pixels, image_, part); }

 private:
  host_image description_, image_;
};

/// Makes stores: in memory as long as they fit there.
class scratch {
 public:
  /// Keeps up to so many bytes in memory.
  explicit scratch(std::uint64_t memory) : left_(memory) {}

  std::shared_ptr<store> make(const host_image& description, const shape& /*tile*/) {
    return std::make_shared<memory_store>(description);
  }

 private:
  std::uint64_t left_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
