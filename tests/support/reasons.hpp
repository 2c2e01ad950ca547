// SPDX-License-Identifier: BSD-3-Clause
// Why files are not read.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "gpuimg/core/error.hpp"

namespace test {

/// The reason of the io_error that reading the file throws, which names it; "no error" without one.
template <class Read>
std::string reason_of(Read read, const std::string& path) {
  try {
    read(path);
  } catch (const gpuimg::io_error& error) {
    CHECK(error.file() == path);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.reason();
  }
  return "no error";
}

}  // namespace test
