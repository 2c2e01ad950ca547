// SPDX-License-Identifier: BSD-3-Clause
// execute: kernels in plain OpenCL C and in CLIJ's dialect, and what is said of those that are
// wrong.
#include "gpuimg/execute.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

using gpuimg::execute;
using gpuimg::image;
using gpuimg::shape;
using test::same_pixels;

namespace {

constexpr const char* invert_source = R"(
/* kernel void none(); */ // kernel void of(global float* comments) {}
kernel void invert(global float* image, const float white) {
  const size_t i = get_global_id(0) + get_global_size(0) * get_global_id(1);
  image[i] = white - image[i];
})";

// Each work-item writes the pixel on the other side of the middle.
constexpr const char* turn_source = R"(
__constant sampler_t sampler =
    CLK_NORMALIZED_COORDS_FALSE | CLK_ADDRESS_CLAMP_TO_EDGE | CLK_FILTER_NEAREST;

__kernel __attribute__((vec_type_hint(float))) void turn(IMAGE_src_TYPE src, IMAGE_dst_TYPE dst) {
  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2);
  const POS_src_TYPE from = POS_src_INSTANCE(GET_IMAGE_WIDTH(src) - 1 - x,
      GET_IMAGE_HEIGHT(src) - 1 - y, GET_IMAGE_DEPTH(src) - 1 - z, 0);
  const IMAGE_src_PIXEL_TYPE value = READ_IMAGE(src, sampler, from).x;
  WRITE_IMAGE(dst, POS_dst_INSTANCE(x, y, z, 0), value);
})";

// The same through a function, which has to know the sizes.
constexpr const char* turn_by_function_source = R"(
inline float other_side(IMAGE_src_TYPE src, int x, int y, int z, sampler_t sampler) {
  return READ_src_IMAGE(src, sampler, POS_src_INSTANCE(GET_IMAGE_WIDTH(src) - 1 - x,
      GET_IMAGE_HEIGHT(src) - 1 - y, GET_IMAGE_DEPTH(src) - 1 - z, 0)).x;
}
__kernel void turn(IMAGE_src_TYPE src, IMAGE_dst_TYPE dst) {
  const sampler_t sampler = CLK_FILTER_NEAREST;
  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2);
  WRITE_dst_IMAGE(dst, POS_dst_INSTANCE(x, y, z, 0), other_side(src, x, y, z, sampler));
})";

// Of each pixel type an image that is read a pixel further, and one that is written.
std::string all_types_source() {
  const char* const types[] = {"u8", "i8", "u16", "i16", "u32", "i32", "f32"};
  std::string parameters, body;
  for (const std::string type : types) {
    parameters +=
        "IMAGE_" + type + "_TYPE " + type + ", IMAGE_to_" + type + "_TYPE to_" + type + ", ";
    body += "  { const POS_" + type + "_TYPE at = POS_" + type +
            "_INSTANCE(x + right, y, z, 0);\n" + "    const float value = factor * READ_" + type +
            "_IMAGE(" + type + ", sampler, at).x;\n" + "    const POS_to_" + type +
            "_TYPE to = POS_to_" + type + "_INSTANCE(x, y, z, 0);\n" + "    const IMAGE_to_" +
            type + "_PIXEL_TYPE pixel = CONVERT_to_" + type + "_PIXEL_TYPE(value);\n" +
            "    WRITE_to_" + type + "_IMAGE(to_" + type + ", to, pixel); }\n";
  }
  return "__kernel void all_types(" + parameters +
         "const int right, const float factor) {\n"
         "  const sampler_t sampler = CLK_ADDRESS_CLAMP_TO_EDGE;\n"
         "  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2);\n" +
         body + "}\n";
}

template <class T>
std::vector<T> reversed(std::vector<T> pixels) {
  std::ranges::reverse(pixels);
  return pixels;
}

// The pixel to the right, or the edge's, times a factor: saturated, digits after the point cut off.
template <gpuimg::pixel T>
std::vector<T> from_the_right(const std::vector<T>& pixels, const shape& size, float factor) {
  std::vector<T> expected(pixels.size());
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const float value = factor * static_cast<float>(pixels[i % size.x + 1 == size.x ? i : i + 1]);
    expected[i] = gpuimg::convert_pixel<T>(std::same_as<T, float> ? value : std::trunc(value));
  }
  return expected;
}

// What execute says.
template <class Error = gpuimg::argument_error>
std::string message_of(const gpuimg::device& device, const std::string& source,
                       const std::string& kernel,
                       const std::vector<gpuimg::kernel_argument>& parameters,
                       const gpuimg::execute_options& options = {}) {
  try {
    execute(device, source, kernel, {2, 1}, parameters, options);
  } catch (const Error& e) {
    const std::string text = e.what();
    const std::string before = "execute: ", after = " on " + device.name() + "]";
    CHECK_THAT(text, Catch::StartsWith(before) && Catch::EndsWith(after));
    return text.substr(before.size(), text.rfind(" [") - before.size());
  }
  return "it runs";
}

}  // namespace

TEST_CASE("execute: a plain kernel gets pixels and numbers, and exactly the work-items",
          "[custom][execute]") {
  for (const auto& device : test::opencl_devices()) {
    auto description = device.opencl().description();
    description.type = CL_DEVICE_TYPE_GPU;  // where the driver chooses work-groups
    description.compiles_at_launch = false;
    for (const auto& each : {device, gpuimg::device(gpuimg::opencl::device(description))}) {
      auto image = push(each, std::vector<float>{1, 2, 3, 4, 5, 6}, {3, 2});
      execute(each, invert_source, "invert", image.shape(), {{"white", 10}, {"image", image}});
      CHECK_THAT(image, same_pixels(std::vector<float>{9, 8, 7, 6, 5, 4}));
      execute(each, invert_source, "invert", {3}, {{"image", image}, {"white", 0.5f}},
              {.local_size = {1}});
      CHECK_THAT(image, same_pixels(std::vector<float>{-8.5f, -7.5f, -6.5f, 6, 5, 4}));
      execute(each, invert_source, "invert", {3, 0}, {{"image", image}, {"white", 0}});
      CHECK_THAT(image, same_pixels(std::vector<float>{-8.5f, -7.5f, -6.5f, 6, 5, 4}));
    }
  }
}

TEST_CASE("execute: numbers become what their parameters are", "[custom][execute]") {
  constexpr const char* source = R"(
    kernel void numbers(global float* dst, char c, unsigned char uc, const short s, ushort us,
                        int i, unsigned int u, long l, ulong ul, float f) {
      dst[0] = c, dst[1] = uc, dst[2] = s, dst[3] = us, dst[4] = i, dst[5] = u, dst[6] = l,
      dst[7] = ul, dst[8] = f;
    })";
  for (const auto& device : test::opencl_devices()) {
    image<float> dst(device, {9, 1});
    execute(device, source, "numbers", {1},
            {{"dst", dst},
             {"c", -1},
             {"uc", 255u},
             {"s", -300.0},
             {"us", 65535},
             {"i", -70000},
             {"u", 4294967040.0},
             {"l", -5000000000},
             {"ul", 5000000000},
             {"f", 0.1}});
    CHECK_THAT(dst, same_pixels(std::vector<float>{-1, 255, -300, 65535, -70000, 4294967040, -5e9f,
                                                   5e9f, 0.1f}));
    const auto refused = [&](double c, double u, double i) {
      return message_of(device, source, "numbers",
                        {{"dst", dst},
                         {"c", c},
                         {"uc", 0},
                         {"s", 0},
                         {"us", 0},
                         {"i", i},
                         {"u", u},
                         {"l", 0},
                         {"ul", 0},
                         {"f", 0}});
    };
    CHECK(refused(128, 0, 0) == "c is a char, which 128.000000 is not");
    CHECK(refused(0, -1, 0) == "u is a unsigned int, which -1.000000 is not");
    CHECK(refused(0, 0, 0.5) == "i is a int, which 0.500000 is not");
  }
}

TEST_CASE("execute: kernels in CLIJ's dialect read and write all pixel types, in 2D and 3D",
          "[custom][execute][oclgrind]") {
  const std::string source = all_types_source();
  for (const auto& device : test::opencl_devices()) {
    for (const shape& size : {shape{5, 3}, shape{5, 3, 2}}) {
      const auto both = [&]<gpuimg::pixel T>(std::type_identity<T>) {
        struct pair {
          std::vector<T> pixels;
          image<T> src, dst;
        };
        auto pixels = test::random_pixels<T>(size, 1);
        auto src = push(device, pixels, size);
        return pair{std::move(pixels), std::move(src), image<T>(device, size)};
      };
      auto u8 = both(std::type_identity<std::uint8_t>{});
      auto i8 = both(std::type_identity<std::int8_t>{});
      auto u16 = both(std::type_identity<std::uint16_t>{});
      auto i16 = both(std::type_identity<std::int16_t>{});
      auto u32 = both(std::type_identity<std::uint32_t>{});
      auto i32 = both(std::type_identity<std::int32_t>{});
      auto f32 = both(std::type_identity<float>{});
      execute(device, source, "all_types", size,
              {{"u8", std::as_const(u8.src)},
               {"to_u8", u8.dst},
               {"i8", i8.src},
               {"to_i8", i8.dst},
               {"u16", u16.src},
               {"to_u16", u16.dst},
               {"i16", i16.src},
               {"to_i16", i16.dst},
               {"u32", u32.src},
               {"to_u32", u32.dst},
               {"i32", i32.src},
               {"to_i32", i32.dst},
               {"f32", f32.src},
               {"to_f32", f32.dst},
               {"right", 1},
               {"factor", 1.3f}});
      const auto check = [&](const auto& both) {
        CHECK_THAT(both.dst, same_pixels(from_the_right(both.pixels, size, 1.3f)));
      };
      check(u8), check(i8), check(u16), check(i16), check(u32), check(i32), check(f32);
    }
  }
}

TEST_CASE("execute: another size of images compiles nothing", "[custom][execute]") {
  for (const auto& device : test::opencl_devices()) {
    std::uint64_t built = 0;
    for (const shape& size : {shape{4, 3, 2}, shape{7, 1, 5}, shape{2, 6, 3}}) {
      const auto pixels = test::random_pixels<std::uint16_t>(size, 1);
      image<std::uint16_t> dst(device, size);
      const auto src = push(device, pixels, size);
      execute(device, turn_source, "turn", size, {{"src", src}, {"dst", dst}});
      CHECK_THAT(dst, same_pixels(reversed(pixels)));
      if (built > 0) CHECK(device.opencl().programs().built() == built);
      built = device.opencl().programs().built();
    }
  }
}

TEST_CASE("execute: functions of a source know the sizes of images, too", "[custom][execute]") {
  for (const auto& device : test::opencl_devices()) {
    for (const shape& size : {shape{4, 3}, shape{3, 5}}) {
      const auto pixels = test::random_pixels<float>(size, 1);
      image<float> dst(device, size);
      const auto src = push(device, pixels, size);
      execute(device, turn_by_function_source, "turn", size, {{"src", src}, {"dst", dst}});
      CHECK_THAT(dst, same_pixels(reversed(pixels)));
    }
  }
}

TEST_CASE("execute: images of one kernel may be 2D and 3D, and sizes and constants arrays'",
          "[custom][execute]") {
  constexpr const char* source = R"(
    #define PLANES GET_IMAGE_DEPTH(src)
    __kernel void turned_mean(IMAGE_dst_TYPE dst, IMAGE_src_TYPE src) {
      const sampler_t sampler = CLK_FILTER_NEAREST;
      const int x = get_global_id(0), y = get_global_id(1);
      float row[IMAGE_SIZE_src_WIDTH], unused[MAX_ARRAY_SIZE];
      for (int i = 0; i < max((MINMAX_TYPE)ROWS, 0); ++i) row[GET_IMAGE_WIDTH(src) - 1 - i] = 0;
      for (int z = 0; z < PLANES; ++z)
        row[x] += READ_src_IMAGE(src, sampler, POS_src_INSTANCE(x, y, z, 0)).x;
      unused[0] = (M_PI > 3.14f ? -row[x] : 0) / PLANES;
      WRITE_dst_IMAGE(dst, POS_dst_INSTANCE(x, y, 0, 0), CONVERT_dst_PIXEL_TYPE(-unused[0]));
      WRITE_dst_IMAGE(dst, POS_dst_INSTANCE(-1, y, 0, 0), 7);
      WRITE_dst_IMAGE(dst, POS_dst_INSTANCE(x, GET_IMAGE_HEIGHT(dst), 0, 0), 7);
    })";
  for (const auto& device : test::opencl_devices()) {
    const auto src = push(device, std::vector<std::uint8_t>{1, 2, 3, 4, 7, 6, 5, 8}, {2, 2, 2});
    image<float> dst(device, {2, 2});
    execute(device, source, "turned_mean", {2, 2}, {{"src", src}, {"dst", dst}},
            {.constants = {{"ROWS", 2}, {"MAX_ARRAY_SIZE", 3}}});
    CHECK_THAT(dst, same_pixels(std::vector<float>{4, 4, 4, 6}));
  }
}

TEST_CASE("execute: a kernel may have a hundred images", "[custom][execute]") {
  std::string parameters = "IMAGE_dst_TYPE dst", sum = "0";
  for (int i = 0; i < 100; ++i) {
    const std::string name = "src" + std::to_string(i);
    parameters += ", IMAGE_" + name + "_TYPE " + name;
    sum += " + READ_IMAGE(" + name + ", 0, POS_" + name + "_INSTANCE(x, 0, 0, 0)).x";
  }
  const std::string source = "kernel void sum(" + parameters +
                             ") {\n  const int x = get_global_id(0);\n"
                             "  WRITE_IMAGE(dst, POS_dst_INSTANCE(x, 0, 0, 0), " +
                             sum + ");\n}";
  for (const auto& device : test::opencl_devices()) {
    const auto src = push(device, std::vector<float>{1, 2}, {2, 1});
    image<float> dst(device, {2, 1});
    std::vector<gpuimg::kernel_argument> given{{"dst", dst}};
    for (int i = 0; i < 100; ++i) given.emplace_back("src" + std::to_string(i), src);
    execute(device, source, "sum", dst.shape(), given);
    CHECK_THAT(dst, same_pixels(std::vector<float>{100, 200}));
  }
}

TEST_CASE("execute: a kernel that does not build shows its line", "[custom][execute]") {
  const std::string source =
      "__kernel void copy(IMAGE_src_TYPE src,\n"
      "                   IMAGE_dst_TYPE dst) {\n"
      "  const int x = get_global_id(0);\n"
      "  WRITE_dst_IMAGE(dst, POS_dst_INSTANCE(x, 0, 0, 0), undeclared + 1);\n"
      "}\n";
  for (const auto& device : test::opencl_devices()) {
    auto src = push(device, std::vector<float>{1, 2}, {2, 1});
    const auto message_for = [&](const std::string& text) {
      return message_of<gpuimg::build_error>(device, text, "copy", {{"src", src}, {"dst", src}});
    };
    CHECK_THAT(message_for(source),
               Catch::StartsWith("kernel copy does not build with options '-cl-std=CL1.2':\n") &&
                   Catch::Contains("copy:4:") && Catch::Contains("undeclared") &&
                   Catch::Contains("\nline 4:   WRITE_dst_IMAGE(dst, POS_dst_INSTANCE("));
    std::string broken = source;
    CHECK_THAT(message_for(broken.replace(broken.find("__kernel"), 8, "__kernal")),
               Catch::Contains("copy:1:") && Catch::Contains("\nline 1: __kernal void copy("));
    broken = source;
    CHECK_THAT(message_for(broken.erase(broken.find(") {"), 1)), Catch::Contains("\nline 2: "));
    broken = source.substr(0, source.rfind('}'));
    CHECK_THAT(message_for(broken.replace(broken.find("undeclared"), 10, "1")),
               Catch::Contains("copy:"));

    const auto constant = push(device, std::vector<float>{1, 2}, {2, 1});
    broken = source;
    broken.replace(broken.find("undeclared"), 10, "1");
    CHECK_THAT(
        message_of<gpuimg::build_error>(device, broken, "copy", {{"src", src}, {"dst", constant}}),
        Catch::Contains("copy:4:") && Catch::Contains("read-only"));
    execute(device, broken, "copy", {2}, {{"src", constant}, {"dst", src}});
    CHECK_THAT(src, same_pixels(std::vector<float>{2, 2}));
  }
}

TEST_CASE("execute: says which arguments do not fit", "[custom][execute]") {
  const auto on_reference = push(test::reference(), std::vector<float>{1, 2}, {2, 1});
  CHECK(message_of(test::reference(), invert_source, "invert",
                   {{"image", on_reference}, {"white", 1}}) ==
        "the reference runs no OpenCL C; images must be on an OpenCL device");
  for (const auto& device : test::opencl_devices()) {
    auto image = push(device, std::vector<float>{1, 2}, {2, 1});
    auto small_integers = push(device, std::vector<std::uint8_t>{1, 2}, {2, 1});
    gpuimg::image<float> empty(device, {0, 1});
    using arguments = std::vector<gpuimg::kernel_argument>;
    const auto message_for = [&](const arguments& given,
                                 const gpuimg::execute_options& options = {}) {
      return message_of(device, invert_source, "invert", given, options);
    };
    CHECK(message_of(device, invert_source, "none", {}) ==
          "there is no kernel none in the source; there are invert");
    CHECK(message_of(device, "", "none", {}) ==
          "there is no kernel none in the source; there is none");
    CHECK(message_of(device, invert_source, "in vert", {}) == "'in vert' is no name of a kernel");
    CHECK(message_for({{"image", image}}) ==
          "white is not given; the parameters of invert are image, white");
    CHECK(message_for({{"image", image}, {"white", 1}, {"black", 0}}) ==
          "there is no parameter black; the parameters of invert are image, white");
    CHECK(message_for({{"image", image}, {"white", 1}, {"white", 0}}) ==
          "white is given twice; the parameters of invert are image, white");
    CHECK(message_for({{"image", image}, {"2", 1}}) == "'2' is no name of a parameter");
    CHECK(message_for({{"image", 1}, {"white", 1}}) ==
          "image is a global float *, but a number is given for it; the parameters of invert are "
          "image, white");
    CHECK(message_for({{"image", image}, {"white", image}}) ==
          "white is a const float, but an image is given for it");
    CHECK(message_for({{"image", small_integers}, {"white", 1}}) ==
          "image is a global float *, but the image has u8 pixels");
    CHECK(message_for({{"image", empty}, {"white", 1}}) == "image has no pixels");
    CHECK(message_for({{"image", on_reference}, {"white", 1}}) ==
          "image is on reference, another device than " + device.name() +
              ", on which the kernel is to run");
    CHECK(message_for({{"image", image}, {"white", 1}}, {.local_size = {3}}) ==
          "local_size 3x1 does not divide global_size 2x1");
    CHECK(message_for({{"image", image}, {"white", 1}}, {.constants = {{"A(b)", 1}}}) ==
          "'A(b)' is no name of a constant");
    CHECK(message_of(device, "kernel void f(sampler_t s) {}", "f", {{"s", 1}}) ==
          "s is a sampler_t: numbers are given for float, double and types of whole numbers");
    CHECK_THAT(image, same_pixels(std::vector<float>{1, 2}));
  }
}
