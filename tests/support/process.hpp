// SPDX-License-Identifier: BSD-3-Clause
// What tests change around the process and put back: environment variables, child processes.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace test {

/// Sets an environment variable, or removes it, until the end of the scope.
class scoped_environment {
 public:
  scoped_environment(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* before = std::getenv(name); before != nullptr) before_ = before;
    set(value);
  }
  scoped_environment(const scoped_environment&) = delete;
  scoped_environment& operator=(const scoped_environment&) = delete;
  ~scoped_environment() { set(before_); }

 private:
  void set(const std::optional<std::string>& value) {
    if (value)
      ::setenv(name_, value->c_str(), 1);
    else
      ::unsetenv(name_);
  }
  const char* name_;
  std::optional<std::string> before_;
};

/// Until the end of the scope no file that this process, or one that it starts, writes grows beyond
/// so many bytes: as on a disk that is full, but with "File too large" for a reason.
class full_disk {
 public:
  explicit full_disk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit little{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &little);
  }
  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;
  ~full_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// Starts this program again with other arguments; it says nothing on standard output.
inline pid_t start_self(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"gpuimg_tests"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
  ::execv("/proc/self/exe", pointers.data());
  ::_exit(127);
}

/// Starts another program in a folder, with nothing to read and nowhere to say anything.
inline pid_t start_program(const std::string& path, std::vector<std::string> arguments,
                           const std::string& folder) {
  arguments.insert(arguments.begin(), path);
  std::vector<char*> pointers;
  for (auto& word : arguments) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  if (::chdir(folder.c_str()) != 0 || std::freopen("/dev/null", "r", stdin) == nullptr ||
      std::freopen("/dev/null", "w", stdout) == nullptr ||
      std::freopen("/dev/null", "w", stderr) == nullptr)
    ::_exit(126);
  ::execv(path.c_str(), pointers.data());
  ::_exit(127);
}

/// The signal that ended a child, or 0 where it ended by itself.
inline int ending_signal(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) return 0;
  return WTERMSIG(status);
}

/// The exit status of a child, or -1 where a signal ended it.
inline int exit_status(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

/// Bytes of memory that the process holds.
inline std::size_t resident_bytes() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace test
