// SPDX-License-Identifier: BSD-3-Clause
// Operations on pixels one by one: each is one formula, valid in C++ and in OpenCL C.
#pragma once

#include <cmath>
#include <cstdint>
#include <iterator>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "gpuimg/kernels/pointwise/pointwise.cl.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

// A scalar in the type of the formula. In integers it is rounded down: v > 2.5 says v > 2.
template <class Acc>
Acc formula_scalar(double value) {
  if constexpr (std::is_floating_point_v<Acc>) return static_cast<Acc>(value);
  const double whole = std::floor(value);
  constexpr double limit = 9.2e18;
  return static_cast<Acc>(whole < -limit ? -limit : whole > limit ? limit : whole);
}

/// What the kernel must know of an operation.
struct pointwise_kernel {
  const char* formula;
  bool is_binary;
  const char*
      formula_types[std::size(all_pixel_types)];  ///< for each pixel type of the first image
  struct scalar {
    const char* name;
    double value;
  };
  std::vector<scalar> scalars;
};

template <class Op>
pointwise_kernel pointwise_kernel_of(const Op& op) {
  const auto type_for = []<class T>(std::type_identity<T>) {
    using Acc = typename Op::template acc<T>;
    if constexpr (std::same_as<Acc, std::int64_t>)
      return "long";
    else
      return opencl_name_of(pixel_type_of<Acc>()).data();
  };
  pointwise_kernel kernel{Op::formula_text, Op::about.output == kind::binary, {}, {}};
  for (const pixel_type type : all_pixel_types)
    kernel.formula_types[static_cast<std::size_t>(type)] = visit_pixel_type(type, type_for);
  for_each_parameter<Op>([&](const auto& p) {
    kernel.scalars.push_back({p.name, static_cast<double>(op.*(p.member))});
  });
  return kernel;
}

/// Launches an operation on one image, or on two; `other` is null for one.
inline void pointwise(const pointwise_kernel& kernel, const opencl::device& device,
                      const opencl::buffer_view& src, const opencl::buffer_view* other,
                      const opencl::buffer_view& dst) {
  const std::string acc = kernel.formula_types[static_cast<std::size_t>(src.type)];
  const std::string formula = kernel.formula;
  opencl::defines macros{{"SRC_T", std::string(opencl_name_of(src.type))},
                         {"DST_T", std::string(opencl_name_of(dst.type))},
                         {"ACC_T", acc},
                         {"FORMULA", formula}};
  std::vector<opencl::argument> arguments{src};
  if (other != nullptr) {
    macros.emplace_back("OTHER_T", std::string(opencl_name_of(other->type)));
    arguments.emplace_back(*other);
  }
  arguments.emplace_back(dst);
  if (kernel.is_binary) macros.emplace_back("IS_BINARY", "");
  if (formula.find("zero") != std::string::npos) macros.emplace_back("USES_ZERO", "");
  for (std::size_t i = 0; i < kernel.scalars.size(); ++i) {
    macros.emplace_back(i == 0 ? "SCALAR_0" : "SCALAR_1", kernel.scalars[i].name);
    const double value = kernel.scalars[i].value;
    if (acc == "float")
      arguments.emplace_back(static_cast<cl_float>(value));
    else
      arguments.emplace_back(static_cast<cl_long>(formula_scalar<std::int64_t>(value)));
  }
  const std::size_t count = src.shape.pixels(), width = device.vector_width();
  arguments.emplace_back(static_cast<cl_ulong>(count));
  device.launch(kernels::pointwise, "pointwise", macros, {(count + width - 1) / width}, arguments);
}

template <class Op, class D, class T, class... Src>
void pointwise(const Op& op, view<D> dst, view<const T> src, Src... other) {
  using Acc = typename Op::template acc<T>;
  std::apply(
      [&](const auto&... p) {
        for (std::size_t i = 0; i < dst.size(); ++i)
          dst[i] = static_cast<D>(
              Op::formula(static_cast<Acc>(src[i]), static_cast<Acc>(other[i])...,
                          formula_scalar<Acc>(static_cast<double>(op.*(p.member)))...));
      },
      Op::parameters());
}

// The result comes last in the backends' arguments, and first here.
template <class F, class Src, class Dst>
void last_first(F&& f, Src src, Dst dst) {
  f(dst, src);
}
template <class F, class Src, class Other, class Dst>
void last_first(F&& f, Src src, Other other, Dst dst) {
  f(dst, src, other);
}

}  // namespace detail

// What makes a struct a pointwise operation: the formula's arguments, which are the images a and b
// and the parameters in their order, and the formula.
#define GPUIMG_FORMULA(arguments, expression)                                                 \
  static constexpr const char* formula_text = #expression;                                    \
  static auto formula arguments {                                                             \
    using std::fma;                                                                           \
    return expression;                                                                        \
  }                                                                                           \
  static gpuimg::halo halo() { return {}; }                                                   \
  void operator()(const opencl::device& device, const opencl::buffer_view& src,               \
                  const opencl::buffer_view& dst) const {                                     \
    detail::pointwise(detail::pointwise_kernel_of(*this), device, src, nullptr, dst);         \
  }                                                                                           \
  void operator()(const opencl::device& device, const opencl::buffer_view& src,               \
                  const opencl::buffer_view& other, const opencl::buffer_view& dst) const {   \
    detail::pointwise(detail::pointwise_kernel_of(*this), device, src, &other, dst);          \
  }                                                                                           \
  template <class... Views>                                                                   \
  void operator()(const reference::device&, Views... views) const {                           \
    detail::last_first([&](auto dst, auto... src) { detail::pointwise(*this, dst, src...); }, \
                       views...);                                                             \
  }

namespace ops {

struct add_image_and_scalar {
  float scalar = 1;

  static constexpr operation_info about{.name = "add_image_and_scalar",
                                        .theme = "pointwise",
                                        .brief = "Add a number to every pixel",
                                        .source = "clesperanto add_image_and_scalar",
                                        .inputs = {{{"src", kind::image}}},
                                        .output = kind::image};
  static constexpr auto parameters() {
    return std::tuple{parameter{"scalar", &add_image_and_scalar::scalar, "", "what is added"}};
  }
  static std::vector<add_image_and_scalar> cases() { return {{}, {.scalar = -0.1f}}; }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float scalar), a + scalar)
};

struct add_images_weighted {
  float factor1 = 1, factor2 = 1;

  static constexpr operation_info about{.name = "add_images_weighted",
                                        .theme = "pointwise",
                                        .brief = "Add two images, each times a factor",
                                        .source = "clesperanto add_images_weighted",
                                        .inputs = {{{"src0", kind::image}, {"src1", kind::image}}},
                                        .output = kind::image};
  static constexpr auto parameters() {
    using Op = add_images_weighted;
    return std::tuple{
        parameter{"factor1", &Op::factor1, "", "what the first image is multiplied by"},
        parameter{"factor2", &Op::factor2, "", "what the second image is multiplied by"}};
  }
  static std::vector<add_images_weighted> cases() {
    return {{}, {.factor2 = -1}, {.factor1 = 0.3f, .factor2 = 1.7f}};
  }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float b, float factor1, float factor2), fma(a, factor1, (b * factor2)))
};

struct binary_and {
  static constexpr operation_info about{
      .name = "binary_and",
      .theme = "pointwise",
      .brief = "1 where both images are not 0",
      .source = "clesperanto binary_and",
      .inputs = {{{"src0", kind::binary}, {"src1", kind::binary}}},
      .output = kind::binary};
  static constexpr auto parameters() { return std::tuple{}; }
  static std::vector<binary_and> cases() { return {{}}; }
  template <pixel T>
  using acc = std::uint8_t;
  GPUIMG_FORMULA((std::uint8_t a, std::uint8_t b, std::uint8_t zero = 0), a != zero && b != zero)
};

struct greater_constant {
  double scalar = 0;

  static constexpr operation_info about{.name = "greater_constant",
                                        .theme = "pointwise",
                                        .brief = "1 where a pixel is greater than a number",
                                        .source = "clesperanto greater_constant",
                                        .inputs = {{{"src", kind::image}}},
                                        .output = kind::binary};
  static constexpr auto parameters() {
    return std::tuple{
        parameter{"scalar", &greater_constant::scalar, "", "what the pixels are compared with"}};
  }
  static std::vector<greater_constant> cases() {
    return {{},
            {.scalar = 100},
            {.scalar = -3.5},
            {.scalar = 16777216},
            {.scalar = 4294967294.0},
            {.scalar = 1e30}};
  }
  template <pixel T>
  using acc = std::conditional_t<std::same_as<T, float>, float, std::int64_t>;
  GPUIMG_FORMULA((auto a, auto scalar), a > scalar)
};

struct mask {
  static constexpr operation_info about{
      .name = "mask",
      .theme = "pointwise",
      .brief = "Keep the pixels where the mask is not 0, set the others to 0",
      .source = "clesperanto mask",
      .inputs = {{{"src", kind::image}, {"mask", kind::binary}}},
      .output = kind::image};
  static constexpr auto parameters() { return std::tuple{}; }
  static std::vector<mask> cases() { return {{}}; }
  template <pixel T>
  using dst_pixel = T;
  template <pixel T>
  using acc = T;
  GPUIMG_FORMULA((auto a, auto b, decltype(a) zero = 0), b != zero ? a : zero)
};

struct multiply_image_and_scalar {
  float scalar = 0;

  static constexpr operation_info about{.name = "multiply_image_and_scalar",
                                        .theme = "pointwise",
                                        .brief = "Multiply every pixel by a number",
                                        .source = "clesperanto multiply_image_and_scalar",
                                        .inputs = {{{"src", kind::image}}},
                                        .output = kind::image};
  static constexpr auto parameters() {
    return std::tuple{parameter{"scalar", &multiply_image_and_scalar::scalar, "",
                                "what the pixels are multiplied by"}};
  }
  static std::vector<multiply_image_and_scalar> cases() { return {{}, {.scalar = -0.7f}}; }
  template <pixel T>
  using dst_pixel = float;
  template <pixel T>
  using acc = float;
  GPUIMG_FORMULA((float a, float scalar), (a * scalar))
};

}  // namespace ops

/// src(p) + scalar for every pixel.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto add_image_and_scalar
template <pixel T>
image<float> add_image_and_scalar(const image<T>& src, const ops::add_image_and_scalar& p = {}) {
  return run(p, src);
}

/// factor1 * src0(p) + factor2 * src1(p) for every pixel, rounded twice: fma(src0, factor1, src1 *
/// factor2).
/// src0, src1  the same pixel type and shape    p  factor1, factor2
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto add_images_weighted
template <pixel T>
image<float> add_images_weighted(const image<T>& src0, const image<T>& src1,
                                 const ops::add_images_weighted& p = {}) {
  return run(p, src0, src1);
}

/// 1 where both images are not 0, else 0.
/// src0, src1  binary images of the same shape
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto binary_and
inline binary_image binary_and(const binary_image& src0, const binary_image& src1) {
  return run(ops::binary_and{}, src0, src1);
}

/// 1 where src(p) > scalar, else 0. Integers are compared exactly, floats with the scalar as a
/// float; a NaN is greater than nothing.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  u8, the same shape          parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto greater_constant
template <pixel T>
binary_image greater_constant(const image<T>& src, const ops::greater_constant& p = {}) {
  return run(p, src);
}

/// src(p) where the mask is not 0, else 0.
/// src      any pixel type; mask: a binary image of the same shape
/// returns  src's type and shape        parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), two reads and one write
/// source   clesperanto mask
template <pixel T>
image<T> mask(const image<T>& src, const binary_image& mask) {
  return run(ops::mask{}, src, mask);
}

/// src(p) * scalar for every pixel.
/// src      any pixel type, 2D or 3D    p  scalar
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto multiply_image_and_scalar
template <pixel T>
image<float> multiply_image_and_scalar(const image<T>& src,
                                       const ops::multiply_image_and_scalar& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
