// SPDX-License-Identifier: BSD-3-Clause
// What a run keeps between its passes: in memory, or in a folder whence an interrupted run goes on.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "gpuimg/core/text.hpp"
#include "gpuimg/io/checksum.hpp"
#include "gpuimg/io/file.hpp"
#include "gpuimg/tiling/box.hpp"
#include "gpuimg/tiling/pass.hpp"
#include "gpuimg/tiling/scratch.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// A source that is written first, tile by tile. Several threads may write, each its own tiles.
class store : public source {
 public:
  virtual void write(const box& part, const host_image& pixels) = 0;
};

namespace detail {

/// Tiles in memory, those that were written.
class memory_store final : public store {
 public:
  memory_store(const host_image& description, const grid& tiles)
      : description_(describe(description.size, description.type(), description)), tiles_(tiles) {}
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return {1, 1, 1}; }
  [[nodiscard]] host_image read(const box& part) override {
    const std::lock_guard lock(mutex_);
    host_image all = zeros(part.shape(), type());
    tiles_.for_each_in(part, [&](std::size_t tile) {
      const box shared = intersection(part, tiles_[tile]);
      copy_pixels(written_.at(tile), from(shared, tiles_[tile]), all, from(shared, part),
                  shared.size);
    });
    return all;
  }
  void write(const box& part, const host_image& pixels) override {
    const std::lock_guard lock(mutex_);
    tiles_.for_each_in(part, [&](std::size_t tile) { written_[tile] = pixels; });
  }

 private:
  host_image description_;
  grid tiles_;
  std::map<std::size_t, host_image> written_;
  std::mutex mutex_;
};

/// Tiles in a folder.
class disk_store final : public store {
 public:
  disk_store(const std::string& folder, const host_image& description, const shape& chunk,
             const std::string& run)
      : files_(folder, description, chunk, run) {}
  [[nodiscard]] const host_image& description() const override { return files_.description(); }
  [[nodiscard]] shape chunk() const override { return files_.chunk(); }
  [[nodiscard]] host_image read(const box& part) override { return files_.read(part); }
  void write(const box& part, const host_image& pixels) override { files_.write(part, pixels); }

 private:
  scratch_store files_;
};

}  // namespace detail

/// Keeps images, and what tiles have said, for as long as a run lasts; in a folder longer, if the
/// run is interrupted.
class scratch {
 public:
  /// Images in memory as long as they take so many bytes at the most, others in a folder of their
  /// own among the system's temporary files.
  explicit scratch(std::uint64_t memory) : memory_(memory) {}
  /// Everything in a folder, which is made, or was left by an interrupted run of the same name.
  scratch(std::string folder, std::string run) : folder_(std::move(folder)), run_(std::move(run)) {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    if (failure) throw io_error(folder_, -1, "cannot be made: " + failure.message());
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() {
    std::error_code ignored;
    if (run_.empty() && !folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  std::shared_ptr<store> make(const host_image& description, const grid& tiles) {
    const std::uint64_t bytes = description.size.pixels() * size_of(description.type());
    if (run_.empty() && bytes <= memory_) {
      memory_ -= bytes;
      return std::make_shared<detail::memory_store>(description, tiles);
    }
    if (folder_.empty()) folder_ = temporary_folder();
    return std::make_shared<detail::disk_store>(path("image_" + std::to_string(images_++)),
                                                description, chunk_of(tiles.tile()), run_);
  }

  /// What a tile said in a run that was interrupted.
  [[nodiscard]] std::optional<message> find(const std::string& name) const {
    if (run_.empty() || !std::filesystem::exists(path(name))) return std::nullopt;
    io::detail::input_file file(path(name));
    std::uint64_t sum = 0;
    if (file.left() < sizeof sum) return std::nullopt;
    file.read(std::as_writable_bytes(std::span(&sum, 1)));
    std::string bytes = file.read_text(file.left());
    if (sum != io::detail::checksum(std::as_bytes(std::span(bytes)))) return std::nullopt;
    return message(std::move(bytes));
  }
  void keep(const std::string& name, const message& said) const {
    if (run_.empty()) return;
    const std::uint64_t sum = io::detail::checksum(std::as_bytes(std::span(said.bytes())));
    io::detail::output_file file(path(name));
    file.write(std::as_bytes(std::span(&sum, 1)));
    file.write(said.bytes());
    file.close();
  }
  /// Nothing goes on from here any more.
  void remove() {
    if (!run_.empty()) std::filesystem::remove_all(folder_);
  }

 private:
  /// Parts of a tile, as its neighbours read no more than its edges; or else all of it.
  static shape chunk_of(const shape& tile) {
    const auto part = [](std::size_t side, std::size_t step) {
      return side % step == 0 ? step : side;
    };
    const shape best = convenient_part(tile);
    return {part(tile.x, best.x), part(tile.y, best.y), part(tile.z, best.z)};
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (std::filesystem::path(folder_) / name).string();
  }
  static std::string temporary_folder() {
    std::random_device random;
    const auto path = std::filesystem::temp_directory_path() /
                      gpuimg::detail::text({"gpuimg_", random(), "_", random()});
    std::filesystem::create_directory(path);
    return path.string();
  }

  std::uint64_t memory_ = 0;
  std::string folder_, run_;
  std::size_t images_ = 0;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
