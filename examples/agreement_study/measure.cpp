// SPDX-License-Identifier: BSD-3-Clause
// gpuimg itself as a method of the study, on the device that GPUIMG_DEVICE says.
#include <fstream>
#include <gpuimg/any_image.hpp>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/io/csv.hpp>
#include <gpuimg/io/tiff.hpp>

#include "agreement_study/study.hpp"

namespace agreement_study {
namespace {

// [segment]
template <gpuimg::pixel T>
gpuimg::label_image segment(const gpuimg::image<T>& image) {
  const auto blurred = gpuimg::gaussian_blur(image, {.sigma_x = 2, .sigma_y = 2});
  return gpuimg::connected_component_labeling(gpuimg::threshold_otsu(blurred));
}
// [segment]

/// Measures the objects of a label image.
void write_measurements(const fs::path& path, const gpuimg::label_image& labels,
                        const gpuimg::any_image& image) {
  const auto rows = std::visit(
      [&](const auto& pixels) { return gpuimg::labels_statistics(labels, pixels); }, image);
  gpuimg::io::write_csv(path.string(), to_table(rows));
}

}  // namespace

void measure(const fs::path& study, const std::string& method) {
  const auto device = gpuimg::device::best();
  const fs::path given = study / "methods" / method / "given", own = given.parent_path() / "own";
  for (const auto& path : files_of(study / "images", ".tif")) {
    const auto name = path.stem().string();
    const auto file = gpuimg::io::read_tiff(path.string());
    const auto image = gpuimg::push(device, file);
    const auto labels = gpuimg::push<std::uint32_t>(
        device, gpuimg::io::read_tiff((study / "labels" / path.filename()).string()));
    write_measurements(given / (name + ".csv"), labels, image);
    const auto found = std::visit([](const auto& pixels) { return segment(pixels); }, image);
    gpuimg::io::write_tiff((own / path.filename()).string(), gpuimg::pull(found, file));
    write_measurements(own / (name + ".csv"), found, image);
  }
  std::ofstream(own.parent_path() / "version.txt")
      << "gpuimg " << gpuimg::version << ", " << device.name() << '\n';
}

}  // namespace agreement_study
