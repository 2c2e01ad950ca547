// SPDX-License-Identifier: BSD-3-Clause
// Weights as .safetensors files, in and out, on nlohmann::json (header-only).
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/file.hpp"
#include "gpuimg/io/tensor_file.hpp"
#include "gpuimg/nn/host_tensor.hpp"
#include "gpuimg/nn/tensor_shape.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// What a .safetensors file holds.
struct safetensors {
  std::map<std::string, nn::host_tensor> tensors{};
  std::map<std::string, std::string> metadata{};
};

namespace detail {

/// The names of types in the files, in the order of nn::element.
inline constexpr std::array<std::string_view, 13> safetensors_types{
    "F16", "BF16", "F32", "F64", "I8", "U8", "I16", "U16", "I32", "U32", "I64", "U64", "BOOL"};

constexpr std::uint64_t safetensors_longest_header = 100'000'000;

/// Reads a .safetensors file: the length of a header, the header, the numbers without gaps.
class safetensors_reader {
 public:
  explicit safetensors_reader(const std::string& path) : path_(path), file_(path) {}

  safetensors read() {
    const nlohmann::json header = read_header();
    safetensors result;
    std::vector<entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__")
        result.metadata = metadata_of(value);
      else
        entries.push_back(entry_of(name, value));
    }
    refused_.check(path_, "F16, BF16, F32, F64, I8 to I64, U8 to U64 and BOOL are read");

    // One after the other, from the first byte to the last one.
    std::sort(entries.begin(), entries.end(), [](const entry& a, const entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::uint64_t position = 0;
    const std::uint64_t bytes = file_.left();
    for (entry& entry : entries) {
      if (entry.begin != position)
        file_.fail(entry.what + " begins at byte " + std::to_string(entry.begin) +
                   " of the numbers; a tensor begins where the one before it ends, here at byte " +
                   std::to_string(position));
      if (entry.end < entry.begin || entry.end > bytes)
        file_.fail(entry.what + " ends at byte " + std::to_string(entry.end) +
                   " of the numbers, which are " + std::to_string(bytes) + " bytes");
      nn::host_tensor tensor =
          tensor_of(path_, entry.what, entry.type, std::move(entry.sizes), entry.end - entry.begin);
      file_.read(tensor.bytes());
      change_byte_order(tensor.bytes(), nn::size_of(entry.type), std::endian::little);
      result.tensors.emplace(std::move(entry.name), std::move(tensor));
      position = entry.end;
    }
    if (position != bytes)
      file_.fail("has " + std::to_string(bytes - position) + " bytes that belong to no tensor");
    return result;
  }

 private:
  struct entry {
    std::string name, what;
    nn::element type{};
    std::vector<std::int64_t> sizes{};
    std::uint64_t begin = 0, end = 0;
  };

  nlohmann::json read_header() {
    if (file_.bytes() < 8) file_.fail("is too short for a .safetensors file");
    std::uint64_t bytes = 0;
    int shift = 0;
    for (const char c : file_.read_text(8)) {
      bytes |= std::uint64_t{static_cast<unsigned char>(c)} << shift;
      shift += 8;
    }
    if (bytes > safetensors_longest_header || bytes > file_.left())
      file_.fail("has a header of " + std::to_string(bytes) + " bytes; it may have 100 MB, and " +
                 std::to_string(file_.left()) + " are there");
    const std::string text = file_.read_text(bytes);
    if (!text.starts_with('{')) file_.fail("has a header that does not begin with '{'");
    try {
      return nlohmann::json::parse(text, check_event{&file_, {}});
    } catch (const nlohmann::json::parse_error& failure) {
      file_.fail("has a header that is no JSON from its byte " + std::to_string(failure.byte) +
                 " on");
    } catch (const nlohmann::json::exception&) {
      file_.fail("has a header with a number that is too large");
    }
  }

  /// Looks on while JSON is read: no key may be there twice, and there are three levels at most.
  struct check_event {
    const input_file* file;
    std::array<std::set<std::string>, 4> keys;

    bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& value) {
      using parse_event = nlohmann::json::parse_event_t;
      const auto level = static_cast<std::size_t>(depth);
      if (event == parse_event::object_start || event == parse_event::array_start) {
        if (level >= keys.size()) file->fail("has a header with more levels than it can have");
        keys[level].clear();
      } else if (event == parse_event::key &&
                 !keys[level - 1].insert(value.get<std::string>()).second) {
        file->fail("has the key " + in_quotes(value.get_ref<const std::string&>()) + " twice");
      }
      return true;
    }
  };

  std::map<std::string, std::string> metadata_of(const nlohmann::json& value) const {
    std::map<std::string, std::string> metadata;
    if (!value.is_object()) file_.fail("has a __metadata__ that is no object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) file_.fail("__metadata__: " + in_quotes(key) + " is no text");
      metadata.emplace(key, text);
    }
    return metadata;
  }

  entry entry_of(const std::string& name, const nlohmann::json& value) {
    entry entry{.name = name, .what = "tensor " + in_quotes(name)};
    const auto field = [&](const char* key) -> const nlohmann::json& {
      const auto found = value.find(key);
      if (found == value.end()) file_.fail(entry.what + " has no " + key);
      return *found;
    };
    const auto numbers = [&](const char* key) {
      std::vector<std::uint64_t> all;
      const nlohmann::json& list = field(key);
      bool is_good = list.is_array();
      for (const auto& number : list) {
        is_good = is_good && number.is_number_unsigned() &&
                  number.get<std::uint64_t>() <= std::uint64_t{1} << 62;
        if (is_good) all.push_back(number);
      }
      if (!is_good)
        file_.fail(entry.what + ": " + key + " is no list of whole numbers from 0 to 2^62");
      return all;
    };
    if (!value.is_object()) file_.fail(entry.what + " is no object");
    if (!field("dtype").is_string()) file_.fail(entry.what + ": dtype is no text");
    const std::string type = field("dtype");
    const auto found = std::find(safetensors_types.begin(), safetensors_types.end(), type);
    if (found == safetensors_types.end())
      refused_.add(entry.what + " of type " + in_quotes(type));
    else
      entry.type = static_cast<nn::element>(found - safetensors_types.begin());
    for (const std::uint64_t size : numbers("shape"))
      entry.sizes.push_back(static_cast<std::int64_t>(size));
    const std::vector<std::uint64_t> offsets = numbers("data_offsets");
    if (offsets.size() != 2) file_.fail(entry.what + ": data_offsets are not two numbers");
    entry.begin = offsets[0];
    entry.end = offsets[1];
    return entry;
  }

  std::string path_;
  input_file file_;
  refusals refused_;
};

}  // namespace detail

/// Reads all tensors and the metadata of a .safetensors file.
///
/// Throws io_error, with the file and the reason, where a rule of the format is broken: the size of
/// the header, a name that is there twice, bytes that belong to no tensor or to two, sizes that do
/// not fit the bytes; and for 8-bit floats and other types that nn::element lacks, all of which are
/// named.
inline safetensors read_safetensors(const std::string& path) {
  return detail::safetensors_reader(path).read();
}

/// Writes a .safetensors file. Tensors with the largest numbers come first, so all are aligned.
/// The file appears complete or not at all. Throws io_error where it cannot be written,
/// argument_error for a tensor called "__metadata__" and for names and metadata that are not UTF-8.
inline void write_safetensors(const std::string& path, const safetensors& content) {
  if (content.tensors.contains("__metadata__"))
    throw argument_error("write_safetensors: no tensor can be called '__metadata__'");
  std::vector<const std::pair<const std::string, nn::host_tensor>*> order;
  for (const auto& item : content.tensors) order.push_back(&item);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return nn::size_of(a->second.type()) > nn::size_of(b->second.type());
  });

  nlohmann::json header = nlohmann::json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  std::size_t position = 0;
  for (const auto* item : order) {
    const nn::host_tensor& tensor = item->second;
    const auto sizes = tensor.shape().sizes();
    const std::size_t end = position + tensor.bytes().size();
    header[item->first] = {
        {"dtype", detail::safetensors_types[static_cast<std::size_t>(tensor.type())]},
        {"shape", std::vector<std::int64_t>(sizes.begin(), sizes.end())},
        {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw argument_error("write_safetensors: a name or the metadata is not UTF-8");
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > detail::safetensors_longest_header)
    throw argument_error("write_safetensors: names and metadata take more than 100 MB");

  std::string length;
  for (int shift = 0; shift < 64; shift += 8)
    length += static_cast<char>(std::uint64_t{text.size()} >> shift & 0xff);
  detail::output_file file(path);
  file.write(length + text);
  for (const auto* item : order) detail::write_numbers(file, item->second);
  file.close();
}

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
