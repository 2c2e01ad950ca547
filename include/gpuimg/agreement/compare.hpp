// SPDX-License-Identifier: BSD-3-Clause
// Whether an operation gives on a device what it gives on the reference: for operations of your
// own.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

#include "gpuimg/agreement/difference.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {
namespace detail {

template <class Op, class Results, std::size_t... I>
void add_results(result_difference& all, const Results& found, const Results& expected,
                 std::index_sequence<I...>) {
  (add_result(all, std::string(Op::about.outputs[I].name) + ": ", std::get<I>(found),
              std::get<I>(expected), Op::about.tolerance),
   ...);
}

}  // namespace detail

/// How an operation's results on the images' device differ from those of the reference, in words;
/// empty where they are the same bits, or as near as `about.tolerance` allows. Any two NaN agree.
/// op       an operation of the library or one of your own (`is_operation`)
/// src      its inputs, on any device
/// returns  "1 differ, by up to 2; first at (2, 0, 0): 3 instead of 5", with the name of the result
///          in front where there are several
/// throws   what the operation throws      cost  that of the reference, which is slow; waits
template <class Op, pixel... T>
std::string difference_from_reference(const Op& op, const image<T>&... src) {
  const auto found = detail::run_plain(op, src...);
  const auto expected = detail::run_plain(op, copy_to(src, device::reference())...);
  result_difference all;
  if constexpr (Op::about.output_count() > 1)
    detail::add_results<Op>(all, found, expected,
                            std::make_index_sequence<Op::about.output_count()>{});
  else
    detail::add_result(all, "", found, expected, Op::about.tolerance);
  return all.text;
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
