// SPDX-License-Identifier: BSD-3-Clause
// The command line program as tests run it: in a folder of its own.
#pragma once

#include <sys/wait.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "gpuimg/io/png.hpp"
#include "gpuimg/io/tiff.hpp"
#include "support/files.hpp"
#include "support/images.hpp"

namespace test {

namespace io = gpuimg::io;

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

struct outcome {
  int status = -1;  ///< of the program; 124 where it hangs, 128 + n where signal n ended it
  std::string out, err;

  [[nodiscard]] bool succeeded() const { return status == 0 && err.empty(); }
  /// Refused with one line of reason, and nothing else.
  [[nodiscard]] bool refused() const {
    return status == 2 && out.empty() && err.starts_with("gpuimg: ") && lines_of(err).size() == 1 &&
           err.back() == '\n';
  }
};

/// The program, in a folder of its own that is removed in the end.
class program {
 public:
  program() {
    const char* named = std::getenv("GPUIMG_CLI");
    path_ = named != nullptr
                ? std::filesystem::path(named)
                : std::filesystem::read_symlink("/proc/self/exe").parent_path() / "gpuimg";
    INFO("looked for " << path_ << "; the environment variable GPUIMG_CLI can name another");
    REQUIRE(std::filesystem::is_regular_file(path_));
  }

  [[nodiscard]] std::string executable() const { return path_.string(); }

  /// Runs the program in the folder with words that the shell splits.
  [[nodiscard]] outcome operator()(const std::string& words, int seconds = 120) const {
    const std::string command = "cd '" + folder().string() + "' && timeout -k 1 " +
                                std::to_string(seconds) + " '" + path_.string() +
                                "' </dev/null 2>stderr " + words + " >stdout";
    const int status = std::system(command.c_str());
    outcome result{WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                   text_of(folder() / "stdout"), text_of(folder() / "stderr")};
    UNSCOPED_INFO("gpuimg " << words << "\nstatus " << result.status << "\n"
                            << result.out << result.err);
    return result;
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder() / name).string();
  }
  [[nodiscard]] bool has(const std::string& name) const {
    return std::filesystem::exists(folder() / name);
  }

  template <gpuimg::pixel T>
  void write(const std::string& name, const std::vector<T>& pixels, const gpuimg::shape& size,
             const io::tiff_write_options& options = {}) const {
    io::write_tiff(path(name), gpuimg::view(pixels.data(), size), options);
  }
  void write_text(const std::string& name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  [[nodiscard]] gpuimg::host_image read(const std::string& name) const {
    return io::read_tiff(path(name));
  }
  /// The pixels of a TIFF or PNG file, which are T.
  template <gpuimg::pixel T>
  [[nodiscard]] std::vector<T> pixels(const std::string& name) const {
    if (name.ends_with(".png")) return std::get<std::vector<T>>(io::read_png(path(name)).pixels);
    return std::get<std::vector<T>>(read(name).pixels);
  }

 private:
  std::filesystem::path path_;
  temporary_folder folder_;
};

/// Discs of radius 8 on a grid, 40 pixels apart, in each slice of `size`; labels count from 1.
inline std::vector<std::uint32_t> disc_labels(const gpuimg::shape& size) {
  std::vector<std::uint32_t> labels(size.pixels());
  const std::size_t across = size.x / 40;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::size_t x = i % size.x, y = i / size.x % size.y;
    const auto dx = static_cast<int>(x % 40) - 20, dy = static_cast<int>(y % 40) - 20;
    if (dx * dx + dy * dy <= 64)
      labels[i] = static_cast<std::uint32_t>(x / 40 + across * (y / 40)) + 1;
  }
  return labels;
}

inline std::vector<std::uint16_t> picture_of(const std::vector<std::uint32_t>& labels) {
  std::vector<std::uint16_t> pixels(labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    pixels[i] = static_cast<std::uint16_t>((labels[i] != 0 ? 900 : 100) + random_below(20, 1, i));
  return pixels;
}

}  // namespace test
