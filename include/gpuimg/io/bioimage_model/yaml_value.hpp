// SPDX-License-Identifier: BSD-3-Clause
// Values of YAML files, on yaml-cpp, with their places for messages; aliases cost a bounded amount.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/file.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

constexpr std::uint64_t yaml_most_bytes = std::uint64_t{1} << 20;

/// A file that is being read. An alias costs a few bytes and stands for many values, which may be
/// aliases again: so all values that are looked at are counted.
struct yaml_file {
  explicit yaml_file(std::string file) : path(std::move(file)) {
    input_file input(path);
    if (input.bytes() > yaml_most_bytes)
      input.fail("is larger than a description may be, which is 1 MiB");
    text = input.read_text(input.bytes());
    left = (std::uint64_t{1} << 20) + 256 * text.size();
  }
  void take(std::uint64_t bytes) {
    if (bytes > left) throw io_error(path, -1, "has aliases that stand for too many values");
    left -= bytes;
  }
  std::string path, text;
  std::uint64_t left = 0;  ///< bytes that values may still take
};

/// A value of a file, and where it stands in it: "inputs[0].axes".
class yaml_value {
 public:
  yaml_value(yaml_file& file, const YAML::Node& node, std::string place)
      : file_(&file), node_(node), place_(std::move(place)) {
    file.take(128 + (node_.IsScalar() ? node_.Scalar().size() : 0));
  }

  [[nodiscard]] const std::string& place() const { return place_; }
  [[nodiscard]] bool is_list() const { return node_.IsSequence(); }
  [[nodiscard]] bool is_scalar() const { return node_.IsScalar(); }
  [[nodiscard]] bool is_null() const { return node_.IsNull(); }

  /// The value of a key; nothing where it is absent or null.
  [[nodiscard]] std::optional<yaml_value> find(const std::string& key) const {
    if (!node_.IsMap()) fail("must have keys and values");
    const YAML::Node& map = node_;
    const YAML::Node found = map[key];
    if (!found.IsDefined() || found.IsNull()) return std::nullopt;
    return yaml_value(*file_, found, place_.empty() ? key : place_ + "." + key);
  }
  [[nodiscard]] yaml_value at(const std::string& key) const {
    std::optional<yaml_value> found = find(key);
    if (!found) fail("has no " + in_quotes(key));
    return *std::move(found);
  }
  [[nodiscard]] std::vector<std::string> keys() const {
    if (!node_.IsMap()) fail("must have keys and values");
    std::vector<std::string> all;
    for (const auto& item : node_) {
      file_->take(128);
      if (item.first.IsScalar()) all.push_back(item.first.Scalar());
    }
    return all;
  }
  [[nodiscard]] std::vector<yaml_value> items() const {
    if (!node_.IsSequence()) fail("must be a list");
    std::vector<yaml_value> all;
    for (const auto& item : node_)
      all.emplace_back(*file_, item, place_ + "[" + std::to_string(all.size()) + "]");
    return all;
  }

  [[nodiscard]] std::string text() const {
    if (!node_.IsScalar()) fail("must be a text");
    return node_.Scalar();
  }
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const yaml_value& item : items()) all.push_back(item.text());
    return all;
  }
  [[nodiscard]] double number() const {
    const auto value = parse<double>();
    if (!value || !std::isfinite(*value)) fail("must be a number, got " + in_quotes(scalar()));
    return *value;
  }
  [[nodiscard]] std::int64_t integer(std::int64_t least) const {
    const auto value = parse<std::int64_t>();
    if (!value || *value < least)
      fail("must be a whole number from " + std::to_string(least) + " on, got " +
           in_quotes(scalar()));
    return *value;
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw io_error(file_->path, -1,
                   (place_.empty() ? "the description" : one_line(place_)) + " " + reason);
  }

 private:
  [[nodiscard]] std::string_view scalar() const {
    return node_.IsScalar() ? std::string_view(node_.Scalar()) : std::string_view("no scalar");
  }
  template <class T>
  [[nodiscard]] std::optional<T> parse() const {
    std::string_view text = scalar();
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    T value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
  }

  yaml_file* file_;
  YAML::Node node_;
  std::string place_;
};

}  // namespace gpuimg::io::detail

#include "gpuimg/core/pop_macros.def"
