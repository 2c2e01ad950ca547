// SPDX-License-Identifier: BSD-3-Clause
// What is said about operations and parameters that are named by text, and about wrong inputs.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "registry/catalogue.hpp"
#include "support/devices.hpp"

namespace {

using gpuimg::any_image;

template <class... Images>
std::vector<any_image> list_of(Images... images) {
  std::vector<any_image> list;
  (list.emplace_back(std::move(images)), ...);
  return list;
}

}  // namespace

TEST_CASE("invoke: a wrong number of images is refused", "[error]") {
  ON_EVERY_DEVICE(device);
  const auto none = list_of();
  CHECK_THROWS_MATCHES(gpuimg::invoke(gpuimg::ops::gaussian_blur{}, none), gpuimg::argument_error,
                       Catch::Message("gaussian_blur: takes 1 images, got 0"));
  const auto three =
      list_of(push(device, std::vector<float>{1}, {1}), push(device, std::vector<float>{1}, {1}),
              push(device, std::vector<float>{1}, {1}));
  CHECK_THROWS_MATCHES(gpuimg::invoke(gpuimg::ops::add_images_weighted{}, three),
                       gpuimg::argument_error,
                       Catch::Message("add_images_weighted: takes 2 images, got 3"));
}

TEST_CASE("invoke: an image of a type that the operation does not take is refused", "[error]") {
  ON_EVERY_DEVICE(device);
  const auto mixed = list_of(push(device, std::vector<float>{1}, {1}),
                             push(device, std::vector<std::uint8_t>{1}, {1}));
  CHECK_THROWS_MATCHES(gpuimg::invoke(gpuimg::ops::add_images_weighted{}, mixed),
                       gpuimg::argument_error,
                       Catch::Message("add_images_weighted: src1 must be f32"));
  CHECK_THROWS_MATCHES(gpuimg::invoke(gpuimg::ops::binary_and{}, mixed), gpuimg::argument_error,
                       Catch::Message("binary_and: src0 must be u8"));
  const auto one = list_of(push(device, std::vector<float>{1}, {1}));
  CHECK_THROWS_MATCHES(gpuimg::invoke(gpuimg::ops::relabel_sequential{}, one),
                       gpuimg::argument_error,
                       Catch::Message("relabel_sequential: src must be u32"));
}

TEST_CASE("invoke: gives what the function gives", "[error]") {
  ON_EVERY_DEVICE(device);
  const auto images = list_of(push(device, std::vector<std::uint8_t>{1, 5, 3}, {3}));
  const auto image = gpuimg::invoke(gpuimg::ops::maximum_z_projection{}, images);
  CHECK(pull(std::get<gpuimg::image<std::uint8_t>>(std::get<any_image>(image.at(0)))) ==
        std::vector<std::uint8_t>{1, 5, 3});
  CHECK(std::get<double>(gpuimg::invoke(gpuimg::ops::sum_of_all_pixels{}, images).at(0)) == 9);
  const auto histogram = gpuimg::invoke(gpuimg::ops::histogram{.bins = 2}, images);
  CHECK(std::get<gpuimg::table>(histogram.at(0)).rows.size() == 2);
}

TEST_CASE("set_parameter: text sets a field, and parameter_text shows what is not the default",
          "[error]") {
  gpuimg::ops::gaussian_blur op;
  CHECK(gpuimg::parameter_text(op).empty());
  gpuimg::set_parameter(op, "sigma_x", "2.5");
  gpuimg::set_parameter(op, "border", "mirror");
  CHECK(op.sigma_x == 2.5f);
  CHECK(op.border == gpuimg::border::mirror);
  CHECK(gpuimg::parameter_text(op) == "sigma_x=2.5 border=mirror");
  gpuimg::ops::histogram histogram;
  gpuimg::set_parameter(histogram, "minimum", "3");
  gpuimg::set_parameter(histogram, "minimum", "auto");
  CHECK(std::isnan(histogram.minimum));
  gpuimg::ops::remove_labels_on_edges edges;
  gpuimg::set_parameter(edges, "exclude_x", "false");
  CHECK_FALSE(edges.exclude_x);
}

TEST_CASE("set_parameter: says what is allowed", "[error]") {
  gpuimg::ops::gaussian_blur blur;
  CHECK_THROWS_MATCHES(
      gpuimg::set_parameter(blur, "sigma", "1"), gpuimg::argument_error,
      Catch::Message("gaussian_blur has no parameter sigma; it has sigma_x, sigma_y, "
                     "sigma_z, border, border_value"));
  CHECK_THROWS_MATCHES(gpuimg::set_parameter(blur, "sigma_x", "wide"), gpuimg::argument_error,
                       Catch::Message("sigma_x must be a number, got 'wide'"));
  CHECK_THROWS_MATCHES(gpuimg::set_parameter(blur, "sigma_x", "1 "), gpuimg::argument_error,
                       Catch::Message("sigma_x must be a number, got '1 '"));
  CHECK_THROWS_MATCHES(
      gpuimg::set_parameter(blur, "border", "edge"), gpuimg::argument_error,
      Catch::Message("border must be nearest, reflect, mirror, wrap or constant, got 'edge'"));
  gpuimg::ops::histogram histogram;
  CHECK_THROWS_MATCHES(gpuimg::set_parameter(histogram, "bins", "2.5"), gpuimg::argument_error,
                       Catch::Message("bins must be a whole number, got '2.5'"));
  gpuimg::ops::remove_labels_on_edges edges;
  CHECK_THROWS_MATCHES(gpuimg::set_parameter(edges, "exclude_y", "yes"), gpuimg::argument_error,
                       Catch::Message("exclude_y must be true or false, got 'yes'"));
  gpuimg::ops::maximum_z_projection projection;
  CHECK_THROWS_MATCHES(gpuimg::set_parameter(projection, "axis", "z"), gpuimg::argument_error,
                       Catch::Message("maximum_z_projection has no parameter axis; it has none"));
}

TEST_CASE("every operation: every number beyond its limits is refused by name", "[error]") {
  ON_EVERY_DEVICE(device);
  using type = enum gpuimg::parameter_description::type;
  int refused = 0;
  for (const auto& entry : gpuimg::catalogue()) {
    const auto& about = *entry.about;
    INFO(about.name);
    std::vector<any_image> images;
    for (std::size_t i = 0; i < about.input_count(); ++i)
      if (about.inputs[i].kind == gpuimg::kind::labels)
        images.emplace_back(push(device, std::vector<std::uint32_t>{1}, {1}));
      else
        images.emplace_back(push(device, std::vector<std::uint8_t>{1}, {1}));
    for (const auto& p : entry.parameters) {
      const auto refuses = [&](const std::string& value, const std::string& rule) {
        std::string values = value;
        for (std::size_t i = 1; i < p.count; ++i) values += "," + value;
        CHECK_THROWS_WITH(
            entry.run(std::vector{std::pair{p.name, values}}, images),
            Catch::StartsWith(std::string(about.name) + ": " + p.name + " must be " + rule));
        ++refused;
      };
      const auto whole = [](double value) { return std::to_string(static_cast<long long>(value)); };
      if (p.minimum && *p.minimum > -1e9) refuses(whole(*p.minimum - 1), "");
      if (p.maximum && *p.maximum < 1e9) refuses(whole(2 * *p.maximum + 1), "");
      if (p.type != type::number || p.count > 1) continue;
      refuses("inf", "finite");
      if (p.default_text != "auto") refuses("nan", "finite");
    }
  }
  CHECK(refused > 30);
}
