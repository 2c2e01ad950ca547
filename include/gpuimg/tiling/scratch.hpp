// SPDX-License-Identifier: BSD-3-Clause
// Intermediate images larger than memory, as files of a folder.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/host_image.hpp"
#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/io/checksum.hpp"
#include "gpuimg/io/file.hpp"
#include "gpuimg/io/random_access_file.hpp"
#include "gpuimg/tiling/box.hpp"
#include "gpuimg/tiling/run_length.hpp"
#include "gpuimg/tiling/storage.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::tiling {

/// An image that is kept in a folder, chunk by chunk: written, then read as often as needed. Images
/// of few different pixels, as label images and masks are, take a fraction of their size.
///
/// A chunk is a file that appears complete or not at all. So after a crash those chunks are there
/// that were written, and no others; a run that opens the folder again goes on from there. The
/// folder is for one machine: its files are in the byte order of this one.
///
/// Any number of threads and processes may write different chunks, and read chunks that are there.
class scratch_store final : public source, public sink {
 public:
  /// Makes the folder, or goes on with the one that an interrupted run of the same name left. `run`
  /// names what is computed, with everything that decides on its pixels; without a name the folder
  /// must be a new or an empty one, and is removed in the end. Throws io_error where the folder
  /// cannot be made or holds something else, argument_error for a chunk without pixels.
  scratch_store(std::string folder, const host_image& description, const shape& chunk,
                const std::string& run = "")
      : folder_(std::move(folder)),
        description_(describe(description.size, description.type(), description)),
        chunk_(chunk),
        is_kept_(!run.empty()) {
    if (chunk.empty()) throw argument_error("scratch_store: a chunk must have pixels");
    const std::string head =
        gpuimg::detail::text({"gpuimg scratch store 1\nsize ", to_string(size()), "\ntype ",
                              name_of(type()), "\nchunk ", to_string(chunk), "\nrun ", run, "\n"});
    std::error_code failure;
    std::filesystem::create_directory(folder_, failure);
    if (failure) fail("cannot be made: " + failure.message());
    if (is_unused()) {
      io::detail::output_file file(head_path());
      file.write(head);
      file.close();
    } else if (!std::filesystem::exists(head_path())) {
      fail("is no folder of intermediate images");
    } else if (!is_kept_) {
      fail("is in use, or was left by a run that was interrupted; remove it to begin anew");
    } else {
      io::detail::input_file file(head_path());
      if (file.bytes() != head.size() || file.read_text(head.size()) != head)
        fail("holds what an interrupted run of something else left; remove it to begin anew");
    }
  }
  ~scratch_store() override {
    if (is_kept_) return;
    try {
      remove();
    } catch (...) {  // what cannot be removed stays
    }
  }

  using source::size;
  using source::type;
  [[nodiscard]] const host_image& description() const override { return description_; }
  [[nodiscard]] shape chunk() const override { return chunk_; }

  /// Throws io_error for chunks that were not written or are damaged, too.
  [[nodiscard]] host_image read(const box& part) override {
    check_inside("scratch_store", part, size());
    host_image pixels = zeros(part.shape(), type(), description_);
    for_each_chunk(part, chunk_, size(), [&](const box& chunk) {
      const host_image stored = read_chunk(chunk);
      const box wanted = intersection(chunk, part);
      detail::copy_pixels(stored, offset(wanted, chunk), pixels, offset(wanted, part), wanted.size);
    });
    return pixels;
  }
  void write(const box& part, const host_image& pixels) override {
    detail::check_part("scratch_store", part, pixels, description_);
    detail::check_aligned("scratch_store", part, size(), chunk_);
    for_each_chunk(part, chunk_, size(), [&](const box& chunk) {
      write_chunk(chunk, crop(pixels, {offset(chunk, part), chunk.size}));
    });
  }
  [[nodiscard]] bool is_written(const box& part) const override {
    bool all = true;
    for_each_chunk(part, chunk_, size(), [&](const box& chunk) { all = all && is_whole(chunk); });
    return all;
  }
  /// The image stays in its folder until `remove`, or without a name until the store is destroyed.
  void finish() override {
    if (!is_written(whole(size()))) throw argument_error("scratch_store: chunks are missing");
  }
  /// Removes the folder with all its chunks; the store is of no use afterwards.
  void remove() {
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      if (entry.path().extension() == ".chunk" || entry.path().extension() == ".tmp")
        std::filesystem::remove(entry.path());
    std::filesystem::remove(head_path());
    std::filesystem::remove(folder_);
  }

 private:
  /// What a chunk's file begins with. Pixels as they are follow, or runs of them where those are
  /// shorter.
  struct header {
    std::array<char, 8> magic{'g', 'p', 'u', 'i', 'm', 'g', 'C', '1'};
    std::uint64_t bytes = 0;  ///< behind the header
    std::uint64_t sum = 0;    ///< checksum of those
  };

  /// Whether nothing is in the folder but what a run that was interrupted at once may have left.
  [[nodiscard]] bool is_unused() const {
    const std::filesystem::directory_iterator entries(folder_);
    return std::all_of(begin(entries), end(entries),
                       [](const auto& entry) { return entry.path().extension() == ".tmp"; });
  }

  static extent offset(const box& of, const box& in) {
    return {of.origin[0] - in.origin[0], of.origin[1] - in.origin[1], of.origin[2] - in.origin[2]};
  }

  [[nodiscard]] std::string head_path() const {
    return (std::filesystem::path(folder_) / "store").string();
  }
  [[nodiscard]] std::string path_of(const box& chunk) const {
    const std::string name =
        gpuimg::detail::text({chunk.origin[0] / chunk_.x, "_", chunk.origin[1] / chunk_.y, "_",
                              chunk.origin[2] / chunk_.z, ".chunk"});
    return (std::filesystem::path(folder_) / name).string();
  }

  void write_chunk(const box& chunk, const host_image& image) {
    std::visit(
        [&]<class T>(const std::vector<T>& pixels) {
          const std::vector<std::byte> runs = detail::encode_runs(std::span(pixels));
          const auto plain = std::as_bytes(std::span(pixels));
          const auto stored = runs.size() < plain.size() ? std::span(runs) : plain;
          const header head{.bytes = stored.size(), .sum = io::detail::checksum(stored)};
          io::detail::output_file file(path_of(chunk));
          file.write(std::as_bytes(std::span(&head, 1)));
          file.write(stored);
          file.close();
        },
        image.pixels);
  }

  /// The header of an open chunk, as long as the file is; nothing of it is trusted otherwise.
  static bool read_header(const io::detail::random_access_file& file, header& head) {
    const auto magic = head.magic;
    return file.read(0, std::as_writable_bytes(std::span(&head, 1))) == sizeof(head) &&
           head.magic == magic && head.bytes == file.bytes() - sizeof(head);
  }

  [[nodiscard]] bool is_whole(const box& chunk) const {
    const std::string path = path_of(chunk);
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return false;
    header head;
    return read_header({path, io::detail::random_access_file::access::read, path}, head);
  }

  [[nodiscard]] host_image read_chunk(const box& chunk) const {
    const std::string path = path_of(chunk);
    const io::detail::random_access_file file(path, io::detail::random_access_file::access::read,
                                              path);
    host_image image = zeros(chunk.shape(), type());
    std::visit(
        [&]<class T>(std::vector<T>& pixels) {
          const auto plain = std::as_writable_bytes(std::span(pixels));
          header head;
          bool good = read_header(file, head) && head.bytes <= plain.size();
          if (good && head.bytes == plain.size()) {
            good = file.read(sizeof(head), plain) == plain.size() &&
                   io::detail::checksum(plain) == head.sum;
          } else if (good) {
            std::vector<std::byte> runs(head.bytes);
            good = file.read(sizeof(head), runs) == runs.size() &&
                   io::detail::checksum(runs) == head.sum &&
                   detail::decode_runs(std::span<const std::byte>(runs), std::span(pixels));
          }
          if (!good) throw io_error(path, -1, "is damaged");
        },
        image.pixels);
    return image;
  }

  [[noreturn]] void fail(const std::string& reason) const { throw io_error(folder_, -1, reason); }

  std::string folder_;
  host_image description_;
  shape chunk_;
  bool is_kept_;
};

}  // namespace gpuimg::tiling

#include "gpuimg/core/pop_macros.def"
