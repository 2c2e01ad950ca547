// SPDX-License-Identifier: BSD-3-Clause
// What the tables and the chart have in common.
#include "bench/speedup/report.hpp"

#include <algorithm>
#include <cstddef>

namespace speedup {
namespace {

void add_once(std::vector<std::string>& all, const std::string& text) {
  if (std::ranges::find(all, text) == all.end()) all.push_back(text);
}

}  // namespace

std::vector<std::string> columns_of(const report& r) {
  std::vector<std::string> all;
  for (const auto& c : r.contestants) add_once(all, c.column);
  return all;
}

std::vector<std::string> our_columns(const report& r) {
  std::vector<std::string> all;
  for (const auto& c : r.contestants)
    if (c.is_ours) add_once(all, c.column);
  return all;
}

std::vector<std::string> sections_of(const report& r) {
  std::vector<std::string> all;
  for (const auto& row : r.rows) add_once(all, row.section);
  return all;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double least(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::ranges::min_element(values);
}

const std::vector<double>& times_of(const outcome& o, step s) {
  static const std::vector<double> none;
  const auto found = o.seconds.find(name_of(s));
  return found == o.seconds.end() ? none : found->second;
}

const outcome* fastest(const report& r, const row& of, const std::string& column) {
  const outcome* best = nullptr;
  for (const auto& c : r.contestants)
    for (const auto& o : of.outcomes) {
      if (c.column != column || o.contestant != c.name || times_of(o, step::call).empty()) continue;
      const auto time = [](const outcome& of) { return median(times_of(of, step::call)); };
      const bool is_better = best == nullptr || (o.is_the_same && !best->is_the_same) ||
                             (o.is_the_same == best->is_the_same && time(o) < time(*best));
      if (is_better) best = &o;
    }
  return best;
}

double times_as_fast(const report& r, const row& of, const std::string& ours,
                     const std::string& other, step s) {
  const outcome* const a = fastest(r, of, ours);
  const outcome* const b = fastest(r, of, other);
  if (a == nullptr || b == nullptr || !b->is_the_same) return 0;
  // What computes in host memory has no transfers: a call is all of it.
  const auto time = [](const outcome& o, step wanted) {
    const auto& times = times_of(o, wanted);
    return median(times.empty() ? times_of(o, step::call) : times);
  };
  return time(*b, s) / time(*a, s);
}

}  // namespace speedup
