// SPDX-License-Identifier: BSD-3-Clause
// Writes docs/gallery.md and its pictures: what every operation makes of synthetic nuclei, with the
// call below it; and the pictures of docs/segmenting-nuclei.md. The argument is the folder to write
// to, docs. With another folder behind it, fails unless what was written is what that holds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "cli/overlay.hpp"
#include "gpuimg/gpuimg.hpp"
#include "registry/cases.hpp"
#include "registry/catalogue.hpp"
#include "synthesize/field.hpp"

namespace {

using namespace gpuimg;

// Operation, images, parameters; where no images are named, `input_for` chooses them. Operations
// that are not here have their defaults.
constexpr const char* calls = R"(
absolute : laplacian
absolute_difference : nuclei, moved
acos : parts
adaptive_threshold : nuclei
add_image_and_scalar : nuclei : scalar=50
add_images_weighted : nuclei, moved : factor1=0.5 factor2=0.5
affine_transform : nuclei : transform_matrix=1,0.3,0,-20,-0.2,0.9,0,20,0,0,1,0 interpolation=linear
asin : parts
atan : laplacian
bin : nuclei : factor_x=4 factor_y=4
binary_closing : mask : radius_x=3 radius_y=3
binary_dilate : mask : radius_x=3 radius_y=3
binary_erode : mask : radius_x=3 radius_y=3
binary_fill_holes : ring_mask
binary_opening : mask : radius_x=3 radius_y=3
binary_watershed : mask
bottom_hat : nuclei : radius_x=6 radius_y=6
ceil : hundredth
circular_shift : nuclei : shift_x=40 shift_y=20
clip : nuclei : min_intensity=200 max_intensity=350
closing_by_reconstruction : nuclei : radius_x=5 radius_y=5
concatenate_along_x : nuclei, moved
concatenate_along_z : volume, volume
cos : hundredth
cosh : hundredth
crop : nuclei : start_x=20 start_y=20 width=60 height=40
cubic_root : laplacian
detect_maxima : blurred
detect_scale_maxima : blobs_5, blobs_6, blobs_8
distance_transform : mask
divide_by_gaussian_background : nuclei : sigma_x=10 sigma_y=10
divide_scalar_by_image : nuclei : scalar=1000
equal_constant : labels : scalar=3
erode_labels : labels : radius=3
expand_labels : labels : distance=4
exponential : hundredth
exponential10 : parts
exponential2 : hundredth
extended_depth_of_focus_sobel_projection : volume : sigma=2
extended_depth_of_focus_variance_projection : volume : radius_x=3 radius_y=3 sigma=2
fill_label_holes : rings
find_maxima : smooth : prominence=20
flip : nuclei : flip_x=true
floor : hundredth
gamma_correction : nuclei : gamma=0.5
gaussian_blur : nuclei : sigma_x=2 sigma_y=2
gradient_z : volume
grayscale_closing : nuclei : radius_x=3 radius_y=3
grayscale_opening : nuclei : radius_x=3 radius_y=3
greater_constant : nuclei : scalar=220
greater_or_equal_constant : nuclei : scalar=220
h_dome : smooth : h=50
h_maxima : smooth : h=20
h_maxima_transform : smooth : h=50
h_minima : smooth : h=5
invert : nuclei
keep_largest_pieces : thirds
label_overlaps : labels, pieces
laplacian_of_gaussian : nuclei : sigma_x=4 sigma_y=4
logarithm : nuclei
logarithm10 : nuclei
logarithm2 : nuclei
masked_voronoi_labeling : maxima, mask
maximum_filter : nuclei : radius_x=3 radius_y=3
maximum_image_and_scalar : nuclei : scalar=250
maximum_x_projection : volume
maximum_y_projection : volume
maximum_z_projection : volume
mean_filter : nuclei : radius_x=3 radius_y=3
mean_x_projection : volume
mean_y_projection : volume
mean_z_projection : volume
median : nuclei : radius_x=2 radius_y=2
median_x_projection : volume
median_y_projection : volume
median_z_projection : volume
merge_touching_labels : pieces, blurred : ratio=0.8
minimum_filter : nuclei : radius_x=3 radius_y=3
minimum_image_and_scalar : nuclei : scalar=250
minimum_x_projection : volume
minimum_y_projection : volume
minimum_z_projection : volume
multiply_image_and_scalar : nuclei : scalar=2
normalize : nuclei : low_percentile=10 high_percentile=95
not_equal_constant : labels : scalar=0
open_labels : labels : radius=4
opening_by_reconstruction : nuclei : radius_x=5 radius_y=5
pad : nuclei : size_x=150 size_y=120
power : nuclei : scalar=2
power_images : hundredth, hundredth
product_x_projection : transmitted
product_y_projection : transmitted
product_z_projection : transmitted
propagate_labels : maxima_labels, mask
radial_reslice : volume
reconstruct_by_dilation : eroded, nuclei
reconstruct_by_erosion : dilated, nuclei
regional_maxima : smooth
regional_minima : smooth
remove_labels_on_edges : labels
remove_pixels_below : labels, nuclei, levels
remove_small_labels : labels : minimum_size=150
replace_value : labels : value_to_replace=3 value_replacement=20
replace_values : labels, order
resize : nuclei : width=56 height=42
resize_labels : labels : width=56 height=42
reslice_bottom : volume
reslice_left : volume
reslice_right : volume
rigid_transform : nuclei : translate_x=20 angle_z=30 interpolation=linear
rolling_ball : nuclei : radius=20
rotate : nuclei : angle_z=30
round : hundredth
scale : nuclei : factor_x=0.5 factor_y=1.5 interpolation=cubic
sign : laplacian
sin : hundredth
sinh : hundredth
smaller_constant : nuclei : scalar=220
smaller_or_equal_constant : nuclei : scalar=220
standard_deviation : nuclei : radius_x=3 radius_y=3
std_x_projection : volume
std_y_projection : volume
std_z_projection : volume
sub_stack : volume : start_z=8 end_z=12
subtract_gaussian_background : nuclei : sigma_x=10 sigma_y=10
subtract_image_from_scalar : nuclei : scalar=500
subtract_rolling_ball_background : nuclei : radius=20
sum_x_projection : volume
sum_y_projection : volume
sum_z_projection : volume
tan : parts
tanh : parts
threshold_labels : labels, nuclei : percentile=50 fraction=0.9
threshold_multi_otsu : nuclei
top_hat : nuclei : radius_x=12 radius_y=12
translate : nuclei : translate_x=20.5 translate_y=-9 interpolation=linear border=reflect
transpose_xz : volume
transpose_yz : volume
truncate : hundredth
unpad : nuclei : size_x=70 size_y=50
variance_filter : nuclei : radius_x=3 radius_y=3
variance_x_projection : volume
variance_y_projection : volume
variance_z_projection : volume
voronoi_otsu_labeling : nuclei : spot_sigma=4 outline_sigma=1
watershed : valleys, maxima_labels, mask
x_position_of_maximum_x_projection : volume
x_position_of_minimum_x_projection : volume
y_position_of_maximum_y_projection : volume
y_position_of_minimum_y_projection : volume
z_position_of_maximum_z_projection : volume
z_position_of_minimum_z_projection : volume
z_position_projection : volume, places
)";

std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, separator);) {
    const auto first = word.find_first_not_of(' '), last = word.find_last_not_of(' ');
    parts.push_back(first == word.npos ? "" : word.substr(first, last - first + 1));
  }
  return parts;
}

/// The images that calls name, made from a field of nuclei by the library itself.
std::map<std::string, any_image> make_inputs(const device& device) {
  examples::field_options flat{.size = {112, 84}, .nuclei = 16, .radius = 9, .seed = 5};
  examples::field_options deep{.size = {112, 84, 24}, .nuclei = 24, .radius = 8, .seed = 2};
  const auto field = examples::synthesize(flat), stack = examples::synthesize(deep);
  auto nuclei = push(device, field.image, field.size);
  auto blurred = gaussian_blur(nuclei, {.sigma_x = 3, .sigma_y = 3});
  auto smooth = gaussian_blur(nuclei, {.sigma_x = 1.5f, .sigma_y = 1.5f});
  auto mask = threshold_otsu(smooth);
  auto maxima = binary_and(detect_maxima(blurred), mask);
  auto pieces =
      watershed(multiply_image_and_scalar(smooth, {.scalar = -1}),
                connected_component_labeling(binary_and(detect_maxima(smooth), mask)), mask);

  std::map<std::string, any_image> all;
  all.emplace("moved", flip(nuclei, {.flip_x = true}));
  auto volume = push(device, stack.image, stack.size);
  all.emplace("places", convert<std::uint16_t>(z_position_of_maximum_z_projection(
                            gaussian_blur(volume, {.sigma_x = 2, .sigma_y = 2, .sigma_z = 2}))));
  all.emplace(
      "transmitted",
      add_image_and_scalar(multiply_image_and_scalar(volume, {.scalar = -1e-4f}), {.scalar = 1}));
  all.emplace("volume", std::move(volume));
  all.emplace("valleys", multiply_image_and_scalar(blurred, {.scalar = -1}));
  all.emplace("laplacian", laplacian_of_gaussian(nuclei, {.sigma_x = 4, .sigma_y = 4}));
  for (const auto& [name, sigma] :
       {std::pair{"blobs_5", 5.0f}, {"blobs_6", 6.3f}, {"blobs_8", 8.0f}})
    all.emplace(name,
                multiply_image_and_scalar(
                    laplacian_of_gaussian(
                        nuclei, {.sigma_x = sigma, .sigma_y = sigma, .scale_normalized = true}),
                    {.scalar = -1}));
  all.emplace("eroded", minimum_filter(nuclei, {.radius_x = 5, .radius_y = 5}));
  auto dilated = maximum_filter(nuclei, {.radius_x = 5, .radius_y = 5});
  all.emplace("hundredth", multiply_image_and_scalar(nuclei, {.scalar = 0.01f}));
  all.emplace("parts", divide_images(nuclei, dilated));
  all.emplace("dilated", std::move(dilated));
  all.emplace("maxima_labels", connected_component_labeling(maxima));
  all.emplace("moved_mask", flip(mask, {.flip_x = true}));
  auto labels = push(device, field.labels, field.size);
  auto rings = gpuimg::mask(labels, equal_constant(erode_labels(labels, {.radius = 3})));
  all.emplace("ring_mask", greater_constant(rings, {.scalar = 0}));
  all.emplace("rings", std::move(rings));
  std::vector<std::uint32_t> order(field.nuclei + 1);
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i % 3;
  auto thirds = push(device, order, {order.size()});
  all.emplace("thirds", replace_values(labels, thirds));
  all.emplace("order", std::move(thirds));
  all.emplace("levels",
              push(device, std::vector<std::uint16_t>(order.size(), 250), {order.size()}));
  all.emplace("labels", std::move(labels));
  all.emplace("nuclei", std::move(nuclei));
  all.emplace("blurred", std::move(blurred));
  all.emplace("smooth", std::move(smooth));
  all.emplace("mask", std::move(mask));
  all.emplace("maxima", std::move(maxima));
  all.emplace("pieces", std::move(pieces));
  return all;
}

/// What an operation is shown with where nothing is said: images by their kind.
std::vector<std::string> inputs_for(const operation_info& about) {
  std::vector<std::string> names;
  for (std::size_t i = 0, images = 0, masks = 0; i < about.input_count(); ++i)
    names.emplace_back(about.inputs[i].kind == kind::labels ? "labels"
                       : about.inputs[i].kind == kind::binary
                           ? (masks++ == 0 ? "mask" : "moved_mask")
                       : images++ == 0 ? "nuclei"
                                       : "moved");
  return names;
}

/// Red, green and blue of each pixel; of a stack, of its maximum projection.
struct picture {
  std::size_t width, height;
  std::vector<std::uint8_t> rgb{};
};

picture draw(const any_image& image, kind k) {
  const host_image host = pull(image);
  const shape flat{host.size.x, host.size.y};
  picture drawn{flat.x, flat.y};
  if (k == kind::labels) {
    for (const std::uint32_t id : cli::maximum_projection(host.as<std::uint32_t>()))
      for (const std::uint8_t part : id == 0 ? cli::rgb{} : cli::outline_colour(id))
        drawn.rgb.push_back(part);
    return drawn;
  }
  std::vector<float> values;
  std::visit([&](const auto& pixels) { values.assign(pixels.begin(), pixels.end()); }, host.pixels);
  const auto plane = cli::maximum_projection(view<const float>(values.data(), host.size));
  cli::contrast grey = cli::contrast_of({plane.data(), flat});
  if (k == kind::binary || !(grey.white > grey.black)) grey = {0, 1};
  for (const float value : plane) drawn.rgb.insert(drawn.rgb.end(), 3, grey(value));
  return drawn;
}

/// Pictures of earlier times go.
void make_empty(const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
}

void write_picture(const std::filesystem::path& path, const picture& drawn) {
  io::write_png_rgb(path.string(), drawn.width, drawn.height, drawn.rgb);
}

/// Nuclei, some dim, some touching, and what each step of nuclei_labeling makes of them.
void write_steps_of_nuclei(const std::filesystem::path& folder) {
  make_empty(folder);
  const auto field = examples::synthesize({.size = {224, 168},
                                           .nuclei = 45,
                                           .radius = 10,
                                           .spacing = 0.75f,
                                           .photons = 150,
                                           .vignette = 0.6f,
                                           .seed = 7});
  const auto image = push(device::reference(), field.image, field.size);
  const auto show = [&]<pixel T>(const char* name, const gpuimg::image<T>& step) {
    const kind k = std::is_same_v<T, std::uint8_t>    ? kind::binary
                   : std::is_same_v<T, std::uint32_t> ? kind::labels
                                                      : kind::image;
    write_picture(folder / (std::string(name) + ".png"), draw(any_image(step.clone()), k));
  };
  show("image", image);
  const auto labels = ops::nuclei_labeling{}.shown(image, show);
  std::vector<float> plane(field.image.begin(), field.image.end());
  const auto found = pull(labels);
  const auto outlined = cli::draw_overlay({plane.data(), field.size}, {found.data(), field.size});
  const std::size_t scale = cli::overlay_scale(field.size);
  write_picture(folder / "overlay.png", {scale * field.size.x, scale * field.size.y, outlined});
}

/// The first rows of a table, or a number.
std::string text_of(const any_result& result) {
  std::ostringstream text;
  if (const auto* value = std::get_if<double>(&result)) {
    text << *value;
  } else if (const auto* found = std::get_if<table>(&result)) {
    const std::size_t columns = std::min<std::size_t>(found->columns.size(), 4);
    for (std::size_t c = 0; c < columns; ++c) text << (c == 0 ? "" : ", ") << found->columns[c];
    text << (columns < found->columns.size() ? ", ..." : "");
    for (std::size_t r = 0; r < std::min<std::size_t>(found->rows.size(), 3); ++r) {
      text << "<br>";
      for (std::size_t c = 0; c < columns; ++c) text << (c == 0 ? "" : ", ") << found->rows[r][c];
    }
  }
  return text.str();
}

std::string call_text(const std::string& name, const std::vector<std::string>& inputs,
                      const parameter_texts& parameters) {
  std::string text = name + "(";
  for (const auto& input : inputs) text += (text.back() == '(' ? "" : ", ") + input;
  if (parameters.empty()) return text + ")";
  text += ", {";
  for (const auto& [parameter, value] : parameters)
    text += (text.back() == '{' ? "." : ", .") + parameter + " = " + value;
  return text + "})";
}

class gallery {
 public:
  explicit gallery(std::filesystem::path docs)
      : docs_(std::move(docs)), inputs_(make_inputs(device::reference())) {
    make_empty(docs_ / "images" / "gallery");
    for (const auto& line : parts_of(calls, '\n')) {
      const auto parts = parts_of(line, ':');
      if (parts.size() < 2) continue;
      if (find_operation(parts[0]) == nullptr)
        throw argument_error("there is no operation " + parts[0]);
      calls_[parts[0]] = parts;
    }
  }

  void write() {
    std::ofstream page(docs_ / "gallery.md");
    page << "# Gallery\n\nWhat the operations make of synthetic nuclei, and the calls. Volumes are "
            "shown by their\nmaximum projection, numbers of objects as colours. "
            "[operations.md](operations.md) says more of each.\n\nTo write the page anew: `cmake "
            "--build build/dev --target update_gallery`.\n\n## Images\n\n";
    for (const auto& [name, image] : inputs_)
      if (name != "order" && name != "levels")
        add(cell("image_" + name, image, kind_of(name)), name);
    flush(page);
    for (const char* theme : {"pointwise", "filter", "morphology", "projection", "threshold",
                              "transform", "label", "measure"}) {
      page << "\n## " << theme << "\n\n";
      for (const auto& entry : catalogue())
        if (entry.about->theme == std::string(theme)) show(entry);
      flush(page);
    }
  }

 private:
  static kind kind_of(const std::string& input) {
    if (input.ends_with("mask") || input == "maxima") return kind::binary;
    for (const char* labels : {"labels", "maxima_labels", "pieces", "rings", "thirds"})
      if (input == labels) return kind::labels;
    return kind::image;
  }

  void show(const registry_entry& entry) {
    const std::string name(entry.about->name);
    const auto found = calls_.find(name);
    const auto inputs =
        found == calls_.end() ? inputs_for(*entry.about) : parts_of(found->second[1], ',');
    parameter_texts parameters;
    if (found != calls_.end() && found->second.size() > 2)
      parameters = parameters_from(found->second[2]);
    std::vector<any_image> images;
    for (const auto& input : inputs) images.push_back(clone(inputs_.at(input)));
    const auto results = entry.run(parameters, images);
    const auto* image = std::get_if<any_image>(&results[0]);
    add(image != nullptr ? cell(name, *image, entry.about->outputs[0].kind) : text_of(results[0]),
        call_text(name, inputs, parameters));
  }

  std::string cell(const std::string& name, const any_image& image, kind k) const {
    const std::string path = "images/gallery/" + name + ".png";
    write_picture(docs_ / path, draw(image, k));
    return "![" + name + "](" + path + ")";
  }

  void add(std::string what, std::string call) {
    cells_.push_back(std::move(what) + "<br>`" + std::move(call) + "`");
  }

  void flush(std::ostream& page) {
    constexpr std::size_t columns = 3;
    page << "| | | |\n|---|---|---|\n";
    for (std::size_t i = 0; i < cells_.size(); ++i)
      page << "| " << cells_[i]
           << ((i + 1) % columns == 0 || i + 1 == cells_.size() ? " |\n" : " ");
    cells_.clear();
  }

  std::filesystem::path docs_;
  std::map<std::string, any_image> inputs_;
  std::map<std::string, std::vector<std::string>> calls_;
  std::vector<std::string> cells_;
};

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

std::string text_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The first page or picture that two folders do not have alike. Pictures of the same pixels may be
/// files of different bytes.
std::string difference(const std::filesystem::path& a, const std::filesystem::path& b) {
  if (text_in(a / "gallery.md") != text_in(b / "gallery.md")) return "gallery.md";
  for (const char* folder : {"images/gallery", "images/nuclei"}) {
    if (names_in(a / folder) != names_in(b / folder)) return folder;
    for (const auto& name : names_in(a / folder)) {
      const auto read = [&](const std::filesystem::path& docs) {
        return io::read_png((docs / folder / name).string(),
                            {.color = io::color_handling::luminance});
      };
      const host_image left = read(a), right = read(b);
      if (left.size != right.size || left.pixels != right.pixels) return folder + ("/" + name);
    }
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: generate_gallery FOLDER [DOCS]\n";
    return 2;
  }
  try {
    const std::filesystem::path folder = argv[1];
    gallery(folder).write();
    write_steps_of_nuclei(folder / "images" / "nuclei");
    const std::string other = argc == 3 ? difference(folder, argv[2]) : "";
    if (other.empty()) return 0;
    std::cerr << argv[2] << "/" << other << " is out of date; write it anew with\n"
              << "  cmake --build build/dev --target update_gallery\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  return 1;
}
