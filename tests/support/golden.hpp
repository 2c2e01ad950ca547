// SPDX-License-Identifier: BSD-3-Clause
// Reads expected results of other libraries, as tests/golden/make_golden.py writes them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "gpuimg/core/pixel.hpp"
#include "gpuimg/core/shape.hpp"

namespace test {

static_assert(std::endian::native == std::endian::little, "golden files are little endian");

/// The entries of tests/golden/<name>.golden: arrays by name.
class golden {
 public:
  explicit golden(const std::string& name) : file_(name + ".golden") {
    std::ifstream in(std::string(GPUIMG_TEST_SOURCE_DIR) + "/golden/" + file_, std::ios::binary);
    std::vector<std::pair<std::string, std::size_t>> order;
    for (std::string line; std::getline(in, line) && line != "data";) {
      if (line.empty() || line.front() == '#') continue;
      std::istringstream words(line);
      std::string entry;
      array a;
      words >> entry >> a.type >> a.shape.x >> a.shape.y >> a.shape.z;
      if (!words) throw std::runtime_error(file_ + ": cannot read '" + line + "'");
      order.emplace_back(entry, a.shape.pixels() * bytes_of(a.type));
      arrays_[entry] = a;
    }
    for (const auto& [entry, bytes] : order) {
      auto& data = arrays_[entry].data;
      data.resize(bytes);
      if (!in.read(data.data(), static_cast<std::streamsize>(bytes)))
        throw std::runtime_error(file_ + ": " + entry + " is cut short");
    }
    if (order.empty()) throw std::runtime_error(file_ + ": has no entries");
  }

  [[nodiscard]] gpuimg::shape shape(const std::string& entry) const { return find(entry).shape; }

  /// The values of an entry, x fastest, as numbers of type T.
  template <class T>
  [[nodiscard]] std::vector<T> values(const std::string& entry) const {
    const array& a = find(entry);
    if (a.type == "f64") return convert<T, double>(a.data);
    if (a.type == "f32") return convert<T, float>(a.data);
    if (a.type == "u32") return convert<T, std::uint32_t>(a.data);
    if (a.type == "u16") return convert<T, std::uint16_t>(a.data);
    return convert<T, std::uint8_t>(a.data);
  }
  [[nodiscard]] double number(const std::string& entry) const {
    return values<double>(entry).at(0);
  }

 private:
  struct array {
    std::string type{};
    gpuimg::shape shape{};
    std::string data{};
  };
  [[nodiscard]] const array& find(const std::string& entry) const {
    const auto found = arrays_.find(entry);
    if (found == arrays_.end()) throw std::runtime_error(file_ + ": has no entry " + entry);
    return found->second;
  }
  static std::size_t bytes_of(const std::string& type) {
    return type == "f64" ? 8 : type == "u8" ? 1 : type == "u16" ? 2 : 4;
  }
  template <class T, class Stored>
  static std::vector<T> convert(const std::string& data) {
    std::vector<Stored> stored(data.size() / sizeof(Stored));
    std::memcpy(stored.data(), data.data(), data.size());
    std::vector<T> values;
    for (const Stored value : stored) values.push_back(static_cast<T>(value));
    return values;
  }

  std::string file_;
  std::map<std::string, array> arrays_;
};

}  // namespace test
