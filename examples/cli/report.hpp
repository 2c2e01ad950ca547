// SPDX-License-Identifier: BSD-3-Clause
// What a long command reports: a line per fact and per step, and the running step on a terminal.
#pragma once

#include <unistd.h>

#include <chrono>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <string>

namespace gpuimg::cli {

/// Prints "name    value".
template <class T>
void print_fact(const std::string& name, const T& value) {
  std::cout << std::left << std::setw(24) << name << value << std::endl;
}

/// Runs a step and prints how long it took; its name stands on stderr meanwhile if that is a
/// terminal. Returns what `step` returns, which must wait for the device itself.
template <class Step>
auto timed(const std::string& name, Step&& step) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  if (terminal) std::cerr << name << " ..." << std::flush;
  const auto clear = [&] {
    if (terminal) std::cerr << "\r\x1b[K" << std::flush;  // to the start of the line; erase it
  };
  const auto start = std::chrono::steady_clock::now();
  try {
    auto result = step();
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - start;
    clear();
    std::ostringstream text;
    text << std::fixed << std::setprecision(1) << spent.count() << " ms";
    print_fact(name, text.str());
    return result;
  } catch (...) {
    clear();
    throw;
  }
}

}  // namespace gpuimg::cli
