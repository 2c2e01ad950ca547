// SPDX-License-Identifier: BSD-3-Clause
// How what an operation gave differs from what was expected: images, tables and numbers.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "gpuimg/core/table.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// How results differ from those that were expected. Any two NaN are the same; zeros of different
/// signs are not.
struct result_difference {
  std::uint64_t values = 0;         ///< pixels and other numbers that were compared
  std::uint64_t different = 0;      ///< of these, with other bits
  double largest = 0;               ///< the greatest difference of finite values
  std::uint64_t largest_steps = 0;  ///< in units in the last place, of float pixels
  /// What is farther apart than the tolerance allows: "3 differ, by up to 2; first at (1, 0, 0): 4
  /// instead of 2"; empty where nothing is.
  std::string text{};
};

namespace detail {

template <class T>
bool agrees(T found, T expected, const std::optional<tolerance>& allowed) {
  if constexpr (std::is_floating_point_v<T>) {
    using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    if (std::bit_cast<bits>(found) == std::bit_cast<bits>(expected)) return true;
    if (std::isnan(found) || std::isnan(expected)) return std::isnan(found) && std::isnan(expected);
    // An infinity would be as near to everything as a relative tolerance allows.
    return allowed && std::isfinite(expected) &&
           std::abs(static_cast<double>(found) - static_cast<double>(expected)) <=
               allowed->absolute + allowed->relative * std::abs(static_cast<double>(expected));
  } else {
    return found == expected;
  }
}

/// The number of steps from one value to the other through all values of a pixel type that lie
/// between. -0 equals 0, and any two NaN are equal.
template <class T>
std::uint64_t steps_between(T a, T b) {
  if (a == b || (a != a && b != b)) return 0;
  if (a != a || b != b) return std::numeric_limits<std::uint64_t>::max();
  if constexpr (std::is_floating_point_v<T>) {
    const auto place = [](T value) -> std::int64_t {  // in the order of the values
      const auto bits = std::int64_t{std::bit_cast<std::int32_t>(static_cast<float>(value))};
      return bits < 0 ? std::numeric_limits<std::int32_t>::min() - bits : bits;
    };
    return static_cast<std::uint64_t>(std::abs(place(a) - place(b)));
  } else {
    return static_cast<std::uint64_t>(
        std::abs(static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b)));
  }
}

/// Adds up the differences of one result, and keeps the first that the tolerance does not allow.
class difference_sum {
 public:
  difference_sum(result_difference& into, const std::optional<tolerance>& allowed)
      : into_(into), allowed_(allowed) {}

  /// `place()` says where the values are.
  template <class T, class Place>
  void add(T found, T expected, const Place& place) {
    ++into_.values;
    if (agrees(found, expected, std::nullopt)) return;
    ++into_.different;
    const double apart = std::abs(static_cast<double>(found) - static_cast<double>(expected));
    if (std::isfinite(apart)) into_.largest = std::max(into_.largest, apart);
    if constexpr (std::is_same_v<T, float>)
      into_.largest_steps = std::max(into_.largest_steps, steps_between(found, expected));
    if (agrees(found, expected, allowed_)) return;
    if (std::isfinite(apart)) largest_ = std::max(largest_, apart);
    if (++refused_ > 1) return;
    first_ = place() + ": " + number_text(found) + " instead of " + number_text(expected);
  }
  [[nodiscard]] std::string text() const {
    if (refused_ == 0) return {};
    return std::to_string(refused_) + " differ" +
           (largest_ > 0 ? ", by up to " + number_text(largest_) : "") + "; first " + first_;
  }

 private:
  result_difference& into_;
  const std::optional<tolerance>& allowed_;
  std::uint64_t refused_ = 0;  // farther apart than allowed
  double largest_ = 0;         // of these, where they are finite
  std::string first_;
};

// add_differences adds the values of two results, or says why they cannot be compared.

template <pixel T>
std::string add_differences(const image<T>& found, const image<T>& expected, difference_sum& sum) {
  const shape size = found.shape();
  if (size != expected.shape())
    return "shape " + to_string(size) + " instead of " + to_string(expected.shape());
  const auto a = pull(found), b = pull(expected);
  for (std::size_t i = 0; i < a.size(); ++i)
    sum.add(a[i], b[i], [&] {
      return "at (" + std::to_string(i % size.x) + ", " + std::to_string(i / size.x % size.y) +
             ", " + std::to_string(i / size.x / size.y) + ")";
    });
  return {};
}

inline std::string add_differences(const table& found, const table& expected, difference_sum& sum) {
  if (found.columns != expected.columns) return "the columns have other names";
  if (found.rows.size() != expected.rows.size())
    return std::to_string(found.rows.size()) + " rows instead of " +
           std::to_string(expected.rows.size());
  for (std::size_t r = 0; r < found.rows.size(); ++r)
    for (std::size_t c = 0; c < found.columns.size(); ++c)
      sum.add(found.rows[r][c], expected.rows[r][c],
              [&] { return "in row " + std::to_string(r) + ", " + found.columns[c]; });
  return {};
}

template <class Number>
requires std::is_arithmetic_v<Number> std::string add_differences(Number found, Number expected,
                                                                  difference_sum& sum) {
  sum.add(found, expected, [] { return std::string("number"); });
  return {};
}

template <class Result>
requires requires(const Result& r) { to_table(r); }
std::string add_differences(const Result& found, const Result& expected, difference_sum& sum) {
  return add_differences(to_table(found), to_table(expected), sum);
}

template <class... Results>
std::string add_differences(const std::variant<Results...>& found,
                            const std::variant<Results...>& expected, difference_sum& sum) {
  if (found.index() != expected.index()) return "the types differ";
  return std::visit(
      [&]<class Result>(const Result& result) {
        return add_differences(result, std::get<Result>(expected), sum);
      },
      found);
}

/// Adds the difference of one of several results, whose name comes in front of the text. The first
/// text stays.
template <class Result>
void add_result(result_difference& all, const std::string& name, const Result& found,
                const Result& expected, const std::optional<tolerance>& allowed) {
  difference_sum sum(all, allowed);
  std::string text = add_differences(found, expected, sum);
  if (text.empty()) text = sum.text();
  if (all.text.empty() && !text.empty()) all.text = name + text;
}

}  // namespace detail
}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
