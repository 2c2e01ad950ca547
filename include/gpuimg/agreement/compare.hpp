// SPDX-License-Identifier: BSD-3-Clause
// Whether an operation gives on a device what it gives on the reference: for operations of your
// own.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "gpuimg/core/table.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
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

template <pixel T>
std::string difference(const image<T>& found, const image<T>& expected,
                       const std::optional<tolerance>& allowed) {
  if (found.shape() != expected.shape())
    return "shape " + to_string(found.shape()) + " instead of " + to_string(expected.shape());
  const auto a = pull(found), b = pull(expected);
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!agrees(a[i], b[i], allowed))
      return "pixel (" + std::to_string(i % found.shape().x) + ", " +
             std::to_string(i / found.shape().x % found.shape().y) + ", " +
             std::to_string(i / found.shape().x / found.shape().y) + ") is " + number_text(a[i]) +
             " instead of " + number_text(b[i]);
  return {};
}

template <class Result>
requires std::is_arithmetic_v<Result> std::string difference(
    Result found, Result expected, const std::optional<tolerance>& allowed) {
  if (agrees(found, expected, allowed)) return {};
  return number_text(found) + " instead of " + number_text(expected);
}

inline std::string difference(const table& found, const table& expected,
                              const std::optional<tolerance>& allowed) {
  if (found.columns != expected.columns) return "the columns have other names";
  if (found.rows.size() != expected.rows.size())
    return std::to_string(found.rows.size()) + " rows instead of " +
           std::to_string(expected.rows.size());
  for (std::size_t r = 0; r < found.rows.size(); ++r)
    for (std::size_t c = 0; c < found.columns.size(); ++c)
      if (!agrees(found.rows[r][c], expected.rows[r][c], allowed))
        return "row " + std::to_string(r) + ", " + found.columns[c] + ": " +
               number_text(found.rows[r][c]) + " instead of " + number_text(expected.rows[r][c]);
  return {};
}

template <class Result>
requires requires(const Result& r) { to_table(r); }
std::string difference(const Result& found, const Result& expected,
                       const std::optional<tolerance>& allowed) {
  return difference(to_table(found), to_table(expected), allowed);
}

/// The first difference among several images, with the name of the result.
template <class Op, class Results, std::size_t... I>
std::string difference_of_results(const Results& found, const Results& expected,
                                  std::index_sequence<I...>) {
  std::string text;
  const auto compare = [&](const char* name, const auto& a, const auto& b) {
    text = difference(a, b, Op::about.tolerance);
    if (!text.empty()) text = std::string(name) + ": " + text;
    return !text.empty();
  };
  static_cast<void>(
      (compare(Op::about.outputs[I].name, std::get<I>(found), std::get<I>(expected)) || ...));
  return text;
}

}  // namespace detail

/// Where an operation's results on the images' device first differ from those of the reference;
/// empty where they are the same bits, or as near as `about.tolerance` allows. Any two NaN agree.
/// op       an operation of the library or one of your own (`is_operation`)
/// src      its inputs, on any device
/// returns  "pixel (2, 0, 0) is 3 instead of 4", with the name of the result in front where there
///          are several
/// throws   what the operation throws      cost  that of the reference, which is slow; waits
template <class Op, pixel... T>
std::string difference_from_reference(const Op& op, const image<T>&... src) {
  const auto found = detail::run_plain(op, src...);
  const auto expected = detail::run_plain(op, copy_to(src, device::reference())...);
  if constexpr (Op::about.output_count() > 1)
    return detail::difference_of_results<Op>(found, expected,
                                             std::make_index_sequence<Op::about.output_count()>{});
  else
    return detail::difference(found, expected, Op::about.tolerance);
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
