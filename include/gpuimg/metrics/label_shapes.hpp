// SPDX-License-Identifier: BSD-3-Clause
// Shape descriptors of labelled objects, in 2D those of ImageJ.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/table.hpp"
#include "gpuimg/core/view.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::metrics {

/// The shape of one object. Lengths are in the unit of the pixel size, angles in degrees from the x
/// axis, counter-clockwise as displayed, from 0 to below 180. ImageJ's names are in brackets. What
/// is not measured in 2D, or not in 3D, is NaN; all else is finite, whatever the object.
struct label_shape {
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  std::uint32_t label = 0;
  /// The greatest distance between two corners of pixels [Feret].
  double feret = none;
  /// 2D: axes of the ellipse with the area of the object and the proportions and direction of its
  /// second moments [Major, Minor]. 3D: axes of the ellipsoid with its second moments, sqrt(20
  /// eigenvalue), as skimage's axis_major_length. Pixels count as squares or bricks, not as points,
  /// so no axis is 0.
  double major = none, minor = none;

  // 2D only
  /// Length of the outlines around the object, of all its pieces, without those of holes [Perim.].
  /// Pixels that touch at a corner are one piece. ImageJ's rule: the sides of pixels, less
  /// w + h - sqrt(w^2 + h^2) at each corner, of which a staircase of pixels has one per step.
  double perimeter = none;
  /// 4 pi area / perimeter^2, at most 1 [Circ.]; holes are no area.
  double circularity = none;
  double min_feret = none;  ///< the least distance of parallel lines around it [MinFeret]
  /// Of the greatest distance; of several, that of the first as ImageJ goes around [FeretAngle].
  double feret_angle = none;
  double angle = none;         ///< of the major axis; 0 where both are equal [Angle]
  double aspect_ratio = none;  ///< major / minor [AR]
  double roundness = none;     ///< 4 area / (pi major^2) [Round]
  double solidity = none;      ///< area / area of the convex hull of its pixels' corners [Solidity]

  // 3D only
  double volume = none;
  /// Of the surface around it and of those of cavities, estimated from how often lines in 13
  /// directions cross it (Crofton's formula). Within 1 % for round objects of a radius from 5
  /// pixels on; 7 % too low for faces along the axes, and more at edges: half for a single pixel.
  double surface_area = none;
  /// Surface of the ball of the same volume / surface_area, at most 1.
  double sphericity = none;
  double intermediate = none;  ///< the axis between major and minor
};

/// A row per object.
/// is_3d: whether the columns of 3D images are wanted, or those of 2D.
inline table to_table(const std::vector<label_shape>& rows, bool is_3d) {
  table t;
  if (is_3d)
    t.columns = {"label", "volume", "surface_area", "sphericity",
                 "feret", "major",  "intermediate", "minor"};
  else
    t.columns = {"label", "perimeter", "circularity", "feret",        "min_feret", "feret_angle",
                 "major", "minor",     "angle",       "aspect_ratio", "roundness", "solidity"};
  for (const auto& r : rows) {
    const auto label = static_cast<double>(r.label);
    if (is_3d)
      t.rows.push_back({label, r.volume, r.surface_area, r.sphericity, r.feret, r.major,
                        r.intermediate, r.minor});
    else
      t.rows.push_back({label, r.perimeter, r.circularity, r.feret, r.min_feret, r.feret_angle,
                        r.major, r.minor, r.angle, r.aspect_ratio, r.roundness, r.solidity});
  }
  return t;
}

namespace detail::label_shapes {

using triple = std::array<double, 3>;

inline double dot(const triple& a, const triple& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
inline triple cross(const triple& a, const triple& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// Pixels from `first` to `last` along each axis.
struct pixel_box {
  std::array<std::size_t, 3> first, last;

  void add(std::size_t x0, std::size_t x1, std::size_t y, std::size_t z) {
    first = {std::min(first[0], x0), std::min(first[1], y), std::min(first[2], z)};
    last = {std::max(last[0], x1), std::max(last[1], y), std::max(last[2], z)};
  }
};

/// Calls f(label, first x, last x, y, z) for each run of equal pixels, background left out.
template <class F>
void for_each_run(view<const std::uint32_t> labels, F f) {
  const shape size = labels.shape();
  if (size.empty()) return;
  const std::uint32_t* row = labels.data();
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y, row += size.x)
      for (std::size_t x = 0; x < size.x;) {
        const std::size_t begin = x;
        while (x < size.x && row[x] == row[begin]) ++x;
        if (row[begin] != 0) f(row[begin], begin, x - 1, y, z);
      }
}

/// A byte for each pixel of the box: 1 inside the object. There is a pixel of background on all
/// sides, in 2D not in front and behind.
class object_mask {
 public:
  object_mask(view<const std::uint32_t> labels, std::uint32_t label, const pixel_box& box,
              bool is_3d) {
    for (std::size_t i = 0; i < 3; ++i) size_[i] = box.last[i] - box.first[i] + 1;
    row_ = size_[0] + 2;
    plane_ = row_ * (size_[1] + 2);
    origin_ = 1 + row_ + (is_3d ? plane_ : 0);
    pixels_.resize(plane_ * (size_[2] + (is_3d ? 2 : 0)));
    for (std::size_t z = 0; z < size_[2]; ++z)
      for (std::size_t y = 0; y < size_[1]; ++y) {
        const std::uint32_t* from = &labels(box.first[0], box.first[1] + y, box.first[2] + z);
        std::uint8_t* to = &pixels_[index(0, y, z)];
        for (std::size_t x = 0; x < size_[0]; ++x) to[x] = from[x] == label ? 1 : 0;
      }
  }

  [[nodiscard]] std::size_t size(std::size_t axis) const { return size_[axis]; }
  [[nodiscard]] std::size_t row() const { return row_; }
  [[nodiscard]] std::size_t plane() const { return plane_; }
  [[nodiscard]] std::size_t index(std::size_t x, std::size_t y, std::size_t z) const {
    return origin_ + x + y * row_ + z * plane_;
  }
  [[nodiscard]] const std::uint8_t& operator[](std::size_t i) const { return pixels_[i]; }
  [[nodiscard]] std::uint8_t& operator[](std::size_t i) { return pixels_[i]; }

 private:
  std::array<std::size_t, 3> size_{};
  std::size_t row_ = 0, plane_ = 0, origin_ = 0;
  std::vector<std::uint8_t> pixels_;
};

struct spread {
  double pixels = 0;
  std::array<triple, 3> covariance{};
};

/// Second moments of the pixels as bricks of the given sides, which adds side^2 / 12 per axis.
inline spread spread_of(const object_mask& mask, const triple& side) {
  double n = 0;
  triple sum{};
  std::array<triple, 3> products{};
  for (std::size_t z = 0; z < mask.size(2); ++z)
    for (std::size_t y = 0; y < mask.size(1); ++y) {
      const std::uint8_t* row = &mask[mask.index(0, y, z)];
      std::size_t count = 0, sum_x = 0, square_x = 0;
      for (std::size_t x = 0; x < mask.size(0); ++x) {
        count += row[x];
        sum_x += row[x] * x;
        square_x += row[x] * x * x;
      }
      const auto c = static_cast<double>(count), sx = static_cast<double>(sum_x),
                 fy = static_cast<double>(y), fz = static_cast<double>(z);
      n += c;
      sum[0] += sx, sum[1] += c * fy, sum[2] += c * fz;
      products[0][0] += static_cast<double>(square_x);
      products[1][1] += c * fy * fy, products[2][2] += c * fz * fz;
      products[0][1] += sx * fy, products[0][2] += sx * fz, products[1][2] += c * fy * fz;
    }
  spread result{n, {}};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = i; k < 3; ++k) {
      double moment = (n * products[i][k] - sum[i] * sum[k]) / (n * n);
      if (i == k) moment += 1.0 / 12;
      result.covariance[i][k] = result.covariance[k][i] = moment * side[i] * side[k];
    }
  return result;
}

/// Of a symmetric matrix, the greatest first: Jacobi's rotations.
inline triple eigenvalues_of(std::array<triple, 3> a) {
  const double scale = a[0][0] + a[1][1] + a[2][2];
  for (int sweep = 0; sweep < 50; ++sweep) {
    if (std::abs(a[0][1]) + std::abs(a[0][2]) + std::abs(a[1][2]) <= 1e-18 * scale) break;
    for (std::size_t p = 0; p < 2; ++p)
      for (std::size_t q = p + 1; q < 3; ++q) {
        const double angle = 0.5 * std::atan2(2 * a[p][q], a[p][p] - a[q][q]);
        const double c = std::cos(angle), s = std::sin(angle);
        for (std::size_t k = 0; k < 3; ++k) {
          const double left = a[k][p], right = a[k][q];
          a[k][p] = c * left + s * right, a[k][q] = c * right - s * left;
        }
        for (std::size_t k = 0; k < 3; ++k) {
          const double above = a[p][k], below = a[q][k];
          a[p][k] = c * above + s * below, a[q][k] = c * below - s * above;
        }
      }
  }
  triple values{a[0][0], a[1][1], a[2][2]};
  std::sort(values.begin(), values.end(), [](double x, double y) { return x > y; });
  return values;
}

/// A corner of pixels: that of pixel (x, y) towards the origin.
struct corner {
  std::int64_t x, y;
};

/// Twice the area of a triangle, > 0 where it turns counter-clockwise as displayed.
inline std::int64_t turn(const corner& a, const corner& b, const corner& c) {
  return (b.y - a.y) * (c.x - a.x) - (b.x - a.x) * (c.y - a.y);
}

/// Convex hull of the corners of the pixels of a plane, counter-clockwise as displayed from the top
/// left, none in line with its neighbours. In a box of n pixels it has about n^(1/3) corners, so
/// that a look at all pairs of them takes less time than one at all pixels.
inline std::vector<corner> hull_of(const object_mask& mask, std::size_t z) {
  const std::size_t width = mask.size(0), height = mask.size(1);
  struct line {
    std::int64_t left = std::numeric_limits<std::int64_t>::max(), right = -1;
  };
  std::vector<line> lines(height + 1);  // of corners: a row of pixels is between two
  for (std::size_t y = 0; y < height; ++y) {
    const std::uint8_t* row = &mask[mask.index(0, y, z)];
    std::size_t begin = 0, end = width;
    while (begin < width && row[begin] == 0) ++begin;
    if (begin == width) continue;
    while (row[end - 1] == 0) --end;
    for (line* each : {&lines[y], &lines[y + 1]}) {
      each->left = std::min(each->left, static_cast<std::int64_t>(begin));
      each->right = std::max(each->right, static_cast<std::int64_t>(end));
    }
  }
  std::vector<corner> hull;
  std::size_t begin = 0;  // of the side that grows
  const auto add = [&](const corner& next) {
    while (hull.size() >= begin + 2 && turn(hull[hull.size() - 2], hull.back(), next) <= 0)
      hull.pop_back();
    hull.push_back(next);
  };
  for (std::size_t y = 0; y <= height; ++y)
    if (lines[y].right >= 0) add({lines[y].left, static_cast<std::int64_t>(y)});
  begin = hull.size();
  for (std::size_t y = height + 1; y-- > 0;)
    if (lines[y].right >= 0) add({lines[y].right, static_cast<std::int64_t>(y)});
  return hull;
}

/// ImageJ's length of the outlines around the pieces, without those of holes.
inline double perimeter_of(object_mask& mask, const triple& side) {
  constexpr std::uint8_t is_followed = 2;  // the outline along the upper side of the pixel
  const auto row = static_cast<std::ptrdiff_t>(mask.row());
  // Headings are right, down, left, up. From the pixel below and to the right of a corner to the
  // one ahead and to the left of each heading; the one ahead and to its right is the next.
  const std::array<std::ptrdiff_t, 4> ahead{-row, 0, -1, -row - 1}, step{1, row, -1, -row};
  const double saved = side[0] + side[1] - std::hypot(side[0], side[1]);
  double length = 0;
  for (std::size_t y = 0; y < mask.size(1); ++y)
    for (std::size_t x = 0; x < mask.size(0); ++x) {
      std::uint8_t* const start = &mask[mask.index(x, y, 0)];
      if (*start != 1 || *(start - row) != 0) continue;
      // Clockwise, the object to the right. Vertices count from the second on, as ImageJ begins
      // behind the right end of the first row; the first comes last.
      std::array<double, 4> sides{};
      double corners = 0;
      std::uint8_t* at = start;  // below and to the right of the corner
      std::size_t heading = 0, along = 0, first_along = 0;
      int turns = 0;
      bool has_first = false, is_corner = false;
      const auto count_vertex = [&](std::size_t side_before) {
        is_corner = side_before > 1 || !is_corner;
        if (is_corner) ++corners;
      };
      do {
        if (heading == 0) *at = 1 | is_followed;
        at += step[heading];
        ++sides[heading];
        ++along;
        const bool is_left = at[ahead[heading]] != 0, is_right = at[ahead[(heading + 1) % 4]] != 0;
        const int turned = is_left ? -1 : is_right ? 0 : 1;
        if (turned == 0) continue;
        turns += turned;
        heading = (heading + static_cast<std::size_t>(4 + turned)) % 4;
        if (has_first)
          count_vertex(along);
        else
          first_along = along;
        has_first = true;
        along = 0;
      } while (at != start || heading != 0);
      if (turns < 0) continue;  // around a hole
      count_vertex(first_along);
      length += (sides[0] + sides[2]) * side[0] + (sides[1] + sides[3]) * side[1] - corners * saved;
    }
  return length;
}

inline void measure_2d(label_shape& s, object_mask& mask, const triple& side) {
  constexpr double pi = std::numbers::pi;
  const auto degrees_of = [](double angle) {
    const double degrees = 180 / pi * angle;
    return degrees < 0 ? degrees + 180 : degrees >= 180 ? 0.0 : degrees;
  };
  const spread all = spread_of(mask, side);
  const double area = all.pixels * side[0] * side[1];
  const double xx = all.covariance[0][0], yy = all.covariance[1][1], xy = all.covariance[0][1];
  const double greatest = (xx + yy) / 2 + std::hypot((xx - yy) / 2, xy);
  const double ratio = greatest / std::sqrt(xx * yy - xy * xy);
  s.major = 2 * std::sqrt(area / pi * ratio);
  s.minor = 2 * std::sqrt(area / pi / ratio);
  s.angle = degrees_of(0.5 * std::atan2(0 - 2 * xy, xx - yy));
  s.aspect_ratio = s.major / s.minor;
  s.roundness = 4 * area / (pi * s.major * s.major);
  s.perimeter = perimeter_of(mask, side);
  s.circularity = std::min(1.0, 4 * pi * area / (s.perimeter * s.perimeter));

  const auto hull = hull_of(mask, 0);
  double hull_pixels = 0;  // twice
  s.feret = 0;
  s.min_feret = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < hull.size(); ++i) {
    const corner &a = hull[i], &b = hull[(i + 1) % hull.size()];
    std::int64_t farthest = 0;
    for (std::size_t k = 0; k < hull.size(); ++k) {
      const double x = side[0] * static_cast<double>(hull[k].x - a.x);
      const double y = side[1] * static_cast<double>(hull[k].y - a.y);
      if (k > i && std::hypot(x, y) > s.feret) {
        s.feret = std::hypot(x, y);
        s.feret_angle = degrees_of(std::atan2(0 - y, x));
      }
      farthest = std::max(farthest, turn(a, b, hull[k]));
    }
    const double length = std::hypot(side[0] * static_cast<double>(b.x - a.x),
                                     side[1] * static_cast<double>(b.y - a.y));
    s.min_feret = std::min(s.min_feret, static_cast<double>(farthest) * side[0] * side[1] / length);
    hull_pixels += static_cast<double>(turn(hull[0], a, b));
  }
  s.solidity = all.pixels / (hull_pixels / 2);
}

/// The greatest distance between two corners of pixels in 3D. Of each plane its hull matters; pairs
/// of planes that cannot hold more than was found, as the circles around them say, are left out.
inline double feret_3d(const object_mask& mask, const triple& side) {
  struct point {
    double x, y;
  };
  struct polygon {
    std::vector<point> points{};
    point centre{};
    double radius = 0, z = 0;
  };
  const auto square = [](double x) { return x * x; };
  const auto distance = [&](const point& a, const point& b) {
    return std::sqrt(square(a.x - b.x) + square(a.y - b.y));
  };
  std::vector<polygon> planes;
  for (std::size_t z = 0; z < mask.size(2); ++z) {
    polygon p;
    for (const corner& c : hull_of(mask, z))
      p.points.push_back({side[0] * static_cast<double>(c.x), side[1] * static_cast<double>(c.y)});
    if (p.points.empty()) continue;
    point low = p.points[0], high = low;
    for (const point& each : p.points) {
      low = {std::min(low.x, each.x), std::min(low.y, each.y)};
      high = {std::max(high.x, each.x), std::max(high.y, each.y)};
    }
    p.centre = {(low.x + high.x) / 2, (low.y + high.y) / 2};
    for (const point& each : p.points) p.radius = std::max(p.radius, distance(p.centre, each));
    p.z = side[2] * static_cast<double>(z);
    planes.push_back(std::move(p));
  }
  double most = 0;  // squared
  const auto raise = [&](const point& from, const polygon& a, const polygon& b) {
    const double z = square(std::abs(a.z - b.z) + side[2]);  // from the far face of each
    const point* farthest = nullptr;
    if (z + square(distance(from, b.centre) + b.radius) <= most) return farthest;
    for (const point& to : b.points) {
      const double d = z + square(from.x - to.x) + square(from.y - to.y);
      if (d > most) most = d, farthest = &to;
    }
    return farthest;
  };
  // From the first corner to the farthest, and on from there while it becomes more.
  const polygon* at = &planes[0];
  for (const point* from = &at->points[0]; from != nullptr;) {
    const point* next = nullptr;
    const polygon* next_at = nullptr;
    for (const polygon& each : planes)
      if (const point* found = raise(*from, *at, each)) next = found, next_at = &each;
    from = next, at = next_at;
  }
  for (std::size_t i = 0; i < planes.size(); ++i)
    for (std::size_t k = i; k < planes.size(); ++k) {
      const polygon &a = planes[i], &b = planes[k];
      const double across = distance(a.centre, b.centre) + a.radius + b.radius;
      if (square(b.z - a.z + side[2]) + square(across) <= most) continue;
      for (const point& from : a.points) raise(from, a, b);
    }
  return std::sqrt(most);
}

/// To a pixel's neighbours in a box of 3 x 3 x 3, one of each opposite two.
inline constexpr int line_directions[13][3] = {
    {1, 0, 0}, {0, 1, 0},  {0, 0, 1}, {1, 1, 0},  {-1, 1, 0}, {1, 0, 1},  {-1, 0, 1},
    {0, 1, 1}, {0, -1, 1}, {1, 1, 1}, {-1, 1, 1}, {1, -1, 1}, {-1, -1, 1}};

/// What share of all directions is nearest to each of these lines: the solid angles of their
/// Voronoi cells on the sphere. A cell is a polygon in the plane that touches the sphere there; as
/// the axes are among the directions, it reaches no farther than sqrt(2).
inline std::array<double, 13> direction_shares(const triple& side) {
  std::array<triple, 13> units;
  for (std::size_t i = 0; i < 13; ++i) {
    for (std::size_t k = 0; k < 3; ++k) units[i][k] = side[k] * line_directions[i][k];
    const double length = std::sqrt(dot(units[i], units[i]));
    for (double& each : units[i]) each /= length;
  }
  constexpr double square[4][2] = {{-2, -2}, {2, -2}, {2, 2}, {-2, 2}};
  std::array<double, 13> shares{};
  std::vector<triple> cell, kept;
  for (std::size_t i = 0; i < 13; ++i) {
    const triple& u = units[i];
    const bool is_x = std::abs(u[0]) > 0.8;  // and cross() is no zero vector
    triple a = cross(u, is_x ? triple{0, 1, 0} : triple{1, 0, 0});
    const double length = std::sqrt(dot(a, a));
    for (double& each : a) each /= length;
    const triple b = cross(u, a);
    cell.clear();
    for (const auto& [s, t] : square)
      cell.push_back(
          {u[0] + s * a[0] + t * b[0], u[1] + s * a[1] + t * b[1], u[2] + s * a[2] + t * b[2]});
    for (std::size_t k = 0; k < 26; ++k) {
      if (k == i) continue;
      const double sign = k < 13 ? 1 : -1;
      const triple& v = units[k % 13];
      const triple apart{u[0] - sign * v[0], u[1] - sign * v[1], u[2] - sign * v[2]};
      kept.clear();
      for (std::size_t n = 0; n < cell.size(); ++n) {
        const triple &p = cell[n], &q = cell[(n + 1) % cell.size()];
        const double from = dot(p, apart), to = dot(q, apart);
        if (from >= 0) kept.push_back(p);
        if ((from >= 0) == (to >= 0)) continue;
        const double t = from / (from - to);
        kept.push_back(
            {std::lerp(p[0], q[0], t), std::lerp(p[1], q[1], t), std::lerp(p[2], q[2], t)});
      }
      cell.swap(kept);
    }
    // The solid angle of a triangle (Van Oosterom and Strackee, IEEE TBME 1983; 30: 125).
    for (std::size_t n = 1; n + 1 < cell.size(); ++n) {
      const triple &p = cell[0], &q = cell[n], &r = cell[n + 1];
      const double lp = std::sqrt(dot(p, p)), lq = std::sqrt(dot(q, q)), lr = std::sqrt(dot(r, r));
      const double below = lp * lq * lr + dot(p, q) * lr + dot(p, r) * lq + dot(q, r) * lp;
      shares[i] += std::atan2(std::abs(dot(p, cross(q, r))), below) / std::numbers::pi;
    }
  }
  return shares;
}

/// Crofton's formula over lines through the pixels' centres in 13 directions, each with the share
/// of directions nearest to it (Ohser and Muecklich, Statistical Analysis of Microstructures in
/// Materials Science, 2000; MorphoLibJ's surface area).
inline double surface_area_of(const object_mask& mask, const triple& side,
                              const std::array<double, 13>& shares) {
  const std::size_t begin = mask.index(0, 0, 0);
  const std::size_t end = mask.index(mask.size(0) - 1, mask.size(1) - 1, mask.size(2) - 1) + 1;
  std::array<std::size_t, 13> ends{};  // a line enters the object as often as it leaves
  for (std::size_t at = begin; at < end; at += 255) {  // whose sum fits a byte
    const std::size_t count = std::min<std::size_t>(255, end - at);
    for (std::size_t i = 0; i < 13; ++i) {
      const auto& d = line_directions[i];
      const std::uint8_t* pixel = &mask[at];
      const std::uint8_t* next = pixel + d[0] + d[1] * static_cast<std::ptrdiff_t>(mask.row()) +
                                 d[2] * static_cast<std::ptrdiff_t>(mask.plane());
      std::uint8_t sum = 0;
      for (std::size_t k = 0; k < count; ++k)
        sum = static_cast<std::uint8_t>(sum + (pixel[k] > next[k] ? 1 : 0));
      ends[i] += sum;
    }
  }
  double area = 0;
  for (std::size_t i = 0; i < 13; ++i) {
    const auto& d = line_directions[i];
    area += 4 * shares[i] * static_cast<double>(ends[i]) /
            std::hypot(side[0] * d[0], side[1] * d[1], side[2] * d[2]);
  }
  return area * side[0] * side[1] * side[2];
}

inline void measure_3d(label_shape& s, const object_mask& mask, const triple& side,
                       const std::array<double, 13>& shares) {
  const spread all = spread_of(mask, side);
  const triple eigenvalues = eigenvalues_of(all.covariance);
  s.major = std::sqrt(20 * eigenvalues[0]);
  s.intermediate = std::sqrt(20 * eigenvalues[1]);
  s.minor = std::sqrt(20 * eigenvalues[2]);
  s.volume = all.pixels * side[0] * side[1] * side[2];
  s.surface_area = surface_area_of(mask, side, shares);
  s.sphericity =
      std::min(1.0, std::cbrt(36 * std::numbers::pi * s.volume * s.volume) / s.surface_area);
  s.feret = feret_3d(mask, side);
}

inline label_shape shape_in_box(view<const std::uint32_t> labels, std::uint32_t label,
                                const pixel_box& box, bool is_3d, const triple& side,
                                const std::array<double, 13>& shares) {
  object_mask mask(labels, label, box, is_3d);
  label_shape result;
  result.label = label;
  if (is_3d)
    measure_3d(result, mask, side, shares);
  else
    measure_2d(result, mask, side);
  return result;
}

inline void check_pixel_size(const char* function, const triple& pixel_size) {
  for (const double side : pixel_size)
    if (!(side > 0 && std::isfinite(side)))
      throw argument_error(std::string(function) + ": pixel_size must be finite and > 0, got " +
                           std::to_string(side));
}

}  // namespace detail::label_shapes

/// The shape of one object, the same whatever else is in the part.
///
/// part:       a part of a label image that holds the whole object, such as its bounding box
/// label:      the object's pixels, > 0; they need not touch
/// is_3d:      whether the image is 3D: a part of a single plane may be of either
/// pixel_size: sides of a pixel along x, y, z, > 0; in 2D z does not matter
/// throws argument_error where the label is not in the part, a side is not positive, or the part
/// has several planes and is not 3D.
/// cost: a few passes over the object's bounding box, 1 byte for each of its pixels; in 3D 13 more.
inline label_shape shape_of_label(view<const std::uint32_t> part, std::uint32_t label, bool is_3d,
                                  const std::array<double, 3>& pixel_size = {1, 1, 1}) {
  detail::label_shapes::check_pixel_size("shape_of_label", pixel_size);
  if (part.shape().is_3d() && !is_3d)
    throw argument_error("shape_of_label: a 2D object is in one plane, got " +
                         to_string(part.shape()));
  detail::label_shapes::pixel_box box{{part.shape().x, part.shape().y, part.shape().z}, {}};
  detail::label_shapes::for_each_run(
      part, [&](std::uint32_t found, std::size_t x0, std::size_t x1, std::size_t y, std::size_t z) {
        if (found == label) box.add(x0, x1, y, z);
      });
  if (box.first[0] >= part.shape().x)
    throw argument_error("shape_of_label: label " + std::to_string(label) +
                         " is not in the part of " + to_string(part.shape()) + " pixels");
  return detail::label_shapes::shape_in_box(
      part, label, box, is_3d, pixel_size,
      is_3d ? detail::label_shapes::direction_shares(pixel_size) : std::array<double, 13>{});
}

/// The shapes of all objects of a label image in host memory, 2D or 3D; background is 0.
///
/// pixel_size: sides of a pixel along x, y, z, > 0
/// returns a row per label in ascending order; to_table() makes a table of it.
/// throws argument_error where a side is not positive.
/// cost: two passes over the image, and those of shape_of_label over each bounding box.
/// source: ImageJ's Analyze Particles in 2D; skimage.measure.regionprops and MorphoLibJ in 3D.
inline std::vector<label_shape> label_shapes(view<const std::uint32_t> labels,
                                             const std::array<double, 3>& pixel_size = {1, 1, 1}) {
  detail::label_shapes::check_pixel_size("label_shapes", pixel_size);
  const shape size = labels.shape();
  std::vector<std::uint32_t> numbers;
  const auto sort = [&] {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  };
  std::size_t enough = 1 << 16;  // to sort them, so that repeated ones take no more memory
  detail::label_shapes::for_each_run(labels, [&](std::uint32_t label, auto...) {
    if (!numbers.empty() && numbers.back() == label) return;
    numbers.push_back(label);
    if (numbers.size() < enough) return;
    sort();
    enough = std::max(enough, 2 * numbers.size());
  });
  sort();
  std::vector<detail::label_shapes::pixel_box> boxes(numbers.size(),
                                                     {{size.x, size.y, size.z}, {}});
  detail::label_shapes::for_each_run(labels, [&](std::uint32_t label, std::size_t x0,
                                                 std::size_t x1, std::size_t y, std::size_t z) {
    const auto at = std::lower_bound(numbers.begin(), numbers.end(), label);
    boxes[static_cast<std::size_t>(at - numbers.begin())].add(x0, x1, y, z);
  });
  std::array<double, 13> shares{};
  if (size.is_3d()) shares = detail::label_shapes::direction_shares(pixel_size);
  std::vector<label_shape> rows;
  rows.reserve(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    rows.push_back(detail::label_shapes::shape_in_box(labels, numbers[i], boxes[i], size.is_3d(),
                                                      pixel_size, shares));
  return rows;
}

}  // namespace gpuimg::metrics

#include "gpuimg/core/pop_macros.def"
