// SPDX-License-Identifier: BSD-3-Clause
// Images: pixels in and out, boxes, copies, devices.
#include "gpuimg/image.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gpuimg/ops/filter/neighborhood_filter.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

using gpuimg::image;
using gpuimg::pull;
using gpuimg::push;
using gpuimg::shape;
using test::same_pixels;

// The page that some drivers want a wrapped pointer to start at.
struct alignas(4096) page {
  std::array<std::uint16_t, 2048> pixels{};
};

std::vector<float> box_of(const std::vector<float>& pixels, const shape& whole,
                          const gpuimg::position& at, const shape& size) {
  std::vector<float> box;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        box.push_back(pixels[at.x + x + whole.x * (at.y + y + whole.y * (at.z + z))]);
  return box;
}

}  // namespace

TEMPLATE_TEST_CASE("image: what is pushed is what is pulled, for every shape", "[core]",
                   std::uint8_t, std::int8_t, std::uint16_t, std::int16_t, std::uint32_t,
                   std::int32_t, float) {
  ON_EVERY_DEVICE(device);
  for (const shape& size : test::awkward_shapes()) {
    const auto pixels = test::random_pixels<TestType>(size, 1, test::content::awkward);
    const auto on_device = push(device, pixels, size);
    CHECK_THAT(on_device, same_pixels(pixels, size));
    std::vector<TestType> into_span(pixels.size()), into_pointer(pixels.size());
    pull(on_device, std::span(into_span));
    pull(on_device, into_pointer.data());
    CHECK(into_span == pixels);
    CHECK(into_pointer == pixels);
  }
}

TEST_CASE("image: vectors, arrays, spans and pointers are pushed alike", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::array<std::uint16_t, 6> pixels{1, 2, 3, 4, 5, 65535};
  const std::vector<std::uint16_t> expected(pixels.begin(), pixels.end());
  CHECK_THAT(push(device, pixels, {3, 2}), same_pixels(expected));
  CHECK_THAT(push(device, expected, {3, 2}), same_pixels(expected));
  CHECK_THAT(push(device, std::span(pixels), {3, 2}), same_pixels(expected));
  CHECK_THAT(push(device, pixels.data(), {3, 2}), same_pixels(expected));
}

TEST_CASE("image: pixels of another type are converted when they are pushed", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::vector<float> pixels{-1.0f,  0.5f,   1.5f,
                                  254.5f, 300.0f, std::numeric_limits<float>::quiet_NaN()};
  CHECK_THAT(push<std::uint8_t>(device, pixels, {6}),
             same_pixels(std::vector<std::uint8_t>{0, 0, 2, 254, 255, 0}));
  CHECK_THAT(push<float>(device, std::vector<std::int8_t>{-128, 127}, {2}),
             same_pixels(std::vector<float>{-128, 127}));
  CHECK_THAT(push<std::int16_t>(device, std::vector<std::uint32_t>{4000000000u, 5}, {2}),
             same_pixels(std::vector<std::int16_t>{32767, 5}));
}

TEST_CASE("image: a wrong number of pixels is refused with both numbers", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::vector<std::uint8_t> five(5);
  CHECK_THROWS_MATCHES(push(device, five, {2, 3}), gpuimg::argument_error,
                       Catch::Message("push: 5 pixels do not fill shape 2x3, which has 6"));
  CHECK_THROWS_MATCHES(push<float>(device, five, {0}), gpuimg::argument_error,
                       Catch::Message("push: 5 pixels do not fill shape 0x1, which has 0"));
  std::vector<std::uint8_t> into(7);
  const auto six = push(device, std::vector<std::uint8_t>(6), {2, 3});
  CHECK_THROWS_MATCHES(pull(six, std::span(into)), gpuimg::argument_error,
                       Catch::Message("pull: 7 pixels do not fill shape 2x3, which has 6"));
  CHECK_THROWS_MATCHES(gpuimg::wrap(device, std::span(into), {2, 3}), gpuimg::argument_error,
                       Catch::Message("wrap: 7 pixels do not fill shape 2x3, which has 6"));
}

TEST_CASE("image: an axis beyond 2^30 pixels is refused", "[core]") {
  ON_EVERY_DEVICE(device);
  constexpr std::size_t most = std::size_t{1} << 30;
  CHECK_THROWS_MATCHES(
      (image<std::uint8_t>(device, {most + 1})), gpuimg::argument_error,
      Catch::Message("an axis may have 1073741824 pixels, got shape 1073741825x1"));
  CHECK_THROWS_AS((image<std::uint8_t>(device, {0, most + 1})), gpuimg::argument_error);
  CHECK((image<std::uint8_t>(device, {0, most})).empty());
}

TEST_CASE("image: a shape of more bytes than 64 bits count is refused", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape size{1 << 30, 1 << 30,
                   4};  // 2^62 pixels: as floats 2^64 bytes, which would count as none
  const float pixel = 0;
  const auto refused =
      Catch::Message("shape 1073741824x1073741824x4 has more bytes than there are addresses");
  CHECK_THROWS_MATCHES(image<float>(device, size), gpuimg::argument_error, refused);
  CHECK_THROWS_MATCHES(push(device, &pixel, size), gpuimg::argument_error, refused);
}

TEST_CASE("image: images without pixels are pushed, pulled, cloned, copied and cropped", "[core]") {
  ON_EVERY_DEVICE(device);
  for (const shape& size : {shape{0}, shape{0, 5}, shape{4, 0, 3}, shape{2, 2, 0}}) {
    const std::vector<float> none;
    auto empty = push(device, none, size);
    CHECK(empty.empty());
    CHECK(empty.size() == 0);
    CHECK_THAT(empty, same_pixels(none, size));
    CHECK_THAT(empty.clone(), same_pixels(none, size));
    CHECK_THAT(copy_to(empty, test::reference()), same_pixels(none, size));
    CHECK_THAT(gpuimg::wrap(device, std::span<float>(), size), same_pixels(none, size));
    CHECK_THAT(crop(empty, {}, size), same_pixels(none, size));
    gpuimg::paste(push(device, none, size), empty, {});
    if (!device.is_reference()) CHECK(empty.opencl_buffer()() == nullptr);
  }
  const auto some = push(device, std::vector<float>{1, 2}, {2});
  CHECK_THAT(crop(some, {1}, {0}), same_pixels(std::vector<float>{}, shape{0}));
}

TEST_CASE("image: a clone has pixels of its own", "[core]") {
  ON_EVERY_DEVICE(device);
  auto original = push(device, std::vector<float>{1, 2, 3}, {3});
  const auto copy = original.clone();
  CHECK(copy.device() == device);
  gpuimg::paste(push(device, std::vector<float>{9}, {1}), original, {1});
  CHECK_THAT(copy, same_pixels(std::vector<float>{1, 2, 3}));
  CHECK_THAT(original, same_pixels(std::vector<float>{1, 9, 3}));
}

TEST_CASE("image: moving keeps the pixels and the device", "[core]") {
  ON_EVERY_DEVICE(device);
  auto first = push(device, std::vector<std::int16_t>{-1, 2}, {2});
  image<std::int16_t> second = std::move(first);
  CHECK_THAT(second, same_pixels(std::vector<std::int16_t>{-1, 2}));
  first = push(device, std::vector<std::int16_t>{7, 8, 9}, {3});
  second = std::move(first);
  CHECK_THAT(second, same_pixels(std::vector<std::int16_t>{7, 8, 9}, shape{3}));
}

TEST_CASE("image: one that was moved from has no pixels and the same device", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::vector<float> pixels{1, 2, 3, 4};
  auto moved = push(device, pixels, {2, 2});
  const image<float> taken = std::move(moved);
  auto assigned = push(device, pixels, {4});
  image<float> target = push(device, pixels, {2, 2});
  target = std::move(assigned);
  const std::vector<float> none;
  for (image<float>* gone : {&moved, &assigned}) {
    CHECK(gone->device() == device);
    CHECK(gone->shape() == shape{0});
    CHECK(gone->size() == 0);
    CHECK(gone->empty());
    CHECK_THAT(*gone, same_pixels(none, shape{0}));
    CHECK_THAT(gone->clone(), same_pixels(none, shape{0}));
    CHECK_THAT(copy_to(*gone, test::reference()), same_pixels(none, shape{0}));
    CHECK_THAT(crop(*gone, {}, {0}), same_pixels(none, shape{0}));
    CHECK_THAT(maximum_filter(*gone, {.radius_x = 1}), same_pixels(none, shape{0}));
    CHECK(gone->opencl_buffer()() == nullptr);
    gpuimg::push(none, *gone);
    gpuimg::paste(gone->clone(), *gone, {});
    CHECK_THROWS_MATCHES(crop(*gone, {}, {1}), gpuimg::argument_error,
                         Catch::Message("crop: a box of 1x1 at (0, 0, 0) does not lie inside 0x1"));
    *gone = push(device, pixels, {4});
    CHECK_THAT(*gone, same_pixels(pixels, shape{4}));
  }
  image<float>& same = target;
  target = std::move(same);
  CHECK_THAT(target, same_pixels(pixels, shape{4}));
  CHECK_THAT(taken, same_pixels(pixels, shape{2, 2}));
}

TEST_CASE("device: one that was moved from is the same device still", "[core]") {
  ON_EVERY_DEVICE(device);
  auto moved = device;
  const gpuimg::device taken = std::move(moved);
  auto assigned = device;
  gpuimg::device target = gpuimg::device::reference();
  target = std::move(assigned);
  for (const gpuimg::device* gone : {&moved, &assigned}) {
    CHECK(*gone == device);
    CHECK(gone->name() == device.name());
    gone->finish();
    gone->trim();
    CHECK_THAT(push(*gone, std::vector<float>{1, 2}, {2}), same_pixels(std::vector<float>{1, 2}));
  }
}

TEST_CASE("image: pixels are pulled into any contiguous range of their type", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::vector<std::int16_t> pixels{-1, 2, 3, 4};
  const auto src = push(device, pixels, {2, 2});
  std::vector<std::int16_t> into_vector(4);
  std::array<std::int16_t, 4> into_array{};
  std::int16_t into_c_array[4] = {};
  pull(src, into_vector);
  pull(src, into_array);
  pull(src, into_c_array);
  CHECK(into_vector == pixels);
  CHECK(std::ranges::equal(into_array, pixels));
  CHECK(std::ranges::equal(into_c_array, pixels));
  std::vector<std::int16_t> five(5);
  CHECK_THROWS_MATCHES(pull(src, five), gpuimg::argument_error,
                       Catch::Message("pull: 5 pixels do not fill shape 2x2, which has 4"));
}

TEST_CASE("image: host pixels are pushed into an image that exists", "[core]") {
  ON_EVERY_DEVICE(device);
  image<std::uint8_t> dst(device, {3, 2});
  gpuimg::push(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, dst);
  CHECK_THAT(dst, same_pixels(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, shape{3, 2}));
  gpuimg::push(std::vector<float>{-1, 0.5f, 1.5f, 300, 7, 8}, dst);
  CHECK_THAT(dst, same_pixels(std::vector<std::uint8_t>{0, 0, 2, 255, 7, 8}, shape{3, 2}));
  CHECK_THROWS_MATCHES(gpuimg::push(std::vector<std::uint8_t>(5), dst), gpuimg::argument_error,
                       Catch::Message("push: 5 pixels do not fill shape 3x2, which has 6"));
}

TEST_CASE("image: a box is pulled as crop takes it out, and pushed as paste puts it in", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape whole{33, 31, 5};
  const auto pixels = test::random_pixels<float>(whole, 8);
  const auto src = push(device, pixels, whole);
  const std::pair<gpuimg::position, shape> boxes[] = {
      {{0, 0, 0}, whole},       {{3, 0, 0}, {5, 31, 5}}, {{32, 30, 4}, {1, 1, 1}},
      {{1, 2, 3}, {17, 13, 2}}, {{0, 7, 0}, {33, 1, 5}}, {{33, 31, 5}, {0, 0, 0}}};
  for (const auto& [at, size] : boxes) {
    const auto box = box_of(pixels, whole, at, size);
    CHECK(pull(src, at, size) == box);
    std::vector<float> into(size.pixels());
    pull(src, at, size, into);
    CHECK(into == box);

    auto pushed = src.clone(), pasted = src.clone();
    const auto patch = test::random_pixels<float>(size, 9);
    gpuimg::push(patch, size, pushed, at);
    gpuimg::paste(push(device, patch, size), pasted, at);
    CHECK_THAT(pushed, same_pixels(pull(pasted)));
  }
  auto bytes = push(device, std::vector<std::uint8_t>(6), {3, 2});
  gpuimg::push(std::vector<float>{300, 2.5f}, {1, 2}, bytes, {1, 0});
  CHECK_THAT(bytes, same_pixels(std::vector<std::uint8_t>{0, 255, 0, 0, 2, 0}));
}

TEST_CASE("image: a box that sticks out, or of another number of pixels, is refused", "[core]") {
  ON_EVERY_DEVICE(device);
  auto image = push(device, std::vector<float>(6, 1), {3, 2});
  std::vector<float> four(4);
  CHECK_THROWS_MATCHES(pull(image, {2, 0}, {2, 2}, four), gpuimg::argument_error,
                       Catch::Message("pull: a box of 2x2 at (2, 0, 0) does not lie inside 3x2"));
  CHECK_THROWS_MATCHES(pull(image, {2, 0}, {2, 2}), gpuimg::argument_error,
                       Catch::Message("pull: a box of 2x2 at (2, 0, 0) does not lie inside 3x2"));
  CHECK_THROWS_MATCHES(pull(image, {}, {3, 1}, four), gpuimg::argument_error,
                       Catch::Message("pull: 4 pixels do not fill shape 3x1, which has 3"));
  CHECK_THROWS_MATCHES(gpuimg::push(four, {2, 2}, image, {0, 1}), gpuimg::argument_error,
                       Catch::Message("push: a box of 2x2 at (0, 1, 0) does not lie inside 3x2"));
  CHECK_THROWS_MATCHES(gpuimg::push(four, {1, 2}, image, {}), gpuimg::argument_error,
                       Catch::Message("push: 4 pixels do not fill shape 1x2, which has 2"));
  CHECK_THAT(image, same_pixels(std::vector<float>(6, 1)));
}

TEST_CASE("image: copies that are waited for later bring the same pixels", "[core]") {
  ON_EVERY_DEVICE(plain);
  std::vector<gpuimg::device> devices{plain};
  if (!plain.is_reference()) {  // with staging memory between, as a GPU of its own memory has it
    auto description = plain.opencl().description();
    description.shares_host_memory = false;
    devices.emplace_back(gpuimg::opencl::device(description));
  }
  const shape size{33, 31, 5};
  for (const auto& device : devices) {
    std::vector<std::vector<float>> given, found(5, std::vector<float>(size.pixels()));
    {
      std::vector<gpuimg::transfer> transfers;
      for (std::size_t i = 0; i < found.size(); ++i) {
        given.push_back(test::random_pixels<float>(size, i));
        image<float> image(device, size);
        transfers.push_back(push_async(given[i], image));
        transfers.push_back(pull_async(image.clone(), found[i]));
      }
      for (std::size_t i = 0; i + 1 < found.size(); ++i) transfers[2 * i + 1].wait();
      transfers.front().wait();
      transfers.front().wait();  // once more does nothing
    }                            // which waits for the last ones
    CHECK(found == given);
    image<float> none(device, {0});
    const std::vector<float> nothing;
    push_async(nothing, none).wait();
    CHECK_THROWS_MATCHES(
        pull_async(none, found[0]), gpuimg::argument_error,
        Catch::Message("pull_async: 5115 pixels do not fill shape 0x1, which has 0"));
  }
}

TEST_CASE("device: an image of a sibling is handed over without a copy", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto sibling = device.sibling();
  CHECK((sibling == device) == device.is_reference());
  CHECK(sibling.name() == device.name());
  const shape size{65, 33};
  const auto pixels = test::random_pixels<float>(size, 1);
  auto original = push(device, pixels, size);
  const cl_mem memory = gpuimg::detail::access::opencl(original).memory;
  const auto blurred = maximum_filter(original, {.radius_x = 2});
  auto moved = move_to(std::move(original), sibling);
  CHECK(moved.device() == sibling);
  CHECK(gpuimg::detail::access::opencl(moved).memory == memory);
  CHECK(original.empty());
  CHECK_THAT(moved, same_pixels(pixels, size));
  CHECK_THAT(maximum_filter(moved, {.radius_x = 2}), same_pixels(pull(blurred)));
  moved = move_to(std::move(moved), device);
  CHECK(moved.device() == device);
  CHECK_THAT(moved, same_pixels(pixels, size));
  CHECK_THAT(move_to(image<float>(device, {0, 3}), sibling),
             same_pixels(std::vector<float>{}, shape{0, 3}));
}

TEST_CASE("device: siblings are different devices to operations", "[core]") {
  for (const auto& device : test::opencl_devices()) {
    const auto sibling = device.sibling();
    const auto src = push(device, std::vector<float>{1}, {1});
    auto dst = push(sibling, std::vector<float>{2, 3}, {2});
    CHECK_THROWS_MATCHES(gpuimg::paste(src, dst, {}), gpuimg::argument_error,
                         Catch::Message("paste: the images are on different devices, " +
                                        device.name() + " and " + device.name()));
    CHECK_THAT(copy_to(src, sibling), same_pixels(std::vector<float>{1}));
  }
}

TEST_CASE("device: an image is not handed to a device that is no sibling", "[core]") {
  ON_EVERY_DEVICE(device);
  for (const auto& other : test::devices()) {
    if (other == device) continue;
    auto src = push(device, std::vector<float>{1}, {1});
    CHECK_THROWS_MATCHES(
        move_to(std::move(src), other), gpuimg::argument_error,
        Catch::Message("move_to: " + other.name() + " is no sibling of the image's device, " +
                       device.name() + "; use copy_to"));
    CHECK_THAT(src, same_pixels(std::vector<float>{1}));
  }
}

TEST_CASE("image: a sibling begins with an image when the work on it is done", "[core]") {
  for (const auto& device : test::opencl_devices()) {
    const shape size{512, 512};
    auto pixels = test::random_pixels<float>(size, 1);
    pixels[512 * 250 + 250] = 1e9f;
    // A chain of launches, each of which takes long: a sibling that does not wait overtakes them.
    auto grown = push(device, pixels, size);
    for (int i = 0; i < 12; ++i)
      grown = maximum_filter(
          grown, {.radius_x = 8, .radius_y = 8, .connectivity = gpuimg::connectivity::box});
    const auto found = pull(move_to(std::move(grown), device.sibling()));
    const auto lit = std::ranges::count(found, 1e9f);
    CHECK(lit == 193 * 193);  // 12 * 8 pixels to each side
  }
}

TEST_CASE("image: work in two siblings at once gives the right pixels", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto sibling = device.sibling();
  const shape size{128, 128};
  for (std::uint64_t i = 0; i < 10; ++i) {  // each image is made by one and used by the other
    const auto pixels = test::random_pixels<float>(size, i);
    image<float> src(device, size);
    auto pushed = push_async(pixels, src);
    auto here = maximum_filter(move_to(std::move(src), sibling), {.radius_x = 2, .radius_y = 2});
    std::vector<float> found(size.pixels());
    auto pulled = pull_async(move_to(std::move(here), device), found);
    const auto expected =
        maximum_filter(push(test::reference(), pixels, size), {.radius_x = 2, .radius_y = 2});
    pulled.wait();
    CHECK(found == pull(expected));
  }
}

#ifndef GPUIMG_TEST_WITH_ASAN  // which ends the program where so much is asked for
TEST_CASE("image: more host memory than there is, is a memory_error", "[core]") {
  ON_EVERY_DEVICE(device);
  const std::uint8_t pixel = 0;
  const shape size{1 << 29, 1 << 29};  // as floats 2^60 bytes
  image<float> dst(device, {1});
  CHECK_THROWS_AS(push<float>(device, std::span(&pixel, size.pixels()), size),
                  gpuimg::memory_error);
  CHECK_THROWS_MATCHES(gpuimg::detail::as_pixels_of<float>(std::span(&pixel, size.pixels())),
                       gpuimg::memory_error,
                       Catch::Message("the host refused 1152921504606846976 bytes"));
  CHECK_THROWS_MATCHES(gpuimg::detail::with_host_memory(0, [] { throw std::bad_alloc(); }),
                       gpuimg::memory_error, Catch::Message("the host refused memory"));
}
#endif

TEST_CASE("image: a vector is wrapped as a span is", "[core]") {
  ON_EVERY_DEVICE(device);
  if (!device.is_reference() && !device.opencl().description().shares_host_memory) return;
  std::vector<float> pixels(1024, 1);
  {
    auto wrapped = gpuimg::wrap(device, pixels, {32, 32});
    gpuimg::push(std::vector<float>{5}, {1}, wrapped, {3, 1});
  }
  CHECK(pixels[35] == 5);
}

TEST_CASE("image: a wrapped image and the host share memory", "[core]") {
  ON_EVERY_DEVICE(device);
  page memory;
  memory.pixels[0] = 1;
  const shape size{64, 32};
  if (!device.is_reference() && !device.opencl().description().shares_host_memory) {
    CHECK_THROWS_MATCHES(
        gpuimg::wrap(device, std::span<std::uint16_t>(memory.pixels), size), gpuimg::argument_error,
        Catch::Message("wrap: " + device.name() + " does not share host memory; use push"));
    return;
  }
  memory.pixels[2047] = 4711;
  {
    auto wrapped = gpuimg::wrap(device, std::span<std::uint16_t>(memory.pixels), size);
    CHECK(pull(wrapped).front() == 1);
    CHECK(pull(wrapped).back() == 4711);
    gpuimg::paste(push(device, std::vector<std::uint16_t>{5, 6}, {2}), wrapped, {3, 1});
    CHECK(pull(wrapped)[67] == 5);
  }
  CHECK(memory.pixels[67] == 5);
  CHECK(memory.pixels[68] == 6);
}

TEST_CASE("image: a wrapped image waits for the work on it before it goes", "[core]") {
  ON_EVERY_DEVICE(device);
  if (!device.is_reference() && !device.opencl().description().shares_host_memory) return;
  const shape size{512, 512};
  const auto pixels = test::random_pixels<float>(size, 5);
  const auto expected = maximum_filter(push(device, pixels, size), {.radius_x = 9, .radius_y = 9});
  auto memory = std::make_unique<std::vector<float>>(pixels);
  auto wrapped = std::make_optional(gpuimg::wrap(device, std::span(*memory), size));
  const auto found = maximum_filter(*wrapped, {.radius_x = 9, .radius_y = 9});
  wrapped.reset();
  std::ranges::fill(*memory, 1e9f);  // what the work would read if it were still under way
  memory.reset();
  CHECK_THAT(found, same_pixels(expected));
}

TEST_CASE("image: copy_to brings the pixels to any device and back", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto pixels = test::random_pixels<std::uint32_t>({17, 5, 3}, 2);
  const auto here = push(device, pixels, {17, 5, 3});
  for (const auto& other : test::devices()) {
    const auto there = copy_to(here, other);
    CHECK(there.device() == other);
    CHECK_THAT(there, same_pixels(pixels, shape{17, 5, 3}));
    CHECK_THAT(copy_to(there, device), same_pixels(pixels));
  }
}

TEST_CASE("crop: the box has the pixels it covers", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape whole{33, 31, 5};
  const auto pixels = test::random_pixels<float>(whole, 3);
  const auto src = push(device, pixels, whole);
  const std::pair<gpuimg::position, shape> boxes[] = {
      {{0, 0, 0}, whole},       {{3, 0, 0}, {5, 31, 5}}, {{32, 30, 4}, {1, 1, 1}},
      {{1, 2, 3}, {17, 13, 2}}, {{0, 7, 0}, {33, 1, 5}}, {{33, 31, 5}, {0, 0, 0}}};
  for (const auto& [at, size] : boxes)
    CHECK_THAT(crop(src, at, size), same_pixels(box_of(pixels, whole, at, size), size));
  const auto flat = push(device, test::ramp<std::uint8_t>({4, 3}), {4, 3});
  CHECK_THAT(crop(flat, {1, 1}, {2, 2}), same_pixels(std::vector<std::uint8_t>{5, 6, 9, 10}));
}

TEST_CASE("crop: a box that sticks out is refused with its place and both sizes", "[core]") {
  ON_EVERY_DEVICE(device);
  const auto src = push(device, std::vector<float>(24), {4, 3, 2});
  CHECK_THROWS_MATCHES(
      crop(src, {1, 0, 0}, {4, 3, 2}), gpuimg::argument_error,
      Catch::Message("crop: a box of 4x3x2 at (1, 0, 0) does not lie inside 4x3x2"));
  CHECK_THROWS_AS(crop(src, {0, 1, 0}, {1, 3, 1}), gpuimg::argument_error);
  CHECK_THROWS_AS(crop(src, {0, 0, 2}, {1, 1, 1}), gpuimg::argument_error);
  CHECK_THROWS_AS(crop(src, {5, 0, 0}, {0, 1, 1}), gpuimg::argument_error);
  CHECK_THROWS_AS(crop(src, {~std::size_t{0}, 0, 0}, {2, 1, 1}), gpuimg::argument_error);
}

TEST_CASE("paste: the box changes and nothing else does", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape whole{33, 31, 5}, size{7, 6, 2};
  const auto before = test::random_pixels<float>(whole, 4),
             patch = test::random_pixels<float>(size, 5);
  auto dst = push(device, before, whole);
  gpuimg::paste(push(device, patch, size), dst, {26, 3, 1});
  auto expected = before;
  for (std::size_t z = 0; z < size.z; ++z)
    for (std::size_t y = 0; y < size.y; ++y)
      for (std::size_t x = 0; x < size.x; ++x)
        expected[26 + x + whole.x * (3 + y + whole.y * (1 + z))] =
            patch[x + size.x * (y + size.y * z)];
  CHECK_THAT(dst, same_pixels(expected));
}

TEST_CASE("paste: an image is not pasted into itself", "[core]") {
  ON_EVERY_DEVICE(device);
  auto image = push(device, std::vector<float>{1, 2}, {2});
  CHECK_THROWS_MATCHES(gpuimg::paste(image, image, {}), gpuimg::argument_error,
                       Catch::Message("paste: an image is not pasted into itself"));
  CHECK_THAT(image, same_pixels(std::vector<float>{1, 2}));
}

TEST_CASE("paste: what crop took out goes back in", "[core]") {
  ON_EVERY_DEVICE(device);
  const shape whole{17, 5, 3};
  const auto pixels = test::random_pixels<std::int8_t>(whole, 6);
  auto dst = push(device, pixels, whole);
  gpuimg::paste(crop(dst, {2, 1, 1}, {9, 3, 2}), dst, {2, 1, 1});
  CHECK_THAT(dst, same_pixels(pixels));
}

TEST_CASE("paste: a box that sticks out, or another device, is refused", "[core]") {
  ON_EVERY_DEVICE(device);
  auto dst = push(device, std::vector<float>(6, 1.0f), {3, 2});
  CHECK_THROWS_MATCHES(gpuimg::paste(push(device, std::vector<float>(4), {2, 2}), dst, {2, 0}),
                       gpuimg::argument_error,
                       Catch::Message("paste: a box of 2x2 at (2, 0, 0) does not lie inside 3x2"));
  const auto other = test::another(test::reference());
  CHECK_THROWS_MATCHES(
      gpuimg::paste(push(other, std::vector<float>(1), {1}), dst, {}), gpuimg::argument_error,
      Catch::Message("paste: the images are on different devices, reference and " + device.name()));
  CHECK_THAT(dst, same_pixels(std::vector<float>(6, 1.0f)));
}
