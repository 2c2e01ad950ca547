// SPDX-License-Identifier: BSD-3-Clause
// Passes that keep the images they compute.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/any_image.hpp"
#include "gpuimg/tiling/pass.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// Writes an image where it is to go.
class output_pass final : public pass {
 public:
  output_pass(std::string name, std::size_t node, sink& to)
      : pass(std::move(name), {node}), sink_(&to) {}

  [[nodiscard]] shape chunk() const override { return sink_->chunk(); }
  [[nodiscard]] bool is_resumable() const override { return false; }  // the sink knows
  [[nodiscard]] bool wants(std::size_t tile) const override {
    return !sink_->is_written(tiles()[tile]);
  }
  message run(const evaluator& evaluate, std::size_t tile) override {
    const host_image pixels = pull(evaluate(nodes()[0], tiles()[tile]), sink_->description());
    const std::lock_guard lock(writing_);
    sink_->write(tiles()[tile], pixels);
    return {};
  }
  void merge(std::size_t, message) override {}
  bool finish() override {
    sink_->finish();
    return true;
  }

 private:
  sink* sink_;
  std::mutex writing_;
};

/// Runs an operation that must see its inputs whole, and keeps what it gives in memory.
class whole_pass final : public pass {
 public:
  using operation = std::function<any_image(std::vector<any_image>)>;

  whole_pass(std::string name, std::vector<std::size_t> inputs, operation compute,
             std::shared_ptr<source>* result)
      : pass(std::move(name), std::move(inputs), tile_order::whole),
        compute_(std::move(compute)),
        result_(result) {}

  [[nodiscard]] bool is_resumable() const override { return false; }
  message run(const evaluator& evaluate, std::size_t tile) override {
    *result_ = std::make_shared<memory_source>(
        pull(compute_(evaluate(nodes(), tiles()[tile])), host_image{}));
    return {};
  }
  void merge(std::size_t, message) override {}

 private:
  operation compute_;
  std::shared_ptr<source>* result_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
