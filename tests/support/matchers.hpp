// SPDX-License-Identifier: BSD-3-Clause
// Compares images with expected pixels; on failure says where the first difference is and how
// large.
#pragma once

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/image.hpp"

namespace test {

inline std::string text_of(double value) {
  std::ostringstream text;
  text.precision(17);
  text << value;
  return text.str();
}

/// Equal bits; one NaN is as good as another.
template <class T>
bool same_bits(T a, T b) {
  if constexpr (std::same_as<T, float>)
    return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) ||
           (std::isnan(a) && std::isnan(b));
  else if constexpr (std::same_as<T, double>)
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
           (std::isnan(a) && std::isnan(b));
  else
    return a == b;
}

inline bool is_near(double value, double expected, double absolute, double relative) {
  if (value == expected || (std::isnan(value) && std::isnan(expected))) return true;
  return std::abs(value - expected) <= absolute + relative * std::abs(expected);
}

/// What differs between two runs of pixels of one shape; empty where `equal(a, b)` holds
/// everywhere.
template <class A, class B, class Equal>
std::string difference(const std::vector<A>& found, const std::vector<B>& expected,
                       const gpuimg::shape& shape, const Equal& equal) {
  if (found.size() != expected.size())
    return "has " + std::to_string(found.size()) + " pixels, not " +
           std::to_string(expected.size());
  std::size_t count = 0, first = 0;
  double greatest = 0;
  for (std::size_t i = found.size(); i-- > 0;) {
    if (equal(found[i], expected[i])) continue;
    ++count;
    first = i;
    const double apart = std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i]));
    greatest = std::isnan(apart) ? greatest : std::max(greatest, apart);
  }
  if (count == 0) return {};
  return std::to_string(count) + " of " + std::to_string(found.size()) +
         " pixels differ, by up to " + text_of(greatest) + "; first at (" +
         std::to_string(first % shape.x) + ", " + std::to_string(first / shape.x % shape.y) + ", " +
         std::to_string(first / shape.x / shape.y) +
         "): " + text_of(static_cast<double>(found[first])) + " instead of " +
         text_of(static_cast<double>(expected[first]));
}

template <gpuimg::pixel T>
class same_pixels_matcher : public Catch::MatcherBase<gpuimg::image<T>> {
 public:
  same_pixels_matcher(std::vector<T> expected, std::optional<gpuimg::shape> shape)
      : expected_(std::move(expected)), shape_(shape) {}
  bool match(const gpuimg::image<T>& image) const override {
    message_ = shape_ && *shape_ != image.shape()
                   ? "has shape " + to_string(image.shape()) + ", not " + to_string(*shape_)
                   : difference(pull(image), expected_, image.shape(), same_bits<T>);
    return message_.empty();
  }
  std::string describe() const override {
    return message_.empty() ? "has the expected pixels" : message_;
  }

 private:
  std::vector<T> expected_;
  std::optional<gpuimg::shape> shape_;
  mutable std::string message_;
};

/// The image has exactly these pixels, and this shape where one is given.
template <gpuimg::pixel T>
same_pixels_matcher<T> same_pixels(std::vector<T> expected,
                                   std::optional<gpuimg::shape> shape = std::nullopt) {
  return {std::move(expected), shape};
}

/// The image has the pixels and the shape of another one, whatever device that is on.
template <gpuimg::pixel T>
same_pixels_matcher<T> same_pixels(const gpuimg::image<T>& expected) {
  return {pull(expected), expected.shape()};
}

template <gpuimg::pixel T>
class near_pixels_matcher : public Catch::MatcherBase<gpuimg::image<T>> {
 public:
  near_pixels_matcher(std::vector<double> expected, double absolute, double relative)
      : expected_(std::move(expected)), absolute_(absolute), relative_(relative) {}
  bool match(const gpuimg::image<T>& image) const override {
    message_ = difference(pull(image), expected_, image.shape(), [this](T value, double expected) {
      return is_near(static_cast<double>(value), expected, absolute_, relative_);
    });
    return message_.empty();
  }
  std::string describe() const override {
    return message_.empty() ? "is near the expected pixels" : message_;
  }

 private:
  std::vector<double> expected_;
  double absolute_, relative_;
  mutable std::string message_;
};

/// The image's pixels differ from these by at most `absolute` + `relative` * |expected|.
template <gpuimg::pixel T = float, class U>
near_pixels_matcher<T> near_pixels(const std::vector<U>& expected, double absolute,
                                   double relative = 0) {
  return {{expected.begin(), expected.end()}, absolute, relative};
}

}  // namespace test

template <gpuimg::pixel T>
struct Catch::StringMaker<gpuimg::image<T>> {
  static std::string convert(const gpuimg::image<T>& image) {
    return "image " + to_string(image.shape()) + " " +
           std::string(gpuimg::name_of(gpuimg::pixel_type_of<T>())) + " on " +
           image.device().name();
  }
};
