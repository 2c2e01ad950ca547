// SPDX-License-Identifier: BSD-3-Clause
// What a long command reports: a line per fact and per step, and the running step on a terminal.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace gpuimg::cli {

/// Prints "name    value".
template <class T>
void print_fact(const std::string& name, const T& value) {
  std::cout << std::left << std::setw(23) << name << ' ' << value << std::endl;
}

/// A line on stderr, if that is a terminal, that says what goes on and is erased in the end.
class terminal_line {
 public:
  terminal_line() = default;
  terminal_line(const terminal_line&) = delete;
  terminal_line& operator=(const terminal_line&) = delete;
  ~terminal_line() { erase(); }

  void show(const std::string& text) {
    if (isatty(STDERR_FILENO) != 1) return;
    std::cerr << erase_line << text << " ..." << std::flush;
    is_shown_ = true;
  }
  void erase() {
    if (is_shown_) std::cerr << erase_line << std::flush;
    is_shown_ = false;
  }

 private:
  static constexpr const char* erase_line = "\r\x1b[K";
  bool is_shown_ = false;
};

/// The time that each step of a command takes, over all volumes. The name of the running step
/// stands on stderr if that is a terminal.
class step_times {
 public:
  /// What is in front of a step's name on the terminal, such as "frame 3 of 20: ".
  void set_prefix(std::string prefix) { prefix_ = std::move(prefix); }

  /// Runs a step and returns what it returns. It must wait for the device itself.
  template <class Step>
  auto operator()(const std::string& name, Step&& step) {
    terminal_line running;
    running.show(prefix_ + name);
    const auto start = std::chrono::steady_clock::now();
    auto result = step();
    add(name, std::chrono::steady_clock::now() - start);
    return result;
  }

  /// Prints "name    12.3 ms" for each step, in the order in which they ran first.
  void print() const {
    for (const auto& [name, spent] : steps_) {
      std::ostringstream text;
      text << std::fixed << std::setprecision(1) << spent.count() << " ms";
      print_fact(name, text.str());
    }
  }

 private:
  using milliseconds = std::chrono::duration<double, std::milli>;

  void add(const std::string& name, milliseconds spent) {
    const auto found =
        std::ranges::find(steps_, name, &std::pair<std::string, milliseconds>::first);
    if (found == steps_.end())
      steps_.emplace_back(name, spent);
    else
      found->second += spent;
  }

  std::string prefix_;
  std::vector<std::pair<std::string, milliseconds>> steps_;
};

}  // namespace gpuimg::cli
