// SPDX-License-Identifier: BSD-3-Clause
// Pixels that go to other places: boxes, margins, shifts, images behind each other, exchanged axes.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <type_traits>

#include "gpuimg/kernels/transform/rearrangement.cl.hpp"
#include "gpuimg/neighborhood.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::rearrangement {

using steps = std::array<std::ptrdiff_t, 3>;  ///< pixels in memory per pixel along x, y and z

constexpr steps steps_of(const shape& size) {
  return {1, static_cast<std::ptrdiff_t>(size.x), static_cast<std::ptrdiff_t>(size.x * size.y)};
}
constexpr std::ptrdiff_t index_of(const position& at, const shape& size) {
  return static_cast<std::ptrdiff_t>(at.x + size.x * (at.y + size.y * at.z));
}

/// The integer of OpenCL C of a pixel's size.
inline const char* name_of_bits(pixel_type type) {
  static constexpr const char* names[] = {"", "uchar", "ushort", "", "uint"};
  return names[size_of(type)];
}

/// Pixels of a row for a work-item of a CPU.
inline constexpr std::size_t run = 16384;
inline opencl::grid runs(const shape& size) {
  return {pieces(size.x, run), size.y, size.z, {1, 16, 1}, std::min(size.x, run)};
}

/// Copies to the box of `size` pixels at `target`: its first pixel is src[from], `step` says where
/// the neighbours of a pixel lie: 1 along one axis, or -1 along y or z.
inline void copy(const opencl::device& device, const opencl::buffer_view& dst,
                 const position& target, shape size, const opencl::argument& src,
                 std::ptrdiff_t from, steps step) {
  if (size.empty()) return;
  const bool shared = device.launches().variant == opencl::kernel_variant::cooperative;
  opencl::defines macros{{"SRC_T", name_of_bits(dst.type)}};
  const auto signed_number = [](std::ptrdiff_t i) { return static_cast<cl_long>(i); };
  auto to = index_of(target, dst.shape);
  steps pitch = steps_of(dst.shape);
  const auto is_one = [&](std::size_t axis) { return std::abs(step[axis]) == 1; };
  if (dst.shape.x == 1 && (is_one(1) || is_one(2))) {  // columns are rows of a plane
    size = {size.y, size.z};
    step = {step[1], step[2], 0};
    pitch = {1, pitch[2], 0};
  }

  if (step[0] != 1) {
    const std::size_t along = is_one(1) ? 1 : 2, across = 3 - along;
    const shape count{size.x, size.axes()[along], size.axes()[across]};
    if (step[along] < 0) {  // rows of src are read forward, and written backward
      const auto last = static_cast<std::ptrdiff_t>(count.y) - 1;
      from -= last, to += pitch[along] * last;
      pitch[along] = -pitch[along];
    }
    // Of a tile, as the kernel knows.
    const std::size_t width = 32, height = shared ? 32 : 256;
    opencl::grid items{
        pieces(count.x, width), pieces(count.y, height), count.z, {1, 1, 1}, 2 * width * height};
    if (shared) {
      macros.add("ONE_PIXEL");
      items.local = {width, 8, 1};
      items.x *= items.local[0], items.y *= items.local[1];
      items.cost /= items.local[0] * items.local[1];
    }
    device.launch(
        kernels::rearrangement, "rearrangement__tiles", macros, items,
        {src, dst, count, signed_number(from), signed_number(step[0]), signed_number(step[across]),
         signed_number(to), signed_number(pitch[along]), signed_number(pitch[across])});
    return;
  }
  opencl::grid items = runs(size);
  const auto is_aligned = [&](std::ptrdiff_t i) {
    return i % static_cast<std::ptrdiff_t>(device.vector_width()) == 0;
  };
  if (!shared) {
    macros.add("RUN", run);
  } else if (is_aligned(static_cast<std::ptrdiff_t>(size.x)) && is_aligned(from) &&
             is_aligned(to) && is_aligned(step[1]) && is_aligned(step[2]) && is_aligned(pitch[1])) {
    macros.add("ALIGNED");
    items = row_vectors(device, size);
  } else {
    macros.add("ONE_PIXEL");
    items = {size.x, size.y, size.z};
  }
  device.launch(
      kernels::rearrangement, "rearrangement__rows", macros, items,
      {src, dst, size, signed_number(from), signed_number(step[1]), signed_number(step[2]),
       signed_number(to), signed_number(pitch[1]), signed_number(pitch[2])});
}

/// Copies a box to another place.
inline void copy_box(const opencl::device& device, const opencl::buffer_view& dst,
                     const position& target, const opencl::buffer_view& src, const position& origin,
                     const shape& size) {
  copy(device, dst, target, size, src, index_of(origin, src.shape), steps_of(src.shape));
}
template <pixel T>
void copy_box(view<T> dst, const position& target, view<const T> src, const position& origin,
              const shape& size) {
  for_each_pixel(size, [&](std::size_t x, std::size_t y, std::size_t z) {
    dst(target.x + x, target.y + y, target.z + z) = src(origin.x + x, origin.y + y, origin.z + z);
  });
}

/// Copies an image to a box of a larger one, and sets all pixels around that.
inline void pad(const opencl::device& device, const opencl::buffer_view& dst, const position& at,
                const opencl::buffer_view& src, float value) {
  const auto bits = visit_pixel_type(dst.type, [&]<class T>(std::type_identity<T>) -> cl_uint {
    const T pixel = convert_pixel<T>(value);
    if constexpr (std::is_same_v<T, float>)
      return std::bit_cast<cl_uint>(pixel);
    else
      return static_cast<std::make_unsigned_t<T>>(pixel);
  });
  opencl::defines macros{{"SRC_T", name_of_bits(dst.type)}};
  opencl::grid items = runs(dst.shape);
  if (device.launches().variant == opencl::kernel_variant::cooperative) {
    macros.add("ONE_PIXEL");
    items = {dst.shape.x, dst.shape.y, dst.shape.z};
  } else {
    macros.add("RUN", run);
  }
  device.launch(kernels::rearrangement, "rearrangement__pad", macros, items,
                {src, dst, src.shape, dst.shape, shape{at.x, at.y, at.z}, bits});
}

/// The shape with other sizes, where they are not 0.
inline shape resized(const shape& src, int x, int y, int z) {
  const auto size = [](int wanted, std::size_t n) {
    return wanted == 0 ? n : static_cast<std::size_t>(wanted);
  };
  return {size(x, src.x), size(y, src.y), size(z, src.z)};
}
/// How many pixels lie before a box in the middle of a larger one; of an odd number, more than
/// behind it.
inline position margin(const shape& larger, const shape& size) {
  return {(larger.x - size.x + 1) / 2, (larger.y - size.y + 1) / 2, (larger.z - size.z + 1) / 2};
}
inline void check_sizes(const shape& smaller, const shape& larger, const char* rule,
                        const shape& wanted) {
  if (!lies_inside(larger, {}, smaller))
    throw argument_error(text({"size_x, size_y and size_z must be 0 or ", rule,
                               " the image's sizes, got ", to_string(wanted)}));
}

/// Which axes of src lie along x, y and z of the result, and which of them turn around.
struct turn {
  std::array<std::size_t, 3> axis;
  std::array<bool, 3> is_back{};
};

/// What operations that exchange axes have in common.
template <turn Turn>
struct turned {
  template <pixel T>
  using dst_pixel = T;
  static shape dst_shape(const shape& src) {
    const auto n = src.axes();
    return {n[Turn.axis[0]], n[Turn.axis[1]], n[Turn.axis[2]]};
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const steps all = steps_of(src.shape);
    steps step{};
    std::ptrdiff_t from = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      step[i] = Turn.is_back[i] ? -all[Turn.axis[i]] : all[Turn.axis[i]];
      if (Turn.is_back[i]) from -= step[i] * (static_cast<std::ptrdiff_t>(dst.shape.axes()[i]) - 1);
    }
    copy(device, dst, {}, dst.shape, src, from, step);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    for_each_pixel(dst.shape(), [&](std::size_t x, std::size_t y, std::size_t z) {
      const std::array to{x, y, z};
      std::array<std::size_t, 3> at{};
      for (std::size_t i = 0; i < 3; ++i)
        at[Turn.axis[i]] = Turn.is_back[i] ? dst.shape().axes()[i] - 1 - to[i] : to[i];
      dst(x, y, z) = src(at[0], at[1], at[2]);
    });
  }
};

/// What concatenate_along_x, _y and _z have in common.
template <int Axis>
struct concatenated {
  template <pixel T>
  using dst_pixel = T;
  static void check(const shape& a, const shape& b) {
    if ((Axis != 0 && a.x != b.x) || (Axis != 1 && a.y != b.y) || (Axis != 2 && a.z != b.z))
      throw argument_error(
          text({"the images may differ in their size along ", std::string(1, "xyz"[Axis]),
                " only, got ", to_string(a), " and ", to_string(b)}));
  }
  static shape dst_shape(const shape& a, const shape& b) {
    return {Axis == 0 ? a.x + b.x : a.x, Axis == 1 ? a.y + b.y : a.y, Axis == 2 ? a.z + b.z : a.z};
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src0, const opencl::buffer_view& src1) const {
    copy_box(device, dst, {}, src0, {}, src0.shape);
    copy_box(device, dst, behind(src0.shape), src1, {}, src1.shape);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src0,
                  view<const T> src1) const {
    copy_box(dst, {}, src0, {}, src0.shape());
    copy_box(dst, behind(src0.shape()), src1, {}, src1.shape());
  }

 private:
  static position behind(const shape& first) {
    return {Axis == 0 ? first.x : 0, Axis == 1 ? first.y : 0, Axis == 2 ? first.z : 0};
  }
};

}  // namespace detail::rearrangement

namespace ops {

struct circular_shift {
  int shift_x = 0, shift_y = 0, shift_z = 0;

  static constexpr operation_info about{
      .name = "circular_shift",
      .theme = "transform",
      .brief = "The image moved; what leaves it comes in at the opposite edge",
      .source = "clesperanto circular_shift; numpy.roll",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using Op = circular_shift;
    constexpr double most = 2147483647;
    p("shift_x", &Op::shift_x, "pixel", "how far to the right", -most, most);
    p("shift_y", &Op::shift_y, "pixel", "how far down", -most, most);
    p("shift_z", &Op::shift_z, "pixel", "by how many planes", -most, most);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const auto [nx, ny, nz] = src.shape;
    const shape moved{came_from(0, nx, -shift_x), came_from(0, ny, -shift_y),
                      came_from(0, nz, -shift_z)};
    // Of each axis, what comes from its beginning, and what comes from its end.
    for (const bool x : {false, true})
      for (const bool y : {false, true})
        for (const bool z : {false, true}) {
          const position target{x ? 0 : moved.x, y ? 0 : moved.y, z ? 0 : moved.z};
          const position origin{x ? nx - moved.x : 0, y ? ny - moved.y : 0, z ? nz - moved.z : 0};
          const shape size{x ? moved.x : nx - moved.x, y ? moved.y : ny - moved.y,
                           z ? moved.z : nz - moved.z};
          detail::rearrangement::copy_box(device, dst, target, src, origin, size);
        }
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    const auto [nx, ny, nz] = src.shape();
    for (std::size_t z = 0; z < nz; ++z)
      for (std::size_t y = 0; y < ny; ++y)
        for (std::size_t x = 0; x < nx; ++x)
          dst(x, y, z) =
              src(came_from(x, nx, shift_x), came_from(y, ny, shift_y), came_from(z, nz, shift_z));
  }

 private:
  // The pixel of an axis of n pixels that is moved to pixel i.
  static std::size_t came_from(std::size_t i, std::size_t n, int shift) {
    const auto length = static_cast<std::int64_t>(n);
    const auto from = (static_cast<std::int64_t>(i) - shift) % length;
    return static_cast<std::size_t>(from < 0 ? from + length : from);
  }
};

struct concatenate_along_x : detail::rearrangement::concatenated<0> {
  static constexpr operation_info about{
      .name = "concatenate_along_x",
      .theme = "transform",
      .brief = "Two images, one behind the other along x",
      .source = "clesperanto concatenate_along_x; numpy.concatenate",
      .inputs = {{{"src0", kind::image}, {"src1", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct concatenate_along_y : detail::rearrangement::concatenated<1> {
  static constexpr operation_info about{
      .name = "concatenate_along_y",
      .theme = "transform",
      .brief = "Two images, one behind the other along y",
      .source = "clesperanto concatenate_along_y; numpy.concatenate",
      .inputs = {{{"src0", kind::image}, {"src1", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct concatenate_along_z : detail::rearrangement::concatenated<2> {
  static constexpr operation_info about{
      .name = "concatenate_along_z",
      .theme = "transform",
      .brief = "Two images, one behind the other along z",
      .source = "clesperanto concatenate_along_z; numpy.concatenate",
      .inputs = {{{"src0", kind::image}, {"src1", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct crop {
  int start_x = 0, start_y = 0, start_z = 0, width = 1, height = 1, depth = 1;

  static constexpr operation_info about{.name = "crop",
                                        .theme = "transform",
                                        .brief = "A box of the image",
                                        .source = "clesperanto crop; numpy slices",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    constexpr double most = 2147483647;
    p("start_x", &crop::start_x, "pixel", "first pixel along x", 0, most);
    p("start_y", &crop::start_y, "pixel", "first pixel along y", 0, most);
    p("start_z", &crop::start_z, "pixel", "first plane", 0, most);
    p("width", &crop::width, "pixel", "pixels along x", 1, most);
    p("height", &crop::height, "pixel", "pixels along y", 1, most);
    p("depth", &crop::depth, "pixel", "planes", 1, most);
  }
  void check(const shape& src) const { detail::check_box("", src, origin(), dst_shape(src)); }
  [[nodiscard]] shape dst_shape(const shape&) const {
    return {static_cast<std::size_t>(width), static_cast<std::size_t>(height),
            static_cast<std::size_t>(depth)};
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::rearrangement::copy_box(device, dst, {}, src, origin(), dst.shape);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::rearrangement::copy_box(dst, {}, src, origin(), dst.shape());
  }

 private:
  [[nodiscard]] position origin() const {
    return {static_cast<std::size_t>(start_x), static_cast<std::size_t>(start_y),
            static_cast<std::size_t>(start_z)};
  }
};

struct pad {
  int size_x = 0, size_y = 0, size_z = 0;
  float value = 0;
  bool center = false;

  static constexpr operation_info about{
      .name = "pad",
      .theme = "transform",
      .brief = "The image with pixels of one value behind it, or around it",
      .source = "clesperanto pad; numpy.pad",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    constexpr double most = 2147483647;
    p("size_x", &pad::size_x, "pixel", "new size along x; 0 leaves x alone", 0, most);
    p("size_y", &pad::size_y, "pixel", "new size along y; 0 leaves y alone", 0, most);
    p("size_z", &pad::size_z, "pixel", "new size along z; 0 leaves z alone", 0, most);
    p("value", &pad::value, "", "of the pixels that are added; integers saturate");
    p("center", &pad::center, "", "whether as many pixels are added before the image as behind it");
  }
  void check(const shape& src) const {
    detail::rearrangement::check_sizes(src, dst_shape(src), "at least", dst_shape(src));
  }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    return detail::rearrangement::resized(src, size_x, size_y, size_z);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const position at = target(dst.shape, src.shape);
    detail::rearrangement::pad(device, dst, at, src, value);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    std::fill(dst.begin(), dst.end(), convert_pixel<T>(value));
    detail::rearrangement::copy_box(dst, target(dst.shape(), src.shape()), src, {}, src.shape());
  }

 private:
  [[nodiscard]] position target(const shape& dst, const shape& src) const {
    return center ? detail::rearrangement::margin(dst, src) : position{};
  }
};

struct reslice_bottom
    : detail::rearrangement::turned<detail::rearrangement::turn{{0, 2, 1}, {false, false, true}}> {
  static constexpr operation_info about{
      .name = "reslice_bottom",
      .theme = "transform",
      .brief = "The stack seen from below: planes lie along y, the last row first",
      .source = "numpy.transpose and flip; CLIJ resliceBottom",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct reslice_left : detail::rearrangement::turned<detail::rearrangement::turn{{1, 2, 0}}> {
  static constexpr operation_info about{
      .name = "reslice_left",
      .theme = "transform",
      .brief = "The stack seen from the left: planes lie along y, columns become planes",
      .source = "numpy.transpose; CLIJ resliceLeft",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct reslice_right
    : detail::rearrangement::turned<detail::rearrangement::turn{{1, 2, 0}, {false, false, true}}> {
  static constexpr operation_info about{
      .name = "reslice_right",
      .theme = "transform",
      .brief = "The stack seen from the right: as from the left, the last column first",
      .source = "numpy.transpose and flip; CLIJ resliceRight",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct rotate_clockwise
    : detail::rearrangement::turned<detail::rearrangement::turn{{1, 0, 2}, {true, false, false}}> {
  static constexpr operation_info about{
      .name = "rotate_clockwise",
      .theme = "transform",
      .brief = "The image turned by 90 degrees, clockwise as displayed",
      .source = "numpy.rot90 (k = -1); CLIJ rotateClockwise",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct rotate_counter_clockwise
    : detail::rearrangement::turned<detail::rearrangement::turn{{1, 0, 2}, {false, true, false}}> {
  static constexpr operation_info about{
      .name = "rotate_counter_clockwise",
      .theme = "transform",
      .brief = "The image turned by 90 degrees, counter-clockwise as displayed",
      .source = "numpy.rot90; CLIJ rotateCounterClockwise",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
};

struct sub_stack {
  int start_z = 0, end_z = 0;

  static constexpr operation_info about{
      .name = "sub_stack",
      .theme = "transform",
      .brief = "Some planes of a stack, from the first to the last",
      .source = "clesperanto sub_stack; numpy slices",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("start_z", &sub_stack::start_z, "pixel", "the first plane that stays", 0, 2147483647);
    p("end_z", &sub_stack::end_z, "pixel", "the last plane that stays", 0, 2147483647);
  }
  void check(const shape& src) const {
    if (start_z > end_z)
      throw argument_error(detail::text({"end_z must be >= start_z, got ", std::to_string(end_z),
                                         " and ", std::to_string(start_z)}));
    detail::check_box("", src, origin(), dst_shape(src));
  }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    return {src.x, src.y, static_cast<std::size_t>(std::max(end_z - start_z, 0)) + 1};
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::rearrangement::copy_box(device, dst, {}, src, origin(), dst.shape);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::rearrangement::copy_box(dst, {}, src, origin(), dst.shape());
  }

 private:
  [[nodiscard]] position origin() const { return {0, 0, static_cast<std::size_t>(start_z)}; }
};

struct transpose_xy : detail::rearrangement::turned<detail::rearrangement::turn{{1, 0, 2}}> {
  static constexpr operation_info about{.name = "transpose_xy",
                                        .theme = "transform",
                                        .brief = "The image with x and y exchanged",
                                        .source = "clesperanto transpose_xy; numpy.swapaxes",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
};

struct transpose_xz : detail::rearrangement::turned<detail::rearrangement::turn{{2, 1, 0}}> {
  static constexpr operation_info about{.name = "transpose_xz",
                                        .theme = "transform",
                                        .brief = "The image with x and z exchanged",
                                        .source = "clesperanto transpose_xz; numpy.swapaxes",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
};

struct transpose_yz : detail::rearrangement::turned<detail::rearrangement::turn{{0, 2, 1}}> {
  static constexpr operation_info about{.name = "transpose_yz",
                                        .theme = "transform",
                                        .brief = "The image with y and z exchanged",
                                        .source = "clesperanto transpose_yz; numpy.swapaxes",
                                        .inputs = {{{"src", kind::image}}},
                                        .outputs = {{{"dst", kind::image}}}};
};

struct unpad {
  int size_x = 0, size_y = 0, size_z = 0;
  bool center = false;

  static constexpr operation_info about{
      .name = "unpad",
      .theme = "transform",
      .brief = "The image without the pixels behind it, or around it",
      .source = "clesperanto unpad; numpy slices",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    constexpr double most = 2147483647;
    p("size_x", &unpad::size_x, "pixel", "new size along x; 0 leaves x alone", 0, most);
    p("size_y", &unpad::size_y, "pixel", "new size along y; 0 leaves y alone", 0, most);
    p("size_z", &unpad::size_z, "pixel", "new size along z; 0 leaves z alone", 0, most);
    p("center", &unpad::center, "", "whether as many pixels go before what stays as behind it");
  }
  void check(const shape& src) const {
    detail::rearrangement::check_sizes(dst_shape(src), src, "at most", dst_shape(src));
  }
  [[nodiscard]] shape dst_shape(const shape& src) const {
    return detail::rearrangement::resized(src, size_x, size_y, size_z);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::rearrangement::copy_box(device, dst, {}, src, origin(dst.shape, src.shape), dst.shape);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    detail::rearrangement::copy_box(dst, {}, src, origin(dst.shape(), src.shape()), dst.shape());
  }

 private:
  [[nodiscard]] position origin(const shape& dst, const shape& src) const {
    return center ? detail::rearrangement::margin(src, dst) : position{};
  }
};

}  // namespace ops

/// The image moved to the right, down and to later planes; what leaves it comes in at the opposite
/// edge.
///     dst(x, y, z) = src(x - shift_x, y - shift_y, z - shift_z), modulo the image's sizes
/// src      any pixel type, 2D or 3D    p  shift_x, shift_y, shift_z in pixels, of any sign
/// returns  src's type and shape        edges  the opposite ones
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto circular_shift; numpy.roll
template <pixel T>
image<T> circular_shift(const image<T>& src, const ops::circular_shift& p) {
  return run(p, src);
}

/// Two images, one behind the other along x.
/// src0, src1  of one pixel type, 2D or 3D, the same sizes along y and z
/// returns  their type, as long along x as both
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto concatenate_along_x; numpy.concatenate
template <pixel T>
image<T> concatenate_along_x(const image<T>& src0, const image<T>& src1) {
  return run(ops::concatenate_along_x{}, src0, src1);
}

/// Two images, one behind the other along y; else as concatenate_along_x.
template <pixel T>
image<T> concatenate_along_y(const image<T>& src0, const image<T>& src1) {
  return run(ops::concatenate_along_y{}, src0, src1);
}

/// Two images, one behind the other along z; else as concatenate_along_x.
template <pixel T>
image<T> concatenate_along_z(const image<T>& src0, const image<T>& src1) {
  return run(ops::concatenate_along_z{}, src0, src1);
}

/// The box of width, height and depth pixels that begins at start_x, start_y and start_z; as
/// crop(src, origin, size).
/// src      any pixel type, 2D or 3D
/// p        start_x, start_y, start_z, from 0; width, height, depth, from 1, of 1 unless told
///          otherwise
/// returns  src's type, the box's shape
/// throws   argument_error where the box does not lie inside, memory_error
/// parity   the same bits on every device    cost  O(pixels of the box)
/// source   clesperanto crop; numpy slices
template <pixel T>
image<T> crop(const image<T>& src, const ops::crop& p) {
  return run(p, src);
}

/// The image with pixels of one value behind it, or around it.
/// src      any pixel type, 2D or 3D
/// p        size_x, size_y, size_z: the new sizes, at least those of src; 0 leaves an axis alone;
///          value, which an integer type rounds and saturates; center: the image is in the middle,
///          with one pixel more before it than behind it where their number is odd
/// returns  src's type, the new shape
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels of the result)
/// source   clesperanto pad; numpy.pad
template <pixel T>
image<T> pad(const image<T>& src, const ops::pad& p) {
  return run(p, src);
}

/// The stack seen from below: planes become rows, rows become planes, the last one first.
///     dst(x, y, z) = src(x, ny - 1 - z, y)
/// Else as transpose_xy; transpose_yz shows it from above.
/// source   CLIJ resliceBottom
template <pixel T>
image<T> reslice_bottom(const image<T>& src) {
  return run(ops::reslice_bottom{}, src);
}

/// The stack seen from the left: planes become rows, columns become planes.
///     dst(x, y, z) = src(z, x, y)
/// Else as transpose_xy.
/// source   CLIJ resliceLeft
template <pixel T>
image<T> reslice_left(const image<T>& src) {
  return run(ops::reslice_left{}, src);
}

/// The stack seen from the right: planes become rows, columns become planes, the last one first.
///     dst(x, y, z) = src(nx - 1 - z, x, y)
/// Else as transpose_xy.
/// source   CLIJ resliceRight
template <pixel T>
image<T> reslice_right(const image<T>& src) {
  return run(ops::reslice_right{}, src);
}

/// The image turned by 90 degrees about z, clockwise as displayed; no pixel changes.
///     dst(x, y, z) = src(y, ny - 1 - x, z)
/// Else as transpose_xy.
/// source   numpy.rot90 (k = -1, of the last axes); CLIJ rotateClockwise
template <pixel T>
image<T> rotate_clockwise(const image<T>& src) {
  return run(ops::rotate_clockwise{}, src);
}

/// The image turned by 90 degrees about z, counter-clockwise as displayed; no pixel changes.
///     dst(x, y, z) = src(nx - 1 - y, x, z)
/// Else as transpose_xy.
/// source   numpy.rot90 (of the last axes); CLIJ rotateCounterClockwise
template <pixel T>
image<T> rotate_counter_clockwise(const image<T>& src) {
  return run(ops::rotate_counter_clockwise{}, src);
}

/// Some planes of a stack, from the first to the last.
/// src      any pixel type, 2D or 3D    p  start_z and end_z, both of which stay
/// returns  src's type, end_z - start_z + 1 planes
/// throws   argument_error where there are no such planes, memory_error
/// parity   the same bits on every device    cost  O(pixels of the result)
/// source   clesperanto sub_stack; numpy slices
template <pixel T>
image<T> sub_stack(const image<T>& src, const ops::sub_stack& p) {
  return run(p, src);
}

/// The image with x and y exchanged.
///     dst(x, y, z) = src(y, x, z)
/// src      any pixel type, 2D or 3D    returns  src's type, its shape with x and y exchanged
/// throws   memory_error
/// parity   the same bits on every device    cost  O(pixels)
/// source   clesperanto transpose_xy; numpy.swapaxes
template <pixel T>
image<T> transpose_xy(const image<T>& src) {
  return run(ops::transpose_xy{}, src);
}

/// The image with x and z exchanged; else as transpose_xy.
template <pixel T>
image<T> transpose_xz(const image<T>& src) {
  return run(ops::transpose_xz{}, src);
}

/// The image with y and z exchanged, which is a stack seen from above; else as transpose_xy.
template <pixel T>
image<T> transpose_yz(const image<T>& src) {
  return run(ops::transpose_yz{}, src);
}

/// What pad was given: the image without the pixels behind it, or around it.
/// src      any pixel type, 2D or 3D
/// p        size_x, size_y, size_z: the new sizes, at most those of src; 0 leaves an axis alone;
///          center, as of pad
/// returns  src's type, the new shape
/// throws   argument_error, memory_error
/// parity   the same bits on every device    cost  O(pixels of the result)
/// source   clesperanto unpad; numpy slices
template <pixel T>
image<T> unpad(const image<T>& src, const ops::unpad& p) {
  return run(p, src);
}

}  // namespace gpuimg
