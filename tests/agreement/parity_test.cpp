// SPDX-License-Identifier: BSD-3-Clause
// Every operation on every OpenCL device against the reference: the same bits, or as near as the
// operation declares. New operations are tested without a change here. A failure says how to
// repeat:
//   GPUIMG_CASE='gaussian_blur/u16/65x33x7/sigma_x=2/few' gpuimg_tests '[agreement]'
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <set>
#include <span>
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
using gpuimg::outcome;
using gpuimg::pixel_type;
using gpuimg::shape;

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
  gpuimg::parity_scope images{};
  bool all_cases = false;          // or the defaults only
  bool takes_types_turns = false;  // an operation has one of the types, the next one the next
};

struct tally {
  std::size_t compared = 0, refused = 0;
  std::set<double> values{};  // of the results
};

void compare(const test::tested_operation& operation, const scope& scope,
             const test::case_filter& filter, tally& counts) {
  const auto& entry = *operation.entry;
  auto images = scope.images;
  if (!filter.shape.empty()) images.shapes = {test::shape_from(filter.shape)};
  const auto is_other = [](const std::string& wanted) {
    return [&wanted](auto value) { return !test::case_filter::allows(wanted, name_of(value)); };
  };
  if (entry.takes_any_pixel_type) std::erase_if(images.types, is_other(filter.type));
  std::erase_if(images.contents, is_other(filter.content));
  const std::span cases(operation.cases);
  gpuimg::compare_with_reference(
      entry, cases.first(scope.all_cases ? cases.size() : 1), images, test::opencl_devices(), 1,
      [&](const gpuimg::comparison& c) {
        for (const auto& result : c.expected.results) collect_values(result, counts.values);
        ++(c.expected.refusal.empty() ? counts.compared : counts.refused);
        if (!c.difference.text.empty())
          FAIL_CHECK(c.difference.text << "\non " << c.device.name() << "; to repeat: GPUIMG_CASE='"
                                       << c.name(entry) << "' gpuimg_tests '[agreement]'");
      });
}

/// Compares the operations of a theme, or of all, in several ways. Results of images that have room
/// are not all the same.
void compare_all(const std::vector<scope>& scopes, const std::string& theme = {},
                 bool have_room = true) {
  if (test::opencl_devices().empty()) {
    WARN("there is no OpenCL device to compare with the reference");
    return;
  }
  const auto filter = test::case_filter::from_environment();
  std::size_t turn = 0;
  for (const auto& operation : test::tested_operations(filter)) {
    const auto& about = *operation.entry->about;
    if (!test::case_filter::allows(theme, about.theme)) continue;
    INFO("operation " << about.name);
    tally counts;
    ++turn;
    for (scope scope : scopes) {
      auto& types = scope.images.types;
      if (scope.takes_types_turns && filter.type.empty()) types = {types[turn % types.size()]};
      compare(operation, scope, filter, counts);
    }
    CHECK(counts.compared > 0);
    if (filter.shape.empty() && have_room) CHECK(counts.values.size() > 1);
  }
}

std::string difference(const outcome& found, const outcome& expected,
                       const std::optional<gpuimg::tolerance>& allowed) {
  return compare(found, expected, allowed).text;
}

}  // namespace

// A part per theme, which ctest runs side by side. All types run the defaults, and all cases run
// with floats, where the rounding is, and with one integer; sizes and types meet in kernels, types
// and parameters rarely do. With other work-groups types take turns: operations share kernels, and
// each type is one more to compile.
std::vector<scope> scopes_of_a_theme() {
  const bool take_turns = std::getenv("GPUIMG_TEST_OPENCL_ONLY") != nullptr;
  return {{{}, false, take_turns},
          {{.types = {pixel_type::f32}}, true},
          {{{{130, 70, 9}}, {take_turns ? pixel_type::u8 : pixel_type::u16}, {test::content::few}},
           true}};
}

#define COMPARE_THEME(theme)                                  \
  TEST_CASE("every operation of the theme " #theme            \
            " gives on every OpenCL device what the "         \
            "reference gives",                                \
            "[agreement][per_theme][agreement." #theme "]") { \
    compare_all(scopes_of_a_theme(), #theme);                 \
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

// For simulators, which are a thousand times slower, and for sanitizers.
TEST_CASE("every operation gives what the reference gives on small images",
          "[.][oclgrind][agreement.small]") {
  compare_all({{{{{3, 5}, {20, 9, 3}}, {pixel_type::f32}, {test::content::few}}, true},
               {{{{20, 9, 3}}, {pixel_type::u8}, {test::content::awkward}}}});
}

// For sanitizers.
TEST_CASE("every operation gives what the reference gives on images without room",
          "[.][agreement.small]") {
  compare_all({{{{{0, 4}, {1}, {1, 70}, {4097}}, {pixel_type::f32}, {test::content::few}}}}, {},
              false);
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
  std::size_t cases = 0;
  for (const auto& operation : test::tested_operations({})) {
    cases += operation.cases.size() - 1;
    for (const auto& parameters : operation.cases) CHECK_NOTHROW(operation.entry->text(parameters));
  }
  CHECK(cases == gpuimg::all_cases().size());
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
             Catch::StartsWith("1 differ, by") && Catch::Contains("first at (1, 1, 0)"));
  CHECK(difference(image(one_bit, {3, 2}), image(pixels, {3, 2}), loose).empty());
  CHECK_THAT(difference(image(column, {3, 2}), image(pixels, {3, 2}), loose),
             Catch::StartsWith("2 differ, by") && Catch::Contains("first at (2, 0, 0)"));
  const auto counted = compare(image(one_bit, {3, 2}), image(pixels, {3, 2}), loose);
  CHECK(counted.values == 6);
  CHECK(counted.different == 1);
  CHECK(counted.largest_steps == 1);
  CHECK(counted.largest == static_cast<double>(one_bit[4]) - 5);
  CHECK(difference(image({NAN}, {1}), image({2}, {1}), exact) ==
        "1 differ; first at (0, 0, 0): nan instead of 2");
  CHECK(difference(image(pixels, {2, 3}), image(pixels, {3, 2}), exact) ==
        "shape 2x3 instead of 3x2");
  CHECK(difference(image({-0.0f}, {1}), image({0.0f}, {1}), exact) != "");
  CHECK(difference(outcome_with(1.5), outcome_with(1.25), exact) ==
        "1 differ, by up to 0.25; first number: 1.5 instead of 1.25");
  CHECK(difference(outcome_with(1.5), outcome_with(gpuimg::table{}), exact) == "the types differ");
  const gpuimg::table table{{"label", "area"}, {{1, 2}, {2, 7}}};
  auto other = table;
  other.rows[1][1] = 8;
  CHECK(difference(outcome_with(other), outcome_with(table), exact) ==
        "1 differ, by up to 1; first in row 1, area: 8 instead of 7");
  CHECK(difference(outcome{{}, "no"}, outcome_with(1.0), exact) == "refusal 'no' instead of ''");
}

TEST_CASE("runs that differ and drivers that fail are found", "[agreement]") {
  static int calls;
  calls = 0;
  auto entry = *gpuimg::find_operation("flip");
  entry.run = [](gpuimg::assignments, std::span<const any_image> images) {
    ++calls;
    if (calls == 6) throw gpuimg::device_error("clFinish failed", -36);
    std::vector<any_result> results;
    results.push_back(std::visit([](const auto& i) { return any_image(i.clone()); }, images[0]));
    if (calls == 4) results.back() = any_result(1.0);
    return results;
  };
  const std::vector<test::parameters> cases{{}, {}};
  const std::vector devices{test::reference()};
  std::vector<std::string> found;
  std::size_t other_runs = 0;
  gpuimg::compare_with_reference(entry, cases, {{{3, 2}}, {pixel_type::u8}, {test::content::few}},
                                 devices, 3, [&](const gpuimg::comparison& c) {
                                   found.push_back(c.difference.text);
                                   other_runs += c.other_runs;
                                 });
  // each case is run on the reference, then three times: the last run of the first case and the
  // first one of the second misbehave
  REQUIRE(found.size() == 2);
  CHECK(found[0].empty());
  CHECK(other_runs == 1);
  CHECK(found[1] == "fails: clFinish failed");
}

TEST_CASE("a device that has no memory for the images fails alone", "[agreement]") {
  const auto full = test::another(test::reference());
  full.limit_memory(3);
  const std::vector devices{full, test::reference()};
  const std::vector<test::parameters> cases{{}, {}};
  std::vector<std::string> found;
  gpuimg::compare_with_reference(
      *gpuimg::find_operation("flip"), cases, {{{2, 2}}, {pixel_type::u8}, {test::content::few}},
      devices, 1, [&](const gpuimg::comparison& c) { found.push_back(c.difference.text); });
  REQUIRE(found.size() == 4);
  for (const std::size_t i : {0u, 2u}) CHECK_THAT(found[i], Catch::StartsWith("fails: "));
  for (const std::size_t i : {1u, 3u}) CHECK(found[i].empty());
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
