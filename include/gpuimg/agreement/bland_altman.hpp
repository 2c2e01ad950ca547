// SPDX-License-Identifier: BSD-3-Clause
// How well two methods that measure the same things agree: the analysis of Bland and Altman, Lancet
// 1986; 327: 307, and Statistical Methods in Medical Research 1999; 8: 135.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ranges>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/agreement/join.hpp"
#include "gpuimg/agreement/student_t.hpp"
#include "gpuimg/core/error.hpp"
#include "gpuimg/core/table.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/image.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// A number and its 95 % confidence interval.
struct estimate {
  double value = 0, lower = 0, upper = 0;
};

/// How the pairs (a, b) agree, with d = a - b and m = (a + b) / 2. What cannot be said of so few
/// pairs, or of pairs that do not vary, is NaN; pairs that are all identical agree perfectly.
struct agreement {
  std::uint64_t pairs = 0;       ///< n: those of two finite numbers, which all the rest is about
  std::uint64_t identical = 0;   ///< of them: a == b
  std::uint64_t non_finite = 0;  ///< left out: NaN or infinite on either side
  std::uint64_t unmatched = 0;   ///< left out: things that only one of the methods measured
  double largest = 0;            ///< the greatest |d|

  estimate bias{};                          ///< mean of d
  double sd = 0;                            ///< standard deviation of d, with n - 1
  estimate lower_limit{};                   ///< of agreement: bias - 1.96 sd
  estimate upper_limit{};                   ///< bias + 1.96 sd
  double lower_percentile = 0;              ///< 2.5 % of d lie below: a limit for any distribution
  double upper_percentile = 0;              ///< 2.5 % of d lie above
  double coefficient_of_repeatability = 0;  ///< 1.96 sqrt(mean of d^2), of one method twice

  double slope = 0, intercept = 0;  ///< of d over m: d grows with what is measured
  double slope_p = 0;               ///< of a slope as steep as that if in truth it is 0
  double pearson_r = 0;             ///< correlation, which two methods that differ may have too
  double concordance = 0;           ///< Lin's coefficient, Biometrics 1989; 45: 255

  [[nodiscard]] bool all_identical() const {
    return non_finite == 0 && unmatched == 0 && identical == pairs;
  }

  /// Whether 95 % of the differences are within -bar .. bar, as surely as the intervals say, and
  /// nothing was left out. The bar is what difference is too small to matter; it comes from the
  /// use, not from the data.
  [[nodiscard]] bool is_within(double bar) const {
    return non_finite == 0 && unmatched == 0 && lower_limit.lower >= -bar &&
           upper_limit.upper <= bar;
  }
};

namespace detail::agreement_of {

/// Pairs of numbers, read piece by piece.
struct pair_source {
  static constexpr std::size_t piece = 1024;
  std::size_t size = 0;
  const void *a = nullptr, *b = nullptr;
  void (*read)(const pair_source&, std::size_t first, std::size_t count, double*,
               double*) = nullptr;
};

template <class A, class B>
pair_source source_of(const A* a, const B* b, std::size_t size) {
  const auto read = [](const pair_source& s, std::size_t first, std::size_t count, double* x,
                       double* y) {
    for (std::size_t i = 0; i < count; ++i) {
      x[i] = static_cast<double>(static_cast<const A*>(s.a)[first + i]);
      y[i] = static_cast<double>(static_cast<const B*>(s.b)[first + i]);
    }
  };
  return {size, a, b, read};
}

/// Calls use(count, a, b) with the pairs of each piece whose numbers, and difference, are finite.
template <class Use>
void for_each_piece(const pair_source& source, const Use& use) {
  std::array<double, pair_source::piece> a, b;
  for (std::size_t first = 0; first < source.size; first += pair_source::piece) {
    const std::size_t count = std::min(pair_source::piece, source.size - first);
    source.read(source, first, count, a.data(), b.data());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      a[kept] = a[i];
      b[kept] = b[i];
      kept += std::abs(a[i] - b[i]) <= std::numeric_limits<double>::max() ? 1 : 0;
    }
    use(kept, a.data(), b.data());
  }
}

/// Means of d and m, and the sums of products of their distances from these.
struct moments {
  double n = 0, d = 0, m = 0, dd = 0, dm = 0, mm = 0;

  /// Of both parts (Chan, Golub and LeVeque, The American Statistician 1983; 37: 242).
  void add(const moments& part) {
    if (part.n == 0) return;
    const double all = n + part.n, to_d = part.d - d, to_m = part.m - m;
    const double weight = n * part.n / all;
    dd += part.dd + to_d * to_d * weight;
    dm += part.dm + to_d * to_m * weight;
    mm += part.mm + to_m * to_m * weight;
    d += to_d * (part.n / all);
    m += to_m * (part.n / all);
    n = all;
  }
};

inline moments moments_of(std::size_t count, const double* a, const double* b) {
  moments part;
  part.n = static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    part.d += a[i] - b[i];
    part.m += a[i] / 2 + b[i] / 2;
  }
  if (count == 0) return part;
  part.d /= part.n;
  part.m /= part.n;
  for (std::size_t i = 0; i < count; ++i) {
    const double d = a[i] - b[i] - part.d, m = a[i] / 2 + b[i] / 2 - part.m;
    part.dd += d * d;
    part.dm += d * m;
    part.mm += m * m;
  }
  return part;
}

// The bits of numbers, so that they are in the order of the numbers.
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
inline std::uint64_t key_of(double number) {
  const auto bits = std::bit_cast<std::uint64_t>(number);
  return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}
inline double number_of(std::uint64_t key) {
  return std::bit_cast<double>((key & sign_bit) != 0 ? key ^ sign_bit : ~key);
}

/// The numbers whose keys have some leading bits in common.
struct bin {
  std::uint64_t count = 0, key = 0;  // the key of one of them
  bool is_one_number = true;

  void add(std::uint64_t another) {
    is_one_number = is_one_number && (count == 0 || another == key);
    key = another;
    ++count;
  }
};

/// The numbers of ascending ranks (0 is the least) in a sequence that is too long to be kept.
/// `bins` are the numbers by the leading 16 bits of their keys. Each further pass over the
/// sequence looks at 16 bits more, until the numbers that are left are few enough to be sorted, or
/// all the same.
template <std::size_t Ranks, class ForEach>
std::array<double, Ranks> at_ranks(std::array<std::uint64_t, Ranks> rank, std::vector<bin> bins,
                                   const ForEach& for_each) {
  std::array<std::uint64_t, Ranks> prefix{};  // of the keys that a rank is among
  std::array<std::size_t, Ranks> group{};     // the first rank with the same prefix
  std::array<bool, Ranks> is_found{};
  std::array<double, Ranks> numbers{};
  for (int shift = 48;; shift -= 16) {
    std::uint64_t most = 0;
    for (std::size_t r = 0; r < Ranks; ++r) {
      if (is_found[r]) continue;
      const bin* const table = &bins[group[r] << 16];
      std::uint64_t digit = 0;
      while (rank[r] >= table[digit].count) rank[r] -= table[digit++].count;
      prefix[r] |= digit << shift;
      numbers[r] = number_of(table[digit].key);
      is_found[r] = table[digit].is_one_number;
      if (!is_found[r]) most = std::max(most, table[digit].count);
    }
    if (most == 0) return numbers;
    for (std::size_t r = 0; r < Ranks; ++r)
      group[r] = r > 0 && prefix[r] == prefix[r - 1] ? group[r - 1] : r;
    std::vector<std::size_t> open;  // a rank of each group that is not found
    for (std::size_t r = 0; r < Ranks; ++r)
      if (!is_found[r] && group[r] == r) open.push_back(r);
    const auto for_each_in_group = [&](const auto& use) {
      for_each([&](double number) {
        const auto key = key_of(number);
        for (const std::size_t r : open)
          if ((key ^ prefix[r]) >> shift == 0) use(r, key);
      });
    };
    if (most <= std::uint64_t{1} << 22) {
      std::array<std::vector<std::uint64_t>, Ranks> left;
      for_each_in_group([&](std::size_t r, std::uint64_t key) { left[r].push_back(key); });
      for (std::size_t r = 0; r < Ranks; ++r) {
        if (is_found[r]) continue;
        auto& keys = left[group[r]];
        const auto place = keys.begin() + static_cast<std::ptrdiff_t>(rank[r]);
        std::nth_element(keys.begin(), place, keys.end());
        numbers[r] = number_of(*place);
      }
      return numbers;
    }
    bins.assign(Ranks << 16, {});
    for_each_in_group([&](std::size_t r, std::uint64_t key) {
      bins[r << 16 | (key >> (shift - 16) & 0xffff)].add(key);
    });
  }
}

/// The percentiles 2.5 and 97.5 of d, between neighbours as numpy.percentile.
inline void add_percentiles(agreement& result, const pair_source& source, std::vector<bin> bins) {
  const double last = static_cast<double>(result.pairs - 1);
  const double low = 0.025 * last, high = 0.975 * last;
  const auto below = static_cast<std::uint64_t>(low), beneath = static_cast<std::uint64_t>(high);
  const auto next = [&](std::uint64_t rank) { return std::min(rank + 1, result.pairs - 1); };
  const auto for_each = [&](const auto& use) {
    for_each_piece(source, [&](std::size_t count, const double* a, const double* b) {
      for (std::size_t i = 0; i < count; ++i) use(a[i] - b[i]);
    });
  };
  const auto d =
      at_ranks<4>({below, next(below), beneath, next(beneath)}, std::move(bins), for_each);
  result.lower_percentile = std::lerp(d[0], d[1], low - std::floor(low));
  result.upper_percentile = std::lerp(d[2], d[3], high - std::floor(high));
}

/// What is said of pairs that are all identical, or of none.
inline void settle(agreement& result, double number) {
  result.bias = result.lower_limit = result.upper_limit = {number, number, number};
  result.sd = result.lower_percentile = result.upper_percentile = number;
  result.coefficient_of_repeatability = result.slope = result.intercept = number;
  result.slope_p = result.pearson_r = result.concordance = 1 + number;
}

inline agreement analyse(const pair_source& source) {
  agreement result;
  moments all;
  std::vector<bin> bins(1 << 16);
  for_each_piece(source, [&](std::size_t count, const double* a, const double* b) {
    std::uint64_t identical = 0;
    double largest = result.largest;
    for (std::size_t i = 0; i < count; ++i) {
      const double d = a[i] - b[i];
      identical += d == 0 ? 1 : 0;
      largest = std::max(largest, std::abs(d));
      const auto key = key_of(d);
      bins[key >> 48].add(key);
    }
    result.pairs += count;
    result.identical += identical;
    result.largest = largest;
    all.add(moments_of(count, a, b));
  });
  result.non_finite = source.size - result.pairs;
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  if (result.pairs == 0 || result.identical == result.pairs) {
    settle(result, result.pairs == 0 ? none : 0);
    return result;
  }
  const double n = all.n, bias = all.d;
  const double sd = n > 1 ? std::sqrt(all.dd / (n - 1)) : none;
  const double t = n > 1 ? student_t::two_sided_quantile(0.05, n - 1) : none;
  const auto around = [t](double value, double error) {
    return estimate{value, value - t * error, value + t * error};
  };
  const double limit_error = sd * std::sqrt(1 / n + 1.96 * 1.96 / (2 * (n - 1)));
  result.sd = sd;
  result.bias = around(bias, sd / std::sqrt(n));
  result.lower_limit = around(bias - 1.96 * sd, limit_error);
  result.upper_limit = around(bias + 1.96 * sd, limit_error);
  result.coefficient_of_repeatability = 1.96 * std::sqrt(all.dd / n + bias * bias);
  add_percentiles(result, source, std::move(bins));

  result.slope = all.mm > 0 ? all.dm / all.mm : none;
  result.intercept = bias - result.slope * all.m;
  const double residual = std::max(all.dd - result.slope * all.dm, 0.0);
  // 0 / 0 where all d are the same: a slope of 0 is no finding then
  result.slope_p = all.dd == 0 ? 1
                               : student_t::two_sided_p(
                                     result.slope / std::sqrt(residual / (n - 2) / all.mm), n - 2);
  const double aa = all.mm + all.dm + all.dd / 4, bb = all.mm - all.dm + all.dd / 4;
  const double ab = all.mm - all.dd / 4;
  result.pearson_r = aa > 0 && bb > 0 ? std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0) : none;
  result.concordance = 2 * ab / (aa + bb + n * bias * bias);
  return result;
}

}  // namespace detail::agreement_of

/// Compares two methods by what they measured of the same things, a[i] and b[i].
/// a, b     as many numbers, of any arithmetic type
/// throws   argument_error where there are not as many
/// cost     two to five passes over the numbers, no memory of their size
/// source   Bland & Altman 1986 and 1999 (intervals of the limits: 1999, with Student's t)
/// example  bland_altman(areas_on_gpu, areas_on_cpu).bias.value
template <std::ranges::contiguous_range A, std::ranges::contiguous_range B>
agreement bland_altman(const A& a, const B& b) {
  if (std::ranges::size(a) != std::ranges::size(b))
    throw argument_error(detail::text({"bland_altman: there are ", std::ranges::size(a), " and ",
                                       std::ranges::size(b), " numbers, not as many"}));
  return detail::agreement_of::analyse(detail::agreement_of::source_of(
      std::ranges::data(a), std::ranges::data(b), std::ranges::size(a)));
}

/// Two images pixel by pixel, on any devices. Pixels are no independent measurements: the more
/// there are, the narrower the intervals, whatever they are worth.
template <pixel A, pixel B>
agreement bland_altman(const image<A>& a, const image<B>& b) {
  if (a.shape() != b.shape())
    throw argument_error("bland_altman: the images are " + to_string(a.shape()) + " and " +
                         to_string(b.shape()));
  return bland_altman(pull(a), pull(b));
}

/// Pairs that were joined; those without a partner are counted.
inline agreement bland_altman(const joined_columns& pairs) {
  auto result = bland_altman(pairs.a, pairs.b);
  result.unmatched = pairs.only_in_a + pairs.only_in_b;
  return result;
}

/// A column of two tables, such as the areas of labels_statistics, by rows that have the same
/// number in the column `key`.
/// throws   argument_error where a table lacks a column, or a key is there twice
inline agreement bland_altman(const table& a, const table& b, const std::string& column,
                              const std::string& key = "label") {
  return bland_altman(join(a, column, b, column, key));
}

/// The same by objects that match: a's labels are the true ones of `matched`, b's the predicted.
inline agreement bland_altman(const table& a, const table& b, const std::string& column,
                              std::span<const metrics::object_pair> matched) {
  return bland_altman(join(a, column, b, column, matched));
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
