// SPDX-License-Identifier: BSD-3-Clause
// io/file_replacement.hpp: what an output may be, and what stays of it.
#include "gpuimg/io/file_replacement.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "gpuimg/io/csv.hpp"
#include "gpuimg/io/png.hpp"
#include "gpuimg/io/tiff.hpp"
#include "support/files.hpp"
#include "support/process.hpp"

namespace {

namespace fs = std::filesystem;
using gpuimg::io_error;
using gpuimg::io::check_writable;
using gpuimg::io::file_replacement;
using gpuimg::io::special_file;

std::string text_of(const std::string& path) {
  const auto bytes = test::bytes_of(path);
  return {bytes.begin(), bytes.end()};
}

void write_text(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

void replace(const std::string& path, const std::string& text) {
  file_replacement file(path);
  write_text(file.temporary(), text);
  file.commit();
}

std::string reason_of(const std::string& path, special_file special = special_file::refuse) {
  try {
    check_writable(path, special);
  } catch (const io_error& error) {
    CHECK(error.file() == path);
    CHECK(error.what() == path + ": " + error.reason());
    return error.reason();
  }
  return "";
}

std::size_t files_in(const test::temporary_folder& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path()), {}));
}

const gpuimg::table numbers{.columns = {"a", "b"}, .rows = {{1, 0.5}, {-2, std::nan("")}}};
const std::string number_lines = "a,b\n1,0.5\n-2,nan\n";

}  // namespace

TEST_CASE("file_replacement: a file appears when it is committed, and else nothing stays", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.txt");
  {
    const file_replacement file(path);
    write_text(file.temporary(), "half");
    CHECK_FALSE(fs::exists(path));
    CHECK(files_in(folder) == 1);
  }
  CHECK(files_in(folder) == 0);
  check_writable(path);
  CHECK(files_in(folder) == 0);
  replace(path, "whole");
  CHECK(text_of(path) == "whole");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("file_replacement: a file that is kept stays for the next one of the same name", "[io]") {
  using gpuimg::io::unfinished_file;
  const test::temporary_folder folder;
  const std::string path = folder.file("a.txt");
  {
    const file_replacement file(path, special_file::refuse, unfinished_file::keep);
    CHECK(file.temporary() == path + ".part");
    write_text(file.temporary(), "half");
  }
  CHECK_FALSE(fs::exists(path));
  file_replacement file(path, special_file::refuse, unfinished_file::keep);
  CHECK(text_of(file.temporary()) == "half");
  gpuimg::io::remove_temporary_files();
  file.commit();
  CHECK(text_of(path) == "half");
  CHECK(files_in(folder) == 1);

  fs::create_symlink(path, folder.file("b.txt.part"));
  CHECK_THROWS_MATCHES(
      file_replacement(folder.file("b.txt"), special_file::refuse, unfinished_file::keep), io_error,
      Catch::Message(folder.file("b.txt") +
                     ": cannot be written: Too many levels of symbolic "
                     "links (" +
                     folder.file("b.txt.part") + ")"));
}

TEST_CASE("file_replacement: links are followed, dangling ones too, and stay links", "[io]") {
  const test::temporary_folder folder, other;
  write_text(other.file("target"), "old");
  fs::create_symlink(other.file("target"), folder.file("absolute"));
  fs::create_symlink("absolute", folder.file("chain"));
  fs::create_symlink("not_there_yet", folder.file("dangling"));
  replace(folder.file("chain"), "new");
  CHECK(text_of(other.file("target")) == "new");
  CHECK(fs::is_symlink(folder.file("chain")));
  CHECK(fs::is_symlink(folder.file("absolute")));
  replace(folder.file("dangling"), "first");
  CHECK(text_of(folder.file("not_there_yet")) == "first");
  CHECK(fs::is_symlink(folder.file("dangling")));

  fs::create_symlink("around", folder.file("around"));
  CHECK_FALSE(reason_of(folder.file("around")).empty());
}

TEST_CASE("file_replacement: permissions are kept, and a read-only file is refused", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("a.txt");
  replace(path, "old");
  fs::permissions(path, static_cast<fs::perms>(0640));
  replace(path, "new");
  CHECK(fs::status(path).permissions() == static_cast<fs::perms>(0640));
  fs::permissions(path, static_cast<fs::perms>(0444));
  CHECK(reason_of(path) == "cannot be written: it is read-only");
  CHECK(text_of(path) == "new");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("file_replacement: what no file can replace is refused with the system's reason",
          "[io]") {
  const test::temporary_folder folder;
  CHECK(reason_of(folder.file("absent/a.txt")) ==
        "cannot be written: there is no folder " + folder.file("absent"));
  CHECK(reason_of(folder.path().string()) == "cannot be written: it is a folder");
  write_text(folder.file("file"), "");
  CHECK(reason_of(folder.file("file/a.txt")) == "cannot be written: Not a directory");
  CHECK(reason_of(folder.file(std::string(256, 'n'))) == "cannot be written: File name too long");
  CHECK(reason_of(folder.file(std::string(255, 'n'))).empty());
  replace(folder.file(std::string(255, 'n')), "as long as a name can be");
  if (::geteuid() == 0) return;  // who may write everywhere
  fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(reason_of(folder.file("a.txt")) == "cannot be written: Permission denied");
}

TEST_CASE("file_replacement: a device stays a device", "[io]") {
  if (::geteuid() != 0) {
    WARN("only the superuser can make the device that this test writes to");
    return;
  }
  const test::temporary_folder folder;
  const std::string path = folder.file("null.tif");
  if (::mknod(path.c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0 ||
      !std::ofstream(path).put('x').flush()) {
    WARN("this file system takes no devices");
    return;
  }
  const std::vector<std::uint8_t> values(4);
  const gpuimg::view<const std::uint8_t> image(values.data(), {2, 2});
  CHECK_THROWS_MATCHES(gpuimg::io::write_tiff(path, image), io_error,
                       Catch::Message(path + ": cannot be written: it is a device, a pipe or a "
                                             "socket, not a file"));
  CHECK_THROWS_AS(gpuimg::io::write_png(path, image), io_error);
  gpuimg::io::write_csv(path, numbers);
  CHECK(fs::is_character_file(path));
  CHECK(files_in(folder) == 1);
}

TEST_CASE("write_csv: a device without room ends in an io_error with the system's reason", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("full");
  if (::geteuid() != 0 || ::mknod(path.c_str(), S_IFCHR | 0666, makedev(1, 7)) != 0 ||
      !std::ofstream(path)) {
    WARN("only the superuser can make the device that this test writes to");
    return;
  }
  CHECK_THROWS_MATCHES(gpuimg::io::write_csv(path, numbers), io_error,
                       Catch::Message(path + ": cannot be written: No space left on device"));
}

TEST_CASE("write_tiff, write_png: a file that does not fit is refused with the system's reason",
          "[io]") {
  const test::temporary_folder folder;
  std::vector<std::uint16_t> values(200 * 200);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::uint16_t>(i * i * 40503U);
  const gpuimg::view<const std::uint16_t> image(values.data(), {200, 200});
  std::string tiff_reason, png_reason;
  {
    const test::full_disk disk(10000);
    try {
      gpuimg::io::write_tiff(folder.file("a.tif"), image);
    } catch (const io_error& error) {
      tiff_reason = error.reason();
    }
    try {
      gpuimg::io::write_png(folder.file("a.png"), image);
    } catch (const io_error& error) {
      png_reason = error.reason();
    }
  }
  CHECK_THAT(tiff_reason, Catch::StartsWith("cannot be written: File too large"));
  CHECK(png_reason == "cannot be written: File too large");
  CHECK(files_in(folder) == 0);
}

TEST_CASE("write_csv: a pipe is written to, and an image refuses it", "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0666) == 0);
  CHECK(reason_of(path) == "cannot be written: it is a device, a pipe or a socket, not a file");
  CHECK(reason_of(path, special_file::write_through).empty());
  std::string read;
  std::thread reader([&] { read = text_of(path); });
  gpuimg::io::write_csv(path, numbers);
  reader.join();
  CHECK(read == number_lines);
  CHECK(fs::is_fifo(path));
}

TEST_CASE("write_csv: what a link to an open file of /proc leads to is written to", "[io]") {
  const test::temporary_folder folder;
  int ends[2] = {};
  REQUIRE(::pipe(ends) == 0);
  fs::create_symlink("/proc/self/fd/" + std::to_string(ends[1]), folder.file("stdout"));
  gpuimg::io::write_csv(folder.file("stdout"), numbers);
  std::string read(number_lines.size(), ' ');
  CHECK(::read(ends[0], read.data(), read.size()) == static_cast<ssize_t>(read.size()));
  CHECK(read == number_lines);
  CHECK(fs::is_symlink(folder.file("stdout")));
  gpuimg::io::write_csv("/dev/fd/" + std::to_string(ends[1]), numbers);  // as shells name pipes
  CHECK(::read(ends[0], read.data(), read.size()) == static_cast<ssize_t>(read.size()));
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("remove_temporary_files: what is being written goes, what is there stays", "[io]") {
  const test::temporary_folder folder;
  replace(folder.file("there"), "stays");
  const file_replacement first(folder.file("a")), second(folder.file("b"));
  CHECK(files_in(folder) == 3);
  gpuimg::io::remove_temporary_files();
  CHECK(files_in(folder) == 1);
  CHECK(text_of(folder.file("there")) == "stays");
}

TEST_CASE("number_text: the shortest text that is the same number", "[io]") {
  using gpuimg::io::number_text;
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(-3) == "-3");
  CHECK(number_text(1e300) == "1e+300");
  CHECK(number_text(std::nan("")) == "nan");
  CHECK(number_text(-std::nan("")) == "nan");
  CHECK(number_text(-HUGE_VAL) == "-inf");
}
