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

namespace detail {

/// Reads a box of an image that is kept in chunks; `load` gives the pixels of one.
template <class Load>
host_image read_chunks(const host_image& description, const shape& chunk, const box& part,
                       Load&& load) {
  const shape& size = description.size;
  host_image pixels = zeros(part.shape(), description.type(), description);
  for_each_chunk(part, chunk, size, [&](const box& each) {
    const box wanted = intersection(each, part);
    copy_pixels(load(each), from(wanted, each), pixels, from(wanted, part), wanted.size);
  });
  return pixels;
}

/// Whether nothing is in a folder but what a run that was interrupted at once may have left.
inline bool is_unused(const std::filesystem::path& folder) {
  std::error_code failure;
  const std::filesystem::directory_iterator entries(folder, failure);
  return !failure && std::all_of(begin(entries), end(entries), [](const auto& entry) {
    return entry.path().extension() == ".tmp";
  });
}

/// Calls `keep` with the bytes that an image's pixels are kept as: runs of them where those are
/// shorter.
template <class Keep>
void with_kept_bytes(const host_image& image, Keep&& keep) {
  std::visit(
      [&]<class T>(const std::vector<T>& pixels) {
        const std::vector<std::byte> runs = encode_runs(std::span(pixels));
        const auto plain = std::as_bytes(std::span(pixels));
        keep(runs.size() < plain.size() ? std::span(runs) : plain);
      },
      image.pixels);
}

/// Makes such bytes pixels of an image of the same size; false where they are of another.
inline bool take_kept_bytes(std::span<const std::byte> kept, host_image& image) {
  return std::visit(
      [&]<class T>(std::vector<T>& pixels) {
        const auto plain = std::as_writable_bytes(std::span(pixels));
        if (kept.size() != plain.size()) return decode_runs(kept, std::span(pixels));
        std::ranges::copy(kept, plain.begin());
        return true;
      },
      image.pixels);
}

}  // namespace detail

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
    if (detail::is_unused(folder_)) {
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
    return detail::read_chunks(description_, chunk_, part,
                               [&](const box& chunk) { return read_chunk(chunk); });
  }
  void write(const box& part, const host_image& pixels) override {
    detail::check_part("scratch_store", part, pixels, description_);
    detail::check_aligned("scratch_store", part, size(), chunk_);
    for_each_chunk(part, chunk_, size(), [&](const box& chunk) {
      write_chunk(chunk, crop(pixels, {detail::from(chunk, part), chunk.size}));
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
    detail::with_kept_bytes(image, [&](std::span<const std::byte> kept) {
      const header head{.bytes = kept.size(), .sum = io::detail::checksum(kept)};
      io::detail::output_file file(path_of(chunk));
      file.write(std::as_bytes(std::span(&head, 1)));
      file.write(kept);
      file.close();
    });
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
    header head;
    bool good = read_header(file, head) && head.bytes <= image.size.pixels() * size_of(type());
    if (good) {
      std::vector<std::byte> kept(head.bytes);
      good = file.read(sizeof(head), kept) == kept.size() &&
             io::detail::checksum(kept) == head.sum && detail::take_kept_bytes(kept, image);
    }
    if (!good) throw io_error(path, -1, "is damaged");
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
