// SPDX-License-Identifier: BSD-3-Clause
// The strips and tiles of a TIFF file that is being written, in any order, over several runs.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/checksum.hpp"
#include "gpuimg/io/random_access_file.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// A file that begins with room for the header of a TIFF file and a text that says what it is of;
/// numbered blocks follow. In front of each block is a record of its number, length and checksum.
/// The file only grows, so those blocks are whole that come before the first one whose checksum is
/// not right. What follows was being written when a run was killed, and is cut off.
class tiff_block_file {
 public:
  /// A file of up to `blocks` blocks at `path`, which is there. What it holds of the same `text`
  /// stays. Throws io_error for a file of something else, and one that is being written.
  tiff_block_file(const std::string& path, const std::string& name, const std::string& text,
                  std::size_t blocks)
      : file_(path, random_access_file::access::read_and_write, name),
        offsets_(blocks),
        counts_(blocks) {
    if (!file_.lock()) throw io_error(name, -1, "is being written already");
    std::vector<std::byte> head(header_bytes);
    const auto characters = std::as_bytes(std::span(text));
    head.insert(head.end(), characters.begin(), characters.end());
    head.resize((head.size() + alignment) / alignment * alignment);  // one zero or more
    if (has_head(head, path, name)) {
      end_ = head.size();
      find_blocks();
    } else {
      file_.cut(0);
      file_.write(0, head);
      end_ = head.size();
    }
  }

  [[nodiscard]] bool has(std::size_t block) const { return offsets_[block] != 0; }
  [[nodiscard]] std::size_t missing() const {
    return static_cast<std::size_t>(std::ranges::count(offsets_, std::uint64_t{0}));
  }
  /// Where blocks begin in the file; 0 for those that are missing.
  [[nodiscard]] std::span<const std::uint64_t> offsets() const { return offsets_; }
  /// The bytes of blocks.
  [[nodiscard]] std::span<const std::uint64_t> counts() const { return counts_; }
  /// The end of the last block, a multiple of 8.
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] random_access_file& file() { return file_; }

  void append(std::size_t block, std::span<const std::byte> bytes) {
    record head{.block = block, .bytes = bytes.size()};
    head.sum = head.checksum_with(bytes);
    const auto front = std::as_bytes(std::span(&head, 1));
    buffer_.assign(front.begin(), front.end());
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    buffer_.resize((buffer_.size() + alignment - 1) / alignment * alignment);
    file_.write(end_, buffer_);
    take(block, bytes.size());
  }

 private:
  static constexpr std::size_t header_bytes = 16, alignment = 8;

  /// What stands in front of a block.
  struct record {
    std::uint64_t block = 0, bytes = 0;
    std::uint64_t sum = 0;  ///< of the two and the block's bytes

    [[nodiscard]] std::uint64_t checksum_with(std::span<const std::byte> stored) const {
      const std::array words{block, bytes, checksum(stored)};
      return checksum(std::as_bytes(std::span(words)));
    }
  };

  /// Whether the file begins with `head`, but for the header; false where it is new, or a run was
  /// killed before it had written as much.
  [[nodiscard]] bool has_head(std::span<const std::byte> head, const std::string& path,
                              const std::string& name) const {
    std::vector<std::byte> found(head.size());
    found.resize(file_.read(0, found));
    const auto behind = [](std::span<const std::byte> bytes) {
      return bytes.subspan(std::min(bytes.size(), header_bytes));
    };
    if (!std::ranges::equal(behind(found), behind(head.first(found.size()))))
      throw io_error(name, -1,
                     "cannot be written: " + path +
                         " is what an interrupted run of something else left; remove it to begin "
                         "anew");
    return found.size() == head.size();
  }

  /// Reads block by block, and cuts off what is behind the last whole one.
  void find_blocks() {
    const std::uint64_t file_bytes = file_.bytes();
    record head;
    while (file_.read(end_, std::as_writable_bytes(std::span(&head, 1))) == sizeof(head) &&
           head.block < offsets_.size() && head.bytes <= file_bytes - end_ - sizeof(head)) {
      buffer_.resize(head.bytes);
      file_.read(end_ + sizeof(head), buffer_);
      if (head.sum != head.checksum_with(buffer_)) break;
      take(head.block, head.bytes);
    }
    file_.cut(end_);
  }

  /// Notes the block whose record stands at the end of those that are known.
  void take(std::size_t block, std::uint64_t bytes) {
    offsets_[block] = end_ + sizeof(record);
    counts_[block] = bytes;
    end_ = (offsets_[block] + bytes + alignment - 1) / alignment * alignment;
  }

  random_access_file file_;
  std::vector<std::uint64_t> offsets_, counts_;
  std::uint64_t end_ = 0;
  std::vector<std::byte> buffer_;
};

}  // namespace gpuimg::io::detail
