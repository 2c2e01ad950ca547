// SPDX-License-Identifier: BSD-3-Clause
// Whether a contestant computes what we do.
#include "bench/speedup/compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <variant>

namespace speedup {
namespace {

constexpr double of_range = 0.01, of_pixels = 0.01, of_rounding = 1e-6;  // still the same

template <class A, class B>
void compare_pixels(const std::vector<A>& ours, const std::vector<B>& theirs, gpuimg::kind kind,
                    outcome& o) {
  if (ours.size() != theirs.size())
    throw std::runtime_error("gives " + std::to_string(theirs.size()) + " pixels, we give " +
                             std::to_string(ours.size()));
  if (ours.empty()) return;
  const auto number = [](auto value) { return static_cast<double>(value); };
  const bool is_number = kind == gpuimg::kind::scalar || kind == gpuimg::kind::table;
  const bool is_image = kind == gpuimg::kind::image || is_number;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const A value : ours)
    if (std::isfinite(number(value))) {
      low = std::min(low, number(value));
      high = std::max(high, number(value));
    }
  const double largest = std::max(std::abs(low), std::abs(high));
  const double range = is_number ? largest : high - low;
  const double allowed = is_image ? of_range * range + of_rounding * largest : 0;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (number(ours[i]) == number(theirs[i]) ||
        (std::isnan(number(ours[i])) && std::isnan(number(theirs[i]))))
      continue;
    const double off = is_image ? std::abs(number(ours[i]) - number(theirs[i]))
                                : number((ours[i] != 0) != (theirs[i] != 0));
    if (!(off <= allowed)) ++differing;
    o.greatest_difference = std::max(o.greatest_difference, off);
  }
  if (kind == gpuimg::kind::labels)
    o.greatest_difference = std::abs(high - number(*std::ranges::max_element(theirs)));
  o.differing = number(differing) / number(ours.size());
  o.is_the_same = o.differing <= of_pixels;
}

}  // namespace

void compare(const gpuimg::host_image& ours, const gpuimg::host_image& theirs, gpuimg::kind kind,
             outcome& o) {
  std::visit([&](const auto& a, const auto& b) { compare_pixels(a, b, kind, o); }, ours.pixels,
             theirs.pixels);
}

}  // namespace speedup
