// SPDX-License-Identifier: BSD-3-Clause
// Every operation on every OpenCL device against the reference: the same bits, or as near as the
// operation declares. New operations are tested without a change here. A failure says how to
// repeat:
//   GPUIMG_CASE='gaussian_blur/u16/65x33x7/sigma_x=2/few' gpuimg_tests '[agreement]'
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "agreement/operations.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::any_image;
using gpuimg::any_result;
using gpuimg::kind;
using gpuimg::pixel_type;
using gpuimg::shape;

std::vector<any_image> copies(const std::vector<any_image>& images, const gpuimg::device& device) {
  std::vector<any_image> copied;
  for (const auto& image : images)
    copied.push_back(
        std::visit([&](const auto& i) { return any_image(copy_to(i, device)); }, image));
  return copied;
}

std::vector<any_image> random_inputs(const gpuimg::operation_info& about, pixel_type type,
                                     const shape& shape, test::content content,
                                     std::uint64_t seed) {
  static constexpr std::size_t densities[] = {50, 10, 90};
  const auto push = [&](const auto& pixels) {
    return any_image(gpuimg::push(test::reference(), pixels, shape));
  };
  std::vector<any_image> images;
  for (std::size_t i = 0; i < about.input_count(); ++i, ++seed) {
    if (about.inputs[i].kind == kind::binary)
      images.push_back(
          push(test::random_mask(shape, densities[static_cast<std::size_t>(content)], seed)));
    else if (about.inputs[i].kind == kind::labels)
      images.push_back(push(test::random_labels(shape, seed)));
    else
      images.push_back(gpuimg::visit_pixel_type(type, [&]<class T>(std::type_identity<T>) {
        return push(test::random_pixels<T>(shape, seed, content));
      }));
  }
  return images;
}

struct outcome {
  std::optional<any_result> result;
  std::string refusal;  // where there is no result
};

outcome outcome_of(const test::tested_case& c, const std::vector<any_image>& images) {
  try {
    return {c.run(images), {}};
  } catch (const gpuimg::argument_error& e) {
    std::string text = e.what();
    const auto device =
        std::visit([](const auto& image) { return image.device().name(); }, images.front());
    for (auto at = text.find(device); at != text.npos; at = text.find(device, at))
      text.replace(at, device.size(), "DEVICE");
    return {std::nullopt, text};
  }
}

bool is_near(double value, double expected, const std::optional<gpuimg::tolerance>& tolerance) {
  return tolerance ? test::is_near(value, expected, tolerance->absolute, tolerance->relative)
                   : test::same_bits(value, expected);
}

std::string difference(const any_image& found, const any_image& expected,
                       const std::optional<gpuimg::tolerance>& tolerance) {
  if (found.index() != expected.index()) return "the pixel types differ";
  return std::visit(
      [&]<class T>(const gpuimg::image<T>& image) -> std::string {
        const auto& other = std::get<gpuimg::image<T>>(expected);
        if (image.shape() != other.shape())
          return "shape " + to_string(image.shape()) + " instead of " + to_string(other.shape());
        return test::difference(pull(image), pull(other), image.shape(), [&](T a, T b) {
          if (tolerance && std::same_as<T, float>)
            return is_near(static_cast<double>(a), static_cast<double>(b), tolerance);
          return test::same_bits(a, b);
        });
      },
      found);
}

std::string difference(const gpuimg::table& found, const gpuimg::table& expected,
                       const std::optional<gpuimg::tolerance>& tolerance) {
  if (found.columns != expected.columns) return "the columns differ";
  if (found.rows.size() != expected.rows.size())
    return std::to_string(found.rows.size()) + " rows instead of " +
           std::to_string(expected.rows.size());
  for (std::size_t r = 0; r < found.rows.size(); ++r)
    for (std::size_t c = 0; c < found.columns.size(); ++c)
      if (!is_near(found.rows[r][c], expected.rows[r][c], tolerance))
        return "row " + std::to_string(r) + ", " + found.columns[c] + ": " +
               test::text_of(found.rows[r][c]) + " instead of " +
               test::text_of(expected.rows[r][c]);
  return {};
}

/// What differs; empty where nothing does.
std::string difference(const outcome& found, const outcome& expected,
                       const std::optional<gpuimg::tolerance>& tolerance) {
  if (found.result.has_value() != expected.result.has_value() || found.refusal != expected.refusal)
    return "refusal '" + found.refusal + "' instead of '" + expected.refusal + "'";
  if (!found.result) return {};
  if (found.result->index() != expected.result->index()) return "the kinds of result differ";
  if (const auto* image = std::get_if<any_image>(&*found.result))
    return difference(*image, std::get<any_image>(*expected.result), tolerance);
  if (const auto* table = std::get_if<gpuimg::table>(&*found.result))
    return difference(*table, std::get<gpuimg::table>(*expected.result), tolerance);
  const double value = std::get<double>(*found.result), other = std::get<double>(*expected.result);
  return is_near(value, other, tolerance)
             ? std::string{}
             : test::text_of(value) + " instead of " + test::text_of(other);
}

/// Up to a few different numbers of a result, to tell whether results vary at all.
void collect_values(const any_result& result, std::set<double>& values) {
  const auto add = [&values](double value) {
    if (values.size() < 3 && !std::isnan(value)) values.insert(value);
  };
  if (const auto* number = std::get_if<double>(&result)) return add(*number);
  if (const auto* table = std::get_if<gpuimg::table>(&result)) {
    for (const auto& row : table->rows)
      for (const double value : row) add(value);
    return;
  }
  std::visit(
      [&](const auto& image) {
        for (const auto pixel : pull(image)) add(static_cast<double>(pixel));
      },
      std::get<any_image>(result));
}

struct scope {
  std::vector<shape> shapes;
  std::vector<pixel_type> types;
  std::vector<test::content> contents;
  std::size_t most_cases;
};

struct tally {
  std::size_t compared = 0, refused = 0;
  std::set<double> values{};  // of the results
};

tally compare(const test::tested_operation& operation, const scope& scope,
              const test::case_filter& filter) {
  tally counts;
  const auto& about = *operation.about;
  auto types = scope.types;
  if (!operation.takes_any_pixel_type)
    types = {about.inputs[0].kind == kind::labels ? pixel_type::u32 : pixel_type::u8};
  auto shapes = scope.shapes;
  if (!filter.shape.empty()) shapes = {test::shape_from(filter.shape)};

  std::uint64_t seed = 1;
  for (const pixel_type type : types)
    for (const shape& size : shapes)
      for (const test::content content : scope.contents) {
        if (!test::case_filter::allows(filter.type, name_of(type)) ||
            !test::case_filter::allows(filter.content, name_of(content)))
          continue;
        // Seeded by what they are, so that a case that is run alone has the same pixels.
        seed = 1000 * (size.x + 131 * size.y + 131 * 131 * size.z) +
               10 * static_cast<std::uint64_t>(type) + 100 * static_cast<std::uint64_t>(content);
        const auto inputs = random_inputs(about, type, size, content, seed);
        std::vector<std::vector<any_image>> on_devices;
        for (const auto& device : test::opencl_devices())
          on_devices.push_back(copies(inputs, device));
        std::size_t cases = 0;
        for (const auto& c : operation.cases) {
          if (!test::case_filter::allows(filter.parameters, c.parameters)) continue;
          if (++cases > scope.most_cases) break;
          const outcome expected = outcome_of(c, inputs);
          if (expected.result) collect_values(*expected.result, counts.values);
          for (std::size_t d = 0; d < on_devices.size(); ++d) {
            const std::string wrong =
                difference(outcome_of(c, on_devices[d]), expected, about.tolerance);
            ++(expected.result ? counts.compared : counts.refused);
            if (wrong.empty()) continue;
            FAIL_CHECK(wrong << "\non " << test::opencl_devices()[d].name()
                             << "; to repeat: GPUIMG_CASE='" << about.name << "/" << name_of(type)
                             << "/" << size.x << "x" << size.y << "x" << size.z << "/"
                             << c.parameters << "/" << name_of(content)
                             << "' gpuimg_tests '[agreement]'");
          }
        }
      }
  return counts;
}

void compare_all(const scope& scope) {
  if (test::opencl_devices().empty()) {
    WARN("there is no OpenCL device to compare with the reference");
    return;
  }
  const auto filter = test::case_filter::from_environment();
  const auto operations = test::tested_operations(filter);
  REQUIRE_FALSE(operations.empty());
  for (const auto& operation : operations) {
    INFO("operation " << operation.about->name);
    const tally counts = compare(operation, scope, filter);
    CHECK(counts.compared > 0);
    if (filter.shape.empty()) CHECK(counts.values.size() > 1);
  }
}

}  // namespace

TEST_CASE("every operation gives on every OpenCL device what the reference gives", "[agreement]") {
  compare_all({test::awkward_shapes(),
               {std::begin(gpuimg::all_pixel_types), std::end(gpuimg::all_pixel_types)},
               {test::all_contents.begin(), test::all_contents.end()},
               100});
}

// For simulators, which are a thousand times slower.
TEST_CASE("every operation gives what the reference gives on small images", "[.][oclgrind]") {
  compare_all(
      {{{1}, {3, 5}, {20, 9, 3}}, {pixel_type::u8, pixel_type::f32}, {test::content::few}, 3});
}

TEST_CASE("every operation is compared, once, in some part of the list", "[agreement]") {
  std::vector<std::string> expected, found;
  gpuimg::for_each_operation([&]<class Op>() { expected.emplace_back(Op::about.name); });
  for (const auto& operation : test::tested_operations({})) {
    found.emplace_back(operation.about->name);
    INFO(operation.about->name);
    CHECK_FALSE(operation.cases.empty());
  }
  std::ranges::sort(expected);
  CHECK(found == expected);
}

TEST_CASE("a comparison notices one bit, one column, a shape, a number and a refusal",
          "[agreement]") {
  const auto image = [](std::vector<float> pixels, shape size) {
    return outcome{any_image(gpuimg::push(test::reference(), pixels, size)), {}};
  };
  const auto outcome_with = [](any_result r) { return outcome{std::move(r), {}}; };
  const std::optional<gpuimg::tolerance> exact, loose(gpuimg::tolerance{.absolute = 1e-3});
  const std::vector<float> pixels{1, 2, 3, 4, 5, 6};
  auto one_bit = pixels, column = pixels;
  one_bit[4] = std::nextafter(one_bit[4], 9.0f);
  column[2] += 0.05f, column[5] += 0.05f;

  CHECK(difference(image(pixels, {3, 2}), image(pixels, {3, 2}), exact).empty());
  CHECK_THAT(difference(image(one_bit, {3, 2}), image(pixels, {3, 2}), exact),
             Catch::StartsWith("1 of 6 pixels differ") && Catch::Contains("first at (1, 1, 0)"));
  CHECK(difference(image(one_bit, {3, 2}), image(pixels, {3, 2}), loose).empty());
  CHECK_THAT(difference(image(column, {3, 2}), image(pixels, {3, 2}), loose),
             Catch::StartsWith("2 of 6 pixels differ") && Catch::Contains("first at (2, 0, 0)"));
  CHECK(difference(image(pixels, {2, 3}), image(pixels, {3, 2}), exact) ==
        "shape 2x3 instead of 3x2");
  CHECK(difference(image({-0.0f}, {1}), image({0.0f}, {1}), exact) != "");
  CHECK(difference(outcome_with(1.5), outcome_with(1.25), exact) == "1.5 instead of 1.25");
  CHECK(difference(outcome_with(1.5), outcome_with(gpuimg::table{}), exact) ==
        "the kinds of result differ");
  const gpuimg::table table{{"label", "area"}, {{1, 2}, {2, 7}}};
  auto other = table;
  other.rows[1][1] = 8;
  CHECK(difference(outcome_with(other), outcome_with(table), exact) ==
        "row 1, area: 8 instead of 7");
  CHECK(difference(outcome{std::nullopt, "no"}, outcome_with(1.0), exact) ==
        "refusal 'no' instead of ''");
}

TEST_CASE("GPUIMG_CASE names an operation, type, shape, parameters and pixels", "[agreement]") {
  const auto filter = test::case_filter::parse("gaussian_blur/u16/65x33x7/sigma_x=2 sigma_y=1/few");
  CHECK(filter.operation == "gaussian_blur");
  CHECK(filter.type == "u16");
  CHECK(test::shape_from(filter.shape) == shape{65, 33, 7});
  CHECK(filter.parameters == "sigma_x=2 sigma_y=1");
  CHECK(filter.content == "few");
  CHECK(test::shape_from("65x33") == shape{65, 33});
  const auto operations =
      test::tested_operations(test::case_filter::parse("gaussian_blur///sigma_z=0.25"));
  REQUIRE(operations.size() == 1);
  CHECK(operations[0].cases.back().parameters == "sigma_z=0.25");
}
