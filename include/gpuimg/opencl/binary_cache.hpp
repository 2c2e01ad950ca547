// SPDX-License-Identifier: BSD-3-Clause
// Compiled programs on disk. A driver crashes on a damaged binary, and some drivers load it as
// code: an entry counts only when folder, file, key, length and digest are all as they were
// written.
#pragma once

#include <cstdlib>
#include <string>
#include <utility>

#include "gpuimg/core/sha256.hpp"
#include "gpuimg/core/text.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define GPUIMG_HAS_BINARY_CACHE 1
#else
#define GPUIMG_HAS_BINARY_CACHE 0
#endif

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Entries named by the digest of their key. No failure here is anybody's error: a program that
/// cannot be read is compiled, one that cannot be written is compiled again next time.
///
/// The folder: GPUIMG_CACHE ("off" switches the cache off), else $XDG_CACHE_HOME/gpuimg, else
/// $HOME/.cache/gpuimg. It must belong to the user, and nobody else may be able to write to it.
class binary_cache {
 public:
  [[gnu::cold]] static binary_cache from_environment() {
    const auto value = [](const char* name) {
      const char* text = std::getenv(name);
      return std::string(text == nullptr ? "" : text);
    };
    if (const auto folder = value("GPUIMG_CACHE"); !folder.empty())
      return binary_cache(folder == "off" ? "" : folder);
    if (const auto folder = value("XDG_CACHE_HOME"); !folder.empty())
      return binary_cache(folder + "/gpuimg");
    if (const auto folder = value("HOME"); !folder.empty())
      return binary_cache(folder + "/.cache/gpuimg");
    return binary_cache("");
  }

  /// An empty folder name switches the cache off.
  explicit binary_cache(std::string folder) : folder_(std::move(folder)) {}

  [[nodiscard]] bool is_on() const { return GPUIMG_HAS_BINARY_CACHE != 0 && !folder_.empty(); }

#if GPUIMG_HAS_BINARY_CACHE
  /// What was written under a key; empty where there is none.
  [[nodiscard, gnu::cold]] std::string read(const std::string& key) const {
    if (!folder_is_ours()) return {};
    const std::string path = path_of(key);
    const file in(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat about {};
    if (in.id < 0 || ::fstat(in.id, &about) != 0 || !is_ours(about) || !S_ISREG(about.st_mode))
      return {};
    if (about.st_size <= 0 || about.st_size > largest_entry) return {};
    std::string text(static_cast<std::size_t>(about.st_size), '\0');
    for (std::size_t done = 0; done < text.size();) {
      const auto got = ::read(in.id, text.data() + done, text.size() - done);
      if (got <= 0) return {};
      done += static_cast<std::size_t>(got);
    }
    const std::size_t header = header_of(key, "").size();
    if (text.size() > header) {
      std::string binary = text.substr(header);
      if (text.compare(0, header, header_of(key, binary)) == 0) return binary;
    }
    ::unlink(path.c_str());
    return {};
  }

  [[gnu::cold]] void write(const std::string& key, const std::string& binary) const {
    if (!is_on() || binary.empty() || binary.size() > largest_entry) return;
    for (auto slash = folder_.find('/', 1); slash != std::string::npos;
         slash = folder_.find('/', slash + 1))
      ::mkdir(folder_.substr(0, slash).c_str(), 0700);
    ::mkdir(folder_.c_str(), 0700);
    if (!folder_is_ours()) return;
    std::string name = folder_ + "/new-XXXXXX";
    const file out(::mkstemp(name.data()));
    if (out.id < 0) return;
    const std::string text = header_of(key, binary) + binary;
    bool written = true;
    for (std::size_t done = 0; written && done < text.size();) {
      const auto put = ::write(out.id, text.data() + done, text.size() - done);
      written = put > 0;
      done += written ? static_cast<std::size_t>(put) : 0;
    }
    if (!written || ::fsync(out.id) != 0 || ::rename(name.c_str(), path_of(key).c_str()) != 0)
      ::unlink(name.c_str());
  }

 private:
  struct file {
    explicit file(int opened) : id(opened) {}
    file(const file&) = delete;
    file& operator=(const file&) = delete;
    ~file() {
      if (id >= 0) ::close(id);
    }
    int id;
  };
  static constexpr long largest_entry = 64L << 20;

  static bool is_ours(const struct stat& about) {
    return about.st_uid == ::geteuid() && (about.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  }
  [[nodiscard]] bool folder_is_ours() const {
    struct stat about {};
    return !folder_.empty() && ::geteuid() == ::getuid() && ::lstat(folder_.c_str(), &about) == 0 &&
           S_ISDIR(about.st_mode) && is_ours(about);
  }
  [[nodiscard]] std::string path_of(const std::string& key) const {
    return detail::text({folder_, "/", sha256(key), ".bin"});
  }
  // All but the digests has a length that depends on the key alone.
  [[gnu::cold]] static std::string header_of(const std::string& key, const std::string& binary) {
    std::string size = std::to_string(binary.size());
    size.insert(0, 20 - size.size(), '0');
    return detail::text(
        {"gpuimg program 1\n", sha256(key), "\n", size, "\n", sha256(binary), "\n"});
  }
#else
  [[nodiscard]] std::string read(const std::string&) const { return {}; }
  void write(const std::string&, const std::string&) const {}

 private:
#endif
  std::string folder_;
};

}  // namespace gpuimg::opencl
