// SPDX-License-Identifier: BSD-3-Clause
// auto_local_threshold: the pixels above a threshold of their own, found around each.
#pragma once

#include <array>

#include "gpuimg/neighborhood.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/median.hpp"
#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "gpuimg/ops/filter/stencil.hpp"
#include "gpuimg/ops/pointwise/elementary.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// How a threshold is found among the pixels around one, as ImageJ names it.
enum class local_threshold_method {
  bernsen,     ///< halfway between the extrema; where they are close, by the middle of all greys
  contrast,    ///< as near to the greatest pixel as to the least one, or nearer
  mean,        ///< the mean
  median,      ///< the median
  mid_grey,    ///< halfway between the extrema
  niblack,     ///< the mean plus k standard deviations
  phansalkar,  ///< as sauvola, higher where it is dark
  sauvola      ///< the mean, lowered where the standard deviation is small
};
constexpr std::array<const char*, 8> choice_names(local_threshold_method) {
  return {"Bernsen", "Contrast", "Mean", "Median", "MidGrey", "Niblack", "Phansalkar", "Sauvola"};
}

namespace ops {

struct auto_local_threshold {
  local_threshold_method method = local_threshold_method::mean;
  int radius_x = 7, radius_y = 7, radius_z = 7;
  gpuimg::connectivity connectivity = connectivity::box;
  float offset = 0, k = 0.2f, contrast = 15, range = 128;

  static constexpr operation_info about{
      .name = "auto_local_threshold",
      .theme = "threshold",
      .brief = "1 where a pixel is above a threshold found around it",
      .source = "ImageJ Auto Local Threshold; skimage.filters.threshold_sauvola",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    using Op = auto_local_threshold;
    p("method", &Op::method, "", "how the threshold is found");
    detail::parameters_of<Op>(p);
    p("offset", &Op::offset, "grey level", "what is subtracted from the threshold");
    p("k", &Op::k, "", "what the standard deviation counts: Niblack, Phansalkar, Sauvola");
    p("contrast", &Op::contrast, "grey level", "Bernsen: extrema that are less apart are close");
    p("range", &Op::range, "grey level", "half of the range of the grey levels", 1e-6, 1e9);
  }
  [[nodiscard]] gpuimg::halo halo() const { return detail::halo_of(radius_x, radius_y, radius_z); }

  template <pixel T>
  binary_image operator()(const image<T>& src) const {
    using by = local_threshold_method;
    switch (method) {
      case by::bernsen:
        return by_bernsen(src);
      case by::contrast:
        return gpuimg::greater_or_equal(src, mid_grey_of(src));
      case by::mean:
        return above(src, gpuimg::mean_filter(src, around<mean_filter>()));
      case by::median:
        return above(src, gpuimg::median(src, around<median>()));
      case by::mid_grey:
        return above(src, mid_grey_of(src));
      default:
        break;
    }
    const auto mean = gpuimg::mean_filter(src, around<mean_filter>());
    const auto deviation = gpuimg::standard_deviation(src, around<standard_deviation>());
    if (method == by::niblack)
      return above(src, gpuimg::add_images_weighted(mean, deviation, {1, k}));
    const auto spread = gpuimg::multiply_image_and_scalar(deviation, {k / range});
    const auto lowered = gpuimg::add_image_and_scalar(spread, {1 - k});
    if (method == by::sauvola) return above(src, gpuimg::multiply_images(mean, lowered));
    const auto dark = gpuimg::exponential(gpuimg::multiply_image_and_scalar(mean, {-5 / range}));
    return above(src,
                 gpuimg::multiply_images(mean, gpuimg::add_images_weighted(dark, lowered, {2, 1})));
  }

 private:
  template <class Op>
  [[nodiscard]] Op around() const {
    return {radius_x, radius_y, radius_z, connectivity};
  }
  template <pixel T, pixel U>
  binary_image above(const image<T>& src, const image<U>& threshold) const {
    if (offset == 0) return gpuimg::greater(src, threshold);
    return gpuimg::greater(src, gpuimg::add_image_and_scalar(threshold, {-offset}));
  }
  template <pixel T>
  image<float> mid_grey_of(const image<T>& src) const {
    return gpuimg::add_images_weighted(gpuimg::maximum_filter(src, around<maximum_filter>()),
                                       gpuimg::minimum_filter(src, around<minimum_filter>()),
                                       {0.5f, 0.5f});
  }
  template <pixel T>
  binary_image by_bernsen(const image<T>& src) const {
    const auto most = gpuimg::maximum_filter(src, around<maximum_filter>());
    const auto least = gpuimg::minimum_filter(src, around<minimum_filter>());
    const auto middle = gpuimg::add_images_weighted(most, least, {0.5f, 0.5f});
    const auto wide =
        gpuimg::greater_or_equal_constant(gpuimg::subtract_images(most, least), {contrast});
    const auto bright = gpuimg::greater_or_equal_constant(middle, {range});
    return gpuimg::binary_or(gpuimg::binary_and(gpuimg::greater_or_equal(src, middle), wide),
                             gpuimg::binary_subtract(bright, wide));
  }
};

}  // namespace ops

/// 1 where a pixel is above a threshold that is found in a box or an ellipsoid around it, else 0.
/// With the mean m, the standard deviation s, the extrema a and b of the pixels around p:
///     Mean, Median       src(p) > m - offset, or the median instead of m
///     MidGrey            src(p) > (a + b) / 2 - offset
///     Contrast           src(p) >= (a + b) / 2
///     Bernsen            the same; where b - a < contrast, (a + b) / 2 >= range
///     Niblack            src(p) > m + k s - offset
///     Sauvola            src(p) > m (1 + k (s / range - 1)) - offset
///     Phansalkar         src(p) > m (1 + 2 exp(-5 m / range) + k (s / range - 1)) - offset
/// src      any pixel type, 2D or 3D
/// p        method, by default Mean; radius_x, radius_y, radius_z in pixels and connectivity, as
///          those of mean_filter; offset, by default 0; k, by default 0.2; contrast, by default 15;
///          range, half of the range of the grey levels, by default 128: that of 8-bit images
/// returns  u8, the same shape          edges  nearest pixel repeated
/// throws   argument_error, memory_error (some images of floats of the size of src)
/// parity   the same bits on every device
/// cost     as mean_filter; median; minimum_filter and maximum_filter; Niblack, Sauvola and
///          Phansalkar as standard_deviation besides
/// source   ImageJ Auto Local Threshold, whose windows are circles (connectivity sphere), with k =
///          0.5 for Sauvola and 0.25 for Phansalkar; scikit-image, whose windows are boxes:
///          threshold_sauvola, threshold_niblack with -k, threshold_local by mean or median with
///          mode nearest
template <pixel T>
binary_image auto_local_threshold(const image<T>& src, const ops::auto_local_threshold& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
