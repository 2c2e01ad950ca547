// SPDX-License-Identifier: BSD-3-Clause
// Every operation behind one interface, so that a test can run it with any case and pixel type.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "gpuimg/gpuimg.hpp"
#include "gpuimg/registry.hpp"

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

struct tested_case {
  std::string parameters;  ///< "sigma_x=2", or "default"
  std::function<gpuimg::any_result(std::span<const gpuimg::any_image>)> run;
};

struct tested_operation {
  const gpuimg::operation_info* about;
  bool takes_any_pixel_type;
  std::vector<tested_case> cases;
};

template <class Op>
tested_operation tested(const case_filter& filter) {
  tested_operation operation{&Op::about, gpuimg::takes_any_pixel_type<Op>(), {}};
  const auto add = [&operation](const Op& op) {
    std::string parameters = gpuimg::parameter_text(op);
    if (parameters.empty()) parameters = "default";
    operation.cases.push_back({parameters, [op](std::span<const gpuimg::any_image> images) {
                                 return gpuimg::invoke(op, images);
                               }});
  };
  for (const Op& op : Op::cases()) add(op);
  // A case that is asked for by name need not be one of the list.
  const auto is_listed = [&](const tested_case& c) { return c.parameters == filter.parameters; };
  if (filter.operation == Op::about.name && !filter.parameters.empty() &&
      std::ranges::none_of(operation.cases, is_listed)) {
    Op op;
    std::istringstream words(filter.parameters == "default" ? "" : filter.parameters);
    for (std::string word; words >> word;)
      gpuimg::set_parameter(op, word.substr(0, word.find('=')), word.substr(word.find('=') + 1));
    add(op);
  }
  return operation;
}

/// Operations whose place in the list is `Part` modulo `Parts`: compiled apart, or it takes long.
template <std::size_t Part, std::size_t Parts>
void add_part(std::vector<tested_operation>& all, const case_filter& filter) {
  [&]<class... Op>(gpuimg::detail::type_list<Op...>) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      const auto add = [&]<class T, std::size_t Index>() {
        if constexpr (Index % Parts == Part && !std::same_as<T, gpuimg::detail::end_of_list>)
          if (filter.operation.empty() || filter.operation == T::about.name)
            all.push_back(tested<T>(filter));
      };
      (add.template operator()<Op, I>(), ...);
    }
    (std::index_sequence_for<Op...>{});
  }(gpuimg::all_operations{});
}

void add_operations_1_of_4(std::vector<tested_operation>& all, const case_filter& filter);
void add_operations_2_of_4(std::vector<tested_operation>& all, const case_filter& filter);
void add_operations_3_of_4(std::vector<tested_operation>& all, const case_filter& filter);
void add_operations_4_of_4(std::vector<tested_operation>& all, const case_filter& filter);

/// Every operation that the filter allows, sorted by name.
inline std::vector<tested_operation> tested_operations(const case_filter& filter) {
  std::vector<tested_operation> all;
  add_operations_1_of_4(all, filter);
  add_operations_2_of_4(all, filter);
  add_operations_3_of_4(all, filter);
  add_operations_4_of_4(all, filter);
  std::ranges::sort(all, {}, [](const auto& o) { return std::string_view(o.about->name); });
  return all;
}

}  // namespace test
