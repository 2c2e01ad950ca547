// SPDX-License-Identifier: BSD-3-Clause
// Compiled programs in memory and on disk. Nothing that happens to the disk fails an operation.
#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "support/devices.hpp"
#include "support/files.hpp"
#include "support/images.hpp"
#include "support/matchers.hpp"
#include "support/process.hpp"

namespace {

namespace fs = std::filesystem;
using gpuimg::shape;

constexpr shape size{17, 5, 3};

// By two kernels.
std::vector<float> blurred_on(const gpuimg::device& device, const shape& s = size) {
  const auto src = push(device, test::random_pixels<std::uint8_t>(s, 1), s);
  return pull(gaussian_blur(src, {.sigma_x = 1, .sigma_z = 1}));
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> found;
  if (fs::exists(folder))
    for (const auto& entry : fs::directory_iterator(folder)) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::string contents_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

// A new device that keeps its programs in the given folder, whatever its driver keeps by itself.
gpuimg::device device_with_cache(const gpuimg::device& plain, const std::string& folder) {
  const test::scoped_environment set("GPUIMG_CACHE", folder);
  auto description = plain.opencl().description();
  description.compiles_at_launch = false;
  return gpuimg::device(gpuimg::opencl::device(description));
}

// A small kernel of a test's own; `name` and `body` make it another one.
struct own_kernel {
  own_kernel(const std::string& kernel, const std::string& body)
      : name(kernel), text("kernel void " + kernel + "(global uint* out) {\n" + body + "\n}\n") {}
  void launch_on(const gpuimg::device& device, const gpuimg::opencl::buffer& out) const {
    device.opencl().launch({name.c_str(), text.c_str(), text.c_str()}, name.c_str(), {}, {1},
                           {out});
  }
  std::string name, text;
};

/// Calls `f` with the name of each file of kernels before a program of it is compiled.
template <class F>
void observe_builds(const gpuimg::device& device, F f) {
  class observer final : public gpuimg::opencl::build_observer {
   public:
    explicit observer(F f) : f_(std::move(f)) {}
    void builds(const char* file) override { f_(file); }

   private:
    F f_;
  };
  device.opencl().programs().observed_by(std::make_shared<observer>(std::move(f)));
}

}  // namespace

TEST_CASE("programs: a new image size, parameter or border compiles nothing", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    const auto device = device_with_cache(plain, "off");
    blurred_on(device);
    const auto built = device.opencl().programs().built();
    CHECK(built > 0);
    for (const shape& s : test::awkward_shapes()) blurred_on(device, s);
    const auto src = push(device, test::random_pixels<std::uint8_t>(size, 1), size);
    gaussian_blur(src, {.sigma_x = 7, .sigma_z = 2, .border = gpuimg::border::mirror});
    CHECK(device.opencl().programs().built() == built);
  }
}

TEST_CASE("programs: the second device finds on disk what the first compiled", "[opencl]") {
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    const std::string cache = (folder.path() / "deep" / "cache").string();
    const auto first = device_with_cache(plain, cache), second = device_with_cache(plain, cache);
    CHECK(blurred_on(first) == expected);
    CHECK(first.opencl().programs().built() == entries_of(cache).size());
    CHECK_FALSE(entries_of(cache).empty());
    CHECK(blurred_on(second) == expected);
    CHECK(second.opencl().programs().built() == 0);
    CHECK(fs::status(cache).permissions() == fs::perms::owner_all);
  }
}

TEST_CASE("programs: a hundred damaged entries give right results and are replaced", "[opencl]") {
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    const auto cache = folder.path().string();
    blurred_on(device_with_cache(plain, cache));
    const auto entries = entries_of(cache);
    REQUIRE_FALSE(entries.empty());
    const fs::path& entry = entries.front();
    const std::string good = contents_of(entry);
    REQUIRE(good.size() > 200);
    for (std::uint64_t i = 0; i < 100; ++i) {
      std::string bad = good;
      // The header and the first bytes of the binary get half of the damage.
      const std::size_t reach = i % 2 == 0 ? 400 : good.size();
      const std::size_t at = test::random_below(std::min(reach, good.size()), 7, i);
      if (i % 4 < 2)
        bad[at] = static_cast<char>(bad[at] ^ (1 << test::random_below(8, 8, i)));
      else if (i % 4 == 2)
        bad.resize(at);
      else
        bad += bad.substr(at);
      write(entry, bad);
      INFO("damage " << i << " at byte " << at << " of " << good.size());
      const auto device = device_with_cache(plain, cache);
      REQUIRE(blurred_on(device) == expected);
      REQUIRE(device.opencl().programs().built() == 1);
      REQUIRE(contents_of(entry).size() > 200);
      if (contents_of(entry) == bad) FAIL("the damaged entry is still there");
    }
  }
}

TEST_CASE("programs: an entry that is no plain file of the user's own is not used", "[opencl]") {
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder, elsewhere;
    const auto cache = folder.path().string();
    blurred_on(device_with_cache(plain, cache));
    const fs::path entry = entries_of(cache).front();
    const std::string good = contents_of(entry);
    const fs::path copy = elsewhere.path() / "copy";
    write(copy, good);

    const auto rebuilds = [&](const char* what) {
      INFO(what);
      const auto device = device_with_cache(plain, cache);
      CHECK(blurred_on(device) == expected);
      CHECK(device.opencl().programs().built() == 1);
      fs::remove_all(entry);
    };
    fs::remove(entry);
    fs::create_directory(entry);
    write(entry / "inside", "x");
    rebuilds("a folder");
    fs::create_symlink(copy, entry);
    rebuilds("a link to a good entry");
    CHECK(contents_of(copy) == good);
    fs::create_symlink("nowhere", entry);
    rebuilds("a link to nowhere");
    REQUIRE(::mkfifo(entry.c_str(), 0600) == 0);
    rebuilds("a pipe");
    write(entry, good);
    fs::permissions(entry, fs::perms::others_write, fs::perm_options::add);
    rebuilds("a file that others can write");
    write(entry, "");
    rebuilds("an empty file");
  }
}

TEST_CASE("programs: an entry of another program is not used in its place", "[opencl]") {
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    const auto cache = folder.path().string();
    blurred_on(device_with_cache(plain, cache));
    const auto entries = entries_of(cache);
    REQUIRE(entries.size() >= 2);
    write(entries[0], contents_of(entries[1]));
    const auto device = device_with_cache(plain, cache);
    CHECK(blurred_on(device) == expected);
    CHECK(device.opencl().programs().built() == 1);
  }
}

TEST_CASE("programs: a folder that others can write to, a link or a file is not used", "[opencl]") {
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    const fs::path open = folder.path() / "open", link = folder.path() / "link",
                   file = folder.path() / "file";
    fs::create_directory(open);
    fs::permissions(open, fs::perms::all);
    fs::create_directory(folder.path() / "target");
    fs::create_directory_symlink(folder.path() / "target", link);
    write(file, "");
    for (const fs::path& cache : {open, link, file, fs::path("/proc/no/such"), file / "below"}) {
      INFO(cache.filename().string());
      CHECK(blurred_on(device_with_cache(plain, cache.string())) == expected);
    }
    CHECK(entries_of(open).empty());
    CHECK(entries_of(folder.path() / "target").empty());
    CHECK(contents_of(file).empty());
  }
}

TEST_CASE("programs: GPUIMG_CACHE=off writes nothing anywhere", "[opencl]") {
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    const test::scoped_environment xdg("XDG_CACHE_HOME", folder.path().string());
    const auto off = device_with_cache(plain, "off");
    CHECK(blurred_on(off) == expected);
    CHECK(entries_of(folder.path()).empty());
    CHECK_FALSE(fs::exists("off"));

    const test::scoped_environment unset("GPUIMG_CACHE", std::nullopt);
    auto description = plain.opencl().description();
    description.compiles_at_launch = false;
    const gpuimg::device by_home{gpuimg::opencl::device(description)};
    CHECK(blurred_on(by_home) == expected);
    CHECK_FALSE(entries_of(folder.path() / "gpuimg").empty());
  }
}

TEST_CASE("programs: a folder that cannot be written fails no operation", "[opencl]") {
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    std::ofstream(folder.path() / "file") << "no folder";
    const auto device = device_with_cache(plain, (folder.path() / "file" / "cache").string());
    CHECK(blurred_on(device) == expected);
    CHECK(device.opencl().programs().built() > 0);
  }
}

// Started by the test below.
TEST_CASE("programs: a child process computes the right pixels", "[.cache-child]") {
  const char* folder = std::getenv("GPUIMG_CACHE");
  REQUIRE(folder != nullptr);
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices())
    CHECK(blurred_on(device_with_cache(plain, folder)) == expected);
}

TEST_CASE("programs: eight processes that start on an empty cache get right results", "[opencl]") {
  if (test::opencl_devices().empty()) return;
  const test::temporary_folder folder;
  const test::scoped_environment set("GPUIMG_CACHE", (folder.path() / "cache").string());
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) children.push_back(test::start_self({"[.cache-child]"}));
  for (const pid_t child : children) CHECK(test::exit_status(child) == 0);
  for (const auto& entry : entries_of(folder.path() / "cache")) CHECK(entry.extension() == ".bin");
  CHECK_FALSE(entries_of(folder.path() / "cache").empty());
}

TEST_CASE("programs: a thread that compiles holds up no launch of a compiled kernel", "[opencl]") {
  const own_kernel quick("quick", "out[0] = 1;"), slow("slow", "out[0] = 2;");
  for (const auto& plain : test::opencl_devices()) {
    const auto device = device_with_cache(plain, "off");
    const auto memory = device.opencl().allocate(sizeof(cl_uint));
    quick.launch_on(device, memory);
    // The other thread compiles for as long as it takes to launch here.
    std::promise<void> compiling, launched;
    auto done = launched.get_future();
    std::atomic<bool> waited_in_vain = false;
    observe_builds(device, [&](const char* file) {
      if (std::string(file) != "slow") return;
      compiling.set_value();
      waited_in_vain = done.wait_for(std::chrono::seconds(20)) != std::future_status::ready;
    });
    std::thread other([&] { slow.launch_on(device, memory); });
    compiling.get_future().wait();
    quick.launch_on(device, memory);
    launched.set_value();
    other.join();
    CHECK_FALSE(waited_in_vain);
    device.opencl().programs().observed_by(nullptr);
  }
}

TEST_CASE("programs: threads that want the same program wait for one to compile it", "[opencl]") {
  const own_kernel shared("shared", "out[0] = 3;");
  for (const auto& plain : test::opencl_devices()) {
    const auto device = device_with_cache(plain, "off");
    const auto memory = device.opencl().allocate(sizeof(cl_uint));
    std::atomic<int> builds = 0;
    observe_builds(device, [&](const char*) {
      ++builds;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { shared.launch_on(device, memory); });
    for (auto& thread : threads) thread.join();
    CHECK(builds == 1);
    CHECK(device.opencl().programs().built() == 1);
    device.finish();
  }
}

TEST_CASE("programs: a build that failed is tried again, and fails all who waited for it",
          "[opencl]") {
  const own_kernel broken("broken", "out[0] = no_such;");
  for (const auto& plain : test::opencl_devices()) {
    const auto device = device_with_cache(plain, "off");
    const auto memory = device.opencl().allocate(sizeof(cl_uint));
    std::atomic<int> builds = 0, failures = 0;
    observe_builds(device, [&](const char*) {
      ++builds;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        try {
          broken.launch_on(device, memory);
        } catch (const gpuimg::build_error&) {
          ++failures;
        }
      });
    for (auto& thread : threads) thread.join();
    CHECK(failures == 4);
    const int before = builds;
    CHECK_THROWS_AS(broken.launch_on(device, memory), gpuimg::build_error);
    CHECK(builds == before + 1);
    CHECK(device.opencl().programs().built() == 0);
  }
}

TEST_CASE("programs: a driver that compiles at the first launch gets whole files, no binaries",
          "[opencl]") {
  const auto expected = blurred_on(test::reference());
  for (const auto& plain : test::opencl_devices()) {
    const test::temporary_folder folder;
    const test::scoped_environment set("GPUIMG_CACHE", folder.path().string());
    auto description = plain.opencl().description();
    description.compiles_at_launch = true;
    const gpuimg::device device{gpuimg::opencl::device(description)};
    CHECK(blurred_on(device) == expected);
    CHECK(device.opencl().programs().built() == 2);  // pixels are u8 for x, f32 for z
    CHECK(entries_of(folder.path()).empty());
    const auto src = push(device, std::vector<float>(27, 1.0f), {3, 3, 3});
    gaussian_blur(src, {.sigma_x = 1, .sigma_y = 1, .sigma_z = 1});
    CHECK(device.opencl().programs().built() == 2);
  }
}

TEST_CASE("programs: passes that compute the same are one program", "[opencl]") {
  for (const auto& plain : test::opencl_devices()) {
    auto description = plain.opencl().description();
    const shape cube{9, 9, 9};
    const gpuimg::ops::top_hat op{.radius_x = 1, .radius_y = 1, .radius_z = 1};
    const auto built = [&](bool compiles_at_launch) {
      const test::scoped_environment off("GPUIMG_CACHE", "off");
      description.compiles_at_launch = compiles_at_launch;
      const gpuimg::device device{gpuimg::opencl::device(description)};
      gpuimg::top_hat(push(device, test::random_pixels<std::uint16_t>(cube, 1), cube), op);
      return device.opencl().programs().built();
    };
    // minimum and maximum along x and y together, then along z
    CHECK(built(true) <= 4);
    CHECK(built(false) <= 4);
  }
}
