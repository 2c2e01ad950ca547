// SPDX-License-Identifier: BSD-3-Clause
// CLIJ's benchmarks, and a few of ours.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/speedup/contestant.hpp"

namespace speedup {

struct benchmark {
  const char* name;                      ///< CLIJ's, without 2D and 3D
  const char* operation;                 ///< ours
  const char *parameters, *more_for_3d;  ///< "sigma_x=2 sigma_y=2", "sigma_z=2"
  bool in_2d = true, in_3d = true;
};

/// Those of Haase et al., CLIJ: GPU-accelerated image processing for everyone, Nature Methods 17,
/// 2020, with its parameters; then ours.
inline constexpr benchmark benchmarks[] = {
    {"AddImagesWeighted", "add_images_weighted", "factor1=0.5 factor2=2", ""},
    {"AddScalar", "add_image_and_scalar", "scalar=1", ""},
    {"AutoThreshold", "threshold_otsu", "", ""},
    {"BinaryAnd", "binary_and", "", ""},
    {"Erode", "binary_erode", "", ""},
    {"FixedThreshold", "greater_constant", "scalar=100", ""},
    {"Flip", "flip", "flip_x=true flip_y=false flip_z=false", ""},
    {"GaussianBlur", "gaussian_blur", "sigma_x=2 sigma_y=2", "sigma_z=2"},
    {"MaximumZProjection", "maximum_z_projection", "", "", false},
    {"Mean", "mean_filter", "radius_x=3 radius_y=3", "radius_z=3"},
    {"Median", "median", "radius_x=1 radius_y=1", "radius_z=1"},
    {"WideMedian", "median", "radius_x=3 radius_y=3", "", true, false},
    {"Minimum", "minimum_filter", "radius_x=3 radius_y=3", "radius_z=3"},
    {"Maximum", "maximum_filter", "radius_x=3 radius_y=3", "radius_z=3"},
    {"MultiplyScalar", "multiply_image_and_scalar", "scalar=2", ""},
    {"RadialReslice", "radial_reslice", "", "", false},
    {"Rotate", "rotate", "angle_z=30 interpolate=true", ""},
    {"TopHat", "top_hat", "radius_x=3 radius_y=3", "", true, false},
    {"ConnectedComponents", "connected_component_labeling", "", ""},
    {"VoronoiOtsuLabeling", "voronoi_otsu_labeling", "spot_sigma=3 outline_sigma=1", ""},
};

/// The inputs of an operation, made of `pixels`, and its parameters in full: those of `words`
/// ("radius_x=3 radius_y=3"), and the others as they are by default. The inputs are also written to
/// `folder`.
problem make_problem(const gpuimg::registry_entry& entry, const std::string& words,
                     gpuimg::pixel_type type, const std::vector<float>& pixels,
                     const gpuimg::shape& size, const std::string& folder);

}  // namespace speedup
