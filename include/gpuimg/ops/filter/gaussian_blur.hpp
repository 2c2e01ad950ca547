// SPDX-License-Identifier: BSD-3-Clause
// gaussian_blur, differences of it, laplacian_of_gaussian: separable Gaussians, one pass per axis.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "gpuimg/kernels/filter/gaussian_blur.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace detail::gaussian {

/// What is beyond the edges of an image.
struct edges {
  gpuimg::border border;
  float value;
};

inline std::size_t radius(float sigma) { return static_cast<std::size_t>(4.0 * sigma + 0.5); }

/// An axis to be blurred.
struct pass {
  std::size_t axis;
  float sigma;
};

/// Those of x, y and z, in this order, whose sigma is not 0. A 2D image has no z.
class pass_list {
 public:
  pass_list(const shape& size, float sigma_x, float sigma_y, float sigma_z) {
    if (sigma_x > 0) add({0, sigma_x});
    if (sigma_y > 0) add({1, sigma_y});
    if (sigma_z > 0 && size.is_3d()) add({2, sigma_z});
  }
  /// The same, but at least one, so that there is always a result.
  static pass_list of_blur(const shape& size, float sigma_x, float sigma_y, float sigma_z) {
    pass_list passes(size, sigma_x, sigma_y, sigma_z);
    if (passes.size() == 0) passes.add({0, 0});
    return passes;
  }
  void add(pass p) { passes_[size_++] = p; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const pass& operator[](std::size_t i) const { return passes_[i]; }
  [[nodiscard]] const pass* begin() const { return passes_.data(); }
  [[nodiscard]] const pass* end() const { return passes_.data() + size_; }

 private:
  std::array<pass, 3> passes_{};
  std::size_t size_ = 0;
};

/// The Gaussian exp(-t^2 / 2) of t = i / sigma, times factor(t), computed in double and rounded
/// once. The sum of the Gaussian is 1 before rounding.
template <class Factor>
std::vector<float> weights_of(float sigma, const Factor& factor) {
  const auto r = static_cast<double>(radius(sigma)), unit = sigma > 0 ? double{sigma} : 1.0;
  const auto gaussian = [](double t) { return std::exp(-0.5 * t * t); };
  double sum = 0;
  for (double i = -r; i <= r; ++i) sum += gaussian(i / unit);
  std::vector<float> weights;
  for (double i = -r; i <= r; ++i)
    weights.push_back(static_cast<float>(gaussian(i / unit) / sum * factor(i / unit)));
  return weights;
}
/// The Gaussian itself; is_subtracted: its weights are negative.
inline std::vector<float> weights_of(float sigma, bool is_subtracted = false) {
  return weights_of(sigma, [=](double) { return is_subtracted ? -1.0 : 1.0; });
}

constexpr std::size_t longest_run = 512;     // pixels of a row per work-item of a CPU
constexpr std::size_t longest_at_once = 12;  // radius along y of a blur along x and y at once
inline opencl::defines macros_of(const opencl::buffer_view& src, bool is_added) {
  opencl::defines macros{{"SRC_T", opencl_name_of(src.type)},
                         {"TAPS", 128},
                         {"RUN", longest_run},
                         {"BAND_RADIUS", longest_at_once}};
  if (is_added) macros.add("IS_ADDED");
  return macros;
}

/// What a GPU's launch sums up besides: along x the same pixels, for an image of its own; along
/// another axis those of another image, and adds it. Of as many weights.
struct second_sum {
  opencl::buffer_view image;
  std::vector<float> weights;
  float beyond;  ///< the edges of that other image
};

/// Sums up weighted pixels along one axis; is_added: adds them to what is in dst.
inline void convolve(const opencl::device& device, const opencl::buffer_view& dst,
                     const opencl::buffer_view& src, std::size_t axis, std::vector<float> weights,
                     const edges& beyond, bool is_added = false,
                     const std::optional<second_sum>& second = {}) {
  const bool shared = device.launches().variant == opencl::kernel_variant::cooperative;
  const auto [nx, ny, nz] = src.shape;
  const std::size_t count = weights.size();
  opencl::defines macros = macros_of(src, is_added);
  if (second) {
    macros.add("SUMS", 2);
    weights.resize(detail::pieces(count, 4) * 4);
    weights.insert(weights.end(), second->weights.begin(), second->weights.end());
  }
  const auto table = device.table(std::span<const float>(weights));
  const auto radius = static_cast<cl_int>(count / 2), mode = static_cast<cl_int>(beyond.border);
  constexpr std::size_t columns = 64;  // of a GPU's work-group
  constexpr std::size_t taps = 128;    // of the local memory
  if (axis == 0) {
    const std::size_t run = shared ? 4 : longest_run;  // pixels per work-item
    opencl::grid items{detail::pieces(nx, run), ny, nz, {1, 1, 1}, run * weights.size()};
    if (!shared) {
      device.launch(kernels::gaussian_blur, "gaussian_blur__x", macros, items,
                    {src, dst, table, radius, src.shape, mode, beyond.value});
      return;
    }
    items.local = {columns, 1, 1};
    device.launch(kernels::gaussian_blur, "gaussian_blur__x_shared", macros, items,
                  {src, dst, second ? second->image : dst, table, radius, src.shape, mode,
                   beyond.value, opencl::argument::local((columns * run + taps) * sizeof(float))});
    return;
  }
  const cl_ulong row = nx, plane = nx * ny;
  const bool along_y = axis == 1;
  const auto length = static_cast<cl_int>(along_y ? ny : nz), width = static_cast<cl_int>(nx);
  const cl_ulong stride = along_y ? row : plane, other_stride = along_y ? plane : row;
  const std::size_t run = shared ? 1 : 2 * device.vector_width(), rows = shared ? 8 : 4;
  opencl::grid items{detail::pieces(nx, run), detail::pieces(along_y ? ny : nz, rows),
                     along_y ? nz : ny};
  items.cost = run * rows * weights.size();
  if (!shared) {
    device.launch(
        kernels::gaussian_blur, "gaussian_blur__across", macros, items,
        {src, dst, table, radius, width, length, stride, other_stride, mode, beyond.value});
    return;
  }
  items.local = {columns, 4, 1};
  device.launch(kernels::gaussian_blur, "gaussian_blur__across_shared", macros, items,
                {src, second ? second->image : src, dst, table, radius, width, length, stride,
                 other_stride, mode, beyond.value, second ? second->beyond : 0.0f});
}

/// The same along x, and from there along y, where is_at_once() says that it can be.
inline void convolve_xy(const opencl::device& device, const opencl::buffer_view& dst,
                        const opencl::buffer_view& src, const std::vector<float>& weights_x,
                        const std::vector<float>& weights_y, const edges& beyond, bool is_added) {
  constexpr std::size_t band = 64;  // rows per work-item
  const auto [nx, ny, nz] = src.shape;
  device.launch(
      kernels::gaussian_blur, "gaussian_blur__xy", macros_of(src, is_added),
      {detail::pieces(nx, longest_run),
       detail::pieces(ny, band),
       nz,
       {1, 1, 1},
       longest_run * band * (weights_x.size() + weights_y.size())},
      {src, dst, device.table(std::span<const float>(weights_x)),
       static_cast<cl_int>(weights_x.size() / 2), device.table(std::span<const float>(weights_y)),
       static_cast<cl_int>(weights_y.size() / 2), src.shape, static_cast<cl_int>(beyond.border),
       beyond.value});
}
inline bool is_at_once(const opencl::device& device, const pass_list& passes) {
  return device.launches().variant == opencl::kernel_variant::serial && passes.size() >= 2 &&
         passes[0].axis == 0 && passes[1].axis == 1 && radius(passes[1].sigma) <= longest_at_once;
}

/// Blurs axis by axis; is_subtracted: takes what comes out from what is in dst. Up to that, two
/// images take turns: dst is one of them where nothing is in it.
inline void blur(const opencl::device& device, const opencl::buffer_view& dst,
                 const opencl::buffer_view& src, const pass_list& passes, const edges& beyond,
                 bool is_subtracted = false) {
  const std::size_t at_once = is_at_once(device, passes) ? 2 : 1;
  const std::size_t launches = passes.size() - at_once + 1;
  std::array<opencl::buffer, 2> memory;
  std::array<opencl::buffer_view, 2> turns{dst, dst};
  for (const std::size_t i : {0u, 1u})
    if (i == 1 ? launches > 1 : launches > 2 && is_subtracted) {
      memory[i] = device.allocate(dst.bytes());
      turns[i].memory = memory[i].memory();
    }
  opencl::buffer_view from = src;
  for (std::size_t left = launches, i = 0; left-- > 0;) {
    const bool is_last = left == 0, is_taken = is_last && is_subtracted;
    const auto& to = is_last ? dst : turns[left % 2];
    if (i == 0 && at_once == 2)
      convolve_xy(device, to, from, weights_of(passes[0].sigma),
                  weights_of(passes[1].sigma, is_taken), beyond, is_taken);
    else
      convolve(device, to, from, passes[i].axis, weights_of(passes[i].sigma, is_taken), beyond,
               is_taken);
    i += i == 0 ? at_once : 1;
    from = to;
  }
}

/// The same as convolve() on the reference.
inline void convolve(view<float> dst, view<const float> src, std::size_t axis,
                     const std::vector<float>& weights, const edges& beyond,
                     bool is_added = false) {
  const shape size = src.shape();
  const auto radius = static_cast<std::ptrdiff_t>(weights.size() / 2);
  const std::size_t stride = axis == 0 ? 1 : axis == 1 ? size.x : size.x * size.y;
  const auto n = static_cast<std::ptrdiff_t>(size.axes()[axis]);
  for (std::size_t p = 0; p < dst.size(); ++p) {
    const auto at = static_cast<std::ptrdiff_t>(p / stride) % n;
    float sum = 0;
    for (std::ptrdiff_t i = -radius; i <= radius; ++i) {
      const std::ptrdiff_t from = border_index(at + i, n, beyond.border);
      const float value =
          from < 0 ? beyond.value : src[p + static_cast<std::size_t>(from - at) * stride];
      sum = std::fma(weights[static_cast<std::size_t>(i + radius)], value, sum);
    }
    dst[p] = is_added ? dst[p] + sum : sum;
  }
}

/// The same as blur() on the reference.
template <pixel T>
void blur(view<float> dst, view<const T> src, const pass_list& passes, const edges& beyond,
          bool is_subtracted = false) {
  std::vector<float> before(src.begin(), src.end()), after(before.size());
  for (const auto& pass : passes) {
    const bool is_last = &pass + 1 == passes.end(), is_taken = is_last && is_subtracted;
    const view<float> to = is_last ? dst : view<float>(after.data(), src.shape());
    convolve(to, view<const float>(before.data(), src.shape()), pass.axis,
             weights_of(pass.sigma, is_taken), beyond, is_taken);
    before.swap(after);
  }
}

template <class Op>
constexpr void parameters_of_edges(auto&& p) {
  p("border", &Op::border, "", "how pixels beyond the edge are made");
  p("border_value", &Op::border_value, "", "the value beyond a constant border");
}

template <class Op>
constexpr void parameters_of_blur(auto&& p) {
  p("sigma_x", &Op::sigma_x, "pixel", "standard deviation along x; 0 leaves x alone", 0, 1e4);
  p("sigma_y", &Op::sigma_y, "pixel", "standard deviation along y; 0 leaves y alone", 0, 1e4);
  p("sigma_z", &Op::sigma_z, "pixel", "standard deviation along z; 0 leaves z alone", 0, 1e4);
  parameters_of_edges<Op>(p);
}

}  // namespace detail::gaussian

namespace ops {

struct difference_of_gaussian {
  float sigma1_x = 1, sigma1_y = 1, sigma1_z = 1, sigma2_x = 2, sigma2_y = 2, sigma2_z = 2;
  gpuimg::border border = border::nearest;
  float border_value = 0;

  static constexpr operation_info about{
      .name = "difference_of_gaussian",
      .theme = "filter",
      .brief = "A blurred image minus one that is blurred otherwise: what lies between two sizes",
      .source = "clesperanto difference_of_gaussian; scipy.ndimage.gaussian_filter, twice",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using Op = difference_of_gaussian;
    p("sigma1_x", &Op::sigma1_x, "pixel", "standard deviation along x of the first", 0, 1e4);
    p("sigma1_y", &Op::sigma1_y, "pixel", "standard deviation along y of the first", 0, 1e4);
    p("sigma1_z", &Op::sigma1_z, "pixel", "standard deviation along z of the first", 0, 1e4);
    p("sigma2_x", &Op::sigma2_x, "pixel", "standard deviation along x of the second", 0, 1e4);
    p("sigma2_y", &Op::sigma2_y, "pixel", "standard deviation along y of the second", 0, 1e4);
    p("sigma2_z", &Op::sigma2_z, "pixel", "standard deviation along z of the second", 0, 1e4);
    detail::gaussian::parameters_of_edges<Op>(p);
  }
  template <pixel T>
  using dst_pixel = float;

  [[nodiscard]] gpuimg::halo halo() const {
    const auto radius = [](float a, float b) { return detail::gaussian::radius(std::max(a, b)); };
    return {radius(sigma1_x, sigma2_x), radius(sigma1_y, sigma2_y), radius(sigma1_z, sigma2_z),
            border == border::wrap};
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    const detail::gaussian::edges beyond{border, border_value};
    detail::gaussian::blur(device, dst, src, first(src.shape), beyond);
    detail::gaussian::blur(device, dst, src, second(src.shape), beyond, true);
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    const detail::gaussian::edges beyond{border, border_value};
    detail::gaussian::blur(dst, src, first(src.shape()), beyond);
    detail::gaussian::blur(dst, src, second(src.shape()), beyond, true);
  }

 private:
  [[nodiscard]] detail::gaussian::pass_list first(const shape& size) const {
    return detail::gaussian::pass_list::of_blur(size, sigma1_x, sigma1_y, sigma1_z);
  }
  [[nodiscard]] detail::gaussian::pass_list second(const shape& size) const {
    return detail::gaussian::pass_list::of_blur(size, sigma2_x, sigma2_y, sigma2_z);
  }
};

struct gaussian_blur {
  float sigma_x = 0, sigma_y = 0, sigma_z = 0;
  gpuimg::border border = border::nearest;
  float border_value = 0;

  static constexpr operation_info about{
      .name = "gaussian_blur",
      .theme = "filter",
      .brief = "Blur with a sampled, normalised Gaussian, one axis after the other",
      .source = "scipy.ndimage.gaussian_filter (truncate = 4)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::gaussian::parameters_of_blur<gaussian_blur>(p);
  }
  template <pixel T>
  using dst_pixel = float;

  [[nodiscard]] gpuimg::halo halo() const {
    using detail::gaussian::radius;
    return {radius(sigma_x), radius(sigma_y), radius(sigma_z), border == border::wrap};
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    detail::gaussian::blur(device, dst, src, passes_of(src.shape), {border, border_value});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    detail::gaussian::blur(dst, src, passes_of(src.shape()), {border, border_value});
  }

 private:
  [[nodiscard]] detail::gaussian::pass_list passes_of(const shape& size) const {
    return detail::gaussian::pass_list::of_blur(size, sigma_x, sigma_y, sigma_z);
  }
};

struct laplacian_of_gaussian {
  float sigma_x = 2, sigma_y = 2, sigma_z = 2;
  bool scale_normalized = false;
  gpuimg::border border = border::nearest;
  float border_value = 0;

  static constexpr operation_info about{
      .name = "laplacian_of_gaussian",
      .theme = "filter",
      .brief = "Sum of the second derivatives of a Gaussian: below 0 on bright blobs",
      .source = "scipy.ndimage.gaussian_laplace (truncate = 4)",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    using Op = laplacian_of_gaussian;
    p("sigma_x", &Op::sigma_x, "pixel", "standard deviation along x; 0 leaves x out", 0, 1e4);
    p("sigma_y", &Op::sigma_y, "pixel", "standard deviation along y; 0 leaves y out", 0, 1e4);
    p("sigma_z", &Op::sigma_z, "pixel", "standard deviation along z; 0 leaves z out", 0, 1e4);
    p("scale_normalized", &Op::scale_normalized, "",
      "times sigma^2, so that blobs of all sizes answer alike");
    detail::gaussian::parameters_of_edges<Op>(p);
  }
  template <pixel T>
  using dst_pixel = float;

  void check(const shape& size) const {
    if (passes_of(size).size() == 0)
      throw argument_error(size.is_3d() ? "one of sigma_x, sigma_y and sigma_z must be above 0"
                                        : "one of sigma_x and sigma_y must be above 0");
  }
  [[nodiscard]] gpuimg::halo halo() const {
    using detail::gaussian::radius;
    return {radius(sigma_x), radius(sigma_y), radius(sigma_z), border == border::wrap};
  }

  // Of a 2D image each of the two terms may be made in one launch. Else, axis by axis, the
  // Laplacian is blurred, and grows by the second derivative of what is blurred along the axes
  // before. The last one is made in dst; until then, two temporaries and dst take turns.
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    using detail::gaussian::convolve, detail::gaussian::convolve_xy, detail::gaussian::weights_of;
    const auto passes = passes_of(src.shape);
    if (passes.size() == 2 && border != border::constant &&
        detail::gaussian::is_at_once(device, passes)) {
      const float x = passes[0].sigma, y = passes[1].sigma;
      convolve_xy(device, dst, src, second_derivative(x), weights_of(y), {border, 0}, false);
      convolve_xy(device, dst, src, weights_of(x), second_derivative(y), {border, 0}, true);
      return;
    }
    std::array<opencl::buffer_view, 3> turns{dst, dst, dst};
    std::array<opencl::buffer, 2> memory;
    if (passes.size() > 1)
      for (std::size_t i = 0; i < 2; ++i) {
        memory[i] = device.allocate(dst.bytes());
        turns[i + 1].memory = memory[i].memory();
      }
    const bool is_shared = device.launches().variant == opencl::kernel_variant::cooperative;
    const detail::gaussian::edges beyond{border, border_value};
    opencl::buffer_view blurred = src;
    for (std::size_t left = passes.size(); left-- > 0;) {
      const auto [axis, sigma] = passes[passes.size() - 1 - left];
      const auto blur = detail::gaussian::weights_of(sigma), second = second_derivative(sigma);
      const auto &laplacian = turns[left], &next = turns[(left + 1) % 3];
      const bool is_first = left + 1 == passes.size();
      const bool is_last = left == 0, makes_both = is_shared && is_first && axis == 0 && !is_last;
      if (makes_both) {
        convolve(device, laplacian, blurred, axis, second, beyond, false, {{next, blur, 0}});
      } else if (is_shared && !is_first) {
        convolve(device, laplacian, turns[left + 1], axis, blur, {border, 0}, false,
                 {{blurred, second, border_value}});
      } else {
        if (!is_first) convolve(device, laplacian, turns[left + 1], axis, blur, {border, 0});
        convolve(device, laplacian, blurred, axis, second, beyond, !is_first);
      }
      if (is_last) break;
      if (!makes_both) convolve(device, next, blurred, axis, blur, beyond);
      blurred = next;
    }
  }

  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    using detail::gaussian::convolve;
    const shape size = src.shape();
    const auto view_of = [&](const std::vector<float>& pixels) {
      return view<const float>(pixels.data(), size);
    };
    std::vector<float> laplacian, blurred(src.begin(), src.end()), next(blurred.size());
    for (const auto& [axis, sigma] : passes_of(size)) {
      const auto blur = detail::gaussian::weights_of(sigma);
      const bool is_first = laplacian.empty();
      if (!is_first) convolve(dst, view_of(laplacian), axis, blur, {border, 0});
      convolve(dst, view_of(blurred), axis, second_derivative(sigma), {border, border_value},
               !is_first);
      laplacian.assign(dst.begin(), dst.end());
      convolve(view<float>(next.data(), size), view_of(blurred), axis, blur,
               {border, border_value});
      blurred.swap(next);
    }
  }

 private:
  [[nodiscard]] detail::gaussian::pass_list passes_of(const shape& size) const {
    return {size, sigma_x, sigma_y, sigma_z};
  }
  [[nodiscard]] std::vector<float> second_derivative(float sigma) const {
    const double scale = scale_normalized ? 1 : 1 / (double{sigma} * sigma);
    return detail::gaussian::weights_of(sigma, [&](double t) { return (t * t - 1) * scale; });
  }
};

struct subtract_gaussian_background {
  float sigma_x = 2, sigma_y = 2, sigma_z = 2;
  gpuimg::border border = border::nearest;
  float border_value = 0;

  static constexpr operation_info about{
      .name = "subtract_gaussian_background",
      .theme = "filter",
      .brief = "The image minus the blurred image: an uneven background goes",
      .source = "clesperanto subtract_gaussian_background; scipy.ndimage.gaussian_filter",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    detail::gaussian::parameters_of_blur<subtract_gaussian_background>(p);
  }
  template <pixel T>
  using dst_pixel = float;

  [[nodiscard]] gpuimg::halo halo() const { return difference().halo(); }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    difference()(device, dst, src);
  }
  template <pixel T>
  void operator()(const reference::device& device, view<float> dst, view<const T> src) const {
    difference()(device, dst, src);
  }

 private:
  [[nodiscard]] difference_of_gaussian difference() const {
    return {0, 0, 0, sigma_x, sigma_y, sigma_z, border, border_value};
  }
};

}  // namespace ops

/// A blurred image minus one that is blurred otherwise: what is smaller than the first Gaussian or
/// larger than the second goes.
///     dst = gaussian_blur(src, sigma1) - gaussian_blur(src, sigma2)
/// src      any pixel type, 2D or 3D
/// p        sigma1_x, sigma1_y, sigma1_z, sigma2_x, sigma2_y, sigma2_z in pixels, 0 to 10000, 1 and
///          2 unless told otherwise; 0 leaves an axis alone; those along z have no effect on a 2D
///          image; border and border_value
/// returns  f32, the same shape
/// edges    as `border` says, nearest unless told otherwise
/// throws   argument_error, memory_error (up to two temporaries of the size of the result)
/// parity   the same bits on every device    cost  as two gaussian_blurs
/// source   clesperanto difference_of_gaussian, where both sigmas are 2 unless told otherwise
template <pixel T>
image<float> difference_of_gaussian(const image<T>& src,
                                    const ops::difference_of_gaussian& p = {}) {
  return run(p, src);
}

/// Blurs an image with a sampled, normalised Gaussian, one axis after the other.
///     dst(p) = sum over i of w(i) src(p + i),  w(i) ~ exp(-i^2 / 2 sigma^2),  |i| <= int(4 sigma +
///     0.5)
/// src      any pixel type, 2D or 3D
/// p        sigma_x, sigma_y, sigma_z in pixels, 0 to 10000; 0 leaves an axis alone; sigma_z has no
///          effect on a 2D image; border and border_value
/// returns  f32, the same shape
/// edges    as `border` says, nearest unless told otherwise
/// throws   argument_error, memory_error (one temporary of the size of the result)
/// parity   the same bits on every device    cost  O(pixels x (radius_x + radius_y + radius_z))
/// source   scipy.ndimage.gaussian_filter; clesperanto gaussian_blur    example  examples/blur.cpp
template <pixel T>
image<float> gaussian_blur(const image<T>& src, const ops::gaussian_blur& p) {
  return run(p, src);
}

/// The Laplacian of an image blurred with a Gaussian: the sum of its second derivatives, which is
/// below 0 on bright blobs, and least at the centre of one whose radius is sigma times the square
/// root of the number of axes.
///     dst(p) = sum over axes a of (d^2/da^2 G * src)(p);  G as of gaussian_blur
/// src      any pixel type, 2D or 3D
/// p        sigma_x, sigma_y, sigma_z in pixels, 0 to 10000; 0 leaves an axis out of blur and sum;
///          sigma_z has no effect on a 2D image; scale_normalized: each derivative times its
///          sigma^2, so that blobs of all sizes answer alike; border and border_value
/// returns  f32, the same shape
/// edges    as `border` says, nearest unless told otherwise
/// throws   argument_error (also if no sigma is above 0), memory_error (up to two temporaries
///          of the size of the result)
/// parity   the same bits on every device    cost  O(pixels x (radius_x + radius_y + radius_z))
/// source   scipy.ndimage.gaussian_laplace; Lindeberg 1998 (scale normalization)
template <pixel T>
image<float> laplacian_of_gaussian(const image<T>& src, const ops::laplacian_of_gaussian& p = {}) {
  return run(p, src);
}

/// The image minus the blurred image: an uneven background goes.
///     dst = src - gaussian_blur(src, sigma)
/// p        sigma_x, sigma_y, sigma_z in pixels, 0 to 10000; 0 leaves an axis alone; sigma_z has no
///          effect on a 2D image; border and border_value
/// Everything else as difference_of_gaussian.
/// source   clesperanto subtract_gaussian_background; scipy.ndimage.gaussian_filter
template <pixel T>
image<float> subtract_gaussian_background(const image<T>& src,
                                          const ops::subtract_gaussian_background& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
