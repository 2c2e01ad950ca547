// SPDX-License-Identifier: BSD-3-Clause
// Passes that keep the images they compute.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/any_image.hpp"
#include "gpuimg/registry.hpp"
#include "gpuimg/tiling/pass.hpp"
#include "gpuimg/tiling/storage.hpp"
#include "gpuimg/tiling/store.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// Writes an image where it is to go.
class output_pass final : public pass {
 public:
  output_pass(std::string name, std::size_t node, sink& to)
      : pass(std::move(name), {node}), sink_(&to) {}

  [[nodiscard]] shape chunk() const override { return sink_->chunk(); }
  [[nodiscard]] bool is_resumable() const override { return false; }  // the sink knows
  [[nodiscard]] double bytes_per_pixel() const override {
    return 3.0 * static_cast<double>(size_of(sink_->type()));
  }
  [[nodiscard]] bool wants(std::size_t tile) const override {
    return !sink_->is_written(tiles()[tile]);
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    message said;
    std::visit([&](const auto& image) { said.put(pull(image)); },
               evaluate(nodes()[0], tiles()[tile]));
    return said;
  }
  /// In the order of the tiles, so that files are the same however tiles were shared.
  void merge(std::size_t tile, message said) override {
    host_image pixels = describe(tiles()[tile].shape(), sink_->type(), sink_->description());
    std::visit([&]<class T>(std::vector<T>& values) { values = said.get_all<T>(); }, pixels.pixels);
    sink_->write(tiles()[tile], pixels);
  }
  bool finish() override {
    sink_->finish();
    return true;
  }

 private:
  sink* sink_;
};

/// Keeps images that later passes go over more than once.
class keeping_pass final : public pass {
 public:
  /// `results` are set when the pass begins and hold the images when it ends.
  keeping_pass(std::string name, std::vector<std::size_t> nodes, std::vector<host_image> types,
               scratch& space, std::vector<std::shared_ptr<source>*> results)
      : pass(std::move(name), std::move(nodes)),
        types_(std::move(types)),
        space_(&space),
        results_(std::move(results)) {}

  [[nodiscard]] double bytes_per_pixel() const override {
    double all = 0;
    for (const host_image& each : types_) all += static_cast<double>(size_of(each.type()));
    return 2 * all;
  }
  void begin(const grid& tiles) override {
    pass::begin(tiles);
    stores_.clear();
    for (std::size_t i = 0; i < types_.size(); ++i) {
      stores_.push_back(space_->make(types_[i], tiles));
      *results_[i] = stores_[i];
    }
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    const auto images = evaluate(nodes(), tiles()[tile]);
    for (std::size_t i = 0; i < images.size(); ++i)
      stores_[i]->write(tiles()[tile], pull(images[i]));
    return {};
  }
  void merge(std::size_t, message) override {}

 private:
  std::vector<host_image> types_;
  scratch* space_;
  std::vector<std::shared_ptr<source>*> results_;
  std::vector<std::shared_ptr<store>> stores_;
};

/// Runs an operation that must see its inputs whole; `done` is given what it gives.
class whole_pass final : public pass {
 public:
  using operation = std::function<any_result(std::vector<any_image>)>;

  /// `sizes` of the inputs.
  whole_pass(std::string name, std::vector<std::size_t> inputs, std::vector<shape> sizes,
             operation compute, std::function<void(any_result)> done)
      : pass(std::move(name), std::move(inputs), tile_order::whole),
        sizes_(std::move(sizes)),
        compute_(std::move(compute)),
        done_(std::move(done)) {}

  [[nodiscard]] bool is_resumable() const override { return false; }
  message run(const evaluator& evaluate, std::size_t tile) override {
    const bool are_of_one_size =
        std::ranges::count(sizes_, sizes_[0]) == static_cast<std::ptrdiff_t>(sizes_.size());
    std::vector<any_image> images;
    if (are_of_one_size)
      images = evaluate(nodes(), tiles()[tile]);
    else  // lists, planes of a stack, what is put together
      for (std::size_t i = 0; i < sizes_.size(); ++i)
        images.push_back(evaluate(nodes()[i], whole(sizes_[i])));
    done_(compute_(std::move(images)));
    return {};
  }
  void merge(std::size_t, message) override {}

 private:
  std::vector<shape> sizes_;
  operation compute_;
  std::function<void(any_result)> done_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
