// SPDX-License-Identifier: BSD-3-Clause
// Which device a name, a number or the environment chooses.
#include "gpuimg/device.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cctype>
#include <string>
#include <vector>

#include "gpuimg/gpuimg.hpp"
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

TEST_CASE("device: without a wish the best is an exact OpenCL device where there is one",
          "[core]") {
  const test::scoped_environment unset("GPUIMG_DEVICE", std::nullopt);
  const auto choice = device::choose();
  CHECK(device::best() == choice.best);
  for (const auto& other : choice.others) CHECK_FALSE(other.reason.empty());
  const auto order = device::by_preference(device::list());
  if (choice.best.is_reference()) {
    CHECK(choice.others.size() == order.size());
  } else {
    REQUIRE(choice.others.size() < order.size());
    CHECK(choice.best.name() == order[choice.others.size()].name);
    CHECK(choice.best.exact().is_exact);
  }
}

TEST_CASE("device: discrete GPUs come first, then others by kind and speed, software last",
          "[core]") {
  const auto info = [](const char* name, cl_device_type type, bool shares, std::uint32_t units,
                       std::uint32_t clock) {
    gpuimg::opencl::device_description d;
    d.name = name;
    d.type = type;
    d.shares_host_memory = shares;
    d.compute_units = units;
    d.clock = clock;
    return gpuimg::device_info{"", name, d.is_gpu() ? "gpu" : "cpu", 0, d};
  };
  auto software = info("llvmpipe", CL_DEVICE_TYPE_CPU, true, 64, 5000);
  software.opencl.is_software = true;
  const auto other = info("other", CL_DEVICE_TYPE_CUSTOM, false, 64, 5000);
  const std::vector<gpuimg::device_info> infos{
      software,
      other,
      info("cpu", CL_DEVICE_TYPE_CPU, true, 64, 5000),
      info("accelerator", CL_DEVICE_TYPE_ACCELERATOR, false, 1, 100),
      info("integrated", CL_DEVICE_TYPE_GPU, true, 96, 3000),
      info("slow", CL_DEVICE_TYPE_GPU, false, 80, 1000),
      info("fast", CL_DEVICE_TYPE_GPU, false, 60, 2000),
      {"gpuimg", "reference", "reference", 0, {}}};
  std::vector<std::string> names;
  for (const auto& d : device::by_preference(infos)) names.push_back(d.name);
  CHECK(names ==
        std::vector<std::string>{"fast", "slow", "integrated", "accelerator", "cpu", "llvmpipe"});
}

TEST_CASE("device: one piece of hardware is one device, however it is asked for", "[core]") {
  for (const auto& info : device::list()) {
    const test::scoped_environment set("GPUIMG_DEVICE", info.name);
    const auto first = device::best(), second = device::best();
    CHECK(first == second);
    CHECK(first == device::by_name(info.name));
    const auto a = push(first, std::vector<float>{1, 2}, {2});
    const auto b = push(second, std::vector<float>{3, 4}, {2});
    CHECK(pull(add_images_weighted(a, b)) == std::vector<float>{4, 6});
  }
  const auto infos = device::list();
  for (std::size_t i = 0; i < infos.size(); ++i) CHECK(device::by_index(i) == device::by_index(i));
  CHECK(device::reference() == device::reference());
}

TEST_CASE("device: a device made from OpenCL's own is a device of its own", "[core]") {
  ON_EVERY_DEVICE(first);
  const device copy = first, other = test::another(first);
  CHECK(copy == first);
  CHECK(other != first);
  CHECK(other.name() == first.name());
}

TEST_CASE("device: what nobody uses any more is made anew, and reads the environment anew",
          "[core]") {
  for (std::size_t i = 0; i + 1 < device::list().size(); ++i) {
    const auto limit_under = [&](const char* text) {
      const test::scoped_environment set("GPUIMG_MEMORY_LIMIT", text);
      return device::by_index(i).opencl().pool().limit();
    };
    CHECK(limit_under("1M") == 1048576);
    CHECK(limit_under("2M") == 2097152);
    const test::scoped_environment set("GPUIMG_MEMORY_LIMIT", "3M");
    const auto kept = device::by_index(i);
    CHECK(limit_under("4M") == 3145728);
  }
}

TEST_CASE("device: the reference has no OpenCL side; finish and trim do no harm", "[core]") {
  const auto reference = device::reference();
  CHECK_THROWS_MATCHES(reference.opencl(), gpuimg::argument_error,
                       Catch::Message("the reference is not an OpenCL device"));
  reference.finish();
  reference.trim();
}
