// SPDX-License-Identifier: BSD-3-Clause
// Descriptions of networks as bioimage.io has them (rdf.yaml), on yaml-cpp (link with -lyaml-cpp).
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/sha256.hpp"
#include "gpuimg/io/bioimage_model/yaml_value.hpp"
#include "gpuimg/io/file.hpp"
#include "gpuimg/nn/host_tensor.hpp"
#include "gpuimg/nn/model_description.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

namespace detail {

/// Reads a description of format 0.4 or 0.5.
class bioimage_reader {
 public:
  explicit bioimage_reader(const std::string& path) : file_(description_in(path)) {}

  nn::model_description read() {
    try {
      const yaml_value root(file_, YAML::Load(file_.text), "");
      return read(root);
    } catch (const YAML::Exception& failure) {
      fail("is no YAML: line " + std::to_string(failure.mark.line + 1) + ": " +
           one_line(failure.msg.substr(0, 200)));
    }
  }

 private:
  using axes_list = std::vector<nn::axis_description>;

  [[noreturn]] void fail(const std::string& reason) const {
    throw io_error(file_.path, -1, reason);
  }

  static std::string description_in(const std::string& path) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(path, ignored)) return path;
    for (const char* name : {"bioimageio.yaml", "rdf.yaml", "model.yaml"})
      if (const auto file = std::filesystem::path(path) / name;
          std::filesystem::exists(file, ignored))
        return file.string();
    throw io_error(path, -1, "has no bioimageio.yaml, rdf.yaml or model.yaml");
  }

  nn::model_description read(const yaml_value& root) {
    const std::string version = root.at("format_version").text();
    is_old_ = version.starts_with("0.4.");
    if (!is_old_ && !version.starts_with("0.5."))
      fail("has the format_version " + in_quotes(version) + "; 0.4 and 0.5 are read");
    if (const std::string type = root.at("type").text(); type != "model")
      fail("describes a " + in_quotes(type) + ", not a model");
    nn::model_description model{.name = root.at("name").text()};
    read_tensors(root, "inputs", "preprocessing", "test_inputs", model.inputs);
    read_tensors(root, "outputs", "postprocessing", "test_outputs", model.outputs);
    resolve_references(model);
    model.weights = weights(root.at("weights"));
    refused_.check(file_.path,
                   "ONNX weights, and files that are in the folder of the description, are read");
    return model;
  }

  void read_tensors(const yaml_value& root, const std::string& key, const std::string& steps,
                    const std::string& tests, std::vector<nn::tensor_description>& tensors) {
    for (const yaml_value& value : root.at(key).items()) {
      nn::tensor_description& tensor = tensors.emplace_back();
      const auto id = value.find(is_old_ ? "name" : "id");
      tensor.id = id ? id->text() : key.substr(0, key.size() - 1);
      if (is_old_)
        read_old_axes(value, tensor.axes);
      else
        for (const yaml_value& axis : value.at("axes").items())
          tensor.axes.push_back(axis_of(axis));
      std::set<std::string_view> ids;
      for (const auto& axis : tensor.axes)
        if (!ids.insert(axis.id).second) value.fail("has two axes " + in_quotes(axis.id));
      tensor.type = type_of(value);
      if (const auto list = value.find(steps))
        for (const yaml_value& step : list->items())
          if (auto read = step_of(step, tensor.axes)) tensor.processing.push_back(*std::move(read));
      if (const auto test = value.find("test_tensor"))
        if (const auto path = path_of(test->at("source"))) tensor.test_tensor = *path;
    }
    if (tensors.empty()) fail("has no " + key);
    const auto files = is_old_ ? root.find(tests) : std::nullopt;
    if (!files) return;
    const std::vector<yaml_value> paths = files->items();
    if (paths.size() != tensors.size()) files->fail("must be as many as " + key);
    for (std::size_t i = 0; i < paths.size(); ++i)
      if (const auto path = path_of(paths[i])) tensors[i].test_tensor = *path;
  }

  // ---- types, files

  nn::element element_of(const yaml_value& value) {
    constexpr std::array<std::pair<std::string_view, nn::element>, 11> names{
        {{"float32", nn::element::f32},
         {"float64", nn::element::f64},
         {"uint8", nn::element::u8},
         {"int8", nn::element::i8},
         {"uint16", nn::element::u16},
         {"int16", nn::element::i16},
         {"uint32", nn::element::u32},
         {"int32", nn::element::i32},
         {"uint64", nn::element::u64},
         {"int64", nn::element::i64},
         {"bool", nn::element::boolean}}};
    const std::string name = value.text();
    for (const auto& [known, type] : names)
      if (known == name) return type;
    refused_.add(value.place() + " " + in_quotes(name));
    return nn::element::f32;
  }

  nn::element type_of(const yaml_value& tensor) {
    if (is_old_) return element_of(tensor.at("data_type"));
    auto data = tensor.find("data");
    if (data && data->is_list()) {  // one for each channel
      const auto all = data->items();
      if (all.empty()) data->fail("must not be empty");
      data.emplace(all.front());
    }
    if (!data) return nn::element::f32;
    if (const auto type = data->find("type")) return element_of(*type);
    return data->find("values") ? nn::element::u8 : nn::element::f32;
  }

  std::optional<std::string> path_of(const yaml_value& value) {
    const std::string name = value.text();
    if (name.find("://") != std::string::npos) {
      refused_.add(value.place() + " on the web, " + in_quotes(name));
      return std::nullopt;
    }
    auto path = path_inside(std::filesystem::path(file_.path).parent_path(), name);
    if (!path) value.fail("must be in the folder of the description, got " + in_quotes(name));
    return path;
  }

  /// The path of the file that `value` describes; its contents are what the description promises.
  std::string checked_file(const yaml_value& value) {
    const auto path = path_of(value.at("source"));
    if (!path) return {};
    const auto promised = value.find("sha256");
    input_file file(*path);
    if (!promised) return *path;
    const std::string digest = sha256(file.read_text(file.bytes()));
    if (digest != promised->text())
      promised->fail("is " + in_quotes(promised->text()) + ", but that of the file is '" + digest +
                     "'");
    return *path;
  }

  std::string weights(const yaml_value& all) {
    const auto onnx = all.find("onnx");
    if (!onnx) {
      for (const std::string& format : all.keys()) refused_.add("weights as " + in_quotes(format));
      if (all.keys().empty()) all.fail("must not be empty");
      return {};
    }
    if (const auto external = onnx->find("external_data")) checked_file(*external);
    return checked_file(*onnx);
  }

  // ---- axes

  static nn::axis_kind kind_of(char letter) {
    switch (letter) {
      case 'b':
        return nn::axis_kind::batch;
      case 'c':
        return nn::axis_kind::channel;
      case 'i':
        return nn::axis_kind::index;
      case 't':
        return nn::axis_kind::time;
      default:
        return nn::axis_kind::space;
    }
  }
  static std::string id_of(char letter) {
    return letter == 'b'   ? "batch"
           : letter == 'c' ? "channel"
           : letter == 'i' ? "index"
           : letter == 't' ? "time"
                           : std::string(1, letter);
  }

  static nn::axis_description axis_of(const yaml_value& value) {
    nn::axis_description axis;
    const std::string type = value.at("type").text();
    constexpr std::array<std::string_view, 5> kinds{"batch", "channel", "index", "time", "space"};
    const auto kind = std::find(kinds.begin(), kinds.end(), type);
    if (kind == kinds.end())
      value.fail("has the type " + in_quotes(type) +
                 "; there are batch, channel, index, time and space");
    axis.kind = static_cast<nn::axis_kind>(kind - kinds.begin());
    axis.id = axis.kind == nn::axis_kind::space ? "x" : type;
    if (const auto id = value.find("id")) axis.id = id->text();
    if (const auto scale = value.find("scale")) axis.scale = scale->number();
    if (axis.scale <= 0) value.fail("must have a scale above 0");
    if (const auto unit = value.find("unit")) axis.unit = unit->text();
    if (const auto halo = value.find("halo")) axis.halo = halo->integer(0);
    if (axis.kind == nn::axis_kind::channel) {
      axis.channel_names = value.at("channel_names").texts();
      axis.size = nn::fixed_size{static_cast<std::int64_t>(axis.channel_names.size())};
    } else if (const auto size = value.find("size")) {
      axis.size = size_of(*size, axis.scale);
    } else if (axis.kind != nn::axis_kind::batch) {
      value.fail("has no 'size'");
    }
    return axis;
  }

  static nn::axis_size size_of(const yaml_value& size, double scale) {
    if (size.is_scalar()) return nn::fixed_size{size.integer(1)};
    if (const auto tensor = size.find("tensor_id")) {
      nn::referred_size referred{tensor->text(), size.at("axis_id").text(), 1 / scale, 0};
      if (const auto offset = size.find("offset")) referred.offset = offset->number();
      return referred;
    }
    if (const auto step = size.find("step"))
      return nn::stepped_size{size.at("min").integer(1), step->integer(1)};
    if (size.find("max") || size.find("min")) return nn::any_size{};  // depends on the data
    size.fail("must be a number, or have min and step, or tensor_id and axis_id");
  }

  /// The axes of format 0.4: letters, and lists with a number for each of them.
  static void read_old_axes(const yaml_value& tensor, axes_list& axes) {
    const yaml_value letters = tensor.at("axes");
    const yaml_value shape = tensor.at("shape");
    const auto list = [&](const yaml_value& value) {
      auto items = value.items();
      if (items.size() != letters.text().size()) value.fail("must have a number for each axis");
      return items;
    };
    const auto optional_list = [&](const yaml_value& from, const std::string& key) {
      const auto found = from.find(key);
      return found ? list(*found) : std::vector<yaml_value>{};
    };
    const bool is_fixed = shape.is_list();
    const auto reference = is_fixed ? std::nullopt : shape.find("reference_tensor");
    const auto sizes = is_fixed ? list(shape) : optional_list(shape, "min");
    const auto steps = is_fixed ? sizes : optional_list(shape, "step");
    const auto scales = reference ? list(shape.at("scale")) : sizes;
    const auto offsets = reference ? list(shape.at("offset")) : sizes;
    const auto halos = optional_list(tensor, "halo");
    if (!reference && (sizes.empty() || steps.empty()))
      shape.fail("must be a list, or have min and step, or reference_tensor, scale and offset");

    std::size_t i = 0;
    for (const char letter : letters.text()) {
      if (std::string_view("bitczyx").find(letter) == std::string_view::npos)
        letters.fail("must be letters of bitczyx, got " + in_quotes(letters.text()));
      nn::axis_description& axis = axes.emplace_back();
      axis.kind = kind_of(letter);
      axis.id = id_of(letter);
      if (axis.kind == nn::axis_kind::batch)
        axis.size = nn::any_size{};
      else if (reference)
        axis.size = old_reference(*reference, axis.id, scales[i], offsets[i]);
      else if (is_fixed || steps[i].integer(0) == 0)
        axis.size = nn::fixed_size{sizes[i].integer(1)};
      else
        axis.size = nn::stepped_size{sizes[i].integer(1), steps[i].integer(1)};
      if (!halos.empty()) axis.halo = halos[i].integer(0);
      ++i;
    }
  }

  static nn::axis_size old_reference(const yaml_value& tensor, const std::string& axis,
                                     const yaml_value& scale, const yaml_value& offset) {
    const double factor = scale.is_null() ? 0 : scale.number();
    const double twice = 2 * offset.number();
    if (factor != 0) return nn::referred_size{tensor.text(), axis, factor, twice};
    if (!(twice >= 1 && twice <= 0x1p52)) offset.fail("must be 0.5 or more where scale is 0");
    return nn::fixed_size{static_cast<std::int64_t>(twice)};
  }

  /// Every tensor and axis that is named is there; sizes follow axes whose size is chosen.
  void resolve_references(nn::model_description& model) const {
    std::vector<nn::tensor_description*> all;
    std::set<std::string_view> ids;
    for (auto* list : {&model.inputs, &model.outputs})
      for (nn::tensor_description& tensor : *list) {
        if (!ids.insert(tensor.id).second) fail("has two tensors " + in_quotes(tensor.id));
        all.push_back(&tensor);
      }
    const auto axis_named = [&](const nn::referred_size& name) -> const nn::axis_description* {
      for (const auto* tensor : all)
        for (const auto& axis : tensor->axes)
          if (tensor->id == name.tensor && axis.id == name.axis) return &axis;
      return nullptr;
    };
    const auto has_tensor = [&](const std::string& id) { return id.empty() || ids.contains(id); };
    for (auto* tensor : all) {
      for (auto& axis : tensor->axes) {
        auto* size = std::get_if<nn::referred_size>(&axis.size);
        if (size == nullptr) continue;
        const auto* referred = axis_named(*size);
        if (referred == nullptr || std::holds_alternative<nn::any_size>(referred->size) ||
            std::holds_alternative<nn::referred_size>(referred->size))
          fail("the size of axis " + in_quotes(axis.id) + " of " + in_quotes(tensor->id) +
               " follows axis " + in_quotes(size->axis) + " of " + in_quotes(size->tensor) +
               ", which is not there or has no size of its own");
        size->scale *= referred->scale;
      }
      for (const auto& step : tensor->processing) {
        const auto* range = std::get_if<nn::steps::scale_range>(&step);
        const auto* mean = std::get_if<nn::steps::scale_mean_variance>(&step);
        const std::string& id = range  ? range->reference_tensor
                                : mean ? mean->reference_tensor
                                       : tensor->id;
        if (!has_tensor(id))
          fail("a step of " + in_quotes(tensor->id) + " needs the tensor " + in_quotes(id) +
               ", which is not there");
      }
    }
  }

  // ---- steps

  /// The keyword arguments of a step; those that nobody asks for are refused.
  class arguments {
   public:
    arguments(const yaml_value& step, const axes_list& axes, bool is_old)
        : step_(step), values_(step.find("kwargs")), axes_(axes), is_old_(is_old) {}

    std::optional<yaml_value> find(const std::string& key) {
      asked_.insert(key);
      return values_ ? values_->find(key) : std::nullopt;
    }
    yaml_value at(const std::string& key) {
      auto found = find(key);
      if (!found) step_.fail("needs the argument " + in_quotes(key));
      return *std::move(found);
    }
    std::optional<double> number(const std::string& key) {
      const auto found = find(key);
      return found ? std::optional(found->number()) : std::nullopt;
    }
    double number(const std::string& key, double otherwise, double least, double most) {
      const double value = number(key).value_or(otherwise);
      if (!(value >= least && value <= most))
        step_.fail("has a " + key + " that is out of range: " + std::to_string(value));
      return value;
    }
    std::vector<double> numbers(const std::string& key, std::optional<double> otherwise) {
      const auto found = otherwise ? find(key) : at(key);
      if (!found) return {*otherwise};
      if (!found->is_list()) return {found->number()};
      std::vector<double> all;
      for (const yaml_value& item : found->items()) all.push_back(item.number());
      if (all.empty()) found->fail("must not be empty");
      return all;
    }
    std::string text(const std::string& key, const std::string& otherwise) {
      const auto found = find(key);
      return found ? found->text() : otherwise;
    }

    /// The ids of the axes over which a statistic is taken.
    std::vector<std::string> axes() {
      const auto found = find("axes");
      std::vector<std::string> ids;
      if (!found) {
        for (const auto& axis : axes_)
          if (!is_old_ || axis.kind != nn::axis_kind::batch) ids.push_back(axis.id);
      } else if (is_old_) {
        for (const char letter : found->text()) ids.push_back(id_of(letter));
      } else {
        ids = found->texts();
      }
      for (const std::string& id : ids) require_axis(id);
      if (ids.empty()) step_.fail("needs axes");
      return ids;
    }

    /// The id of the axis along which there are `count` numbers; none for a single number.
    std::string axis(std::size_t count) {
      if (is_old_) return count > 1 ? other_axis() : (find("axes"), std::string{});
      const std::string id = text("axis", "");
      if (id.empty() && count > 1) step_.fail("has lists of numbers, but no axis");
      if (!id.empty()) require_axis(id);
      return id;
    }

    void refuse_others(refusals& refused) const {
      if (!values_) return;
      for (const std::string& key : values_->keys())
        if (!asked_.contains(key))
          refused.add(step_.place() + " with the argument " + in_quotes(key));
    }

   private:
    void require_axis(const std::string& id) const {
      const auto is_it = [&](const auto& axis) { return axis.id == id; };
      if (std::none_of(axes_.begin(), axes_.end(), is_it))
        step_.fail("names the axis " + in_quotes(id) + ", which the tensor does not have");
    }
    /// Format 0.4 says which axes share a number: there must be one besides them and the batch.
    std::string other_axis() {
      const std::vector<std::string> shared = axes();
      std::vector<std::string> others;
      for (const auto& axis : axes_)
        if (axis.kind != nn::axis_kind::batch &&
            std::find(shared.begin(), shared.end(), axis.id) == shared.end())
          others.push_back(axis.id);
      if (others.size() != 1) step_.fail("has lists of numbers, but not one axis for them");
      return others.front();
    }

    const yaml_value& step_;
    std::optional<yaml_value> values_;
    const axes_list& axes_;
    bool is_old_;
    std::set<std::string> asked_;
  };

  /// Makes both as long as the longer one; a single number stands for as many as there are.
  static void match(const yaml_value& step, std::vector<double>& a, std::vector<double>& b) {
    if (a.size() == 1) a.resize(b.size(), a.front());
    if (b.size() == 1) b.resize(a.size(), b.front());
    if (a.size() != b.size()) step.fail("has lists of numbers that are not equally long");
  }

  std::optional<nn::processing_step> step_of(const yaml_value& value, const axes_list& axes) {
    const std::string name = value.at(is_old_ ? "name" : "id").text();
    arguments given(value, axes, is_old_);
    bool is_fixed = name == "fixed_zero_mean_unit_variance";
    if (is_old_) {
      const std::string mode =
          given.text("mode", name == "zero_mean_unit_variance" ? "fixed" : "per_sample");
      is_fixed = name == "zero_mean_unit_variance" && mode == "fixed";
      if (!is_fixed && mode != "per_sample") {
        refused_.add(value.place() + " " + in_quotes(name) + " with the mode " + in_quotes(mode));
        return std::nullopt;
      }
    }
    auto step = is_fixed ? fixed_step(value, given) : step_named(name, value, given);
    if (step)
      given.refuse_others(refused_);
    else
      refused_.add(value.place() + " " + in_quotes(name));
    return step;
  }

  static constexpr double smallest_eps = 1e-300, largest_eps = 0.1;

  std::optional<nn::processing_step> fixed_step(const yaml_value& value, arguments& given) const {
    nn::steps::fixed_zero_mean_unit_variance step{.mean = given.numbers("mean", {}),
                                                  .std = given.numbers("std", {})};
    match(value, step.mean, step.std);
    if (is_old_) {
      const double eps = given.number("eps", 1e-6, smallest_eps, largest_eps);
      for (double& s : step.std) s += eps;
    }
    if (*std::min_element(step.std.begin(), step.std.end()) <= 0)
      value.fail("must have a std above 0");
    step.axis = given.axis(step.mean.size());
    return step;
  }

  std::optional<nn::processing_step> step_named(const std::string& name, const yaml_value& value,
                                                arguments& given) {
    namespace steps = nn::steps;
    const auto eps = [&] { return given.number("eps", 1e-6, smallest_eps, largest_eps); };
    if (name == "ensure_dtype") return steps::ensure_dtype{element_of(given.at("dtype"))};
    if (name == "sigmoid") return steps::sigmoid{};
    if (name == "softmax" && !is_old_) {
      const std::string axis = given.axis(1);
      return steps::softmax{axis.empty() ? "channel" : axis};
    }
    if (name == "binarize") {
      steps::binarize step{.threshold = given.numbers("threshold", {})};
      step.axis = given.axis(step.threshold.size());
      return step;
    }
    if (name == "clip") {
      steps::clip step{given.number("min"), given.number("max"), given.number("min_percentile"),
                       given.number("max_percentile"), given.axes()};
      if ((step.min && step.min_percentile) || (step.max && step.max_percentile) ||
          !(step.min || step.min_percentile || step.max || step.max_percentile))
        value.fail("must have a lower limit, an upper limit or both, each once");
      return step;
    }
    if (name == "scale_linear") {
      steps::scale_linear step{.gain = given.numbers("gain", 1),
                               .offset = given.numbers("offset", 0)};
      match(value, step.gain, step.offset);
      step.axis = given.axis(step.gain.size());
      return step;
    }
    if (name == "scale_range") {
      steps::scale_range step{given.axes(), given.number("min_percentile", 0, 0, 100),
                              given.number("max_percentile", 100, 0, 100), eps(),
                              given.text("reference_tensor", "")};
      if (step.min_percentile >= step.max_percentile)
        value.fail("must have a min_percentile below its max_percentile");
      return step;
    }
    if (name == "scale_mean_variance")
      return steps::scale_mean_variance{given.at("reference_tensor").text(), given.axes(), eps()};
    if (name == "zero_mean_unit_variance")
      return steps::zero_mean_unit_variance{given.axes(), eps()};
    return std::nullopt;
  }

  yaml_file file_;
  bool is_old_ = false;
  refusals refused_;
};

}  // namespace detail

/// Reads the description of a network, of bioimage.io's formats 0.4 and 0.5: from a file, or from
/// bioimageio.yaml, rdf.yaml or model.yaml in a folder.
///
/// Files that it names must be in its folder; where it has their SHA-256, that of the weights is
/// checked. Throws io_error, with the file and the reason: for what is no such description; for
/// files that are missing, elsewhere or not what was promised; and, all of them in one error, for
/// what is not supported: no weights as ONNX, steps and types that nn::model_description lacks,
/// files on the web. Only what describes the network is read, not its authors or training.
inline nn::model_description read_bioimage_model(const std::string& path) {
  return detail::bioimage_reader(path).read();
}

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
