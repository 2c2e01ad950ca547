// SPDX-License-Identifier: BSD-3-Clause
// io/npy.hpp: files of NumPy's, what is written is read back, and damaged files.
#include "gpuimg/io/npy.hpp"

#include <bit>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/files.hpp"
#include "support/reasons.hpp"

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using gpuimg::io::read_npy;
using gpuimg::io::write_npy;
using gpuimg::nn::element;
using gpuimg::nn::host_tensor;
using gpuimg::nn::tensor_shape;

std::string golden(const std::string& name) {
  return test::source_file("golden/nn/" + name + ".npy");
}

std::string reason_of(const std::string& path) { return test::reason_of(read_npy, path); }

/// What tests/golden/nn/make_files.py puts into an array of the type.
std::vector<double> numbers(element type, std::size_t count) {
  std::vector<double> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(i * 37 % 101);
    const bool is_signed = std::string(gpuimg::nn::name_of(type)).front() == 'i';
    all.push_back(type == element::boolean     ? static_cast<int>(value) % 2
                  : gpuimg::nn::is_float(type) ? (value - 50) / 8
                  : is_signed                  ? value - 50
                                               : value);
  }
  return all;
}

const std::vector<std::pair<std::string, element>> types{
    {"f2", element::f16}, {"f4", element::f32}, {"f8", element::f64}, {"i1", element::i8},
    {"u1", element::u8},  {"i2", element::i16}, {"u2", element::u16}, {"i4", element::i32},
    {"u4", element::u32}, {"i8", element::i64}, {"u8", element::u64}, {"b1", element::boolean}};

/// A file of version 1.0 with this header and so many bytes of numbers.
std::string file_with(const test::temporary_folder& folder, std::string header, std::size_t bytes) {
  header += '\n';
  std::string text = "\x93NUMPY";
  text +=
      {'\1', '\0', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  text += header + std::string(bytes, '\0');
  test::write_bytes(folder.file("made.npy"), {text.begin(), text.end()});
  return folder.file("made.npy");
}

}  // namespace

TEST_CASE("read_npy: all types of numbers that NumPy writes are read, in both byte orders",
          "[io]") {
  for (const auto& [code, type] : types) {
    for (const std::string order : {"", "_big"}) {
      if (gpuimg::nn::size_of(type) == 1 && !order.empty()) continue;
      INFO(code << order);
      const host_tensor tensor = read_npy(golden(code + order));
      CHECK(tensor.type() == type);
      CHECK(tensor.shape() == tensor_shape{2, 3});
      CHECK(tensor.values<double>() == numbers(type, 6));
    }
  }
}

TEST_CASE("read_npy: arrays in Fortran order get the order of tensors", "[io]") {
  const host_tensor floats = read_npy(golden("f4_fortran"));
  CHECK(floats.shape() == tensor_shape{2, 3, 4});
  CHECK(floats.values<double>() == numbers(element::f32, 24));
  const host_tensor integers = read_npy(golden("i2_big_fortran"));
  CHECK(integers.shape() == tensor_shape{4, 3, 2});
  CHECK(integers.values<double>() == numbers(element::i16, 24));
}

TEST_CASE("read_npy: versions 2.0 and 3.0, scalars, vectors and arrays without numbers are read",
          "[io]") {
  for (const char* name : {"f4_version2", "f4_version3"}) {
    const host_tensor tensor = read_npy(golden(name));
    CHECK(tensor.shape() == tensor_shape{2, 3});
    CHECK(tensor.values<double>() == numbers(element::f32, 6));
  }
  CHECK(read_npy(golden("f4_scalar")).shape() == tensor_shape{});
  CHECK(read_npy(golden("f4_scalar")).values<double>() == std::vector{(37.0 - 50) / 8});
  CHECK(read_npy(golden("f4_vector")).shape() == tensor_shape{3});
  CHECK(read_npy(golden("f4_empty")).shape() == tensor_shape{0, 3});
}

TEST_CASE("write_npy: the bytes are those that NumPy writes", "[io]") {
  const test::temporary_folder folder;
  for (const auto& [code, type] : types) {
    INFO(code);
    write_npy(folder.file("written.npy"), read_npy(golden(code)));
    CHECK(test::bytes_of(folder.file("written.npy")) == test::bytes_of(golden(code)));
  }
  for (const char* name : {"f4_scalar", "f4_vector", "f4_empty"}) {
    write_npy(folder.file("written.npy"), read_npy(golden(name)));
    CHECK(test::bytes_of(folder.file("written.npy")) == test::bytes_of(golden(name)));
  }
}

TEST_CASE("write_npy: as many axes as a tensor may have are read back", "[io]") {
  const test::temporary_folder folder;
  const std::vector<std::int64_t> sizes(64, 1);
  write_npy(folder.file("deep.npy"), {element::u8, tensor_shape(sizes)});
  CHECK(read_npy(folder.file("deep.npy")).shape() == tensor_shape(sizes));
}

TEST_CASE("write_npy: bf16 is refused with the way out, and a folder that is not there", "[io]") {
  const test::temporary_folder folder;
  CHECK_THROWS_WITH(write_npy(folder.file("x.npy"), {element::bf16, {2}}),
                    "write_npy: NumPy has no bf16; write its values as f32");
  CHECK_THROWS_AS(write_npy(folder.file("none/x.npy"), host_tensor()), gpuimg::io_error);
}

TEST_CASE("read_npy: other types of NumPy's are refused by name", "[io]") {
  const std::string allowed =
      "; integers of 8 to 64 bits, floats of 16 to 64 bits and bool are read";
  CHECK(reason_of(golden("refused_complex")) == "holds numbers of type '<c8'" + allowed);
  CHECK(reason_of(golden("refused_text")) == "holds numbers of type '<U2'" + allowed);
  CHECK(reason_of(golden("refused_fields")) == "its header has a text without quotes");
}

TEST_CASE("read_npy: a file that ends early is refused wherever it ends, and so is a longer one",
          "[io]") {
  const test::temporary_folder folder;
  const std::vector<char> whole = test::bytes_of(golden("f4"));
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const std::string path = folder.file("short.npy");
    test::write_bytes(path, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes)});
    INFO(bytes);
    REQUIRE(reason_of(path) != "no error");
  }
  std::vector<char> longer = whole;
  longer.push_back(0);
  test::write_bytes(folder.file("long.npy"), longer);
  CHECK(reason_of(folder.file("long.npy")) ==
        "the array: the shape 2x3 of f32 does not take the 25 bytes that are there");
}

TEST_CASE("read_npy: a flipped bit is an error or another number, never anything else", "[io]") {
  const test::temporary_folder folder;
  const std::vector<char> whole = test::bytes_of(golden("i2"));
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::vector<char> bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    test::write_bytes(folder.file("flipped.npy"), bytes);
    const std::string reason = reason_of(folder.file("flipped.npy"));
    if (bit >= 8 * 128) REQUIRE(reason == "no error");
  }
}

TEST_CASE("read_npy: headers that lie are refused before memory is taken", "[io]") {
  const test::temporary_folder folder;
  const auto header = [](const std::string& shape) {
    return "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
  };
  const auto reason = [&](const std::string& text, std::size_t bytes = 24) {
    return reason_of(file_with(folder, text, bytes));
  };
  CHECK(reason(header("2, 3")) == "no error");
  CHECK(reason(header("2L, 3L")) == "no error");  // Python 2
  CHECK(reason("{\"shape\":(6,),\"fortran_order\":True,\"descr\":\"=f4\"}") == "no error");
  CHECK_THAT(reason(header("1000000000000, 3")), Contains("does not take the 24 bytes"));
  CHECK_THAT(reason(header("4611686018427387904, 4")), Contains("2^62 numbers at most"));
  CHECK_THAT(reason(header("4611686018427387904"), 0), Contains("does not take the 0 bytes"));
  CHECK_THAT(reason(header("-2, -3")), Contains("a size of 0 or more, got -2x-3"));
  CHECK_THAT(reason(header("99999999999999999999")), Contains("no tuple of whole numbers"));
  CHECK_THAT(reason(header("2.0, 3")), Contains("lacks a ')'"));
  CHECK_THAT(reason(header("2, 3") + "x"), Contains("goes on after its end"));
  CHECK_THAT(reason("{'descr': '<f4'}"), Contains("lacks one of descr, fortran_order and shape"));
  CHECK_THAT(reason("{'descr': '<f4', 'descr': '<f4'}"), Contains("'descr' that is unknown or"));
  CHECK_THAT(reason("{'\x1b[31m': 1}"), Contains("the key ' [31m' that is unknown"));
  CHECK_THAT(reason("{'descr': '', 'fortran_order': False, 'shape': (6,)}"),
             StartsWith("holds numbers of type ''"));
  CHECK_THAT(reason("{'descr': '|f4', 'fortran_order': False, 'shape': (6,)}"),
             StartsWith("holds numbers of type '|f4'"));
  CHECK_THAT(reason("{'descr': '<f4', 'fortran_order': 1, 'shape': (6,)}"),
             Contains("neither True nor False"));
  CHECK_THAT(reason(std::string(60000, '{')), Contains("has a text without quotes"));
  CHECK(reason_of(folder.file("none.npy")) == "there is no such file");
  CHECK(reason_of(folder.path().string()) == "is not a file");
}
