// SPDX-License-Identifier: BSD-3-Clause
// The names that operations have or had elsewhere: docs/names.md shows them, and tools suggest from
// them what an unknown name means. Opt-in; needs nothing else of the library.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <string_view>

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// A name that an operation has or had in another library.
struct other_name {
  std::string_view name;
  std::string_view from;  ///< "clesperanto": deprecated, or of its prototype; "CLIJ": or CLIJ2
  std::string_view operation;
  std::string_view note{};  ///< what to set or to know here, "" for nothing
};

/// In the order of the operations.
inline constexpr auto other_names = std::to_array<other_name>({
    {"addImageAndScalar", "CLIJ", "add_image_and_scalar"},
    {"addImagesWeighted", "CLIJ", "add_images_weighted"},
    {"automaticThreshold", "CLIJ", "automatic_threshold"},
    {"thresholdDefault", "CLIJ", "automatic_threshold", "method Default"},
    {"thresholdHuang", "CLIJ", "automatic_threshold", "method Huang"},
    {"thresholdIntermodes", "CLIJ", "automatic_threshold", "method Intermodes"},
    {"thresholdIsoData", "CLIJ", "automatic_threshold", "method IsoData"},
    {"thresholdLi", "CLIJ", "automatic_threshold", "method Li"},
    {"thresholdMaxEntropy", "CLIJ", "automatic_threshold", "method MaxEntropy"},
    {"thresholdMean", "CLIJ", "automatic_threshold", "method Mean"},
    {"thresholdMinError", "CLIJ", "automatic_threshold", "method MinError"},
    {"thresholdMinimum", "CLIJ", "automatic_threshold", "method Minimum"},
    {"thresholdMoments", "CLIJ", "automatic_threshold", "method Moments"},
    {"thresholdPercentile", "CLIJ", "automatic_threshold", "method Percentile"},
    {"thresholdRenyiEntropy", "CLIJ", "automatic_threshold", "method RenyiEntropy"},
    {"thresholdShanbhag", "CLIJ", "automatic_threshold", "method Shanbhag"},
    {"thresholdTriangle", "CLIJ", "automatic_threshold", "method Triangle"},
    {"thresholdYen", "CLIJ", "automatic_threshold", "method Yen"},
    {"binary_intersection", "clesperanto", "binary_and"},
    {"logical_and", "clesperanto", "binary_and"},
    {"binaryAnd", "CLIJ", "binary_and"},
    {"binaryIntersection", "CLIJ", "binary_and"},
    {"dilate_box", "clesperanto", "binary_dilate", "connectivity box"},
    {"dilate_sphere", "clesperanto", "binary_dilate", "connectivity sphere"},
    {"dilateBox", "CLIJ", "binary_dilate", "radius 1; connectivity box"},
    {"dilateSphere", "CLIJ", "binary_dilate", "radius 1; connectivity sphere"},
    {"binaryDilate", "CLIJ", "binary_dilate"},
    {"erode_box", "clesperanto", "binary_erode", "connectivity box"},
    {"erode_sphere", "clesperanto", "binary_erode", "connectivity sphere"},
    {"erodeBox", "CLIJ", "binary_erode", "radius 1; connectivity box"},
    {"erodeSphere", "CLIJ", "binary_erode", "radius 1; connectivity sphere"},
    {"binaryErode", "CLIJ", "binary_erode"},
    {"connected_components_labeling", "clesperanto", "connected_component_labeling"},
    {"connected_components_labeling_box", "clesperanto", "connected_component_labeling",
     "connectivity box"},
    {"connected_components_labeling_diamond", "clesperanto", "connected_component_labeling",
     "connectivity sphere"},
    {"label", "clesperanto", "connected_component_labeling"},
    {"connectedComponentsLabeling", "CLIJ", "connected_component_labeling"},
    {"connectedComponentsLabelingBox", "CLIJ", "connected_component_labeling", "connectivity box"},
    {"connectedComponentsLabelingDiamond", "CLIJ", "connected_component_labeling",
     "connectivity sphere"},
    {"detectLabelEdges", "CLIJ", "detect_label_edges"},
    {"detect_maxima_box", "clesperanto", "detect_maxima",
     "without the blur that a radius above 0 adds there"},
    {"detectMaximaBox", "CLIJ", "detect_maxima",
     "without the blur that a radius above 0 adds there"},
    {"detectMaxima2DBox", "CLIJ", "detect_maxima",
     "without the blur that a radius above 0 adds there"},
    {"detectMaxima3DBox", "CLIJ", "detect_maxima",
     "without the blur that a radius above 0 adds there"},
    {"distanceMap", "CLIJ", "distance_transform", "exact Euclidean distances"},
    {"erodeLabels", "CLIJ", "erode_labels", "the radius is that of a ball"},
    {"dilate_labels", "clesperanto", "expand_labels", "the radius is that of a ball"},
    {"extend_labeling_via_voronoi", "clesperanto", "expand_labels", "of a great distance"},
    {"dilateLabels", "CLIJ", "expand_labels", "the radius is that of a ball"},
    {"extendLabelingViaVoronoi", "CLIJ", "expand_labels", "of a great distance"},
    {"binaryFillHoles", "CLIJ", "fill_label_holes", "a mask is labels of one value"},
    {"flip2D", "CLIJ", "flip"},
    {"flip3D", "CLIJ", "flip"},
    {"gaussianBlur2D", "CLIJ", "gaussian_blur"},
    {"gaussianBlur3D", "CLIJ", "gaussian_blur"},
    {"blur2D", "CLIJ", "gaussian_blur"},
    {"blur3D", "CLIJ", "gaussian_blur"},
    {"greaterConstant", "CLIJ", "greater_constant"},
    {"statistics_of_labelled_pixels", "clesperanto", "labels_statistics",
     "the label image comes first"},
    {"statisticsOfLabelledPixels", "CLIJ", "labels_statistics", "the label image comes first"},
    {"maskedVoronoiLabeling", "CLIJ", "masked_voronoi_labeling"},
    {"maximum_box", "clesperanto", "maximum_filter", "connectivity box"},
    {"maximum_sphere", "clesperanto", "maximum_filter", "connectivity sphere"},
    {"maximum2DBox", "CLIJ", "maximum_filter", "connectivity box"},
    {"maximum2DSphere", "CLIJ", "maximum_filter", "connectivity sphere"},
    {"maximum3DBox", "CLIJ", "maximum_filter", "connectivity box"},
    {"maximum3DSphere", "CLIJ", "maximum_filter", "connectivity sphere"},
    {"maximumOfAllPixels", "CLIJ", "maximum_of_all_pixels"},
    {"getMaximumOfAllPixels", "CLIJ", "maximum_of_all_pixels"},
    {"maximumZProjection", "CLIJ", "maximum_z_projection"},
    {"mean_box", "clesperanto", "mean_filter",
     "connectivity box; the result is float, never truncated"},
    {"mean_sphere", "clesperanto", "mean_filter",
     "connectivity sphere; the result is float, never truncated"},
    {"mean2DBox", "CLIJ", "mean_filter", "connectivity box; the result is float, never truncated"},
    {"mean2DSphere", "CLIJ", "mean_filter",
     "connectivity sphere; the result is float, never truncated"},
    {"mean3DBox", "CLIJ", "mean_filter", "connectivity box; the result is float, never truncated"},
    {"mean3DSphere", "CLIJ", "mean_filter",
     "connectivity sphere; the result is float, never truncated"},
    {"meanOfAllPixels", "CLIJ", "mean_of_all_pixels"},
    {"getMeanOfAllPixels", "CLIJ", "mean_of_all_pixels"},
    {"median_box", "clesperanto", "median", "connectivity box"},
    {"median_sphere", "clesperanto", "median", "connectivity sphere"},
    {"median2DBox", "CLIJ", "median", "connectivity box"},
    {"median2DSphere", "CLIJ", "median", "connectivity sphere"},
    {"median3DBox", "CLIJ", "median", "connectivity box"},
    {"median3DSphere", "CLIJ", "median", "connectivity sphere"},
    {"mergeTouchingLabels", "CLIJ", "merge_touching_labels",
     "takes an image, too; ratio 0 joins all that touch"},
    {"minimum_box", "clesperanto", "minimum_filter", "connectivity box"},
    {"minimum_sphere", "clesperanto", "minimum_filter", "connectivity sphere"},
    {"minimum2DBox", "CLIJ", "minimum_filter", "connectivity box"},
    {"minimum2DSphere", "CLIJ", "minimum_filter", "connectivity sphere"},
    {"minimum3DBox", "CLIJ", "minimum_filter", "connectivity box"},
    {"minimum3DSphere", "CLIJ", "minimum_filter", "connectivity sphere"},
    {"minimumOfAllPixels", "CLIJ", "minimum_of_all_pixels"},
    {"getMinimumOfAllPixels", "CLIJ", "minimum_of_all_pixels"},
    {"multiplyImageAndScalar", "CLIJ", "multiply_image_and_scalar"},
    {"opening_labels", "clesperanto", "open_labels",
     "the largest piece of what balls of the radius fill"},
    {"resliceRadial", "CLIJ", "radial_reslice"},
    {"radialProjection", "CLIJ", "radial_reslice"},
    {"close_index_gaps_in_label_map", "clesperanto", "relabel_sequential"},
    {"closeIndexGapsInLabelMap", "CLIJ", "relabel_sequential"},
    {"exclude_labels_on_edges", "clesperanto", "remove_labels_on_edges"},
    {"excludeLabelsOnEdges", "CLIJ", "remove_labels_on_edges"},
    {"exclude_labels_outside_size_range", "clesperanto", "remove_small_labels",
     "there is no upper limit"},
    {"exclude_small_labels", "clesperanto", "remove_small_labels",
     "labels of exactly minimum_size pixels stay"},
    {"excludeLabelsOutsideSizeRange", "CLIJ", "remove_small_labels", "there is no upper limit"},
    {"replace_intensities", "clesperanto", "replace_values"},
    {"replaceIntensities", "CLIJ", "replace_values"},
    {"resample", "CLIJ", "resize", "takes the size, not factors; always interpolates"},
    {"rotate2D", "CLIJ", "rotate", "angles turn the other way"},
    {"rotate3D", "CLIJ", "rotate", "angles turn the other way"},
    {"sumOfAllPixels", "CLIJ", "sum_of_all_pixels"},
    {"getSumOfAllPixels", "CLIJ", "sum_of_all_pixels"},
    {"thresholdOtsu", "CLIJ", "threshold_otsu"},
    {"top_hat_box", "clesperanto", "top_hat", "connectivity box"},
    {"top_hat_sphere", "clesperanto", "top_hat", "connectivity sphere"},
    {"topHatBox", "CLIJ", "top_hat", "connectivity box"},
    {"topHatSphere", "CLIJ", "top_hat", "connectivity sphere"},
    {"voronoiOtsuLabeling", "CLIJ", "voronoi_otsu_labeling"},
});

/// The entry of a name, in capitals or not; null where there is none.
constexpr const other_name* find_other_name(std::string_view name) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto found = std::ranges::find_if(other_names, [&](const other_name& other) {
    return std::ranges::equal(other.name, name, {}, small, small);
  });
  return found == other_names.end() ? nullptr : &*found;
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
