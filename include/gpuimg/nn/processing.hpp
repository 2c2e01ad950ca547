// SPDX-License-Identifier: BSD-3-Clause
// What bioimage.io lets be computed before and after a network, on the host.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/nn/activation.hpp"
#include "gpuimg/nn/constant_folding.hpp"
#include "gpuimg/nn/model_description.hpp"
#include "gpuimg/nn/statistics.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// Tensors by their ids, which steps may take statistics of.
using named_tensors = std::map<std::string, const host_tensor*>;

namespace detail {

/// The numbers of a tensor in groups, over each of which a statistic is taken.
class number_groups {
 public:
  /// `axes` are those that a group goes along.
  number_groups(const tensor_description& tensor, const tensor_shape& shape,
                const std::vector<std::string>& axes) {
    std::vector<std::int64_t> strides(shape.rank(), 0);
    std::int64_t count = 1;
    for (std::size_t axis = shape.rank(); axis-- > 0;) {
      if (std::find(axes.begin(), axes.end(), tensor.axes[axis].id) != axes.end()) continue;
      strides[axis] = count;
      count *= shape[axis];
    }
    count_ = static_cast<std::size_t>(count);
    walk(shape, 0, strides, [&](std::int64_t g) { of_.push_back(static_cast<std::size_t>(g)); });
  }

  [[nodiscard]] std::size_t operator[](std::size_t number) const { return of_[number]; }

  /// statistic(numbers of a group), for each group.
  template <class F>
  [[nodiscard]] auto each(const std::vector<double>& values, F statistic) const {
    std::vector<std::vector<double>> members(count_);
    for (std::size_t i = 0; i < values.size(); ++i) members[of_[i]].push_back(values[i]);
    std::vector<decltype(statistic(members[0]))> all;
    for (const auto& group : members) all.push_back(statistic(group));
    return all;
  }

 private:
  std::vector<std::size_t> of_;
  std::size_t count_ = 1;
};

inline number_pieces pieces_of(const std::vector<double>& values) {
  return [&values](const auto& take) { take(std::span(values)); };
}

/// Does one step after the other to the numbers of one tensor.
class processor {
 public:
  processor(const tensor_description& tensor, const host_tensor& from, const named_tensors& others)
      : tensor_(tensor), shape_(from.shape()), others_(others), values_(from.values<double>()) {
    if (shape_.rank() != tensor.axes.size())
      throw argument_error("the tensor " + tensor.id + " has " +
                           std::to_string(tensor.axes.size()) + " axes, got shape " +
                           to_string(shape_));
  }
  /// The numbers after all steps.
  const std::vector<double>& run() {
    if (!values_.empty())
      for (const processing_step& step : tensor_.processing)
        std::visit([&](const auto& s) { apply(s); }, step);
    return values_;
  }

 private:
  void apply(const steps::ensure_dtype& s) {
    if (is_float(s.type)) return;
    for (double& v : values_) v = std::trunc(v);
  }
  void apply(const steps::binarize& s) {
    along(s.axis, [&](double v, std::size_t i) { return v > one_of(s.threshold, i) ? 1. : 0.; });
  }
  void apply(const steps::clip& s) {
    constexpr double all = std::numeric_limits<double>::infinity();
    const number_groups groups(tensor_, shape_, s.axes);
    const auto limits = groups.each(values_, [&](const std::vector<double>& group) {
      const auto limit = [&](const auto& fixed, const auto& percent, double otherwise) {
        return fixed     ? *fixed
               : percent ? percentiles_of(pieces_of(group), std::array{*percent}).front()
                         : otherwise;
      };
      const double low = limit(s.min, s.min_percentile, -all);
      return std::pair(low, limit(s.max, s.max_percentile, all));
    });
    each(groups, [&](double v, std::size_t g) {
      return std::min(std::max(v, limits[g].first), limits[g].second);
    });
  }
  void apply(const steps::scale_linear& s) {
    along(s.axis,
          [&](double v, std::size_t i) { return one_of(s.gain, i) * v + one_of(s.offset, i); });
  }
  void apply(const steps::sigmoid&) {
    for (double& v : values_) v = 1 / (1 + std::exp(-v));
  }
  void apply(const steps::softmax& s) {
    const number_groups groups(tensor_, shape_, {s.axis});
    const auto largest = groups.each(values_, [](const std::vector<double>& group) {
      return *std::max_element(group.begin(), group.end());
    });
    each(groups, [&](double v, std::size_t g) { return std::exp(v - largest[g]); });
    const auto sums = groups.each(values_, [](const std::vector<double>& group) {
      double sum = 0;
      for (const double v : group) sum += v;
      return sum;
    });
    each(groups, [&](double v, std::size_t g) { return v / sums[g]; });
  }
  void apply(const steps::zero_mean_unit_variance& s) {
    const number_groups groups(tensor_, shape_, s.axes);
    const auto spread = groups.each(values_, spread_of_group);
    each(groups, [&](double v, std::size_t g) {
      return (v - spread[g].mean) / (spread[g].deviation + s.eps);
    });
  }
  void apply(const steps::fixed_zero_mean_unit_variance& s) {
    along(s.axis,
          [&](double v, std::size_t i) { return (v - one_of(s.mean, i)) / one_of(s.std, i); });
  }
  void apply(const steps::scale_range& s) {
    const std::vector<double> other = numbers_of(s.reference_tensor);
    const number_groups groups(tensor_, shape_, s.axes);
    const auto ranges = groups.each(other, [&](const std::vector<double>& group) {
      return percentiles_of(pieces_of(group), std::array{s.min_percentile, s.max_percentile});
    });
    each(groups, [&](double v, std::size_t g) {
      return (v - ranges[g][0]) / (ranges[g][1] - ranges[g][0] + s.eps);
    });
  }
  void apply(const steps::scale_mean_variance& s) {
    const number_groups groups(tensor_, shape_, s.axes);
    const auto own = groups.each(values_, spread_of_group);
    const auto wanted = groups.each(numbers_of(s.reference_tensor), spread_of_group);
    each(groups, [&](double v, std::size_t g) {
      return (v - own[g].mean) / (own[g].deviation + s.eps) * (wanted[g].deviation + s.eps) +
             wanted[g].mean;
    });
  }

  static mean_and_deviation spread_of_group(const std::vector<double>& group) {
    return spread_of(pieces_of(group));
  }
  // The number for place i along an axis, where there is one for each or one for all.
  static double one_of(const std::vector<double>& numbers, std::size_t i) {
    return numbers.empty() ? 0 : numbers[std::min(i, numbers.size() - 1)];
  }
  // f(number, place along the axis)
  template <class F>
  void along(const std::string& axis, F f) {
    std::vector<std::string> others;
    for (const axis_description& a : tensor_.axes)
      if (axis.empty() || a.id != axis) others.push_back(a.id);
    each(number_groups(tensor_, shape_, others), f);
  }
  template <class F>
  void each(const number_groups& groups, F f) {
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = f(values_[i], groups[i]);
  }
  [[nodiscard]] std::vector<double> numbers_of(const std::string& name) const {
    if (name.empty() || name == tensor_.id) return values_;
    const auto found = others_.find(name);
    if (found == others_.end() || found->second->shape() != shape_)
      throw argument_error("the tensor " + tensor_.id + " needs " + name + " of its own shape");
    return found->second->values<double>();
  }

  const tensor_description& tensor_;
  tensor_shape shape_;
  const named_tensors& others_;
  std::vector<double> values_;
};

}  // namespace detail

/// A tensor after all its steps, as f32, computed in double precision on the host. Standard
/// deviations divide by the number of values, percentiles are linear between the nearest values, as
/// numpy's. Throws argument_error where the shape has other axes than the description, or a tensor
/// that a step refers to is missing or has another shape.
/// source: the specification of bioimage.io, 0.4 and 0.5
inline host_tensor processed(const tensor_description& tensor, const host_tensor& from,
                             const named_tensors& others = {}) {
  detail::processor steps(tensor, from, others);
  const std::vector<double>& values = steps.run();
  return {from.shape(), std::span<const float>(std::vector<float>(values.begin(), values.end()))};
}

}  // namespace gpuimg::nn
