// SPDX-License-Identifier: BSD-3-Clause
// An operation of your own with two results, which come as one struct.
#include <cstddef>
#include <cstdio>
#include <gpuimg/agreement/compare.hpp>
#include <gpuimg/gpuimg.hpp>
#include <vector>

// [gradient]
struct gradient {  // half the difference of the two neighbours, along x and along y
  static constexpr gpuimg::operation_info about{
      .name = "gradient",
      .theme = "filter",
      .brief = "Half the difference of a pixel's neighbours, along x and along y",
      .source = "numpy.gradient, inside the image",
      .inputs = {{{"src", gpuimg::kind::image}}},
      .outputs = {{{"along_x", gpuimg::kind::image}, {"along_y", gpuimg::kind::image}}}};
  template <gpuimg::pixel T>
  using dst_pixel = float;
  template <gpuimg::pixel T>
  struct result {  // what run() returns for a first input of pixels T
    gpuimg::image<float> along_x, along_y;
  };

  using memory = gpuimg::opencl::buffer_view;
  void operator()(const gpuimg::opencl::device& device, const memory& along_x,
                  const memory& along_y, const memory& src) const {
    static constexpr gpuimg::opencl::kernel_source source{"lab/gradient", R"(
      kernel void gradient(global float* along_x, global float* along_y, global const SRC_T* src,
                           const uint4 size) {
        const size_t x = get_global_id(0), row = get_global_id(1), y = row % size.y;
        if (x >= size.x || row >= (size_t)size.y * size.z) return;
        const size_t left = x == 0 ? 0 : 1, right = x + 1 == size.x ? 0 : 1, i = x + size.x * row;
        const size_t up = y == 0 ? 0 : size.x, down = y + 1 == size.y ? 0 : size.x;
        along_x[i] = ((float)src[i + right] - (float)src[i - left]) * 0.5f;
        along_y[i] = ((float)src[i + down] - (float)src[i - up]) * 0.5f;
      })"};
    device.launch(source, "gradient", {{"SRC_T", opencl_name_of(src.type)}},
                  {src.shape.x, src.shape.y * src.shape.z}, {along_x, along_y, src, src.shape});
  }
  template <gpuimg::pixel T>
  void operator()(const gpuimg::reference::device&, gpuimg::view<float> along_x,
                  gpuimg::view<float> along_y, gpuimg::view<const T> src) const {
    const auto [nx, ny, nz] = src.shape();
    for (std::size_t i = 0; i < src.size(); ++i) {
      const std::size_t x = i % nx, y = i / nx % ny;
      const std::size_t left = x == 0 ? 0 : 1, right = x + 1 == nx ? 0 : 1;
      const std::size_t up = y == 0 ? 0 : nx, down = y + 1 == ny ? 0 : nx;
      along_x[i] = (static_cast<float>(src[i + right]) - static_cast<float>(src[i - left])) * 0.5f;
      along_y[i] = (static_cast<float>(src[i + down]) - static_cast<float>(src[i - up])) * 0.5f;
    }
  }
};
// [gradient]
template <>
inline constexpr bool gpuimg::is_operation<gradient> = true;

int main() {
  const auto device = gpuimg::device::best();
  std::vector<float> pixels(65 * 40 * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<float>(i % 65 * (i % 65)) + 3.0f * static_cast<float>(i / 65 % 40);
  const auto src = gpuimg::push(device, pixels, {65, 40, 3});

  // [gradient_run]
  const auto [along_x, along_y] = gpuimg::run(gradient{}, src);
  // [gradient_run]

  const float steepest = gpuimg::pull(along_x)[63], slope = gpuimg::pull(along_y)[65];
  const auto difference = gpuimg::difference_from_reference(gradient{}, src);
  std::printf("%g along x, %g along y: %s\n", steepest, slope,
              difference.empty() ? "as the reference" : difference.c_str());
  return steepest == 126 && slope == 3 && difference.empty() ? 0 : 1;
}
