// SPDX-License-Identifier: BSD-3-Clause
// binary_dilate, binary_erode and what they give one after the other, over a box or an ellipsoid.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gpuimg/kernels/morphology/binary_morphology.cl.hpp"
#include "gpuimg/neighborhood.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::binary_morphology {

/// Pixels become bits, the passes go over words of 16 bits, and the last one writes pixels. A
/// dilation finds what is not 0, an erosion what is 0; outside of the image nothing is found, which
/// is the same as repeating the pixels of the edge.
class launcher {
 public:
  launcher(const opencl::device& device, const opencl::buffer_view& dst,
           const opencl::buffer_view& src, bool erode)
      : device_(device),
        dst_(dst),
        src_(src),
        invert_(erode ? 0xffff : 0),
        cooperative_(device.launches().variant == opencl::kernel_variant::cooperative),
        words_per_item_(cooperative_ ? 1 : device.vector_width()),
        items_(pieces(pieces(src.shape.x, 16), words_per_item_)),
        pad_items_(cooperative_ ? 0 : 2),
        pitch_(static_cast<cl_uint>((items_ + pad_items_) * words_per_item_)) {}

  void run(const neighborhood& around) {
    const auto [x, y, z] = around.radius;
    const bool is_box = around.connectivity == connectivity::box;
    if (is_box && (cooperative_ ? x <= 15 && y <= 4 : x < 64 && y <= 8)) {
      const auto packed = cooperative_ ? small_box(x, y, z == 0) : tile(x, y, z == 0);
      if (z > 0) across(packed, z, true, true);
      return;
    }
    opencl::buffer packed = new_words();
    launch("binary_morphology__pack", items_ + pad_items_, 1, false,
           {src_, packed, src_.shape, pitch_, invert_});
    if (!is_box) {
      rows(packed, ellipsoid_rows(around.radius), true);
      return;
    }
    if (x > 0 || (y == 0 && z == 0))
      packed = rows(packed, {{.dy = 0, .dz = 0, .half = x}}, y == 0 && z == 0);
    if (y > 0) packed = across(packed, y, false, z == 0);
    if (z > 0) across(packed, z, true, true);
  }

 private:
  [[nodiscard]] opencl::buffer new_words() const {
    return device_.allocate(std::size_t{2} * pitch_ * src_.shape.y * src_.shape.z);
  }

  void launch(const char* kernel, std::size_t items, std::uint64_t cost, bool last,
              std::initializer_list<opencl::argument> arguments) const {
    opencl::defines macros;
    if (cooperative_) macros.add("ONE_WORD");
    if (cooperative_ && src_.shape.x % 16 == 0) macros.add("ALIGNED");
    if (last) macros.add("PIXELS");
    device_.launch(kernels::binary_morphology, kernel, macros,
                   {.x = items,
                    .y = src_.shape.y,
                    .z = src_.shape.z,
                    .local = work_group(items),
                    .cost = cost},
                   arguments);
  }

  // A row is few work-items: groups take as many rows as they need.
  static std::array<std::size_t, 3> work_group(std::size_t items) {
    const std::size_t side = std::min(std::bit_ceil(items), std::size_t{32});
    return {side, 128 / side, 1};
  }

  // Along x and y, from pixels on: on a GPU, and on a CPU.
  opencl::buffer small_box(int x, int y, bool last) const {
    opencl::buffer words;
    if (!last) words = new_words();
    const auto to = last ? opencl::argument(dst_) : opencl::argument(words);
    const auto [columns, rows, planes] = work_group(items_);
    const std::size_t tile = (columns + 2) * (rows + 2 * static_cast<std::size_t>(y));
    launch("binary_morphology__small", items_, 40, last,
           {src_, to, static_cast<cl_int>(x), static_cast<cl_int>(y), src_.shape, pitch_, invert_,
            opencl::argument::local(tile * sizeof(cl_ushort))});
    return words;
  }

  opencl::buffer tile(int x, int y, bool last) const {
    constexpr std::size_t tile_words = 128, lines = 32;  // whole rows of most images
    const std::size_t rows = lines - 2 * static_cast<std::size_t>(y);
    opencl::defines macros{{"TILE_WORDS", tile_words}, {"LINES", lines}};
    if (last) macros.add("PIXELS");
    opencl::buffer words;
    if (!last) words = new_words();
    device_.launch(kernels::binary_morphology, "binary_morphology__tile", macros,
                   {pieces(src_.shape.x, 16 * tile_words),
                    pieces(src_.shape.y, rows),
                    src_.shape.z,
                    {1, 1, 1}},
                   {src_, last ? opencl::argument(dst_) : opencl::argument(words),
                    cl_int4{{x, y, 0, 0}}, src_.shape, pitch_, invert_});
    return words;
  }

  opencl::buffer rows(const opencl::buffer& src, const std::vector<footprint_row>& all,
                      bool last) const {
    opencl::buffer words;
    if (!last) words = new_words();
    const auto to = last ? opencl::argument(dst_) : opencl::argument(words);
    std::uint64_t cost = 0;
    for (const auto& row : all) cost += 20 + static_cast<std::uint64_t>(row.half) / 8;
    launch("binary_morphology__rows", items_, cost, last,
           {src, to, device_.table(std::span<const footprint_row>(all)),
            static_cast<cl_int>(all.size()), src_.shape, pitch_, invert_});
    return words;
  }

  opencl::buffer across(const opencl::buffer& src, int radius, bool along_z, bool last) const {
    opencl::buffer words;
    if (!last) words = new_words();
    const auto to = last ? opencl::argument(dst_) : opencl::argument(words);
    launch("binary_morphology__across", items_, 2 * static_cast<std::uint64_t>(radius) + 1, last,
           {src, to, static_cast<cl_int>(radius), static_cast<cl_uint>(along_z), src_.shape, pitch_,
            invert_});
    return words;
  }

  const opencl::device& device_;
  const opencl::buffer_view &dst_, &src_;
  cl_uint invert_;
  bool cooperative_;
  std::size_t words_per_item_, items_, pad_items_;  // along x
  cl_uint pitch_;
};

/// An opening, or a closing (the dilation first).
inline void run_twice(const opencl::device& device, const opencl::buffer_view& dst,
                      const opencl::buffer_view& src, const neighborhood& around,
                      bool erode_first) {
  const auto memory = device.allocate(src.bytes());
  const opencl::buffer_view between{memory.memory(), src.type, src.shape};
  launcher(device, between, src, erode_first).run(around);
  launcher(device, dst, between, !erode_first).run(around);
}

inline void reference(view<std::uint8_t> dst, view<const std::uint8_t> src,
                      const neighborhood& around, bool erode) {
  const auto rows = rows_of(around);
  for_each_pixel(src.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
    const bool found =
        any_neighbor(src, rows, x, y, z, [&](std::uint8_t pixel) { return (pixel == 0) == erode; });
    dst(x, y, z) = found != erode;
  });
}

inline void reference_twice(view<std::uint8_t> dst, view<const std::uint8_t> src,
                            const neighborhood& around, bool erode_first) {
  std::vector<std::uint8_t> between(src.size());
  reference({between.data(), src.shape()}, src, around, erode_first);
  reference(dst, {between.data(), src.shape()}, around, !erode_first);
}

}  // namespace detail::binary_morphology

namespace ops {

struct binary_closing {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "binary_closing",
      .theme = "morphology",
      .brief = "A dilation, then an erosion: narrow gaps and small holes close",
      .source = "clesperanto binary_closing; scipy.ndimage.binary_closing",
      .inputs = {{{"src", kind::binary}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) { detail::parameters_of<binary_closing>(p); }
  [[nodiscard]] gpuimg::halo halo() const {
    return detail::halo_of(2 * radius_x, 2 * radius_y, 2 * radius_z);
  }
  void check(const shape& size) const { around(size).check(); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::binary_morphology::run_twice(device, dst, src, around(src.shape), false);
  }
  void operator()(const reference::device&, view<std::uint8_t> dst,
                  view<const std::uint8_t> src) const {
    detail::binary_morphology::reference_twice(dst, src, around(src.shape()), false);
  }

 private:
  [[nodiscard]] detail::neighborhood around(const shape& size) const {
    return {radius_x, radius_y, radius_z, connectivity, size};
  }
};

struct binary_dilate {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "binary_dilate",
      .theme = "morphology",
      .brief = "1 where any pixel of a neighbourhood is not 0",
      .source = "clesperanto binary_dilate; scipy.ndimage.binary_dilation",
      .inputs = {{{"src", kind::binary}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) { detail::parameters_of<binary_dilate>(p); }
  [[nodiscard]] gpuimg::halo halo() const { return detail::halo_of(radius_x, radius_y, radius_z); }
  void check(const shape& size) const { around(size).check(); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::binary_morphology::launcher(device, dst, src, false).run(around(src.shape));
  }
  void operator()(const reference::device&, view<std::uint8_t> dst,
                  view<const std::uint8_t> src) const {
    detail::binary_morphology::reference(dst, src, around(src.shape()), false);
  }

 private:
  [[nodiscard]] detail::neighborhood around(const shape& size) const {
    return {radius_x, radius_y, radius_z, connectivity, size};
  }
};

struct binary_erode {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "binary_erode",
      .theme = "morphology",
      .brief = "1 where no pixel of a neighbourhood is 0",
      .source = "clesperanto binary_erode; scipy.ndimage.binary_erosion (border_value = 1)",
      .inputs = {{{"src", kind::binary}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) { detail::parameters_of<binary_erode>(p); }
  [[nodiscard]] gpuimg::halo halo() const { return detail::halo_of(radius_x, radius_y, radius_z); }
  void check(const shape& size) const { around(size).check(); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::binary_morphology::launcher(device, dst, src, true).run(around(src.shape));
  }
  void operator()(const reference::device&, view<std::uint8_t> dst,
                  view<const std::uint8_t> src) const {
    detail::binary_morphology::reference(dst, src, around(src.shape()), true);
  }

 private:
  [[nodiscard]] detail::neighborhood around(const shape& size) const {
    return {radius_x, radius_y, radius_z, connectivity, size};
  }
};

struct binary_opening {
  int radius_x = 1, radius_y = 1, radius_z = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "binary_opening",
      .theme = "morphology",
      .brief = "An erosion, then a dilation: small objects and thin parts go",
      .source = "clesperanto binary_opening; scipy.ndimage.binary_opening",
      .inputs = {{{"src", kind::binary}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) { detail::parameters_of<binary_opening>(p); }
  [[nodiscard]] gpuimg::halo halo() const {
    return detail::halo_of(2 * radius_x, 2 * radius_y, 2 * radius_z);
  }
  void check(const shape& size) const { around(size).check(); }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::binary_morphology::run_twice(device, dst, src, around(src.shape), true);
  }
  void operator()(const reference::device&, view<std::uint8_t> dst,
                  view<const std::uint8_t> src) const {
    detail::binary_morphology::reference_twice(dst, src, around(src.shape()), true);
  }

 private:
  [[nodiscard]] detail::neighborhood around(const shape& size) const {
    return {radius_x, radius_y, radius_z, connectivity, size};
  }
};

}  // namespace ops

/// binary_erode of binary_dilate: gaps and holes that are narrower than the box or the ellipsoid
/// close, also towards the edges of the image.
/// src      binary, 2D or 3D    p  as binary_dilate
/// returns  u8, 0 and 1, the same shape
/// edges    nearest pixel repeated, in both
/// throws   argument_error, memory_error (one temporary of the size of src more than binary_dilate)
/// parity   the same bits on every device    cost  as binary_dilate and binary_erode
/// source   clesperanto binary_closing; scipy.ndimage.binary_closing, but for what lies outside:
///          0 for the dilation, 1 for the erosion
inline binary_image binary_closing(const binary_image& src, const ops::binary_closing& p = {}) {
  return run(p, src);
}

/// 1 where any pixel of a box or an ellipsoid around a pixel is not 0: objects grow.
/// src      binary, 2D or 3D
/// p        radius_x, radius_y, radius_z in pixels, 0 to 10000 (no effect along z on a 2D image);
///          connectivity box (2 radius + 1 pixels per axis) or sphere (the ellipsoid, in a
///          box of at most 2^24 pixels)
/// returns  u8, 0 and 1, the same shape
/// edges    nearest pixel repeated, which is the same as nothing outside
/// throws   argument_error, memory_error (two temporaries of about an eighth of src)
/// parity   the same bits on every device
/// cost     box O(pixels x (radius_x + radius_y + radius_z)), sphere O(pixels x rows of the
///          ellipsoid), divided by 16: bits are counted, not pixels
/// source   clesperanto binary_dilate; scipy.ndimage.binary_dilation
inline binary_image binary_dilate(const binary_image& src, const ops::binary_dilate& p = {}) {
  return run(p, src);
}

/// 1 where no pixel of a box or an ellipsoid around a pixel is 0: objects shrink, but not from the
/// edge of the image. Everything else as binary_dilate.
/// source   clesperanto binary_erode; scipy.ndimage.binary_erosion, with border_value = 1
inline binary_image binary_erode(const binary_image& src, const ops::binary_erode& p = {}) {
  return run(p, src);
}

/// binary_dilate of binary_erode: objects and parts of them that are narrower than the box or the
/// ellipsoid go. Everything else as binary_closing.
/// source   clesperanto binary_opening; scipy.ndimage.binary_opening, but for what lies outside
inline binary_image binary_opening(const binary_image& src, const ops::binary_opening& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
