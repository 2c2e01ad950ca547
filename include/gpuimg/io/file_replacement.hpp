// SPDX-License-Identifier: BSD-3-Clause
// Files that appear complete or not at all, and never take the place of what is no regular file.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <system_error>
#include <utility>

#include "gpuimg/core/error.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// What a writer does where the path names a device, a pipe or a socket: a format that is written
/// from front to back goes through to it, one that jumps in its file refuses it.
enum class special_file { refuse, write_through };

/// What becomes of a file that was not completed: it goes, or it stays under the name of the whole
/// one with ".part" behind, for another run to go on with.
enum class unfinished_file { remove, keep };

namespace detail {

/// The temporary files that are being written in this process. A fixed table, because a signal
/// handler reads it: nothing is allocated or locked there.
struct temporary_file_table {
  struct entry {
    std::atomic<bool> taken{false}, complete{false};
    std::array<char, 4096> path{};
  };
  std::array<entry, 16> entries{};

  /// The entry that now holds `path`, or null where the table is full or the path too long.
  entry* add(const std::string& path) {
    if (path.size() >= entry{}.path.size()) return nullptr;
    for (entry& candidate : entries) {
      if (candidate.taken.exchange(true)) continue;
      std::memcpy(candidate.path.data(), path.c_str(), path.size() + 1);
      candidate.complete.store(true);
      return &candidate;
    }
    return nullptr;
  }
  static void remove(entry* added) {
    if (added == nullptr) return;
    added->complete.store(false);
    added->taken.store(false);
  }
};
inline temporary_file_table temporary_files;

}  // namespace detail

/// Removes the temporary files of writers at work, whose files then never appear. For the signal
/// handler of a program that is about to end: calls nothing but unlink.
inline void remove_temporary_files() noexcept {
  for (auto& entry : detail::temporary_files.entries)
    if (entry.complete.load()) ::unlink(entry.path.data());
}

/// A file beside `path` to write to; `commit()` moves the complete file to `path` in one step, and
/// without it the destructor removes what was written.
///
/// Symbolic links are followed, and the file they lead to is replaced, whose permissions and, where
/// this process may, owner are kept. Other hard links to it keep the old content.
/// Throws io_error, before anything is written, where the folder is missing or cannot be written,
/// and where `path` is a folder, is read-only or, unless `special` lets it through, is no regular
/// file.
class file_replacement {
 public:
  explicit file_replacement(const std::string& path, special_file special = special_file::refuse,
                            unfinished_file unfinished = unfinished_file::remove)
      : name_(path), is_kept_(unfinished == unfinished_file::keep) {
    follow_links(path);
    std::error_code failure;
    const auto status = std::filesystem::status(target_, failure);
    using enum std::filesystem::file_type;
    if (status.type() == none) fail(failure.message());
    if (status.type() == directory) fail("it is a folder");
    if (exists(status) && (status.type() != regular || is_magic_link_)) {
      if (special == special_file::refuse) fail("it is a device, a pipe or a socket, not a file");
      temporary_ = name_;
      is_through_ = true;
      return;
    }
    if (exists(status)) keep_attributes(status);
    create_temporary();
  }
  file_replacement(const file_replacement&) = delete;
  file_replacement& operator=(const file_replacement&) = delete;
  ~file_replacement() {
    if (is_through_ || is_committed_ || is_kept_) return;
    ::unlink(temporary_.c_str());
    detail::temporary_file_table::remove(entry_);
  }

  /// Where to write: the temporary file, which exists and is empty, or what is written through; a
  /// file that is kept may hold what was written before.
  [[nodiscard]] const std::string& temporary() const { return temporary_; }

  /// Moves the complete file to its place. Throws io_error.
  void commit() {
    if (is_through_) return;
    if (has_attributes_) {
      // A file of somebody else's stays theirs only where this process may give files away.
      if (::chown(temporary_.c_str(), owner_, group_) != 0) errno = 0;
      ::chmod(temporary_.c_str(), mode_);
    }
    std::error_code failure;
    std::filesystem::rename(temporary_, target_, failure);
    if (failure) fail(failure.message());
    is_committed_ = true;
    detail::temporary_file_table::remove(entry_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw io_error(name_, -1, "cannot be written: " + reason);
  }

  /// Sets target_ to the file that `path` leads to, which need not exist. Links below /proc, which
  /// /dev/stdout leads to, stand for open files and not for names.
  void follow_links(const std::string& path) {
    std::filesystem::path at = path;
    std::error_code failure;
    for (int links = 0; std::filesystem::is_symlink(at, failure); ++links) {
      if (links == 40) fail("there are too many symbolic links");
      // The folder may be reached by a link, too, as /dev/fd is.
      const auto folder = std::filesystem::canonical(at.parent_path(), failure);
      if (folder.string().starts_with("/proc/")) is_magic_link_ = true;
      if (is_magic_link_) break;
      const auto next = std::filesystem::read_symlink(at, failure);
      if (failure) fail(failure.message());
      at = at.parent_path() / next;  // an absolute `next` replaces it all
    }
    target_ = at.string();
  }

  void keep_attributes(const std::filesystem::file_status& status) {
    using std::filesystem::perms;
    const auto writable = perms::owner_write | perms::group_write | perms::others_write;
    // Not only access(): the superuser may write everything, and still means a read-only file.
    if ((status.permissions() & writable) == perms::none || ::access(target_.c_str(), W_OK) != 0)
      fail("it is read-only");
    struct stat found {};
    if (::stat(target_.c_str(), &found) != 0) return;
    has_attributes_ = true;
    mode_ = found.st_mode & 07777;
    owner_ = found.st_uid;
    group_ = found.st_gid;
  }

  /// The name has a length of its own, so that a target whose name is as long as names can be has
  /// a temporary file too.
  void create_temporary() {
    const auto folder = std::filesystem::path(target_).parent_path();
    std::error_code ignored;
    if (!folder.empty() && !std::filesystem::exists(folder, ignored))
      fail("there is no folder " + folder.string());
    if (is_kept_) {
      temporary_ = target_ + ".part";
      const int file = ::open(temporary_.c_str(), O_CREAT | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0666);
      if (file < 0) fail(std::generic_category().message(errno) + " (" + temporary_ + ")");
      ::close(file);
      return;
    }
    std::random_device random;
    for (int attempt = 0; attempt < 100; ++attempt) {
      temporary_ = (folder / ("gpuimg" + std::to_string(random()) + ".tmp")).string();
      entry_ = detail::temporary_files.add(temporary_);
      const int file = ::open(temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
      if (file >= 0) {
        ::close(file);
        return;
      }
      const int code = errno;
      detail::temporary_file_table::remove(entry_);
      if (code != EEXIST) fail(std::generic_category().message(code));
    }
    fail("no name is left for a temporary file");
  }

  std::string name_, target_, temporary_;
  detail::temporary_file_table::entry* entry_ = nullptr;
  bool is_kept_ = false, is_through_ = false, is_magic_link_ = false, is_committed_ = false,
       has_attributes_ = false;
  mode_t mode_ = 0;
  uid_t owner_ = 0;
  gid_t group_ = 0;
};

/// Throws what a writer of `path` would throw before its first byte, and leaves nothing behind: to
/// be asked before long work.
inline void check_writable(const std::string& path, special_file special = special_file::refuse) {
  const file_replacement attempt(path, special);
}

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
