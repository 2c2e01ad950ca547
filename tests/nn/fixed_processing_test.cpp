// SPDX-License-Identifier: BSD-3-Clause
// Statistics of images that are read in parts, and parts that are processed as the whole is.
#include "gpuimg/nn/fixed_processing.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/layers.hpp"

using namespace gpuimg::nn;
namespace tiling = gpuimg::tiling;

namespace {

tensor_description described(std::vector<processing_step> steps, bool is_3d = false) {
  tensor_description tensor{.id = "raw",
                            .axes = {{axis_kind::batch, "batch"}, {axis_kind::channel, "channel"}}};
  for (const char* axis : {"z", "y", "x"})
    if (is_3d || *axis != 'z') tensor.axes.push_back({axis_kind::space, axis});
  tensor.processing = std::move(steps);
  return tensor;
}

/// A source of one channel of a tensor, which is read in chunks of `rows` rows.
std::shared_ptr<tiling::source> channel_source(const host_tensor& from, std::size_t channel,
                                               const gpuimg::shape& size) {
  const auto all = from.as<float>().subspan(channel * size.pixels(), size.pixels());
  return std::make_shared<tiling::memory_source>(
      gpuimg::host_image{.size = size, .pixels = std::vector<float>(all.begin(), all.end())});
}

const std::vector<std::string> all_axes{"channel", "z", "y", "x"}, space{"z", "y", "x"};

}  // namespace

TEST_CASE("with_statistics_of: the same bits as the steps over all of the image", "[nn]") {
  const std::vector<std::vector<processing_step>> all{
      {steps::ensure_dtype{}, steps::zero_mean_unit_variance{.axes = space}},
      {steps::zero_mean_unit_variance{.axes = all_axes, .eps = 1e-3}},
      {steps::scale_range{.axes = space, .min_percentile = 1, .max_percentile = 99.8}},
      {steps::scale_range{.axes = all_axes}},
      {steps::clip{.min_percentile = 5, .max_percentile = 95, .axes = all_axes},
       steps::scale_linear{.gain = {2, 3}, .offset = {1, 0}, .axis = "channel"},
       steps::zero_mean_unit_variance{.axes = space}},
      {steps::scale_linear{.gain = {0.1}}, steps::scale_range{.axes = space}, steps::sigmoid{}},
      {steps::softmax{"channel"}, steps::zero_mean_unit_variance{.axes = space}},
  };
  for (const gpuimg::shape size : {gpuimg::shape{17, 9}, gpuimg::shape{401, 211},
                                   gpuimg::shape{13, 7, 5}, gpuimg::shape{1, 1}})
    for (std::size_t i = 0; i < all.size(); ++i) {
      INFO("case " << i << ", " << to_string(size));
      const auto description = described(all[i], size.is_3d());
      std::vector<std::int64_t> sizes{1, 2};
      if (size.is_3d()) sizes.push_back(static_cast<std::int64_t>(size.z));
      sizes.insert(sizes.end(),
                   {static_cast<std::int64_t>(size.y), static_cast<std::int64_t>(size.x)});
      const auto image = test::random_tensor(tensor_shape(sizes), i);
      const std::array sources{channel_source(image, 0, size), channel_source(image, 1, size)};
      const auto fixed = with_statistics_of(description, sources);
      auto pixels = image;
      CHECK(fixed.size() == 1);
      process_pixels(fixed, pixels);
      CHECK(pixels.values<float>() == processed(description, image).values<float>());
    }
}

TEST_CASE("with_statistics_of: planes of a stack have their own, for a description of one",
          "[nn]") {
  const gpuimg::shape stack{31, 12, 4};
  const auto image = test::random_tensor({1, 1, 4, 12, 31}, 3);
  const auto description = described(
      {steps::zero_mean_unit_variance{.axes = {"y", "x"}}, steps::scale_linear{.gain = {2}}});
  const std::array sources{channel_source(image, 0, stack)};
  const auto fixed = with_statistics_of(description, sources);
  CHECK(fixed.size() == 4);
  const auto values = image.as<float>();
  for (std::size_t z = 0; z < 4; ++z) {
    host_tensor plane({1, 1, 12, 31}, values.subspan(z * 372, 372));
    const auto wanted = processed(description, plane).values<float>();
    process_pixels(fixed, plane, z);
    CHECK(plane.values<float>() == wanted);
  }
  host_tensor two({1, 1, 2, 12, 31}, values.subspan(372, 744));
  process_pixels(fixed, two, 1);
  const host_tensor second({1, 1, 12, 31}, values.subspan(744, 372));
  const auto wanted = processed(description, second).values<float>();
  CHECK(std::ranges::equal(two.as<float>().subspan(372), wanted));
}

TEST_CASE("statistics: mean, deviation and percentiles are numpy's", "[nn]") {
  // numpy 2.4.6: v = (numpy.arange(100003) * 7919 % 100003) ** 1.5 - 1e6
  std::vector<double> values(100003);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::pow(static_cast<double>(i * 7919 % 100003), 1.5) - 1e6;
  const detail::number_pieces pieces = [&](const auto& take) {
    take(std::span(values).first(10));
    take(std::span(values).subspan(10));
  };
  const auto [mean, deviation] = detail::spread_of(pieces);
  CHECK(mean == Approx(11649521.739061724).epsilon(1e-12));
  CHECK(deviation == Approx(9487207.185099723).epsilon(1e-12));
  const auto found = detail::percentiles_of(pieces, std::array{0., 0.1, 5., 50., 99.8, 100.});
  const std::vector<double> wanted{-1000000.0,         -998999.9699251245, -646436.0022746959,
                                   10180675.299372619, 30528901.565272465, 30623725.289725244};
  for (std::size_t i = 0; i < wanted.size(); ++i)
    CHECK(found[i] == Approx(wanted[i]).epsilon(1e-14));
}

TEST_CASE("with_statistics_of: what parts cannot have is refused", "[nn]") {
  const gpuimg::shape plane{6, 4}, stack{6, 4, 3};
  const auto two = test::random_tensor({1, 2, 3, 4, 6}, 1);
  const auto refusal = [&](processing_step step, const gpuimg::shape& size) -> std::string {
    const std::array sources{channel_source(two, 0, size), channel_source(two, 1, size)};
    try {
      with_statistics_of(described({std::move(step)}), sources);
    } catch (const gpuimg::argument_error& e) {
      return e.what();
    }
    return "";
  };
  const std::string begin = "the steps of the tensor raw ";
  CHECK(refusal(steps::zero_mean_unit_variance{.axes = {"x"}}, plane) ==
        begin + "take statistics of parts along y, which is not done for images in tiles");
  CHECK(refusal(steps::clip{.max_percentile = 9, .axes = space}, plane) ==
        begin +
            "take statistics of each channel, to clip it, which is not done for images in tiles");
  CHECK(refusal(steps::scale_mean_variance{.reference_tensor = "b", .axes = space}, plane) ==
        begin + "take statistics of another tensor, which is not done for images in tiles");
  CHECK(refusal(steps::softmax{"x"}, plane) ==
        begin + "go along another axis than that of channels");
  CHECK(refusal(steps::sigmoid{}, stack).empty());
  CHECK_THROWS_MATCHES(check_per_pixel(described({steps::scale_range{.axes = space}})),
                       gpuimg::argument_error,
                       Catch::Message(begin + "take statistics of all of it"));
}
