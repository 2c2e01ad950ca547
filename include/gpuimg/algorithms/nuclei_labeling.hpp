// SPDX-License-Identifier: BSD-3-Clause
// nuclei_labeling: nuclei, and other bright blob-like objects, found without parameters.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "gpuimg/algorithms/estimate_diameter.hpp"
#include "gpuimg/algorithms/merge_touching_labels.hpp"
#include "gpuimg/algorithms/open_labels.hpp"
#include "gpuimg/algorithms/threshold_otsu.hpp"
#include "gpuimg/operation.hpp"
#include "gpuimg/ops/filter/detect_maxima.hpp"
#include "gpuimg/ops/filter/gaussian_blur.hpp"
#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "gpuimg/ops/label/labeling.hpp"
#include "gpuimg/ops/label/replace_values.hpp"
#include "gpuimg/ops/label/watershed.hpp"
#include "gpuimg/ops/measure/label_percentiles.hpp"
#include "gpuimg/ops/measure/reduction.hpp"
#include "gpuimg/ops/morphology/binary_morphology.hpp"
#include "gpuimg/ops/morphology/distance_transform.hpp"
#include "gpuimg/ops/pointwise/pointwise.hpp"
#include "gpuimg/ops/transform/rearrangement.hpp"
#include "gpuimg/ops/transform/scaling.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace ops {

struct nuclei_labeling {
  double diameter = std::numeric_limits<double>::quiet_NaN(), diameter_range = 2;
  double threshold_factor = 1, prominence = 0.07;
  double minimum_size = std::numeric_limits<double>::quiet_NaN();
  double maximum_size = std::numeric_limits<double>::quiet_NaN();
  bool exclude_edges = false;
  float spacing_x = 1, spacing_y = 1, spacing_z = 1;

  static constexpr operation_info about{
      .name = "nuclei_labeling",
      .theme = "label",
      .brief = "Label nuclei, and other bright blob-like objects, without parameters",
      .source =
          "Laplacian of Gaussian, a threshold for each basin, watershed of shape and intensity",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::labels}}}};
  static constexpr void parameters(auto&& p) {
    using op = nuclei_labeling;
    p("diameter", &op::diameter, "unit of the spacing",
      "of typical nuclei, roughly: it is estimated near this; auto: it is estimated", 1e-7, 1e9);
    p("diameter_range", &op::diameter_range, "",
      "by how many times the estimate may be less or more than the diameter; 1: that is taken as "
      "it is",
      1, 1e9);
    p("threshold_factor", &op::threshold_factor, "", "below 1 outlines are wider, above narrower",
      0, 2);
    p("prominence", &op::prominence, "",
      "how deep a valley must be, beside the lower of two peaks, to tell two nuclei apart", 0, 1);
    p("minimum_size", &op::minimum_size, "pixel", "smaller ones go; auto: by the diameter", 0,
      1e18);
    p("maximum_size", &op::maximum_size, "pixel", "larger ones go; auto: none does", 0, 1e18);
    p("exclude_edges", &op::exclude_edges, "", "whether those on an edge of the image go");
    p("spacing_x", &op::spacing_x, "", "from pixel to pixel along x", 1e-7, 1e7);
    p("spacing_y", &op::spacing_y, "", "from pixel to pixel along y", 1e-7, 1e7);
    p("spacing_z", &op::spacing_z, "", "from plane to plane", 1e-7, 1e7);
  }
  static void check(const shape& size) { detail::labeling::check_pixels(size); }

  template <pixel T>
  label_image operator()(const image<T>& src) const {
    return shown(src, [](const char*, const auto&) {});
  }

  /// As above. What a step makes is shown by show(name, image), to look at: "flat", "blobs",
  /// "basins", "foreground", "landscape", "pieces", "objects", "labels"; blobs and landscape are
  /// high where nuclei are. Where nuclei are wide all but the last have fewer pixels. Of an image
  /// without nuclei the first steps alone.
  template <pixel T, class Show>
  label_image shown(const image<T>& src, const Show& show) const {
    if (src.empty()) return label_image(src.device(), src.shape());
    const auto above = detail::above_darkest(src);
    const ops::estimate_diameter estimate{.spacing_x = spacing_x,
                                          .spacing_y = spacing_y,
                                          .spacing_z = spacing_z,
                                          .expected = diameter,
                                          .range = diameter_range};
    const scale at(*this, src.shape(), estimate.of_foreground(above));
    const blocks wide(at, src.shape(), 8);
    auto objects = wide.are_pixels() ? objects_of(above, at, show)
                                     : objects_of(wide.means(above), at.of(wide), show);
    if (!objects) return nothing(src);
    auto labels = wide.are_pixels() ? std::move(objects->labels) : in_pixels(*objects, wide);
    if (exclude_edges) labels = gpuimg::remove_labels_on_edges(labels);
    if (!std::isnan(minimum_size) || !std::isnan(maximum_size)) {
      auto rows = gpuimg::label_percentiles(labels, above, {.percentile = 100});
      std::erase_if(rows, [&](const label_percentile& row) {
        const auto size = static_cast<double>(row.pixels);
        return size < minimum_size || size > maximum_size;
      });
      labels = numbered(labels, rows);
    }
    show("labels", labels);
    return labels;
  }

 private:
  /// Objects have more than this part of the brightness of bright pixels.
  static constexpr double dim = 0.25;
  /// Of the brightness of bright pixels, and of the response of nuclei: what has less is neither
  /// part of an object nor a seed.
  static constexpr double faint = 0.1;

  // The steps are templates, as who does not use them shall not wait for their compilation.

  struct blocks;

  /// The diameter and the spacing in one unit, and what follows from them.
  struct scale {
    std::array<double, 3> spacing;
    double unit;  ///< the least spacing
    double diameter;
    std::size_t axes;
    bool is_of_blocks = false;

    scale(const nuclei_labeling& p, const shape& size, double d)
        : spacing{p.spacing_x, p.spacing_y, size.is_3d() ? double{p.spacing_z} : HUGE_VAL},
          unit(*std::ranges::min_element(spacing)),
          diameter(std::min(d, 2e4 * unit)),  // else blurs are too wide
          axes(size.is_3d() ? 3 : 2) {}

    /// Where blocks are pixels.
    [[nodiscard]] scale of(const blocks& wide) const {
      scale wider = *this;
      wider.spacing[0] *= static_cast<double>(wide.block.x);
      wider.spacing[1] *= static_cast<double>(wide.block.y);
      wider.spacing[2] *= static_cast<double>(wide.block.z);
      wider.unit = *std::ranges::min_element(wider.spacing);
      wider.is_of_blocks = true;
      return wider;
    }

    [[nodiscard]] double length(double diameters) const { return diameters * diameter; }
    /// A number of pixels too few for an object: 0.155 of a ball of the diameter.
    [[nodiscard]] double speck() const {
      constexpr std::array ball{0.0, 0.0, 0.7853981633974483, 0.5235987755982989};
      double pixels = 0.155 * ball[axes];
      for (std::size_t axis = 0; axis < axes; ++axis) pixels *= diameter / spacing[axis];
      return std::clamp(pixels, 1.0, 2e9);
    }
    /// Blurred by so many units, and at least a part of the diameter.
    template <pixel F>
    [[nodiscard]] image<float> blurred(const image<F>& src, double units,
                                       double diameters = 0) const {
      const double sigma = std::max(units * unit, diameters * diameter);
      return gpuimg::gaussian_blur(src, {.sigma_x = static_cast<float>(sigma / spacing[0]),
                                         .sigma_y = static_cast<float>(sigma / spacing[1]),
                                         .sigma_z = static_cast<float>(sigma / spacing[2])});
    }
    /// The operation with this spacing.
    template <class Op>
    [[nodiscard]] Op spaced(Op op) const {
      op.spacing_x = static_cast<float>(spacing[0]);
      op.spacing_y = static_cast<float>(spacing[1]);
      if (axes == 3) op.spacing_z = static_cast<float>(spacing[2]);
      return op;
    }
  };

  /// Blocks of pixels, 1, 2, 4 ... wide; those at the end have what is left. Their means are a
  /// smaller image.
  struct blocks {
    shape block;
    shape size;  ///< of the image

    /// The largest ones of which a nucleus is still so many wide, and an image two.
    blocks(const scale& at, const shape& of, double wide) : block{1, 1, 1}, size(of) {
      constexpr std::array all{&shape::x, &shape::y, &shape::z};
      for (std::size_t axis = 0; axis < at.axes; ++axis) {
        const auto side = all[axis];
        while (block.*side < 1024 && 4 * block.*side <= size.*side &&
               2 * wide * static_cast<double>(block.*side) * at.spacing[axis] <= at.diameter)
          block.*side *= 2;
      }
    }
    [[nodiscard]] bool are_pixels() const { return block.pixels() == 1; }

    template <pixel F>
    [[nodiscard]] image<F> means(const image<F>& src) const {
      return means(src, block, 3);
    }
    /// Without those at the end that have less.
    template <pixel F>
    [[nodiscard]] image<F> whole_means(const image<F>& src) const {
      return means(src, block, 0);
    }
    /// Means in pixels: what lies between them.
    template <std::same_as<float> F>
    [[nodiscard]] image<F> in_pixels(const image<F>& src) const {
      return fitted(gpuimg::resize(src, to<ops::resize>(all_pixels(src.shape()))));
    }
    /// Labels of blocks in pixels.
    template <std::same_as<std::uint32_t> Label>
    [[nodiscard]] image<Label> in_pixels(const image<Label>& src) const {
      return fitted(gpuimg::resize_labels(src, to<ops::resize_labels>(all_pixels(src.shape()))));
    }

   private:
    /// Of whole blocks, and along the first `axes` axes of the part of one at the end, too, which
    /// later counts as if it were whole.
    template <pixel F>
    static image<F> means(const image<F>& src, const shape& block, std::size_t axes) {
      if (axes == 0)
        return gpuimg::bin(src, {.factor_x = static_cast<int>(block.x),
                                 .factor_y = static_cast<int>(block.y),
                                 .factor_z = static_cast<int>(block.z)});
      auto whole = means(src, block, axes - 1);
      const auto side = std::array{&shape::x, &shape::y, &shape::z}[axes - 1];
      shape from{0, 0, 0}, left = src.shape(), part = block;
      left.*side = part.*side = src.shape().*side % block.*side;
      if (left.empty()) return whole;
      from.*side = src.shape().*side - left.*side;
      const auto last = means(cropped(src, from, left), part, axes - 1);
      return axes == 1   ? gpuimg::concatenate_along_x(whole, last)
             : axes == 2 ? gpuimg::concatenate_along_y(whole, last)
                         : gpuimg::concatenate_along_z(whole, last);
    }
    template <pixel F>
    static image<F> cropped(const image<F>& src, const shape& from, const shape& size) {
      auto box = to<ops::crop>(size);
      box.start_x = static_cast<int>(from.x);
      box.start_y = static_cast<int>(from.y);
      box.start_z = static_cast<int>(from.z);
      return gpuimg::crop(src, box);
    }
    [[nodiscard]] shape all_pixels(const shape& of) const {
      return {of.x * block.x, of.y * block.y, of.z * block.z};
    }
    template <pixel F>
    [[nodiscard]] image<F> fitted(image<F> src) const {
      if (src.shape() == size) return src;
      return cropped(src, {0, 0, 0}, size);
    }
  };

  template <class Op>
  static Op to(const shape& size) {
    return {.width = static_cast<int>(size.x),
            .height = static_cast<int>(size.y),
            .depth = static_cast<int>(size.z)};
  }

  /// Labels, the image without its background, and the least that a pixel of each label has.
  struct found {
    label_image labels;
    image<float> flat;
    std::vector<float> least;
  };

  template <pixel T>
  static label_image nothing(const image<T>& src) {
    return gpuimg::convert<std::uint32_t>(
        gpuimg::greater_constant(gpuimg::greater_constant(src, {.scalar = 0}), {.scalar = 1}));
  }

  /// Less what is wider than three diameters, but not below 0.
  template <pixel F>
  static image<float> without_background(const image<F>& src, const scale& at) {
    const blocks wide(at, src.shape(), 4);
    const scale of_blocks = at.of(wide);
    std::array<int, 3> radius{0, 0, 0};
    std::array<float, 3> sigma{0, 0, 0}, opening_sigma{0, 0, 0};
    for (std::size_t axis = 0; axis < at.axes; ++axis) {
      const double d = of_blocks.diameter / of_blocks.spacing[axis];
      sigma[axis] = static_cast<float>(std::max(0.8, d / 6));
      radius[axis] = static_cast<int>(std::min(std::round(1.5 * d), 10000.0));
      opening_sigma[axis] = static_cast<float>(2 * radius[axis] + 1) / 6;
    }
    const auto shrunk = gpuimg::gaussian_blur(
        wide.whole_means(src), {.sigma_x = sigma[0], .sigma_y = sigma[1], .sigma_z = sigma[2]});
    const auto opened = gpuimg::maximum_filter(
        gpuimg::minimum_filter(
            shrunk, {.radius_x = radius[0], .radius_y = radius[1], .radius_z = radius[2]}),
        {.radius_x = radius[0], .radius_y = radius[1], .radius_z = radius[2]});
    const auto background =
        gpuimg::resize(gpuimg::gaussian_blur(opened, {.sigma_x = opening_sigma[0],
                                                      .sigma_y = opening_sigma[1],
                                                      .sigma_z = opening_sigma[2]}),
                       to<ops::resize>(src.shape()));
    return gpuimg::clip(gpuimg::subtract_images(src, background), {.min_intensity = 0});
  }

  /// A list by label: a part of the percentile, and no less than `at_least`.
  static std::vector<float> thresholds_of(const std::vector<label_percentile>& rows, double part,
                                          double at_least) {
    std::vector<float> thresholds{0};
    for (const auto& row : rows) {
      thresholds.resize(row.label + 1);
      thresholds[row.label] = static_cast<float>(std::max(part * row.value, at_least));
    }
    return thresholds;
  }
  template <pixel F>
  static std::vector<label_percentile> medians(const label_image& labels, const image<F>& src) {
    return gpuimg::label_percentiles(labels, src, {.percentile = 50});
  }
  template <pixel F>
  static label_image cut(const label_image& labels, const image<F>& src,
                         const std::vector<float>& thresholds) {
    return gpuimg::remove_pixels_below(labels, src,
                                       push(src.device(), thresholds, {thresholds.size()}));
  }

  /// Of an image above its darkest pixels.
  template <pixel F, class Show>
  [[nodiscard]] std::optional<found> objects_of(const image<F>& above, const scale& at,
                                                const Show& show) const {
    auto flat = at.is_of_blocks ? without_background(above, at)
                                : without_background(at.blurred(above, 0.7, 0.033), at);
    show("flat", flat);
    const auto hollow =
        detail::blobs(gpuimg::square_root(gpuimg::clip(above, {.min_intensity = 0})),
                      std::max(at.unit, at.length(0.224)), at.spacing);
    const auto blobs = gpuimg::multiply_image_and_scalar(hollow, {.scalar = -1});
    show("blobs", blobs);

    const blocks wider(at, flat.shape(), at.is_of_blocks ? 4 : HUGE_VAL);  // pixels stay pixels
    auto around = wider.are_pixels()
                      ? surroundings_of(flat, blobs, hollow)
                      : surroundings_of(wider.means(flat), wider.means(blobs), wider.means(hollow));
    if (!around) return {};
    if (!wider.are_pixels()) around->basins = wider.in_pixels(around->basins);
    show("basins", around->basins);

    const auto foreground = foreground_of(cut(around->basins, flat, around->least), at);
    show("foreground", foreground);
    auto labels = instances_of(foreground, blobs, around->response, at, show);
    const auto outlines = [&](const std::vector<label_percentile>& rows) {
      return thresholds_of(rows, std::min(0.5 * threshold_factor, 1.0), faint * around->level);
    };
    labels = filled(cut(labels, flat, outlines(medians(labels, flat))), at);
    const double thin = std::min(2 * at.unit, at.length(0.25));
    labels = gpuimg::open_labels(labels,
                                 at.spaced(ops::open_labels{.radius = static_cast<float>(thin)}));
    auto rows = medians(labels, flat);
    const double least_size = std::isnan(minimum_size) ? std::max(8.0, at.speck()) : 0;
    std::erase_if(rows, [&](const label_percentile& row) {
      return static_cast<double>(row.pixels) < least_size || row.value < dim * around->level;
    });
    labels = numbered(labels, rows);
    return found{std::move(labels), std::move(flat), outlines(rows)};
  }

  /// The labels that have a row, numbered anew in their order, as the rows are.
  static label_image numbered(const label_image& labels, std::vector<label_percentile>& rows) {
    std::vector<std::uint32_t> numbers{0};
    std::uint32_t count = 0;
    for (auto& row : rows) {
      numbers.resize(row.label + 1);
      numbers[row.label] = ++count;
      row.label = count;
    }
    return gpuimg::replace_values(labels, push(labels.device(), numbers, {numbers.size()}));
  }

  /// The response of typical nuclei, 0 without any.
  template <pixel F>
  static double response_of(const image<F>& blobs, const binary_image& peaks) {
    auto responses = detail::maxima::above_zero(gpuimg::mask(blobs, peaks));
    if (responses.empty()) return 0;
    const auto wanted = responses.begin() +
                        static_cast<std::ptrdiff_t>(detail::pixels_before(85, responses.size()));
    std::ranges::nth_element(responses, wanted);
    return double{*wanted};
  }

  /// Objects of blocks in pixels: those that are as bright as they must be, by what lies between
  /// the blocks' means. Blocks more than 1.5 from the outline get the greatest threshold added, so
  /// that they stay however dark they are; between means that reaches no farther than one block.
  template <std::same_as<found> Found>
  static label_image in_pixels(const Found& objects, const blocks& wide) {
    const auto is_inner = gpuimg::greater_constant(
        gpuimg::erode_labels(objects.labels, {.radius = 1.5f}), {.scalar = 0});
    const auto bright =
        gpuimg::add_images_weighted(objects.flat, gpuimg::convert<float>(is_inner),
                                    {.factor2 = *std::ranges::max_element(objects.least)});
    return cut(wide.in_pixels(gpuimg::expand_labels(objects.labels, {.distance = 1.5f})),
               wide.in_pixels(bright), objects.least);
  }

  /// Without the holes that a nucleus may have.
  static label_image filled(const label_image& labels, const scale& at) {
    return gpuimg::fill_label_holes(labels, {.maximum_size = static_cast<int>(at.speck())});
  }

  /// What nuclei have, brightness and response as blobs; what is around each of them, and by its
  /// label the least that is foreground there: a part of what most of its bright pixels have.
  struct surroundings {
    double level, response;
    label_image basins;
    std::vector<float> least;
  };
  template <pixel F>
  [[nodiscard]] std::optional<surroundings> surroundings_of(const image<F>& flat,
                                                            const image<F>& blobs,
                                                            const image<F>& hollow) const {
    const auto otsu = gpuimg::greater_constant(flat, {.scalar = gpuimg::otsu_threshold(flat)});
    const double level = gpuimg::percentile_of_masked_pixels(flat, otsu, {.percentile = 50});
    if (!(level > 0)) return {};
    const auto peaks = gpuimg::binary_and(gpuimg::detect_maxima(blobs),
                                          gpuimg::greater_constant(flat, {.scalar = dim * level}));
    const double response = response_of(blobs, peaks);
    if (!(response > 0)) return {};

    const double at_least = faint * level;
    const auto seeds = gpuimg::connected_component_labeling(
        gpuimg::binary_and(peaks, gpuimg::greater_constant(blobs, {.scalar = faint * response})));
    auto basins = gpuimg::watershed(hollow, seeds,
                                    gpuimg::greater_or_equal_constant(flat, {.scalar = at_least}));
    const auto cores = gpuimg::mask(basins, gpuimg::greater_constant(blobs, {.scalar = 0}));
    auto least = thresholds_of(gpuimg::label_percentiles(cores, flat, {.percentile = 68}),
                               0.46 * threshold_factor, at_least);
    return surroundings{level, response, std::move(basins), std::move(least)};
  }

  /// What is bright, without what is thin, and without holes.
  template <std::same_as<std::uint32_t> Label>
  static binary_image foreground_of(const image<Label>& bright, const scale& at) {
    const auto opened =
        gpuimg::binary_dilate(gpuimg::binary_erode(gpuimg::greater_constant(bright, {.scalar = 0}),
                                                   {.connectivity = connectivity::sphere}),
                              {.connectivity = connectivity::sphere});
    return gpuimg::greater_constant(filled(gpuimg::convert<std::uint32_t>(opened), at),
                                    {.scalar = 0});
  }

  /// Floods a landscape of shape and brightness, and joins what no valley tells apart.
  template <pixel F, class Show>
  [[nodiscard]] label_image instances_of(const binary_image& foreground, const image<F>& blobs,
                                         double response, const scale& at, const Show& show) const {
    const auto depth = gpuimg::distance_transform(foreground, at.spaced(ops::distance_transform{}));
    const double radius = at.diameter / 2;
    const auto landscape =
        at.blurred(gpuimg::add_images_weighted(
                       gpuimg::clip(depth, {.max_intensity = radius}),
                       gpuimg::clip(blobs, {.min_intensity = -response, .max_intensity = response}),
                       {.factor1 = static_cast<float>(1 / radius),
                        .factor2 = static_cast<float>(0.5 / response)}),
                   1);
    const auto seeds = gpuimg::connected_component_labeling(
        gpuimg::binary_and(gpuimg::detect_maxima(landscape), foreground));
    const auto pieces = gpuimg::watershed(
        gpuimg::multiply_image_and_scalar(landscape, {.scalar = -1}), seeds, foreground);
    auto objects =
        ops::merge_touching_labels{.ratio = 1 - prominence}.of_sequential(pieces, landscape);
    show("landscape", landscape);
    show("pieces", pieces);
    show("objects", objects);
    return objects;
  }
};

}  // namespace ops

/// Labels nuclei, and other bright blob-like objects of one size, without parameters:
///  1. the background is what is wider than three diameters: a grey opening of the blurred image
///  2. blobs are maxima of the Laplacian of Gaussian of the root of the image; from them that
///     response is flooded, and each basin gets a threshold of its own: 0.46 of the 68th percentile
///     of its bright pixels; holes are filled
///  3. the foreground is flooded from the maxima of a landscape, which is the distance to the
///     background and the blobs' response; labels are joined where the saddle between them is at
///     least 1 - prominence of the lower peak (merge_touching_labels)
///  4. each label loses what is below half its median, gets its holes filled, loses what is thin
///     (open_labels), and goes if it is small, or if its median is a dim one
/// Lengths are parts of the diameter, but for a blur of the landscape by one pixel, and thin, which
/// is 2 pixels, or a quarter of the diameter where that is less. Where the diameter is 16 pixels or
/// more, all steps see means of blocks of 2, 4, 8 ... pixels along each axis, a nucleus being at
/// least 8 blocks wide, and step 2 floods and finds thresholds on blocks twice as wide; in the end
/// outlines go through the pixels between the means, where there is half the median of the label's
/// blocks.
/// src      any pixel type, 2D or 3D, bright objects on a dark background, fewer than 2^32 - 1
///          pixels
/// p        diameter in the unit of the spacing, NaN: any; diameter_range 2: estimate_diameter
///          looks for one that is at most so many times less or more, and the given one is taken
///          as it is where the range is 1, no blobs are near it, or the image has no room for it;
///          threshold_factor 1, times the parts of steps 2 and 4; prominence 0.07; minimum_size
///          in pixels, NaN: 0.155 of a ball of the diameter, and 8; maximum_size in pixels, NaN:
///          any; exclude_edges; spacing_x, spacing_y, spacing_z from pixel to pixel
/// returns  labels, the same shape, numbered 1 to n in the order of their first maxima
/// throws   argument_error, memory_error (about 10 temporaries of 4 bytes per pixel, 12 on GPUs)
/// parity   the same labels on every device; waits for the device
/// source   blobs: Lindeberg, Int. J. Comput. Vis. 30 (1998); flooding: Meyer 1991
template <pixel T>
label_image nuclei_labeling(const image<T>& src, const ops::nuclei_labeling& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg
