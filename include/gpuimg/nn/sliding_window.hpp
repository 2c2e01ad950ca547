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
#include "gpuimg/tiling/box.hpp"

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
      const std::int64_t at = start + i;
      for (auto other = std::upper_bound(starts.begin(), starts.end(), at - window);
           other != starts.end() && *other <= at; ++other)
        total += one[static_cast<std::size_t>(at - *other)];
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
inline box3 signed_of(const std::array<std::uint64_t, 3>& all) {
  return {static_cast<std::int64_t>(all[0]), static_cast<std::int64_t>(all[1]),
          static_cast<std::int64_t>(all[2])};
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

// Where the windows of a network lie over an image.
struct window_grid {
  box3 image, size, made, margin{};  // of an image, a window and its result, and around the latter
  bool is_whole = true;              // whether a result is as large as its window
  border beyond;
  std::array<std::vector<std::int64_t>, 3> starts{};  // of results in the image, per axis

  window_grid(const prepared_network& net, const shape& whole, const window_options& options)
      : image(signed_of({whole.x, whole.y, whole.z})) {
    if (net.inputs().size() != 1 || net.outputs().size() != 1)
      throw argument_error("predict needs a network with one input and one result");
    const tensor_info in = net.inputs().front(), out = net.outputs().front();
    size = spatial_of(in);
    made = spatial_of(out);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      margin[axis] = (size[axis] - made[axis]) / 2;
      if (made[axis] < 1 || size[axis] - 2 * margin[axis] != made[axis] || margin[axis] < 0)
        throw argument_error("predict: a result of " + to_string(out.shape) +
                             " does not lie in the middle of a window of " + to_string(in.shape));
      is_whole = is_whole && margin[axis] == 0;
    }
    beyond = is_whole ? options.beyond : border::mirror;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (is_whole && image[axis] >= made[axis] && made[axis] > 1) {
        starts[axis] = window_starts(image[axis], made[axis], options.step);
      } else if (is_whole && image[axis] < made[axis]) {
        starts[axis] = {-((made[axis] - image[axis]) / 2)};
      } else {
        for (std::int64_t start = 0; start < image[axis]; start += made[axis])
          starts[axis].push_back(start);
      }
    }
  }

  // The windows whose results have pixels of a part, along an axis: the first, and behind the last.
  [[nodiscard]] std::pair<std::size_t, std::size_t> over(const tiling::box& part,
                                                         std::size_t axis) const {
    const auto begin = static_cast<std::int64_t>(part.origin[axis]);
    const auto end = static_cast<std::int64_t>(part.end(axis));
    const auto& all = starts[axis];
    const auto first = std::upper_bound(all.begin(), all.end(), begin - made[axis]);
    return {first - all.begin(), std::lower_bound(first, all.end(), end) - all.begin()};
  }

  // What those windows see of the image, what stands for pixels beyond its edges included.
  [[nodiscard]] tiling::box seen(const tiling::box& part) const {
    tiling::box all{.origin = part.origin, .size = {}};
    if (part.empty()) return all;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto [first, last] = over(part, axis);
      const std::int64_t begin = starts[axis][first] - margin[axis];
      const std::int64_t end = starts[axis][last - 1] - margin[axis] + size[axis];
      std::int64_t least = std::max<std::int64_t>(begin, 0), most = std::min(end, image[axis]) - 1;
      const auto see = [&](std::int64_t outside) {
        const std::int64_t at = border_index(outside, image[axis], beyond);
        if (at < 0) return;
        least = std::min(least, at);
        most = std::max(most, at);
      };
      for (std::int64_t i = begin; i < 0; ++i) see(i);
      for (std::int64_t i = image[axis]; i < end; ++i) see(i);
      all.origin[axis] = static_cast<std::uint64_t>(least);
      all.size[axis] = static_cast<std::uint64_t>(most + 1 - least);
    }
    return all;
  }
};

// Calls f(number in a part of the image, number in the window, pixel of the window before
// mirroring) for each pixel of each channel. A pixel beyond the image is what stands for it; one
// that the part lacks is -1.
template <class F>
void for_each_in_window(const box3& image, const tiling::box& part, const box3& size,
                        std::int64_t channels, const placed_window& w, border beyond, F f) {
  const box3 first = signed_of(part.origin), have = signed_of(part.size);
  std::int64_t number = 0;
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t z = 0; z < size[2]; ++z)
      for (std::int64_t y = 0; y < size[1]; ++y)
        for (std::int64_t x = 0; x < size[0]; ++x, ++number) {
          box3 at{x, y, z}, there{};
          bool exists = true;
          for (std::size_t axis = 0; axis < 3; ++axis) {
            if ((w.mirrored >> axis & 1) != 0) at[axis] = size[axis] - 1 - at[axis];
            there[axis] =
                border_index(w.origin[axis] + at[axis], image[axis], beyond) - first[axis];
            exists = exists && there[axis] >= 0 && there[axis] < have[axis];
          }
          f(exists ? there[0] + have[0] * (there[1] + have[1] * (there[2] + have[2] * c)) : -1,
            number, at);
        }
}

// `src` has the pixels of `part` of an image.
inline void cut(const tensor& src, const box3& image, const tiling::box& part, tensor& dst,
                const placed_window& w, border beyond) {
  const box3 size = spatial_of(dst.info());
  const std::int64_t channels = src.info().channels();
  if (src.device().is_reference()) {
    for_each_in_window(image, part, size, channels, w, beyond,
                       [&](std::int64_t from, std::int64_t to, const box3&) {
                         dst.host()[to] = from < 0 ? 0 : src.host()[from];
                       });
    return;
  }
  src.device().opencl().launch(
      kernels::sliding_window, "sliding_window__cut", {},
      {static_cast<std::size_t>(size[0]), static_cast<std::size_t>(size[1]),
       static_cast<std::size_t>(size[2] * channels)},
      {src.opencl(), dst.opencl(), shape_of(image), int4_of(signed_of(part.origin)), part.shape(),
       shape_of(size), int4_of(w.origin), static_cast<cl_int>(beyond),
       static_cast<cl_uint>(w.mirrored), static_cast<cl_uint>(channels)});
}

// `dst` has the pixels of `part` of an image; `weights`: of x, then of y, then of z.
inline void add(const tensor& src, tensor& dst, const box3& image, const tiling::box& part,
                const placed_window& w, const std::vector<float>& weights) {
  const box3 size = spatial_of(src.info());
  const std::int64_t channels = src.info().channels();
  if (src.device().is_reference()) {
    const float *wx = weights.data(), *wy = wx + size[0], *wz = wy + size[1];
    for_each_in_window(image, part, size, channels, w, border::constant,
                       [&](std::int64_t to, std::int64_t from, const box3& at) {
                         if (to >= 0)
                           dst.host()[to] += wx[at[0]] * wy[at[1]] * wz[at[2]] * src.host()[from];
                       });
    return;
  }
  const box3 first = signed_of(part.origin);
  const box3 origin{w.origin[0] - first[0], w.origin[1] - first[1], w.origin[2] - first[2]};
  const opencl::device& device = src.device().opencl();
  device.launch(kernels::sliding_window, "sliding_window__add", {},
                {static_cast<std::size_t>(size[0]), static_cast<std::size_t>(size[1]),
                 static_cast<std::size_t>(size[2] * channels)},
                {src.opencl(), dst.opencl(), part.shape(), shape_of(size), int4_of(origin),
                 device.table(std::span<const float>(weights)), static_cast<cl_uint>(w.mirrored),
                 static_cast<cl_uint>(channels)});
}

}  // namespace detail

/// The box of an image that windows over a box of it see, and so what `predict_part` is given.
/// Throws argument_error where the network is none for windows.
inline tiling::box source_box(const prepared_network& net, const shape& image,
                              const tiling::box& part, const window_options& options = {}) {
  return detail::window_grid(net, image, options).seen(part);
}

/// What `predict` gives in a box of an image, with the same bits.
/// net      as `predict` takes it
/// src      [1, channels, (z,) y, x], the pixels of `source_box(net, image, part, options)`
/// image    the size of all of the image, which places the windows
/// part     the box that is wanted
/// returns  [1, channels of the result, (z,) y, x], of the size of `part`
/// throws   as `predict`
inline tensor predict_part(const prepared_network& net, const tensor& src, const shape& image,
                           const tiling::box& part, const window_options& options = {}) {
  using detail::box3;
  const detail::window_grid grid(net, image, options);
  const tensor_info in = net.inputs().front(), out = net.outputs().front();
  if (in.batch() != 1 || src.info().batch() != 1 || in.channels() != src.info().channels() ||
      src.info().block != 1 || src.info().type != element::f32 || src.device() != net.device())
    throw argument_error("predict: a network for " + to_string(in.shape) +
                         " does not go with an image of " + to_string(src.shape()));
  std::vector<std::int64_t> sizes{1, out.channels()};
  for (std::size_t axis = src.shape().rank() - 2; axis-- > 0;)
    sizes.push_back(static_cast<std::int64_t>(part.size[axis]));
  tensor dst(src.device(), {tensor_shape(std::move(sizes))});
  if (part.empty()) return dst;
  tiling::check_inside("predict", part, image);
  const tiling::box seen = grid.seen(part);
  if (image_shape(src.info()) != seen.shape())
    throw argument_error("predict: for " + to_string(part) + " the pixels of " + to_string(seen) +
                         " are needed, got " + to_string(image_shape(src.info())));
  dst.fill_with_zeros();

  // Per axis: what results count, and which lie over the part.
  std::array<std::vector<std::vector<float>>, 3> weights;
  std::array<std::pair<std::size_t, std::size_t>, 3> over;
  unsigned axes_to_mirror = 0, mirrorings = 1;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const importance kind = grid.is_whole ? options.weights : importance::constant;
    weights[axis] = window_weights(grid.made[axis], grid.starts[axis], kind);
    over[axis] = grid.over(part, axis);
    if (options.mirror[axis] && grid.made[axis] > 1) {
      axes_to_mirror |= 1u << axis;
      mirrorings *= 2;
    }
  }

  tensor window(src.device(), in);
  std::size_t done = 0, all = mirrorings;
  for (const auto& [first, last] : over) all *= last - first;
  for (std::size_t k = over[2].first; k < over[2].second; ++k)
    for (std::size_t j = over[1].first; j < over[1].second; ++j)
      for (std::size_t i = over[0].first; i < over[0].second; ++i) {
        const box3 origin{grid.starts[0][i], grid.starts[1][j], grid.starts[2][k]};
        const box3 eye{origin[0] - grid.margin[0], origin[1] - grid.margin[1],
                       origin[2] - grid.margin[2]};
        std::vector<float> weight = weights[0][i];
        weight.insert(weight.end(), weights[1][j].begin(), weights[1][j].end());
        for (const float w : weights[2][k]) weight.push_back(w / static_cast<float>(mirrorings));
        for (unsigned mirrored = 0; mirrored < 8; ++mirrored) {
          if ((mirrored & ~axes_to_mirror) != 0) continue;
          detail::cut(src, grid.image, seen, window, {eye, mirrored}, grid.beyond);
          detail::add(net(window), dst, grid.image, part, {origin, mirrored}, weight);
          if (options.progress) options.progress(++done, all);
        }
      }
  return dst;
}

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
  const shape image = image_shape(src.info());
  return predict_part(net, src, image, tiling::whole(image), options);
}

}  // namespace gpuimg::nn
