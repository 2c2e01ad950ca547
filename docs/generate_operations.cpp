// SPDX-License-Identifier: BSD-3-Clause
// Writes docs/operations.md to standard output: what every operation says of itself, as tables.
// With the argument "names", writes the tables of docs/names.md: what operations are called
// elsewhere, and what is here for each function of clesperanto.
#include <algorithm>
#include <gpuimg/other_names.hpp>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/catalogue.hpp"

namespace {

using gpuimg::kind;
using gpuimg::parameter_description;
using gpuimg::pixel_type;
using gpuimg::registry_entry;

/// What an operation gives, with its pixel type where that is fixed.
std::string result_text(const registry_entry& entry, std::size_t output) {
  switch (entry.about->outputs[output].kind) {
    case kind::binary:
      return "binary";
    case kind::labels:
      return "labels";
    case kind::scalar:
      return "number";
    case kind::table:
      return "table";
    case kind::image:
      break;
  }
  const auto type = [&](pixel_type first) { return entry.output_type(output, first); };
  if (type(pixel_type::u8) == pixel_type::u8 && type(pixel_type::u16) == pixel_type::u16)
    return "image of the same type";
  if (type(pixel_type::u8) == type(pixel_type::u16))
    return std::string(name_of(type(pixel_type::u8))) + " image";
  return "image";
}

std::string results_text(const registry_entry& entry) {
  const auto& about = *entry.about;
  if (about.output_count() == 1) return result_text(entry, 0);
  std::string text;
  for (std::size_t i = 0; i < about.output_count(); ++i)
    text += std::string(i == 0 ? "" : ", ") + about.outputs[i].name + ": " + result_text(entry, i);
  return text;
}

std::string inputs_text(const gpuimg::operation_info& about) {
  std::string text;
  for (std::size_t i = 0; i < about.input_count(); ++i)
    text += std::string(i == 0 ? "" : ", ") + about.inputs[i].name + ": " +
            name_of(about.inputs[i].kind);
  return text;
}

std::string parity_text(const gpuimg::operation_info& about) {
  if (!about.tolerance) return "same bits";
  const auto& t = *about.tolerance;
  return "within " + gpuimg::detail::number_text(t.absolute) + " + " +
         gpuimg::detail::number_text(t.relative) + " x: " + t.reason;
}

/// "0 to 10000", ">= 0", "box, sphere".
std::string range_text(const parameter_description& p) {
  using type = enum parameter_description::type;
  if (p.type == type::boolean) return "true, false";
  if (p.type == type::choice) {
    std::string text;
    for (const auto& choice : p.choices) text += (text.empty() ? "" : ", ") + choice;
    return text;
  }
  const auto number = [](double value) {  // 1048576, not 1.04858e+06
    const auto whole = static_cast<long long>(value);
    return static_cast<double>(whole) == value ? std::to_string(whole)
                                               : gpuimg::detail::number_text(value);
  };
  const std::string whole = p.type == type::integer ? "whole, " : "";
  if (p.minimum && p.maximum) return whole + number(*p.minimum) + " to " + number(*p.maximum);
  if (p.minimum) return whole + ">= " + number(*p.minimum);
  if (p.maximum) return whole + "<= " + number(*p.maximum);
  return whole + "any";
}

/// A cell of a table: a bar would end it.
std::string cell(std::string text) {
  for (std::size_t i = text.find('|'); i != std::string::npos; i = text.find('|', i + 2))
    text.insert(i, "\\");
  return text;
}

void print_theme(const std::string& theme) {
  std::cout << "\n## " << theme << "\n\n"
            << "| operation | what it gives | takes -> gives | parity | agrees with |\n"
            << "|---|---|---|---|---|\n";
  bool has_parameters = false;
  for (const auto& e : gpuimg::catalogue()) {
    if (e.about->theme != theme) continue;
    has_parameters |= !e.parameters.empty();
    std::cout << "| `" << e.about->name << "` | " << cell(e.about->brief) << " | "
              << cell(inputs_text(*e.about)) << " -> " << results_text(e) << " | "
              << cell(parity_text(*e.about)) << " | " << cell(e.about->source) << " |\n";
  }
  if (!has_parameters) return;
  std::cout << "\n| parameter of | name | default | unit | range | meaning |\n"
            << "|---|---|---|---|---|---|\n";
  for (const auto& e : gpuimg::catalogue()) {
    if (e.about->theme != theme) continue;
    for (const auto& p : e.parameters)
      std::cout << "| `" << e.about->name << "` | `" << p.name << "` | " << p.default_text << " | "
                << p.unit << " | " << range_text(p) << " | " << cell(p.help) << " |\n";
  }
}

void print_operations() {
  const auto& entries = gpuimg::catalogue();
  std::vector<std::string> themes{"pointwise", "filter", "morphology", "projection", "threshold",
                                  "transform", "label",  "measure",    "nn"};
  for (const auto& e : entries)
    if (std::ranges::find(themes, e.about->theme) == themes.end())
      themes.emplace_back(e.about->theme);
  std::cout
      << "# Operations\n\n"
      << "Generated from the operations themselves by docs/generate_operations.cpp; a test fails\n"
      << "where this page is out of date. To write it anew, from the root of the project:\n\n"
      << "    cmake --build build/dev --target update_docs\n\n"
      << entries.size()
      << " operations. `image` is an image of any pixel type (u8, i8, u16, "
         "i16, u32, i32, f32),\n"
      << "`binary` a u8 image where 0 is background, `labels` a u32 image where 0 is "
         "background. \"same\n"
      << "bits\" under parity: every device gives the bits that the CPU reference gives.\n"
      << "Formulas, edges and errors are in the comment above each function.\n";
  for (const auto& theme : themes)
    if (std::ranges::any_of(entries, [&](const auto& e) { return e.about->theme == theme; }))
      print_theme(theme);
}

void print_names() {
  std::cout << "| name elsewhere | operation | from | note |\n|---|---|---|---|\n";
  for (const auto& other : gpuimg::other_names)
    std::cout << "| `" << other.name << "` | `" << other.operation << "` | " << other.from << " | "
              << other.note << " |\n";
}

/// The functions of pyclesperanto 0.25.1 that are not deprecated.
constexpr const char* clesperanto_functions = R"(
absolute absolute_difference acos add_image_and_scalar add_images add_images_weighted
affine_transform_deskew arange array_equal artificial_tissue asarray asin atan binary_and
binary_closing binary_dilate binary_edge_detection binary_erode binary_infsup binary_not
binary_opening binary_or binary_subtract binary_supinf binary_xor block_enumerate bottom_hat
bounding_box ceil center_of_mass centroids_of_labels circular_shift clahe clip closing
closing_labels combine_labels compute_output_shape_from_transform concatenate concatenate_along_x
concatenate_along_y concatenate_along_z connected_component_labeling convolve copy
copy_horizontal_slice copy_slice copy_vertical_slice cos cosh count_touching_neighbors create
create_like crop crop_border cubic_root cumulative_max cumulative_min cumulative_product
cumulative_sum deconvolve degrees_to_radians deskew_x deskew_y detect_label_edges detect_maxima
detect_minima difference_of_gaussian dilate_labels divide_by_gaussian_background divide_images
divide_scalar_by_image empty empty_like equal equal_constant erode_connected_labels erode_labels
eroded_otsu_labeling erosion evaluate exclude_labels exclude_labels_on_edges
exclude_labels_outside_size_range exclude_large_labels exclude_small_labels execute exponential
exponential10 exponential2 extend_labeling_via_voronoi extended_depth_of_focus_sobel_projection
extended_depth_of_focus_variance_projection extension_ratio_map eye fft filter_label_by_size
flag_existing_labels flip floor from_array from_dlpack full full_like gamma_correction gather
gauss_otsu_labeling gaussian_blur gaussian_derivative generate_binary_overlap_matrix
generate_distance_matrix generate_partial_touching_area_matrix
generate_partial_touching_area_matrix_within_range generate_proximal_neighbors_matrix
generate_touch_matrix generate_touching_area_matrix get_backend_name get_device gradient_x
gradient_y gradient_z grayscale_closing grayscale_dilate grayscale_erode grayscale_opening greater
greater_constant greater_or_equal greater_or_equal_constant hessian_eigenvalues
hessian_gaussian_eigenvalues histogram ifft info invert jaccard_index kuwahara_filter label
label_bounding_box label_spots labelled_spots_to_pointlist labels_neighbors_statistics
labels_statistics laplace large_hessian_eigenvalue linspace list_available_backends
list_available_devices local_cross_correlation logarithm logarithm10 logarithm2 make_anisotropic
make_isotropic mask mask_label masked_voronoi_labeling maximum_distance_n_nearest_neighbors
maximum_distance_touching_neighbors maximum_extension_map maximum_filter maximum_image_and_scalar
maximum_images maximum_intensity_map maximum_of_all_pixels maximum_of_touching_neighbors
maximum_of_touching_neighbors_map maximum_position maximum_x_projection maximum_y_projection
maximum_z_projection mean_distance_n_farthest_neighbors mean_distance_n_nearest_neighbors
mean_distance_touching_neighbors mean_extension_map mean_filter mean_intensity_map
mean_of_all_pixels mean_of_touching_neighbors mean_of_touching_neighbors_map mean_squared_error
mean_x_projection mean_y_projection mean_z_projection median median_of_touching_neighbors
median_of_touching_neighbors_map merge_touching_labels minimum_distance_touching_neighbors
minimum_filter minimum_image_and_scalar minimum_images minimum_intensity_map minimum_of_all_pixels
minimum_of_masked_pixels minimum_of_touching_neighbors minimum_of_touching_neighbors_map
minimum_position minimum_x_projection minimum_y_projection minimum_z_projection mode
mode_of_touching_neighbors mode_of_touching_neighbors_map modulo_images morphological_chan_vese
multiply_image_and_position multiply_image_and_scalar multiply_images multiply_matrix nan_to_num
native_execute nonzero_maximum nonzero_minimum normalize not_equal not_equal_constant ones
ones_like onlyzero_overwrite_maximum opening opening_labels operation operations pad
parametric_map paste percentile pixel_count_map pointlist_to_labelled_spots power power_images
product_of_all_pixels product_x_projection product_y_projection product_z_projection
proximal_neighbor_count proximal_neighbor_count_map pull push radians_to_degrees read_map_values
read_values_from_positions reciprocal reduce_labels_to_centroids reduce_labels_to_label_edges
reduce_stack relabel_sequential remove_labels remove_labels_on_edges
remove_labels_with_map_values_out_of_range remove_labels_with_map_values_within_range
remove_large_labels remove_small_labels replace_value replace_values rigid_transform rotate round
sato_filter scale scatter search_operation_names select_backend select_device set set_column
set_image_borders set_nonzero_pixels_to_pixelindex set_plane set_ramp_x set_ramp_y set_ramp_z
set_row set_where_x_equals_y set_where_x_greater_than_y set_where_x_smaller_than_y sign sin sinh
skeletonize small_hessian_eigenvalue smaller smaller_constant smaller_or_equal
smaller_or_equal_constant smooth_connected_labels smooth_labels smooth_shape sobel
spots_to_pointlist square square_root squared_difference standard_deviation
standard_deviation_intensity_map standard_deviation_of_all_pixels
standard_deviation_of_touching_neighbors standard_deviation_of_touching_neighbors_map
standard_deviation_partial_touching_area_matrix std_x_projection std_y_projection std_z_projection
sub_stack subtract_gaussian_background subtract_image_from_scalar subtract_images
sum_of_all_pixels sum_reduction_x sum_x_projection sum_y_projection sum_z_projection
symmetric_maximum_matrix symmetric_mean_matrix symmetric_minimum_matrix tan tanh threshold_isodata
threshold_li threshold_mean threshold_otsu threshold_triangle threshold_yen top_hat
touching_neighbor_count_map translate transpose_xy transpose_xz transpose_yz truncate tubeness
undefined_to_zero unpad variance_filter variance_of_all_pixels variance_x_projection
variance_y_projection variance_z_projection voronoi_labeling voronoi_otsu_labeling
wait_for_kernel_to_finish write_values_to_positions x_position_of_maximum_x_projection
x_position_of_minimum_x_projection y_position_of_maximum_y_projection
y_position_of_minimum_y_projection z_position_of_maximum_z_projection
z_position_of_minimum_z_projection z_position_projection zeros zeros_like
)";

/// What is here for some of them that is not an operation.
constexpr std::pair<std::string_view, std::string_view> no_operations[] = {
    {"asarray", "`push`"},
    {"copy", "`clone`"},
    {"create", "`image<T>(device, shape)`"},
    {"create_like", "`image<T>(src.device(), src.shape())`"},
    {"degrees_to_radians", "`multiply_image_and_scalar`"},
    {"empty", "`image<T>(device, shape)`"},
    {"empty_like", "`image<T>(src.device(), src.shape())`"},
    {"evaluate", "`elementwise`"},
    {"execute", "`execute`"},
    {"from_array", "`push`"},
    {"full", "`push`"},
    {"full_like", "`push`"},
    {"get_device", "`image.device()`"},
    {"info", "`gpuimg devices`"},
    {"list_available_devices", "`device::list`"},
    {"native_execute", "`execute`"},
    {"ones", "`push`"},
    {"ones_like", "`push`"},
    {"operation", "`gpuimg list`"},
    {"operations", "`gpuimg list`"},
    {"pull", "`pull`"},
    {"push", "`push`"},
    {"radians_to_degrees", "`multiply_image_and_scalar`"},
    {"search_operation_names", "`gpuimg list`"},
    {"select_device", "`device`"},
    {"wait_for_kernel_to_finish", "`device.finish()`"},
    {"zeros", "`push`"},
    {"zeros_like", "`push`"},
};

/// What is here for a function of clesperanto.
std::string counterpart_of(std::string_view function) {
  const auto code = [](std::string_view name) { return "`" + std::string(name) + "`"; };
  const auto is_it = [&](const auto& e) { return e.about->name == function; };
  if (std::ranges::any_of(gpuimg::catalogue(), is_it)) return code(function);
  for (const auto& other : gpuimg::other_names)
    if (other.from == "clesperanto" && other.name == function)
      return code(other.operation) + (other.note.empty() ? "" : ": " + std::string(other.note));
  for (const auto& [name, here] : no_operations)
    if (name == function) return std::string(here);
  return "not yet";
}

void print_clesperanto() {
  std::istringstream functions(clesperanto_functions);
  std::cout << "\n## Every function of pyclesperanto 0.25\n\n"
            << "| function there | here |\n|---|---|\n";
  for (std::string function; functions >> function;)
    std::cout << "| " << function << " | " << counterpart_of(function) << " |\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "names") {
    print_names();
    print_clesperanto();
  } else {
    print_operations();
  }
}
