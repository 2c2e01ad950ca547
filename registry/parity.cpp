// SPDX-License-Identifier: BSD-3-Clause
#include "registry/parity.hpp"

#include <string_view>
#include <variant>

namespace gpuimg {

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

result_difference compare(const outcome& found, const outcome& expected,
                          const std::optional<tolerance>& allowed) {
  result_difference all;
  if (found.results.size() != expected.results.size() || found.refusal != expected.refusal) {
    all.text = "refusal '" + found.refusal + "' instead of '" + expected.refusal + "'";
    return all;
  }
  for (std::size_t i = 0; i < found.results.size(); ++i)
    detail::add_result(all, found.results.size() == 1 ? "" : "result " + std::to_string(i) + ": ",
                       found.results[i], expected.results[i], allowed);
  return all;
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
  const pixel_type only = about.inputs[0].kind == kind::labels ? pixel_type::u32 : pixel_type::u8;
  const auto types = entry.takes_any_pixel_type ? scope.types : std::vector{only};
  for (const pixel_type type : types)
    for (const shape& size : scope.shapes)
      for (const samples::content content : scope.contents) {
        // Seeded by what they are, so that a case that is run alone has the same pixels.
        const std::uint64_t seed = 1000 * (size.x + 131 * size.y + 131 * 131 * size.z) +
                                   10 * static_cast<std::uint64_t>(type) +
                                   100 * static_cast<std::uint64_t>(content);
        const auto inputs = samples::random_inputs(about, type, size, content, seed);
        std::vector<std::vector<any_image>> on_devices(devices.size());
        for (const auto& parameters : cases) {
          const outcome expected = outcome_of(entry, parameters, inputs);
          for (std::size_t d = 0; d < devices.size(); ++d) {
            comparison one{type, size, content, parameters, devices[d], expected, {}, 0};
            try {
              if (on_devices[d].empty()) on_devices[d] = samples::copies(inputs, devices[d]);
              const outcome found = outcome_of(entry, parameters, on_devices[d]);
              one.difference = compare(found, expected, about.tolerance);
              for (std::size_t r = 1; r < repeats; ++r) {
                const auto again = outcome_of(entry, parameters, on_devices[d]);
                one.other_runs += compare(again, found, std::nullopt).text.empty() ? 0 : 1;
              }
            } catch (const error& e) {  // of the driver: other operations and devices may work
              one.difference.text = std::string("fails: ") + e.what();
            }
            report(one);
          }
        }
      }
}

}  // namespace gpuimg
