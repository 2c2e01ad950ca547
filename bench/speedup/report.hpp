// SPDX-License-Identifier: BSD-3-Clause
// What a run of the table of speed-ups found, and the files made of it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace speedup {

/// Who takes part. Contestants of one column are rivals: the table shows the fastest.
struct contestant_info {
  std::string column{};  ///< such as "OpenCV"
  std::string name{};    ///< such as "OpenCV 4.6.0 (C++)"
  bool is_ours = false;  ///< a device of this library that the others are compared with
};

/// What of a call is timed. Everything is done, not only begun, when the time ends.
enum class step {
  call,         ///< from the call to its result where it was computed
  transfer,     ///< the same, with the inputs from host memory and the result back there
  copy,         ///< a float image of the same size, copied on the device
  second_size,  ///< the first call on images of another size
  count
};
constexpr const char* name_of(step s) {
  constexpr const char* names[] = {"call", "transfer", "copy", "second_size"};
  return names[static_cast<int>(s)];
}

/// What a contestant did in a row.
struct outcome {
  std::string contestant{};  ///< its name
  std::string note{};        ///< why it was not timed; empty where it was
  double first_call = 0;     ///< seconds
  std::map<std::string, std::vector<double>> seconds{};  ///< by step, in the order of rounds
  double greatest_difference = 0;                        ///< of its result from ours
  double differing = 0;     ///< share of pixels that are off by more than a hundredth of the range
  bool is_the_same = true;  ///< at most a hundredth of the pixels are
};

/// A benchmark of CLIJ for one pixel type and size.
struct row {
  std::string section{};    ///< rows of one pixel type and kind of size
  std::string benchmark{};  ///< CLIJ's name, such as "GaussianBlur2D"
  std::string operation{}, parameters{}, type{}, size{};
  double pixels = 0;   ///< of an input
  double bytes = 0;    ///< of all inputs and the result
  std::string note{};  ///< why nobody was timed; empty where somebody was
  std::vector<outcome> outcomes{};
};

struct report {
  std::string device{}, driver{}, processor{}, gpuimg_version{}, date{}, command{};
  int threads = 0;
  double load_before = 0, load_after = 0;
  std::vector<contestant_info> contestants{};
  std::vector<std::string> absent{};  ///< peers that did not start, and why
  std::vector<row> rows{};
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(contestant_info, column, name, is_ours)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(outcome, contestant, note, first_call, seconds,
                                   greatest_difference, differing, is_the_same)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(row, section, benchmark, operation, parameters, type, size,
                                   pixels, bytes, note, outcomes)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(report, device, driver, processor, gpuimg_version, date, command,
                                   threads, load_before, load_after, contestants, absent, rows)

/// Tables in Markdown. `chart` is the file name of the picture that stands above them.
std::string to_markdown(const report& r, const std::string& chart);
/// A bar chart: how many times as fast the first device of ours is as the others.
std::string to_svg(const report& r);

// ---- what both show

/// The columns, each once, in the order of the contestants.
std::vector<std::string> columns_of(const report& r);
/// The names of the columns of this library's devices.
std::vector<std::string> our_columns(const report& r);
/// The sections, in the order of the rows.
std::vector<std::string> sections_of(const report& r);

/// Middle and least of times; 0 where there are none.
double median(std::vector<double> values);
double least(const std::vector<double>& values);

/// The seconds of a step; none where the contestant took no part in it.
const std::vector<double>& times_of(const outcome& o, step s);
/// The fastest of a column in a row; null where nobody of it was timed.
const outcome* fastest(const report& r, const row& of, const std::string& column);
/// How many times as fast ours is as the fastest of another column; 0 where there is no answer,
/// such as where the other one computes something else.
double times_as_fast(const report& r, const row& of, const std::string& ours,
                     const std::string& other, step s);

}  // namespace speedup
