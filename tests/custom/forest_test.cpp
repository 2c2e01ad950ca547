// SPDX-License-Identifier: BSD-3-Clause
// A random forest as APOC writes it gives the classes of scikit-learn, which trained it:
// tests/golden/make_forest.py.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gpuimg/execute.hpp"
#include "support/devices.hpp"
#include "support/golden.hpp"
#include "support/matchers.hpp"

namespace {

using pixels = std::vector<std::uint8_t>;

// The pixels up to one pixel away from each, in order, those at the edge again beyond it.
std::vector<pixels> neighbourhoods(const pixels& src, const gpuimg::shape& size) {
  const auto around = [](std::size_t i, std::size_t n) {
    return std::vector{i == 0 ? 0 : i - 1, i, std::min(i + 1, n - 1)};
  };
  std::vector<pixels> all(src.size());
  for (std::size_t i = 0; i < src.size(); ++i) {
    for (const std::size_t z : around(i / size.x / size.y, size.z))
      for (const std::size_t y : around(i / size.x % size.y, size.y))
        for (const std::size_t x : around(i % size.x, size.x))
          all[i].push_back(src[x + size.x * (y + size.y * z)]);
    std::ranges::sort(all[i]);
  }
  return all;
}

}  // namespace

TEST_CASE("execute: a classifier of APOC's gives scikit-learn's classes, in 2D and 3D",
          "[custom][execute]") {
  std::ifstream file(std::string(GPUIMG_TEST_SOURCE_DIR) + "/golden/forest.cl.txt");
  const std::string classifier{std::istreambuf_iterator<char>(file), {}};
  REQUIRE_THAT(classifier, Catch::StartsWith("/*\nOpenCL RandomForestClassifier\n"));
  const test::golden golden("forest");
  for (const std::string name : {"plane", "volume"}) {
    const gpuimg::shape size = golden.shape(name);
    const auto src = golden.values<std::uint8_t>(name);
    pixels greatest, least, median;
    for (const pixels& around : neighbourhoods(src, size)) {
      greatest.push_back(around.back());
      least.push_back(around.front());
      median.push_back(around[around.size() / 2]);
    }
    for (const auto& device : test::opencl_devices()) {
      gpuimg::label_image classes(device, size);
      execute(device, classifier, "predict", size,
              {{"in0", push(device, src, size)},
               {"in1", push(device, greatest, size)},
               {"in2", push(device, least, size)},
               {"in3", push(device, median, size)},
               {"out", classes}});
      CHECK_THAT(classes, test::same_pixels(golden.values<std::uint32_t>(name + "_classes"), size));
    }
  }
}
