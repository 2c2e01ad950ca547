// SPDX-License-Identifier: BSD-3-Clause
// Reads files; writes text files, complete or not at all.
#include "cli/json_files.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "gpuimg/core/error.hpp"
#include "gpuimg/io/file_replacement.hpp"

namespace gpuimg::cli {

void write_text(const std::string& path, const std::string& text) {
  io::file_replacement replacement(path, io::special_file::write_through);
  errno = 0;
  std::ofstream file(replacement.temporary(), std::ios::binary);
  file << text;
  file.close();
  if (!file)
    throw io_error(path, -1, "cannot be written: " + std::generic_category().message(errno));
  replacement.commit();
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw io_error(path, -1, "cannot be read");
  return text;
}

}  // namespace gpuimg::cli
