// SPDX-License-Identifier: BSD-3-Clause
// Student's t distribution, as far as confidence intervals and tests of a mean or slope need it.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cmath>
#include <initializer_list>
#include <limits>
#include <numbers>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail::student_t {

// ln B(a, 1/2), without the difference of two large numbers that ln Gamma would be for large a.
inline double log_beta_half(double a) {
  const double log_sqrt_pi = 0.5 * std::log(std::numbers::pi);
  if (a < 100) return std::lgamma(a) + log_sqrt_pi - std::lgamma(a + 0.5);
  const double inverse = 1 / a, square = inverse * inverse;
  return log_sqrt_pi - 0.5 * std::log(a) +
         inverse * (1.0 / 8 - square * (1.0 / 192 - square / 640));
}

// The continued fraction of the incomplete beta function (https://dlmf.nist.gov/8.17.E22) from its
// front, by Lentz's method as Thompson and Barnett 1986 modified it.
inline double beta_fraction(double a, double b, double x) {
  const auto away_from_0 = [](double value) { return std::abs(value) < 1e-300 ? 1e-300 : value; };
  double fraction = 1, c = 1, d = 0;
  for (double m = 0; m < 1e6; ++m) {
    double change = 1;
    for (const double term : {-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
                              (m + 1) * (b - m - 1) * x / ((a + 2 * m + 1) * (a + 2 * m + 2))}) {
      d = 1 / away_from_0(1 + term * d);
      c = away_from_0(1 + term / c);
      change *= c * d;
    }
    fraction *= change;
    if (std::abs(change - 1) < 1e-16) break;
  }
  return 1 / fraction;
}

/// The probability that |T| >= |t|, with `freedom` > 0 degrees of freedom. 0 for infinite t.
inline double two_sided_p(double t, double freedom) {
  if (std::isnan(t) || !(freedom > 0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(t)) return 0;
  if (t == 0) return 1;
  if (freedom > 1e6) {  // nearly normal: Wallace, Annals of Mathematical Statistics 1959; 30: 1121
    const double z =
        std::sqrt(freedom * std::log1p(t * t / freedom)) * (8 * freedom + 1) / (8 * freedom + 3);
    return std::erfc(z / std::numbers::sqrt2);
  }
  // p = I_x(freedom / 2, 1 / 2) with x = freedom / (freedom + t^2)
  const double a = freedom / 2, b = 0.5;
  const double x = freedom / (freedom + t * t), rest = t * t / (freedom + t * t);
  const double front = std::exp(a * std::log1p(-rest) + b * std::log(rest) - log_beta_half(a));
  if (x < (a + 1) / (a + b + 2)) return front / a * beta_fraction(a, b, x);
  return 1 - front / b * beta_fraction(b, a, rest);
}

/// The t that |T| exceeds with probability `p` (in (0, 1)): 2.228 for p = 0.05 and freedom = 10.
inline double two_sided_quantile(double p, double freedom) {
  if (!(freedom > 0)) return std::numeric_limits<double>::quiet_NaN();
  double low = 0, high = 1;
  while (two_sided_p(high, freedom) > p) high *= 2;
  for (double middle = 0; low < (middle = low + (high - low) / 2) && middle < high;)
    (two_sided_p(middle, freedom) > p ? low : high) = middle;
  return high;
}

}  // namespace gpuimg::detail::student_t

#include "gpuimg/core/pop_macros.def"
