// SPDX-License-Identifier: BSD-3-Clause
// Byte counts in words, and the ledger of device memory.
#include "gpuimg/core/memory_budget.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/process.hpp"

using gpuimg::parse_bytes;

TEST_CASE("parse_bytes: takes a number and a suffix that is a power of 1024", "[core]") {
  CHECK(parse_bytes("0") == 0);
  CHECK(parse_bytes("1073741824") == 1073741824);
  CHECK(parse_bytes("1K") == 1024);
  CHECK(parse_bytes("512M") == 512u << 20);
  CHECK(parse_bytes("512m") == 512u << 20);
  CHECK(parse_bytes("1.5G") == 3u << 29);
  CHECK(parse_bytes("2T") == std::uint64_t{2} << 40);
}

TEST_CASE("parse_bytes: says what it wants where it gets anything else", "[core]") {
  for (const char* text : {"", "M", "-1", "1X", "1MB", "1 M", "nan", "inf", "1e30", "twelve"}) {
    INFO("text '" << text << "'");
    CHECK_THROWS_MATCHES(
        parse_bytes(text), gpuimg::argument_error,
        Catch::Message("'" + std::string(text) +
                       "' is not a number of bytes such as 1073741824, 512M or 2G"));
  }
}

TEST_CASE("memory_limit: comes from GPUIMG_MEMORY_LIMIT where that is set", "[core]") {
  {
    const test::scoped_environment unset("GPUIMG_MEMORY_LIMIT", std::nullopt);
    CHECK(gpuimg::memory_limit(42) == 42);
  }
  {
    const test::scoped_environment empty("GPUIMG_MEMORY_LIMIT", "");
    CHECK(gpuimg::memory_limit(42) == 42);
  }
  {
    const test::scoped_environment set("GPUIMG_MEMORY_LIMIT", "3K");
    CHECK(gpuimg::memory_limit(42) == 3072);
  }
  const test::scoped_environment wrong("GPUIMG_MEMORY_LIMIT", "lots");
  CHECK_THROWS_MATCHES(
      gpuimg::memory_limit(42), gpuimg::argument_error,
      Catch::Message("GPUIMG_MEMORY_LIMIT: 'lots' is not a number of bytes such as "
                     "1073741824, 512M or 2G [environment]"));
}

TEST_CASE("memory_budget: books bytes up to its limit and not one more", "[core]") {
  gpuimg::memory_budget budget(100);
  budget.take(60);
  budget.take(40);
  CHECK_THROWS_MATCHES(budget.take(1), gpuimg::memory_error,
                       Catch::Message("needs 1 bytes of device memory, 100 are in use, the budget "
                                      "is 100"));
  CHECK(budget.used() == 100);
  budget.give_back(60);
  CHECK(budget.used() == 40);
  CHECK(budget.peak() == 100);
  CHECK_THROWS_AS(budget.take(~std::uint64_t{0}), gpuimg::memory_error);
  CHECK(budget.used() == 40);
}

TEST_CASE("memory_budget: what parts hold together is bounded by the whole", "[core]") {
  gpuimg::memory_budget whole(100);
  gpuimg::memory_budget one(100, &whole), other(50, &whole);
  one.take(70);
  CHECK(whole.used() == 70);
  CHECK_THROWS_MATCHES(other.take(31), gpuimg::memory_error,
                       Catch::Message("needs 31 bytes of device memory, 70 are in use, the budget "
                                      "is 100"));
  CHECK(other.used() == 0);
  other.take(30);
  CHECK(whole.used() == 100);
  one.give_back(70);
  CHECK(whole.used() == 30);
  CHECK_THROWS_MATCHES(other.take(21), gpuimg::memory_error,
                       Catch::Message("needs 21 bytes of device memory, 30 are in use, the budget "
                                      "is 50"));
  CHECK(whole.used() == 30);
}

TEST_CASE("memory_budget: a limit can be set again, and a part's may raise the whole's", "[core]") {
  gpuimg::memory_budget whole(100);
  gpuimg::memory_budget part(100, &whole);
  part.take(60);
  part.set_limit(50);
  CHECK(part.limit() == 50);
  CHECK(whole.limit() == 100);
  CHECK_THROWS_AS(part.take(1), gpuimg::memory_error);
  CHECK(part.used() == 60);
  part.set_limit(200);
  CHECK(whole.limit() == 200);
  part.take(140);
  CHECK(whole.used() == 200);
}

TEST_CASE("memory_budget: threads that take and give back leave nothing booked", "[core]") {
  gpuimg::memory_budget budget(1000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&budget] {
      for (int i = 0; i < 1000; ++i) {
        budget.take(100);
        budget.give_back(100);
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(budget.used() == 0);
  CHECK(budget.peak() <= 800);
}
