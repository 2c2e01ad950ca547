// SPDX-License-Identifier: BSD-3-Clause
// A page in which people look at the objects that were found in an image.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/table.hpp"

namespace gpuimg::cli {

struct segmentation_page {
  std::string title;                                       ///< the name of the image
  std::vector<std::pair<std::string, std::string>> facts;  ///< "diameter", "24.3 pixels, estimated"
  std::string command;                                     ///< that makes the page again
  const host_image& image;                                 ///< one volume
  const host_image& labels;                                ///< u32, of the same shape
  const table& measurements;             ///< a row per label; the first column is "label"
  std::size_t most_pixels = 32'000'000;  ///< of more, every second or third along an axis is shown
};

/// Writes an HTML file that needs no other: the image slice by slice or as its maximum projection
/// with the outlines of objects, coloured by what was measured, and a table of the measurements.
/// The file appears complete or not at all.
///
/// The grey is that of contrast_of over the volume. Where there are too many pixels, whole factors
/// thin them out along x and y down to 1024 and only then along z. The projection shows the label
/// of the brightest pixel along z, the first of several. Labels of 2^24 and above are not shown.
/// Throws argument_error where the shapes differ, there are no pixels or labels are not u32;
/// io_error where the file cannot be written.
void write_segmentation_page(const std::string& path, const segmentation_page& page);

}  // namespace gpuimg::cli
