// SPDX-License-Identifier: BSD-3-Clause
// A peer as a contestant: a process that is asked line by line.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <variant>

#include "bench/speedup/contestant.hpp"

namespace speedup {
namespace {

/// A shell command that reads our lines and answers in lines. Ends with the object.
class child_process {
 public:
  explicit child_process(const std::string& command) {
    int to[2], from[2];
    // Closed in children that start later: the end of ours is seen at once.
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0)
      throw std::runtime_error("no pipes are left");
    const std::string line = "exec " + command;
    child_ = ::fork();
    if (child_ < 0) throw std::runtime_error("no process can be made");
    if (child_ == 0) {
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    to_ = ::fdopen(to[1], "w");
    from_ = ::fdopen(from[0], "r");
  }
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  ~child_process() {
    std::fclose(to_);
    std::fclose(from_);
    ::waitpid(child_, nullptr, 0);
  }

  void say(const std::string& line) {
    std::fprintf(to_, "%s\n", line.c_str());
    std::fflush(to_);
  }
  /// Its next line. Throws std::runtime_error where it ended.
  std::string answer() {
    std::string line;
    for (int c = std::fgetc(from_); c != '\n'; c = std::fgetc(from_)) {
      if (c == EOF) throw std::runtime_error("ended without an answer");
      line.push_back(static_cast<char>(c));
    }
    return line;
  }

 private:
  pid_t child_ = -1;
  std::FILE *to_ = nullptr, *from_ = nullptr;
};

/// What follows a word at the start of a line; nothing where the line starts differently.
std::optional<std::string> after(const std::string& word, const std::string& line) {
  if (line.rfind(word + " ", 0) != 0) return std::nullopt;
  return line.substr(word.size() + 1);
}

class peer_contestant : public contestant {
 public:
  peer_contestant(const std::string& command, const std::string& folder)
      : process_(command), result_path_(folder + "/result.raw") {
    const std::string line = process_.answer();
    if (const auto reason = after("missing", line)) throw std::runtime_error(*reason);
    const auto tab = line.find('\t');
    if (tab == std::string::npos) throw std::runtime_error("said '" + line + "'");
    info_ = {line.substr(0, tab), line.substr(tab + 1), false};
  }

  [[nodiscard]] contestant_info info() const override { return info_; }

  double begin(const problem& p) override {
    std::string line = std::string("row ") + p.entry->about->name;
    for (const auto& [name, value] : p.parameters) line += " " + name + "=" + value;
    for (std::size_t i = 0; i < p.inputs.size(); ++i)
      line += " " + std::string(name_of(p.inputs[i].type())) + ":" + to_string(p.inputs[i].size) +
              ":" + p.files[i];
    return ask(line).value();
  }

  gpuimg::host_image result() override {
    const std::string type = words("result " + result_path_);
    for (const auto t : gpuimg::all_pixel_types)
      if (type == name_of(t))
        return gpuimg::visit_pixel_type(t, [&]<class T>(std::type_identity<T>) {
          std::ifstream file(result_path_, std::ios::binary | std::ios::ate);
          std::vector<T> pixels(static_cast<std::size_t>(file.tellg()) / sizeof(T));
          file.seekg(0);
          file.read(reinterpret_cast<char*>(pixels.data()),
                    static_cast<std::streamsize>(pixels.size() * sizeof(T)));
          return gpuimg::host_image{.size = {pixels.size()}, .pixels = std::move(pixels)};
        });
    throw std::runtime_error("gave pixels of type " + type);
  }

  std::optional<double> time(step s) override {
    return s == step::copy ? std::nullopt : ask(name_of(s));
  }

 private:
  std::string words(const std::string& line) {
    process_.say(line);
    const std::string answer = process_.answer();
    if (const auto reason = after("cannot", answer)) throw std::runtime_error(*reason);
    return answer;
  }
  std::optional<double> ask(const std::string& line) {
    const std::string answer = words(line);
    if (answer == "none") return std::nullopt;
    char* end = nullptr;
    const double seconds = std::strtod(answer.c_str(), &end);
    if (answer.empty() || *end != '\0') throw std::runtime_error("said '" + answer + "'");
    return seconds;
  }

  child_process process_;
  std::string result_path_;
  contestant_info info_;
};

}  // namespace

std::unique_ptr<contestant> start_peer(const std::string& command, const std::string& folder) {
  return std::make_unique<peer_contestant>(command, folder);
}

}  // namespace speedup
