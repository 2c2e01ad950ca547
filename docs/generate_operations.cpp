// SPDX-License-Identifier: BSD-3-Clause
// Writes docs/operations.md to standard output: what every operation says of itself, as tables.
// With the argument "names", writes the table of docs/names.md: what operations are called
// elsewhere.
#include <algorithm>
#include <concepts>
#include <gpuimg/gpuimg.hpp>
#include <gpuimg/other_names.hpp>
#include <gpuimg/registry.hpp>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using gpuimg::kind;
using gpuimg::parameter_description;

struct entry {
  std::string name, theme, brief, takes, gives, parity, source;
  std::vector<parameter_description> parameters;
};

/// What an operation gives, with its pixel type where that is fixed.
template <class Op>
std::string result_text() {
  switch (Op::about.output) {
    case kind::binary:
      return "binary";
    case kind::labels:
      return "labels";
    case kind::scalar:
      return "number";
    case kind::table:
      return "table";
    case kind::image:
      break;
  }
  if constexpr (requires { typename Op::template dst_pixel<std::uint8_t>; }) {
    using From8 = typename Op::template dst_pixel<std::uint8_t>;
    using From16 = typename Op::template dst_pixel<std::uint16_t>;
    if constexpr (std::same_as<From8, std::uint8_t> && std::same_as<From16, std::uint16_t>)
      return "image of the same type";
    if constexpr (std::same_as<From8, From16>)
      return std::string(name_of(gpuimg::pixel_type_of<From8>())) + " image";
  }
  return "image";
}

template <class Op>
std::string inputs_text() {
  std::string text;
  for (std::size_t i = 0; i < Op::about.input_count(); ++i)
    text += std::string(i == 0 ? "" : ", ") + Op::about.inputs[i].name + ": " +
            name_of(Op::about.inputs[i].kind);
  return text;
}

template <class Op>
std::string parity_text() {
  if (!Op::about.tolerance) return "same bits";
  const auto& t = *Op::about.tolerance;
  return "within " + gpuimg::detail::number_text(t.absolute) + " + " +
         gpuimg::detail::number_text(t.relative) + " x: " + t.reason;
}

/// "0 to 10000", ">= 0", "box, sphere".
std::string range_text(const parameter_description& p) {
  using type = enum parameter_description::type;
  if (p.type == type::boolean) return "true, false";
  if (p.type == type::choice) {
    std::string text;
    for (const auto& choice : p.choices) text += (text.empty() ? "" : ", ") + choice;
    return text;
  }
  const auto number = [](double value) {  // 1048576, not 1.04858e+06
    const auto whole = static_cast<long long>(value);
    return static_cast<double>(whole) == value ? std::to_string(whole)
                                               : gpuimg::detail::number_text(value);
  };
  const std::string whole = p.type == type::integer ? "whole, " : "";
  if (p.minimum && p.maximum) return whole + number(*p.minimum) + " to " + number(*p.maximum);
  if (p.minimum) return whole + ">= " + number(*p.minimum);
  if (p.maximum) return whole + "<= " + number(*p.maximum);
  return whole + "any";
}

/// A cell of a table: a bar would end it.
std::string cell(std::string text) {
  for (std::size_t i = text.find('|'); i != std::string::npos; i = text.find('|', i + 2))
    text.insert(i, "\\");
  return text;
}

std::vector<entry> all_entries() {
  std::vector<entry> all;
  gpuimg::for_each_operation([&]<class Op>() {
    all.push_back({.name = Op::about.name,
                   .theme = Op::about.theme,
                   .brief = Op::about.brief,
                   .takes = inputs_text<Op>(),
                   .gives = result_text<Op>(),
                   .parity = parity_text<Op>(),
                   .source = Op::about.source,
                   .parameters = gpuimg::describe_parameters<Op>()});
  });
  return all;
}

void print_theme(const std::string& theme, const std::vector<entry>& entries) {
  std::cout << "\n## " << theme << "\n\n"
            << "| operation | what it gives | takes -> gives | parity | agrees with |\n"
            << "|---|---|---|---|---|\n";
  bool has_parameters = false;
  for (const auto& e : entries) {
    if (e.theme != theme) continue;
    has_parameters |= !e.parameters.empty();
    std::cout << "| `" << e.name << "` | " << cell(e.brief) << " | " << cell(e.takes) << " -> "
              << e.gives << " | " << cell(e.parity) << " | " << cell(e.source) << " |\n";
  }
  if (!has_parameters) return;
  std::cout << "\n| parameter of | name | default | unit | range | meaning |\n"
            << "|---|---|---|---|---|---|\n";
  for (const auto& e : entries) {
    if (e.theme != theme) continue;
    for (const auto& p : e.parameters)
      std::cout << "| `" << e.name << "` | `" << p.name << "` | " << p.default_text << " | "
                << p.unit << " | " << range_text(p) << " | " << cell(p.help) << " |\n";
  }
}

void print_operations() {
  const auto entries = all_entries();
  std::vector<std::string> themes{"pointwise", "filter", "morphology", "projection", "threshold",
                                  "transform", "label",  "measure",    "nn"};
  for (const auto& e : entries)
    if (std::ranges::find(themes, e.theme) == themes.end()) themes.push_back(e.theme);
  std::cout
      << "# Operations\n\n"
      << "Generated from the operations themselves by docs/generate_operations.cpp; a test fails\n"
      << "where this page is out of date. To write it anew, from the root of the project:\n\n"
      << "    cmake -D UPDATE=ON -P tests/structure/docs_fresh.cmake\n\n"
      << entries.size()
      << " operations. `image` is an image of any pixel type (u8, i8, u16, "
         "i16, u32, i32, f32),\n"
      << "`binary` a u8 image where 0 is background, `labels` a u32 image where 0 is "
         "background. \"same\n"
      << "bits\" under parity: every device gives the bits that the CPU reference gives.\n"
      << "Formulas, edges and errors are in the comment above each function.\n";
  for (const auto& theme : themes)
    if (std::ranges::any_of(entries, [&](const entry& e) { return e.theme == theme; }))
      print_theme(theme, entries);
}

void print_names() {
  std::cout << "| name elsewhere | operation | from | note |\n|---|---|---|---|\n";
  for (const auto& other : gpuimg::other_names)
    std::cout << "| `" << other.name << "` | `" << other.operation << "` | " << other.from << " | "
              << other.note << " |\n";
}

}  // namespace

int main(int argc, char** argv) {
  argc > 1 && std::string_view(argv[1]) == "names" ? print_names() : print_operations();
}
