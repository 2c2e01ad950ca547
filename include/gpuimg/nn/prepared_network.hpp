// SPDX-License-Identifier: BSD-3-Clause
// Layers over numbered tensors, made ready for one device: how each tensor lies in memory, which
// tensors take each other's place, and kernels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gpuimg/nn/layer.hpp"
#include "gpuimg/nn/layers/layout.hpp"
#include "gpuimg/nn/tensor.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// One layer of a network, with the numbers of the tensors it reads and makes. Without a layer, the
/// result is the source in another shape of as many numbers.
struct network_step {
  std::shared_ptr<const layer> what;
  std::vector<std::size_t> src;
  std::size_t dst = 0;
  std::string name;  ///< the file's, for people
};

/// A network for inputs of known shapes: steps in an order in which they can run.
struct network_steps {
  std::vector<tensor_shape> tensors;  ///< by number
  std::vector<std::size_t> inputs, outputs;
  std::vector<network_step> steps;
};

/// How many channels a device likes to find together: as many floats as a CPU's vector has.
inline std::int64_t preferred_block(const gpuimg::device& device) {
  if (device.is_reference() || !device.opencl().description().is_cpu()) return 1;
  const auto floats = static_cast<std::int64_t>(device.opencl().description().native_floats);
  return floats >= 16 ? 16 : floats >= 8 ? 8 : 4;
}

/// What a network needs on a device, in bytes.
struct network_memory {
  std::uint64_t weights = 0;  ///< held as long as the prepared network is there
  std::uint64_t tensors = 0;  ///< inputs and results, and all between them, while it runs
  std::uint64_t scratch = 0;  ///< what layers need while they run
  [[nodiscard]] std::uint64_t peak() const { return weights + tensors + scratch; }
};

/// A network that is ready to run on one device, for inputs of the shapes it was prepared for.
class prepared_network {
 public:
  /// Tensors between the inputs and the results are stored as `storage`, f32 or f16; as f32 in any
  /// case what follows from positions (ArgMax), and all on the reference. Throws argument_error,
  /// build_error, and memory_error where the network and what it needs to run is more than the
  /// device may hold.
  prepared_network(gpuimg::device device, network_steps steps, element storage = element::f32)
      : device_(std::move(device)), steps_(std::move(steps)) {
    lay_out(device_.is_reference() ? element::f32 : storage);
    share_memory();
    check_budget();
    if (device_.is_reference()) return;
    for (const network_step& step : steps_.steps) {
      prepared_.push_back(step.what == nullptr ? prepared_layer{} : prepare(step));
      memory_.weights += prepared_.back().weight_bytes;
      memory_.scratch = std::max(memory_.scratch, prepared_.back().scratch_bytes);
    }
    check_budget();
  }

  [[nodiscard]] const gpuimg::device& device() const { return device_; }
  [[nodiscard]] const network_memory& memory() const { return memory_; }
  [[nodiscard]] const network_steps& steps() const { return steps_; }

  /// How the inputs must lie, and the results will.
  [[nodiscard]] std::vector<tensor_info> inputs() const { return infos_of(steps_.inputs); }
  [[nodiscard]] std::vector<tensor_info> outputs() const { return infos_of(steps_.outputs); }

  /// Runs the network. `inputs` are f32 in a file's order, on the network's device, and so are the
  /// results. Throws argument_error, device_error, memory_error, cancelled_error.
  [[nodiscard]] std::vector<tensor> operator()(std::span<const tensor> inputs) const {
    check_inputs(inputs);
    std::vector<tensor> memory, results;
    for (const std::uint64_t bytes : places_) memory.push_back(make_place(bytes));
    for (const std::size_t output : steps_.outputs) results.emplace_back(device_, info_[output]);
    const tensor scratch = make_place(memory_.scratch);
    const auto tensor_of = [&](std::size_t number) -> const tensor& {
      const home& where = homes_[home_[number]];
      return where.input != nowhere    ? inputs[where.input]
             : where.output != nowhere ? results[where.output]
                                       : memory[where.place];
    };
    for (std::size_t i = 0; i < steps_.steps.size(); ++i) {
      const network_step& step = steps_.steps[i];
      if (step.what == nullptr) continue;
      if (device_.is_reference()) {
        std::vector<host_view<const float>> src;
        for (const std::size_t t : step.src) src.push_back({tensor_of(t).host(), info_[t].shape});
        step.what->run({tensor_of(step.dst).host(), info_[step.dst].shape}, src);
      } else {
        std::vector<device_tensor> src;
        for (const std::size_t t : step.src)
          src.push_back({info_[t], tensor_of(t).opencl().memory});
        prepared_[i].enqueue({info_[step.dst], tensor_of(step.dst).opencl().memory}, src,
                             scratch.opencl().memory);
      }
    }
    return results;
  }
  [[nodiscard]] tensor operator()(const tensor& input) const {
    return std::move((*this)(std::span(&input, 1)).front());
  }

 private:
  static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

  // Memory that one tensor after the other lives in: one that is made in place of another, or is
  // another in a new shape, has the other's home.
  struct home {
    std::uint64_t bytes;
    std::size_t last;              // the step that reads it last
    std::size_t input = nowhere;   // which of the inputs it is,
    std::size_t output = nowhere;  // or which of the results,
    std::size_t place = nowhere;   // or where it is between them
  };

  // Decides how tensors lie, and adds steps that change it where a layer wants something else.
  void lay_out(element storage) {
    const std::int64_t preferred = preferred_block(device_);
    for (const tensor_shape& shape : steps_.tensors) info_.push_back({shape, storage, 1});
    for (const std::size_t input : steps_.inputs) info_[input].type = element::f32;
    std::vector<network_step> all;
    std::vector<bool> is_own(info_.size(), false);  // made by a layer, and no result yet
    const auto add_reorder = [&](std::size_t source, const tensor_info& wanted) {
      info_.push_back(wanted);
      steps_.tensors.push_back(wanted.shape);
      is_own.push_back(false);
      all.push_back({std::make_shared<reorder>(), {source}, info_.size() - 1, "reorder"});
      return info_.size() - 1;
    };
    // Tensors that lie in another way, too.
    std::map<std::tuple<std::size_t, std::int64_t, element>, std::size_t> known;
    const auto in_block = [&](std::size_t source, std::int64_t block, element type) {
      const tensor_info wanted{info_[source].shape, type, block};
      if (info_[source] == wanted) return source;
      const auto [found, is_new] = known.try_emplace({source, block, type});
      if (is_new) found->second = add_reorder(source, wanted);
      return found->second;
    };
    std::vector<bool> is_whole(info_.size(), false);  // follows from positions
    for (network_step& step : steps_.steps) {
      const bool reads_whole = std::any_of(step.src.begin(), step.src.end(),
                                           [&](std::size_t source) { return is_whole[source]; });
      const element type = reads_whole ? element::f32 : storage;
      if (reads_whole || (step.what != nullptr && step.what->makes_whole_numbers())) {
        is_whole[step.dst] = true;
        info_[step.dst].type = element::f32;
      }
      if (step.what == nullptr) {
        step.src.front() = in_block(step.src.front(), 1, type);
      } else {
        const layer::blocks blocks = step.what->choose_blocks(infos_of(step.src), preferred);
        for (std::size_t i = 0; i < step.src.size(); ++i)
          step.src[i] = in_block(step.src[i], blocks.src[i], type);
        info_[step.dst].block = blocks.dst;
        is_own[step.dst] = true;
      }
      all.push_back(std::move(step));
    }
    // Results are memory of their own.
    for (std::size_t& output : steps_.outputs) {
      const tensor_info wanted{info_[output].shape, element::f32, 1};
      if (!is_own[output] || info_[output] != wanted) output = add_reorder(output, wanted);
      is_own[output] = false;
    }
    steps_.steps = std::move(all);
  }

  // Gives each tensor a home, and homes that are not needed at the same time the same place.
  void share_memory() {
    const std::size_t end = steps_.steps.size();
    std::vector<std::size_t> last(info_.size(), 0);
    for (std::size_t i = 0; i < end; ++i)
      for (const std::size_t source : steps_.steps[i].src) last[source] = i;
    for (const std::size_t output : steps_.outputs) last[output] = end;

    home_.assign(info_.size(), nowhere);
    const auto move_into = [&](std::size_t t, std::size_t index) {
      home_[t] = index;
      homes_[index].last = std::max(homes_[index].last, last[t]);
    };
    const auto build = [&](std::size_t t, std::size_t first) {
      homes_.push_back({.bytes = info_[t].bytes(), .last = first});
      move_into(t, homes_.size() - 1);
      return homes_.size() - 1;
    };
    for (std::size_t i = 0; i < steps_.inputs.size(); ++i)
      homes_[build(steps_.inputs[i], end)].input = i;

    std::vector<std::size_t> in_use;  // homes that have a place
    for (std::size_t i = 0; i < end; ++i) {
      const network_step& step = steps_.steps[i];
      const std::size_t first = step.src.empty() ? nowhere : step.src.front();
      const auto is_result = std::find(steps_.outputs.begin(), steps_.outputs.end(), step.dst);
      const auto is_alone = [&] {
        return std::none_of(step.src.begin() + 1, step.src.end(),
                            [&](std::size_t other) { return home_[other] == home_[first]; });
      };
      if (step.what == nullptr ||
          (step.what->runs_in_place() && is_result == steps_.outputs.end() &&
           homes_[home_[first]].last == i && info_[first] == info_[step.dst] && is_alone())) {
        move_into(step.dst, home_[first]);
        continue;
      }
      const std::size_t made = build(step.dst, i);
      if (is_result != steps_.outputs.end()) {
        homes_[made].output = static_cast<std::size_t>(is_result - steps_.outputs.begin());
        continue;
      }
      std::vector<std::size_t> free;
      for (std::size_t place = 0; place < places_.size(); ++place)
        if (std::none_of(in_use.begin(), in_use.end(), [&](std::size_t h) {
              return homes_[h].place == place && homes_[h].last >= i;
            }))
          free.push_back(place);
      homes_[made].place = find_place(free, homes_[made].bytes);
      in_use.push_back(made);
    }
    for (const std::uint64_t bytes : places_) memory_.tensors += bytes;
    for (const home& h : homes_)
      if (h.input != nowhere || h.output != nowhere) memory_.tensors += h.bytes;
  }

  // The smallest free place that is large enough, else the largest, which grows, else a new one.
  std::size_t find_place(const std::vector<std::size_t>& free, std::uint64_t bytes) {
    std::size_t best = nowhere;
    for (const std::size_t place : free) {
      const bool fits = places_[place] >= bytes;
      if (best == nowhere || (places_[best] >= bytes ? fits && places_[place] < places_[best]
                                                     : places_[place] > places_[best]))
        best = place;
    }
    if (best == nowhere) {
      places_.push_back(0);
      best = places_.size() - 1;
    }
    places_[best] = std::max(places_[best], bytes);
    return best;
  }

  [[nodiscard]] std::vector<tensor_info> infos_of(const std::vector<std::size_t>& numbers) const {
    std::vector<tensor_info> all;
    for (const std::size_t number : numbers) all.push_back(info_[number]);
    return all;
  }

  [[nodiscard]] prepared_layer prepare(const network_step& step) const {
    return step.what->prepare(device_.opencl(), info_[step.dst], infos_of(step.src));
  }

  [[nodiscard]] tensor make_place(std::uint64_t bytes) const {
    constexpr std::uint64_t row = 1024;  // numbers
    const auto rows = static_cast<std::int64_t>((bytes + 4 * row - 1) / (4 * row));
    return {device_, {tensor_shape{1, 1, rows, row}}};
  }

  void check_budget() const {
    const std::uint64_t limit = device_.is_reference() ? device_.reference_side().budget().limit()
                                                       : device_.opencl().budget().limit();
    if (memory_.peak() > limit)
      throw memory_error(
          gpuimg::detail::text({"the network needs ", memory_.peak(), " bytes for inputs of shape ",
                                to_string(info_[steps_.inputs.front()].shape), ", the budget is ",
                                limit}),
          memory_.peak(), limit);
  }

  void check_inputs(std::span<const tensor> inputs) const {
    bool fits = inputs.size() == steps_.inputs.size();
    for (std::size_t i = 0; fits && i < inputs.size(); ++i)
      fits = inputs[i].info() == info_[steps_.inputs[i]] && inputs[i].device() == device_;
    if (fits) return;
    std::string wanted;
    for (const std::size_t input : steps_.inputs)
      wanted += (wanted.empty() ? "" : ", ") + to_string(info_[input].shape);
    throw argument_error("the network was prepared for inputs of shape " + wanted + " in f32 on " +
                         device_.name());
  }

  gpuimg::device device_;
  network_steps steps_;
  std::vector<tensor_info> info_;  // of tensors, by number
  std::vector<std::size_t> home_;  // of tensors, by number
  std::vector<home> homes_;
  std::vector<std::uint64_t> places_;     // bytes
  std::vector<prepared_layer> prepared_;  // by step
  network_memory memory_;
};

}  // namespace gpuimg::nn
