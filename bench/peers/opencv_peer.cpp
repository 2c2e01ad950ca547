// SPDX-License-Identifier: BSD-3-Clause
// OpenCV as a peer of the table of speed-ups: answers what bench/speedup/contestant.hpp asks.
//
// Of a volume the planes are computed side by side, and what goes along z on the image that has a
// row per plane. Results are in memory that exists.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct no_counterpart : std::runtime_error {
  no_counterpart() : std::runtime_error("no counterpart") {}
};

/// The rows of all planes under each other.
struct volume {
  cv::Mat rows;
  int planes = 1;

  [[nodiscard]] bool is_3d() const { return planes > 1; }
  [[nodiscard]] int height() const { return rows.rows / planes; }
  [[nodiscard]] cv::Mat plane(int z) const {
    return rows.rowRange(z * height(), (z + 1) * height());
  }
  /// The same pixels with a row per plane.
  [[nodiscard]] cv::Mat row_per_plane() const { return rows.reshape(0, planes); }
};

using parameters = std::map<std::string, std::string>;

struct problem {
  parameters given;
  std::vector<volume> inputs;
  volume result;

  [[nodiscard]] double number(const std::string& name) const { return std::stod(given.at(name)); }
  [[nodiscard]] int edge(const char* axis) const {
    return 2 * static_cast<int>(number(std::string("radius_") + axis)) + 1;
  }
  [[nodiscard]] const volume& src() const { return inputs[0]; }
  /// Memory for a result like the input, of another depth.
  void make_result(int depth) {
    result = {cv::Mat(src().rows.size(), CV_MAKETYPE(depth, 1)), src().planes};
  }
};

using work = std::function<void()>;
using plane_work = std::function<void(const std::vector<cv::Mat>& src, cv::Mat& dst)>;
using line_work = std::function<void(const cv::Mat& src, cv::Mat& dst)>;

/// Each plane on its own; a 2D image as OpenCV itself divides it.
work per_plane(problem& p, const plane_work& function) {
  return [&p, function] {
    cv::parallel_for_({0, p.src().planes}, [&](const cv::Range& range) {
      for (int z = range.start; z < range.end; ++z) {
        std::vector<cv::Mat> src;
        for (const auto& input : p.inputs) src.push_back(input.plane(z));
        cv::Mat dst = p.result.plane(z);
        function(src, dst);
      }
    });
  };
}

/// Along z, in stripes of columns of the image that has a row per plane.
work along_z(const volume& src, const volume& dst, const line_work& function) {
  return [&src, &dst, function] {
    const cv::Mat from = src.row_per_plane(), to = dst.row_per_plane();
    const int stripes = std::min(from.cols, 4 * cv::getNumThreads());
    cv::parallel_for_({0, stripes}, [&](const cv::Range& range) {
      for (int i = range.start; i < range.end; ++i) {
        const auto column = [&](int stripe) {
          return static_cast<int>(static_cast<std::int64_t>(from.cols) * stripe / stripes);
        };
        cv::Mat part = to.colRange(column(i), column(i + 1));
        function(from.colRange(column(i), column(i + 1)), part);
      }
    });
  };
}

work separable(problem& p, const plane_work& in_plane, const line_work& in_z) {
  p.make_result(p.src().rows.depth());
  const auto planes = per_plane(p, in_plane);
  if (!p.src().is_3d()) return planes;
  const auto through = along_z(p.result, p.result, in_z);
  return [planes, through] {
    planes();
    through();
  };
}

constexpr int at_edges = cv::BORDER_REPLICATE | cv::BORDER_ISOLATED;  // not the next plane
const cv::Point centre(-1, -1);

work gaussian_blur(problem& p) {
  const double x = p.number("sigma_x"), y = p.number("sigma_y"), z = p.number("sigma_z");
  const auto edge = [](double sigma) { return 2 * static_cast<int>(4 * sigma + 0.5) + 1; };
  return separable(
      p,
      [=](const auto& src, cv::Mat& dst) {
        cv::GaussianBlur(src[0], dst, {edge(x), edge(y)}, x, y, at_edges);
      },
      [=](const cv::Mat& src, cv::Mat& dst) {
        cv::GaussianBlur(src, dst, {1, edge(z)}, 1, z, at_edges);
      });
}

work mean_filter(problem& p) {
  const cv::Size plane(p.edge("x"), p.edge("y")), line(1, p.edge("z"));
  return separable(
      p, [=](const auto& src, cv::Mat& dst) { cv::blur(src[0], dst, plane, centre, at_edges); },
      [=](const cv::Mat& src, cv::Mat& dst) { cv::blur(src, dst, line, centre, at_edges); });
}

work box_filter(problem& p, int operation) {
  const auto box = [](int x, int y) { return cv::getStructuringElement(cv::MORPH_RECT, {x, y}); };
  const cv::Mat plane = box(p.edge("x"), p.edge("y")), line = box(1, p.edge("z"));
  return separable(
      p,
      [=](const auto& src, cv::Mat& dst) {
        cv::morphologyEx(src[0], dst, operation, plane, centre, 1, at_edges);
      },
      [=](const cv::Mat& src, cv::Mat& dst) {
        cv::morphologyEx(src, dst, operation, line, centre, 1, at_edges);
      });
}

work median(problem& p) {
  const int edge = p.edge("x");
  if (p.src().is_3d() || (edge > 5 && p.src().rows.depth() != CV_8U)) throw no_counterpart();
  p.make_result(p.src().rows.depth());
  return per_plane(p, [=](const auto& src, cv::Mat& dst) { cv::medianBlur(src[0], dst, edge); });
}

work top_hat(problem& p) {
  if (p.src().is_3d()) throw no_counterpart();
  return box_filter(p, cv::MORPH_TOPHAT);
}

/// The centre of the bin after which the variance between the classes is greatest.
double otsu_of_floats(const cv::Mat& image) {
  constexpr int bins = 256;
  double low = 0, high = 0;
  cv::minMaxLoc(image, &low, &high);
  const float range[] = {static_cast<float>(low),
                         std::nextafter(static_cast<float>(high), HUGE_VALF)};
  const float* ranges[] = {range};
  const int channel = 0;
  cv::Mat counts;
  cv::calcHist(&image, 1, &channel, {}, counts, 1, &bins, ranges);
  const auto centre_of = [&](int bin) { return low + (bin + 0.5) * (high - low) / bins; };
  double all = 0, moment = 0, below = 0, moment_below = 0, best = 0, threshold = low;
  for (int i = 0; i < bins; ++i) {
    all += counts.at<float>(i);
    moment += counts.at<float>(i) * centre_of(i);
  }
  for (int i = 0; i + 1 < bins; ++i) {
    below += counts.at<float>(i);
    moment_below += counts.at<float>(i) * centre_of(i);
    const double distance = moment * below - moment_below * all;
    const double between = distance * distance / (below * (all - below));
    if (between > best) {
      best = between;
      threshold = centre_of(i);
    }
  }
  return threshold;
}

work threshold_otsu(problem& p) {
  p.make_result(p.src().rows.depth() == CV_16U ? CV_16U : CV_8U);
  if (p.src().rows.depth() == CV_32F)
    return [&p] {
      cv::compare(p.src().rows, otsu_of_floats(p.src().rows), p.result.rows, cv::CMP_GT);
    };
  return [&p] {
    cv::threshold(p.src().rows, p.result.rows, 0, 1, cv::THRESH_BINARY | cv::THRESH_OTSU);
  };
}

work maximum_z_projection(problem& p) {
  p.result = {cv::Mat(p.src().height(), p.src().rows.cols, p.src().rows.type()), 1};
  return along_z(p.src(), p.result,
                 [](const cv::Mat& src, cv::Mat& dst) { cv::reduce(src, dst, 0, cv::REDUCE_MAX); });
}

work rotate(problem& p) {
  if (p.number("angle_x") != 0 || p.number("angle_y") != 0 ||
      p.given.at("interpolation") == "cubic")
    throw no_counterpart();
  const cv::Size size(p.src().rows.cols, p.src().height());
  const cv::Point2f middle(static_cast<float>(size.width - 1) / 2,
                           static_cast<float>(size.height - 1) / 2);
  const cv::Mat matrix = cv::getRotationMatrix2D(middle, p.number("angle_z"), 1);
  const int how = p.given.at("interpolation") == "linear" ? cv::INTER_LINEAR : cv::INTER_NEAREST;
  p.make_result(p.src().rows.depth());
  return per_plane(
      p, [=](const auto& src, cv::Mat& dst) { cv::warpAffine(src[0], dst, matrix, size, how); });
}

/// The result has a row per plane and angle, those of an angle under each other.
work radial_reslice(problem& p) {
  const int width = p.src().rows.cols, height = p.src().height(), planes = p.src().planes;
  const auto center = [&](const std::string& name, int size) {
    return p.given.at(name) == "auto" ? (size - 1) / 2.0 : p.number(name);
  };
  const double center_x = center("center_x", width), center_y = center("center_y", height);
  const double step = p.number("angle_step_size"), start = p.number("start_angle_degrees");
  const int angles = static_cast<int>(p.number("number_of_angles") / step);
  const int radii = static_cast<int>(std::hypot(width / 2, height / 2));
  cv::Mat x(angles, radii, CV_32F), y(angles, radii, CV_32F), map, fractions;
  for (int i = 0; i < angles; ++i) {
    const double radians = (start + i * step) * CV_PI / 180;
    for (int r = 0; r < radii; ++r) {
      x.at<float>(i, r) =
          static_cast<float>(center_x + std::sin(radians) * r * p.number("scale_factor_x"));
      y.at<float>(i, r) =
          static_cast<float>(center_y + std::cos(radians) * r * p.number("scale_factor_y"));
    }
  }
  cv::convertMaps(x, y, map, fractions, CV_16SC2);
  p.result = {cv::Mat(angles * planes, radii, p.src().rows.type()), angles};
  return [=, &p] {
    cv::parallel_for_({0, planes}, [&](const cv::Range& range) {
      for (int z = range.start; z < range.end; ++z) {
        const cv::Mat& all = p.result.rows;
        cv::Mat dst(angles, radii, all.type(), p.result.rows.ptr(z), planes * all.step);
        cv::remap(p.src().plane(z), dst, map, fractions, cv::INTER_LINEAR);
      }
    });
  };
}

work connected_component_labeling(problem& p) {
  if (p.src().is_3d()) throw no_counterpart();
  const int neighbours = p.given.at("connectivity") == "box" ? 8 : 4;
  p.make_result(CV_32S);
  return [&p, neighbours] {
    cv::connectedComponents(p.src().rows, p.result.rows, neighbours, CV_32S);
  };
}

/// One that fills a result of a depth, plane by plane.
template <class Function>
std::function<work(problem&)> pointwise(int depth, const Function& function) {
  return [=](problem& p) {
    p.make_result(depth < 0 ? p.src().rows.depth() : depth);
    return per_plane(p, [&p, function](const auto& src, cv::Mat& dst) { function(p, src, dst); });
  };
}

using planes = const std::vector<cv::Mat>&;
const std::map<std::string, std::function<work(problem&)>> operations{
    {"add_image_and_scalar",
     pointwise(CV_32F, [](problem& p, planes src,
                          cv::Mat& dst) { src[0].convertTo(dst, CV_32F, 1, p.number("scalar")); })},
    {"add_images_weighted", pointwise(CV_32F,
                                      [](problem& p, planes src, cv::Mat& dst) {
                                        cv::addWeighted(src[0], p.number("factor1"), src[1],
                                                        p.number("factor2"), 0, dst, CV_32F);
                                      })},
    {"binary_and", pointwise(-1, [](problem&, planes src,
                                    cv::Mat& dst) { cv::bitwise_and(src[0], src[1], dst); })},
    {"binary_erode", [](problem& p) { return box_filter(p, cv::MORPH_ERODE); }},
    {"connected_component_labeling", connected_component_labeling},
    {"flip", pointwise(-1, [](problem&, planes src, cv::Mat& dst) { cv::flip(src[0], dst, 1); })},
    {"gaussian_blur", gaussian_blur},
    {"greater_constant", pointwise(CV_8U,
                                   [](problem& p, planes src, cv::Mat& dst) {
                                     cv::compare(src[0], p.number("scalar"), dst, cv::CMP_GT);
                                   })},
    {"maximum_filter", [](problem& p) { return box_filter(p, cv::MORPH_DILATE); }},
    {"maximum_z_projection", maximum_z_projection},
    {"mean_filter", mean_filter},
    {"median", median},
    {"minimum_filter", [](problem& p) { return box_filter(p, cv::MORPH_ERODE); }},
    {"multiply_image_and_scalar",
     pointwise(CV_32F, [](problem& p, planes src,
                          cv::Mat& dst) { src[0].convertTo(dst, CV_32F, p.number("scalar")); })},
    {"radial_reslice", radial_reslice},
    {"rotate", rotate},
    {"threshold_otsu", threshold_otsu},
    {"top_hat", top_hat},
};

const std::map<std::string, int> depths{{"u8", CV_8U},   {"u16", CV_16U}, {"i16", CV_16S},
                                        {"u32", CV_32S}, {"f32", CV_32F}, {"i32", CV_32S}};

/// The image of type:shape:path.
volume read(const std::string& word) {
  const auto first = word.find(':'), second = word.find(':', first + 1);
  std::string size = word.substr(first + 1, second - first - 1);
  std::replace(size.begin(), size.end(), 'x', ' ');
  int x = 0, y = 1, z = 1;
  std::istringstream(size) >> x >> y >> z;
  z = std::max(z, 1);
  volume v{cv::Mat(y * z, x, CV_MAKETYPE(depths.at(word.substr(0, first)), 1)), z};
  std::ifstream file(word.substr(second + 1), std::ios::binary);
  file.read(reinterpret_cast<char*>(v.rows.data),
            static_cast<std::streamsize>(v.rows.total() * v.rows.elemSize()));
  return v;
}

double seconds_of(const work& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class peer {
 public:
  std::string answer(const std::string& question) {
    std::istringstream words(question);
    std::string command;
    words >> command;
    if (command == "row") return begin(words);
    if (command == "call") return std::to_string(1e6 * seconds_of(call_)) + "e-6";
    if (command != "result") return "none";
    std::string path;
    words >> path;
    const cv::Mat& rows = problem_.result.rows;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(rows.data),
               static_cast<std::streamsize>(rows.total() * rows.elemSize()));
    const auto found =
        std::ranges::find_if(depths, [&](const auto& d) { return d.second == rows.depth(); });
    return found->first;
  }

 private:
  std::string begin(std::istream& words) {
    std::string operation;
    words >> operation;
    problem_ = {};
    for (std::string word; words >> word;) {
      if (const auto equals = word.find('='); equals != std::string::npos)
        problem_.given[word.substr(0, equals)] = word.substr(equals + 1);
      else if (word.find(':') != std::string::npos)
        problem_.inputs.push_back(read(word));
    }
    const auto found = operations.find(operation);
    if (found == operations.end()) throw no_counterpart();
    call_ = found->second(problem_);
    return answer("call");
  }

  problem problem_;
  work call_;
};

}  // namespace

int main() {
  if (const char* threads = std::getenv("PEER_THREADS"); threads != nullptr)
    cv::setNumThreads(std::atoi(threads));
  std::cout << "OpenCV\tOpenCV " << cv::getVersionString() << " (C++)" << std::endl;
  peer opencv;
  for (std::string question; std::getline(std::cin, question);) {
    try {
      std::cout << opencv.answer(question) << std::endl;
    } catch (const std::exception& e) {
      std::string reason = e.what();
      std::replace(reason.begin(), reason.end(), '\n', ' ');
      std::cout << "cannot " << reason << std::endl;
    }
  }
}
