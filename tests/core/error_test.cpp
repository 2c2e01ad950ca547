// SPDX-License-Identifier: BSD-3-Clause
// What the errors carry and how their text is put together.
#include "gpuimg/core/error.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <type_traits>

TEST_CASE("error: context is put around the text once", "[core]") {
  gpuimg::argument_error e("sigma_x must be finite");
  CHECK(std::string(e.what()) == "sigma_x must be finite");
  e.add_context("gaussian_blur", "src 4x4 u8 on reference");
  CHECK(std::string(e.what()) == "gaussian_blur: sigma_x must be finite [src 4x4 u8 on reference]");
  e.add_context("top_hat", "elsewhere");
  CHECK(std::string(e.what()) == "gaussian_blur: sigma_x must be finite [src 4x4 u8 on reference]");
}

TEST_CASE("error: every kind is an error, and an error is a std::exception", "[core]") {
  STATIC_REQUIRE(std::is_base_of_v<std::exception, gpuimg::error>);
  STATIC_REQUIRE(std::is_base_of_v<gpuimg::error, gpuimg::argument_error>);
  STATIC_REQUIRE(std::is_base_of_v<gpuimg::error, gpuimg::device_error>);
  STATIC_REQUIRE(std::is_base_of_v<gpuimg::error, gpuimg::build_error>);
  STATIC_REQUIRE(std::is_base_of_v<gpuimg::error, gpuimg::memory_error>);
  STATIC_REQUIRE(std::is_base_of_v<gpuimg::error, gpuimg::io_error>);
}

TEST_CASE("error: a build error names the kernel, its options and the compiler's log", "[core]") {
  const gpuimg::build_error e("filter/gaussian_blur", "-cl-std=CL1.2", "1:1: expected ';'");
  CHECK(std::string(e.what()) ==
        "kernel filter/gaussian_blur does not build with options '-cl-std=CL1.2':\n"
        "1:1: expected ';'");
  CHECK(e.kernel() == "filter/gaussian_blur");
  CHECK(e.options() == "-cl-std=CL1.2");
  CHECK(e.log() == "1:1: expected ';'");
}

TEST_CASE("error: an io error names the file, and the page where one is meant", "[core]") {
  const gpuimg::io_error whole("a.tif", -1, "no such file"), page("a.tif", 3, "is cut short");
  CHECK(std::string(whole.what()) == "a.tif: no such file");
  CHECK(std::string(page.what()) == "a.tif, page 3: is cut short");
  CHECK(page.file() == "a.tif");
  CHECK(page.page() == 3);
  CHECK(page.reason() == "is cut short");
}

TEST_CASE("error: codes and byte counts come with the text", "[core]") {
  CHECK(gpuimg::device_error("clFinish failed: CL_OUT_OF_RESOURCES", -5).code() == -5);
  const gpuimg::memory_error e("needs 10 bytes", 10, 7);
  CHECK(e.requested() == 10);
  CHECK(e.budget() == 7);
}
