// SPDX-License-Identifier: BSD-3-Clause
// What readers and writers of files share: checks of files, pieces of them, names in messages.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/file_replacement.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// `text` with every byte that could break a line or a terminal replaced by a space.
inline std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return text;
}

/// A name of a file's as messages show it: in quotes, in one line, and not long.
inline std::string in_quotes(std::string_view name) {
  constexpr std::size_t longest = 80;
  std::string text(name.substr(0, longest));
  return "'" + one_line(std::move(text)) + (name.size() > longest ? "...'" : "'");
}

/// Bytes of a regular file; io_error where there is none.
inline std::uint64_t file_bytes(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) throw io_error(path, -1, "there is no such file");
  if (!std::filesystem::is_regular_file(status)) throw io_error(path, -1, "is not a file");
  const std::uintmax_t bytes = std::filesystem::file_size(path, failure);
  if (failure) throw io_error(path, -1, failure.message());
  return bytes;
}

/// A regular file that is read piece by piece. What is asked for must be there.
class input_file {
 public:
  explicit input_file(const std::string& path)
      : path_(path), bytes_(file_bytes(path)), stream_(path, std::ios::binary) {
    if (!stream_) fail("cannot be opened: " + std::generic_category().message(errno));
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t left() const { return bytes_ - position_; }
  [[nodiscard]] std::istream& stream() { return stream_; }

  void skip_to(std::uint64_t position) {
    stream_.seekg(static_cast<std::streamoff>(position));
    position_ = position;
  }
  void read(std::span<std::byte> to) {
    if (to.size() > left()) fail("ends too early");
    stream_.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
    if (!stream_) fail("cannot be read");
    position_ += to.size();
  }
  std::string read_text(std::uint64_t bytes) {
    if (bytes > left()) fail("ends too early");
    std::string text(static_cast<std::size_t>(bytes), '\0');
    read(std::as_writable_bytes(std::span(text)));
    return text;
  }

  [[noreturn]] void fail(const std::string& reason) const { throw io_error(path_, -1, reason); }

 private:
  std::string path_;
  std::uint64_t bytes_, position_ = 0;
  std::ifstream stream_;
};

/// A file that appears complete or not at all.
class output_file {
 public:
  explicit output_file(const std::string& path)
      : path_(path), replacement_(path), stream_(replacement_.temporary(), std::ios::binary) {}

  void write(std::span<const std::byte> bytes) {
    stream_.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
  }
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }
  void close() {
    errno = 0;
    stream_.close();
    if (!stream_)
      throw io_error(path_, -1, "cannot be written: " + std::generic_category().message(errno));
    replacement_.commit();
  }

 private:
  std::string path_;
  file_replacement replacement_;
  std::ofstream stream_;
};

/// The path of a file that another file in `folder` names; nothing where the name leads out of it,
/// or would spoil a message.
inline std::optional<std::string> path_inside(const std::filesystem::path& folder,
                                              const std::string& name) {
  const std::filesystem::path relative(name);
  const bool is_inside = !name.empty() && !relative.has_root_path() &&
                         std::find(relative.begin(), relative.end(), "..") == relative.end();
  const bool is_plain = name.size() < 1000 && one_line(name) == name;
  if (!is_inside || !is_plain) return std::nullopt;
  return (folder / relative).string();
}

/// What a file holds that its reader does not take: gathered, so that one error names all of it.
class refusals {
 public:
  void add(std::string thing) { things_.insert(std::move(thing)); }
  /// Throws io_error where there are any; `allowed` says what is taken instead.
  void check(const std::string& path, const std::string& allowed) const {
    if (things_.empty()) return;
    std::string text = "holds what is not supported: ";
    std::size_t number = 0;
    for (const std::string& thing : things_) {
      if (number == most_named) {
        text += "; and " + std::to_string(things_.size() - most_named) + " more";
        break;
      }
      text += (number++ == 0 ? "" : "; ") + thing;
    }
    throw io_error(path, -1, text + ". " + allowed);
  }

 private:
  static constexpr std::size_t most_named = 50;
  std::set<std::string> things_;
};

}  // namespace gpuimg::io::detail

#include "gpuimg/core/pop_macros.def"
