// SPDX-License-Identifier: BSD-3-Clause
// A file that is read and written at any place.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include "gpuimg/core/error.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// An open file. It knows no position, so that threads may share it. Throws io_error where the
/// system refuses something.
class random_access_file {
 public:
  enum class access { read, read_and_write };

  /// Opens a file that exists; `name` is the file that messages speak of.
  random_access_file(const std::string& path, access wanted, std::string name)
      : name_(std::move(name)),
        file_(::open(path.c_str(), (wanted == access::read ? O_RDONLY : O_RDWR) | O_CLOEXEC)) {
    if (file_ < 0) fail("cannot be opened");
  }
  random_access_file(const random_access_file&) = delete;
  random_access_file& operator=(const random_access_file&) = delete;
  ~random_access_file() { ::close(file_); }

  [[nodiscard]] std::uint64_t bytes() const {
    struct stat found {};
    if (::fstat(file_, &found) != 0) fail("cannot be read");
    return static_cast<std::uint64_t>(found.st_size);
  }
  /// Reads from byte `at` on; returns how much there was, less than asked for where the file ends.
  std::size_t read(std::uint64_t at, std::span<std::byte> to) const {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t got =
          ::pread(file_, to.data() + done, to.size() - done, static_cast<off_t>(at + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("cannot be read");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }
  void write(std::uint64_t at, std::span<const std::byte> from) {
    std::size_t done = 0;
    while (done < from.size()) {
      const ssize_t put =
          ::pwrite(file_, from.data() + done, from.size() - done, static_cast<off_t>(at + done));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail("cannot be written");
      done += static_cast<std::size_t>(put);
    }
  }
  /// Cuts off what is behind the first `bytes` bytes.
  void cut(std::uint64_t bytes) {
    if (::ftruncate(file_, static_cast<off_t>(bytes)) != 0) fail("cannot be written");
  }
  /// Waits until what was written is on the disk.
  void sync() {
    if (::fsync(file_) != 0) fail("cannot be written");
  }
  /// Keeps others from locking the file for as long as it is open; false where one of them has.
  [[nodiscard]] bool lock() { return ::flock(file_, LOCK_EX | LOCK_NB) == 0; }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw io_error(name_, -1, what + ": " + std::generic_category().message(errno));
  }

  std::string name_;
  int file_;
};

}  // namespace gpuimg::io::detail

#include "gpuimg/core/pop_macros.def"
