// SPDX-License-Identifier: BSD-3-Clause
// Layers of a network that become one, so that memory is passed over less often.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "gpuimg/nn/layers/convolution.hpp"
#include "gpuimg/nn/layers/elementwise.hpp"
#include "gpuimg/nn/layers/normalization.hpp"
#include "gpuimg/nn/layers/transposed_convolution.hpp"
#include "gpuimg/nn/prepared_network.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {
namespace detail {

/// Joins steps of a network. A step may take over what comes before it where nobody else reads
/// that.
class step_fuser {
 public:
  explicit step_fuser(network_steps& all) : all_(all) { look(); }

  void run() {
    // First what exporters take apart, then what a layer can do for its neighbour.
    each(&step_fuser::join_gelu);
    each(&step_fuser::join_gate);
    each(&step_fuser::join_group_normalization);
    each(&step_fuser::join_scale);
    each(&step_fuser::join_residual);
    each(&step_fuser::join_activation);
    each(&step_fuser::join_concat);
  }

 private:
  static constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

  // Who makes each tensor, and how often it is read.
  void look() {
    maker_.assign(all_.tensors.size(), nobody);
    readers_.assign(all_.tensors.size(), 0);
    for (std::size_t i = 0; i < all_.steps.size(); ++i) {
      maker_[all_.steps[i].dst] = i;
      for (const std::size_t source : all_.steps[i].src) ++readers_[source];
    }
    for (const std::size_t output : all_.outputs) ++readers_[output];
  }

  // Offers every step to a rule; what nobody reads afterwards is no step any more.
  void each(bool (step_fuser::*rule)(network_step&)) {
    bool changed = false;
    for (std::size_t i = 0; i < all_.steps.size(); ++i)
      if ((this->*rule)(all_.steps[i])) {
        look();
        changed = true;
      }
    while (changed) {
      const auto before = all_.steps.size();
      std::erase_if(all_.steps, [&](const network_step& s) { return readers_[s.dst] == 0; });
      look();
      changed = all_.steps.size() != before;
    }
  }

  [[nodiscard]] const network_step* maker_of(std::size_t tensor) const {
    return maker_[tensor] == nobody ? nullptr : &all_.steps[maker_[tensor]];
  }
  // The step that makes a tensor which nobody else reads.
  [[nodiscard]] const network_step* own_maker_of(std::size_t tensor) const {
    return readers_[tensor] == 1 ? maker_of(tensor) : nullptr;
  }
  // What a step is, if it is that.
  template <class Layer>
  static const Layer* as(const network_step* step) {
    return step == nullptr ? nullptr : dynamic_cast<const Layer*>(step->what.get());
  }
  static bool is(const network_step* step, activation_kind kind) {
    const auto* found = as<activation_layer>(step);
    return found != nullptr && found->get().kind == kind;
  }
  // With a constant of one number, near `value`.
  static bool is(const network_step* step, combination kind, double value) {
    const auto* found = as<elementwise>(step);
    if (found == nullptr || found->kind() != kind || found->constant() == nullptr ||
        found->function().kind != activation_kind::identity ||
        found->constant()->shape().elements() != 1)
      return false;
    return std::fabs(static_cast<double>(found->constant()->values<float>()[0]) - value) < 1e-4;
  }
  static bool is_plain(const activation& f) { return f.kind == activation_kind::identity; }

  // x / 2 (1 + erf(x / sqrt(2))), in the orders in which it is written.
  bool join_gelu(network_step& step) {
    const auto factor_removed = [&](const network_step* s) {
      return is(s, combination::multiply, 0.5) ? s->src[0] : nobody;
    };
    // (x u) / 2, or (x / 2) u
    std::size_t product = factor_removed(&step);
    const network_step* last = product != nobody ? own_maker_of(product) : &step;
    const auto* both = as<elementwise>(last);
    if (both == nullptr || both->kind() != combination::multiply || both->constant() != nullptr)
      return false;
    for (const std::size_t side : {0u, 1u}) {
      std::size_t x = last->src[side];
      if (product == nobody) {
        const network_step* half = own_maker_of(x);
        if (factor_removed(half) == nobody) continue;
        x = half->src[0];
      }
      const network_step* sum = own_maker_of(last->src[1 - side]);
      if (!is(sum, combination::add, 1)) continue;
      const network_step* erf = own_maker_of(sum->src[0]);
      if (!is(erf, activation_kind::erf)) continue;
      const network_step* scaled = own_maker_of(erf->src[0]);
      if ((is(scaled, combination::divide, std::sqrt(2.0)) ||
           is(scaled, combination::multiply, std::sqrt(0.5))) &&
          scaled->src[0] == x) {
        step.what = std::make_shared<activation_layer>(activation{activation_kind::gelu});
        step.src = {x};
        return true;
      }
    }
    return false;
  }

  // x sigmoid(x), x hard_sigmoid(x), x tanh(softplus(x))
  bool join_gate(network_step& step) {
    const auto* both = as<elementwise>(&step);
    if (both == nullptr || both->kind() != combination::multiply || both->constant() != nullptr)
      return false;
    for (const std::size_t side : {0u, 1u}) {
      const std::size_t x = step.src[side];
      const network_step* gate = own_maker_of(step.src[1 - side]);
      const auto* f = as<activation_layer>(gate);
      if (f == nullptr) continue;
      activation joined;
      std::size_t from = gate->src[0];
      if (f->get().kind == activation_kind::sigmoid) joined.kind = activation_kind::silu;
      if (f->get().kind == activation_kind::hard_sigmoid &&
          std::fabs(f->get().alpha - 1.f / 6) < 1e-6f && f->get().beta == 0.5f)
        joined.kind = activation_kind::hard_swish;
      if (f->get().kind == activation_kind::tanh) {
        const network_step* inner = own_maker_of(from);
        if (is(inner, activation_kind::softplus)) {
          joined.kind = activation_kind::mish;
          from = inner->src[0];
        }
      }
      if (is_plain(joined) || from != x) continue;
      step.what = std::make_shared<activation_layer>(joined);
      step.src = {x};
      return true;
    }
    return false;
  }

  // Reshape to one row per group, InstanceNormalization, Reshape, Mul and Add of the channels.
  bool join_group_normalization(network_step& step) {
    const auto per_channel = [&](const network_step* s, combination kind) -> const host_tensor* {
      const auto* found = as<elementwise>(s);
      if (found == nullptr || found->kind() != kind || found->constant() == nullptr ||
          !is_plain(found->function()))
        return nullptr;
      const tensor_shape& shape = all_.tensors[s->dst];
      const tensor_shape own = aligned(found->constant()->shape(), shape.rank());
      const bool fits = shape.rank() >= 3 && own.rank() == shape.rank() && own[1] == shape[1] &&
                        own.elements() == shape[1];
      return fits ? found->constant() : nullptr;
    };
    const host_tensor* shift = per_channel(&step, combination::add);
    if (shift == nullptr) return false;
    const network_step* product = own_maker_of(step.src[0]);
    const host_tensor* factor = per_channel(product, combination::multiply);
    if (factor == nullptr) return false;
    const network_step* back = own_maker_of(product->src[0]);
    if (back == nullptr || back->what != nullptr) return false;
    const network_step* middle = own_maker_of(back->src[0]);
    const auto* rows = as<normalization>(middle);
    if (rows == nullptr || rows->group() != 1 || !is_plain(rows->function())) return false;
    const auto all_are = [](const std::vector<float>& values, float wanted) {
      return std::all_of(values.begin(), values.end(), [&](float v) { return v == wanted; });
    };
    const network_step* there = own_maker_of(middle->src[0]);
    if (there == nullptr || there->what != nullptr || !all_are(rows->scale().factor, 1) ||
        !all_are(rows->scale().shift, 0))
      return false;
    const tensor_shape &src = all_.tensors[there->src[0]], &grouped = all_.tensors[there->dst];
    if (src != all_.tensors[step.dst] || grouped.rank() != 3 || grouped[0] != src[0] ||
        grouped[1] < 1 || src[1] % grouped[1] != 0)
      return false;
    step.what = std::make_shared<normalization>(
        src[1] / grouped[1], rows->epsilon(),
        learnt_scale{factor->values<float>(), shift->values<float>()});
    step.src = {there->src[0]};
    return true;
  }

  // A convolution with other parameters in place of the one that `before` is.
  static std::shared_ptr<const layer> like(const network_step& before, convolution_parameters p) {
    if (as<convolution>(&before) != nullptr) return std::make_shared<convolution>(std::move(p));
    return std::make_shared<transposed_convolution>(std::move(p));
  }
  static const convolution_parameters* parameters_of(const network_step* step) {
    const auto* found = as<sum_over_taps>(step);
    return found == nullptr ? nullptr : &found->get();
  }
  // Lets the step before do what this one did.
  bool take_over(network_step& step, const network_step& before,
                 std::shared_ptr<const layer> what) {
    step.what = std::move(what);
    step.src = before.src;
    step.name = before.name;
    return true;
  }

  // A factor and a shift per channel become part of the weights.
  bool join_scale(network_step& step) {
    const auto* scale = as<channel_scale>(&step);
    if (scale == nullptr) return false;
    const network_step* before = own_maker_of(step.src[0]);
    const convolution_parameters* old = parameters_of(before);
    if (old == nullptr || !is_plain(old->activation) || old->adds_residual) return false;
    convolution_parameters p = *old;
    const bool transposed = as<transposed_convolution>(before) != nullptr;
    const auto per_group = static_cast<std::size_t>(p.dst_channels / p.groups);
    const auto taps = static_cast<std::size_t>(p.window.taps());
    const std::size_t row = p.weights.size() / static_cast<std::size_t>(p.dst_channels);
    const auto src_per_group = static_cast<std::size_t>(p.src_channels / p.groups);
    for (std::size_t i = 0; i < p.weights.size(); ++i) {
      // ConvTranspose: (source channel, channel of the group, tap); Conv: (channel, ...)
      const std::size_t o =
          transposed ? i / taps / per_group / src_per_group * per_group + i / taps % per_group
                     : i / row;
      p.weights[i] *= scale->scale().factor[o];
    }
    p.bias.resize(static_cast<std::size_t>(p.dst_channels), 0);
    for (std::size_t o = 0; o < p.bias.size(); ++o)
      p.bias[o] = std::fma(p.bias[o], scale->scale().factor[o], scale->scale().shift[o]);
    p.activation = scale->function();
    return take_over(step, *before, like(*before, std::move(p)));
  }

  // The sum of a convolution and another tensor.
  bool join_residual(network_step& step) {
    const auto* sum = as<elementwise>(&step);
    if (sum == nullptr || sum->kind() != combination::add || sum->constant() != nullptr)
      return false;
    for (const std::size_t side : {1u, 0u}) {
      const network_step* before = own_maker_of(step.src[side]);
      const std::size_t other = step.src[1 - side];
      const convolution_parameters* old = parameters_of(before);
      if (old == nullptr || !is_plain(old->activation) || old->adds_residual ||
          all_.tensors[other] != all_.tensors[step.dst] ||
          all_.tensors[before->dst] != all_.tensors[step.dst])
        continue;
      convolution_parameters p = *old;
      p.adds_residual = true;
      p.activation = sum->function();
      take_over(step, *before, like(*before, std::move(p)));
      step.src.push_back(other);
      return true;
    }
    return false;
  }

  // A function of what the step before makes.
  bool join_activation(network_step& step) {
    const auto* f = as<activation_layer>(&step);
    if (f == nullptr) return false;
    const network_step* before = own_maker_of(step.src[0]);
    if (const auto* p = parameters_of(before); p != nullptr && is_plain(p->activation)) {
      convolution_parameters with = *p;
      with.activation = f->get();
      return take_over(step, *before, like(*before, std::move(with)));
    }
    if (const auto* e = as<elementwise>(before); e != nullptr && is_plain(e->function()))
      return take_over(step, *before, e->followed_by(f->get()));
    if (const auto* n = as<normalization>(before); n != nullptr && is_plain(n->function()))
      return take_over(
          step, *before,
          std::make_shared<normalization>(n->group(), n->epsilon(), n->scale(), f->get()));
    if (const auto* c = as<channel_scale>(before); c != nullptr && is_plain(c->function()))
      return take_over(step, *before, std::make_shared<channel_scale>(c->scale(), f->get()));
    return false;
  }

  // A convolution reads two tensors instead of the one that they are joined to.
  bool join_concat(network_step& step) {
    const auto* conv = as<convolution>(&step);
    if (conv == nullptr || conv->get().sources != 1 || conv->get().groups != 1) return false;
    const network_step* before = maker_of(step.src[0]);
    const auto* joined = as<concat>(before);
    if (joined == nullptr || joined->axis() != 1 || before->src.size() != 2) return false;
    // Only where all that read it can do without.
    for (const network_step& reader : all_.steps) {
      if (std::find(reader.src.begin(), reader.src.end(), before->dst) == reader.src.end())
        continue;
      const auto* other = as<convolution>(&reader);
      if (other == nullptr || other->get().groups != 1 || other->get().sources != 1) return false;
    }
    if (std::find(all_.outputs.begin(), all_.outputs.end(), before->dst) != all_.outputs.end())
      return false;
    convolution_parameters p = conv->get();
    p.sources = 2;
    std::vector<std::size_t> src = before->src;
    src.insert(src.end(), step.src.begin() + 1, step.src.end());
    step.what = std::make_shared<convolution>(std::move(p));
    step.src = std::move(src);
    return true;
  }

  network_steps& all_;
  std::vector<std::size_t> maker_, readers_;
};

}  // namespace detail

/// Joins layers where that saves passes over memory; results differ by rounding only. Weights take
/// over what is learnt per channel behind a convolution, layers the function behind them, and
/// convolutions read the tensors that would be joined for them.
inline void fuse(network_steps& steps) { detail::step_fuser(steps).run(); }

}  // namespace gpuimg::nn
