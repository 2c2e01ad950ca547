// SPDX-License-Identifier: BSD-3-Clause
// Convolutions along up to three axes, and what transposed ones share with them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/kernels/nn/convolution.cl.hpp"
#include "gpuimg/nn/convolution_parameters.hpp"
#include "gpuimg/nn/layer.hpp"
#include "gpuimg/nn/layers/winograd.hpp"
#include "gpuimg/opencl/launching.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

namespace detail {

/// What convolutions of both kinds are to kernels/nn/convolution.cl: each pixel is a sum over taps.
struct tap_sum {
  struct tap {
    per_axis at;          ///< a pixel of the source, from src_step times q on
    std::int64_t weight;  ///< which of window.taps()
  };
  per_axis src_step{1, 1, 1}, dst_step{1, 1, 1};
  std::vector<std::vector<tap>> phases;  ///< x fastest
};

/// A convolution or a transposed one.
class sum_over_taps : public layer {
 public:
  [[nodiscard]] const convolution_parameters& get() const { return parameters_; }

  [[nodiscard]] std::string describe() const override {
    const auto& p = parameters_;
    std::string all = std::string(name_) + " " + sizes_text(p.window.size);
    if (p.window.stride != per_axis{1, 1, 1}) all += ", stride " + sizes_text(p.window.stride);
    if (p.window.dilation != per_axis{1, 1, 1})
      all += ", dilation " + sizes_text(p.window.dilation);
    all += ", " + std::to_string(p.src_channels) + " to " + std::to_string(p.dst_channels) +
           " channels";
    if (p.groups > 1) all += " in " + std::to_string(p.groups) + " groups";
    if (p.sources > 1) all += " from " + std::to_string(p.sources) + " tensors";
    if (p.adds_residual) all += ", plus a tensor";
    if (p.activation.kind != activation_kind::identity)
      all += ", " + std::string(name_of(p.activation.kind));
    return all;
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    const auto& p = parameters_;
    const std::size_t given = p.sources + (p.adds_residual ? 1 : 0);
    if (src.size() != given) fail("takes " + std::to_string(given) + " tensors", src);
    std::vector<std::int64_t> sizes(src[0].sizes().begin(), src[0].sizes().end());
    if (sizes.size() < 3 || sizes.size() > 5) fail("takes tensors with 3 to 5 axes", src);
    std::int64_t channels = 0;
    for (std::size_t i = 0; i < p.sources; ++i) {
      if (src[i].rank() != sizes.size()) fail("takes tensors with the same axes", src);
      channels += src[i][1];
      for (std::size_t axis = 0; axis < sizes.size(); ++axis)
        if (axis != 1 && src[i][axis] != sizes[axis]) fail("takes tensors of one size", src);
    }
    if (channels != p.src_channels)
      fail("takes " + std::to_string(p.src_channels) + " channels", src);
    sizes[1] = p.dst_channels;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::size_t missing = 5 - sizes.size();
      const std::int64_t size = axis < missing ? 1 : sizes[axis - missing + 2];
      const std::int64_t made = result_size(axis, size);
      if (made < 0 || (axis < missing && p.window.size[axis] != 1))
        fail("the window does not fit", src);
      if (axis >= missing) sizes[axis - missing + 2] = made;
    }
    tensor_shape made(std::move(sizes));
    if (p.adds_residual && src.back() != made)
      fail("adds a tensor of shape " + to_string(made), src);
    return made;
  }
  [[nodiscard]] std::uint64_t parameters() const override {
    return parameters_.weights.size() + parameters_.bias.size();
  }
  [[nodiscard]] blocks choose_blocks(std::span<const tensor_info> src,
                                     std::int64_t preferred) const override {
    constexpr std::int64_t few = 4;
    const auto& p = parameters_;
    blocks chosen{std::vector<std::int64_t>(src.size(), preferred), preferred};
    if (p.dst_channels <= few) chosen.dst = 1;
    if (is_depthwise() ? chosen.dst == 1 : p.src_channels <= few)
      std::fill(chosen.src.begin(), chosen.src.end(),
                is_depthwise() || p.src_channels <= 2 ? 1 : std::min(few, preferred));
    if (p.adds_residual) chosen.src.back() = chosen.dst;
    return chosen;
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override;

 protected:
  sum_over_taps(const char* name, convolution_parameters p)
      : name_(name), parameters_(std::move(p)) {
    const auto wrong = [&](const std::string& what) {
      throw argument_error(std::string(name_) + ": " + what);
    };
    auto& q = parameters_;
    if (q.groups < 1 || q.src_channels % q.groups != 0 || q.dst_channels % q.groups != 0)
      wrong(std::to_string(q.groups) + " groups must divide " + std::to_string(q.src_channels) +
            " and " + std::to_string(q.dst_channels) + " channels");
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (q.window.size[axis] < 1 || q.window.stride[axis] < 1 || q.window.dilation[axis] < 1)
        wrong("sizes, strides and dilations must be 1 or more");
    if (q.sources != 1 && q.sources != 2) wrong("the source is one tensor or two");
    const auto needed = q.src_channels * q.dst_channels / q.groups * q.window.taps();
    if (static_cast<std::int64_t>(q.weights.size()) != needed)
      wrong("there must be " + std::to_string(needed) + " weights, got " +
            std::to_string(q.weights.size()));
    if (!q.bias.empty() && static_cast<std::int64_t>(q.bias.size()) != q.dst_channels)
      wrong("there must be as many biases as channels, got " + std::to_string(q.bias.size()));
  }

  /// The size of the result along an axis; negative where there is none.
  [[nodiscard]] virtual std::int64_t result_size(std::size_t axis, std::int64_t size) const = 0;
  [[nodiscard]] virtual tap_sum taps() const = 0;
  /// Where the weight from a channel of the source to one of the result lies, both of one group.
  [[nodiscard]] virtual std::int64_t index_of_weight(std::int64_t dst_channel,
                                                     std::int64_t src_channel,
                                                     std::int64_t tap) const = 0;

  [[nodiscard]] bool is_depthwise() const {
    const auto& p = parameters_;
    return p.groups > 1 && p.groups == p.src_channels && p.groups == p.dst_channels &&
           p.sources == 1;
  }
  /// 0 between channels of different groups.
  [[nodiscard]] float weight(std::int64_t dst_channel, std::int64_t src_channel,
                             std::int64_t tap) const {
    const auto& p = parameters_;
    if (dst_channel / (p.dst_channels / p.groups) != src_channel / (p.src_channels / p.groups))
      return 0;
    return p.weights[static_cast<std::size_t>(index_of_weight(dst_channel, src_channel, tap))];
  }
  [[nodiscard]] float bias(std::int64_t dst_channel) const {
    return parameters_.bias.empty() ? 0.f : parameters_.bias[static_cast<std::size_t>(dst_channel)];
  }

  /// Where the pixels of a channel of the source lie in memory, and where in which tensor.
  static const float* channel_of(std::span<const host_view<const float>> src, std::int64_t image,
                                 std::int64_t channel) {
    std::size_t i = 0;
    for (; channel >= src[i].shape[1]; ++i) channel -= src[i].shape[1];
    const tensor_shape& shape = src[i].shape;
    return src[i].data + (image * shape[1] + channel) * shape.product(2, shape.rank());
  }

 private:
  [[noreturn]] void fail(const std::string& what, std::span<const tensor_shape> src) const {
    std::string given;
    for (const tensor_shape& shape : src) given += (given.empty() ? "" : ", ") + to_string(shape);
    throw argument_error(describe() + ": " + what + ", got " + given);
  }
  struct packing;
  [[nodiscard]] std::vector<float> packed_weights(const packing& how,
                                                  const std::vector<tap_sum::tap>& taps) const;

  const char* name_;
  convolution_parameters parameters_;
};

/// How a convolution is cut up for the kernels of convolution.cl.
struct sum_over_taps::packing {
  std::int64_t block, src_block;              // channels that lie together: vectors; of the source
  bool is_tiled, is_narrow, is_depthwise;     // which kernel, with which macro
  std::vector<std::int64_t> source_channels;  // of each source
  std::vector<std::int64_t> channel_at;  // the channel at each place of the blocks of all sources
  std::int64_t src_blocks, all_blocks, dst_blocks;
  std::int64_t out_blocks = 1, pixels = 8;  // that a work-item computes
  std::int64_t reads = 0;                   // blocks of the source that out_blocks read
  std::int64_t dst_per_group = 1, src_per_group = 1;
  std::array<std::size_t, 3> group{4, 1, 1};

  packing(const convolution_parameters& p, bool depthwise, bool cooperative, std::int64_t count,
          const tensor_info& dst, std::span<const tensor_info> src)
      : block(std::max(src[0].block, dst.block)),
        src_block(src[0].block),
        is_tiled(cooperative && block == 1 && p.groups == 1),
        is_narrow(dst.block < src[0].block),
        is_depthwise(depthwise),
        source_channels(channels_of(p, src)),
        channel_at(channels_in_blocks(source_channels, src_block)),
        src_blocks(src[0].blocks()),
        all_blocks(static_cast<std::int64_t>(channel_at.size()) / src_block),
        dst_blocks(dst.blocks()) {
    dst_per_group = p.dst_channels / p.groups;
    src_per_group = p.sources > 1 ? 0 : p.src_channels / p.groups;
    reads = all_blocks;
    if (is_tiled) {
      out_blocks = dst_blocks <= 4 ? 4 : 8;
      // 128 work-items: 64 channels times 128 pixels, and other shapes where there are fewer.
      group = {16, 8, 1};
      for (; group[1] > 1 && at_most(group[1] / 2 * 8, dst_blocks); group[1] /= 2) group[0] *= 2;
      group[0] = std::min<std::size_t>(group[0], 64);  // 16 KiB of pixels: devices have 32 or more
      for (; group[0] > 4 && at_most(group[0] / 2 * 8, count); group[0] /= 2) {
      }
      return;
    }
    if (cooperative) {  // neighbouring work-items take neighbouring pixels
      pixels = is_narrow ? block : 1;
      group = {64, 1, 1};
    } else if (is_narrow) {
      pixels = block;
    } else {
      if (!is_depthwise && dst_blocks > 1) out_blocks = dst_blocks == 3 ? 3 : 2;
      pixels = block < 16 ? 6 : out_blocks == 1 ? 14 : 8;  // as many as there are registers for
    }
    if (p.groups == 1 || p.sources > 1) return;
    reads = 1;
    for (std::int64_t o = 0; o < p.dst_channels; o += step()) {
      const std::int64_t last = std::min(o + step(), p.dst_channels) - 1;
      const std::int64_t last_block = ((last / dst_per_group + 1) * src_per_group - 1) / src_block;
      reads = std::max(reads, last_block - first_block(o) + 1);
    }
  }

  // Channels of the result whose weights lie together.
  [[nodiscard]] std::int64_t step() const { return is_narrow ? 1 : out_blocks * block; }
  // The first block of the source that the block of a channel of the result reads.
  [[nodiscard]] std::int64_t first_block(std::int64_t dst_channel) const {
    return dst_channel / dst_per_group * src_per_group / src_block;
  }
  // Channels of the result, filled up to what any work-group computes.
  [[nodiscard]] std::int64_t filled_up() const { return divided_up(dst_blocks, 64) * 64; }

 private:
  static bool at_most(std::size_t few, std::int64_t many) {
    return static_cast<std::int64_t>(few) >= many;
  }
};

inline std::vector<float> sum_over_taps::packed_weights(
    const packing& how, const std::vector<tap_sum::tap>& in_order) const {
  std::vector<float> all;
  const auto put = [&](std::int64_t o, std::int64_t c, std::int64_t tap) {
    all.push_back(o < parameters_.dst_channels && c >= 0 ? weight(o, c, tap) : 0.f);
  };
  const auto channel_at = [&](std::int64_t place) {
    return place < static_cast<std::int64_t>(how.channel_at.size())
               ? how.channel_at[static_cast<std::size_t>(place)]
               : -1;
  };
  if (how.is_tiled) {
    constexpr std::int64_t depth = 8;
    const std::vector<std::int64_t> in_depths = channels_in_blocks(how.source_channels, depth);
    for (std::size_t c = 0; c < in_depths.size(); c += depth)
      for (const auto& tap : in_order)
        for (std::int64_t o = 0; o < how.filled_up(); o += how.out_blocks)
          for (std::size_t k = 0; k < depth; ++k)
            for (std::int64_t l = 0; l < how.out_blocks; ++l)
              put(o + l, in_depths[c + k], tap.weight);
    return all;
  }
  all.assign(static_cast<std::size_t>(how.block), 0.f);
  for (std::int64_t o = 0; o < parameters_.dst_channels; o += how.step())
    for (const auto& tap : in_order) {
      const std::int64_t begin = how.first_block(o) * how.src_block;
      if (how.is_depthwise)
        for (std::int64_t l = 0; l < how.block; ++l) put(o + l, channel_at(o + l), tap.weight);
      else
        for (std::int64_t c = begin; c < begin + how.reads * how.src_block; ++c)
          for (std::int64_t l = 0; l < how.step(); ++l) put(o + l, channel_at(c), tap.weight);
    }
  return all;
}

inline prepared_layer sum_over_taps::prepare(const opencl::device& device, const tensor_info& dst,
                                             std::span<const tensor_info> src) const {
  const auto& p = parameters_;
  const auto number = [](std::int64_t n) { return static_cast<std::uint64_t>(n); };
  const tap_sum sum = taps();
  per_axis count = spatial(dst);
  for (std::size_t axis = 0; axis < 3; ++axis)
    count[axis] = divided_up(count[axis], sum.dst_step[axis]);
  const std::int64_t pixels = count[0] * count[1] * count[2];
  const bool cooperative = device.launches().variant == opencl::kernel_variant::cooperative;
  const packing how(p, is_depthwise(), cooperative, pixels, dst, src);

  std::vector<tap_sum::tap> in_order;
  for (const auto& phase : sum.phases) in_order.insert(in_order.end(), phase.begin(), phase.end());
  const auto all_taps = static_cast<std::int64_t>(in_order.size());

  // The struct `geometry` of the kernels, the spans of taps, the taps.
  std::vector<cl_int4> geometry{
      xyz(spatial(src[0])),
      xyz(spatial(dst)),
      xyz(sum.src_step),
      xyz(sum.dst_step),
      xyz(count, dst.batch()),
      xyz({how.dst_blocks, how.all_blocks, how.src_blocks}, how.reads),
      xyz({how.filled_up(), how.src_per_group, how.dst_per_group}, all_taps)};
  std::int64_t first = 0;
  for (const auto& phase : sum.phases) {
    const auto last = first + static_cast<std::int64_t>(phase.size());
    geometry.push_back(xyz({0, last, first}));
    first = last;
  }
  for (const auto& tap : in_order) geometry.push_back(xyz(tap.at));

  const std::vector<float> weights = packed_weights(how, in_order);
  std::vector<float> biases(
      number(divided_up(how.dst_blocks, how.out_blocks) * how.out_blocks * dst.block));
  for (std::int64_t o = 0; o < p.dst_channels; ++o) biases[number(o)] = bias(o);

  opencl::defines macros = macros_of(p, how.block, dst, src[0]);
  macros.add("PIXELS", number(how.pixels));
  macros.add(how.is_tiled ? "OUTS" : "OUT_BLOCKS", number(how.out_blocks));
  if (how.src_block != how.block) macros.add("SRC_BLOCK", number(how.src_block));
  if (how.is_depthwise) macros.add("DEPTHWISE");
  if (how.is_narrow) macros.add("NARROW");
  const opencl::grid items{
      .x = number(divided_up(pixels, how.pixels)),
      .y = number(divided_up(how.dst_blocks, how.out_blocks)),
      .z = number(dst.batch()) * sum.phases.size(),
      .local = how.group,
      .cost = number(all_taps * how.reads * how.src_block * how.out_blocks * how.pixels)};

  prepared_layer made;
  made.weight_bytes = weights.size() * sizeof(float);
  made.enqueue = [device, items, macros, all_weights = on_device(device, weights),
                  bias = on_device(device, biases), plan = on_device(device, geometry),
                  f = p.activation, sources = p.sources, tiled = how.is_tiled,
                  pixels_per_item = number(how.pixels), outs_per_item = number(how.out_blocks)](
                     const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
    constexpr std::size_t depth = 8 * sizeof(float);
    const std::array<opencl::argument, 11> arguments{
        from[0],
        from[sources - 1],
        from.back(),
        *all_weights,
        *bias,
        *plan,
        to,
        f.alpha,
        f.beta,
        opencl::argument::local(depth * items.local[0] * pixels_per_item),
        opencl::argument::local(depth * items.local[1] * outs_per_item)};
    device.launch(kernels::convolution, tiled ? "convolution__tiled" : "convolution", macros, items,
                  arguments.data(), tiled ? 11 : 9);
  };
  return made;
}

}  // namespace detail

/// How a convolution is computed. `automatic` takes what a rule of thumb calls the fastest; where a
/// window or a layout is not made for the others, it is `direct`.
enum class convolution_method : std::uint8_t { automatic, direct, winograd_2, winograd_4 };

/// ONNX's Conv. Sums are added in double precision and rounded once: devices differ from that by
/// the rounding of their sums.
class convolution final : public detail::sum_over_taps {
 public:
  /// Throws argument_error where the numbers do not fit together.
  explicit convolution(convolution_parameters p,
                       convolution_method method = convolution_method::automatic)
      : sum_over_taps("convolution", std::move(p)), method_(method) {}

  [[nodiscard]] std::uint64_t flops(std::span<const tensor_shape> src) const override {
    return 2 * get().weights.size() / static_cast<std::uint64_t>(get().dst_channels) *
           static_cast<std::uint64_t>(result(src).elements());
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override {
    const auto& p = get();
    const window& w = p.window;
    const auto [nz, ny, nx] = detail::spatial({src[0].shape});
    const auto [mz, my, mx] = detail::spatial({dst.shape});
    const std::int64_t per_group = p.src_channels / p.groups;
    std::size_t i = 0;
    for (std::int64_t n = 0; n < dst.shape[0]; ++n)
      for (std::int64_t o = 0; o < p.dst_channels; ++o) {
        const std::int64_t first = o / (p.dst_channels / p.groups) * per_group;
        for (std::int64_t z = 0; z < mz; ++z)
          for (std::int64_t y = 0; y < my; ++y)
            for (std::int64_t x = 0; x < mx; ++x, ++i) {
              double sum = bias(o);
              for (std::int64_t c = first; c < first + per_group; ++c) {
                const float* const channel = channel_of(src, n, c);
                const float* weight =
                    &p.weights[static_cast<std::size_t>(index_of_weight(o, c, 0))];
                for (std::int64_t kz = 0; kz < w.size[0]; ++kz)
                  for (std::int64_t ky = 0; ky < w.size[1]; ++ky)
                    for (std::int64_t kx = 0; kx < w.size[2]; ++kx, ++weight) {
                      const std::int64_t sz = z * w.stride[0] + kz * w.dilation[0] - w.begin[0];
                      const std::int64_t sy = y * w.stride[1] + ky * w.dilation[1] - w.begin[1];
                      const std::int64_t sx = x * w.stride[2] + kx * w.dilation[2] - w.begin[2];
                      if (sz < 0 || sz >= nz || sy < 0 || sy >= ny || sx < 0 || sx >= nx) continue;
                      sum += static_cast<double>(*weight) *
                             static_cast<double>(channel[(sz * ny + sy) * nx + sx]);
                    }
              }
              if (p.adds_residual) sum += static_cast<double>(src.back().data[i]);
              dst.data[i] = p.activation(static_cast<float>(sum));
            }
      }
  }
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override {
    using enum convolution_method;
    if (method_ == direct || !detail::winograd::takes(get(), dst, src))
      return sum_over_taps::prepare(device, dst, src);
    const detail::winograd two(get(), 2, device, dst, src), four(get(), 4, device, dst, src);
    if (method_ == automatic &&
        direct_cost(dst, src) <
            (get().is_accurate ? two.cost() : std::min(two.cost(), four.cost())))
      return sum_over_taps::prepare(device, dst, src);
    const bool is_four = method_ == winograd_4 ||
                         (method_ == automatic && !get().is_accurate && four.cost() < two.cost());
    return (is_four ? four : two).prepare(device);
  }

 protected:
  [[nodiscard]] std::int64_t result_size(std::size_t axis, std::int64_t size) const override {
    const window& w = get().window;
    const std::int64_t free = size + w.begin[axis] + w.end[axis] - w.extent(axis);
    return free < 0 ? -1 : free / w.stride[axis] + 1;
  }
  [[nodiscard]] detail::tap_sum taps() const override {
    const window& w = get().window;
    detail::tap_sum sum{.src_step = w.stride, .phases = {{}}};
    std::int64_t weight = 0;
    for (std::int64_t z = 0; z < w.size[0]; ++z)
      for (std::int64_t y = 0; y < w.size[1]; ++y)
        for (std::int64_t x = 0; x < w.size[2]; ++x)
          sum.phases[0].push_back({{z * w.dilation[0] - w.begin[0], y * w.dilation[1] - w.begin[1],
                                    x * w.dilation[2] - w.begin[2]},
                                   weight++});
    return sum;
  }
  [[nodiscard]] std::int64_t index_of_weight(std::int64_t dst_channel, std::int64_t src_channel,
                                             std::int64_t tap) const override {
    const std::int64_t per_group = get().src_channels / get().groups;
    return (dst_channel * per_group + src_channel % per_group) * get().window.taps() + tap;
  }

 private:
  // As detail::winograd's cost.
  [[nodiscard]] std::int64_t direct_cost(const tensor_info& dst,
                                         std::span<const tensor_info> src) const {
    std::int64_t products = dst.blocks() * get().window.taps();
    std::int64_t channels = 0;
    for (const tensor_info& info : src.first(get().sources)) channels += info.blocks() * info.block;
    products *= channels;
    return products *
           (detail::divided_up(dst.pixels() * dst.batch(), 8) * 8 + detail::weight_cost(dst.block));
  }

  convolution_method method_;
};

}  // namespace gpuimg::nn
