// SPDX-License-Identifier: BSD-3-Clause
// gpuimg_speedup: CLIJ's table of speed-ups, measured on this machine. bench/README.md says how.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/speedup/contestant.hpp"
#include "bench/speedup/measure.hpp"
#include "bench/speedup/report.hpp"

namespace speedup {
namespace {

struct options {
  plan measuring;
  std::vector<std::string> types{"f32"}, devices, peers;
  std::vector<std::size_t> size_2d{2048, 1024}, size_3d{256, 256, 256};
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  std::string out = ".", name, from;
};

/// A new folder, removed in the end.
class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "gpuimg_speedup_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
    path_ = name;
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What this process and the peers find in their environment: empty caches of compiled kernels, so
/// that first calls are first ones, and as many threads for everybody. PoCL's threads stay on a
/// core each: Linux leaves two on one core at times, for the whole of a short call.
void set_environment(int threads, const std::string& folder) {
  for (const char* variable :
       {"GPUIMG_CACHE", "POCL_CACHE_DIR", "CUDA_CACHE_PATH", "CUPY_CACHE_DIR"}) {
    const std::string path = folder + "/" + variable;
    std::filesystem::create_directory(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    ::setenv(variable, path.c_str(), 1);
  }
  ::setenv("CLESPERANTO_NO_CACHE", "1", 1);
  for (const char* variable :
       {"POCL_MAX_PTHREAD_COUNT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PEER_THREADS"})
    ::setenv(variable, std::to_string(threads).c_str(), 1);
  ::setenv("POCL_AFFINITY", "1", 1);
}

/// Those that are named, or all of this machine; GPUs first, the reference last.
std::vector<gpuimg::device> chosen_devices(const std::vector<std::string>& names) {
  std::vector<gpuimg::device> devices;
  for (const auto& name : names) devices.push_back(gpuimg::device::by_name(name));
  if (!devices.empty()) return devices;
  const auto all = gpuimg::device::list();
  for (const auto& preferred : gpuimg::device::by_preference(all))
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].opencl.id == preferred.opencl.id) devices.push_back(gpuimg::device::by_index(i));
  devices.push_back(gpuimg::device::reference());
  return devices;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

double load() {
  double average = 0;
  return ::getloadavg(&average, 1) == 1 ? average : 0;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[11];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

/// "pocl_cascadelake": a device's name as that of a file.
std::string file_name_of(const std::string& device) {
  std::string name;
  for (const char c : device) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name.push_back(static_cast<char>(std::tolower(c)));
    else if (!name.empty() && name.back() != '_')
      name.push_back('_');
  }
  return name;
}

report measure_all(options o, const std::string& command) {
  const temporary_folder folder;
  set_environment(o.threads, folder.path());
  o.measuring.folder = folder.path();

  report r{.processor = processor_name(),
           .gpuimg_version = std::string(gpuimg::version),
           .date = today(),
           .command = command,
           .threads = o.threads,
           .load_before = load()};
  std::vector<std::unique_ptr<contestant>> contestants, ours;
  std::vector<std::string> columns;
  for (const auto& device : chosen_devices(o.devices)) {
    if (device.is_reference()) {
      contestants.push_back(make_device_contestant(device, "gpuimg reference"));
      continue;
    }
    if (r.device.empty()) {
      const auto& about = device.opencl().description();
      r.device = about.name;
      r.driver = about.platform + ", driver " + about.driver;
      ::setenv("PEER_DEVICE", r.device.c_str(), 1);
    }
    std::string column = "gpuimg, " + device.name();
    if (std::ranges::find(columns, column) != columns.end())
      column += " #" + std::to_string(columns.size());
    columns.push_back(column);
    ours.push_back(make_device_contestant(device, column));
  }
  if (ours.empty()) throw std::runtime_error("there is no OpenCL device to measure");
  for (const auto& peer : o.peers) {
    try {
      contestants.push_back(start_peer(peer, folder.path()));
    } catch (const std::exception& e) {
      r.absent.push_back(peer.substr(peer.rfind('/') + 1) + ": " + e.what());
      std::cerr << "left out: " << r.absent.back() << std::endl;
    }
  }
  for (auto& device : ours) contestants.push_back(std::move(device));
  for (const auto& c : contestants) r.contestants.push_back(c->info());
  r.rows = measure(o.measuring, contestants);
  r.load_after = load();
  return r;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
  std::cerr << "wrote " << path.string() << std::endl;
}

void run(options o) {
  const auto shape_of = [](const std::vector<std::size_t>& s) {
    return gpuimg::shape{s[0], s[1], s.size() == 3 ? s[2] : 1};
  };
  plan& p = o.measuring;
  p.size_2d = shape_of(o.size_2d);
  p.size_3d = shape_of(o.size_3d);
  p.types.clear();
  std::string command = "scripts/speedup_table.sh --types";
  for (const auto& name : o.types) {
    for (const auto type : gpuimg::all_pixel_types)
      if (name == name_of(type)) p.types.push_back(type);
    command += " " + name;
  }
  command += " --rounds " + std::to_string(p.rounds) + " --threads " + std::to_string(o.threads);
  if (p.large) command += " --large";
  if (p.all) command += " --all";

  report r;
  if (o.from.empty()) {
    r = measure_all(o, command);
  } else {
    std::ifstream file(o.from);
    r = nlohmann::json::parse(file).get<report>();
  }
  const std::string name = o.name.empty() ? file_name_of(r.device) : o.name;
  const std::filesystem::path folder = o.out;
  std::filesystem::create_directories(folder);
  const std::string text = to_markdown(r, name + ".svg");
  write(folder / (name + ".json"), nlohmann::json(r).dump(1) + "\n");
  write(folder / (name + ".svg"), to_svg(r));
  write(folder / (name + ".md"), text);
  std::cout << text;
}

}  // namespace
}  // namespace speedup

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that ended is noticed when it does not answer
  CLI::App app("CLIJ's table of speed-ups, measured on this machine.", "gpuimg_speedup");
  speedup::options o;
  app.option_defaults()->always_capture_default();
  app.add_option("--types", o.types, "pixel types")->check(CLI::IsMember({"u8", "u16", "f32"}));
  app.add_option("--size2d", o.size_2d, "pixels along x and y")->expected(2);
  app.add_option("--size3d", o.size_3d, "pixels along x, y and z")->expected(3);
  app.add_flag("--large", o.measuring.large, "also 8192x8192 and 512x512x512, which fit no cache");
  app.add_flag("--all", o.measuring.all, "also every other operation, as it is by default");
  app.add_option("--only", o.measuring.only, "benchmarks whose name contains this");
  app.add_option("--rounds", o.measuring.rounds, "calls of every contestant, in turns")
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", o.measuring.seconds,
                 "who spent more on a row joins no further round");
  app.add_option(
      "--patience", o.measuring.patience,
      "seconds; a call that takes longer is not repeated, or not made if that is foreseen");
  app.add_option("--threads", o.threads, "of everybody that computes on the CPU")
      ->check(CLI::PositiveNumber);
  app.add_option("--device", o.devices, "devices, as GPUIMG_DEVICE names them; else all");
  app.add_option("--peer", o.peers, "commands of peers, each in quotes (bench/peers)");
  app.add_option("--from", o.from, "a .json of an earlier run to write the tables of, once more");
  app.add_option("--out", o.out,
                 "folder for the table (.md), the chart (.svg) and all times (.json)")
      ->take_last();  // after the script's
  app.add_option("--name", o.name, "of these files; else the device's");
  try {
    app.parse(argc, argv);
    speedup::run(o);
    return 0;
  } catch (const CLI::ParseError& e) {
    return app.exit(e);
  } catch (const std::exception& e) {
    std::cerr << "gpuimg_speedup: " << e.what() << "\n";
    return 1;
  }
}
