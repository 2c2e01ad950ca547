// SPDX-License-Identifier: BSD-3-Clause
#include "registry/parity.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "gpuimg/agreement/compare.hpp"
#include "gpuimg/agreement/compare_images.hpp"

namespace gpuimg {
namespace {

using detail::number_text;

/// Counts the values that differ, and keeps the first that the tolerance does not allow.
class differences {
 public:
  differences(outcome_difference& into, const std::optional<tolerance>& allowed)
      : into_(into), allowed_(allowed) {}

  /// `place()` says where the values are.
  template <class T, class Place>
  void add(T found, T expected, const Place& place) {
    ++into_.values;
    if (detail::agrees(found, expected, std::nullopt)) return;
    ++into_.different;
    const double apart = std::abs(static_cast<double>(found) - static_cast<double>(expected));
    if (std::isfinite(apart)) into_.largest = std::max(into_.largest, apart);
    if constexpr (std::is_same_v<T, float>)
      into_.largest_steps = std::max(into_.largest_steps, detail::steps_between(found, expected));
    if (detail::agrees(found, expected, allowed_)) return;
    if (std::isfinite(apart)) largest_ = std::max(largest_, apart);
    if (++refused_ > 1) return;
    first_ = place() + ": " + number_text(found) + " instead of " + number_text(expected);
  }
  /// "3 differ, by up to 2; first at (1, 0, 0): 4 instead of 2"
  [[nodiscard]] std::string text() const {
    if (refused_ == 0) return {};
    return std::to_string(refused_) + " differ" +
           (largest_ > 0 ? ", by up to " + number_text(largest_) : "") + "; first " + first_;
  }

 private:
  outcome_difference& into_;
  const std::optional<tolerance>& allowed_;
  std::uint64_t refused_ = 0;  // farther apart than allowed
  double largest_ = 0;         // of these, where they are finite
  std::string first_;
};

std::string compare(const any_image& found, const any_image& expected, differences& all) {
  if (found.index() != expected.index()) return "the pixel types differ";
  return std::visit(
      [&]<class T>(const image<T>& image) -> std::string {
        const auto& other = std::get<gpuimg::image<T>>(expected);
        const shape size = image.shape();
        if (size != other.shape())
          return "shape " + to_string(size) + " instead of " + to_string(other.shape());
        const auto a = pull(image), b = pull(other);
        for (std::size_t i = 0; i < a.size(); ++i)
          all.add(a[i], b[i], [&] {
            return "at (" + std::to_string(i % size.x) + ", " +
                   std::to_string(i / size.x % size.y) + ", " +
                   std::to_string(i / size.x / size.y) + ")";
          });
        return {};
      },
      found);
}

std::string compare(const table& found, const table& expected, differences& all) {
  if (found.columns != expected.columns) return "the columns differ";
  if (found.rows.size() != expected.rows.size())
    return std::to_string(found.rows.size()) + " rows instead of " +
           std::to_string(expected.rows.size());
  for (std::size_t r = 0; r < found.rows.size(); ++r)
    for (std::size_t c = 0; c < found.columns.size(); ++c)
      all.add(found.rows[r][c], expected.rows[r][c],
              [&] { return "in row " + std::to_string(r) + ", " + found.columns[c]; });
  return {};
}

std::string compare(double found, double expected, differences& all) {
  all.add(found, expected, [] { return std::string("number"); });
  return {};
}

}  // namespace

outcome outcome_of(const registry_entry& entry, const parameter_texts& parameters,
                   const std::vector<any_image>& images) {
  try {
    return {entry.run(parameters, images)};
  } catch (const argument_error& e) {
    std::string text = e.what();
    const auto device =
        std::visit([](const auto& image) { return image.device().name(); }, images.front());
    constexpr std::string_view stand_in = "DEVICE";
    for (auto at = text.find(device); !device.empty() && at != text.npos;
         at = text.find(device, at + stand_in.size()))
      text.replace(at, device.size(), stand_in);
    return {{}, text};
  }
}

outcome_difference compare(const outcome& found, const outcome& expected,
                           const std::optional<tolerance>& allowed) {
  outcome_difference result;
  if (found.results.size() != expected.results.size() || found.refusal != expected.refusal) {
    result.text = "refusal '" + found.refusal + "' instead of '" + expected.refusal + "'";
    return result;
  }
  for (std::size_t i = 0; i < found.results.size(); ++i) {
    differences all(result, allowed);
    std::string text;
    if (found.results[i].index() != expected.results[i].index())
      text = "the kinds of result differ";
    else
      text = std::visit(
          [&]<class R>(const R& r) { return compare(r, std::get<R>(expected.results[i]), all); },
          found.results[i]);
    if (text.empty()) text = all.text();
    if (text.empty() || !result.text.empty()) continue;
    result.text = (found.results.size() == 1 ? "" : "result " + std::to_string(i) + ": ") + text;
  }
  return result;
}

std::string text_of(const registry_entry& entry, const parameter_texts& parameters) {
  const std::string text = entry.text(parameters);
  return text.empty() ? "default" : text;
}

std::string comparison::name(const registry_entry& entry) const {
  return std::string(entry.about->name) + "/" + std::string(name_of(type)) + "/" +
         std::to_string(shape.x) + "x" + std::to_string(shape.y) + "x" + std::to_string(shape.z) +
         "/" + text_of(entry, parameters) + "/" + samples::name_of(content);
}

void compare_with_reference(const registry_entry& entry, std::span<const parameter_texts> cases,
                            const parity_scope& scope, std::span<const device> devices,
                            std::size_t repeats,
                            const std::function<void(const comparison&)>& report) {
  const auto& about = *entry.about;
  auto types = scope.types;
  if (!entry.takes_any_pixel_type)
    types = {about.inputs[0].kind == kind::labels ? pixel_type::u32 : pixel_type::u8};
  for (const pixel_type type : types)
    for (const shape& size : scope.shapes)
      for (const samples::content content : scope.contents) {
        // Seeded by what they are, so that a case that is run alone has the same pixels.
        const std::uint64_t seed = 1000 * (size.x + 131 * size.y + 131 * 131 * size.z) +
                                   10 * static_cast<std::uint64_t>(type) +
                                   100 * static_cast<std::uint64_t>(content);
        const auto inputs = samples::random_inputs(about, type, size, content, seed);
        std::vector<std::vector<any_image>> on_devices;
        for (const auto& device : devices) on_devices.push_back(samples::copies(inputs, device));
        for (const auto& parameters : cases) {
          const outcome expected = outcome_of(entry, parameters, inputs);
          for (std::size_t d = 0; d < devices.size(); ++d) {
            comparison one{type, size, content, parameters, devices[d], expected, {}, 0};
            try {
              const outcome found = outcome_of(entry, parameters, on_devices[d]);
              one.difference = compare(found, expected, about.tolerance);
              for (std::size_t r = 1; r < repeats; ++r) {
                const auto again = outcome_of(entry, parameters, on_devices[d]);
                one.other_runs += compare(again, found, std::nullopt).text.empty() ? 0 : 1;
              }
            } catch (const error& e) {  // of the driver: the other operations may work
              one.difference.text = std::string("fails: ") + e.what();
            }
            report(one);
          }
        }
      }
}

}  // namespace gpuimg
