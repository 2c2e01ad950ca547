// SPDX-License-Identifier: BSD-3-Clause
// reconstruct_by_dilation, reconstruct_by_erosion: an image floods another one, as far as that lets
// it. regional_maxima, h_maxima, h_dome and their kin: what an image shows that is lowered a little
// and reconstructed.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "gpuimg/kernels/morphology/reconstruction.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/opencl/primitives.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail::reconstruction {

/// Whether levels rise from below, by dilation, or sink from above.
enum class direction { up, down };

/// The greatest key of a pixel: they count from 0 on in the order of the pixels, or in the reverse.
constexpr std::uint32_t greatest_key(pixel_type type) {
  return 0xffffffffu >> (32 - 8 * size_of(type));
}

/// How far levels begin below the pixels.
struct height {
  std::uint32_t steps;  ///< of keys
  float less = 0;       ///< of floats, where it is not 0

  /// The next pixel that there is below.
  static height least() { return {1}; }
  /// At least `h`.
  static height of(double h, pixel_type type) {
    if (type == pixel_type::f32) return {0, static_cast<float>(h)};
    return {static_cast<std::uint32_t>(
        std::min(std::ceil(h), static_cast<double>(greatest_key(type))))};
  }
};

inline bool is_above_all(double h, pixel_type type) {
  return type != pixel_type::f32 && std::ceil(h) > static_cast<double>(greatest_key(type));
}

/// Levels and limits on a device, and what comes of them.
class launcher {
 public:
  launcher(const opencl::device& device, const opencl::buffer_view& src, direction way,
           connectivity connected)
      : device_(device),
        size_(src.shape),
        way_(way),
        is_serial_(device.launches().variant == opencl::kernel_variant::serial),
        tile_(is_serial_      ? tile_of_rows(src.shape)
              : size_.is_3d() ? shape{32, 4, 8}
                              : shape{32, 32, 1}),
        tiles_(pieces(size_, tile_)),
        greatest_(greatest_key(src.type)),
        flip_(rank_of_zero(src.type) ^ (way == direction::down ? greatest_ : 0)),
        is_box_(connected == connectivity::box),
        is_signed_(rank_of_zero(src.type) != 0) {
    constexpr std::size_t margin = 16;  // MARGIN of the kernels
    const shape unit = is_serial_ ? shape{device.vector_width()} : tile_;
    const shape whole = pieces(size_, unit);
    span_ = {margin + whole.x * unit.x, whole.y * unit.y + 2,
             size_.is_3d() ? whole.z * unit.z + 2 : 1};
    static constexpr const char* keys[] = {"", "uchar", "ushort", "", "uint"};
    macros_.add("KEY_T", keys[size_of(src.type)]);
    if (src.type == pixel_type::f32) macros_.add("IS_FLOAT");
    if (!is_serial_) macros_.add("ONE_PIXEL");
    words_ = pieces((span_.pixels() + margin) * size_of(src.type), sizeof(cl_uint));
    levels_ = device.allocate(words_ * sizeof(cl_uint));
    limits_ = device.allocate(words_ * sizeof(cl_uint));
  }

  void start(const opencl::buffer_view& marker, const opencl::buffer_view& mask) const {
    launch("reconstruction__start", {marker, mask, levels_, limits_, size_, span_, flip_});
  }
  void start_lowered(const opencl::buffer_view& src, const height& below) const {
    launch("reconstruction__start_lowered",
           {src, levels_, limits_, size_, span_, flip_, below.steps, signed_less(below)});
  }

  /// Launches tiles until nothing changes.
  void flood() const {
    const auto last = device_.allocate(sizeof(cl_uint));
    opencl::fill_zero(device_, last, 1);
    is_serial_ ? flood_in_turns(last) : flood_at_once(last);
  }

  void end(const opencl::buffer_view& dst) const { end(dst, false, 0); }
  void end_dome(const opencl::buffer_view& dst, const height& below) const {
    const cl_uint highest = is_signed_ ? greatest_ / 2 : greatest_;
    end(dst, true, below.less != 0 ? std::bit_cast<cl_uint>(below.less) : highest);
  }

  /// With `also` only where there is 1 already; without `has_any` there is none.
  void end_maxima(const opencl::buffer_view& dst, const height& below, bool has_any,
                  bool also) const {
    const auto touched = device_.allocate(sizeof(cl_uint));
    opencl::fill_zero(device_, touched, 1);
    if (has_any) launch("reconstruction__touch", {levels_, limits_, touched, size_, span_});
    launch("reconstruction__end_maxima",
           {levels_, limits_, touched, dst, size_, span_, flip_, below.steps, signed_less(below),
            static_cast<cl_int>(also)});
  }

 private:
  void end(const opencl::buffer_view& dst, bool is_dome, cl_uint greatest) const {
    launch("reconstruction__end",
           {levels_, limits_, dst, size_, span_, flip_, static_cast<cl_int>(is_dome), greatest});
  }

  /// Work-items for all of the span.
  void launch(const char* kernel, std::initializer_list<opencl::argument> arguments) const {
    opencl::grid items = row_vectors(device_, span_);
    if (!is_serial_) items.x = span_.x;
    device_.launch(kernels::reconstruction, kernel, macros_, items, arguments);
  }

  /// Tiles of each colour in turns.
  void flood_in_turns(const opencl::buffer& last) const {
    const shape colors{1, tiles_.y > 1 ? 2u : 1u, tiles_.z > 1 ? 2u : 1u};
    const auto changed_at = device_.allocate(span_.y * span_.z * sizeof(cl_uint));
    opencl::fill_zero(device_, changed_at, span_.y * span_.z);
    cl_uint number = 0;
    do {
      for (std::size_t i = 0; i < colors.pixels(); ++i) {
        const shape color{0, i % colors.y, i / colors.y};
        const shape turn = pieces({1, tiles_.y - color.y, tiles_.z - color.z}, colors);
        device_.launch(kernels::reconstruction, "reconstruction__sweep_rows", macros_,
                       {1, turn.y, turn.z, {1, 1, 1}},
                       {levels_, limits_, changed_at, last, size_, span_, tile_, tiles_, colors,
                        color, ++number, static_cast<cl_int>(is_box_)});
      }
    } while (latest(last) + colors.pixels() > number);
  }

  /// All tiles at once, from one image of levels to another one and back.
  void flood_at_once(const opencl::buffer& last) const {
    constexpr std::size_t group = 128;
    opencl::defines macros = macros_;
    macros.add("TILE_X", tile_.x);
    macros.add("TILE_Y", tile_.y);
    macros.add("TILE_Z", tile_.z);
    const auto other = device_.allocate(words_ * sizeof(cl_uint));
    const auto odd_turns = device_.allocate(tiles_.pixels() * sizeof(cl_uint));
    const auto even_turns = device_.allocate(tiles_.pixels() * sizeof(cl_uint));
    opencl::fill_zero(device_, other, words_);  // its margin
    opencl::fill_zero(device_, odd_turns, tiles_.pixels());
    opencl::fill_zero(device_, even_turns, tiles_.pixels());
    const opencl::buffer* const levels[] = {&levels_, &other};
    const opencl::buffer* const turns[] = {&odd_turns, &even_turns};
    cl_uint number = 0;
    do {
      for (int turn = 0; turn < 8; ++turn) {
        const int from = turn % 2, to = 1 - from;
        device_.launch(kernels::reconstruction, "reconstruction__sweep_shared", macros,
                       {group, tiles_.x * tiles_.y, tiles_.z, {group, 1, 1}, 4096},
                       {*levels[from], limits_, *levels[to], *turns[from], *turns[to], last, size_,
                        span_, tiles_, ++number, static_cast<cl_int>(is_box_)});
      }
    } while (latest(last) == number);
  }

  /// The number of the last launch in which something changed.
  [[nodiscard]] cl_uint latest(const opencl::buffer& last) const {
    cl_uint number = 0;
    device_.read(last.memory(), &number, sizeof number);
    return number;
  }

  [[nodiscard]] cl_float signed_less(const height& below) const {
    return way_ == direction::down ? -below.less : below.less;
  }

  const opencl::device& device_;
  shape size_, span_{};
  direction way_;
  bool is_serial_;
  shape tile_, tiles_;
  cl_uint greatest_, flip_;
  bool is_box_, is_signed_;
  opencl::defines macros_;
  std::size_t words_;  // of 32 bits, in levels and limits
  opencl::buffer levels_, limits_;
};

// --- the reference: images of keys ---

template <pixel T>
std::uint32_t key_of(T value, direction way) {
  const std::uint32_t rank = rank_of(value);
  return way == direction::up ? rank : greatest_key(pixel_type_of<T>()) - rank;
}

template <pixel T>
T pixel_of(std::uint32_t key, direction way) {
  if (way == direction::down) key = greatest_key(pixel_type_of<T>()) - key;
  const std::uint32_t number = key - rank_of_zero(pixel_type_of<T>());
  if constexpr (std::same_as<T, float>)
    return std::bit_cast<float>(ordered_bits(static_cast<std::int32_t>(number)));
  else
    return static_cast<T>(number);
}

using keys = std::vector<std::uint32_t>;

template <pixel T>
keys keys_of(view<const T> src, direction way) {
  keys all;
  for (const T value : src) all.push_back(key_of(value, way));
  return all;
}

/// Zeros are equal where heights are compared, and so are NaN.
template <pixel T>
keys keys_of_heights(view<const T> src, direction way) {
  keys all;
  for (T value : src) {
    if (value == T{0}) value = 0;
    if constexpr (std::same_as<T, float>)
      if (std::isnan(value)) value = std::bit_cast<float>(0x7fc00000u);
    all.push_back(key_of(value, way));
  }
  return all;
}

template <pixel T>
std::uint32_t lowered(std::uint32_t key, direction way, const height& below) {
  if constexpr (std::same_as<T, float>) {
    const auto value = pixel_of<T>(key, way);
    if (below.less != 0) {
      if (std::isnan(value)) return key;
      return key_of(way == direction::up ? value - below.less : value + below.less, way);
    }
  }
  return key - std::min(key, below.steps);
}

/// Raises levels, which are nowhere above their limits: the highest pixel first, which raises those
/// around it as far as their limits let it.
inline void flood(keys& levels, const keys& limits, const shape& size, connectivity connected) {
  std::vector<std::pair<std::uint32_t, std::size_t>> waiting;  // a heap of levels and places
  for (std::size_t i = 0; i < levels.size(); ++i) waiting.emplace_back(levels[i], i);
  std::make_heap(waiting.begin(), waiting.end());
  const auto first = [](std::size_t i) { return i == 0 ? i : i - 1; };
  while (!waiting.empty()) {
    std::pop_heap(waiting.begin(), waiting.end());
    const auto [level, at] = waiting.back();
    waiting.pop_back();
    if (level != levels[at]) continue;  // it has been raised since
    const std::size_t x = at % size.x, y = at / size.x % size.y, z = at / size.x / size.y;
    for (std::size_t k = first(z); k < std::min(z + 2, size.z); ++k)
      for (std::size_t j = first(y); j < std::min(y + 2, size.y); ++j)
        for (std::size_t i = first(x); i < std::min(x + 2, size.x); ++i) {
          if (connected == connectivity::sphere && (i != x) + (j != y) + (k != z) > 1) continue;
          const std::size_t there = i + size.x * (j + size.y * k);
          const std::uint32_t raised = std::min(level, limits[there]);
          if (raised <= levels[there]) continue;
          levels[there] = raised;
          waiting.emplace_back(raised, there);
          std::push_heap(waiting.begin(), waiting.end());
        }
  }
}

template <pixel T>
void reconstruct(view<T> dst, view<const T> marker, view<const T> mask, direction way,
                 connectivity connected) {
  keys levels = keys_of(marker, way);
  const keys limits = keys_of(mask, way);
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = std::min(levels[i], limits[i]);
  flood(levels, limits, dst.shape(), connected);
  for (std::size_t i = 0; i < levels.size(); ++i) dst[i] = pixel_of<T>(levels[i], way);
}

/// An image of keys that begins lower by a height, reconstructed under itself, and itself.
template <pixel T>
std::pair<keys, keys> lowered_and_flooded(view<const T> src, direction way, const height& below,
                                          connectivity connected) {
  keys limits = keys_of_heights(src, way), levels;
  for (const std::uint32_t limit : limits) levels.push_back(lowered<T>(limit, way, below));
  flood(levels, limits, src.shape(), connected);
  return {std::move(levels), std::move(limits)};
}

/// Where an image that begins lower by a height is not raised, if it is anywhere as high as it was.
template <pixel T>
std::vector<bool> maxima(view<const T> src, direction way, const height& below,
                         connectivity connected) {
  const auto [levels, limits] = lowered_and_flooded(src, way, below, connected);
  bool is_touched = false;
  for (std::size_t i = 0; i < limits.size(); ++i) is_touched |= levels[i] == limits[i];
  std::vector<bool> found;
  for (std::size_t i = 0; i < limits.size(); ++i)
    found.push_back(is_touched && limits[i] >= below.steps &&
                    levels[i] == lowered<T>(limits[i], way, below));
  return found;
}

/// What an image loses that is lowered by a height and reconstructed: that at most.
template <pixel T>
void domes(view<T> dst, view<const T> src, const height& below, connectivity connected) {
  const auto [levels, limits] = lowered_and_flooded(src, direction::up, below, connected);
  for (std::size_t i = 0; i < dst.size(); ++i)
    if constexpr (std::same_as<T, float>)
      dst[i] = levels[i] == limits[i]
                   ? 0
                   : std::min(below.less, pixel_of<T>(limits[i], direction::up) -
                                              pixel_of<T>(levels[i], direction::up));
    else
      dst[i] = convert_pixel<T>(limits[i] - levels[i]);
}

/// Regional maxima, or those of at least a height. Floats that differ may be equal once they are
/// lowered: then only the higher one is a maximum.
inline void mark_maxima(const opencl::device& device, const opencl::buffer_view& dst,
                        const opencl::buffer_view& src, direction way, connectivity connected,
                        double h) {
  const bool is_float = src.type == pixel_type::f32;
  const auto find = [&](const height& below, bool has_any, bool also) {
    const launcher all(device, src, way, connected);
    all.start_lowered(src, below);
    all.flood();
    all.end_maxima(dst, below, has_any, also);
  };
  if (is_float || h <= 1) find(height::least(), true, false);
  if (is_float ? h > 0 : h > 1) find(height::of(h, src.type), !is_above_all(h, src.type), is_float);
}

template <pixel T>
void mark_maxima(view<std::uint8_t> dst, view<const T> src, direction way, connectivity connected,
                 double h) {
  const auto regional = maxima(src, way, height::least(), connected);
  for (std::size_t i = 0; i < dst.size(); ++i) dst[i] = regional[i];
  const pixel_type type = pixel_type_of<T>();
  const auto below = height::of(h, type);
  if (below.less == 0 && below.steps == 0) return;
  const auto high = maxima(src, way, below, connected);
  for (std::size_t i = 0; i < dst.size(); ++i)
    dst[i] = regional[i] && high[i] && !is_above_all(h, type);
}

constexpr const char* connectivity_help = "box: 8 neighbours (3D: 26); sphere: 4 (3D: 6)";

}  // namespace detail::reconstruction

namespace ops {

struct reconstruct_by_dilation {
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "reconstruct_by_dilation",
      .theme = "morphology",
      .brief = "Dilate a marker again and again, each time no further than a mask",
      .source = "skimage.morphology.reconstruction (dilation)",
      .inputs = {{{"marker", kind::image}, {"mask", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("connectivity", &reconstruct_by_dilation::connectivity, "",
      detail::reconstruction::connectivity_help);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& marker, const opencl::buffer_view& mask) const {
    const detail::reconstruction::launcher all(device, mask, detail::reconstruction::direction::up,
                                               connectivity);
    all.start(marker, mask);
    all.flood();
    all.end(dst);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> marker,
                  view<const T> mask) const {
    detail::reconstruction::reconstruct(dst, marker, mask, detail::reconstruction::direction::up,
                                        connectivity);
  }
};

struct reconstruct_by_erosion {
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "reconstruct_by_erosion",
      .theme = "morphology",
      .brief = "Erode a marker again and again, each time no further than a mask",
      .source = "skimage.morphology.reconstruction (erosion)",
      .inputs = {{{"marker", kind::image}, {"mask", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("connectivity", &reconstruct_by_erosion::connectivity, "",
      detail::reconstruction::connectivity_help);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& marker, const opencl::buffer_view& mask) const {
    const detail::reconstruction::launcher all(
        device, mask, detail::reconstruction::direction::down, connectivity);
    all.start(marker, mask);
    all.flood();
    all.end(dst);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> marker,
                  view<const T> mask) const {
    detail::reconstruction::reconstruct(dst, marker, mask, detail::reconstruction::direction::down,
                                        connectivity);
  }
};

struct regional_maxima {
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "regional_maxima",
      .theme = "morphology",
      .brief = "1 where no way leads up from a pixel and those around that are equal",
      .source = "skimage.morphology.local_maxima",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("connectivity", &regional_maxima::connectivity, "",
      detail::reconstruction::connectivity_help);
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    using namespace detail::reconstruction;
    mark_maxima(device, dst, src, direction::up, connectivity, 0);
  }
  template <pixel T>
  void operator()(const reference::device&, view<std::uint8_t> dst, view<const T> src) const {
    using namespace detail::reconstruction;
    mark_maxima(dst, src, direction::up, connectivity, 0);
  }
};

struct regional_minima {
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "regional_minima",
      .theme = "morphology",
      .brief = "1 where no way leads down from a pixel and those around that are equal",
      .source = "skimage.morphology.local_minima",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("connectivity", &regional_minima::connectivity, "",
      detail::reconstruction::connectivity_help);
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    using namespace detail::reconstruction;
    mark_maxima(device, dst, src, direction::down, connectivity, 0);
  }
  template <pixel T>
  void operator()(const reference::device&, view<std::uint8_t> dst, view<const T> src) const {
    using namespace detail::reconstruction;
    mark_maxima(dst, src, direction::down, connectivity, 0);
  }
};

struct h_maxima {
  double h = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "h_maxima",
      .theme = "morphology",
      .brief = "1 at maxima from which a way to a higher pixel must go down by a height",
      .source = "skimage.morphology.h_maxima",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("h", &h_maxima::h, "grey level", "how far a way from it to a higher pixel must go down", 0,
      3e38);
    p("connectivity", &h_maxima::connectivity, "", detail::reconstruction::connectivity_help);
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    using namespace detail::reconstruction;
    mark_maxima(device, dst, src, direction::up, connectivity, h);
  }
  template <pixel T>
  void operator()(const reference::device&, view<std::uint8_t> dst, view<const T> src) const {
    using namespace detail::reconstruction;
    mark_maxima(dst, src, direction::up, connectivity, h);
  }
};

struct h_minima {
  double h = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "h_minima",
      .theme = "morphology",
      .brief = "1 at minima from which a way to a lower pixel must go up by a height",
      .source = "skimage.morphology.h_minima",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::binary}}}};
  static constexpr void parameters(auto&& p) {
    p("h", &h_minima::h, "grey level", "how far a way from it to a lower pixel must go up", 0,
      3e38);
    p("connectivity", &h_minima::connectivity, "", detail::reconstruction::connectivity_help);
  }

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    using namespace detail::reconstruction;
    mark_maxima(device, dst, src, direction::down, connectivity, h);
  }
  template <pixel T>
  void operator()(const reference::device&, view<std::uint8_t> dst, view<const T> src) const {
    using namespace detail::reconstruction;
    mark_maxima(dst, src, direction::down, connectivity, h);
  }
};

struct h_dome {
  double h = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "h_dome",
      .theme = "morphology",
      .brief = "What stands out: an image less itself, lowered by a height and reconstructed",
      .source = "Vincent 1993; skimage.morphology.reconstruction",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("h", &h_dome::h, "grey level", "how high domes are at most", 0, 3e38);
    p("connectivity", &h_dome::connectivity, "", detail::reconstruction::connectivity_help);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    using namespace detail::reconstruction;
    const launcher all(device, src, direction::up, connectivity);
    const height below = height::of(h, src.type);
    all.start_lowered(src, below);
    all.flood();
    all.end_dome(dst, below);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    using namespace detail::reconstruction;
    domes(dst, src, height::of(h, pixel_type_of<T>()), connectivity);
  }
};

struct h_maxima_transform {
  double h = 1;
  gpuimg::connectivity connectivity = connectivity::box;

  static constexpr operation_info about{
      .name = "h_maxima_transform",
      .theme = "morphology",
      .brief = "Lower an image by a height and reconstruct it: maxima that do not stand out go",
      .source = "skimage.morphology.reconstruction; MATLAB imhmax",
      .inputs = {{{"src", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("h", &h_maxima_transform::h, "grey level", "how much lower all maxima become", 0, 3e38);
    p("connectivity", &h_maxima_transform::connectivity, "",
      detail::reconstruction::connectivity_help);
  }
  template <pixel T>
  using dst_pixel = T;

  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    using namespace detail::reconstruction;
    const launcher all(device, src, direction::up, connectivity);
    all.start_lowered(src, height::of(h, src.type));
    all.flood();
    all.end(dst);
  }
  template <pixel T>
  void operator()(const reference::device&, view<T> dst, view<const T> src) const {
    using namespace detail::reconstruction;
    const auto [levels, limits] =
        lowered_and_flooded(src, direction::up, height::of(h, pixel_type_of<T>()), connectivity);
    for (std::size_t i = 0; i < dst.size(); ++i) dst[i] = pixel_of<T>(levels[i], direction::up);
  }
};

}  // namespace ops

/// Dilates a marker by one pixel again and again, and keeps it below a mask, until nothing changes:
/// each pixel becomes the greatest that a way through the image lets through from the marker,
///     dst(p) = max over q and the ways from q to p of min(marker(q), mask along the way).
/// marker   any pixel type, 2D or 3D; where it is above the mask it is lowered to that first
/// mask     the same pixel type and shape; floats in their total order: -0 < +0, and a
///          positive NaN is above all, a negative one below
/// p        connectivity box (8 neighbours, 3D 26) or sphere (4, 3D 6)
/// returns  the same pixel type and shape; marker <= dst <= mask, where the marker was so
/// edges    no pixel lies beyond them
/// throws   argument_error, memory_error (two temporaries: the result with whole vectors along x
///          and a margin of 16 pixels in each row, 2 rows in each plane, and in 3D 2 planes; on
///          GPUs three, with whole tiles of 32 x 32 pixels, in 3D 32 x 4 x 8)
/// parity   the same bits on every device; waits for the device now and then
/// cost     O(pixels), times how often ways turn
/// source   skimage.morphology.reconstruction; Vincent, IEEE Trans. Image Process. 2 (1993)
template <pixel T>
image<T> reconstruct_by_dilation(const image<T>& marker, const image<T>& mask,
                                 const ops::reconstruct_by_dilation& p = {}) {
  return run(p, marker, mask);
}

/// Erodes a marker by one pixel again and again, and keeps it above a mask, until nothing changes:
///     dst(p) = min over q and the ways from q to p of max(marker(q), mask along the way).
/// Everything else as reconstruct_by_dilation; where the marker is below the mask it is raised to
/// that first.
/// source   skimage.morphology.reconstruction with method erosion
template <pixel T>
image<T> reconstruct_by_erosion(const image<T>& marker, const image<T>& mask,
                                const ops::reconstruct_by_erosion& p = {}) {
  return run(p, marker, mask);
}

/// 1 where a pixel belongs to a regional maximum: a piece of equal pixels beside which no pixel is
/// higher. Beyond the edges all is as low as the lowest pixel, so a constant image has no maximum.
/// src      any pixel type, 2D or 3D; of floats, zeros are equal; so are NaN, above all
/// p        connectivity box (8 neighbours, 3D 26) or sphere (4, 3D 6)
/// returns  u8, the same shape
/// throws   argument_error, memory_error (as reconstruct_by_dilation)
/// parity   the same bits on every device; waits for the device now and then
/// cost     as reconstruct_by_dilation
/// source   skimage.morphology.local_maxima
template <pixel T>
binary_image regional_maxima(const image<T>& src, const ops::regional_maxima& p = {}) {
  return run(p, src);
}

/// 1 where a pixel belongs to a regional minimum: a piece of equal pixels beside which no pixel is
/// lower. Everything else as regional_maxima; NaN is above all, so that it is none.
/// source   skimage.morphology.local_minima
template <pixel T>
binary_image regional_minima(const image<T>& src, const ops::regional_minima& p = {}) {
  return run(p, src);
}

/// 1 at the regional maxima that stand out by h: every way from there to a higher pixel goes down
/// by at least h, and so does the way from the highest ones to the lowest pixel.
/// src      any pixel type, 2D or 3D; floats are lowered by h as floats, so that heights are as
///          exact as these; NaN are equal, above all
/// p        h in grey levels, 0 to 3e38; below 1 all maxima of integers stand out, at 0 those of
///          floats; connectivity box (8 neighbours, 3D 26) or sphere (4, 3D 6)
/// returns  u8, the same shape
/// throws   argument_error, memory_error (as reconstruct_by_dilation)
/// parity   the same bits on every device; waits for the device now and then
/// cost     as reconstruct_by_dilation, of floats twice
/// source   skimage.morphology.h_maxima, which marks everything where h is 0
template <pixel T>
binary_image h_maxima(const image<T>& src, const ops::h_maxima& p = {}) {
  return run(p, src);
}

/// 1 at the regional minima that stand out by h: every way from there to a lower pixel goes up by
/// at least h. Everything else as h_maxima.
/// source   skimage.morphology.h_minima
template <pixel T>
binary_image h_minima(const image<T>& src, const ops::h_minima& p = {}) {
  return run(p, src);
}

/// What stands out of an image, up to a height of h, whatever its size and whatever it stands on:
///     dst = src - reconstruct_by_dilation(src - h, src).
/// src      any pixel type, 2D or 3D; src - h is the least pixel of the type at least
/// p        h in grey levels, 0 to 3e38, of integers rounded up; connectivity box (8 neighbours, 3D
///          26) or sphere (4, 3D 6)
/// returns  the same pixel type and shape, 0 to h; what the type cannot hold is its greatest pixel;
///          of floats h where src - h is below all numbers, 0 at infinities and at NaN
/// throws   argument_error, memory_error (as reconstruct_by_dilation)
/// parity   the same bits on every device; waits for the device now and then
/// cost     as reconstruct_by_dilation
/// source   Vincent, IEEE Trans. Image Process. 2 (1993); skimage.morphology.reconstruction
template <pixel T>
image<T> h_dome(const image<T>& src, const ops::h_dome& p = {}) {
  return run(p, src);
}

/// An image lowered by h and reconstructed under itself: all maxima become lower by h, and those
/// that do not stand out by more are none any more. Their regional_maxima are extended maxima.
///     dst = reconstruct_by_dilation(src - h, src)
/// src      any pixel type, 2D or 3D; src - h is the least pixel of the type at least
/// p        h in grey levels, 0 to 3e38, of integers rounded up; connectivity box (8 neighbours, 3D
///          26) or sphere (4, 3D 6)
/// returns  the same pixel type and shape; -0 becomes 0, infinities and NaN remain
/// throws   argument_error, memory_error (as reconstruct_by_dilation)
/// parity   the same bits on every device; waits for the device now and then
/// cost     as reconstruct_by_dilation
/// source   skimage.morphology.reconstruction; Soille, Morphological Image Analysis (2003)
template <pixel T>
image<T> h_maxima_transform(const image<T>& src, const ops::h_maxima_transform& p = {}) {
  return run(p, src);
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
