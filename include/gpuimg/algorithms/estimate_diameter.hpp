// SPDX-License-Identifier: BSD-3-Clause
// estimate_diameter: how large blob-like objects are.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/measure/sum.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"
#include "gpuimg/ops/transform/scaling.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// The Laplacian of Gaussian, scale-normalised, of pixels that lie `spacing` apart. An axis along
/// which pixels are too far apart for a second derivative of that scale is left out.
template <pixel T>
image<float> blobs(const image<T>& src, double sigma, const std::array<double, 3>& spacing) {
  const auto along = [&](std::size_t axis) {
    const double pixels = sigma / spacing[axis];
    return pixels < 0.5 ? 0.0f : static_cast<float>(pixels);
  };
  return gpuimg::laplacian_of_gaussian(
      src,
      {.sigma_x = along(0), .sigma_y = along(1), .sigma_z = along(2), .scale_normalized = true});
}

/// The image above its darkest pixels, in floats. Those that are not finite, and those too large to
/// be squared, have no say: NaN is dark, the others are as bright or dark as is possible.
template <pixel T>
image<float> above_darkest(const image<T>& src) {
  if constexpr (std::same_as<T, float>) {
    constexpr double most = 1e18;
    const auto found = reduction::extrema_of(src);
    if (!(found.least >= -most && found.most <= most && std::isfinite(sum_of_all_pixels(src))))
      return above_darkest(
          gpuimg::clip(gpuimg::nan_to_num(src), {.min_intensity = -most, .max_intensity = most}));
  }
  const double dark = gpuimg::percentile_of_all_pixels(src, {.percentile = 1});
  return gpuimg::add_image_and_scalar(src, {.scalar = -static_cast<float>(dark)});
}

}  // namespace detail

namespace detail::diameter {

/// A maximum of the Laplacian of Gaussian over space and scale.
struct blob {
  double response, sigma;
};

/// The sigma of the blobs that respond well, in the middle of what they weigh; 0 without blobs. A
/// response is good beside that below which lie four fifths of the area that blobs take.
template <std::size_t Axes>
double typical_sigma(std::vector<blob> blobs) {
  const auto at = [&](double part, const auto& weight_of) {
    double sum = 0, before = 0;
    for (const blob& b : blobs) sum += weight_of(b);
    for (const blob& b : blobs)
      if ((before += weight_of(b)) >= part * sum) return b;
    return blob{};
  };
  std::ranges::sort(blobs, {}, [](const blob& b) { return std::pair(b.response, b.sigma); });
  const double good = at(0.8, [&](const blob& b) {
                        return b.sigma * b.sigma * (Axes == 3 ? b.sigma : 1);
                      }).response;
  std::erase_if(blobs, [&](const blob& b) { return b.response <= 0.4 * good; });
  std::ranges::sort(blobs, {}, [](const blob& b) { return std::pair(b.sigma, b.response); });
  return at(0.5, [](const blob& b) { return b.response * b.response * b.sigma; }).sigma;
}

}  // namespace detail::diameter

namespace ops {

struct estimate_diameter {
  float spacing_x = 1, spacing_y = 1, spacing_z = 1;
  double expected = std::numeric_limits<double>::quiet_NaN(), range = 2;

  static constexpr operation_info about{
      .name = "estimate_diameter",
      .theme = "measure",
      .brief = "How large bright blob-like objects, such as nuclei, are",
      .source = "Lindeberg, Int. J. Comput. Vis. 30 (1998): scale selection",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"value", kind::scalar}}}};
  static constexpr void parameters(auto&& p) {
    using op = estimate_diameter;
    p("spacing_x", &op::spacing_x, "", "from pixel to pixel along x", 1e-7, 1e7);
    p("spacing_y", &op::spacing_y, "", "from pixel to pixel along y", 1e-7, 1e7);
    p("spacing_z", &op::spacing_z, "", "from plane to plane", 1e-7, 1e7);
    p("expected", &op::expected, "unit of the spacing", "a rough diameter; auto: any may be", 1e-7,
      1e9);
    p("range", &op::range, "", "by how many times it may be less or more than expected", 1, 1e9);
  }

  template <pixel T>
  double operator()(const image<T>& src) const {
    if (src.empty()) return of_foreground(gpuimg::convert<float>(src));
    return of_foreground(detail::above_darkest(src));
  }

  /// Of an image above its darkest pixels.
  template <pixel F>
  double of_foreground(const image<F>& src) const {
    const shape& size = src.shape();
    const std::size_t axes = size.is_3d() ? 3 : 2;
    std::array<double, 3> spacing{spacing_x, spacing_y, spacing_z};
    if (axes == 2) spacing[2] = HUGE_VAL;
    const double pixel = *std::ranges::min_element(spacing);
    const double per_sigma = 2 * std::sqrt(static_cast<double>(axes));
    double widest = HUGE_VAL;  // sigma that the image has room for
    for (std::size_t axis = 0; axis < axes; ++axis)
      widest = std::min(widest, static_cast<double>(side(size, axis)) * spacing[axis] / 4);

    const bool is_expected = !std::isnan(expected);
    // Where there is no room for what is expected, what would be found is something smaller.
    if (is_expected && (range == 1 || expected > per_sigma * widest)) return expected;
    const double least = is_expected ? expected / range / per_sigma : 0;
    const double most = is_expected ? expected * range / per_sigma : 48 * pixel;
    const double found =
        src.empty() ? 0 : typical_sigma(src, axes, spacing, least, std::min(widest, most));
    if (found == 0) return is_expected ? expected : 12 * pixel;
    return std::max(4 * pixel, per_sigma * found);
  }

 private:
  /// The sigmas of an octave, in its pixels; blobs are found at those in between.
  static constexpr std::array<double, 5> scales{1.1, 1.3859131548843604, 1.7461411591448545, 2.2,
                                                2.7718263097687208};

  /// The image with fewer pixels.
  struct octave {
    image<float> pixels;
    std::array<double, 3> spacing;
    double unit;  ///< of its scales
  };

  /// Of blobs whose sigma is from `least` to `most`; 0 without any.
  template <pixel F>
  static double typical_sigma(const image<F>& src, std::size_t axes,
                              const std::array<double, 3>& spacing, double least, double most) {
    // The root, so that dim objects count beside bright ones.
    const octave finest{gpuimg::square_root(gpuimg::clip(src, {.min_intensity = 0})), spacing,
                        *std::ranges::min_element(spacing)};
    std::vector<detail::diameter::blob> blobs;
    const auto sigma = [&] {
      return axes == 3 ? detail::diameter::typical_sigma<3>(blobs)
                       : detail::diameter::typical_sigma<2>(blobs);
    };
    for (auto next = halved(finest, axes); next; next = halved(*next, axes))
      find(*next, least, most, blobs);
    // The finest octave has most pixels, most of the noise, and a say only where blobs are small.
    if (sigma() < 2 * scales[3] * finest.unit) find(finest, least, most, blobs);
    return sigma();
  }

  static void find(const octave& from, double least, double most,
                   std::vector<detail::diameter::blob>& blobs) {
    const auto is_wanted = [&](std::size_t i) {
      return scales[i] * from.unit >= least && scales[i] * from.unit <= most;
    };
    if (!is_wanted(1) && !is_wanted(2) && !is_wanted(3)) return;
    // The Laplacian is negative where it is bright.
    std::vector<image<float>> responses;
    {
      const auto dark = gpuimg::multiply_image_and_scalar(from.pixels, {.scalar = -1});
      for (const double scale : scales)
        responses.push_back(detail::blobs(dark, scale * from.unit, from.spacing));
    }
    for (std::size_t i = 1; i + 1 < scales.size(); ++i) {
      if (!is_wanted(i)) continue;
      const auto maxima =
          gpuimg::detect_scale_maxima(responses[i - 1], responses[i], responses[i + 1]);
      for (const float response : detail::maxima::above_zero(maxima))
        blobs.push_back({double{response}, scales[i] * from.unit});
    }
  }

  /// The next octave, with half as many pixels along each axis along which they lie close; none
  /// where few would be left.
  static std::optional<octave> halved(const octave& from, std::size_t axes) {
    std::array<int, 3> factor{1, 1, 1};
    auto spacing = from.spacing;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      if (spacing[axis] <= from.unit * 1.415) factor[axis] = 2;
      if (side(from.pixels.shape(), axis) / static_cast<std::size_t>(factor[axis]) < 6) return {};
      spacing[axis] *= factor[axis];
    }
    return octave{
        gpuimg::bin(from.pixels,
                    {.factor_x = factor[0], .factor_y = factor[1], .factor_z = factor[2]}),
        spacing, 2 * from.unit};
  }
  static std::size_t side(const shape& size, std::size_t axis) {
    return std::array{size.x, size.y, size.z}[axis];
  }
};

}  // namespace ops

/// The diameter of typical bright blobs, by the scale at which the Laplacian of Gaussian finds
/// them: the strongest maxima over space and scale of the root of the image, of octaves of the
/// image. The sigma in their middle, weighted by response^2 sigma, is that of a blob of diameter
/// 2 sqrt(axes) sigma. The finest octave counts only where that of the others is below 4.4 pixels.
/// src      any pixel type, 2D or 3D, bright objects on a dark background
/// p        spacing_x, spacing_y, spacing_z from pixel to pixel, 1e-7 to 1e7; expected: a rough
///          diameter, NaN: any may be; range 2, 1 or more: how many times less or more than
///          expected it may be; diameters 1.26 times apart are tried, so that less than 1.13 may
///          find none
/// returns  the diameter in the unit of the spacing, at least 4 of the least spacing, and less than
///          the image is wide: objects are found whose diameter is up to about 0.7 of the shortest
///          side in 2D, 0.87 in 3D; at most 170 of the least spacing where none is expected. Where
///          there are no blobs, the image is too small, or range is 1: the one expected, or else 12
///          of the least spacing
/// throws   argument_error, memory_error (about 10 temporaries of 4 bytes per pixel)
/// parity   the same number on every device; waits for the device
/// source   Lindeberg, Int. J. Comput. Vis. 30 (1998); skimage.feature.blob_log finds such blobs
template <pixel T>
double estimate_diameter(const image<T>& src, const ops::estimate_diameter& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
