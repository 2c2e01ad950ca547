// SPDX-License-Identifier: BSD-3-Clause
// Where images larger than memory come from and go to, part by part; and images in memory as such.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/core/view.hpp"
#include "gpuimg/tiling/box.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// An image that is read in parts: a file, memory, a store of chunks, a formula. One thread at a
/// time, unless the class says otherwise.
class source {
 public:
  source() = default;
  source(const source&) = delete;
  source& operator=(const source&) = delete;
  virtual ~source() = default;

  [[nodiscard]] shape size() const { return description().size; }
  [[nodiscard]] pixel_type type() const { return description().type(); }
  /// Size, type, pixel size, channel and frame: all of the image but its pixels, of which there are
  /// none.
  [[nodiscard]] virtual const host_image& description() const = 0;
  /// The parts in which it is cheap to read: boxes of this shape, whose origins are multiples of
  /// it. 1 along an axis where it makes no difference.
  [[nodiscard]] virtual shape chunk() const = 0;
  /// The pixels of a box, described as the image. Throws argument_error for a box that is empty or
  /// not inside the image, io_error, memory_error.
  [[nodiscard]] virtual host_image read(const box& part) = 0;
};

/// An image that is written in parts, each pixel once, in any order. One thread at a time, unless
/// the class says otherwise.
class sink {
 public:
  sink() = default;
  sink(const sink&) = delete;
  sink& operator=(const sink&) = delete;
  virtual ~sink() = default;

  [[nodiscard]] shape size() const { return description().size; }
  [[nodiscard]] pixel_type type() const { return description().type(); }
  /// Size, type, pixel size, channel and frame: all of the image but its pixels, of which there are
  /// none.
  [[nodiscard]] virtual const host_image& description() const = 0;
  /// Boxes begin at multiples of this shape, and end there or where the image does.
  [[nodiscard]] virtual shape chunk() const = 0;
  /// Throws argument_error for a box that is empty, not inside the image or not aligned to chunks,
  /// and for pixels of another type or that do not fill it; io_error.
  virtual void write(const box& part, const host_image& pixels) = 0;
  /// Whether a box needs no writing any more, because a run that was interrupted wrote all of it.
  [[nodiscard]] virtual bool is_written(const box&) const { return false; }
  /// Makes the result visible under its name; without it nothing that looks whole is left. Throws
  /// argument_error where pixels are missing, io_error.
  virtual void finish() = 0;
};

/// A description for `source` and `sink`: an image of this size and type without its pixels.
inline host_image describe(const shape& size, pixel_type type, const host_image& like = {}) {
  host_image description{.size = size};
  visit_pixel_type(
      type, [&]<class T>(std::type_identity<T>) { description.pixels.emplace<std::vector<T>>(); });
  description.describe_as(like);
  return description;
}

/// An image of zeros. Throws memory_error.
inline host_image zeros(const shape& size, pixel_type type, const host_image& like = {}) {
  host_image image = describe(size, type, like);
  try {
    std::visit([&](auto& pixels) { pixels.resize(size.pixels()); }, image.pixels);
  } catch (const std::bad_alloc&) {
    const std::size_t bytes = size.pixels() * size_of(type);
    throw memory_error(gpuimg::detail::text({"no memory for ", bytes, " bytes"}), bytes, 0);
  }
  return image;
}

namespace detail {

/// Where a box begins in another one.
inline extent from(const box& part, const box& outer) {
  return {part.origin[0] - outer.origin[0], part.origin[1] - outer.origin[1],
          part.origin[2] - outer.origin[2]};
}

/// Copies `size` pixels between images, from a pixel of the one to a pixel of the other.
inline void copy_pixels(const host_image& from, const extent& source, host_image& to,
                        const extent& target, const extent& size) {
  std::visit(
      [&]<class T>(const std::vector<T>& pixels) {
        const view<const T> src(pixels.data(), from.size);
        const view<T> dst(std::get<std::vector<T>>(to.pixels).data(), to.size);
        for (std::size_t z = 0; z < size[2]; ++z)
          for (std::size_t y = 0; y < size[1]; ++y)
            std::copy_n(&src(source[0], source[1] + y, source[2] + z), size[0],
                        &dst(target[0], target[1] + y, target[2] + z));
      },
      from.pixels);
}

/// Throws argument_error where an image does not hold the pixels of its size.
inline void check_filled(const char* what, const host_image& image) {
  const std::size_t count = std::visit([](const auto& p) { return p.size(); }, image.pixels);
  if (count != image.size.pixels())
    throw argument_error(gpuimg::detail::text(
        {what, ": ", count, " pixels do not fill shape ", to_string(image.size)}));
}

/// Throws argument_error where the pixels are not those of a box of an image, as described.
inline void check_part(const char* what, const box& part, const host_image& pixels,
                       const host_image& description) {
  check_inside(what, part, description.size);
  if (pixels.size != part.shape() || pixels.type() != description.type())
    throw argument_error(gpuimg::detail::text(
        {what, ": ", to_string(part), " of ", name_of(description.type()), " cannot take ",
         to_string(pixels.size), " ", name_of(pixels.type())}));
  check_filled(what, pixels);
}

/// Throws argument_error where a box does not consist of whole chunks.
inline void check_aligned(const char* what, const box& part, const shape& image,
                          const shape& chunk) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::size_t step = chunk.axes()[axis];
    if (part.origin[axis] % step != 0 ||
        (part.end(axis) % step != 0 && part.end(axis) != image.axes()[axis]))
      throw argument_error(
          gpuimg::detail::text({what, ": ", to_string(part), " does not consist of chunks of ",
                                to_string(chunk), " of ", to_string(image)}));
  }
}

}  // namespace detail

/// The pixels of a box, described as the image. Throws argument_error for a box that is empty or
/// not inside the image.
inline host_image crop(const host_image& image, const box& part) {
  check_inside("crop", part, image.size);
  host_image pixels = zeros(part.shape(), image.type(), image);
  detail::copy_pixels(image, part.origin, pixels, {}, part.size);
  return pixels;
}

/// Puts pixels of the image's own type in its box. Throws argument_error where they do not fit.
inline void paste(const host_image& pixels, host_image& image, const box& part) {
  detail::check_part("paste", part, pixels, image);
  detail::copy_pixels(pixels, {}, image, part.origin, part.size);
}

/// An image in memory as a source. Any number of threads.
class memory_source final : public source {
 public:
  /// Throws argument_error where the pixels do not fill the shape.
  explicit memory_source(host_image image)
      : image_(std::move(image)), description_(describe(image_.size, image_.type(), image_)) {
    detail::check_filled("memory_source", image_);
  }
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return {1, 1, 1}; }
  [[nodiscard]] host_image read(const box& part) override { return crop(image_, part); }

 private:
  host_image image_, description_;
};

/// An image in memory as a sink.
class memory_sink final : public sink {
 public:
  /// Of the size and type of `description`. Throws argument_error for a chunk of no pixels.
  explicit memory_sink(const host_image& description, const shape& chunk = {1, 1, 1})
      : description_(describe(description.size, description.type(), description)),
        image_(zeros(description.size, description.type(), description)),
        chunk_(chunk) {
    if (chunk.empty()) throw argument_error("memory_sink: a chunk must have pixels");
  }
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return chunk_; }
  void write(const box& part, const host_image& pixels) override {
    detail::check_aligned("memory_sink", part, image_.size, chunk_);
    paste(pixels, image_, part);
    written_ += part.pixels();
  }
  void finish() override {
    if (written_ < image_.size.pixels())
      throw argument_error(
          gpuimg::detail::text({"memory_sink: the image is not complete: ", written_, " of ",
                                image_.size.pixels(), " pixels were written"}));
  }

  /// The image, as far as it was written; pixels that were not are 0.
  [[nodiscard]] const host_image& image() const& { return image_; }
  [[nodiscard]] host_image image() && { return std::move(image_); }

 private:
  host_image description_, image_;
  shape chunk_;
  std::size_t written_ = 0;  ///< pixels
};

/// An image that is computed when it is read. Any number of threads, if the function takes them.
class generated_source final : public source {
 public:
  /// `pixels_of` gives the pixels of a box, of the size and type of `description`.
  generated_source(const host_image& description, std::function<host_image(const box&)> pixels_of)
      : description_(describe(description.size, description.type(), description)),
        pixels_of_(std::move(pixels_of)) {}
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return {1, 1, 1}; }
  [[nodiscard]] host_image read(const box& part) override {
    check_inside("generated_source", part, description_.size);
    host_image pixels = pixels_of_(part);
    detail::check_part("generated_source", part, pixels, description_);
    pixels.describe_as(description_);
    return pixels;
  }

 private:
  host_image description_;
  std::function<host_image(const box&)> pixels_of_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
