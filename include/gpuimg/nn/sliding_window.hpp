// SPDX-License-Identifier: BSD-3-Clause
// Windows of an image that a network looks at one by one, and how their results become one.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "gpuimg/core/choices.hpp"
#include "gpuimg/kernels/nn/sliding_window.cl.hpp"
#include "gpuimg/nn/prepared_network.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// How much a pixel of a window counts where windows overlap.
enum class importance {
  gaussian,  ///< most in the middle, a bell of a standard deviation of an eighth of the window
  constant   ///< all the same
};

/// Where windows begin along an axis, as nnU-Net places them: the first at 0, the last at the end,
/// at most `step` windows apart, the same distance rounded. A window that is no smaller than the
/// axis begins at 0. Throws argument_error for a window without pixels, or a step that is not above
/// 0 and at most 1.
/// source: Isensee et al. 2021, nnU-Net
inline std::vector<std::int64_t> window_starts(std::int64_t axis, std::int64_t window,
                                               double step) {
  if (window < 1)
    throw argument_error("a window must have 1 pixel or more along each axis, got " +
                         std::to_string(window));
  if (!(step > 0 && step <= 1))
    throw argument_error("the step of windows must be > 0 and <= 1, got " + std::to_string(step));
  if (window >= axis) return {0};
  const double rest = static_cast<double>(axis - window);
  const double target = static_cast<double>(window) * step;
  const auto count = static_cast<std::int64_t>(std::ceil(rest / target)) + 1;
  std::vector<std::int64_t> starts;
  for (std::int64_t i = 0; i < count; ++i)
    starts.push_back(static_cast<std::int64_t>(
        std::nearbyint(rest / static_cast<double>(count - 1) * static_cast<double>(i))));
  return starts;
}

/// How much each pixel along one axis of a window counts.
inline std::vector<double> window_importance(std::int64_t window, importance kind) {
  std::vector<double> all(static_cast<std::size_t>(window), 1);
  if (kind == importance::constant) return all;
  const std::int64_t middle = window / 2;
  for (std::int64_t i = 0; i < window; ++i) {
    const double from_middle = static_cast<double>(i - middle) / (static_cast<double>(window) / 8);
    all[static_cast<std::size_t>(i)] = std::exp(-0.5 * from_middle * from_middle);
  }
  return all;
}

/// What each pixel along one axis of each window contributes, so that all windows over a pixel add
/// up to 1. `starts` ascend.
inline std::vector<std::vector<float>> window_weights(std::int64_t window,
                                                      std::span<const std::int64_t> starts,
                                                      importance kind) {
  const std::vector<double> one = window_importance(window, kind);
  std::vector<std::vector<float>> all;
  for (const std::int64_t start : starts) {
    std::vector<float>& weights = all.emplace_back();
    for (std::int64_t i = 0; i < window; ++i) {
      double total = 0;
      for (const std::int64_t other : starts)
        if (other <= start + i && start + i < other + window)
          total += one[static_cast<std::size_t>(start + i - other)];
      weights.push_back(static_cast<float>(one[static_cast<std::size_t>(i)] / total));
    }
  }
  return all;
}

/// How a network looks at an image.
struct window_options {
  double step = 0.5;  ///< how far windows lie apart at most, in windows, > 0 and <= 1
  importance weights = importance::gaussian;
  std::array<bool, 3> mirror{};      ///< along x, y, z: results are means over all mirrored images
  border beyond = border::constant;  ///< what lies beyond an image that is smaller than a window
  /// Is told after each window how many are done, and of how many.
  std::function<void(std::size_t done, std::size_t all)> progress{};
};

namespace detail {

using box3 = std::array<std::int64_t, 3>;  // x, y, z

inline box3 spatial_of(const tensor_info& info) {
  return {info.spatial(2), info.spatial(1), info.spatial(0)};
}

inline gpuimg::shape shape_of(const box3& b) {
  return {static_cast<std::size_t>(b[0]), static_cast<std::size_t>(b[1]),
          static_cast<std::size_t>(b[2])};
}
inline cl_int4 int4_of(const box3& b) {
  return {{static_cast<cl_int>(b[0]), static_cast<cl_int>(b[1]), static_cast<cl_int>(b[2]), 0}};
}

// A window of an image: where it begins, and along which axes it is turned around.
struct placed_window {
  box3 origin;
  unsigned mirrored;
};

// Calls f(number in the image, number in the window, pixel of the window before mirroring) for each
// pixel of each channel; a pixel beyond the image is what stands for it, or -1.
template <class F>
void for_each_in_window(const box3& image, const box3& size, std::int64_t channels,
                        const placed_window& w, border beyond, F f) {
  std::int64_t number = 0;
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t z = 0; z < size[2]; ++z)
      for (std::int64_t y = 0; y < size[1]; ++y)
        for (std::int64_t x = 0; x < size[0]; ++x, ++number) {
          box3 at{x, y, z}, there{};
          bool exists = true;
          for (std::size_t axis = 0; axis < 3; ++axis) {
            if ((w.mirrored >> axis & 1) != 0) at[axis] = size[axis] - 1 - at[axis];
            there[axis] = border_index(w.origin[axis] + at[axis], image[axis], beyond);
            exists = exists && there[axis] >= 0;
          }
          f(exists ? there[0] + image[0] * (there[1] + image[1] * (there[2] + image[2] * c)) : -1,
            number, at);
        }
}

inline void cut(const tensor& src, tensor& dst, const placed_window& w, border beyond) {
  const box3 image = spatial_of(src.info()), size = spatial_of(dst.info());
  const std::int64_t channels = src.info().channels();
  if (src.device().is_reference()) {
    for_each_in_window(image, size, channels, w, beyond,
                       [&](std::int64_t from, std::int64_t to, const box3&) {
                         dst.host()[to] = from < 0 ? 0 : src.host()[from];
                       });
    return;
  }
  src.device().opencl().launch(
      kernels::sliding_window, "sliding_window__cut", {},
      {static_cast<std::size_t>(size[0]), static_cast<std::size_t>(size[1]),
       static_cast<std::size_t>(size[2] * channels)},
      {src.opencl(), dst.opencl(), shape_of(image), shape_of(size), int4_of(w.origin),
       static_cast<cl_int>(beyond), static_cast<cl_uint>(w.mirrored),
       static_cast<cl_uint>(channels)});
}

// `weights`: of x, then of y, then of z.
inline void add(const tensor& src, tensor& dst, const placed_window& w,
                const std::vector<float>& weights) {
  const box3 image = spatial_of(dst.info()), size = spatial_of(src.info());
  const std::int64_t channels = src.info().channels();
  if (src.device().is_reference()) {
    const float *wx = weights.data(), *wy = wx + size[0], *wz = wy + size[1];
    for_each_in_window(image, size, channels, w, border::constant,
                       [&](std::int64_t to, std::int64_t from, const box3& at) {
                         if (to >= 0)
                           dst.host()[to] += wx[at[0]] * wy[at[1]] * wz[at[2]] * src.host()[from];
                       });
    return;
  }
  const opencl::device& device = src.device().opencl();
  device.launch(kernels::sliding_window, "sliding_window__add", {},
                {static_cast<std::size_t>(size[0]), static_cast<std::size_t>(size[1]),
                 static_cast<std::size_t>(size[2] * channels)},
                {src.opencl(), dst.opencl(), shape_of(image), shape_of(size), int4_of(w.origin),
                 device.table(std::span<const float>(weights)), static_cast<cl_uint>(w.mirrored),
                 static_cast<cl_uint>(channels)});
}

}  // namespace detail

/// What a network makes of an image of any size: the image is looked at in windows of the size that
/// the network was prepared for, and what it makes of them is put together.
///
/// Where the result of a window is as large as the window, windows overlap, and a pixel is the mean
/// over the windows above it, as nnU-Net does it. Where it is smaller, by the same margin on both
/// sides of each axis, results lie side by side, and windows see the image mirrored at its edges,
/// as Ronneberger's U-Net does it. A network for 2D images looks at every plane of a 3D image.
/// net      prepared for one window of the image's channels, with one result
/// src      [1, channels, (z,) y, x], f32 in a file's order, on the network's device
/// returns  [1, channels of the result, (z,) y, x], of the image's size: what the network gives,
///          logits as a rule
/// throws   argument_error where network and image do not go together, memory_error,
///          cancelled_error where an observer of the device wants it
/// source   Isensee et al. 2021 (nnU-Net); Ronneberger et al. 2015 (overlap-tile strategy)
inline tensor predict(const prepared_network& net, const tensor& src,
                      const window_options& options = {}) {
  using detail::box3;
  if (net.inputs().size() != 1 || net.outputs().size() != 1)
    throw argument_error("predict needs a network with one input and one result");
  const tensor_info in = net.inputs().front(), out = net.outputs().front();
  const box3 image = detail::spatial_of(src.info()), size = detail::spatial_of(in);
  const box3 made = detail::spatial_of(out);
  if (in.batch() != 1 || src.info().batch() != 1 || in.channels() != src.info().channels() ||
      src.info().block != 1 || src.info().type != element::f32 || src.device() != net.device())
    throw argument_error("predict: a network for " + to_string(in.shape) +
                         " does not go with an image of " + to_string(src.shape()));
  box3 margin{};
  bool is_whole = true;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    margin[axis] = (size[axis] - made[axis]) / 2;
    if (made[axis] < 1 || size[axis] - 2 * margin[axis] != made[axis] || margin[axis] < 0)
      throw argument_error("predict: a result of " + to_string(out.shape) +
                           " does not lie in the middle of a window of " + to_string(in.shape));
    is_whole = is_whole && margin[axis] == 0;
  }

  // Per axis: where results begin in the image, and what they count.
  std::array<std::vector<std::int64_t>, 3> starts;
  std::array<std::vector<std::vector<float>>, 3> weights;
  unsigned axes_to_mirror = 0, mirrorings = 1;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (is_whole && image[axis] >= made[axis] && made[axis] > 1) {
      starts[axis] = window_starts(image[axis], made[axis], options.step);
    } else if (is_whole && image[axis] < made[axis]) {
      starts[axis] = {-((made[axis] - image[axis]) / 2)};
    } else {
      for (std::int64_t start = 0; start < image[axis]; start += made[axis])
        starts[axis].push_back(start);
    }
    const importance kind = is_whole ? options.weights : importance::constant;
    weights[axis] = window_weights(made[axis], starts[axis], kind);
    if (options.mirror[axis] && made[axis] > 1) {
      axes_to_mirror |= 1u << axis;
      mirrorings *= 2;
    }
  }

  std::vector<std::int64_t> sizes{1, out.channels()};
  for (std::size_t axis = 2; axis < src.shape().rank(); ++axis) sizes.push_back(src.shape()[axis]);
  tensor dst(src.device(), {tensor_shape(std::move(sizes))});
  dst.fill_with_zeros();
  tensor window(src.device(), in);
  const std::size_t all = starts[0].size() * starts[1].size() * starts[2].size() * mirrorings;
  std::size_t done = 0;
  for (std::size_t k = 0; k < starts[2].size(); ++k)
    for (std::size_t j = 0; j < starts[1].size(); ++j)
      for (std::size_t i = 0; i < starts[0].size(); ++i) {
        const box3 origin{starts[0][i], starts[1][j], starts[2][k]};
        const box3 seen{origin[0] - margin[0], origin[1] - margin[1], origin[2] - margin[2]};
        std::vector<float> weight = weights[0][i];
        weight.insert(weight.end(), weights[1][j].begin(), weights[1][j].end());
        for (const float w : weights[2][k]) weight.push_back(w / static_cast<float>(mirrorings));
        for (unsigned mirrored = 0; mirrored < 8; ++mirrored) {
          if ((mirrored & ~axes_to_mirror) != 0) continue;
          detail::cut(src, window, {seen, mirrored}, is_whole ? options.beyond : border::mirror);
          detail::add(net(window), dst, {origin, mirrored}, weight);
          if (options.progress) options.progress(++done, all);
        }
      }
  return dst;
}

}  // namespace gpuimg::nn
