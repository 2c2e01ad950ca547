// SPDX-License-Identifier: BSD-3-Clause
// What a run keeps between its passes: in memory, or in a folder whence an interrupted run goes on.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/checksum.hpp"
#include "gpuimg/io/file.hpp"
#include "gpuimg/io/file_replacement.hpp"
#include "gpuimg/io/random_access_file.hpp"
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

/// A file without a name among the system's temporary ones, which only grows: it is gone when the
/// process ends, however it ends. Any number of threads.
class nameless_file {
 public:
  /// Returns where the bytes are.
  std::uint64_t append(std::span<const std::byte> bytes) {
    const std::uint64_t at = end_.fetch_add(bytes.size());
    file_.write(at, bytes);
    return at;
  }
  void read(std::uint64_t at, std::span<std::byte> to) const {
    if (file_.read(at, to) != to.size()) throw io_error(folder_, -1, "a temporary file is cut off");
  }

 private:
  static std::string temporary_folder() {
    std::error_code failure;
    const auto folder = std::filesystem::temp_directory_path(failure);
    if (failure) throw io_error("the folder of temporary files", -1, failure.message());
    return folder.string();
  }
  static io::detail::random_access_file open(const std::string& folder) {
    using io::detail::random_access_file;
    const io::file_replacement named((std::filesystem::path(folder) / "gpuimg").string());
    return {named.temporary(), random_access_file::access::read_and_write, folder};
  }

  std::string folder_ = temporary_folder();
  io::detail::random_access_file file_ = open(folder_);
  std::atomic<std::uint64_t> end_ = 0;
};

/// Tiles in such a file.
class spilled_store final : public store {
 public:
  spilled_store(std::shared_ptr<nameless_file> file, const host_image& description,
                const shape& chunk)
      : file_(std::move(file)),
        description_(describe(description.size, description.type(), description)),
        chunk_(chunk) {}
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return chunk_; }
  [[nodiscard]] host_image read(const box& part) override {
    return read_chunks(description_, chunk_, part, [&](const box& chunk) { return load(chunk); });
  }
  void write(const box& part, const host_image& pixels) override {
    for_each_chunk(part, chunk_, size(), [&](const box& chunk) {
      with_kept_bytes(tiling::crop(pixels, {from(chunk, part), chunk.size}),
                      [&](std::span<const std::byte> kept) {
                        const place where{file_->append(kept), kept.size()};
                        const std::lock_guard lock(mutex_);
                        places_[chunk.origin] = where;
                      });
    });
  }

 private:
  struct place {
    std::uint64_t at = 0, bytes = 0;
  };

  host_image load(const box& chunk) {
    place where;
    {
      const std::lock_guard lock(mutex_);
      where = places_.at(chunk.origin);
    }
    std::vector<std::byte> kept(where.bytes);
    file_->read(where.at, kept);
    host_image image = zeros(chunk.shape(), type());
    take_kept_bytes(kept, image);
    return image;
  }

  std::shared_ptr<nameless_file> file_;
  host_image description_;
  shape chunk_;
  std::map<extent, place> places_;  // of chunks
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

/// The folder of a run, which is of this run, and no other process's, as long as it is open. Throws
/// io_error where it cannot be made or holds something else.
class run_folder {
 public:
  run_folder(const std::string& path, const std::string& run) : path_(path) {
    std::error_code failure;
    std::filesystem::create_directories(path_, failure);
    if (failure) fail("cannot be made: " + failure.message());
    if (is_unused(path_)) {
      io::detail::output_file file(file_path());
      file.write(run);
      file.close();
    }
    if (!std::filesystem::exists(file_path(), failure))
      fail("is no folder of an interrupted run; name a new or an empty one");
    using io::detail::random_access_file;
    file_.emplace(file_path(), random_access_file::access::read_and_write, path_.string());
    if (!file_->lock()) fail("is in use by another run");
    std::string found(run.size() + 1, '\0');
    found.resize(file_->read(0, std::as_writable_bytes(std::span(found))));
    if (found != run)
      fail("holds what an interrupted run of something else left; remove it to begin anew");
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }
  /// Removes the folder, and what is in it by names that begin with `prefix`; what somebody else
  /// has put there stays.
  void remove(std::string_view prefix) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(path_, ignored))
      if (entry.path().filename().string().starts_with(prefix) ||
          entry.path().extension() == ".tmp")
        std::filesystem::remove_all(entry.path(), ignored);
    std::filesystem::remove(file_path(), ignored);
    std::filesystem::remove(path_, ignored);
  }

 private:
  [[nodiscard]] std::string file_path() const { return path("run"); }
  [[noreturn]] void fail(const std::string& reason) const {
    throw io_error(path_.string(), -1, reason);
  }

  std::filesystem::path path_;
  std::optional<io::detail::random_access_file> file_;
};

}  // namespace detail

/// Keeps images, and what tiles have said, for as long as a run lasts; in a folder longer, if the
/// run is interrupted.
class scratch {
 public:
  /// Images in memory as long as they take so many bytes at the most, others in a file without a
  /// name.
  explicit scratch(std::uint64_t memory) : memory_(memory) {}
  /// Everything in a folder, which is made, or was left by an interrupted run of the same name.
  /// Throws io_error.
  scratch(const std::string& folder, std::string run)
      : run_(std::move(run)), folder_(std::in_place, folder, run_) {}

  /// What is kept from here on belongs to a part of the run that `name` tells from others.
  void begin(const std::string& name) {
    part_ = prefix + name + "_";
    images_ = 0;
  }

  std::shared_ptr<store> make(const host_image& description, const grid& tiles) {
    if (folder_) {
      const std::string name = part_ + "image_" + std::to_string(images_++);
      return std::make_shared<detail::disk_store>(folder_->path(name), description,
                                                  chunk_of(tiles.tile()), run_);
    }
    const std::uint64_t bytes = description.size.pixels() * size_of(description.type());
    if (bytes <= memory_) {
      memory_ -= bytes;
      return std::make_shared<detail::memory_store>(description, tiles);
    }
    if (file_ == nullptr) file_ = std::make_shared<detail::nameless_file>();
    return std::make_shared<detail::spilled_store>(file_, description, chunk_of(tiles.tile()));
  }

  /// What a tile said in a run that was interrupted.
  [[nodiscard]] std::optional<message> find(const std::string& tile) const {
    if (!folder_ || !std::filesystem::exists(path_of(tile))) return std::nullopt;
    io::detail::input_file file(path_of(tile));
    std::uint64_t sum = 0;
    if (file.left() < sizeof sum) return std::nullopt;
    file.read(std::as_writable_bytes(std::span(&sum, 1)));
    std::string bytes = file.read_text(file.left());
    if (sum != io::detail::checksum(std::as_bytes(std::span(bytes)))) return std::nullopt;
    return message(std::move(bytes));
  }
  void keep(const std::string& tile, const message& said) const {
    if (!folder_) return;
    const std::uint64_t sum = io::detail::checksum(std::as_bytes(std::span(said.bytes())));
    io::detail::output_file file(path_of(tile));
    file.write(std::as_bytes(std::span(&sum, 1)));
    file.write(said.bytes());
    file.close();
  }
  /// Nothing goes on from here any more.
  void remove() {
    if (folder_) folder_->remove(prefix);
  }

 private:
  static constexpr const char* prefix = "pass_";

  /// Parts of a tile, as its neighbours read no more than its edges; or else all of it.
  static shape chunk_of(const shape& tile) {
    const auto part = [](std::size_t side, std::size_t step) {
      return side % step == 0 ? step : side;
    };
    const shape best = convenient_part(tile);
    return {part(tile.x, best.x), part(tile.y, best.y), part(tile.z, best.z)};
  }
  [[nodiscard]] std::string path_of(const std::string& tile) const {
    return folder_->path(part_ + tile);
  }

  std::uint64_t memory_ = 0;
  std::shared_ptr<detail::nameless_file> file_;
  std::string run_;
  std::optional<detail::run_folder> folder_;
  std::string part_ = prefix;
  std::size_t images_ = 0;  // of this part
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
