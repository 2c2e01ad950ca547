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
#include <vector>

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
    return allowed &&
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
      return "pixel " + std::to_string(i) + " is " + number_text(a[i]) + " instead of " +
             number_text(b[i]);
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

template <class... Results>
std::string difference(const std::tuple<Results...>& found, const std::tuple<Results...>& expected,
                       const std::optional<tolerance>& allowed) {
  std::string text;
  const auto compare = [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((text += text.empty() ? difference(std::get<I>(found), std::get<I>(expected), allowed) : ""),
     ...);
  };
  compare(std::index_sequence_for<Results...>{});
  return text;
}

}  // namespace detail

/// Where an operation's results on the images' device first differ from those of the reference;
/// empty where they are the same bits, or as near as `about.tolerance` allows. Any two NaN agree.
/// Throws what the operation throws.
template <class Op, pixel... T>
std::string difference_from_reference(const Op& op, const image<T>&... src) {
  return detail::difference(detail::run_plain(op, src...),
                            detail::run_plain(op, copy_to(src, device::reference())...),
                            Op::about.tolerance);
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
