// SPDX-License-Identifier: BSD-3-Clause
// threshold_of a histogram: ImageJ's thresholds, and what is true of every method.
#include "gpuimg/core/threshold_method.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "support/golden.hpp"

namespace {

using gpuimg::threshold_method;
using gpuimg::threshold_of;
using histogram = std::array<std::uint64_t, 256>;

constexpr auto names = choice_names(threshold_method{});

}  // namespace

TEST_CASE("threshold_of: ImageJ finds the same thresholds in all kinds of histograms",
          "[threshold][automatic_threshold]") {
  const test::golden golden("threshold_method");
  const auto counts = golden.values<std::uint64_t>("histograms");
  const auto thresholds = golden.values<std::size_t>("thresholds");
  REQUIRE(counts.size() == 256 * 96);
  REQUIRE(thresholds.size() == names.size() * 96);
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    const std::size_t number = i / names.size(), method = i % names.size();
    INFO("histogram " << number << ", " << names[method]);
    const std::span<const std::uint64_t, 256> one(&counts[256 * number], 256);
    CHECK(threshold_of(one, static_cast<threshold_method>(method)) == thresholds[i]);
  }
}

TEST_CASE("threshold_of: no count is too great", "[threshold][automatic_threshold]") {
  // What decides by shares alone does so however many pixels there are.
  using enum threshold_method;
  const test::golden golden("threshold_method");
  const auto counts = golden.values<std::uint64_t>("histograms");
  for (std::size_t number = 5; number < 96; number += 12) {  // with modes
    histogram few, many;
    for (std::size_t i = 0; i < few.size(); ++i) {
      few[i] = counts[256 * number + i];
      many[i] = few[i] << 32;
    }
    for (const auto method : {huang, intermodes, isodata, li, max_entropy, mean, min_error, otsu,
                              percentile, renyi_entropy, yen}) {
      INFO("histogram " << number << ", " << names[static_cast<std::size_t>(method)]);
      CHECK(threshold_of(many, method) == threshold_of(few, method));
    }
  }
}

TEST_CASE("threshold_of: lies between the peaks of two modes", "[threshold][automatic_threshold]") {
  histogram counts{};
  for (std::size_t i = 0; i < 9; ++i) {
    counts[40 + i] = 3000 / (1 + (i > 4 ? i - 4 : 4 - i));
    counts[180 + i] = 1000 / (1 + (i > 4 ? i - 4 : 4 - i));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto method = static_cast<threshold_method>(i);
    if (method == threshold_method::shanbhag || method == threshold_method::percentile) continue;
    INFO(names[i]);
    CHECK(threshold_of(counts, method) >= 44);
    CHECK(threshold_of(counts, method) < 184);
  }
}

TEST_CASE("threshold_of: an empty histogram has the threshold 0",
          "[threshold][automatic_threshold]") {
  for (std::size_t method = 0; method < names.size(); ++method)
    CHECK(threshold_of(histogram{}, static_cast<threshold_method>(method)) == 0);
}

TEST_CASE("threshold_of: MinError that goes round in circles gives the mean",
          "[threshold][automatic_threshold]") {
  histogram counts;
  for (std::size_t i = 0; i < 256; ++i) counts[i] = 10 + std::min(i, 255 - i) % 7;
  CHECK(threshold_of(counts, threshold_method::min_error) == 127);
}
