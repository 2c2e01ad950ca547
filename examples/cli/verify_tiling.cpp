// SPDX-License-Identifier: BSD-3-Clause
// gpuimg verify-tiling: whether tiles give what the whole gives, and how wide margins must be.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cli/commands.hpp"
#include "cli/open_device.hpp"
#include "cli/report.hpp"
#include "cli/tiles.hpp"
#include "gpuimg/any_image.hpp"

namespace gpuimg::cli {
namespace {

/// The steps of a pipeline up to a value, which is its only output.
tiling::pipeline up_to(tiling::value wanted, const tiling::pipeline& what) {
  tiling::pipeline part;
  for (const auto& step : std::span(what.steps()).first(wanted.index + 1)) {
    if (step.operation == nullptr)
      part.input(step.name);
    else
      part.add(*step.operation, step.parameters, step.inputs);
  }
  part.output("wanted", wanted);
  return part;
}

/// Values of a type whose bits differ; NaN equals NaN of other bits.
template <class T>
bool differs(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof(T)) != 0 && (a == a || b == b);
}

std::size_t different_pixels(const host_image& a, const host_image& b) {
  return std::visit(
      [&]<class T>(const std::vector<T>& pixels) {
        const auto& others = std::get<std::vector<T>>(b.pixels);
        std::size_t count = 0;
        for (std::size_t i = 0; i < pixels.size(); ++i)
          count += differs(pixels[i], others[i]) ? 1 : 0;
        return count;
      },
      a.pixels);
}

std::size_t different_rows(const table& a, const table& b) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < std::max(a.rows.size(), b.rows.size()); ++i)
    count += i >= a.rows.size() || i >= b.rows.size() ||
                     !std::ranges::equal(a.rows[i], b.rows[i],
                                         [](double x, double y) { return !differs(x, y); })
                 ? 1
                 : 0;
  return count;
}

/// The middle of an image.
tiling::box middle(const shape& image, const shape& wanted) {
  tiling::box part;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    part.size[axis] = std::min(image.axes()[axis], wanted.axes()[axis]);
    part.origin[axis] = (image.axes()[axis] - part.size[axis]) / 2;
  }
  return part;
}

/// What is compared: a pipeline and the pixels that it is given.
struct subject {
  tiling::pipeline what;
  std::vector<host_image> pixels;  ///< by input
  gpuimg::device device;

  [[nodiscard]] const shape& size() const { return pixels[0].size; }
  /// What comes of the pixels of a box alone, without tiles.
  [[nodiscard]] tiling::named_results run_whole(const tiling::box& part) const {
    return tiling::run(what, inputs_in(part));
  }
  [[nodiscard]] host_image run_whole(const tiling::box& part, tiling::value wanted) const {
    const auto results = tiling::run(up_to(wanted, what), inputs_in(part));
    return pull(std::get<any_image>(results.at("wanted")), host_image{});
  }

 private:
  [[nodiscard]] tiling::named_images inputs_in(const tiling::box& part) const {
    tiling::named_images inputs;
    for (std::size_t i = 0; i < pixels.size(); ++i)
      inputs.emplace(what.steps()[what.inputs()[i].index].name,
                     push(device, crop(pixels[i], part)));
    return inputs;
  }
};

subject open_subject(const run_arguments& arguments) {
  subject all{.what = pipeline_of(arguments), .pixels = {}, .device = device::reference()};
  const auto files = open_files(all.what, arguments.files, arguments.volume);
  const pipeline_inputs inputs =
      open_inputs(all.what, files, choose_volumes(files, arguments.volume));
  describe_results(all.what, inputs);  // throws for parameters that are out of range
  for (const tiling::value input : all.what.inputs()) {
    auto& from = *inputs.sources.at(all.what.steps()[input.index].name);
    const shape most =
        arguments.part.value_or(from.size().is_3d() ? shape{128, 128, 64} : shape{512, 512});
    all.pixels.push_back(from.read(middle(from.size(), most)));
  }
  all.device = open_device(arguments.device);
  return all;
}

/// Whether all results are the same in tiles; prints how much differs.
bool compare_tiles(const subject& all, const shape& tile) {
  pipeline_inputs inputs;
  for (std::size_t i = 0; i < all.pixels.size(); ++i)
    inputs.sources[all.what.steps()[all.what.inputs()[i].index].name] =
        std::make_shared<tiling::memory_source>(all.pixels[i]);
  tiling::sinks sinks;
  std::map<std::string, std::shared_ptr<tiling::memory_sink>> images;
  for (const auto& result : describe_results(all.what, inputs))
    if (result.is_image())
      sinks[result.name] = images[result.name] =
          std::make_shared<tiling::memory_sink>(result.description);
  const auto measured =
      tiling::run(all.what, inputs.sources, sinks, {.devices = {all.device}, .tile = tile});
  bool is_same = true;
  const auto print = [&](const std::string& name, std::size_t count, std::size_t of,
                         const std::string& things) {
    print_fact(name, std::to_string(count) + " of " + std::to_string(of) + " " + things +
                         " differ between tiles and the whole");
    is_same = is_same && count == 0;
  };
  const auto whole = all.run_whole(tiling::whole(all.size()));
  for (const auto& [name, value] : all.what.outputs()) {
    const any_result& expected = whole.at(name);
    if (const auto* image = std::get_if<any_image>(&expected)) {
      const host_image pixels = pull(*image, host_image{});
      print(name, different_pixels(images.at(name)->image(), pixels), pixels.size.pixels(),
            "pixels");
    } else if (const auto* number = std::get_if<double>(&expected)) {
      print(name, differs(std::get<double>(measured.at(name)), *number) ? 1 : 0, 1, "numbers");
    } else {
      const auto& rows = std::get<table>(expected);
      print(name, different_rows(std::get<table>(measured.at(name)), rows), rows.rows.size(),
            "rows");
    }
  }
  return is_same;
}

/// An image of a pipeline that can be had from parts of its inputs alone, and how much of them.
struct local_value {
  std::string name;
  tiling::value value;
  gpuimg::halo halo;  ///< that the operations say
};

/// Those that are results, or that an operation takes which needs all of them.
std::vector<local_value> local_values(const tiling::pipeline& what) {
  const auto& steps = what.steps();
  std::vector<std::optional<halo>> around(steps.size());
  std::vector<std::string> names(steps.size());  // of those that are wanted
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].operation == nullptr) {
      around[i] = halo{};
      continue;
    }
    std::optional<halo> own = steps[i].operation->halo(steps[i].parameters), most = halo{};
    for (const tiling::value v : steps[i].inputs)
      if (most && around[v.index])
        most = tiling::detail::larger(*most, *around[v.index]);
      else
        most.reset();
    if (own && most) {
      around[i] = tiling::detail::sum(*own, *most);
      continue;
    }
    for (const tiling::value v : steps[i].inputs)
      if (around[v.index] && steps[v.index].operation != nullptr)
        names[v.index] = steps[v.index].operation->about->name;
  }
  for (const auto& [name, value] : what.outputs())
    if (around[value.index] && steps[value.index].operation != nullptr) names[value.index] = name;
  std::vector<local_value> all;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (!names[i].empty()) all.push_back({names[i], {i}, *around[i]});
  return all;
}

/// Cuts an image along one axis into slabs with a margin, and counts the pixels that come out
/// otherwise than in the whole.
class slabs {
 public:
  slabs(const subject& all, tiling::value value, std::size_t axis)
      : all_(&all),
        value_(value),
        axis_(axis),
        whole_(all.run_whole(tiling::whole(all.size()), value)),
        thickness_((all.size().axes()[axis] + 15) / 16) {}

  [[nodiscard]] std::size_t different(std::size_t margin) const {
    const shape size = all_->size();
    std::size_t count = 0;
    for (std::size_t at = 0; at < size.axes()[axis_]; at += thickness_) {
      tiling::box slab = tiling::whole(size);
      slab.origin[axis_] = at;
      slab.size[axis_] = std::min(thickness_, size.axes()[axis_] - at);
      tiling::extent by{};
      by[axis_] = margin;
      const tiling::box outer = tiling::grow(slab, by, by, size);
      const host_image made = all_->run_whole(outer, value_);
      tiling::box inner{{}, slab.size};
      inner.origin[axis_] = slab.origin[axis_] - outer.origin[axis_];
      count += different_pixels(crop(made, inner), crop(whole_, slab));
    }
    return count;
  }
  /// Whether a margin leaves something out.
  [[nodiscard]] bool can_tell(std::size_t margin) const {
    return thickness_ + margin < all_->size().axes()[axis_];
  }

 private:
  const subject* all_;
  tiling::value value_;
  std::size_t axis_;
  host_image whole_;
  std::size_t thickness_;
};

/// Prints the smallest margin that changes no pixel; false where it is more than an operation says.
bool find_margin(const slabs& cut, const std::string& name, std::size_t said) {
  if (!cut.can_tell(said)) {
    print_fact(name, "cannot be told: the part is too small for margins of " +
                         std::to_string(said) + " pixels");
    return true;
  }
  std::size_t margin = said, wrong = 0;
  while (cut.can_tell(margin) && cut.different(margin) > 0) ++margin;
  const bool is_enough = margin == said;
  while (margin > 0 && (wrong = cut.different(margin - 1)) == 0) --margin;
  print_fact(name, std::to_string(margin) + " pixels" +
                       (margin > 0 ? "; with one less, " + std::to_string(wrong) + " differ" : "") +
                       (margin != said ? "; the operations say " + std::to_string(said) : ""));
  return is_enough;
}

}  // namespace

bool verify_tiling(const run_arguments& arguments) {
  const subject all = open_subject(arguments);
  const compile_notice notice(all.device);
  const auto quarter = [](std::size_t n) { return (n + 3) / 4; };
  const shape& size = all.size();
  const shape tile =
      arguments.tiles.tile.value_or(shape{quarter(size.x), quarter(size.y), quarter(size.z)});
  print_fact("device", all.device.name());
  print_fact("part", to_string(size) + ", in tiles of " + to_string(tile));
  bool is_good = compare_tiles(all, tile);
  for (const auto& [name, value, around] : local_values(all.what)) {
    if (around.wraps) {
      print_fact("margin of " + name, "it wraps around the image");
      continue;
    }
    const std::array<std::size_t, 3> said{around.x, around.y, around.z};
    for (std::size_t axis = 0; axis < (size.is_3d() ? 3u : 2u); ++axis)
      is_good = find_margin(slabs(all, value, axis),
                            "margin of " + name + ", " + "xyz"[axis] + "  ", said[axis]) &&
                is_good;
  }
  return is_good;
}

}  // namespace gpuimg::cli
