// SPDX-License-Identifier: BSD-3-Clause
// Means, deviations and percentiles of numbers that need not be in memory at once.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn::detail {

/// Hands numbers over piece by piece, the same ones in the same order each time it is called.
using number_pieces = std::function<void(const std::function<void(std::span<const double>)>&)>;

struct mean_and_deviation {
  double mean = 0, deviation = 0;
};

/// Sums in the order of the numbers; the deviation divides by how many there are.
inline mean_and_deviation spread_of(const number_pieces& numbers) {
  double count = 0, sum = 0, squares = 0;
  numbers([&](std::span<const double> some) {
    count += static_cast<double>(some.size());
    for (const double v : some) sum += v;
  });
  const double mean = sum / count;
  numbers([&](std::span<const double> some) {
    for (const double v : some) squares += (v - mean) * (v - mean);
  });
  return {mean, std::sqrt(squares / count)};
}

/// Bits that are in the order of the numbers.
inline std::uint64_t ordered_bits(double number) {
  const auto bits = std::bit_cast<std::uint64_t>(number);
  return bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63;
}
inline double number_of(std::uint64_t bits) {
  return std::bit_cast<double>(bits >> 63 != 0 ? bits ^ std::uint64_t{1} << 63 : ~bits);
}

/// The numbers at some places of all in ascending order. Each going over them, which counts those
/// that begin like the one in question, finds the next `step` of its bits.
inline std::vector<double> in_order(const number_pieces& numbers, std::vector<std::uint64_t> places,
                                    int step) {
  std::vector<std::uint64_t> found(places.size());
  for (int shift = 64 - step; shift >= 0; shift -= step) {
    const std::uint64_t mask = (std::uint64_t{1} << step) - 1;
    std::vector<std::vector<std::uint64_t>> counts(places.size(),
                                                   std::vector<std::uint64_t>(mask + 1));
    numbers([&](std::span<const double> some) {
      for (const double v : some) {
        const std::uint64_t begin = ordered_bits(v) >> shift;
        for (std::size_t i = 0; i < found.size(); ++i)
          if (begin >> step == found[i]) ++counts[i][begin & mask];
      }
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
      std::uint64_t next = 0;
      for (; places[i] >= counts[i][next]; ++next) places[i] -= counts[i][next];
      found[i] = found[i] << step | next;
    }
  }
  std::vector<double> all;
  for (const std::uint64_t bits : found) all.push_back(number_of(bits));
  return all;
}

/// As numpy.percentile: linear between the two nearest numbers, for each of `percents`.
inline std::vector<double> percentiles_of(const number_pieces& numbers,
                                          std::span<const double> percents) {
  std::uint64_t count = 0;
  numbers([&](std::span<const double> some) { count += some.size(); });
  if (count == 0)
    return std::vector<double>(percents.size(), std::numeric_limits<double>::quiet_NaN());
  std::vector<std::uint64_t> places;
  std::vector<double> rests;
  for (const double percent : percents) {
    const double place = percent / 100 * static_cast<double>(count - 1);
    const auto low = static_cast<std::uint64_t>(place);
    rests.push_back(place - std::floor(place));
    places.insert(places.end(), {low, rests.back() == 0 ? low : low + 1});
  }
  const auto found = in_order(numbers, places, count < 65536 ? 8 : 16);
  std::vector<double> all;
  for (std::size_t i = 0; i < rests.size(); ++i) {
    const double low = found[2 * i], high = found[2 * i + 1];
    all.push_back(low == high ? low : low + rests[i] * (high - low));
  }
  return all;
}

}  // namespace gpuimg::nn::detail
