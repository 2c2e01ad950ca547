// SPDX-License-Identifier: BSD-3-Clause
// The files of a pipeline as sources and sinks.
#include "cli/tiles.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <memory>
#include <sstream>
#include <system_error>

#include "cli/pixels.hpp"
#include "cli/rows.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/io/tiff_region.hpp"

namespace gpuimg::cli {
namespace {

/// A source whose pixels become others of the type that is wanted.
class converted_source final : public tiling::source {
 public:
  using conversion = std::function<host_image(host_image)>;

  converted_source(std::shared_ptr<tiling::source> from, pixel_type type, conversion convert)
      : from_(std::move(from)),
        description_(tiling::describe(from_->size(), type, from_->description())),
        convert_(std::move(convert)) {}
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return from_->chunk(); }
  [[nodiscard]] host_image read(const tiling::box& part) override {
    return convert_(from_->read(part));
  }

 private:
  std::shared_ptr<tiling::source> from_;
  host_image description_;
  conversion convert_;
};

/// An image that a plan is made for.
class planned_sink final : public tiling::sink {
 public:
  explicit planned_sink(host_image description) : description_(std::move(description)) {}
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override {  // as tiff_sink
    const auto side = [](std::size_t n) { return std::min<std::size_t>(256, (n + 15) / 16 * 16); };
    return {side(size().x), side(size().y)};
  }
  void write(const tiling::box&, const host_image&) override {}
  void finish() override {}

 private:
  host_image description_;
};

/// A PNG file, which is written as a whole.
class png_sink final : public tiling::sink {
 public:
  png_sink(const std::string& path, const pipeline_result& result, const volume_range& range)
      : image_(result.description), file_(path, range), is_mask_(result.kind == kind::binary) {
    file_.check(result.description.type());
  }
  [[nodiscard]] const host_image& description() const override { return image_.description(); }
  [[nodiscard]] shape chunk() const override { return image_.chunk(); }
  void write(const tiling::box& part, const host_image& pixels) override {
    image_.write(part, pixels);
  }
  void finish() override {
    image_.finish();
    file_.append(is_mask_ ? to_binary(image_.image(), 255) : image_.image());
    file_.close();
  }

 private:
  tiling::memory_sink image_;
  image_output file_;
  bool is_mask_;
};

/// The kind of image that an input must be, by the first step that takes it.
kind kind_of(const tiling::pipeline& what, tiling::value input) {
  for (const auto& step : what.steps())
    for (std::size_t i = 0; i < step.inputs.size(); ++i)
      if (step.inputs[i] == input)
        return step.stage ? kind::image : step.operation->about->inputs[i].kind;
  return kind::image;
}

/// The inputs that are images like `input` for some step, itself included.
std::vector<std::size_t> fellows_of(const tiling::pipeline& what, std::size_t input) {
  std::vector<std::size_t> all{input};
  for (const auto& step : what.steps()) {
    if (std::ranges::count(step.inputs, what.inputs()[input]) == 0) continue;
    for (std::size_t i = 0; i < what.inputs().size(); ++i)
      if (kind_of(what, what.inputs()[i]) == kind::image &&
          std::ranges::count(step.inputs, what.inputs()[i]) > 0)
        all.push_back(i);
  }
  return all;
}

std::shared_ptr<tiling::source> converted(std::shared_ptr<tiling::source> from, kind wanted,
                                          bool must_be_float, const std::string& path) {
  const pixel_type type = from->type();
  if (wanted == kind::labels && type != pixel_type::u32)
    return std::make_shared<converted_source>(
        std::move(from), pixel_type::u32,
        [path](host_image part) { return to_labels(std::move(part), path); });
  if (wanted == kind::binary)
    return std::make_shared<converted_source>(
        std::move(from), pixel_type::u8, [](const host_image& part) { return to_binary(part); });
  if (wanted == kind::image && must_be_float && type != pixel_type::f32)
    return std::make_shared<converted_source>(std::move(from), pixel_type::f32, to_float);
  return from;
}

std::string name_of(const tiling::pipeline& what, tiling::value input) {
  return what.steps()[input.index].name;
}

/// What a number of a pipeline is called in a table: as its output or, where that has no name but
/// the operation's own, as the operation.
std::string column_of(const tiling::pipeline& what, const std::string& output) {
  for (const auto& [name, value] : what.outputs())
    if (const auto* made_by = what.steps()[value.index].operation;
        name == output && made_by != nullptr && name == made_by->about->outputs[0].name)
      return made_by->about->name;
  return output;
}

/// The files that a pipeline's images go to, open for all volumes of a range.
class image_sinks {
 public:
  image_sinks(const std::vector<pipeline_result>& results, const result_files& files,
              const volume_range& range, const std::string& run)
      : range_(range) {
    for (const auto& result : results) {
      if (!result.is_image()) continue;
      const std::string& path = files.at(result.name);
      if (format_of(path) == image_format::png) {
        sinks_[result.name] = std::make_shared<png_sink>(path, result, range);
        continue;
      }
      tiffs_.push_back(std::make_shared<io::tiff_sink>(
          path, result.description,
          io::tiff_sink_options{.channels = range.channel_count,
                                .frames = range.frame_count,
                                .run = run.empty() ? run : run + "; " + result.name}));
      sinks_[result.name] = tiffs_.back();
    }
  }
  /// For the first volume of a range.
  const tiling::sinks& of(const volume_range& volume) {
    for (const auto& tiff : tiffs_)
      tiff->select(volume.first_channel - range_.first_channel,
                   volume.first_frame - range_.first_frame);
    return sinks_;
  }

 private:
  volume_range range_;
  tiling::sinks sinks_;
  std::vector<std::shared_ptr<io::tiff_sink>> tiffs_;
};

}  // namespace

std::string name_of_file(const std::string& path) {
  std::error_code ignored;
  const auto time = std::filesystem::last_write_time(path, ignored).time_since_epoch().count();
  return std::filesystem::absolute(path, ignored).string() + " of " +
         std::to_string(std::filesystem::file_size(path, ignored)) + " bytes, " +
         std::to_string(time);
}

std::vector<image_file> open_files(const tiling::pipeline& what,
                                   const std::vector<std::string>& paths,
                                   const volume_choice& choice) {
  if (paths.size() != what.inputs().size()) {
    std::string names;
    for (const tiling::value input : what.inputs())
      names += (names.empty() ? "" : ", ") + name_of(what, input);
    throw argument_error("the pipeline takes " + std::to_string(what.inputs().size()) +
                         (what.inputs().size() == 1 ? " input file (" : " input files (") + names +
                         "), got " + std::to_string(paths.size()));
  }
  std::vector<image_file> files;
  for (std::size_t i = 0; i < paths.size(); ++i)
    files.emplace_back(
        paths[i], kind_of(what, what.inputs()[i]) == kind::image ? choice.color : color_choice{});
  return files;
}

pipeline_inputs open_inputs(const tiling::pipeline& what, std::span<const image_file> files,
                            const volume_range& range) {
  std::vector<std::shared_ptr<tiling::source>> read;
  for (const auto& file : files)
    read.push_back(file.source(file.channels() == 1 ? 0 : range.first_channel,
                               file.frames() == 1 ? 0 : range.first_frame));
  pipeline_inputs all;
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (i == 0 || all.described.unit.empty()) all.described = read[i]->description();
    const auto fellows = fellows_of(what, i);
    const bool must_be_float = std::ranges::any_of(
        fellows, [&](std::size_t other) { return read[other]->type() != read[i]->type(); });
    all.sources[name_of(what, what.inputs()[i])] =
        converted(read[i], kind_of(what, what.inputs()[i]), must_be_float, files[i].path());
    all.name += name_of_file(files[i].path()) + "; ";
  }
  all.name +=
      gpuimg::detail::text({"channel ", range.first_channel, ", frame ", range.first_frame});
  return all;
}

pipeline_inputs open_channels(const image_file& file, std::span<const std::size_t> channels,
                              std::size_t frame) {
  pipeline_inputs all;
  all.name = name_of_file(file.path());
  for (std::size_t i = 0; i < channels.size(); ++i) {
    auto read = file.source(channels[i], frame);
    if (i == 0) all.described = read->description();
    all.sources["channel " + std::to_string(i)] =
        converted(std::move(read), kind::image, true, file.path());
    all.name += "; channel " + std::to_string(channels[i]);
  }
  all.name += "; frame " + std::to_string(frame);
  return all;
}

std::vector<pipeline_result> describe_results(const tiling::pipeline& what,
                                              const pipeline_inputs& inputs) {
  std::vector<pipeline_result> values;  // by step
  for (const auto& step : what.steps()) {
    pipeline_result made{.name = step.name};
    if (step.is_input()) {
      const auto& from = inputs.sources.at(step.name)->description();
      made.description = tiling::describe(from.size, from.type(), inputs.described);
    } else if (const auto& first = values[step.inputs[0].index].description; step.stage) {
      std::vector<pixel_type> types;
      for (const tiling::value v : step.inputs) types.push_back(values[v.index].description.type());
      made.description = tiling::describe(step.stage->result_size(first.size),
                                          step.stage->result_type(types), inputs.described);
    } else {
      std::vector<shape> sizes;
      for (const tiling::value v : step.inputs) sizes.push_back(values[v.index].description.size);
      step.operation->check(step.parameters, tiling::checked_parts(*step.operation->about, sizes));
      made.kind = step.operation->about->outputs[0].kind;
      if (made.is_image())
        made.description =
            tiling::describe(step.operation->output_shape(step.parameters, sizes),
                             step.operation->output_type(0, first.type()), inputs.described);
    }
    values.push_back(std::move(made));
  }
  std::vector<pipeline_result> all;
  for (const auto& [name, value] : what.outputs()) {
    all.push_back(values[value.index]);
    all.back().name = name;
  }
  return all;
}

tiling::plan plan_of(const tiling::pipeline& what, const pipeline_inputs& inputs,
                     const device& device, const tile_choice& choice) {
  tiling::sinks sinks;
  for (auto& result : describe_results(what, inputs))
    if (result.is_image())
      sinks[result.name] = std::make_shared<planned_sink>(std::move(result.description));
  return tiling::plan_run(
      what, inputs.sources, sinks,
      {.devices = {device}, .memory = choice.memory.value_or(0), .tile = choice.tile});
}

bool needs_tiles(const tiling::pipeline& what, const pipeline_inputs& inputs, const device& device,
                 const tile_choice& choice) {
  if (choice.is_wanted || choice.folder) return true;
  const auto plan = plan_of(what, inputs, device, choice);
  return std::ranges::any_of(plan.passes, [](const auto& pass) { return pass.tiles.size() > 1; });
}

bool needs_tiles(const tiling::pipeline& what, std::span<const image_file> files,
                 const volume_range& range, const device& device, const tile_choice& choice) {
  if (choice.is_wanted || choice.folder) return true;
  return needs_tiles(what, open_inputs(what, files, range), device, choice);
}

void tile_times::operator()(const tiling::progress& now) {
  if (passes_.size() <= now.pass_index) passes_.resize(now.pass_index + 1);
  pass& current = passes_[now.pass_index];
  current.name = now.pass;
  current.tiles = std::max(current.tiles, now.tiles);
  if (now.tile == now.tiles) current.seconds += now.seconds;
  std::ostringstream text;
  text << prefix_ << "pass " << now.pass_index + 1 << " of " << now.passes << ", " << now.pass
       << ": tile " << now.tile << " of " << now.tiles << ", " << std::fixed << std::setprecision(0)
       << now.seconds_left << " s left";
  line_.show(text.str());
  if (now.pass_index + 1 == now.passes && now.tile == now.tiles) line_.erase();
}

void tile_times::print() const {
  for (std::size_t i = 0; i < passes_.size(); ++i) {
    if (passes_[i].tiles == 0) continue;  // done by the run that was interrupted
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << 1000 * passes_[i].seconds << " ms, "
         << passes_[i].tiles << (passes_[i].tiles == 1 ? " tile" : " tiles");
    print_fact("pass " + std::to_string(i + 1) + ", " + passes_[i].name + "  ", text.str());
  }
}

tiling::measurements run_pipeline(const tiling::pipeline& what, const volume_range& range,
                                  const std::function<pipeline_inputs(const volume_range&)>& open,
                                  const result_files& files, const device& device,
                                  const tile_choice& choice, tile_times& times) {
  if (choice.folder && range.count() > 1)
    throw argument_error("--resume is for one volume, not " + to_string(range) +
                         "; pick with --channel and --frame");
  std::optional<image_sinks> images;
  tiling::measurements all;
  for (const volume_range& volume : range.volumes()) {
    const pipeline_inputs inputs = open(volume);
    if (!images)
      images.emplace(describe_results(what, inputs), files, range,
                     choice.folder ? to_string(what) + inputs.name : std::string{});
    if (range.count() > 1) times.set_prefix(to_string(volume) + ": ");
    auto measured = tiling::run(what, inputs.sources, images->of(volume),
                                {.devices = {device},
                                 .memory = choice.memory.value_or(0),
                                 .tile = choice.tile,
                                 .on_progress = std::ref(times),
                                 .folder = choice.folder.value_or(""),
                                 .inputs_name = inputs.name});
    if (range.count() == 1) return measured;
    for (auto& [name, result] : measured) {
      const auto* number = std::get_if<double>(&result);
      add_rows(std::get<table>(all.try_emplace(name, table{}).first->second),
               number != nullptr ? table{.columns = {column_of(what, name)}, .rows = {{*number}}}
                                 : std::move(std::get<table>(result)),
               range, volume.first_channel, volume.first_frame);
    }
  }
  return all;
}

}  // namespace gpuimg::cli
