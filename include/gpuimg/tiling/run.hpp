// SPDX-License-Identifier: BSD-3-Clause
// Runs a pipeline, whole where it fits and else in tiles, with the same result.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gpuimg/device.hpp"
#include "gpuimg/tiling/lowering.hpp"
#include "gpuimg/tiling/plan.hpp"
#include "gpuimg/watch.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// How far a run is.
struct progress {
  std::string pass;  ///< the operation that is under way
  std::size_t pass_index = 0, passes = 0;
  std::size_t tile = 0, tiles = 0;       ///< of this pass; `tile` are done
  double seconds = 0, seconds_left = 0;  ///< of this pass
};

/// How a pipeline runs.
struct run_options {
  std::vector<device> devices{};  ///< that share the tiles; none is `device::best()`
  std::uint64_t memory = 0;     ///< bytes for tiles on devices and host; 0: what a device may hold
  std::optional<shape> tile{};  ///< at most so large; else as large as memory allows
  std::function<void(const progress&)> on_progress{};  ///< called by one thread at a time
  std::stop_token stop{};                              ///< ends the run with cancelled_error
  /// Where what is between passes is kept; removed when all is done. A run that was interrupted
  /// goes on from there, if pipeline and inputs are the same; passes with tiles of another size
  /// begin anew. Empty: memory, and what does not fit there in a temporary file without a name.
  std::string folder{};
  /// With a folder: names the inputs, with all that decides on their pixels, such as path and time.
  std::string inputs_name{};
};

/// The numbers and tables of a pipeline, by the names of its outputs.
using measurements = named_results;

namespace detail {

/// Hands the tiles of a pass to workers and takes their messages back in the order of the tiles.
/// What they say in this round of the pass is kept in `space`.
class tile_queue {
 public:
  tile_queue(pass& each, std::size_t window, const scratch& space, std::size_t round,
             std::function<void(std::size_t, std::size_t)> done)
      : pass_(&each), window_(window), space_(&space), round_(round), done_(std::move(done)) {
    for (std::size_t tile = 0; tile < each.tiles().size(); ++tile)
      if (each.wants(tile)) tiles_.push_back(tile);
  }

  [[nodiscard]] std::size_t size() const { return tiles_.size(); }

  /// Runs tiles until there is none left, or another worker failed.
  void work(const evaluator& evaluate) {
    try {
      while (const auto next = take()) put(*next, hear(evaluate, tiles_[*next]));
    } catch (...) {
      const std::lock_guard lock(mutex_);
      fail();
    }
  }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  /// What a tile says, or has said.
  message hear(const evaluator& evaluate, std::size_t tile) {
    if (!pass_->is_resumable()) return pass_->run(evaluate, tile);
    const std::string name = gpuimg::detail::text({round_, "_", tile});
    if (auto said = space_->find(name)) return std::move(*said);
    message said = pass_->run(evaluate, tile);
    space_->keep(name, said);
    return said;
  }
  std::optional<std::size_t> take() {
    std::unique_lock lock(mutex_);
    moved_.wait(lock,
                [&] { return failure_ || next_ == tiles_.size() || next_ < merged_ + window_; });
    if (failure_ || next_ == tiles_.size()) return std::nullopt;
    return next_++;
  }
  void put(std::size_t place, message said) {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    waiting_.emplace(place, std::move(said));
    try {
      for (auto first = waiting_.begin(); first != waiting_.end() && first->first == merged_;
           first = waiting_.erase(first)) {
        pass_->merge(tiles_[merged_], std::move(first->second));
        ++merged_;
        if (done_) done_(merged_, tiles_.size());
      }
    } catch (...) {  // before another worker goes on with what is half merged
      fail();
    }
    moved_.notify_all();
  }
  /// Of several failures the first counts. With the lock held, in a handler.
  void fail() {
    if (!failure_) failure_ = std::current_exception();
    moved_.notify_all();
  }

  pass* pass_;
  std::size_t window_;
  const scratch* space_;
  std::size_t round_;
  std::function<void(std::size_t, std::size_t)> done_;
  std::vector<std::size_t> tiles_;
  std::mutex mutex_;
  std::condition_variable moved_;
  std::size_t next_ = 0, merged_ = 0;  // places in tiles_
  std::map<std::size_t, message> waiting_;
  std::exception_ptr failure_;
};

/// A pipeline that runs: passes one after the other, tiles side by side.
class executor {
 public:
  executor(const pipeline& what, const sources& inputs, const sinks& outputs, run_options options)
      : what_(&what), inputs_(&inputs), outputs_(&outputs), options_(std::move(options)) {
    if (options_.devices.empty()) options_.devices.push_back(device::best());
    limits_ = {.memory = options_.memory,
               .largest_buffer = std::numeric_limits<std::uint64_t>::max(),
               .devices = options_.devices.size(),
               .in_flight = 3,  // read | compute | write
               .tile = options_.tile};
    for (const device& each : options_.devices) {
      for (std::size_t i = 0; i < limits_.in_flight; ++i)
        workers_.push_back(watch(i == 0 ? each : each.sibling(), options_.stop));
      if (each.is_reference()) continue;
      const std::uint64_t budget = each.opencl().budget().limit();
      limits_.largest_buffer =
          std::min(limits_.largest_buffer, each.opencl().description().largest_buffer);
      if (options_.memory == 0)
        limits_.memory = limits_.memory == 0 ? budget : std::min(limits_.memory, budget);
    }
    if (limits_.memory == 0) limits_.memory = std::uint64_t{4} << 30;
    if (options_.folder.empty())
      space_ = std::make_unique<scratch>(limits_.memory / 4);
    else
      space_ = std::make_unique<scratch>(options_.folder, name_of_run(what, inputs));
    program_ = lowering(what, inputs, outputs, *space_).take();
  }

  [[nodiscard]] tiling::plan plan() const {
    tiling::plan all{.passes = {}, .limits = limits_};
    for (const auto& each : program_.passes)
      all.passes.push_back(plan_pass(program_.nodes, *each, limits_));
    return all;
  }

  measurements run() {
    if (auto nothing = without_pixels()) return std::move(*nothing);
    for (std::size_t i = 0; i < program_.passes.size(); ++i) run_pass(i);
    measurements all;
    for (const auto& [name, result] : program_.results) all.emplace(name, result());
    space_->remove();
    return all;
  }

 private:
  /// All that decides on the pixels that a run keeps.
  [[nodiscard]] std::string name_of_run(const pipeline& what, const sources& inputs) const {
    std::string name = gpuimg::detail::text({"gpuimg ", gpuimg::version, ": ", to_string(what)});
    for (const auto& [input, from] : inputs)
      name += gpuimg::detail::text(
          {"; ", input, " ", to_string(from->size()), " ", gpuimg::name_of(from->type())});
    return name + "; " + options_.inputs_name;
  }

  /// The results for images without pixels, of which there are no tiles; nothing for others.
  [[nodiscard]] std::optional<measurements> without_pixels() const {
    if (std::ranges::none_of(*inputs_, [](const auto& i) { return i.second->size().empty(); }))
      return std::nullopt;
    named_images images;
    for (const auto& [name, from] : *inputs_)
      images.emplace(name, push(workers_[0], zeros(from->size(), from->type())));
    measurements all = tiling::run(*what_, images);
    for (const auto& [name, to] : *outputs_) {
      all.erase(name);
      to->finish();
    }
    return all;
  }

  void run_pass(std::size_t index) {
    pass& each = *program_.passes[index];
    std::optional<planned_pass> planned = plan_pass(program_.nodes, each, limits_);
    for (;;) try {
        space_->begin(gpuimg::detail::text({index, "_", to_string(planned->tiles.tile())}));
        each.begin(planned->tiles);
        std::size_t round = 0;
        do go_over_tiles(each, index, planned->in_flight, round++);
        while (!each.finish());
        return;
      } catch (const memory_error&) {  // the device had less than it said
        planned = smaller(each, *planned);
        if (!planned) throw;
      }
  }
  /// The pass with half the memory; nothing where that is too little.
  [[nodiscard]] std::optional<planned_pass> smaller(const pass& each,
                                                    const planned_pass& planned) const {
    if (planned.tiles.tile().pixels() <= 4096) return std::nullopt;
    limits half = limits_;
    half.memory =
        planned.held_memory +
        planned.tile_memory / 2 * std::min(half.devices * planned.in_flight, planned.tiles.size());
    try {
      return plan_pass(program_.nodes, each, half);
    } catch (const memory_error&) {
      return std::nullopt;
    }
  }

  void go_over_tiles(pass& each, std::size_t index, std::size_t in_flight, std::size_t round) {
    using clock = std::chrono::steady_clock;
    const auto begin = clock::now();
    tile_queue queue(
        each, 2 * workers_.size(), *space_, round, [&](std::size_t done, std::size_t tiles) {
          // Tiles that are only copied begin no operation, which would notice it.
          if (options_.stop.stop_requested()) throw cancelled_error("stopped on request");
          if (!options_.on_progress) return;
          const double seconds = std::chrono::duration<double>(clock::now() - begin).count();
          options_.on_progress(
              {each.name(), index, program_.passes.size(), done, tiles, seconds,
               seconds / static_cast<double>(done) * static_cast<double>(tiles - done)});
        });
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < workers_.size(); ++i)
        if (i % limits_.in_flight < in_flight && threads.size() < queue.size())
          threads.emplace_back([&, i] {
            queue.work(evaluator(program_.nodes, workers_[i], reading_));
            workers_[i].trim();  // the next pass has tiles of another size
          });
    }
    queue.rethrow();
  }

  const pipeline* what_;
  const sources* inputs_;
  const sinks* outputs_;
  run_options options_;
  std::vector<device> workers_;
  limits limits_;
  std::unique_ptr<scratch> space_;
  program program_;
  std::mutex reading_;
};

}  // namespace detail

/// Runs a pipeline: whole where its images fit the memory, else in tiles, with the same bits and
/// the same labels. Its inputs are read and its image outputs written tile by tile.
/// what      the pipeline
/// inputs    a source for each of its inputs: files, memory, formulas
/// outputs   a sink for each output that is an image
/// options   devices, memory, progress, cancellation
/// returns   the outputs that are numbers or tables
/// throws    argument_error, memory_error (a tile does not fit, however small), io_error,
///           cancelled_error
inline measurements run(const pipeline& what, const sources& inputs, const sinks& outputs,
                        const run_options& options = {}) {
  return detail::executor(what, inputs, outputs, options).run();
}

/// What `run` would do, before anything is read.
inline plan plan_run(const pipeline& what, const sources& inputs, const sinks& outputs,
                     run_options options = {}) {
  options.folder.clear();  // is the run's
  return detail::executor(what, inputs, outputs, std::move(options)).plan();
}

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
