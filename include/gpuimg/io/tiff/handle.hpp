// SPDX-License-Identifier: BSD-3-Clause
// An open TIFF file of libtiff, whose errors become exceptions.
#pragma once

#include <tiffio.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/image_file.hpp"
#include "gpuimg/io/tiff/memory.hpp"
#include "gpuimg/io/tiff/tags.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

namespace detail {

/// The first error libtiff reports on a handle. Nothing is allocated or thrown inside libtiff.
struct tiff_log {
  std::array<char, 4096 + 512> text{};  // a path and the system's reason
};

inline int keep_first_tiff_error(TIFF*, void* log, const char*, const char* format,
                                 std::va_list arguments) {
  auto& text = static_cast<tiff_log*>(log)->text;
  if (text[0] == '\0') std::vsnprintf(text.data(), text.size(), format, arguments);
  return 1;  // handled: the global handler, which prints, is not called
}

inline int ignore_tiff_warning(TIFF*, void*, const char*, const char*, std::va_list) { return 1; }

/// An open TIFF file; its errors carry the file, the page and libtiff's own words.
class tiff_handle {
 public:
  /// `name` is the file that messages speak of; libtiff takes at most `most_bytes` at a time.
  tiff_handle(const std::string& path, const char* mode, std::uint64_t most_bytes, std::string name)
      : name_(std::move(name)), path_(path) {
    open(most_bytes,
         [&](TIFFOpenOptions* options) { return TIFFOpenExt(path.c_str(), mode, options); });
  }
  /// As above, of a file in memory, which stays where it is.
  tiff_handle(tiff_memory& file, const char* mode, std::string name)
      : name_(std::move(name)), path_("memory") {
    open(std::numeric_limits<std::uint64_t>::max(), [&](TIFFOpenOptions* options) {
      return TIFFClientOpenExt(path_.c_str(), mode, &file, &tiff_memory::read, &tiff_memory::write,
                               &tiff_memory::seek, &tiff_memory::close, &tiff_memory::size, nullptr,
                               nullptr, options);
    });
  }

  [[nodiscard]] TIFF* get() const { return tiff_.get(); }

  /// Closes the file and throws where libtiff could not write all of it.
  void close() {
    tiff_.reset();
    if (log_->text[0] != '\0') fail(-1, "cannot be written");
  }

  /// The value of a tag of the current directory, its default, or `fallback`.
  template <class T>
  [[nodiscard]] T tag(std::uint32_t number, T fallback) const {
    T value{};
    return TIFFGetFieldDefaulted(get(), number, &value) == 1 ? value : fallback;
  }

  /// Gives the current directory its tags; false where libtiff does not take one.
  [[nodiscard]] bool set(const std::vector<tiff_tag>& tags) const {
    return std::ranges::all_of(tags, [this](const tiff_tag& tag) {
      return std::visit([&](const auto& value) { return set(tag.number, value); }, tag.value);
    });
  }

  [[noreturn]] void fail(long page, std::string reason) const {
    std::string words = log_->text.data();
    // libtiff begins with the path, which is in front of the reason already, or is a temporary one.
    if (words.starts_with(path_ + ": ")) words.erase(0, path_.size() + 2);
    if (!words.empty()) reason += " (" + words + ")";
    throw io_error(name_, page, one_line(std::move(reason)));
  }

 private:
  template <class T>
  [[nodiscard]] bool set(std::uint32_t number, const T& value) const {
    if constexpr (std::same_as<T, std::string>)
      return TIFFSetField(get(), number, value.c_str()) == 1;
    else
      return TIFFSetField(get(), number, value) == 1;
  }

  template <class F>
  void open(std::uint64_t most_bytes, F&& open_with) {
    const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(
        TIFFOpenOptionsAlloc(), &TIFFOpenOptionsFree);
    if (!options) throw std::bad_alloc();
    constexpr std::uint64_t most = std::numeric_limits<tmsize_t>::max();
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(),
                                        static_cast<tmsize_t>(std::min(most_bytes, most)));
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), &keep_first_tiff_error, log_.get());
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), &ignore_tiff_warning, nullptr);
    tiff_.reset(open_with(options.get()));
    if (!tiff_) fail(-1, "cannot be opened as TIFF");
  }

  std::string name_, path_;
  std::unique_ptr<tiff_log> log_ = std::make_unique<tiff_log>();  // outlives the handle
  std::unique_ptr<TIFF, decltype(&TIFFClose)> tiff_{nullptr, &TIFFClose};
};

}  // namespace detail
}  // namespace gpuimg::io
