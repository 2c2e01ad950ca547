// SPDX-License-Identifier: BSD-3-Clause
// Working together with the user's own OpenCL code.
#define CL_HPP_TARGET_OPENCL_VERSION 120
#define CL_HPP_MINIMUM_OPENCL_VERSION 120
#include <CL/opencl.hpp>
#include <catch2/catch.hpp>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"

namespace {

constexpr const char* triple = "kernel void triple(global float* p) { p[get_global_id(0)] *= 3; }";

struct own_opencl {
  cl::Context context;
  cl::CommandQueue queue;
};

own_opencl make_own(cl_device_id id, cl_command_queue_properties properties = 0) {
  int code = CL_SUCCESS;
  own_opencl own;
  own.context = cl::Context(clCreateContext(nullptr, 1, &id, nullptr, nullptr, &code));
  REQUIRE(code == CL_SUCCESS);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  own.queue = cl::CommandQueue(clCreateCommandQueue(own.context(), id, properties, &code));
#pragma GCC diagnostic pop
  REQUIRE(code == CL_SUCCESS);
  return own;
}

}  // namespace

TEST_CASE("opencl: a device made of the user's context and queue uses just these", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto own = make_own(plain.opencl().description().id);
    const gpuimg::device device(own.context, own.queue);
    CHECK(device.opencl().context()() == own.context());
    CHECK(device.opencl().queue()() == own.queue());
    CHECK(device.name() == plain.name());
    const auto pixels = test::random_pixels<float>({33, 31}, 1);
    const auto blurred = gaussian_blur(push(device, pixels, {33, 31}), {.sigma_x = 1});
    CHECK_THAT(blurred,
               test::same_pixels(gaussian_blur(push(plain, pixels, {33, 31}), {.sigma_x = 1})));
  }
}

TEST_CASE("opencl: a queue that does not execute in order is refused", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto own =
        make_own(plain.opencl().description().id, CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE);
    CHECK_THROWS_MATCHES(gpuimg::device(own.context, own.queue), gpuimg::argument_error,
                         Catch::Message("the command queue must execute in order"));
  }
}

TEST_CASE("opencl: the user's kernel works on an image between two operations", "[opencl]") {
  for (const auto& device : test::opencl_devices()) {
    const auto& cl = device.opencl();
    const auto image = push(device, std::vector<float>{1, 2, 3, 4}, {4});
    const auto before = gaussian_blur(image, {});
    const cl::Buffer buffer = before.opencl_buffer();

    int code = CL_SUCCESS;
    const cl::Program program(clCreateProgramWithSource(
        cl.context()(), 1, const_cast<const char**>(&triple), nullptr, &code));
    REQUIRE(code == CL_SUCCESS);
    REQUIRE(clBuildProgram(program(), 0, nullptr, "", nullptr, nullptr) == CL_SUCCESS);
    const cl::Kernel kernel(clCreateKernel(program(), "triple", &code));
    REQUIRE(code == CL_SUCCESS);
    const cl_mem memory = buffer();
    REQUIRE(clSetKernelArg(kernel(), 0, sizeof memory, &memory) == CL_SUCCESS);
    const std::size_t items = 4, local = 1;
    REQUIRE(clEnqueueNDRangeKernel(cl.queue()(), kernel(), 1, nullptr, &items, &local, 0, nullptr,
                                   nullptr) == CL_SUCCESS);
    CHECK_THAT(gaussian_blur(before, {}), test::same_pixels(std::vector<float>{3, 6, 9, 12}));
  }
}

TEST_CASE("opencl: the buffer of an image outlives the image, with its pixels", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto own = make_own(plain.opencl().description().id);
    const gpuimg::device device(own.context, own.queue);  // nothing else returns to its pool
    const auto& pool = device.opencl().pool();
    cl::Buffer buffer;
    {
      const auto image = push(device, std::vector<float>{5, 6}, {2});
      buffer = image.opencl_buffer();
    }
    CHECK(pool.reserved() == 8);                                     // as long as somebody holds it
    const auto other = push(device, std::vector<float>{7, 8}, {2});  // takes no memory that is lent
    std::vector<float> pixels(2);
    CHECK(clEnqueueReadBuffer(device.opencl().queue()(), buffer(), CL_TRUE, 0, 8, pixels.data(), 0,
                              nullptr, nullptr) == CL_SUCCESS);
    CHECK(pixels == std::vector<float>{5, 6});
    buffer = {};
    CHECK(test::becomes_true([&] { return pool.reserved() == 8; }));  // the other image's
  }
}

TEST_CASE("opencl: an image of the user's buffer shares its pixels", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto own = make_own(plain.opencl().description().id);
    const gpuimg::device device(own.context, own.queue);
    const auto before = device.opencl().pool().reserved();
    int code = CL_SUCCESS;
    const cl::Buffer buffer(clCreateBuffer(own.context(), CL_MEM_READ_WRITE, 16, nullptr, &code));
    REQUIRE(code == CL_SUCCESS);
    const auto write = [&](const std::vector<float>& pixels) {
      REQUIRE(clEnqueueWriteBuffer(own.queue(), buffer(), CL_TRUE, 0, 4 * pixels.size(),
                                   pixels.data(), 0, nullptr, nullptr) == CL_SUCCESS);
    };
    write({1, 2, 3, 4});
    auto image = gpuimg::wrap<float>(device, buffer, {2, 2});
    CHECK(device.opencl().pool().reserved() == before);  // it is the user's memory
    CHECK_THAT(image, test::same_pixels(std::vector<float>{1, 2, 3, 4}, gpuimg::shape{2, 2}));
    write({5, 6, 7, 8});
    CHECK(sum_of_all_pixels(image) == 26);

    gpuimg::push(std::vector<float>{9, 10, 11, 12}, image);
    std::vector<float> pixels(4);
    REQUIRE(clEnqueueReadBuffer(own.queue(), buffer(), CL_TRUE, 0, 16, pixels.data(), 0, nullptr,
                                nullptr) == CL_SUCCESS);
    CHECK(pixels == std::vector<float>{9, 10, 11, 12});
    CHECK(image.opencl_buffer()() == buffer());
    const auto part = gpuimg::wrap<float>(device, buffer, {3});  // the buffer may be larger
    CHECK_THAT(part, test::same_pixels(std::vector<float>{9, 10, 11}));
  }
}

TEST_CASE("opencl: the user's buffer and an image of it outlive each other", "[opencl]") {
  for (const auto& device : test::opencl_devices()) {
    int code = CL_SUCCESS;
    cl::Buffer buffer(
        clCreateBuffer(device.opencl().context()(), CL_MEM_READ_WRITE, 8, nullptr, &code));
    REQUIRE(code == CL_SUCCESS);
    const auto has_owners = [](cl_mem memory, cl_uint count) {
      return test::becomes_true([&] {
        return gpuimg::opencl::info_value<cl_uint>(clGetMemObjectInfo, memory,
                                                   CL_MEM_REFERENCE_COUNT, 0) == count;
      });
    };
    {
      auto image = gpuimg::wrap<float>(device, buffer, {2});
      CHECK(has_owners(buffer(), 2));
      gpuimg::push(std::vector<float>{3, 4}, image);
    }
    CHECK(has_owners(buffer(), 1));
    auto image = gpuimg::wrap<float>(device, buffer, {2});
    buffer = cl::Buffer();
    CHECK_THAT(image, test::same_pixels(std::vector<float>{3, 4}));
    const cl::Buffer again = image.opencl_buffer();
    CHECK(has_owners(again(), 2));
  }
}

TEST_CASE("opencl: a buffer of the user's that cannot be an image is refused", "[opencl]") {
  CHECK_THROWS_MATCHES(gpuimg::wrap<float>(test::reference(), cl::Buffer(), {2}),
                       gpuimg::argument_error,
                       Catch::Message("the reference is not an OpenCL device"));
  for (const auto& device : test::opencl_devices()) {
    CHECK(gpuimg::wrap<float>(device, cl::Buffer(), {0, 3}).shape() == gpuimg::shape{0, 3});
    CHECK_THROWS_MATCHES(gpuimg::wrap<float>(device, cl::Buffer(), {2}), gpuimg::argument_error,
                         Catch::Message("wrap: the buffer has 0 bytes, but the image has 8"));
    const auto make_buffer = [](cl_context context) {
      int code = CL_SUCCESS;
      cl::Buffer buffer(clCreateBuffer(context, CL_MEM_READ_WRITE, 15, nullptr, &code));
      REQUIRE(code == CL_SUCCESS);
      return buffer;
    };
    const auto small = make_buffer(device.opencl().context()());
    CHECK_THROWS_MATCHES(gpuimg::wrap<float>(device, small, {2, 2}), gpuimg::argument_error,
                         Catch::Message("wrap: the buffer has 15 bytes, but the image has 16"));
    const auto elsewhere = make_own(device.opencl().description().id);
    CHECK_THROWS_MATCHES(
        gpuimg::wrap<float>(device, make_buffer(elsewhere.context()), {3}), gpuimg::argument_error,
        Catch::Message("wrap: the buffer belongs to another context than the device"));
  }
}

TEST_CASE("opencl: error codes have their names", "[opencl]") {
  CHECK(gpuimg::opencl::name_of_code(0) == "CL_SUCCESS");
  CHECK(gpuimg::opencl::name_of_code(-4) == "CL_MEM_OBJECT_ALLOCATION_FAILURE");
  CHECK(gpuimg::opencl::name_of_code(-5) == "CL_OUT_OF_RESOURCES");
  CHECK(gpuimg::opencl::name_of_code(-11) == "CL_BUILD_PROGRAM_FAILURE");
  CHECK(gpuimg::opencl::name_of_code(-63) == "CL_INVALID_GLOBAL_WORK_SIZE");
  CHECK(gpuimg::opencl::name_of_code(-9999) == "OpenCL error -9999");
  CHECK_NOTHROW(gpuimg::opencl::check(CL_SUCCESS, "clFinish"));
  CHECK_THROWS_MATCHES(gpuimg::opencl::check(-36, "clFinish"), gpuimg::device_error,
                       Catch::Message("clFinish failed: CL_INVALID_COMMAND_QUEUE"));
}

TEST_CASE("opencl: a kernel that does not compile gives its name, options and log", "[opencl]") {
  for (const auto& device : test::opencl_devices()) {
    const gpuimg::opencl::kernel_source broken{"test/broken", "kernel void broken() { no_such; }",
                                               "0"};
    try {
      device.opencl().launch(broken, "broken", {}, {1});
      FAIL("it compiled");
    } catch (const gpuimg::build_error& e) {
      CHECK(e.kernel() == "test/broken");
      CHECK(e.options() == "-cl-std=CL1.2");
      CHECK_THAT(e.log(), Catch::Contains("no_such"));
      CHECK_THAT(e.what(), Catch::StartsWith("kernel test/broken does not build with options "
                                             "'-cl-std=CL1.2':\n"));
    }
    CHECK_THAT(gaussian_blur(push(device, std::vector<float>{2}, {1}), {}),
               test::same_pixels(std::vector<float>{2}));
  }
}
