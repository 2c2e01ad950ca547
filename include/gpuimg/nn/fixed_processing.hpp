// SPDX-License-Identifier: BSD-3-Clause
// What is computed before and after a network, for images that are seen in parts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/nn/processing.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

namespace detail {

inline bool takes_statistics(const processing_step& step) {
  if (const auto* clip = std::get_if<steps::clip>(&step))
    return (!clip->min && clip->min_percentile) || (!clip->max && clip->max_percentile);
  return std::holds_alternative<steps::zero_mean_unit_variance>(step) ||
         std::holds_alternative<steps::scale_range>(step) ||
         std::holds_alternative<steps::scale_mean_variance>(step);
}

/// The id of a description's axis of channels; empty where it has none.
inline std::string channel_axis(const tensor_description& tensor) {
  for (const axis_description& axis : tensor.axes)
    if (axis.kind == axis_kind::channel) return axis.id;
  return {};
}

/// A row of an image: [1, channels, (1,) 1, x] with the axes of a description.
inline tensor_shape row_shape(const tensor_description& tensor, std::size_t channels,
                              std::size_t x) {
  std::vector<std::int64_t> sizes(tensor.axes.size(), 1);
  sizes[1] = static_cast<std::int64_t>(channels);
  sizes.back() = static_cast<std::int64_t>(x);
  return tensor_shape(std::move(sizes));
}

}  // namespace detail

/// Throws argument_error where a step looks at more than one pixel, or where it lies matters.
inline void check_per_pixel(const tensor_description& tensor) {
  const std::string channel = detail::channel_axis(tensor);
  const auto refuse = [&](const char* why) {
    throw argument_error("the steps of the tensor " + tensor.id + why);
  };
  if (tensor.axes.size() < 4 || tensor.axes.size() > 5 || tensor.axes[1].kind != axis_kind::channel)
    refuse(" are for no image with axes of a batch, of channels, (z,) y and x");
  for (const processing_step& step : tensor.processing) {
    if (detail::takes_statistics(step)) refuse(" take statistics of all of it");
    std::visit(
        [&]<class Step>(const Step& s) {
          if constexpr (requires { s.axis; })
            if (s.axis != channel && (!s.axis.empty() || std::is_same_v<Step, steps::softmax>))
              refuse(" go along another axis than that of channels");
        },
        step);
  }
}

/// Does the steps of a tensor [1, channels, (z,) y, x] that are of single pixels, in little memory:
/// as `processed`, also of a tensor that is a part, or a stack of planes for a description of one.
/// Throws argument_error where a step is none of a pixel.
/// by_plane  one description, or one for each plane of the image
/// plane     the first that the tensor has
inline void process_pixels(std::span<const tensor_description> by_plane, host_tensor& values,
                           std::uint64_t plane = 0) {
  for (const tensor_description& each : by_plane) check_per_pixel(each);
  if (by_plane.empty() || by_plane[0].processing.empty() || values.shape().elements() == 0) return;
  const auto all = values.as<float>();
  const std::size_t rank = values.shape().rank();
  const auto channels = static_cast<std::size_t>(values.shape()[1]);
  const auto x = static_cast<std::size_t>(values.shape()[rank - 1]);
  const auto y = static_cast<std::size_t>(values.shape()[rank - 2]);
  const std::size_t pixels = all.size() / channels;
  host_tensor row(element::f32, detail::row_shape(by_plane[0], channels, x));
  for (std::size_t first = 0; first < pixels; first += x) {
    for (std::size_t c = 0; c < channels; ++c)
      std::ranges::copy(all.subspan(c * pixels + first, x), row.as<float>().subspan(c * x).begin());
    const host_tensor made =
        processed(by_plane.size() == 1 ? by_plane[0] : by_plane[plane + first / x / y], row);
    for (std::size_t c = 0; c < channels; ++c)
      std::ranges::copy(made.as<float>().subspan(c * x, x),
                        all.subspan(c * pixels + first).begin());
  }
}

namespace detail {

using channel_sources = std::span<const std::shared_ptr<tiling::source>>;

/// Planes of an image that are gone over in the order of their pixels, after the steps that are
/// known.
class image_reader {
 public:
  image_reader(const tensor_description& tensor, channel_sources channels, std::size_t first_plane,
               std::size_t planes)
      : tensor_(&tensor),
        channels_(channels),
        size_(channels[0]->size()),
        first_(first_plane),
        end_(first_plane + planes) {}

  /// The numbers of one channel, or of all, one after the other.
  [[nodiscard]] number_pieces numbers(std::optional<std::size_t> channel) const {
    return [this, channel](const auto& take) {
      for (std::size_t c = channel.value_or(0); c < channel.value_or(channels_.size() - 1) + 1; ++c)
        go_over(c, take);
    };
  }

 private:
  void go_over(std::size_t channel,
               const std::function<void(std::span<const double>)>& take) const {
    const std::size_t rows = channels_[channel]->chunk().y;
    for (std::size_t z = first_; z < end_; ++z)
      for (std::size_t y = 0; y < size_.y; y += rows)
        go_over(channel, {{0, y, z}, {size_.x, std::min(rows, size_.y - y), 1}}, take);
  }
  void go_over(std::size_t channel, const tiling::box& part,
               const std::function<void(std::span<const double>)>& take) const {
    std::vector<host_image> read;
    for (const auto& each : channels_) read.push_back(each->read(part));
    host_tensor row(element::f32, row_shape(*tensor_, channels_.size(), size_.x));
    for (std::size_t y = 0; y < part.size[1]; ++y) {
      for (std::size_t c = 0; c < read.size(); ++c)
        std::visit(
            [&](const auto& pixels) {
              for (std::size_t x = 0; x < size_.x; ++x)
                row.as<float>()[c * size_.x + x] = static_cast<float>(pixels[y * size_.x + x]);
            },
            read[c].pixels);
      processor steps(*tensor_, row, {});
      take(std::span(steps.run()).subspan(channel * size_.x, size_.x));
    }
  }

  const tensor_description* tensor_;
  channel_sources channels_;
  shape size_;
  std::size_t first_, end_;  // planes
};

/// Puts numbers in place of statistics of some planes, step by step.
class statistics_fixer {
 public:
  statistics_fixer(tensor_description tensor, channel_sources channels, std::size_t first_plane,
                   std::size_t planes)
      : wanted_(tensor.processing),
        fixed_(std::move(tensor)),
        channels_(channels),
        first_plane_(first_plane),
        planes_(planes) {
    fixed_.processing.clear();
  }

  tensor_description run() {
    for (const processing_step& step : wanted_) {
      fixed_.processing.push_back(takes_statistics(step) ? fixed(step) : step);
      check_per_pixel(fixed_);
    }
    return std::move(fixed_);
  }

 private:
  [[nodiscard]] processing_step fixed(const processing_step& step) const {
    if (const auto* s = std::get_if<steps::zero_mean_unit_variance>(&step)) return fixed(*s);
    if (const auto* s = std::get_if<steps::scale_range>(&step)) return fixed(*s);
    if (const auto* s = std::get_if<steps::clip>(&step)) return fixed(*s);
    refuse("of another tensor");
  }
  [[nodiscard]] processing_step fixed(const steps::zero_mean_unit_variance& s) const {
    steps::fixed_zero_mean_unit_variance numbers{.axis = axis_of(s.axes)};
    for_each_group(s.axes, [&](const number_pieces& group) {
      const auto [mean, deviation] = spread_of(group);
      numbers.mean.push_back(mean);
      numbers.std.push_back(deviation + s.eps);
    });
    return numbers;
  }
  [[nodiscard]] processing_step fixed(const steps::scale_range& s) const {
    if (!s.reference_tensor.empty() && s.reference_tensor != fixed_.id) refuse("of another tensor");
    steps::fixed_zero_mean_unit_variance numbers{.axis = axis_of(s.axes)};
    for_each_group(s.axes, [&](const number_pieces& group) {
      const auto range = percentiles_of(group, std::array{s.min_percentile, s.max_percentile});
      numbers.mean.push_back(range[0]);
      numbers.std.push_back(range[1] - range[0] + s.eps);
    });
    return numbers;
  }
  [[nodiscard]] processing_step fixed(const steps::clip& s) const {
    if (!axis_of(s.axes).empty()) refuse("of each channel, to clip it");
    steps::clip numbers{.min = s.min, .max = s.max};
    for_each_group(s.axes, [&](const number_pieces& group) {
      const auto percentile = [&](double percent) {
        return percentiles_of(group, std::array{percent}).front();
      };
      if (!s.min && s.min_percentile) numbers.min = percentile(*s.min_percentile);
      if (!s.max && s.max_percentile) numbers.max = percentile(*s.max_percentile);
    });
    return numbers;
  }

  /// The axis along which there are several groups; none where there is one.
  [[nodiscard]] std::string axis_of(const std::vector<std::string>& axes) const {
    const std::string channel = channel_axis(fixed_);
    return channels_.size() == 1 || std::ranges::count(axes, channel) > 0 ? std::string{} : channel;
  }
  template <class F>
  void for_each_group(const std::vector<std::string>& axes, F f) const {
    for (const axis_description& axis : fixed_.axes)
      if (axis.kind == axis_kind::space && std::ranges::count(axes, axis.id) == 0)
        refuse("of parts along " + axis.id);
    check_per_pixel(fixed_);
    const image_reader image(fixed_, channels_, first_plane_, planes_);
    if (axis_of(axes).empty()) return f(image.numbers(std::nullopt));
    for (std::size_t c = 0; c < channels_.size(); ++c) f(image.numbers(c));
  }
  [[noreturn]] void refuse(const std::string& what) const {
    throw argument_error("the steps of the tensor " + fixed_.id + " take statistics " + what +
                         ", which is not done for images in tiles");
  }

  std::vector<processing_step> wanted_;
  tensor_description fixed_;
  channel_sources channels_;
  std::size_t first_plane_, planes_;
};

}  // namespace detail

/// The description of a tensor with numbers in place of the statistics that its steps take of all
/// of an image: parts of the image then become what they become in the whole, with the same bits.
/// One description, or where one of planes is for a stack, one for each plane. The image is gone
/// over row by row, twice for a mean and a deviation, 5 or 9 times for percentiles.
/// channels  the image's, of one size
/// throws    argument_error for statistics along other axes than all of space, or of each channel
///           to clip it, and for those of another tensor
inline std::vector<tensor_description> with_statistics_of(
    const tensor_description& tensor, std::span<const std::shared_ptr<tiling::source>> channels) {
  const std::size_t planes = channels[0]->size().z;
  const bool is_by_plane =
      tensor.axes.size() == 4 && std::ranges::any_of(tensor.processing, detail::takes_statistics);
  if (!is_by_plane) return {detail::statistics_fixer(tensor, channels, 0, planes).run()};
  std::vector<tensor_description> all;
  for (std::size_t z = 0; z < planes; ++z)
    all.push_back(detail::statistics_fixer(tensor, channels, z, 1).run());
  return all;
}

}  // namespace gpuimg::nn
