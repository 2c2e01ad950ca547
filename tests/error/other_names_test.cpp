// SPDX-License-Identifier: BSD-3-Clause
// What operations are called elsewhere: the names lead to operations, and are none themselves.
#include "gpuimg/other_names.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string_view>

#include "registry/catalogue.hpp"

using gpuimg::find_other_name;
using gpuimg::other_names;

TEST_CASE("other_names: lead to operations, and are none themselves", "[error]") {
  std::set<std::string_view> operations;
  for (const auto& entry : gpuimg::catalogue()) operations.insert(entry.about->name);
  for (const auto& other : other_names) {
    INFO(other.name);
    CHECK(operations.contains(other.operation));
    CHECK_FALSE(operations.contains(other.name));
    CHECK((other.from == "clesperanto" || other.from == "CLIJ"));
  }
}

TEST_CASE("other_names: none is there twice", "[error]") {
  for (const auto& other : other_names) {
    INFO(other.name);
    CHECK(find_other_name(other.name) == &other);
  }
}

TEST_CASE("find_other_name: takes capitals or none, and nothing but whole names", "[error]") {
  for (const char* name : {"gaussianBlur2D", "gaussianblur2d", "GAUSSIANBLUR2D"}) {
    const auto* found = find_other_name(name);
    REQUIRE(found != nullptr);
    CHECK(found->operation == "gaussian_blur");
  }
  for (const char* name : {"", "gaussianBlur", "gaussianBlur2D ", "gaussian_blur"})
    CHECK(find_other_name(name) == nullptr);
}
