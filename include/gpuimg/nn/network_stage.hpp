// SPDX-License-Identifier: BSD-3-Clause
// A network as a step of a pipeline, for images larger than memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/nn/fixed_processing.hpp"
#include "gpuimg/nn/instances.hpp"
#include "gpuimg/nn/sliding_window.hpp"
#include "gpuimg/tiling/pipeline.hpp"
#include "gpuimg/tiling/stage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// The number of the greatest channel of each pixel, the first of several, of a tensor
/// [1, channels, ...] of 1 to 65536 channels.
inline std::vector<std::uint16_t> greatest_channel(const host_tensor& from) {
  const auto values = from.as<float>();
  const auto channels = static_cast<std::size_t>(from.shape()[1]);
  std::vector<std::uint16_t> made(values.size() / channels);
  for (std::size_t i = 0; i < made.size(); ++i)
    for (std::size_t c = 1; c < channels; ++c)
      if (values[c * made.size() + i] > values[made[i] * made.size() + i])
        made[i] = static_cast<std::uint16_t>(c);
  return made;
}

/// The one image that is made of what a network gives.
enum class network_image {
  channel,  ///< f32
  mask,     ///< u8: 1 where a channel is above a threshold, else 0
  classes   ///< u8, u16 for more than 256 channels: the number of the greatest channel
};

struct network_stage_options {
  window_options windows{};
  /// What is done to each pixel before the network, one description or one for each plane; and
  /// after it. Nothing where there is none.
  std::vector<tensor_description> before{};
  std::optional<tensor_description> after{};
  network_image made = network_image::channel;
  std::size_t channel = 0;
  float threshold = 0.5f;
};

/// What `predict` gives for images of any size, one f32 image for each channel that the network
/// sees, as a step of a pipeline: whole and in tiles the same bits. One tile at a time is in the
/// network.
///     const auto net = std::make_shared<nn::prepared_network>(network.prepare(device, window));
///     const auto unet = std::make_shared<nn::network_stage>(net, "unet.onnx of 2026-01-31");
///     const tiling::value probabilities = steps.add(unet, {src});
class network_stage final : public tiling::stage {
 public:
  /// `identity` names the network and what is computed before and after it, with all that decides
  /// on their numbers, such as paths and times: for runs that are interrupted and go on. Throws
  /// argument_error where the network takes no windows or has no such channel, and for steps before
  /// and after it that are not of single pixels (`with_statistics_of`).
  network_stage(std::shared_ptr<const prepared_network> net, std::string identity,
                network_stage_options options = {})
      : net_(std::move(net)), identity_(std::move(identity)), options_(std::move(options)) {
    static_cast<void>(source_box({.size = {1, 1, 1}}, {1, 1, 1}));  // throws
    for (const tensor_description& steps : options_.before) check_per_pixel(steps);
    if (options_.after) check_per_pixel(*options_.after);
    if (options_.channel >= made_channels())
      throw argument_error("network: there is no channel " + std::to_string(options_.channel) +
                           ", the network gives " + std::to_string(made_channels()));
    if (options_.made == network_image::classes && made_channels() > 65536)
      throw argument_error("network: classes of more than 65536 channels");
  }

  [[nodiscard]] std::string name() const override { return "network"; }
  [[nodiscard]] std::string parameters() const override {
    const window_options& w = options_.windows;
    std::string all = identity_ + ", windows " + to_string(net_->inputs().front().shape) +
                      ", step " + gpuimg::detail::number_text(w.step);
    for (const std::size_t choice :
         {static_cast<std::size_t>(w.weights), static_cast<std::size_t>(w.beyond),
          std::size_t{w.mirror[0]}, std::size_t{w.mirror[1]}, std::size_t{w.mirror[2]},
          static_cast<std::size_t>(options_.made), options_.channel})
      all += " " + std::to_string(choice);
    return all + " " + gpuimg::detail::number_text(options_.threshold);
  }

  [[nodiscard]] std::size_t input_count() const override {
    return static_cast<std::size_t>(net_->inputs().front().channels());
  }
  [[nodiscard]] pixel_type result_type(std::span<const pixel_type> inputs) const override {
    for (const pixel_type type : inputs)
      if (type != pixel_type::f32)
        throw argument_error(
            gpuimg::detail::text({"network: takes f32 images, got ", gpuimg::name_of(type)}));
    switch (options_.made) {
      case network_image::mask:
        return pixel_type::u8;
      case network_image::classes:
        return made_channels() > 256 ? pixel_type::u16 : pixel_type::u8;
      default:
        return pixel_type::f32;
    }
  }
  [[nodiscard]] tiling::box source_box(const tiling::box& part, const shape& image) const override {
    return nn::source_box(*net_, image, part, options_.windows);
  }

  [[nodiscard]] any_image compute(std::vector<any_image> inputs, const tiling::box& part,
                                  const shape& image) const override {
    const device where = std::visit([](const auto& i) { return i.device(); }, inputs[0]);
    const host_tensor made = predicted(where, std::move(inputs), part, image);
    const std::size_t pixels = part.shape().pixels();
    const auto channel = made.as<float>().subspan(options_.channel * pixels, pixels);
    switch (options_.made) {
      case network_image::mask: {
        std::vector<std::uint8_t> mask(pixels);
        std::ranges::transform(channel, mask.begin(),
                               [&](float v) { return v > options_.threshold ? 1 : 0; });
        return push(where, mask, part.shape());
      }
      case network_image::classes: {
        const auto classes = greatest_channel(made);
        if (made_channels() > 256) return push(where, classes, part.shape());
        return push(where, std::vector<std::uint8_t>(classes.begin(), classes.end()), part.shape());
      }
      default:
        return push(where, channel, part.shape());
    }
  }

  /// Tensors of the part: the source's takes the place of the inputs.
  [[nodiscard]] std::uint64_t bytes_for(const tiling::box& part,
                                        const shape& image) const override {
    return 4 * input_count() * source_box(part, image).pixels() +
           8 * made_channels() * part.pixels();
  }
  [[nodiscard]] std::uint64_t bytes_held() const override { return net_->memory().peak(); }

 private:
  [[nodiscard]] std::size_t made_channels() const {
    return static_cast<std::size_t>(net_->outputs().front().channels());
  }

  [[nodiscard]] host_tensor predicted(const device& where, std::vector<any_image> inputs,
                                      const tiling::box& part, const shape& image) const {
    const tensor src = stacked(std::move(inputs), source_box(part, image).origin[2], image.is_3d());
    window_options windows = options_.windows;
    windows.progress = [&](std::size_t done, std::size_t all) {
      where.begin("network");  // throws where the run is to end
      if (options_.windows.progress) options_.windows.progress(done, all);
    };
    host_tensor made;
    {
      const std::lock_guard lock(mutex_);
      const tensor dst = predict_part(*net_, src, image, part, windows);
      made = host_tensor(element::f32, dst.shape());
      dst.read(made.bytes().data());
    }
    if (options_.after) process_pixels({&*options_.after, 1}, made);
    return made;
  }

  /// The images, which begin at a plane, as a tensor on the network's device.
  [[nodiscard]] tensor stacked(std::vector<any_image> inputs, std::uint64_t plane,
                               bool is_3d) const {
    const shape size = std::get<image<float>>(inputs[0]).shape();
    const auto channels = static_cast<std::int64_t>(inputs.size());
    std::vector<std::int64_t> sizes{1, channels};
    if (is_3d || net_->inputs().front().shape.rank() == 5)
      sizes.push_back(static_cast<std::int64_t>(size.z));
    sizes.insert(sizes.end(),
                 {static_cast<std::int64_t>(size.y), static_cast<std::int64_t>(size.x)});
    host_tensor values(element::f32, tensor_shape(std::move(sizes)));
    for (std::size_t c = 0; c < inputs.size(); ++c)
      pull(std::get<image<float>>(inputs[c]),
           values.as<float>().subspan(c * size.pixels(), size.pixels()));
    inputs.clear();  // make room
    process_pixels(options_.before, values, plane);
    tensor made(net_->device(), {values.shape()});
    made.write(values.bytes().data());
    return made;
  }

  std::shared_ptr<const prepared_network> net_;
  std::string identity_;
  network_stage_options options_;
  mutable std::mutex mutex_;
};

/// The steps of `instances` in a pipeline: objects in an image of probabilities, with the same
/// labels.
inline tiling::value add_instances(tiling::pipeline& steps, tiling::value src, bool is_3d,
                                   const instance_options& options = {}) {
  const auto foreground = steps.add(ops::greater_constant{.scalar = options.threshold}, src);
  const float sigma = options.spot_sigma;
  tiling::value labels{};
  if (sigma <= 0) {
    labels = steps.add(ops::connected_component_labeling{}, foreground);
  } else {
    const auto blurred = steps.add(
        ops::gaussian_blur{.sigma_x = sigma, .sigma_y = sigma, .sigma_z = is_3d ? sigma : 0}, src);
    const auto spots =
        steps.add(ops::binary_and{}, steps.add(ops::detect_maxima{}, blurred), foreground);
    labels = steps.add(ops::masked_voronoi_labeling{}, spots, foreground);
  }
  if (options.minimum_size <= 0) return labels;
  return steps.add(ops::remove_small_labels{.minimum_size = options.minimum_size}, labels);
}

/// As above, of an image of foreground and one of contours.
inline tiling::value add_instances(tiling::pipeline& steps, tiling::value foreground,
                                   tiling::value contours, const instance_options& options = {}) {
  const auto mask = steps.add(ops::greater_constant{.scalar = options.threshold}, foreground);
  const auto inner = steps.add(ops::greater_constant{.scalar = -options.contour_threshold},
                               steps.add(ops::multiply_image_and_scalar{.scalar = -1}, contours));
  const auto labels =
      steps.add(ops::masked_voronoi_labeling{}, steps.add(ops::binary_and{}, mask, inner), mask);
  if (options.minimum_size <= 0) return labels;
  return steps.add(ops::remove_small_labels{.minimum_size = options.minimum_size}, labels);
}

}  // namespace gpuimg::nn
