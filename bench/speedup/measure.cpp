// SPDX-License-Identifier: BSD-3-Clause
// The measurement: every contestant of a row in turns.
#include "bench/speedup/measure.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <exception>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <variant>
#include <vector>

#include "bench/blobs.hpp"
#include "bench/speedup/benchmarks.hpp"
#include "bench/speedup/compare.hpp"
#include "registry/catalogue.hpp"

namespace speedup {
namespace {

constexpr gpuimg::shape large_2d{8192, 8192}, large_3d{512, 512, 512};

double bytes_of(const gpuimg::host_image& image) {
  return std::visit([](const auto& p) { return static_cast<double>(p.size() * sizeof(p[0])); },
                    image.pixels);
}

/// Who is still in the running of a row, and what it has done so far.
struct runner {
  contestant* who;
  outcome* done;
  double spent = 0;
};

/// Times steps of a contestant, which is out of the running where one fails.
void time(runner& r, const std::vector<step>& steps) {
  try {
    for (const step s : steps)
      if (const auto seconds = r.who->time(s)) {
        r.done->seconds[name_of(s)].push_back(*seconds);
        r.spent += *seconds;
      }
  } catch (const std::exception& e) {
    r.done->note = e.what();
    r.done->seconds.clear();
  }
}

class measurement {
 public:
  measurement(const plan& p, std::vector<std::unique_ptr<contestant>>& contestants)
      : plan_(p),
        contestants_(contestants),
        benchmarks_(std::begin(benchmarks), std::end(benchmarks)) {
    if (p.all) std::ranges::copy(other_benchmarks(), std::back_inserter(benchmarks_));
  }

  std::vector<row> run() {
    for (const auto type : plan_.types) {
      add_rows(type, plan_.size_2d, plan_.size_3d, std::string(name_of(type)));
      if (plan_.large)
        add_rows(type, large_2d, large_3d, std::string(name_of(type)) + ", too large for caches");
    }
    return std::move(rows_);
  }

 private:
  void add_rows(gpuimg::pixel_type type, const gpuimg::shape& size_2d, const gpuimg::shape& size_3d,
                const std::string& section) {
    for (const bool is_3d : {false, true}) {
      const auto& size = is_3d ? size_3d : size_2d;
      const auto pixels = bench::blobs(size);
      for (const auto& b : benchmarks_) {
        const std::string name = std::string(b.name) + (is_3d ? "3D" : "2D");
        const auto* entry = gpuimg::find_operation(b.operation);
        const bool is_wanted =
            (is_3d ? b.in_3d : b.in_2d) && name.find(plan_.only) != std::string::npos;
        // Binary images are the same whatever the others' type is.
        const bool is_there =
            entry != nullptr && !entry->takes_any_pixel_type && type != plan_.types[0];
        if (!is_wanted || is_there) continue;
        row r{.section = section,
              .benchmark = name,
              .operation = b.operation,
              .parameters = b.parameters,
              .type = std::string(name_of(type)),
              .size = to_string(size),
              .pixels = static_cast<double>(size.pixels())};
        if (is_3d && *b.more_for_3d != '\0') r.parameters += std::string(" ") + b.more_for_3d;
        const gpuimg::shape others = b.second_is_plane ? gpuimg::shape{size.x, size.y} : size;
        std::cerr << section << " " << name << " " << r.size << std::flush;
        if (entry != nullptr)
          measure_row(r,
                      make_problem(*entry, r.parameters, type, pixels, size, others, plan_.folder));
        else
          r.note = "not in this version";
        std::cerr << (r.note.empty() ? "" : ": " + r.note) << std::endl;
        rows_.push_back(std::move(r));
      }
    }
  }

  void measure_row(row& r, const problem& p) {
    auto runners = begin(r, p);
    // The copies come behind everybody's calls, so that both find the caches as others left them.
    for (int round = 0; round < plan_.rounds; ++round)
      for (const auto& steps : {std::vector{step::call, step::transfer}, std::vector{step::copy}})
        for (std::size_t i = 0; i < runners.size(); ++i) {
          runner& next = runners[(i + static_cast<std::size_t>(round)) % runners.size()];
          if (!next.done->note.empty() || (round > 0 && next.spent > plan_.seconds)) continue;
          time(next, steps);
        }
    for (const auto& o : r.outcomes)
      if (o.note.empty())
        std::cerr << "; " << o.contestant << " " << 1e3 * median(times_of(o, step::call)) << " ms"
                  << (o.is_the_same ? "" : " (differs)");
  }

  /// The first calls of all, whose results are compared with the first of ours.
  std::vector<runner> begin(row& r, const problem& p) {
    r.outcomes.resize(contestants_.size());
    std::vector<std::size_t> order(contestants_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_partition(order.begin(), order.end(),
                          [&](std::size_t i) { return contestants_[i]->info().is_ours; });

    gpuimg::host_image ours;
    std::vector<runner> runners;
    for (const std::size_t i : order) {
      contestant& who = *contestants_[i];
      outcome& o = r.outcomes[i];
      o.contestant = who.info().name;
      try {
        check_patience(r, o);
        o.first_call = who.begin(p);
        const gpuimg::host_image result = who.result();
        if (std::visit([](const auto& values) { return values.empty(); }, ours.pixels)) {
          ours = result;
          for (const auto& input : p.inputs) r.bytes += bytes_of(input);
          r.bytes += bytes_of(ours);
        }
        compare(ours, result, p.entry->about->outputs[0].kind, o);
        runner started{&who, &o};
        time(started, {step::second_size});
        // A first call also compiles; one on another size hardly does.
        const auto& another = times_of(o, step::second_size);
        if ((another.empty() ? o.first_call : another[0]) > plan_.patience)
          o.seconds[name_of(step::call)] = {o.first_call};
        else
          runners.push_back({&who, &o});
      } catch (const std::exception& e) {
        o.note = e.what();
      }
    }
    return runners;
  }

  /// Throws where smaller images say that a call will take too long.
  void check_patience(const row& r, const outcome& of) const {
    for (const auto& before : rows_)
      for (const auto& o : before.outcomes) {
        if (before.benchmark != r.benchmark || before.type != r.type ||
            o.contestant != of.contestant)
          continue;
        const double expected = median(times_of(o, step::call)) * r.pixels / before.pixels;
        if (expected > plan_.patience)
          throw std::runtime_error("would take about " + std::to_string(std::lround(expected)) +
                                   " s");
      }
  }

  const plan& plan_;
  std::vector<std::unique_ptr<contestant>>& contestants_;
  std::vector<benchmark> benchmarks_;
  std::vector<row> rows_;
};

}  // namespace

std::vector<row> measure(const plan& p, std::vector<std::unique_ptr<contestant>>& contestants) {
  return measurement(p, contestants).run();
}

}  // namespace speedup
