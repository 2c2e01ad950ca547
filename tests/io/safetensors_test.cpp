// SPDX-License-Identifier: BSD-3-Clause
// io/safetensors.hpp: files of its package, what is written is read back, and broken rules.
#include "gpuimg/io/safetensors.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/files.hpp"
#include "support/reasons.hpp"

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using gpuimg::io::read_safetensors;
using gpuimg::io::safetensors;
using gpuimg::io::write_safetensors;
using gpuimg::nn::element;
using gpuimg::nn::host_tensor;
using gpuimg::nn::tensor_shape;

const std::string all_types = test::source_file("golden/nn/all.safetensors");

std::string reason_of(const std::string& path) { return test::reason_of(read_safetensors, path); }

/// A file with this header, which it says has `length` bytes, and so many bytes of numbers.
std::string file_with(const test::temporary_folder& folder, const std::string& header,
                      std::size_t bytes, std::uint64_t length) {
  std::vector<char> content;
  for (int shift = 0; shift < 64; shift += 8)
    content.push_back(static_cast<char>(length >> shift & 0xff));
  content.insert(content.end(), header.begin(), header.end());
  content.insert(content.end(), bytes, '\0');
  test::write_bytes(folder.file("made.safetensors"), content);
  return folder.file("made.safetensors");
}
std::string file_with(const test::temporary_folder& folder, const std::string& header,
                      std::size_t bytes) {
  return file_with(folder, header, bytes, header.size());
}

/// The entry of a tensor in a header.
std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                  const std::string& offsets) {
  return '"' + name + R"(":{"dtype":")" + type + R"(","shape":[)" + shape +
         R"(],"data_offsets":[)" + offsets + "]}";
}

bool same(const safetensors& a, const safetensors& b) {
  if (a.metadata != b.metadata || a.tensors.size() != b.tensors.size()) return false;
  for (const auto& [name, tensor] : a.tensors) {
    const auto& other = b.tensors.at(name);
    if (tensor.type() != other.type() || tensor.shape() != other.shape() ||
        !std::ranges::equal(tensor.bytes(), other.bytes()))
      return false;
  }
  return true;
}

}  // namespace

TEST_CASE("read_safetensors: all types that the package writes are read, and the metadata",
          "[io]") {
  const safetensors content = read_safetensors(all_types);
  CHECK(content.metadata ==
        std::map<std::string, std::string>{{"format", "pt"}, {"note", "caf\xc3\xa9"}});
  CHECK(content.tensors.size() == 15);
  for (int i = 0; i <= static_cast<int>(element::boolean); ++i) {
    const auto type = static_cast<element>(i);
    const std::string name(gpuimg::nn::name_of(type));
    INFO(name);
    const host_tensor& tensor = content.tensors.at(name);
    CHECK(tensor.type() == type);
    CHECK(tensor.shape() == tensor_shape{2, 3});
    const std::vector<double> expected =
        type == element::boolean     ? std::vector<double>{0, 1, 0, 0, 1, 0}
        : gpuimg::nn::is_float(type) ? std::vector<double>{-6.25, -1.625, 3, -5, -0.375, 4.25}
        : name.front() == 'i'        ? std::vector<double>{-50, -13, 24, -40, -3, 34}
                                     : std::vector<double>{0, 37, 74, 10, 47, 84};
    CHECK(tensor.values<double>() == expected);
  }
  CHECK(content.tensors.at("scalar").values<float>() == std::vector{2.5F});
  CHECK(content.tensors.at("none").shape() == tensor_shape{0, 3});
}

TEST_CASE("write_safetensors: what is written is read back, and numbers are aligned", "[io]") {
  const test::temporary_folder folder;
  const safetensors content = read_safetensors(all_types);
  write_safetensors(folder.file("written"), content);
  CHECK(same(read_safetensors(folder.file("written")), content));
  const std::vector<char> bytes = test::bytes_of(folder.file("written"));
  CHECK((8 + static_cast<unsigned char>(bytes[0])) % 8 == 0);
  CHECK(bytes.size() == test::bytes_of(all_types).size());
  write_safetensors(folder.file("empty"), {});
  CHECK(read_safetensors(folder.file("empty")).tensors.empty());
}

TEST_CASE("write_safetensors: names that the format cannot have are refused", "[io]") {
  const test::temporary_folder folder;
  CHECK_THROWS_WITH(
      write_safetensors(folder.file("x"), {.tensors = {{"__metadata__", host_tensor()}}}),
      "write_safetensors: no tensor can be called '__metadata__'");
  CHECK_THROWS_WITH(write_safetensors(folder.file("x"), {.tensors = {{"\xff", host_tensor()}}}),
                    "write_safetensors: a name or the metadata is not UTF-8");
}

TEST_CASE("read_safetensors: types that tensors lack are named all at once", "[io]") {
  const test::temporary_folder folder;
  CHECK(reason_of(test::source_file("golden/nn/refused.safetensors")) ==
        "holds what is not supported: tensor 'weight' of type 'F8_E4M3'. F16, BF16, F32, F64, I8 "
        "to I64, U8 to U64 and BOOL are read");
  CHECK_THAT(
      reason_of(file_with(
          folder, "{" + entry("a", "F4", "2", "0,1") + "," + entry("b", "C64", "1", "1,9") + "}",
          9)),
      StartsWith("holds what is not supported: tensor 'a' of type 'F4'; tensor 'b' of type "
                 "'C64'. "));
}

TEST_CASE("read_safetensors: a file that ends early is refused wherever it ends", "[io]") {
  const test::temporary_folder folder;
  const std::vector<char> whole = test::bytes_of(all_types);
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const std::string path = folder.file("short");
    test::write_bytes(path, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes)});
    INFO(bytes);
    REQUIRE(reason_of(path) != "no error");
  }
}

TEST_CASE("read_safetensors: a flipped bit is an error or another content, never anything else",
          "[io]") {
  const test::temporary_folder folder;
  const std::vector<char> whole = test::bytes_of(all_types);
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::vector<char> bytes = whole;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    test::write_bytes(folder.file("flipped"), bytes);
    reason_of(folder.file("flipped"));
  }
}

TEST_CASE("read_safetensors: every rule of the format is checked", "[io]") {
  const test::temporary_folder folder;
  const auto reason = [&](const std::string& header, std::size_t bytes = 8) {
    return reason_of(file_with(folder, header, bytes));
  };
  const std::string a = entry("a", "F32", "1", "0,4"), b = entry("b", "F32", "1", "4,8");
  CHECK(reason("{" + b + "," + a + "}") == "no error");
  CHECK(reason("{" + a + "," + b + "}   ") == "no error");
  CHECK(reason("{}", 0) == "no error");

  CHECK(reason("{" + a + "}") == "has 4 bytes that belong to no tensor");
  CHECK(reason("{" + b + "}") ==
        "tensor 'b' begins at byte 4 of the numbers; a tensor begins where the one before it ends, "
        "here at byte 0");
  CHECK_THAT(reason("{" + a + "," + entry("b", "F32", "1", "2,6") + "}"),
             StartsWith("tensor 'b' begins at byte 2"));
  CHECK_THAT(reason("{" + a + "," + entry("b", "F32", "1", "0,4") + "}"),
             StartsWith("tensor 'b' begins at byte 0"));
  CHECK(reason("{" + a + "," + b + "}", 7) ==
        "tensor 'b' ends at byte 8 of the numbers, which are 7 bytes");
  CHECK_THAT(reason("{" + entry("a", "F32", "2", "0,4") + "}", 4),
             Contains("tensor 'a': the shape 2 of f32 does not take the 4 bytes"));
  CHECK_THAT(reason("{" + entry("a", "F32", "", "4,0") + "}", 4), StartsWith("tensor 'a' begins"));
  CHECK_THAT(reason("{" + entry("a", "I8", "4611686018427387904,4,0", "0,0") + "}", 0),
             Contains("2^62 numbers at most"));
  CHECK_THAT(reason("{" + entry("a", "I8", "-1", "0,0") + "}", 0),
             Contains("shape is no list of whole numbers from 0 to 2^62"));
  CHECK_THAT(reason("{" + entry("a", "I8", "1.0", "0,1") + "}", 1), Contains("shape is no list"));
  CHECK_THAT(reason("{" + entry("a", "I8", "1", "0,1,2") + "}", 1), Contains("not two numbers"));
  CHECK_THAT(reason("{" + entry("a", "I8", "1", "0,99999999999999999999") + "}", 1),
             Contains("data_offsets is no list"));
  CHECK(reason(R"({"a":{"dtype":"F32","shape":[1]}})") == "tensor 'a' has no data_offsets");
  CHECK(reason(R"({"a":{"dtype":3,"shape":[1],"data_offsets":[0,4]}})") ==
        "tensor 'a': dtype is no text");
  CHECK(reason(R"({"a":[1]})") == "tensor 'a' is no object");

  CHECK(reason("{" + a + "," + a + "}") == "has the key 'a' twice");
  CHECK(reason(R"({"a":{"dtype":"F32","dtype":"F32"}})") == "has the key 'dtype' twice");
  CHECK(reason(R"({"__metadata__":{"a":1}})") == "__metadata__: 'a' is no text");
  CHECK(reason(R"({"__metadata__":"x"})") == "has a __metadata__ that is no object");

  CHECK(reason(" {}", 0) == "has a header that does not begin with '{'");
  CHECK(reason("[]", 0) == "has a header that does not begin with '{'");
  CHECK(reason("", 0) == "has a header that does not begin with '{'");
  CHECK(reason("{\"a\":", 0) == "has a header that is no JSON from its byte 6 on");
  CHECK_THAT(reason("{\"\xff\":1}", 0), StartsWith("has a header that is no JSON"));
  CHECK(reason("{\"a\":1e999}", 0) == "has a header with a number that is too large");
  CHECK(reason("{\"\\u001b[31m\":1}", 0) == "tensor ' [31m' is no object");
}

TEST_CASE("read_safetensors: a header may not be longer than the file or 100 MB, or nest deeply",
          "[io]") {
  const test::temporary_folder folder;
  CHECK(reason_of(file_with(folder, "{}", 0, 3)) ==
        "has a header of 3 bytes; it may have 100 MB, and 2 are there");
  CHECK_THAT(reason_of(file_with(folder, "{}", 0, ~std::uint64_t{0})),
             StartsWith("has a header of 18446744073709551615 bytes"));
  std::string deep = "{\"a\":";
  deep.append(1'000'000, '[');
  CHECK(reason_of(file_with(folder, deep, 0)) == "has a header with more levels than it can have");
  CHECK(reason_of(
            file_with(folder, "{" + entry(std::string(1'000'000, 'x'), "Q", "", "0,0") + "}", 0))
            .size() < 250);
}
