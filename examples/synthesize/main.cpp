// SPDX-License-Identifier: BSD-3-Clause
// The program that writes a synthetic micrograph of nuclei and its true labels as TIFF files.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "cli/option_names.hpp"
#include "cli/signals.hpp"
#include "gpuimg/io/tiff.hpp"
#include "synthesize/field.hpp"

int main(int argc, char** argv) {
  CLI::App app("Makes a fluorescence micrograph of nuclei whose true labels are known.",
               "synthesize");
  gpuimg::examples::field_options options;
  std::string image_path, labels_path;
  std::vector<std::size_t> size = {options.size.x, options.size.y};
  app.option_defaults()->always_capture_default();
  app.add_option("image", image_path, "TIFF file for the image, 16 bit")->required();
  app.add_option("--labels", labels_path, "TIFF file for the true labels, 32 bit");
  app.add_option("--size", size, "pixels along x, y and, for a volume, z")
      ->expected(2, 3)
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 32));
  app.add_option("--nuclei", options.nuclei, "how many; fewer where no room is left")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 32));
  app.add_option("--radius", options.radius, "mean semi-axis of nuclei, pixels");
  app.add_option("--spacing", options.spacing,
                 "least distance of centres, in sums of mean semi-axes; below 1 nuclei can touch");
  app.add_option("--photons", options.photons, "mean brightness of nuclei, photons per pixel");
  app.add_option("--texture", options.texture, "contrast of chromatin, relative");
  app.add_option("--psf_sigma", options.psf_sigma, "blur along x and y, pixels");
  app.add_option("--psf_sigma_z", options.psf_sigma_z, "blur along z, pixels");
  app.add_option("--background", options.background, "background light, photons per pixel");
  app.add_option("--vignette", options.vignette, "share of light missing in the darkest corner");
  app.add_option("--read_noise", options.read_noise, "of the camera, grey levels");
  app.add_option("--offset", options.offset, "grey level of a dark pixel");
  app.add_option("--seed", options.seed, "the same seed makes the same pixels");

  gpuimg::cli::clean_up_on_signals();
  try {
    std::vector<std::string> words(argv + 1, argv + argc);
    gpuimg::cli::accept_dashes(words);
    std::reverse(words.begin(), words.end());  // the order in which CLI11 takes them
    app.parse(std::move(words));
    options.size = {size[0], size[1], size.size() == 3 ? size[2] : 1};
    gpuimg::io::check_writable(image_path);
    if (!labels_path.empty()) gpuimg::io::check_writable(labels_path);
    const gpuimg::examples::field field = gpuimg::examples::synthesize(options);
    gpuimg::io::write_tiff(image_path,
                           gpuimg::view<const std::uint16_t>(field.image.data(), field.size));
    if (!labels_path.empty())
      gpuimg::io::write_tiff(labels_path,
                             gpuimg::view<const std::uint32_t>(field.labels.data(), field.size));
    std::cout << image_path << ": " << to_string(field.size) << ", " << field.nuclei << " nuclei\n";
    return 0;
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const std::bad_alloc&) {
    std::cerr << "error: not enough memory for " << to_string(options.size) << " pixels\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 2;
  }
}
