// SPDX-License-Identifier: BSD-3-Clause
// A pipeline made into passes over tiles: how each operation goes about an image in parts.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/algorithms/automatic_threshold.hpp"
#include "gpuimg/algorithms/masked_voronoi_labeling.hpp"
#include "gpuimg/algorithms/threshold_otsu.hpp"
#include "gpuimg/algorithms/voronoi_otsu_labeling.hpp"
#include "gpuimg/ops/transform/flip.hpp"
#include "gpuimg/ops/transform/scaling.hpp"
#include "gpuimg/tiling/components.hpp"
#include "gpuimg/tiling/graph.hpp"
#include "gpuimg/tiling/output.hpp"
#include "gpuimg/tiling/pass.hpp"
#include "gpuimg/tiling/pipeline.hpp"
#include "gpuimg/tiling/propagation.hpp"
#include "gpuimg/tiling/reductions.hpp"
#include "gpuimg/tiling/relabeling.hpp"
#include "gpuimg/tiling/rows.hpp"
#include "gpuimg/tiling/store.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

using sources = std::map<std::string, std::shared_ptr<source>>;
using sinks = std::map<std::string, std::shared_ptr<sink>>;

/// A number or a table of a pipeline, once its pass is over.
struct measured {
  std::string name;
  std::function<any_result()> result;
};

/// What a pipeline is made into: nodes, and passes in the order in which they must run.
struct program {
  graph nodes;
  std::vector<std::unique_ptr<pass>> passes;
  std::vector<measured> results;
};

namespace detail {

/// Makes a pipeline into a program. Operations that say their halo are computed where they are
/// needed, again and again: computing is faster than disks. What needs all of an image goes over
/// its tiles once, or more often, and keeps what it found.
class lowering {
 public:
  lowering(const pipeline& from, const sources& inputs, const sinks& outputs, scratch& space)
      : space_(&space) {
    std::vector<measurement> values;  // by step
    for (const pipeline::step& step : from.steps()) {
      nodes images;
      for (const value& input : step.inputs) images.push_back(*values[input.index].node);
      if (step.is_input())
        values.push_back({.node = add_input(step.name, inputs)});
      else if (step.stage)
        values.push_back({.node = add(step.stage, images, is_taken(from, {values.size()}))});
      else
        values.push_back(add(*step.operation, step.parameters, images));
    }
    for (const auto& [name, value] : from.outputs()) {
      const measurement& found = values[value.index];
      if (!found.node) {
        program_.results.push_back({name, found.result});
        continue;
      }
      add_output(name, *found.node, from.steps()[value.index].operation, outputs);
    }
  }

  program take() { return std::move(program_); }

 private:
  /// What a step gives: an image, or what is known once its passes are over.
  struct measurement {
    std::optional<std::size_t> node{};
    std::function<any_result()> result{};
  };
  using nodes = std::vector<std::size_t>;

  std::size_t add_input(const std::string& name, const sources& inputs) {
    const auto found = inputs.find(name);
    if (found == inputs.end() || found->second == nullptr)
      throw argument_error("the pipeline's input " + name + " is missing");
    node read{.name = name, .size = found->second->size(), .type = found->second->type()};
    read.is_stored = true;
    read.stored = found->second;
    return add(std::move(read));
  }
  /// `made_by` is null for an input.
  void add_output(const std::string& name, std::size_t node, const registry_entry* made_by,
                  const sinks& outputs) {
    const auto found = outputs.find(name);
    if (found == outputs.end() || found->second == nullptr)
      throw argument_error("the pipeline's output " + name + " has nowhere to go");
    sink& to = *found->second;
    if (to.size() != at(node).size || to.type() != at(node).type)
      throw argument_error(
          gpuimg::detail::text({"the pipeline's output ", name, " is ", to_string(at(node).size),
                                " ", name_of(at(node).type), ", but it is to go where ",
                                to_string(to.size()), " ", name_of(to.type()), " is wanted"}));
    const bool has_no_name = made_by != nullptr && name == made_by->about->outputs[0].name;
    add_pass<output_pass>(has_no_name ? made_by->about->name : name, node, to);
  }

  std::size_t add(node&& added) {
    program_.nodes.push_back(std::move(added));
    return program_.nodes.size() - 1;
  }
  node& at(std::size_t n) { return program_.nodes[n]; }

  template <class Pass, class... Arguments>
  void add_pass(Arguments&&... arguments) {
    program_.passes.push_back(std::make_unique<Pass>(std::forward<Arguments>(arguments)...));
  }

  template <class Op>
  measurement add(const Op& op, const nodes& inputs) {
    return add(entry_for<Op>(), assignments_of(op), inputs);
  }
  template <class Op>
  static Op given(assignments parameters) {
    return gpuimg::detail::with_parameters<Op>(parameters);
  }

  /// Whether a step takes a value, or several outputs are made of it.
  static bool is_taken(const pipeline& from, value given) {
    return std::ranges::count(from.outputs(), given, &pipeline::named_value::value) > 1 ||
           std::ranges::any_of(from.steps(), [&](const pipeline::step& step) {
             return std::ranges::count(step.inputs, given) > 0;
           });
  }
  /// A stage costs more than a disk: what it gives is kept, unless it goes nowhere but to a sink.
  std::size_t add(const std::shared_ptr<const stage>& what, const nodes& inputs, bool is_kept) {
    std::vector<pixel_type> types;
    std::vector<shape> sizes;
    for (const std::size_t n : inputs) {
      types.push_back(at(n).type);
      sizes.push_back(at(n).size);
    }
    const pixel_type type = tiling::detail::check_inputs(*what, types, sizes);
    const shape image = sizes[0];
    const std::size_t made =
        add({.name = what->name(),
             .size = what->result_size(image),
             .type = type,
             .inputs = inputs,
             .compute =
                 [what, image](std::vector<any_image> from, const box& part) {
                   return what->compute(std::move(from), part, image);
                 },
             .source_box = [what, image](const box& part) { return what->source_box(part, image); },
             .stage = what});
    return is_kept ? keep(what->name(), {made})[0] : made;
  }

  measurement add(const registry_entry& operation, const pipeline::parameters& parameters,
                  const nodes& inputs) {
    check_inputs(*operation.about, inputs);
    const std::string name = operation.about->name;
    const std::size_t src = inputs[0];
    const std::vector<shape> sizes = sizes_of(inputs);
    const shape size = sizes[0];
    operation.check(parameters, checked_parts(*operation.about, sizes));

    if (const auto halo = operation.halo(parameters))
      return {.node = add_computed(operation, parameters, inputs, *halo)};
    if (name == "bin") {
      const auto op = given<ops::bin>(parameters);
      return {.node = add_boxed(operation, parameters, inputs, [op](const box& dst) {
                box from = dst;
                const auto block = op.block().axes();
                for (std::size_t axis = 0; axis < 3; ++axis) {
                  from.origin[axis] *= block[axis];
                  from.size[axis] *= block[axis];
                }
                return from;
              })};
    }
    if (name == "flip") {
      const auto op = given<ops::flip>(parameters);
      return {.node = add_boxed(operation, parameters, inputs, [op, size](const box& dst) {
                box from = dst;
                const std::array flips{op.flip_x, op.flip_y, op.flip_z};
                for (std::size_t axis = 0; axis < 3; ++axis)
                  if (flips[axis]) from.origin[axis] = size.axes()[axis] - dst.end(axis);
                return from;
              })};
    }
    if (name.ends_with("_x_projection") || name.ends_with("_y_projection") ||
        name.ends_with("_z_projection")) {  // the axes behind that one moved
      const auto along = static_cast<std::size_t>(name[name.size() - 12] - 'x');
      return {.node = add_boxed(operation, parameters, inputs, [along, size](const box& dst) {
                box from = dst;
                for (std::size_t axis = 2; axis > along; --axis) {
                  from.origin[axis] = dst.origin[axis - 1];
                  from.size[axis] = dst.size[axis - 1];
                }
                from.origin[along] = 0;
                from.size[along] = size.axes()[along];
                return from;
              })};
    }

    if (name == "minimum_of_all_pixels" || name == "maximum_of_all_pixels") {
      const auto found = find_extrema(name, src);
      const bool is_least = name == "minimum_of_all_pixels";
      return {.result = [found, is_least] { return is_least ? found->least : found->most; }};
    }
    if (name == "sum_of_all_pixels" || name == "mean_of_all_pixels") {
      const auto sum = std::make_shared<double>();
      visit_pixel_type(at(src).type, [&]<class T>(std::type_identity<T>) {
        add_pass<sum_pass<T>>(name, src, sum);
      });
      const double count = name[0] == 's' ? 1 : static_cast<double>(size.pixels());
      return {.result = [sum, count] { return *sum / count; }};
    }
    if (name == "percentile_of_all_pixels")
      return add_percentile(name, inputs,
                            given<ops::percentile_of_all_pixels>(parameters).percentile);
    if (name == "percentile_of_masked_pixels")
      return add_percentile(name, inputs,
                            given<ops::percentile_of_masked_pixels>(parameters).percentile);
    if (name == "histogram") return add_histogram(given<ops::histogram>(parameters), src);
    if (name == "label_overlaps") {
      const auto rows = std::make_shared<std::vector<label_overlap>>();
      add_pass<overlaps_pass>(name, inputs[0], inputs[1], rows);
      return {.result = [rows] { return to_table(*rows); }};
    }
    if (name == "labels_statistics") {
      const auto rows = std::make_shared<std::vector<label_statistics>>();
      visit_pixel_type(at(inputs[1]).type, [&]<class T>(std::type_identity<T>) {
        using running = gpuimg::detail::labels_statistics::running_statistics<T>;
        add_pass<label_rows_pass<running>>(name, inputs[0], inputs[1], running{}, rows);
      });
      return {.result = [rows] { return to_table(*rows); }};
    }
    if (name == "label_percentiles") {
      const auto op = given<ops::label_percentiles>(parameters);
      const auto rows = std::make_shared<std::vector<label_percentile>>();
      visit_pixel_type(at(inputs[1]).type, [&]<class T>(std::type_identity<T>) {
        using running = gpuimg::detail::label_percentiles::running_percentiles<T>;
        add_pass<label_rows_pass<running>>(name, inputs[0], inputs[1], running(op.percentile),
                                           rows);
      });
      return {.result = [rows] { return to_table(*rows); }};
    }
    if (name == "region_adjacency") {
      const auto rows = std::make_shared<std::vector<region_contact>>();
      visit_pixel_type(at(inputs[1]).type, [&]<class T>(std::type_identity<T>) {
        add_pass<contacts_pass<T>>(name, inputs[0], inputs[1], rows);
      });
      return {.result = [rows] { return to_table(*rows); }};
    }
    if (name == "threshold_otsu") return {.node = add_otsu(src)};
    if (name == "automatic_threshold") {
      const auto method = given<ops::automatic_threshold>(parameters).method;
      return {.node = add_threshold(name, src, [method, type = at(src).type](const extrema& e) {
                return gpuimg::detail::automatic_search(method, type, e);
              })};
    }

    if (name == "connected_component_labeling") {
      const auto op = given<ops::connected_component_labeling>(parameters);
      const std::size_t labels = add_stored(name, size, pixel_type::u32);
      add_pass<components_pass>(name, src, op.connectivity, *space_, &at(labels).stored);
      return {.node = labels};
    }
    if (name == "propagate_labels") {
      const std::size_t mask = kept(name + ": mask", {inputs[1]})[0];
      const std::size_t labels = add_stored(name, size, pixel_type::u32);
      add_pass<propagation_pass>(name, inputs[0], mask, size, *space_, &at(labels).stored);
      return {.node = labels};
    }
    if (name == "relabel_sequential") return {.node = add_relabeled(name, src, {})};
    if (name == "remove_small_labels") {
      const auto op = given<ops::remove_small_labels>(parameters);
      return {.node = add_relabeled(name, src, op.what_goes())};
    }
    if (name == "remove_labels_on_edges") {
      const auto op = given<ops::remove_labels_on_edges>(parameters);
      return {.node = add_relabeled(name, src, op.what_goes(size))};
    }
    if (name == "masked_voronoi_labeling") return {.node = add_voronoi(inputs[0], inputs[1])};
    if (name == "voronoi_otsu_labeling")
      return {.node = add_voronoi_otsu(given<ops::voronoi_otsu_labeling>(parameters), src)};

    const auto compute = [&operation, parameters](std::vector<any_image> images) {
      return std::move(operation.run(parameters, images)[0]);
    };
    if (const kind gives = operation.about->outputs[0].kind;
        gives == kind::scalar || gives == kind::table) {
      const auto found = std::make_shared<any_result>(0.0);
      add_pass<whole_pass>(name, inputs, sizes, compute,
                           [found](any_result value) { *found = std::move(value); });
      return {.result = [found]() -> any_result {
        if (const auto* const rows = std::get_if<table>(found.get())) return *rows;
        return std::get<double>(*found);
      }};
    }
    const shape result_size = operation.output_shape(parameters, sizes);
    const std::size_t result =
        add_stored(name, result_size, operation.output_type(0, at(src).type));
    add_pass<whole_pass>(
        name, inputs, sizes, compute, [kept = &at(result).stored](any_result image) {
          *kept = std::make_shared<memory_source>(pull(std::get<any_image>(image), host_image{}));
        });
    return {.node = result};
  }

  void check_inputs(const operation_info& about, const nodes& inputs) {
    std::optional<std::size_t> free;  // the first image of any type
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const kind wanted = about.inputs[i].kind;
      const pixel_type type = at(inputs[i]).type;
      if (wanted == kind::image && !free) free = i;
      const pixel_type needed = wanted == kind::binary   ? pixel_type::u8
                                : wanted == kind::labels ? pixel_type::u32
                                                         : at(inputs[*free]).type;
      if (type != needed) gpuimg::detail::refuse_type(about, i, needed);
    }
  }
  [[nodiscard]] std::vector<shape> sizes_of(const nodes& inputs) {
    std::vector<shape> sizes;
    for (const std::size_t input : inputs) sizes.push_back(at(input).size);
    return sizes;
  }

  static std::function<any_image(std::vector<any_image>, const box&)> runner(
      const registry_entry& operation, const pipeline::parameters& parameters) {
    return [run = operation.run, parameters](std::vector<any_image> inputs, const box&) {
      return std::get<any_image>(std::move(run(parameters, inputs)[0]));
    };
  }
  std::size_t add_computed(const registry_entry& operation, const pipeline::parameters& parameters,
                           const nodes& inputs, const halo& around) {
    return add({.name = operation.about->name,
                .size = at(inputs[0]).size,
                .type = operation.output_type(0, at(inputs[0]).type),
                .inputs = inputs,
                .compute = runner(operation, parameters),
                .halo = around});
  }
  std::size_t add_boxed(const registry_entry& operation, const pipeline::parameters& parameters,
                        const nodes& inputs, std::function<box(const box&)> source_box) {
    const std::size_t n = add_computed(operation, parameters, inputs, {});
    at(n).size = operation.output_shape(parameters, sizes_of(inputs));
    at(n).source_box = std::move(source_box);
    return n;
  }
  std::size_t add_stored(const std::string& name, const shape& size, pixel_type type) {
    return add({.name = name, .size = size, .type = type, .is_stored = true});
  }

  std::shared_ptr<extrema> find_extrema(const std::string& name, std::size_t src) {
    const auto found = std::make_shared<extrema>();
    add_pass<extrema_pass>(name, src, found);
    return found;
  }
  measurement add_percentile(const std::string& name, const nodes& inputs, double percentile) {
    const auto found = std::make_shared<double>();
    add_pass<percentile_pass>(name, inputs, percentile_pass::search(percentile, at(inputs[0]).type),
                              found);
    return {.result = [found] { return *found; }};
  }
  measurement add_histogram(const ops::histogram& op, std::size_t src) {
    const auto counted = std::make_shared<pixel_histogram>();
    const auto found = op.wanted().needs_extrema() ? find_extrema("histogram: range", src)
                                                   : std::make_shared<extrema>();
    add_pass<histogram_pass>(
        "histogram", src,
        [op, found, type = at(src).type] {
          const gpuimg::detail::reduction::counted_pixels none(op.wanted(), *found, type);
          ops::histogram fixed = op;
          fixed.minimum = none.histogram.edges.front();
          fixed.maximum = none.histogram.edges.back();
          return std::optional(fixed);
        },
        [counted](const pixel_histogram& h) { *counted = h; });
    return {.result = [counted] { return to_table(*counted); }};
  }
  std::size_t add_otsu(std::size_t src) {
    return add_threshold("threshold_otsu", src, [type = at(src).type](const extrema& pixels) {
      return gpuimg::detail::otsu_search(type, pixels);
    });
  }
  /// The pixels above the threshold of a search, as search_threshold() makes it.
  template <class Search>
  std::size_t add_threshold(const std::string& name, std::size_t src, const Search& search_among) {
    const pixel_type type = at(src).type;
    const auto found = size_of(type) == 1
                           ? std::make_shared<extrema>(gpuimg::detail::extrema_of_type(type))
                           : find_extrema(name + ": range", src);
    const auto threshold = std::make_shared<ops::greater_constant>();
    add_pass<histogram_pass>(
        name + ": histogram", src,
        [search_among, found] {
          const auto search = search_among(*found);
          return search.is_constant ? std::nullopt : std::optional(search.wanted);
        },
        [search_among, found, threshold](const pixel_histogram& h) {
          const double at = search_among(*found).in(h);
          threshold->scalar = std::isnan(at) ? 0 : at;  // as above_threshold
        });
    const auto& operation = entry_for<ops::greater_constant>();
    const std::size_t n = add_computed(operation, {}, {src}, {});
    at(n).name = name;
    at(n).compute = [&operation, threshold](std::vector<any_image> inputs, const box&) {
      return std::get<any_image>(std::move(operation.run(assignments_of(*threshold), inputs)[0]));
    };
    return n;
  }
  std::size_t add_relabeled(const std::string& name, std::size_t src,
                            const gpuimg::detail::labeling::removal& what_goes) {
    const auto numbers = std::make_shared<renumbering>();
    add_pass<relabeling_pass>(name, src, what_goes, numbers);
    return add({.name = name,
                .size = at(src).size,
                .type = pixel_type::u32,
                .inputs = {src},
                .compute = [numbers](std::vector<any_image> inputs, const box&) -> any_image {
                  return (*numbers)(std::get<label_image>(inputs[0]));
                }});
  }
  /// The same images, kept if they would have to be computed: as they are gone over several times.
  nodes kept(const std::string& name, const nodes& images) {
    nodes found = images, computed;
    for (const std::size_t n : images)
      if (!at(n).is_leaf() && std::ranges::count(computed, n) == 0) computed.push_back(n);
    const nodes stored = keep(name, computed);
    for (std::size_t i = 0; i < computed.size(); ++i)
      std::ranges::replace(found, computed[i], stored[i]);
    return found;
  }
  nodes keep(const std::string& name, const nodes& computed) {
    nodes stored;
    std::vector<host_image> types;
    std::vector<std::shared_ptr<source>*> results;
    for (const std::size_t n : computed) {
      types.push_back(describe(at(n).size, at(n).type));
      stored.push_back(add_stored(at(n).name, at(n).size, at(n).type));
      results.push_back(&at(stored.back()).stored);
    }
    if (!computed.empty()) add_pass<keeping_pass>(name, computed, types, *space_, results);
    return stored;
  }
  std::size_t add_voronoi(std::size_t spots, std::size_t mask) {
    const nodes both = kept("masked_voronoi_labeling: spots, mask", {spots, mask});
    const auto labels = add(ops::connected_component_labeling{}, {both[0]});
    return *add(ops::propagate_labels{}, {*labels.node, both[1]}).node;
  }
  std::size_t add_voronoi_otsu(const ops::voronoi_otsu_labeling& op, std::size_t src) {
    const auto blurred = [&](float sigma) {
      return *add(ops::gaussian_blur{.sigma_x = sigma, .sigma_y = sigma, .sigma_z = sigma}, {src})
                  .node;
    };
    const std::size_t smooth = blurred(op.outline_sigma), foreground = add_otsu(smooth);
    const std::size_t same = op.spot_sigma == op.outline_sigma ? smooth : blurred(op.spot_sigma);
    const std::size_t maxima = *add(ops::detect_maxima{}, {same}).node;
    return add_voronoi(*add(ops::binary_and{}, {maxima, foreground}).node, foreground);
  }

  program program_;
  scratch* space_;
};

}  // namespace detail
}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
