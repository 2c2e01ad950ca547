// SPDX-License-Identifier: BSD-3-Clause
// Synthetic fluorescence micrographs of nuclei, 2D and 3D, with the true labels beside them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <sstream>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"

namespace gpuimg::examples {

/// What a field shows and how it was taken. Lengths are in pixels, light in photons per pixel,
/// camera values in grey levels; one photon makes one grey level. Lengths reach up to 1000, the
/// radius from 0.5; light and camera values lie in 0 to 1e6, shares in 0 to 1.
struct field_options {
  shape size{1024, 1024, 1};
  std::size_t nuclei = 500;  ///< fewer are placed where no room is left
  float radius = 12;         ///< mean semi-axis; each one is within 30 % of it
  float spacing = 0.9f;      ///< least distance of two centres, in sums of their mean semi-axes
  float photons = 300;       ///< mean brightness of nuclei; each one is within 60 % of it
  float texture = 0.25f;     ///< chromatin contrast: relative standard deviation
  float psf_sigma = 1.2f;    ///< of the Gaussian point-spread function, along x and y
  float psf_sigma_z = 2.5f;  ///< and along z
  float background = 50;     ///< out-of-focus light and autofluorescence
  float vignette = 0.4f;     ///< share of the light that is missing in the darkest corner, 0 to 1
  float read_noise = 3;      ///< standard deviation
  float offset = 100;        ///< grey level of a dark pixel
  unsigned seed = 1;
};

/// Image and truth, x fastest.
struct field {
  shape size;
  std::vector<std::uint16_t> image;
  std::vector<std::uint32_t> labels;  ///< 1..nuclei in raster order of the first pixel; 0 elsewhere
  std::uint32_t nuclei = 0;           ///< nuclei that own at least one pixel
};

namespace detail {

using vector3 = std::array<double, 3>;

inline double dot(const vector3& a, const vector3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// Random numbers that are the same with every standard library, which std::*_distribution is not.
class random_source {
 public:
  explicit random_source(unsigned seed) : engine_(seed) {}

  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  /// Standard normal: Marsaglia's polar method, which makes two at a time.
  double normal() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    double u, v, square;
    do {
      u = uniform(-1, 1);
      v = uniform(-1, 1);
      square = u * u + v * v;
    } while (square >= 1 || square == 0);
    const double scale = std::sqrt(-2 * std::log(square) / square);
    spare_ = v * scale;
    has_spare_ = true;
    return u * scale;
  }

  /// Poisson: products of uniforms for small means, else Hoermann's transformed rejection PTRS
  /// (The transformed rejection method for generating Poisson random variables, 1993).
  double poisson(double mean) {
    if (mean < 10) {
      double count = 0;
      const double limit = std::exp(-mean);
      for (double product = uniform(); product > limit; product *= uniform()) ++count;
      return count;
    }
    const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
    const double quick = 0.9277 - 3.6224 / (b - 2), inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    while (true) {
      const double u = uniform() - 0.5, v = uniform(), edge = 0.5 - std::abs(u);
      const double count = std::floor((2 * a / edge + b) * u + mean + 0.43);
      if (edge >= 0.07 && v <= quick) return count;
      if (count < 0 || (edge < 0.013 && v > edge)) continue;
      if (std::log(v * inverse_alpha / (a / (edge * edge) + b)) <=
          count * std::log(mean) - mean - std::lgamma(count + 1))
        return count;
    }
  }

 private:
  std::mt19937_64 engine_;
  double spare_ = 0;
  bool has_spare_ = false;
};

/// Blurs by a Gaussian of the given standard deviations, edges repeated; 0 leaves an axis alone.
inline void blur(std::vector<double>& image, const shape& size, const vector3& sigma) {
  std::size_t stride = 1;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    // Pixels one apart along the axis are `stride` apart in memory, so that along every axis a
    // block of length * stride pixels is convolved as if it were one line.
    const std::size_t length = size.axes()[axis], block = length * stride;
    const auto radius = static_cast<std::size_t>(4 * sigma[axis] + 0.5);
    if (length > 1 && radius > 0) {
      std::vector<double> weights(2 * radius + 1);
      double sum = 0;
      for (std::size_t k = 0; k < weights.size(); ++k) {
        const double t = (static_cast<double>(k) - static_cast<double>(radius)) / sigma[axis];
        sum += weights[k] = std::exp(-0.5 * t * t);
      }
      for (double& weight : weights) weight /= sum;

      std::vector<double> padded(block + 2 * radius * stride);
      for (auto first = image.begin(); first != image.end();) {
        const auto last = first + static_cast<std::ptrdiff_t>(block);
        auto inner = padded.begin();
        for (std::size_t k = 0; k < radius; ++k) inner = std::copy_n(first, stride, inner);
        inner = std::copy(first, last, inner);
        for (std::size_t k = 0; k < radius; ++k)
          inner = std::copy_n(last - static_cast<std::ptrdiff_t>(stride), stride, inner);
        for (const double* source = padded.data(); first != last; ++first, ++source) {
          double value = 0;
          for (std::size_t k = 0; k < weights.size(); ++k) value += weights[k] * source[k * stride];
          *first = value;
        }
      }
    }
    stride = block;
  }
}

/// White noise blurred by `sigma` pixels and scaled to a variance of 1.
inline std::vector<double> smooth_noise(const shape& size, double sigma, random_source& random) {
  std::vector<double> noise(size.pixels());
  for (double& value : noise) value = random.uniform(-1, 1);
  blur(noise, size, {sigma, sigma, sigma});
  double variance = 0;
  for (const double value : noise) variance += value * value / static_cast<double>(noise.size());
  for (double& value : noise) value /= std::sqrt(variance);
  return noise;
}

struct nucleus {
  vector3 centre;
  std::array<vector3, 3> axes;  ///< unit axes divided by their semi-axes
  double mean_radius = 0, brightness = 0;

  /// 0 at the centre, 1 on the surface.
  [[nodiscard]] double squared_distance(const vector3& point) const {
    const vector3 d = {point[0] - centre[0], point[1] - centre[1], point[2] - centre[2]};
    double sum = 0;
    for (const vector3& axis : axes) sum += dot(d, axis) * dot(d, axis);
    return sum;
  }
};

inline constexpr double size_variation = 0.3, brightness_variation = 0.6;

/// A nucleus of random place, shape, orientation and brightness. In 2D all vectors lie in the
/// plane.
inline nucleus random_nucleus(const field_options& options, random_source& random) {
  nucleus result;
  const auto size = options.size.axes();
  for (std::size_t i = 0; i < 3; ++i)
    result.centre[i] = random.uniform(0, static_cast<double>(size[i] - 1));

  const auto direction = [&] {
    return vector3{random.normal(), random.normal(), options.size.is_3d() ? random.normal() : 0};
  };
  const auto normalised = [](const vector3& v) {
    const double length = std::sqrt(dot(v, v));
    return vector3{v[0] / length, v[1] / length, v[2] / length};
  };
  const vector3 u = normalised(direction()), r = direction();
  const double along = dot(r, u);
  const vector3 v = normalised({r[0] - along * u[0], r[1] - along * u[1], r[2] - along * u[2]});
  const vector3 w = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
                     u[0] * v[1] - u[1] * v[0]};
  result.axes = {u, v, w};
  const std::size_t used = options.size.is_3d() ? 3 : 2;
  for (std::size_t i = 0; i < used; ++i) {
    const double semi_axis =
        options.radius * random.uniform(1 - size_variation, 1 + size_variation);
    for (double& component : result.axes[i]) component /= semi_axis;
    result.mean_radius += semi_axis / static_cast<double>(used);
  }
  result.brightness =
      options.photons * random.uniform(1 - brightness_variation, 1 + brightness_variation);
  return result;
}

/// Places nuclei one by one, each where it keeps its distance from all before it.
inline std::vector<nucleus> place_nuclei(const field_options& options, random_source& random) {
  // Cells as wide as the largest distance that matters: only neighbouring cells need a look.
  const double cell = std::max(1.0, 2 * (1 + size_variation) * options.radius * options.spacing);
  std::array<std::size_t, 3> cells, home, low, high;
  for (std::size_t i = 0; i < 3; ++i)
    cells[i] = static_cast<std::size_t>(static_cast<double>(options.size.axes()[i]) / cell) + 1;
  std::vector<std::vector<std::size_t>> members(cells[0] * cells[1] * cells[2]);
  const auto members_of = [&](std::size_t x, std::size_t y, std::size_t z) -> auto& {
    return members[x + cells[0] * (y + cells[1] * z)];
  };

  std::vector<nucleus> placed;
  constexpr int most_failures = 1000;  // in a row
  int failures = 0;
  while (placed.size() < options.nuclei && failures < most_failures) {
    const nucleus next = random_nucleus(options, random);
    for (std::size_t i = 0; i < 3; ++i) {
      home[i] = static_cast<std::size_t>(next.centre[i] / cell);
      low[i] = home[i] - (home[i] > 0 ? 1 : 0);
      high[i] = std::min(home[i] + 1, cells[i] - 1);
    }
    const auto crowds = [&](std::size_t index) {
      const nucleus& other = placed[index];
      const vector3 d = {next.centre[0] - other.centre[0], next.centre[1] - other.centre[1],
                         next.centre[2] - other.centre[2]};
      const double least = options.spacing * (next.mean_radius + other.mean_radius);
      return dot(d, d) < least * least;
    };
    bool free = true;
    for (std::size_t z = low[2]; z <= high[2]; ++z)
      for (std::size_t y = low[1]; y <= high[1]; ++y)
        for (std::size_t x = low[0]; x <= high[0]; ++x)
          free = free && std::ranges::none_of(members_of(x, y, z), crowds);
    if (!free) {
      ++failures;
      continue;
    }
    failures = 0;
    members_of(home[0], home[1], home[2]).push_back(placed.size());
    placed.push_back(next);
  }
  return placed;
}

inline void check(const field_options& options) {
  struct {
    const char* name;
    float value, low, high;
  } const ranges[] = {
      {"radius", options.radius, 0.5f, 1000},      {"spacing", options.spacing, 0, 1000},
      {"photons", options.photons, 0, 1e6f},       {"texture", options.texture, 0, 1},
      {"psf_sigma", options.psf_sigma, 0, 1000},   {"psf_sigma_z", options.psf_sigma_z, 0, 1000},
      {"background", options.background, 0, 1e6f}, {"vignette", options.vignette, 0, 1},
      {"read_noise", options.read_noise, 0, 1e6f}, {"offset", options.offset, 0, 1e6f}};
  for (const auto& [name, value, low, high] : ranges)
    if (!(value >= low && value <= high)) {
      std::ostringstream text;
      text << "synthesize: " << name << " must be in [" << low << ", " << high << "], got "
           << value;
      throw argument_error(text.str());
    }
}

}  // namespace detail

/// Makes a field of nuclei as a camera would record it, and its true labels.
///
/// Nuclei are ellipsoids with a smooth texture, blurred by the microscope and lit unevenly; the
/// camera adds photon (Poisson) and read-out (Gaussian) noise. Where two nuclei would overlap, a
/// pixel belongs to the one whose centre is nearer in units of its own semi-axes.
/// The pixels follow from the options alone: everything is computed in double and rounded to grey
/// levels at the end, so that last-bit differences between platforms do not show.
/// throws argument_error for options out of range.
inline field synthesize(const field_options& options) {
  using namespace detail;
  check(options);
  const shape& size = options.size;
  const std::size_t pixels = size.pixels();
  field result{.size = size,
               .image = std::vector<std::uint16_t>(pixels),
               .labels = std::vector<std::uint32_t>(pixels)};
  if (pixels == 0) return result;

  random_source random(options.seed);
  const std::vector<nucleus> nuclei = place_nuclei(options, random);

  std::vector<double> nearest(pixels, 1.0);  // squared distance to the owner, 1 outside
  const double reach = options.radius * (1 + size_variation);
  for (std::size_t n = 0; n < nuclei.size(); ++n) {
    std::array<std::size_t, 3> first, last;
    for (std::size_t i = 0; i < 3; ++i) {
      const double centre = nuclei[n].centre[i], end = static_cast<double>(size.axes()[i] - 1);
      first[i] = static_cast<std::size_t>(std::max(0.0, centre - reach));
      last[i] = static_cast<std::size_t>(std::min(end, centre + reach));
    }
    for (std::size_t z = first[2]; z <= last[2]; ++z)
      for (std::size_t y = first[1]; y <= last[1]; ++y)
        for (std::size_t x = first[0]; x <= last[0]; ++x) {
          const double distance = nuclei[n].squared_distance(
              {static_cast<double>(x), static_cast<double>(y), static_cast<double>(z)});
          const std::size_t i = x + size.x * (y + size.y * z);
          if (distance >= nearest[i]) continue;
          nearest[i] = distance;
          result.labels[i] = static_cast<std::uint32_t>(n + 1);
        }
  }

  // A 2D image collects light through the whole nucleus, which is thickest in the middle.
  std::vector<double> light(pixels, 0.0);
  const std::vector<double> texture = smooth_noise(size, options.radius / 6.0, random);
  for (std::size_t i = 0; i < pixels; ++i)
    if (const std::uint32_t owner = result.labels[i]; owner != 0) {
      const double thickness = size.is_3d() ? 1 : 0.4 + 0.6 * std::sqrt(1 - nearest[i]);
      const double chromatin = std::max(0.1, 1 + options.texture * texture[i]);
      light[i] = nuclei[owner - 1].brightness * thickness * chromatin;
    }
  blur(light, size, {options.psf_sigma, options.psf_sigma, options.psf_sigma_z});

  const double width = static_cast<double>(size.x), height = static_cast<double>(size.y);
  const double lit_x = width * random.uniform(0.3, 0.7), lit_y = height * random.uniform(0.3, 0.7);
  const double corner_x = std::max(lit_x, width - lit_x);
  const double corner_y = std::max(lit_y, height - lit_y);
  const double darkest = corner_x * corner_x + corner_y * corner_y;
  std::vector<std::uint32_t> final_label(nuclei.size() + 1, 0);
  for (std::size_t i = 0; i < pixels; ++i) {
    const double dx = static_cast<double>(i % size.x) - lit_x;
    const double dy = static_cast<double>(i / size.x % size.y) - lit_y;
    const double illumination = 1 - options.vignette * (dx * dx + dy * dy) / darkest;
    const double photons = random.poisson(illumination * (options.background + light[i]));
    const double level = options.offset + photons + options.read_noise * random.normal();
    result.image[i] = convert_pixel<std::uint16_t>(static_cast<float>(level));

    std::uint32_t& label = result.labels[i];
    if (label != 0 && final_label[label] == 0) final_label[label] = ++result.nuclei;
    label = final_label[label];
  }
  return result;
}

}  // namespace gpuimg::examples
