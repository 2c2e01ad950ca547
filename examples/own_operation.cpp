// SPDX-License-Identifier: BSD-3-Clause
// An operation of your own: checked, run where images live, compared with its reference.
#include <cstdint>
#include <cstdio>
#include <gpuimg/agreement/compare.hpp>
#include <gpuimg/gpuimg.hpp>
#include <vector>

// [own_operation]
struct flat_field {  // (src - dark) * gain, a camera's correction
  float dark = 0;

  static constexpr gpuimg::operation_info about{
      .name = "flat_field",
      .theme = "pointwise",
      .brief = "Subtract the dark level, multiply by each pixel's gain",
      .source = "the lab",
      .inputs = {{{"src", gpuimg::kind::image}, {"gain", gpuimg::kind::image}}},
      .outputs = {{{"dst", gpuimg::kind::image}}}};
  static constexpr void parameters(auto&& p) {
    p("dark", &flat_field::dark, "grey level", "what the camera shows in the dark", 0, 65535);
  }
  template <gpuimg::pixel T>
  using dst_pixel = float;

  void operator()(const gpuimg::opencl::device& device, const gpuimg::opencl::buffer_view& dst,
                  const gpuimg::opencl::buffer_view& src,
                  const gpuimg::opencl::buffer_view& gain) const {
    static constexpr gpuimg::opencl::kernel_source source{"lab/flat_field", R"(
      kernel void flat_field(global float* dst, global const SRC_T* src, global const float* gain,
                             const ulong count, const float dark) {
        const size_t i = get_global_id(0);
        if (i < count) dst[i] = ((float)src[i] - dark) * gain[i];
      })"};
    const cl_ulong count = dst.shape.pixels();
    device.launch(source, "flat_field", {{"SRC_T", opencl_name_of(src.type)}}, {count},
                  {dst, src, gain, count, dark});
  }
  template <gpuimg::pixel T>
  void operator()(const gpuimg::reference::device&, gpuimg::view<float> dst,
                  gpuimg::view<const T> src, gpuimg::view<const float> gain) const {
    for (std::size_t i = 0; i < dst.size(); ++i)
      dst[i] = (static_cast<float>(src[i]) - dark) * gain[i];
  }
};
template <>
inline constexpr bool gpuimg::is_operation<flat_field> = true;
// [own_operation]

int main() {
  const auto device = gpuimg::device::best();
  const gpuimg::shape size{640, 480};
  const auto src = gpuimg::push(device, std::vector<std::uint16_t>(size.pixels(), 500), size);
  const auto gain = gpuimg::push(device, std::vector<float>(size.pixels(), 1.5f), size);
  const auto corrected = gpuimg::run(flat_field{.dark = 100}, src, gain);
  const auto difference = gpuimg::difference_from_reference(flat_field{.dark = 99.5f}, src, gain);
  std::printf("%s %s\n", device.name().c_str(), difference.empty() ? "agrees" : difference.c_str());
  return difference.empty() && gpuimg::mean_of_all_pixels(corrected) == 600 ? 0 : 1;
}
