// SPDX-License-Identifier: BSD-3-Clause
// Every operation on every OpenCL device against the reference: the same bits, or as near as the
// operation declares. New operations are tested without a change here. A failure says how to
// repeat:
//   GPUIMG_CASE='gaussian_blur/u16/65x33x7/sigma_x=2/few' gpuimg_tests '[agreement]'
#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <iterator>
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

struct outcome {
  std::vector<any_result> results;
  std::string refusal{};  // where there are no results
};

outcome outcome_of(const gpuimg::registry_entry& entry, const test::parameters& parameters,
                   const std::vector<any_image>& images) {
  try {
    return {entry.run(parameters, images)};
  } catch (const gpuimg::argument_error& e) {
    std::string text = e.what();
    const auto device =
        std::visit([](const auto& image) { return image.device().name(); }, images.front());
    for (auto at = text.find(device); at != text.npos; at = text.find(device, at))
      text.replace(at, device.size(), "DEVICE");
    return {{}, text};
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

std::string difference(const any_result& found, const any_result& expected,
                       const std::optional<gpuimg::tolerance>& tolerance) {
  if (found.index() != expected.index()) return "the kinds of result differ";
  if (const auto* image = std::get_if<any_image>(&found))
    return difference(*image, std::get<any_image>(expected), tolerance);
  if (const auto* table = std::get_if<gpuimg::table>(&found))
    return difference(*table, std::get<gpuimg::table>(expected), tolerance);
  const double value = std::get<double>(found), other = std::get<double>(expected);
  return is_near(value, other, tolerance)
             ? std::string{}
             : test::text_of(value) + " instead of " + test::text_of(other);
}

/// What differs; empty where nothing does.
std::string difference(const outcome& found, const outcome& expected,
                       const std::optional<gpuimg::tolerance>& tolerance) {
  if (found.results.size() != expected.results.size() || found.refusal != expected.refusal)
    return "refusal '" + found.refusal + "' instead of '" + expected.refusal + "'";
  for (std::size_t i = 0; i < found.results.size(); ++i)
    if (const auto wrong = difference(found.results[i], expected.results[i], tolerance);
        !wrong.empty())
      return (found.results.size() == 1 ? "" : "result " + std::to_string(i) + ": ") + wrong;
  return {};
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
  bool all_cases;  // or the defaults only
};

struct tally {
  std::size_t compared = 0, refused = 0;
  std::set<double> values{};  // of the results
};

void compare(const test::tested_operation& operation, const scope& scope,
             const test::case_filter& filter, tally& counts) {
  const auto& entry = *operation.entry;
  const auto& about = *entry.about;
  auto types = scope.types;
  if (!entry.takes_any_pixel_type)
    types = {about.inputs[0].kind == kind::labels ? pixel_type::u32 : pixel_type::u8};
  auto shapes = scope.shapes;
  if (!filter.shape.empty()) shapes = {test::shape_from(filter.shape)};

  for (const pixel_type type : types)
    for (const shape& size : shapes)
      for (const test::content content : scope.contents) {
        if (!test::case_filter::allows(filter.type, name_of(type)) ||
            !test::case_filter::allows(filter.content, name_of(content)))
          continue;
        // Seeded by what they are, so that a case that is run alone has the same pixels.
        const std::uint64_t seed = 1000 * (size.x + 131 * size.y + 131 * 131 * size.z) +
                                   10 * static_cast<std::uint64_t>(type) +
                                   100 * static_cast<std::uint64_t>(content);
        const auto inputs = test::random_inputs(about, type, size, content, seed);
        std::vector<std::vector<any_image>> on_devices;
        for (const auto& device : test::opencl_devices())
          on_devices.push_back(test::copies(inputs, device));
        for (const auto& parameters : operation.cases) {
          const outcome expected = outcome_of(entry, parameters, inputs);
          for (const auto& result : expected.results) collect_values(result, counts.values);
          for (std::size_t d = 0; d < on_devices.size(); ++d) {
            const std::string wrong =
                difference(outcome_of(entry, parameters, on_devices[d]), expected, about.tolerance);
            ++(expected.refusal.empty() ? counts.compared : counts.refused);
            if (wrong.empty()) continue;
            FAIL_CHECK(wrong << "\non " << test::opencl_devices()[d].name()
                             << "; to repeat: GPUIMG_CASE='" << about.name << "/" << name_of(type)
                             << "/" << size.x << "x" << size.y << "x" << size.z << "/"
                             << test::text_of(entry, parameters) << "/" << name_of(content)
                             << "' gpuimg_tests '[agreement]'");
          }
          if (!scope.all_cases) break;
        }
      }
}

/// Compares the operations of a theme, or of all, in several ways.
void compare_all(const std::vector<scope>& scopes, const std::string& theme = {}) {
  if (test::opencl_devices().empty()) {
    WARN("there is no OpenCL device to compare with the reference");
    return;
  }
  const auto filter = test::case_filter::from_environment();
  for (const auto& operation : test::tested_operations(filter)) {
    const auto& about = *operation.entry->about;
    if (!test::case_filter::allows(theme, about.theme)) continue;
    INFO("operation " << about.name);
    tally counts;
    for (const auto& scope : scopes) compare(operation, scope, filter, counts);
    CHECK(counts.compared > 0);
    if (filter.shape.empty()) CHECK(counts.values.size() > 1);
  }
}

const std::vector<pixel_type> every_type{std::begin(gpuimg::all_pixel_types),
                                         std::end(gpuimg::all_pixel_types)};
const std::vector<test::content> every_content{test::all_contents.begin(),
                                               test::all_contents.end()};

}  // namespace

// A part per theme, which ctest runs side by side. All types run the defaults, and all cases run
// with floats, where the rounding is; sizes and types meet in kernels, types and parameters rarely
// do.
#define COMPARE_THEME(theme)                                                       \
  TEST_CASE("every operation of the theme " #theme                                 \
            " gives on every OpenCL device what the "                              \
            "reference gives",                                                     \
            "[agreement][per_theme][agreement." #theme "]") {                      \
    compare_all({{test::awkward_shapes(), every_type, every_content, false},       \
                 {test::awkward_shapes(), {pixel_type::f32}, every_content, true}, \
                 {{{130, 70, 9}}, {pixel_type::u16}, {test::content::few}, true}}, \
                #theme);                                                           \
  }
COMPARE_THEME(pointwise)
COMPARE_THEME(filter)
COMPARE_THEME(morphology)
COMPARE_THEME(projection)
COMPARE_THEME(threshold)
COMPARE_THEME(transform)
COMPARE_THEME(label)
COMPARE_THEME(measure)
COMPARE_THEME(nn)

// For simulators, which are a thousand times slower.
TEST_CASE("every operation gives what the reference gives on small images", "[.][oclgrind]") {
  compare_all(
      {{{{1}, {3, 5}, {20, 9, 3}}, {pixel_type::u8, pixel_type::f32}, {test::content::few}, true}});
}

TEST_CASE("every operation belongs to a theme that is compared", "[agreement]") {
  const std::set<std::string> themes{"pointwise", "filter", "morphology", "projection", "threshold",
                                     "transform", "label",  "measure",    "nn"};
  for (const auto& operation : test::tested_operations({})) {
    INFO(operation.entry->about->name);
    CHECK(themes.contains(operation.entry->about->theme));
  }
}

TEST_CASE("every line of the list of cases names an operation and its parameters", "[agreement]") {
  std::ifstream file(GPUIMG_CASES_FILE);
  std::size_t lines = 0, cases = 0;
  for (std::string line; std::getline(file, line);) lines += line.empty() || line[0] == '#' ? 0 : 1;
  for (const auto& operation : test::tested_operations({})) {
    cases += operation.cases.size() - 1;
    for (const auto& parameters : operation.cases) CHECK_NOTHROW(operation.entry->text(parameters));
  }
  CHECK(cases == lines);
}

TEST_CASE("a comparison notices one bit, one column, a shape, a number and a refusal",
          "[agreement]") {
  const auto make = [](any_result result) {
    std::vector<any_result> one;
    one.push_back(std::move(result));
    return one;
  };
  const auto image = [&](std::vector<float> pixels, shape size) {
    return outcome{make(any_image(gpuimg::push(test::reference(), pixels, size)))};
  };
  const auto outcome_with = [&](any_result r) { return outcome{make(std::move(r))}; };
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
  CHECK(difference(outcome{{}, "no"}, outcome_with(1.0), exact) == "refusal 'no' instead of ''");
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
  CHECK(operations[0].cases == std::vector<test::parameters>{{{"sigma_z", "0.25"}}});
}
