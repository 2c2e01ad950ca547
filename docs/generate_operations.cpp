// SPDX-License-Identifier: BSD-3-Clause
// Writes docs/operations.md to standard output: what every operation says of itself, as tables.
// With the argument "names", writes the table of docs/names.md: what operations are called
// elsewhere.
#include <algorithm>
#include <gpuimg/other_names.hpp>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "registry/catalogue.hpp"

namespace {

using gpuimg::kind;
using gpuimg::parameter_description;
using gpuimg::pixel_type;
using gpuimg::registry_entry;

/// What an operation gives, with its pixel type where that is fixed.
std::string result_text(const registry_entry& entry, std::size_t output) {
  switch (entry.about->outputs[output].kind) {
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
  const auto type = [&](pixel_type first) { return entry.output_type(output, first); };
  if (type(pixel_type::u8) == pixel_type::u8 && type(pixel_type::u16) == pixel_type::u16)
    return "image of the same type";
  if (type(pixel_type::u8) == type(pixel_type::u16))
    return std::string(name_of(type(pixel_type::u8))) + " image";
  return "image";
}

std::string results_text(const registry_entry& entry) {
  const auto& about = *entry.about;
  if (about.output_count() == 1) return result_text(entry, 0);
  std::string text;
  for (std::size_t i = 0; i < about.output_count(); ++i)
    text += std::string(i == 0 ? "" : ", ") + about.outputs[i].name + ": " + result_text(entry, i);
  return text;
}

std::string inputs_text(const gpuimg::operation_info& about) {
  std::string text;
  for (std::size_t i = 0; i < about.input_count(); ++i)
    text += std::string(i == 0 ? "" : ", ") + about.inputs[i].name + ": " +
            name_of(about.inputs[i].kind);
  return text;
}

std::string parity_text(const gpuimg::operation_info& about) {
  if (!about.tolerance) return "same bits";
  const auto& t = *about.tolerance;
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

void print_theme(const std::string& theme) {
  std::cout << "\n## " << theme << "\n\n"
            << "| operation | what it gives | takes -> gives | parity | agrees with |\n"
            << "|---|---|---|---|---|\n";
  bool has_parameters = false;
  for (const auto& e : gpuimg::catalogue()) {
    if (e.about->theme != theme) continue;
    has_parameters |= !e.parameters.empty();
    std::cout << "| `" << e.about->name << "` | " << cell(e.about->brief) << " | "
              << cell(inputs_text(*e.about)) << " -> " << results_text(e) << " | "
              << cell(parity_text(*e.about)) << " | " << cell(e.about->source) << " |\n";
  }
  if (!has_parameters) return;
  std::cout << "\n| parameter of | name | default | unit | range | meaning |\n"
            << "|---|---|---|---|---|---|\n";
  for (const auto& e : gpuimg::catalogue()) {
    if (e.about->theme != theme) continue;
    for (const auto& p : e.parameters)
      std::cout << "| `" << e.about->name << "` | `" << p.name << "` | " << p.default_text << " | "
                << p.unit << " | " << range_text(p) << " | " << cell(p.help) << " |\n";
  }
}

void print_operations() {
  const auto& entries = gpuimg::catalogue();
  std::vector<std::string> themes{"pointwise", "filter", "morphology", "projection", "threshold",
                                  "transform", "label",  "measure",    "nn"};
  for (const auto& e : entries)
    if (std::ranges::find(themes, e.about->theme) == themes.end())
      themes.emplace_back(e.about->theme);
  std::cout
      << "# Operations\n\n"
      << "Generated from the operations themselves by docs/generate_operations.cpp; a test fails\n"
      << "where this page is out of date. To write it anew, from the root of the project:\n\n"
      << "    cmake --build build/dev --target update_docs\n\n"
      << entries.size()
      << " operations. `image` is an image of any pixel type (u8, i8, u16, "
         "i16, u32, i32, f32),\n"
      << "`binary` a u8 image where 0 is background, `labels` a u32 image where 0 is "
         "background. \"same\n"
      << "bits\" under parity: every device gives the bits that the CPU reference gives.\n"
      << "Formulas, edges and errors are in the comment above each function.\n";
  for (const auto& theme : themes)
    if (std::ranges::any_of(entries, [&](const auto& e) { return e.about->theme == theme; }))
      print_theme(theme);
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
