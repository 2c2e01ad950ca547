// SPDX-License-Identifier: BSD-3-Clause
// CLIJ's benchmarks, a few of ours, and all operations.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/speedup/contestant.hpp"

namespace speedup {

struct benchmark {
  const char* name;       ///< CLIJ's, without 2D and 3D; or the operation's
  const char* operation;  ///< ours
  const char *parameters = "", *more_for_3d = "";  ///< "sigma_x=2 sigma_y=2", "sigma_z=2"
  bool in_2d = true, in_3d = true, second_is_plane = false;
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
    {"Rotate", "rotate", "angle_z=30 interpolation=linear", ""},
    {"TopHat", "top_hat", "radius_x=3 radius_y=3", "", true, false},
    {"ConnectedComponents", "connected_component_labeling", "", ""},
    {"VoronoiOtsuLabeling", "voronoi_otsu_labeling", "spot_sigma=3 outline_sigma=1", ""},
};

/// Operations that do little by default.
inline constexpr benchmark with_parameters[] = {
    {"affine_transform", "affine_transform",
     "transform_matrix=1.1,0.3,0,-40,-0.2,0.9,0,30,0,0,1,0 interpolation=linear", ""},
    {"bin", "bin", "factor_x=2 factor_y=2", "factor_z=2"},
    {"circular_shift", "circular_shift", "shift_x=40 shift_y=30", "shift_z=20"},
    {"crop", "crop", "width=200 height=200", "depth=200"},
    {"divide_scalar_by_image", "divide_scalar_by_image", "scalar=100", ""},
    {"pad", "pad", "size_x=2100 size_y=1100", "size_x=300 size_y=300 size_z=300"},
    {"power", "power", "scalar=2", ""},
    {"resize", "resize", "width=1000 height=700", "depth=100"},
    {"resize_labels", "resize_labels", "width=1000 height=700", "depth=100"},
    {"rigid_transform", "rigid_transform",
     "translate_x=9.5 translate_y=-20 angle_z=30 interpolation=cubic", ""},
    {"scale", "scale", "factor_x=1.5 factor_y=1.5 interpolation=linear", "factor_z=1.5"},
    {"translate", "translate", "translate_x=9.5 translate_y=-20.25 interpolation=linear", ""},
    {"unpad", "unpad", "size_x=2000 size_y=1000", "size_x=200 size_y=200 size_z=200"},
    {"z_position_projection", "z_position_projection", "", "", false, true, true},
};

/// Every operation that `benchmarks` does not have, most as they are by default; in 3D alone where
/// all of a stack is needed.
std::vector<benchmark> other_benchmarks();

/// The inputs of an operation, made of `pixels`, and its parameters in full: those of `words`
/// ("radius_x=3 radius_y=3"), and the others as they are by default. Inputs behind the first are of
/// `size_of_others`, which is a plane of `size` or the same. All are also written to `folder`.
problem make_problem(const gpuimg::registry_entry& entry, const std::string& words,
                     gpuimg::pixel_type type, const std::vector<float>& pixels,
                     const gpuimg::shape& size, const gpuimg::shape& size_of_others,
                     const std::string& folder);

}  // namespace speedup
