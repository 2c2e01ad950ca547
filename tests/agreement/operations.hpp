// SPDX-License-Identifier: BSD-3-Clause
// Every operation with its cases, as the registry runs it, and random images for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "registry/catalogue.hpp"
#include "support/cases.hpp"
#include "support/devices.hpp"
#include "support/images.hpp"

namespace test {

/// What GPUIMG_CASE='gaussian_blur/u16/65x33x7/sigma_x=2 sigma_y=1/few' asks for, part by part; a
/// part that is missing or empty asks for all. The parameters may be written `default`.
struct case_filter {
  std::string operation{}, type{}, shape{}, parameters{}, content{};

  static case_filter from_environment() {
    const char* text = std::getenv("GPUIMG_CASE");
    return parse(text == nullptr ? "" : text);
  }
  static case_filter parse(const std::string& text) {
    case_filter filter;
    std::istringstream parts(text);
    for (std::string* part :
         {&filter.operation, &filter.type, &filter.shape, &filter.parameters, &filter.content})
      std::getline(parts, *part, '/');
    return filter;
  }
  static bool allows(const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
  }
};

/// "65x33x7" as a shape.
inline gpuimg::shape shape_from(const std::string& text) {
  gpuimg::shape shape;
  char by = 'x';
  std::istringstream in(text);
  in >> shape.x >> by >> shape.y >> by >> shape.z;
  return shape;
}

struct tested_operation {
  const gpuimg::registry_entry* entry;
  std::vector<parameters> cases;
};

/// "sigma_x=2", or "default".
inline std::string text_of(const gpuimg::registry_entry& entry, const parameters& chosen) {
  const std::string text = entry.text(chosen);
  return text.empty() ? "default" : text;
}

/// Every operation that the filter allows. A case that it names need not be one of the list.
inline std::vector<tested_operation> tested_operations(const case_filter& filter) {
  std::vector<tested_operation> all;
  for (const auto& entry : gpuimg::catalogue()) {
    const std::string name = entry.about->name;
    if (!case_filter::allows(filter.operation, name)) continue;
    if (filter.parameters.empty())
      all.push_back({&entry, cases_of(name)});
    else
      all.push_back({&entry, {parameters_from(filter.parameters)}});
  }
  return all;
}

/// Random images of the kinds that an operation takes, on the reference.
inline std::vector<gpuimg::any_image> random_inputs(const gpuimg::operation_info& about,
                                                    gpuimg::pixel_type type,
                                                    const gpuimg::shape& shape, content content,
                                                    std::uint64_t seed) {
  static constexpr std::size_t densities[] = {50, 10, 90};
  const auto push = [&](const auto& pixels) {
    return gpuimg::any_image(gpuimg::push(reference(), pixels, shape));
  };
  std::vector<gpuimg::any_image> images;
  for (std::size_t i = 0; i < about.input_count(); ++i, ++seed) {
    if (about.inputs[i].kind == gpuimg::kind::binary)
      images.push_back(
          push(random_mask(shape, densities[static_cast<std::size_t>(content)], seed)));
    else if (about.inputs[i].kind == gpuimg::kind::labels)
      images.push_back(push(random_labels(shape, seed)));
    else
      images.push_back(gpuimg::visit_pixel_type(type, [&]<class T>(std::type_identity<T>) {
        return push(random_pixels<T>(shape, seed, content));
      }));
  }
  return images;
}

/// The images on another device.
inline std::vector<gpuimg::any_image> copies(const std::vector<gpuimg::any_image>& images,
                                             const gpuimg::device& device) {
  std::vector<gpuimg::any_image> copied;
  for (const auto& image : images)
    copied.push_back(
        std::visit([&](const auto& i) { return gpuimg::any_image(copy_to(i, device)); }, image));
  return copied;
}

}  // namespace test
