// SPDX-License-Identifier: BSD-3-Clause
// NumPy's .npy files in and out: one tensor each.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/file.hpp"
#include "gpuimg/io/tensor_file.hpp"
#include "gpuimg/nn/host_tensor.hpp"
#include "gpuimg/nn/tensor_shape.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

namespace detail {

inline constexpr std::string_view npy_magic("\x93NUMPY", 6);

/// Which types NumPy has: kind and bytes, as the files say it.
struct npy_type {
  std::string_view code;
  nn::element type;
};
inline constexpr std::array<npy_type, 12> npy_types{{{"f2", nn::element::f16},
                                                     {"f4", nn::element::f32},
                                                     {"f8", nn::element::f64},
                                                     {"i1", nn::element::i8},
                                                     {"u1", nn::element::u8},
                                                     {"i2", nn::element::i16},
                                                     {"u2", nn::element::u16},
                                                     {"i4", nn::element::i32},
                                                     {"u4", nn::element::u32},
                                                     {"i8", nn::element::i64},
                                                     {"u8", nn::element::u64},
                                                     {"b1", nn::element::boolean}}};

/// What the header of a file says.
struct npy_header {
  nn::element type{};
  std::endian order = std::endian::native;
  bool is_fortran = false;  ///< the first axis is the fastest
  std::vector<std::int64_t> sizes{};
};

/// Reads a header: a dictionary of Python with the three keys that NumPy writes.
class npy_header_reader {
 public:
  npy_header_reader(const std::string& path, std::string_view text) : path_(path), text_(text) {}

  npy_header read() {
    std::optional<std::string_view> descr;
    std::optional<bool> is_fortran;
    std::optional<std::vector<std::int64_t>> sizes;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = text();
      expect(':');
      if (key == "descr" && !descr)
        descr = text();
      else if (key == "fortran_order" && !is_fortran)
        is_fortran = truth();
      else if (key == "shape" && !sizes)
        sizes = numbers();
      else
        fail("has the key " + in_quotes(key) + " that is unknown or twice there");
      if (accept(',')) continue;
      expect('}');
      break;
    }
    skip_spaces();
    if (!text_.empty()) fail("goes on after its end");
    if (!descr || !is_fortran || !sizes) fail("lacks one of descr, fortran_order and shape");
    npy_header header{.is_fortran = *is_fortran, .sizes = std::move(*sizes)};
    set_type(header, *descr);
    return header;
  }

 private:
  void set_type(npy_header& header, std::string_view descr) const {
    const char order = descr.empty() ? '\0' : descr.front();
    if (order == '<') header.order = std::endian::little;
    if (order == '>') header.order = std::endian::big;
    const auto is_meant = [&](const npy_type& type) {
      return type.code == descr.substr(1) && (order == '<' || order == '>' || order == '=' ||
                                              (order == '|' && type.code.back() == '1'));
    };
    const auto found = descr.empty() ? npy_types.end()
                                     : std::find_if(npy_types.begin(), npy_types.end(), is_meant);
    if (found == npy_types.end())
      throw io_error(path_, -1,
                     "holds numbers of type " + in_quotes(descr) +
                         "; integers of 8 to 64 bits, floats of 16 to 64 bits and bool are read");
    header.type = found->type;
  }

  void skip_spaces() {
    text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size()));
  }
  bool accept(char c) {
    skip_spaces();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("lacks a '") + c + "'");
  }
  std::string_view text() {
    skip_spaces();
    const char quote = text_.empty() ? '\0' : text_.front();
    if (quote != '\'' && quote != '"') fail("has a text without quotes");
    const std::size_t end = text_.find(quote, 1);
    if (end == std::string_view::npos) fail("has a text without an end");
    const std::string_view found = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return found;
  }
  bool truth() {
    skip_spaces();
    for (const std::string_view word : {"True", "False"}) {
      if (!text_.starts_with(word)) continue;
      text_.remove_prefix(word.size());
      return word == "True";
    }
    fail("has a fortran_order that is neither True nor False");
  }
  std::vector<std::int64_t> numbers() {
    std::vector<std::int64_t> all;
    expect('(');
    while (!accept(')')) {
      skip_spaces();
      std::int64_t number = 0;
      const auto [end, failure] =
          std::from_chars(text_.data(), text_.data() + text_.size(), number);
      if (failure != std::errc{}) fail("has a shape that is no tuple of whole numbers");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      accept('L');  // as Python 2 wrote them
      all.push_back(number);
      if (accept(',')) continue;
      expect(')');
      break;
    }
    return all;
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw io_error(path_, -1, "its header " + problem);
  }

  const std::string& path_;
  std::string_view text_;
};

inline npy_header read_npy_header(const std::string& path, input_file& file) {
  if (file.bytes() < 10 || file.read_text(npy_magic.size()) != npy_magic)
    file.fail("is no .npy file");
  const std::string version = file.read_text(2);
  if (version[0] < 1 || version[0] > 3 || version[1] != 0)
    file.fail("is of a version of the format that is not known; 1.0, 2.0 and 3.0 are read");
  std::size_t bytes = 0, shift = 0;
  for (const char c : file.read_text(version[0] == 1 ? 2 : 4)) {
    bytes |= static_cast<std::size_t>(static_cast<unsigned char>(c)) << shift;
    shift += 8;
  }
  return npy_header_reader(path, file.read_text(bytes)).read();
}

/// Numbers whose first axis is the fastest, in the order of tensors.
inline nn::host_tensor last_axis_fastest(const nn::host_tensor& stored) {
  const std::size_t rank = stored.shape().rank(), size = nn::size_of(stored.type());
  const auto length = [&](std::size_t axis) {
    return static_cast<std::size_t>(stored.shape()[axis]);
  };
  std::vector<std::size_t> step(rank, size), index(rank, 0);
  for (std::size_t axis = 1; axis < rank; ++axis) step[axis] = step[axis - 1] * length(axis - 1);
  nn::host_tensor result(stored.type(), stored.shape());
  std::size_t from = 0;
  for (std::size_t to = 0; to < result.bytes().size(); to += size) {
    std::copy_n(stored.bytes().data() + from, size, result.bytes().data() + to);
    for (std::size_t axis = rank; axis-- > 0;) {
      from += step[axis];
      if (++index[axis] < length(axis)) break;
      from -= step[axis] * length(axis);
      index[axis] = 0;
    }
  }
  return result;
}

}  // namespace detail

/// Reads a .npy file of NumPy's.
///
/// Files: versions 1.0, 2.0 and 3.0, both byte orders, C and Fortran order. Numbers: integers of 8
/// to 64 bits, floats of 16, 32 and 64 bits, bool. Throws io_error, with the file and the reason,
/// for everything else, and where the numbers take other bytes than those there are.
inline nn::host_tensor read_npy(const std::string& path) {
  detail::input_file file(path);
  const detail::npy_header header = detail::read_npy_header(path, file);
  nn::host_tensor tensor =
      detail::tensor_of(path, "the array", header.type, header.sizes, file.left());
  file.read(tensor.bytes());
  detail::change_byte_order(tensor.bytes(), nn::size_of(header.type), header.order);
  if (header.is_fortran) return detail::last_axis_fastest(tensor);
  return tensor;
}

/// Writes a .npy file of NumPy's, little-endian and in C order. The file appears complete or not
/// at all. Throws io_error where it cannot be written, argument_error for bf16, which NumPy lacks.
inline void write_npy(const std::string& path, const nn::host_tensor& tensor) {
  const auto type = std::find_if(detail::npy_types.begin(), detail::npy_types.end(),
                                 [&](const auto& t) { return t.type == tensor.type(); });
  if (type == detail::npy_types.end())
    throw argument_error("write_npy: NumPy has no " + std::string(nn::name_of(tensor.type())) +
                         "; write its values as f32");
  std::string header = "{'descr': '";
  header += type->code.back() == '1' ? '|' : '<';
  header += std::string(type->code) + "', 'fortran_order': False, 'shape': (";
  const auto sizes = tensor.shape().sizes();
  for (std::size_t axis = 0; axis < sizes.size(); ++axis)
    header += (axis == 0 ? "" : ", ") + std::to_string(sizes[axis]);
  header += sizes.size() == 1 ? ",), }" : "), }";

  // Version 1.0: a tensor has too few axes for a longer header. Numbers start at a multiple of 64.
  const std::size_t before = detail::npy_magic.size() + 4;
  header.append(63 - (before + header.size()) % 64, ' ');
  header += '\n';
  std::string start(detail::npy_magic);
  start += '\1';
  start += '\0';
  for (int shift = 0; shift < 16; shift += 8)
    start += static_cast<char>(header.size() >> shift & 0xff);

  detail::output_file file(path);
  file.write(start + header);
  detail::write_numbers(file, tensor);
  file.close();
}

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
