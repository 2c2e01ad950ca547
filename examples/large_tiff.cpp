// SPDX-License-Identifier: BSD-3-Clause
// A TIFF file of any size becomes a mask, part by part; after an interruption the program goes on
// where it was.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <gpuimg/any_image.hpp>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/tiff.hpp>
#include <gpuimg/io/tiff_region.hpp>
#include <vector>

namespace tiling = gpuimg::tiling;

/// A volume that is never in memory as a whole, brightest in front of multiples of 64.
void make_volume(const char* path) {
  const auto description = tiling::describe({600, 500, 40}, gpuimg::pixel_type::u16,
                                            {.pixel_size = {0.5, 0.5, 1}, .unit = "um"});
  tiling::generated_source volume(description, [](const tiling::box& part) {
    std::vector<std::uint16_t> pixels;
    for (std::uint64_t z = part.origin[2]; z < part.end(2); ++z)
      for (std::uint64_t y = part.origin[1]; y < part.end(1); ++y)
        for (std::uint64_t x = part.origin[0]; x < part.end(0); ++x)
          pixels.push_back(static_cast<std::uint16_t>(x % 64 + y % 64 + z % 64));
    return gpuimg::host_image{.size = part.shape(), .pixels = pixels};
  });
  gpuimg::io::tiff_sink file(path, description,
                             {.compression = gpuimg::io::tiff_compression::zstd});
  tiling::for_each_chunk(tiling::whole(file.size()), {256, 256, 16}, file.size(),
                         [&](const tiling::box& part) { file.write(part, volume.read(part)); });
  file.finish();
}

int main() {
  make_volume("large.tif");
  const auto device = gpuimg::device::best();

  // [parts]
  gpuimg::io::tiff_source volume("large.tif");
  gpuimg::io::tiff_sink mask(
      "large_mask.tif",
      tiling::describe(volume.size(), gpuimg::pixel_type::u8, volume.description()),
      {.compression = gpuimg::io::tiff_compression::zstd, .run = "large.tif > 100"});
  const gpuimg::shape parts{256, 256, 16};  // a multiple of mask.chunk()
  tiling::for_each_chunk(
      tiling::whole(volume.size()), parts, volume.size(), [&](const tiling::box& part) {
        if (mask.is_written(part)) return;  // by a run that was interrupted
        const auto pixels = gpuimg::push<std::uint16_t>(device, volume.read(part));
        const auto bright = gpuimg::greater_constant(pixels, {.scalar = 100});
        mask.write(part, gpuimg::pull(bright, volume.description()));
      });
  mask.finish();  // now the file is there
  // [parts]

  const auto result = gpuimg::io::read_tiff("large_mask.tif");
  const auto pixels = result.as<std::uint8_t>();
  const auto bright = std::count(pixels.begin(), pixels.end(), 1);
  std::printf("%s: %td bright pixels\n", to_string(result.size).c_str(), bright);
  return result.size == volume.size() && result.unit == "um" && pixels(63, 63, 39) == 1 &&
                 pixels(64, 64, 0) == 0
             ? 0
             : 1;
}
