// SPDX-License-Identifier: BSD-3-Clause
// The self-test of a device's arithmetic.
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "gpuimg/device.hpp"
#include "gpuimg/opencl/self_test.hpp"
#include "support/devices.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace opencl = gpuimg::opencl;

TEST_CASE("self-test: every device that tests run on is exact", "[opencl]") {
  ON_EVERY_DEVICE(device);
  const auto found = device.exact();
  CHECK(found.reason == "");
  CHECK(found.is_exact);
}

TEST_CASE("self-test: each broken promise is named, and all of them together", "[opencl]") {
  const auto right = opencl::self_test_expected();
  CHECK(opencl::judge(right).is_exact);
  CHECK(opencl::judge(right).reason.empty());
  auto all = right;
  std::set<std::string> reasons;
  std::string joined;
  for (std::size_t i = 0; i < right.size(); ++i) {
    auto wrong = right;
    wrong[i] ^= 1;
    all[i] ^= 1;
    const auto found = opencl::judge(wrong);
    CHECK_FALSE(found.is_exact);
    CHECK(reasons.insert(found.reason).second);
    joined += (i == 0 ? "" : "; ") + found.reason;
  }
  CHECK(opencl::judge(all).reason == joined);
}

TEST_CASE("self-test: an fma where there should be none, and flushed denormals, are found",
          "[opencl]") {
  const auto in = opencl::self_test_input();
  auto answers = opencl::self_test_expected();
  answers[0] = std::bit_cast<std::uint32_t>(std::fma(in[0], in[0], in[1]));
  CHECK(opencl::judge(answers).reason == "a * b + c is contracted to an fma");
  answers = opencl::self_test_expected();
  answers[2] = answers[3] = 0;
  CHECK(opencl::judge(answers).reason ==
        "products lose denormal numbers; sums lose denormal numbers");
}

TEST_CASE("self-test: what is known of a device is kept on disk", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    const test::scoped_environment set("GPUIMG_CACHE", folder.path().string());
    const auto first = test::another(plain), second = test::another(plain);
    CHECK(opencl::known_self_test(first.opencl()).is_exact);
    CHECK(first.opencl().programs().built() == 1);
    CHECK(opencl::known_self_test(second.opencl()).is_exact);
    CHECK(second.opencl().programs().built() == 0);
    const test::scoped_environment off("GPUIMG_CACHE", "off");
    const auto third = test::another(plain);
    CHECK(opencl::known_self_test(third.opencl()).is_exact);
    CHECK(third.opencl().programs().built() == 1);
  }
}

namespace {

struct stop_all : gpuimg::observer {
  void begins(const char*) override {}
  [[nodiscard]] bool stop_requested() const override { return true; }
};

}  // namespace

TEST_CASE("self-test: what could not be tested is not kept, for it may pass", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    const test::scoped_environment set("GPUIMG_CACHE", folder.path().string());
    const auto device = test::another(plain);
    const auto stopped = device.observed_by(std::make_shared<stop_all>());
    const auto failed = opencl::known_self_test(stopped.opencl());
    CHECK_FALSE(failed.is_exact);
    CHECK_FALSE(failed.was_tested);
    CHECK(failed.reason == "the self-test does not run: stopped on request");
    CHECK(opencl::known_self_test(device.opencl()).was_tested);
  }
}

TEST_CASE("self-test: needs none of the budget", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = test::another(plain);
    device.limit_memory(0);
    CHECK(opencl::self_test(device.opencl()).was_tested);
  }
}
