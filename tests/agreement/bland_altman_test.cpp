// SPDX-License-Identifier: BSD-3-Clause
// Bland-Altman analysis: published data, numbers of scipy 1.17.1, and what
// cannot be computed.
#include "gpuimg/agreement/bland_altman.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "support/devices.hpp"

namespace {

using gpuimg::bland_altman;
namespace student_t = gpuimg::detail::student_t;

// Peak expiratory flow rate of 17 people, litres per minute: twice with a Wright meter, twice with
// a mini Wright meter (Bland & Altman 1986, table 1).
const std::vector<int> wright{494, 395, 516, 434, 476, 557, 413, 442, 650,
                              433, 417, 656, 267, 478, 178, 423, 427};
const std::vector<int> wright_again{490, 397, 512, 401, 470, 611, 415, 431, 638,
                                    429, 420, 633, 275, 492, 165, 372, 421};
const std::vector<int> mini{512, 430, 520, 428, 500, 600, 364, 380, 658,
                            445, 432, 626, 260, 477, 259, 350, 451};
const std::vector<int> mini_again{525, 415, 508, 444, 500, 625, 460, 390, 642,
                                  432, 420, 605, 227, 467, 268, 370, 443};

bool is_near(double value, double expected, double by = 5e-7) {
  return std::abs(value - expected) <= by;
}

void check(const gpuimg::estimate& found, double value, double lower, double upper) {
  CHECK(is_near(found.value, value));
  CHECK(is_near(found.lower, lower));
  CHECK(is_near(found.upper, upper));
}

void check_identical(const gpuimg::agreement& found) {
  CHECK(found.all_identical());
  CHECK(found.largest == 0);
  for (const auto& e : {found.bias, found.lower_limit, found.upper_limit})
    for (const double number : {e.value, e.lower, e.upper}) CHECK(number == 0);
  for (const double number : {found.sd, found.slope, found.intercept, found.lower_percentile,
                              found.upper_percentile, found.coefficient_of_repeatability})
    CHECK(number == 0);
  for (const double number : {found.slope_p, found.pearson_r, found.concordance})
    CHECK(number == 1);
  CHECK(found.is_within(0));
}

}  // namespace

TEST_CASE("bland_altman: two flow meters agree as published in 1986", "[agreement]") {
  const auto found = bland_altman(wright, mini);
  CHECK(found.pairs == 17);
  CHECK(found.identical == 0);
  CHECK(found.largest == 81);
  CHECK(is_near(found.sd, 38.765130));
  check(found.bias, -2.117647, -22.048838, 17.813544);
  check(found.lower_limit, -78.097302, -112.853378, -43.341225);
  check(found.upper_limit, 73.862007, 39.105931, 108.618084);
  CHECK(is_near(found.slope, 0.028687));
  CHECK(is_near(found.slope_p, 0.749499));
  CHECK(is_near(found.pearson_r, 0.943279));
  CHECK(is_near(found.concordance, 0.942742));
  CHECK(found.is_within(113));
  CHECK_FALSE(found.is_within(112));

  const auto repeated = bland_altman(wright, wright_again);
  CHECK(is_near(repeated.bias.value, 4.941176));
  CHECK(is_near(repeated.sd, 21.724038));
  CHECK(is_near(repeated.coefficient_of_repeatability, 42.427922));
  const auto mini_repeated = bland_altman(mini, mini_again);
  CHECK(is_near(mini_repeated.bias.value, -2.882353));
  CHECK(is_near(mini_repeated.coefficient_of_repeatability, 55.190007));
}

TEST_CASE("bland_altman: a bias of 0 does not hide that two methods disagree", "[agreement]") {
  const auto found = bland_altman(std::vector<float>{1, 9, 7, 1, 2, 8, 9, 2, 1, 7, 8},
                                  std::vector<float>{4, 5, 5, 7, 4, 5, 4, 6, 6, 5, 4});
  CHECK(is_near(found.sd, 4.049691));
  check(found.bias, 0, -2.720620, 2.720620);
  CHECK(is_near(found.lower_limit.value, -7.937395));
  check(found.upper_limit, 7.937395, 3.137309, 12.737481);
  CHECK(is_near(found.slope, 2.192308));
  CHECK(is_near(found.intercept, -10.961538));
  CHECK(is_near(found.slope_p, 0.000452));
  CHECK(is_near(found.pearson_r, -0.425971));
  CHECK(is_near(found.concordance, -0.223881));
  CHECK(is_near(found.coefficient_of_repeatability, 7.568009));
}

TEST_CASE("bland_altman: identical numbers are identical, never NaN", "[agreement]") {
  check_identical(bland_altman(wright, wright));
  check_identical(bland_altman(std::vector{3.0f}, std::vector{3.0f}));
  check_identical(bland_altman(std::vector(100, 7), std::vector(100, 7)));
}

TEST_CASE("bland_altman: a constant difference has limits without width", "[agreement]") {
  const auto found = bland_altman(std::vector<int>{3, 5, 9}, std::vector<int>{1, 3, 7});
  check(found.bias, 2, 2, 2);
  check(found.lower_limit, 2, 2, 2);
  check(found.upper_limit, 2, 2, 2);
  CHECK(found.slope == 0);
  CHECK(found.slope_p == 1);
  CHECK(found.pearson_r == 1);
  CHECK(found.is_within(2));
  CHECK_FALSE(found.is_within(1.99));
}

TEST_CASE("bland_altman: what few or constant numbers cannot say is NaN", "[agreement]") {
  const auto nothing = bland_altman(std::vector<float>{}, std::vector<float>{});
  CHECK(nothing.pairs == 0);
  CHECK(std::isnan(nothing.bias.value));
  CHECK_FALSE(nothing.is_within(1e300));
  const auto one = bland_altman(std::vector{2.0f}, std::vector{1.0f});
  CHECK(one.bias.value == 1);
  CHECK(std::isnan(one.bias.lower));
  CHECK(std::isnan(one.sd));
  CHECK_FALSE(one.is_within(1e300));
  const auto flat = bland_altman(std::vector{1, 2, 3}, std::vector{5, 5, 5});
  CHECK(std::isnan(flat.pearson_r));
  CHECK(flat.concordance == 0);
  const auto mirrored = bland_altman(std::vector{1, 2, 3}, std::vector{3, 2, 1});
  CHECK(std::isnan(mirrored.slope));  // all means are the same
  CHECK(std::isnan(mirrored.slope_p));
  CHECK(mirrored.pearson_r == -1);
}

TEST_CASE("bland_altman: pairs that are not finite are counted and left out", "[agreement]") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  constexpr float infinite = std::numeric_limits<float>::infinity();
  const auto found = bland_altman(std::vector<float>{1, nan, 3, infinite, 5, 6},
                                  std::vector<float>{2, 2, 3, 4, infinite, 8});
  CHECK(found.pairs == 3);
  CHECK(found.non_finite == 3);
  CHECK(found.identical == 1);
  CHECK(found.bias.value == -1);
  CHECK(found.largest == 2);
  CHECK_FALSE(found.is_within(1e300));
  CHECK_FALSE(bland_altman(std::vector{nan}, std::vector{nan}).all_identical());
}

TEST_CASE("bland_altman: a large offset costs no digits", "[agreement]") {
  std::vector<double> a, b;
  for (int i = 0; i < 5000; ++i) {
    a.push_back(1e12 + i % 7);
    b.push_back(1e12 + i % 7 - i % 2);
  }
  const auto found = bland_altman(a, b);
  CHECK(found.bias.value == 0.5);
  CHECK(is_near(found.sd, std::sqrt(5000 * 0.25 / 4999), 1e-12));
}

TEST_CASE("bland_altman: percentiles are those of the sorted differences", "[agreement]") {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal(-0.5, 3);
  for (const std::size_t size : {2u, 3u, 40u, 41u, 1000u, 4097u}) {
    std::vector<double> a(size), b(size, 0);
    for (auto& number : a) number = size % 2 == 0 ? normal(random) : std::floor(normal(random));
    const auto found = bland_altman(a, b);
    std::sort(a.begin(), a.end());
    const auto percentile = [&](double share) {
      const double at = share * static_cast<double>(size - 1);
      const auto below = static_cast<std::size_t>(at);
      return std::lerp(a[below], a[std::min(below + 1, size - 1)], at - std::floor(at));
    };
    INFO(size);
    CHECK(found.lower_percentile == percentile(0.025));
    CHECK(found.upper_percentile == percentile(0.975));
  }
}

TEST_CASE("bland_altman: percentiles of more numbers than are sorted at once", "[agreement]") {
  // d = i % 7 below 5,000,000 and nearly -1 above, so both ends take further passes
  constexpr std::size_t size = 10'000'000;
  std::vector<float> a(size), b(size, 0);
  for (std::size_t i = 0; i < size; ++i)
    a[i] = i < size / 2 ? 100 + static_cast<float>(i % 7)
                        : -1 - static_cast<float>(i % 5'000'000) / 8'388'608;
  const auto found = bland_altman(a, b);
  CHECK(is_near(found.lower_percentile, -1 - (4'750'000 - 0.975) / 8'388'608, 1e-12));
  CHECK(found.upper_percentile == 106);
}

TEST_CASE("bland_altman: images are compared pixel by pixel, on any devices", "[agreement]") {
  ON_EVERY_DEVICE(device);
  const auto a = push(device, std::vector<std::uint8_t>{1, 2, 3, 4}, {2, 2});
  const auto b = push(test::reference(), std::vector<float>{1, 2, 3, 2}, {2, 2});
  const auto found = bland_altman(a, b);
  CHECK(found.identical == 3);
  CHECK(found.bias.value == 0.5);
  const auto other = push(device, std::vector<float>{1, 2, 3, 4}, {4});
  CHECK_THROWS_MATCHES(bland_altman(a, other), gpuimg::argument_error,
                       Catch::Message("bland_altman: the images are 2x2 and 4x1"));
}

TEST_CASE("bland_altman: tables are joined by a column", "[agreement]") {
  const gpuimg::table a{{"label", "area"}, {{1, 10}, {2, 20}, {4, 40}}};
  const gpuimg::table b{{"area", "label"}, {{39, 4}, {12, 1}, {30, 3}}};
  const auto found = bland_altman(a, b, "area");
  CHECK(found.pairs == 2);
  CHECK(found.bias.value == -0.5);
  CHECK(found.unmatched == 2);
  CHECK_FALSE(found.is_within(1e300));
  CHECK_THROWS_MATCHES(bland_altman(a, b, "mean"), gpuimg::argument_error,
                       Catch::Message("join: no column is called 'mean'; there are label, area"));
  const gpuimg::table twice{{"label", "area"}, {{1, 10}, {1, 20}}};
  CHECK_THROWS_MATCHES(bland_altman(a, twice, "area"), gpuimg::argument_error,
                       Catch::Message("join: several rows have the same label"));
  CHECK_THROWS_AS(bland_altman(twice, a, "area"), gpuimg::argument_error);
  CHECK_THROWS_MATCHES(bland_altman(wright, std::vector<int>{1}), gpuimg::argument_error,
                       Catch::Message("bland_altman: there are 17 and 1 numbers, not as many"));
}

TEST_CASE("bland_altman: tables are joined by objects that match, whatever their labels",
          "[agreement]") {
  const std::vector<std::uint32_t> a{1, 1, 1, 2, 2, 0, 3, 0}, b{9, 9, 9, 9, 5, 5, 0, 7};
  const auto matching =
      gpuimg::metrics::match_objects(gpuimg::view<const std::uint32_t>(a.data(), {8}),
                                     gpuimg::view<const std::uint32_t>(b.data(), {8}), 0.3);
  REQUIRE(matching.pairs.size() == 2);
  const gpuimg::table in_a{{"label", "mean"}, {{1, 10}, {2, 20}, {3, 30}}};
  const gpuimg::table in_b{{"label", "mean"}, {{5, 21}, {7, 70}, {9, 12}}};
  const auto pairs = gpuimg::join(in_a, "mean", in_b, "mean", matching.pairs);
  CHECK(pairs.a == std::vector<double>{10, 20});
  CHECK(pairs.b == std::vector<double>{12, 21});
  CHECK(pairs.only_in_a == 1);
  CHECK(pairs.only_in_b == 1);
  const auto found = bland_altman(in_a, in_b, "mean", matching.pairs);
  CHECK(found.bias.value == -1.5);
  CHECK(found.unmatched == 2);
  CHECK_FALSE(found.all_identical());
}

TEST_CASE("join: an object without a match has no partner, not even background", "[agreement]") {
  const gpuimg::table a{{"label", "mean"}, {{1, 10}, {2, 20}, {3, 30}}};
  const gpuimg::table b{{"label", "mean"}, {{0, 90}, {5, 50}}};
  const std::vector<gpuimg::metrics::object_pair> matched{{.truth = 1, .predicted = 5}};
  const auto pairs = gpuimg::join(a, "mean", b, "mean", matched);
  CHECK(pairs.a == std::vector<double>{10});
  CHECK(pairs.b == std::vector<double>{50});
  CHECK(pairs.only_in_a == 2);
  CHECK(pairs.only_in_b == 1);
}

TEST_CASE("Student's t: quantiles and probabilities are those of scipy", "[agreement]") {
  // scipy.stats.t.ppf(0.975, n), 2 * scipy.stats.t.sf(t, n)
  CHECK(is_near(student_t::two_sided_quantile(0.05, 1), 12.706204736174694, 1e-11));
  CHECK(is_near(student_t::two_sided_quantile(0.05, 10), 2.228138851986274, 1e-12));
  CHECK(is_near(student_t::two_sided_quantile(0.05, 16), 2.1199052992212546, 1e-12));
  CHECK(is_near(student_t::two_sided_quantile(0.05, 1e8), 1.9599640082627663, 1e-12));
  struct row {
    double t, freedom, p;
  };
  for (const auto& [t, freedom, p] :
       {row{0.3, 1, 0.8144528418445154}, row{1, 5, 0.3632174676491229},
        row{2.5, 7, 0.04099221858575289}, row{6, 30, 1.3942768767204764e-06},
        row{40, 3, 3.4380680789158506e-05}, row{1.5, 1e6, 0.1336147182367928}}) {
    INFO(t << " with " << freedom);
    CHECK(is_near(student_t::two_sided_p(t, freedom), p, 1e-12 * p));
    CHECK(student_t::two_sided_p(-t, freedom) == student_t::two_sided_p(t, freedom));
  }
  CHECK(student_t::two_sided_p(0, 5) == 1);
  CHECK(student_t::two_sided_p(std::numeric_limits<double>::infinity(), 5) == 0);
  CHECK(std::isnan(student_t::two_sided_p(1, 0)));
}
