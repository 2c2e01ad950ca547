// SPDX-License-Identifier: BSD-3-Clause
// A TIFF file as an image that is read in parts.
#pragma once

#include <cstdint>
#include <string>

#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/io/tiff/info.hpp"
#include "gpuimg/io/tiff/read.hpp"
#include "gpuimg/tiling/box.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

/// One channel and frame of a TIFF file that read_tiff reads, read in parts. One thread at a time;
/// for several, open the file several times.
///
/// Pixels that are not compressed are read from their place in the file. Of others the strips and
/// tiles that a part touches are decoded, each as a whole; those used last are kept. So a volume
/// with one compressed strip per page is best read in whole planes, as `chunk` says.
class tiff_source final : public tiling::source {
 public:
  /// `options` say which volume is read, what becomes of colours, and how many bytes a part and one
  /// strip or tile may take; `cache_bytes` how many bytes of decoded ones are kept. Throws what
  /// read_tiff throws before it reads pixels.
  explicit tiff_source(const std::string& path, const tiff_read_options& options = {},
                       std::uint64_t cache_bytes = std::uint64_t{1} << 28)
      : reader_(path, cache_bytes), options_(options), description_(reader_.describe(options)) {}

  /// What the file says about all its volumes.
  [[nodiscard]] const tiff_info& info() const { return reader_.info(); }
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return reader_.block(); }
  [[nodiscard]] host_image read(const tiling::box& part) override {
    return reader_.read(options_, part);
  }

 private:
  tiff_reader reader_;
  tiff_read_options options_;
  host_image description_;
};

}  // namespace gpuimg::io
