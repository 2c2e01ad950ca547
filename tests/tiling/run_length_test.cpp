// SPDX-License-Identifier: BSD-3-Clause
// tiling/run_length.hpp: pixels come back, few different ones from few bytes, and damage is seen.
#include "gpuimg/tiling/run_length.hpp"

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <vector>

using gpuimg::tiling::detail::decode_runs;
using gpuimg::tiling::detail::encode_runs;

namespace {

template <class T>
std::vector<std::byte> encoded(const std::vector<T>& pixels) {
  return encode_runs(std::span(pixels));
}

/// Whether decoding gives these pixels, bit by bit.
template <class T>
bool comes_back(const std::vector<T>& pixels) {
  const auto bytes = encoded(pixels);
  std::vector<T> decoded(pixels.size(), T{77});
  return decode_runs(std::span<const std::byte>(bytes), std::span(decoded)) &&
         (pixels.empty() ||
          std::memcmp(decoded.data(), pixels.data(), pixels.size() * sizeof(T)) == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("encode_runs: pixels come back, whatever their runs", "[tiling]", std::uint8_t,
                   std::int8_t, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, float) {
  std::mt19937 random(3);
  CHECK(comes_back(std::vector<TestType>{}));
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<TestType> pixels;
    const unsigned longest = 1U << random() % 12;
    for (unsigned runs = static_cast<unsigned>(random() % 20); runs > 0; --runs)
      pixels.insert(pixels.end(), 1 + random() % longest, static_cast<TestType>(random() % 3));
    REQUIRE(comes_back(pixels));
  }
}

TEST_CASE("encode_runs: labels take a fraction of their bytes, noise hardly more", "[tiling]") {
  std::vector<std::uint32_t> labels;
  for (std::uint32_t label = 0; label < 1000; ++label) labels.insert(labels.end(), 20, label * 7);
  CHECK(encoded(labels).size() == 1000 * 5);
  CHECK(encoded(std::vector<std::uint8_t>(1 << 20)).size() == 5);

  std::mt19937 random(4);
  std::vector<std::uint32_t> noise(1000);
  for (auto& pixel : noise) pixel = static_cast<std::uint32_t>(random());
  CHECK(encoded(noise).size() == 4000 + 2);
}

TEST_CASE("encode_runs: floats are told apart by their bits", "[tiling]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> pixels(10, 0.0F);
  pixels.insert(pixels.end(), 10, -0.0F);
  pixels.insert(pixels.end(), 10, nan);
  CHECK(comes_back(pixels));
  CHECK(encoded(pixels).size() == 3 * 5);
}

TEST_CASE("decode_runs: damaged bytes are refused or give as many pixels", "[tiling]") {
  std::mt19937 random(5);
  std::vector<std::uint16_t> pixels(300);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint16_t>(i % 50 < 30 ? 5 : i);
  const auto whole = encoded(pixels);
  std::vector<std::uint16_t> decoded(pixels.size());
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes)
    CHECK_FALSE(decode_runs(std::span<const std::byte>(whole).first(bytes), std::span(decoded)));
  CHECK_FALSE(
      decode_runs(std::span<const std::byte>(whole), std::span(decoded).first(decoded.size() - 1)));
  std::size_t refused = 0;
  for (int repeat = 0; repeat < 2000; ++repeat) {
    auto bytes = whole;
    bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    refused += decode_runs(std::span<const std::byte>(bytes), std::span(decoded)) ? 0 : 1;
  }
  CHECK(refused > 0);
}
