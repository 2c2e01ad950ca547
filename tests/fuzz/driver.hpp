// SPDX-License-Identifier: BSD-3-Clause
// Feeds a reader with damaged files for some seconds. Built with the address and undefined
// behaviour sanitizers, which end the program where something is wrong.
//
//   fuzz_<format> <seconds> <seed> <file>...     the files are what is damaged
#pragma once

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"

/// No file here is larger than a megabyte: who asks for more than this believed a number unchecked.
#ifndef GPUIMG_FUZZ_OPTIONS
#define GPUIMG_FUZZ_OPTIONS "max_allocation_size_mb=64"
#endif
extern "C" [[gnu::used]] inline const char* __asan_default_options() {
  return "hard_rss_limit_mb=1500:quarantine_size_mb=16:" GPUIMG_FUZZ_OPTIONS;
}

namespace fuzz {

/// Makes damaged files from good ones, always the same ones for a seed.
class damager {
 public:
  explicit damager(std::uint64_t seed) : random_(seed) {}
  virtual ~damager() = default;

  /// Adds a good file, or the good files in it; false where it cannot be read.
  virtual bool add_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (file) add_good({std::istreambuf_iterator<char>(file), {}});
    return bool(file);
  }
  void add_damaged(std::string bytes) { files_.push_back(std::move(bytes)); }
  [[nodiscard]] std::size_t files() const { return files_.size(); }

  std::string next() {
    std::string bytes = files_[below(below(2) == 0 ? good_ : files_.size())];
    do change(bytes);
    while (below(2) == 0);
    if (bytes.size() > longest) bytes.resize(longest);
    return bytes;
  }

 protected:
  static constexpr std::size_t longest = std::size_t{1} << 18;

  void add_good(std::string bytes) {
    files_.push_back(std::move(bytes));
    good_ = files_.size();
  }
  [[nodiscard]] const std::string& any_file() { return files_[below(files_.size())]; }
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  /// Damages a file in one place.
  virtual void change(std::string& bytes) {
    const std::size_t at = below(bytes.size());
    const std::size_t count = std::min(bytes.size() - at, std::size_t{1} << below(9));
    switch (below(8)) {
      case 0:  // a bit
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(8));
        break;
      case 1:  // a byte
        if (!bytes.empty()) bytes[at] = static_cast<char>(below(256));
        break;
      case 2:  // the end
        if (below(4) == 0) bytes.resize(at);
        break;
      case 3:  // a piece less
        bytes.erase(at, count);
        break;
      case 4:  // a piece twice, sometimes many times
        for (std::size_t n = below(8) == 0 ? 200 : 1; n > 0; --n)
          bytes.insert(at, bytes.substr(at, count));
        break;
      case 5: {  // a piece of another file
        const std::string& other = any_file();
        const std::size_t from = below(other.size());
        bytes.insert(at, other.substr(from, std::size_t{1} << below(10)));
        break;
      }
      case 6:  // a number in binary
        write_number(bytes, at);
        break;
      default:  // a number in digits
        write_digits(bytes, at);
        break;
    }
  }

  /// A number that is near some limit.
  std::uint64_t number() {
    static constexpr std::array<std::uint64_t, 20> odd{0,
                                                       1,
                                                       2,
                                                       7,
                                                       127,
                                                       128,
                                                       255,
                                                       256,
                                                       32767,
                                                       32768,
                                                       65535,
                                                       65536,
                                                       0x7fffffff,
                                                       0x80000000,
                                                       1 << 20,
                                                       1 << 30,
                                                       1ULL << 32,
                                                       1ULL << 62,
                                                       0x7fffffffffffffff,
                                                       ~0ULL};
    return odd[below(odd.size())] + (below(3) == 0 ? below(3) - 1 : 0);
  }

 private:
  void write_number(std::string& bytes, std::size_t at) {
    std::uint64_t value = number();
    if (below(2) == 0) {  // as protobuf does
      std::string varint;
      for (; value > 127; value >>= 7) varint += static_cast<char>((value & 127) | 128);
      bytes.replace(at, below(3), varint + static_cast<char>(value));
      return;
    }
    const std::size_t size = std::size_t{1} << below(4);
    for (std::size_t i = at; i < std::min(at + size, bytes.size()); ++i, value >>= 8)
      bytes[i] = static_cast<char>(value & 255);
  }
  void write_digits(std::string& bytes, std::size_t at) {
    const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    const auto first =
        std::find_if(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), is_digit);
    const auto last = std::find_if_not(first, bytes.end(), is_digit);
    bytes.replace(first, last, (below(8) == 0 ? "-" : "") + std::to_string(number()));
  }

  std::mt19937_64 random_;
  std::vector<std::string> files_;  // first the good ones
  std::size_t good_ = 0;
};

/// What an outcome has in common with others of its kind: its text without names and numbers.
inline std::string kind_of(const std::string& text) {
  std::string kind;
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '\'') is_quoted = !is_quoted;
    if (!is_quoted && std::isdigit(static_cast<unsigned char>(c)) == 0) kind += c;
  }
  return kind;
}

/// Calls `read` with the path of a damaged file, again and again; it may throw a gpuimg::error. A
/// file with an outcome of a new kind is damaged further. `name` is what the file is called.
template <class Damager = damager, class Read>
int run(int argc, char** argv, const std::string& name, Read read) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s <seconds> <seed> <file>...\n", argv[0]);
    return 2;
  }
  using clock = std::chrono::steady_clock;
  using seconds = std::chrono::duration<double>;
  const seconds time(std::atof(argv[1]));
  Damager damager(std::strtoull(argv[2], nullptr, 10));
  for (int i = 3; i < argc; ++i)
    if (!damager.add_file(argv[i])) {
      std::fprintf(stderr, "%s cannot be read\n", argv[i]);
      return 2;
    }

  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("gpuimg_fuzz_" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::string path = (folder / name).string();
  std::set<std::string> kinds;
  std::uint64_t files = 0, accepted = 0;
  seconds longest(0);
  const auto begin = clock::now();
  while (clock::now() - begin < time) {
    const std::string bytes = damager.next();
    std::filesystem::remove(path);  // some file systems flush a file that is cut to nothing first
    std::ofstream(path, std::ios::binary) << bytes;  // stays there after a crash
    const std::clock_t start = std::clock();         // of this process: others may keep it waiting
    std::string outcome = "no error";
    try {
      read(path);
      ++accepted;
    } catch (const gpuimg::error& error) {
      outcome = error.what();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: throws %s\n", path.c_str(), error.what());
      return 1;
    }
    longest = std::max(longest, seconds(double(std::clock() - start) / CLOCKS_PER_SEC));
    if (longest > seconds(20)) {
      std::fprintf(stderr, "%s: takes %.1f s\n", path.c_str(), longest.count());
      return 1;
    }
    if (outcome.size() > 10000 || outcome.find('\n') != std::string::npos) {
      std::fprintf(stderr, "%s: has a long message\n", path.c_str());
      return 1;
    }
    if (kinds.insert(kind_of(outcome)).second && damager.files() < 2000) damager.add_damaged(bytes);
    ++files;
  }
  std::filesystem::remove_all(folder);
  std::printf("%s: %llu files, %llu read, %zu kinds of outcomes, at most %.3f s a file\n",
              name.c_str(), static_cast<unsigned long long>(files),
              static_cast<unsigned long long>(accepted), kinds.size(), longest.count());
  return 0;
}

}  // namespace fuzz
