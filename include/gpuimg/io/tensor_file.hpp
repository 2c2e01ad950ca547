// SPDX-License-Identifier: BSD-3-Clause
// What files of tensors share: sizes that are checked before memory is taken, and byte orders.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/file.hpp"
#include "gpuimg/nn/host_tensor.hpp"
#include "gpuimg/nn/tensor_shape.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io::detail {

/// A tensor of zeros, for which a file has `bytes`. Throws io_error where its sizes are not those
/// of a tensor, or its numbers take another number of bytes.
inline nn::host_tensor tensor_of(const std::string& path, const std::string& what, nn::element type,
                                 std::vector<std::int64_t> sizes, std::uint64_t bytes) {
  try {
    nn::tensor_shape shape(std::move(sizes));
    const std::size_t size = nn::size_of(type);
    if (bytes % size != 0 || bytes / size != static_cast<std::uint64_t>(shape.elements()))
      throw io_error(path, -1,
                     what + ": the shape " + to_string(shape) + " of " +
                         std::string(nn::name_of(type)) + " does not take the " +
                         std::to_string(bytes) + " bytes that are there");
    return {type, std::move(shape)};
  } catch (const argument_error& failure) {
    throw io_error(path, -1, what + ": " + failure.what());
  }
}

/// Puts numbers of `size` bytes from one byte order into the other, unless they are the same.
inline void change_byte_order(std::span<std::byte> bytes, std::size_t size, std::endian from,
                              std::endian to = std::endian::native) {
  if (from == to || size == 1) return;
  for (auto first = bytes.begin(); first != bytes.end(); first += static_cast<std::ptrdiff_t>(size))
    std::reverse(first, first + static_cast<std::ptrdiff_t>(size));
}

/// Writes the numbers of a tensor in little-endian order.
inline void write_numbers(output_file& file, const nn::host_tensor& tensor) {
  if constexpr (std::endian::native == std::endian::little) {
    file.write(tensor.bytes());
  } else {
    nn::host_tensor swapped = tensor;
    change_byte_order(swapped.bytes(), nn::size_of(tensor.type()), std::endian::native,
                      std::endian::little);
    file.write(swapped.bytes());
  }
}

}  // namespace gpuimg::io::detail

#include "gpuimg/core/pop_macros.def"
