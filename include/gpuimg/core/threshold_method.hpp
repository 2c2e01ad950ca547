// SPDX-License-Identifier: BSD-3-Clause
// Where a histogram of 256 levels is parted into background and foreground, by ImageJ's methods.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "gpuimg/core/product.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// How a threshold is found in a histogram, as ImageJ names it.
enum class threshold_method {
  imagej_default,  ///< as isodata, but for the end levels and a peak that outgrows the others
  huang,           ///< the parts are as little fuzzy as can be
  intermodes,      ///< halfway between the two peaks of the smoothed histogram
  isodata,         ///< halfway between the means of the parts
  li,              ///< the least cross entropy between the image and its two means
  max_entropy,     ///< the entropies of the parts have the greatest sum
  mean,            ///< the mean of all pixels
  min_error,       ///< two Gaussians meet there
  minimum,         ///< the valley between the two peaks of the smoothed histogram
  moments,         ///< two levels instead of all keep the image's first three moments
  otsu,            ///< the greatest variance between the parts
  percentile,      ///< half of the pixels are on either side
  renyi_entropy,   ///< as max_entropy, between the thresholds of three entropies
  shanbhag,        ///< the parts tell equally much
  triangle,        ///< farthest from the line between the peak and the far end
  yen              ///< the greatest correlation
};
constexpr std::array<const char*, 16> choice_names(threshold_method) {
  return {"Default",      "Huang",    "Intermodes", "IsoData", "Li",   "MaxEntropy",
          "Mean",         "MinError", "Minimum",    "Moments", "Otsu", "Percentile",
          "RenyiEntropy", "Shanbhag", "Triangle",   "Yen"};
}

namespace detail::thresholding {

inline constexpr std::size_t levels = 256;
using level_values = std::array<double, levels>;

/// A histogram that is not empty, and the sums that the methods share. What is "up to" a level
/// includes it.
struct level_histogram {
  level_values count{}, count_up_to{}, sum_up_to{}, squares_up_to{};
  level_values share{}, share_up_to{}, share_above{};  ///< of all pixels
  std::size_t first = levels - 1, last = 0;            ///< that have pixels

  explicit level_histogram(std::span<const std::uint64_t, levels> counts) {
    double pixels = 0, sum = 0, squares = 0, shares = 0;
    for (std::size_t i = 0; i < levels; ++i) {
      const auto level = static_cast<double>(i);
      count[i] = static_cast<double>(counts[i]);
      count_up_to[i] = pixels += count[i];
      sum_up_to[i] = sum += product(level, count[i]);
      squares_up_to[i] = squares += product(level * level, count[i]);
      if (counts[i] > 0) first = std::min(first, i), last = i;
    }
    for (std::size_t i = 0; i < levels; ++i) {
      share[i] = count[i] / pixels;
      share_up_to[i] = shares += share[i];
      share_above[i] = 1 - shares;
    }
  }
  [[nodiscard]] double pixels() const { return count_up_to.back(); }
  [[nodiscard]] double sum() const { return sum_up_to.back(); }
  [[nodiscard]] double pixels_above(std::size_t t) const { return pixels() - count_up_to[t]; }
  [[nodiscard]] double mean_up_to(std::size_t t) const { return sum_up_to[t] / count_up_to[t]; }
  [[nodiscard]] double mean_above(std::size_t t) const {
    return (sum() - sum_up_to[t]) / pixels_above(t);
  }
  /// Whether a share is more than what rounding leaves of none.
  static bool is_some(double share) { return std::abs(share) >= 0x1p-52; }
};

/// The level from `first` to `last` whose score is the greatest and above `bar`, the least of
/// several; 0 where none is.
template <class Score>
std::size_t best_level(std::size_t first, std::size_t last, double bar, const Score& score) {
  std::size_t best = 0;
  for (std::size_t t = first; t <= last; ++t)
    if (const double s = score(t); s > bar) bar = s, best = t;
  return best;
}

// ImageJ's own variant of Ridler and Calvard 1978, below. The threshold moves up from the first
// level until the mean of both means is passed. The end levels, which may be saturated, do not
// count; a peak of more than twice the second greatest count does so as 1.5 times that.
inline std::size_t imagej_default(const level_histogram& h) {
  level_values count = h.count;
  const auto peak = std::ranges::max_element(count);
  const double most = *peak;
  *peak = 0;
  const double second = std::ranges::max(count);
  *peak = most > 2 * second && second > 0 ? std::floor(1.5 * second) : most;
  std::size_t first = 1, last = levels - 2;
  while (first < last && count[first] == 0) ++first;
  while (first < last && count[last] == 0) --last;
  if (first == last) return levels / 2;
  const auto mean_of = [&](std::size_t from, std::size_t to) {
    double sum = 0, pixels = 0;
    for (std::size_t i = from; i <= to; ++i) {
      sum += product(static_cast<double>(i), count[i]);
      pixels += count[i];
    }
    return sum / pixels;
  };
  for (std::size_t t = first;; ++t) {
    const double middle = (mean_of(first, t) + mean_of(t + 1, last)) / 2;
    if (static_cast<double>(t + 2) > middle || t + 2 >= last)
      return static_cast<std::size_t>(std::round(middle));
  }
}

// Huang and Wang, Pattern Recognition 28 (1995): a pixel belongs to its part the less, the farther
// it is from the part's mean; the entropy of that is least. All pixels may make one part, too.
inline std::size_t huang(const level_histogram& h) {
  if (h.first == h.last) return 0;
  const double scale = 1 / static_cast<double>(h.last - h.first);
  return best_level(0, h.last, -HUGE_VAL, [&](std::size_t t) {
    const double below = h.mean_up_to(t), above = h.mean_above(t);
    double fuzziness = 0;
    for (std::size_t i = h.first; i <= h.last; ++i) {
      const double away = std::abs(static_cast<double>(i) - (i <= t ? below : above));
      const double belongs = 1 / (1 + product(scale, away));
      if (belongs <= 0.999999)  // else a great peak decides by what rounding leaves of its mean
        fuzziness += product(h.count[i], -product(belongs, std::log(belongs)) -
                                             product(1 - belongs, std::log(1 - belongs)));
    }
    return -fuzziness;
  });
}

/// The levels where a histogram has a peak: more than on both sides.
struct peaks {
  std::size_t count = 0, sum_of_levels = 0;

  explicit peaks(std::span<const double> values) {
    for (std::size_t i = 1; i + 1 < values.size(); ++i)
      if (values[i - 1] < values[i] && values[i] > values[i + 1]) ++count, sum_of_levels += i;
  }
};

/// Smooths, three levels wide and again and again, until two peaks are left; false where they do
/// not come to be. There are no pixels beyond the ends.
inline bool smooth_to_two_peaks(std::span<double> values) {
  constexpr int tries = 10000;
  for (int i = 0; peaks(values).count != 2; ++i) {
    if (i == tries) return false;
    double before = 0;
    for (std::size_t k = 0; k < values.size(); ++k) {
      const double here = values[k], next = k + 1 < values.size() ? values[k + 1] : 0;
      values[k] = (before + here + next) / 3;
      before = here;
    }
  }
  return true;
}

// Prewitt and Mendelsohn, Ann. N. Y. Acad. Sci. 128 (1966).
inline std::size_t intermodes(const level_histogram& h) {
  level_values smooth = h.count;
  const auto range = std::span(smooth).subspan(h.first, h.last - h.first + 1);
  return smooth_to_two_peaks(range) ? h.first + peaks(range).sum_of_levels / 2 : 0;
}

// Prewitt and Mendelsohn 1966, as above.
inline std::size_t minimum(const level_histogram& h) {
  level_values smooth = h.count;
  if (!smooth_to_two_peaks(smooth)) return 0;
  for (std::size_t i = 1; i + 1 < levels; ++i)
    if (smooth[i - 1] > smooth[i] && smooth[i] <= smooth[i + 1]) return i;
  return 0;
}

// Ridler and Calvard, IEEE Trans. Syst. Man Cybern. 8 (1978). Level t itself is on neither side;
// the mean below is rounded down.
inline std::size_t isodata(const level_histogram& h) {
  std::size_t t = 1;
  while (t < levels && h.count[t] == 0) ++t;
  for (++t; t + 1 < levels; ++t) {
    if (h.count_up_to[t - 1] == 0 || h.pixels_above(t) == 0) continue;
    const double middle = (std::floor(h.mean_up_to(t - 1)) + h.mean_above(t)) / 2;
    if (std::round(middle) == static_cast<double>(t)) return t;
  }
  return 0;
}

// Li and Tam, Pattern Recognit. Lett. 19 (1998): the threshold that is the logarithmic mean of the
// means of its sides.
inline std::size_t li(const level_histogram& h) {
  double next = h.sum() / h.pixels();
  for (;;) {
    const double old = next;
    const auto t = static_cast<std::size_t>(old + 0.5);
    const double below = h.count_up_to[t] == 0 ? 0 : h.mean_up_to(t);
    const double above = h.pixels_above(t) == 0 ? 0 : h.mean_above(t);
    next = below == 0 || above == 0
               ? 0
               : std::floor((below - above) / (std::log(below) - std::log(above)) + 0.5);
    if (std::abs(next - old) <= 0.5) return t;
  }
}

/// The levels that a method of entropies tries: those with pixels on both sides.
struct level_range {
  std::size_t first, last;

  explicit level_range(const level_histogram& h) : first(0), last(levels - 1) {
    while (first + 1 < levels && !h.is_some(h.share_up_to[first])) ++first;
    while (last > 0 && !h.is_some(h.share_above[last])) --last;
  }
};

inline double entropy_of(const level_histogram& h, std::size_t from, std::size_t to, double share) {
  double entropy = 0;
  for (std::size_t i = from; i <= to; ++i) {
    const double p = h.share[i] / share;
    if (h.count[i] > 0) entropy -= product(p, std::log(p));
  }
  return entropy;
}

// Kapur, Sahoo and Wong, Comput. Vis. Graph. Image Process. 29 (1985).
inline std::size_t max_entropy(const level_histogram& h) {
  const level_range tried(h);
  return best_level(tried.first, tried.last, 0, [&](std::size_t t) {
    return entropy_of(h, 0, t, h.share_up_to[t]) +
           entropy_of(h, t + 1, levels - 1, h.share_above[t]);
  });
}

// Glasbey, CVGIP Graph. Models Image Process. 55 (1993).
inline std::size_t mean(const level_histogram& h) {
  return static_cast<std::size_t>(h.sum() / h.pixels());
}

// Kittler and Illingworth, Pattern Recognition 19 (1986), as Glasbey 1993 iterates it: a Gaussian
// for each part, and a threshold where they meet.
inline std::size_t min_error(const level_histogram& h) {
  std::size_t t = mean(h);
  for (std::size_t i = 0; i < levels; ++i) {
    const double p = h.count_up_to[t] / h.pixels(), q = h.pixels_above(t) / h.pixels();
    const double mu = h.mean_up_to(t), nu = h.mean_above(t);
    const double sigma2 = h.squares_up_to[t] / h.count_up_to[t] - product(mu, mu);
    const double tau2 =
        (h.squares_up_to.back() - h.squares_up_to[t]) / h.pixels_above(t) - product(nu, nu);
    const double w0 = 1 / sigma2 - 1 / tau2, w1 = mu / sigma2 - nu / tau2;
    const double w2 =
        mu * mu / sigma2 - nu * nu / tau2 + std::log10(sigma2 * (q * q) / (tau2 * (p * p)));
    const double root = product(w1, w1) - product(w0, w2);
    const double meeting = (w1 + std::sqrt(root)) / w0;
    if (root < 0 || std::isnan(meeting)) return t;
    const auto next = static_cast<std::size_t>(std::clamp(std::floor(meeting), 0.0, levels - 1.0));
    if (next == t) return t;
    t = next;
  }
  return mean(h);  // it goes round in circles
}

// Tsai, Comput. Vis. Graph. Image Process. 29 (1985).
inline std::size_t moments(const level_histogram& h) {
  double m1 = 0, m2 = 0, m3 = 0;
  for (std::size_t i = 0; i < levels; ++i) {
    const auto level = static_cast<double>(i);
    m1 += product(level, h.share[i]);
    m2 += product(level * level, h.share[i]);
    m3 += product(level * level * level, h.share[i]);
  }
  const double d = m2 - product(m1, m1);
  const double c0 = (product(m1, m3) - product(m2, m2)) / d;
  const double c1 = (product(m2, m1) - m3) / d;
  const double root = std::sqrt(product(c1, c1) - product(4.0, c0));
  const double z0 = 0.5 * (-c1 - root), z1 = 0.5 * (-c1 + root);
  const double below = (z1 - m1) / (z1 - z0);
  for (std::size_t i = 0; i < levels; ++i)
    if (h.share_up_to[i] > below) return i;
  return 0;
}

// Otsu, IEEE Trans. Syst. Man Cybern. 9 (1979): the last of several greatest variances.
inline std::size_t otsu(const level_histogram& h) {
  std::size_t best = 0;
  double most = 0;
  for (std::size_t t = 1; t + 1 < levels; ++t) {
    const double weight = h.count_up_to[t] * h.pixels_above(t);
    const double apart = product(h.count_up_to[t] / h.pixels(), h.sum()) - h.sum_up_to[t];
    const double variance = weight == 0 ? 0 : apart * apart / weight;
    if (variance >= most) most = variance, best = t;
  }
  return best;
}

// Doyle, J. ACM 9 (1962).
inline std::size_t percentile(const level_histogram& h) {
  return best_level(0, levels - 1, -1,
                    [&](std::size_t t) { return -std::abs(h.count_up_to[t] / h.pixels() - 0.5); });
}

// Kapur et al. 1985: three thresholds, of the entropies of order 1/2, 1 and 2, and between them
// one that heeds how far apart they are.
inline std::size_t renyi_entropy(const level_histogram& h) {
  const level_range tried(h);
  const auto of_order = [&](double factor, const auto& term) {
    return best_level(tried.first, tried.last, 0, [&](std::size_t t) {
      double below = 0, above = 0;
      for (std::size_t i = 0; i <= t; ++i) below += term(h.share[i], h.share_up_to[t]);
      for (std::size_t i = t + 1; i < levels; ++i) above += term(h.share[i], h.share_above[t]);
      const double both = below * above;
      return both > 0 ? factor * std::log(both) : 0;
    });
  };
  std::array<std::size_t, 3> found{
      of_order(2, [](double share, double part) { return std::sqrt(share / part); }),
      max_entropy(h),
      of_order(-1, [](double share, double part) { return share * share / (part * part); })};
  std::sort(found.begin(), found.end());
  const bool low_pair = found[1] - found[0] <= 5, high_pair = found[2] - found[1] <= 5;
  std::array<double, 3> weight{1, 2, 1};
  if (low_pair && !high_pair) weight = {0, 1, 3};
  if (high_pair && !low_pair) weight = {3, 1, 0};
  const double between = h.share_up_to[found[2]] - h.share_up_to[found[0]];
  const auto at = [&](std::size_t i) { return static_cast<double>(found[i]); };
  const double quarter = 0.25 * between;
  const double low = h.share_up_to[found[0]] + product(quarter, weight[0]);
  const double high = h.share_above[found[2]] + product(quarter, weight[2]);
  return static_cast<std::size_t>(product(at(0), low) + product(at(1) * quarter, weight[1]) +
                                  product(at(2), high));
}

// Shanbhag, CVGIP Graph. Models Image Process. 56 (1994).
inline std::size_t shanbhag(const level_histogram& h) {
  const level_range tried(h);
  return best_level(tried.first, tried.last, -HUGE_VAL, [&](std::size_t t) {
    const double below = 0.5 / h.share_up_to[t], above = 0.5 / h.share_above[t];
    double information_below = 0, information_above = 0;
    for (std::size_t i = 1; i <= t; ++i)
      information_below -= product(h.share[i], std::log(1 - product(below, h.share_up_to[i - 1])));
    for (std::size_t i = t + 1; i < levels; ++i)
      information_above -= product(h.share[i], std::log(1 - product(above, h.share_above[i])));
    return -std::abs(product(information_below, below) - product(information_above, above));
  });
}

// Zack, Rogers and Latt, J. Histochem. Cytochem. 25 (1977): on the longer side of the peak.
inline std::size_t triangle(const level_histogram& h) {
  const auto most = std::ranges::max_element(h.count);
  const auto peak = static_cast<std::size_t>(most - h.count.begin());
  const std::size_t low = h.first > 0 ? h.first - 1 : 0;
  const std::size_t high = h.last < peak ? h.last : std::min(h.last + 1, levels - 1);
  const bool mirrored = peak - low < high - peak;
  const std::size_t end = mirrored ? levels - 1 - high : low;
  const std::size_t top = mirrored ? levels - 1 - peak : peak;
  if (end == top) return end;
  const auto count = [&](std::size_t i) { return h.count[mirrored ? levels - 1 - i : i]; };
  double nx = *most, ny = static_cast<double>(end) - static_cast<double>(top);
  const double length = std::sqrt(product(nx, nx) + product(ny, ny));
  nx /= length, ny /= length;
  const auto along = [&](std::size_t i) {
    return product(nx, static_cast<double>(i)) + product(ny, count(i));
  };
  const double at_end = along(end);
  std::size_t split = end;
  double farthest = 0;
  for (std::size_t i = end + 1; i <= top; ++i)
    if (const double away = along(i) - at_end; away > farthest) farthest = away, split = i;
  return mirrored ? std::min(levels - split, levels - 1) : std::max<std::size_t>(split, 1) - 1;
}

// Yen, Chang and Chang, IEEE Trans. Image Process. 4 (1995).
inline std::size_t yen(const level_histogram& h) {
  level_values squares_up_to{}, squares_above{};
  double sum = 0;
  for (std::size_t i = 0; i < levels; ++i)
    squares_up_to[i] = sum += product(h.share[i], h.share[i]);
  for (std::size_t i = levels - 1; i-- > 0;)
    squares_above[i] = squares_above[i + 1] + product(h.share[i + 1], h.share[i + 1]);
  const auto log_or_0 = [](double x) { return x > 0 ? std::log(x) : 0; };
  return best_level(0, levels - 1, 0, [&](std::size_t t) {
    return 2 * log_or_0(h.share_up_to[t] * (1 - h.share_up_to[t])) -
           log_or_0(squares_up_to[t] * squares_above[t]);
  });
}

}  // namespace detail::thresholding

/// The last level of the background in a histogram, one count a level.
/// counts   of 256 levels, from the darkest
/// returns  0 to 255, what ImageJ's AutoThresholder gives; 0 where a method finds no threshold, as
///          there, and in an empty histogram. It differs where ImageJ's sums of 32 bits overflow
///          (MinError from 33000 bright pixels on, IsoData from 8 million), and where MinError goes
///          round in circles (symmetric histograms), for ever there: the mean
/// source   ImageJ 1.53t, ij.process.AutoThresholder
inline std::size_t threshold_of(std::span<const std::uint64_t, 256> counts,
                                threshold_method method) {
  namespace by = detail::thresholding;
  constexpr std::size_t (*methods[])(const by::level_histogram&) = {
      by::imagej_default, by::huang,     by::intermodes, by::isodata, by::li,   by::max_entropy,
      by::mean,           by::min_error, by::minimum,    by::moments, by::otsu, by::percentile,
      by::renyi_entropy,  by::shanbhag,  by::triangle,   by::yen};
  if (std::ranges::all_of(counts, [](std::uint64_t n) { return n == 0; })) return 0;
  return methods[static_cast<std::size_t>(method)](by::level_histogram(counts));
}

}  // namespace gpuimg
