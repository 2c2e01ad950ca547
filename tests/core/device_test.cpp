// SPDX-License-Identifier: BSD-3-Clause
// Which device a name, a number or the environment chooses.
#include "gpuimg/device.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <string>

#include "support/devices.hpp"
#include "support/process.hpp"

namespace {

using gpuimg::device;

std::string names_of_all() {
  std::string text;
  const auto infos = device::list();
  for (std::size_t i = 0; i < infos.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(i) + " " + infos[i].name;
  return text;
}

}  // namespace

TEST_CASE("device: the list ends with the reference, and every place in it is a device", "[core]") {
  const auto infos = device::list();
  REQUIRE_FALSE(infos.empty());
  CHECK(infos.back().name == "reference");
  CHECK(infos.back().kind == "reference");
  CHECK(infos.back().memory == 0);
  for (std::size_t i = 0; i < infos.size(); ++i) {
    CHECK(device::by_index(i).name() == infos[i].name);
    CHECK(device::by_name(std::to_string(i)).name() == infos[i].name);
    CHECK(device::by_index(i).is_reference() == (i + 1 == infos.size()));
  }
  CHECK_THROWS_MATCHES(device::by_index(infos.size()), gpuimg::argument_error,
                       Catch::Message("there is no device " + std::to_string(infos.size()) +
                                      "; there are " + names_of_all()));
}

TEST_CASE("device: a part of the name in any case is enough", "[core]") {
  CHECK(device::by_name("reference").is_reference());
  CHECK(device::by_name("REFER").is_reference());
  for (const auto& info : device::list()) {
    std::string upper = info.name;
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
    CHECK(device::by_name(upper).name() == info.name);
  }
}

TEST_CASE("device: platform:device counts from zero among OpenCL devices", "[core]") {
  const auto infos = device::list();
  if (infos.size() > 1) CHECK(device::by_name("0:0").name() == infos[0].name);
  CHECK_THROWS_MATCHES(device::by_name("0:99"), gpuimg::argument_error,
                       Catch::Message("there is no device '0:99'; there are " + names_of_all()));
  CHECK_THROWS_AS(device::by_name("99:0"), gpuimg::argument_error);
}

TEST_CASE("device: an unknown name is refused with the names there are", "[core]") {
  for (const std::string name : {"no such device", "", ":", "1:", "-1", "999999999999999999999"}) {
    INFO("name '" << name << "'");
    CHECK_THROWS_MATCHES(
        device::by_name(name), gpuimg::argument_error,
        Catch::Message("there is no device '" + name + "'; there are " + names_of_all()));
  }
}

TEST_CASE("device: GPUIMG_DEVICE decides which is the best", "[core]") {
  for (const auto& info : device::list()) {
    const test::scoped_environment set("GPUIMG_DEVICE", info.name);
    CHECK(device::best().name() == info.name);
  }
  const test::scoped_environment unknown("GPUIMG_DEVICE", "no such device");
  CHECK_THROWS_AS(device::best(), gpuimg::argument_error);
  const test::scoped_environment empty("GPUIMG_DEVICE", "");
  CHECK_NOTHROW(device::best());
}

TEST_CASE("device: without a wish the best is an OpenCL device where there is one", "[core]") {
  const test::scoped_environment unset("GPUIMG_DEVICE", std::nullopt);
  const auto best = device::best();
  CHECK(best.is_reference() == test::opencl_devices().empty());
  const auto has_gpu = std::ranges::any_of(device::list(), [](auto& d) { return d.kind == "gpu"; });
  if (has_gpu) CHECK(best.opencl().description().is_gpu());
}

TEST_CASE("device: a copy is the same device, another one of the same name is not", "[core]") {
  ON_EVERY_DEVICE(first);
  const device copy = first, other = device::by_name(first.name());
  CHECK(copy == first);
  CHECK(other != first);
  CHECK(other.name() == first.name());
}

TEST_CASE("device: the reference has no OpenCL side; finish and trim do no harm", "[core]") {
  const auto reference = device::reference();
  CHECK_THROWS_MATCHES(reference.opencl(), gpuimg::argument_error,
                       Catch::Message("the reference is not an OpenCL device"));
  reference.finish();
  reference.trim();
}
