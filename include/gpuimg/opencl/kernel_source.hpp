// SPDX-License-Identifier: BSD-3-Clause
// The text of a kernel file, and the macros it is compiled with.
#pragma once

#include <initializer_list>
#include <string>

#include "gpuimg/core/text.hpp"
#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// OpenCL C. A program holds one kernel of a file: with ONE_KERNEL defined, a kernel may leave
/// itself out unless KERNEL_<its name> is defined, too; embedded files have their kernels wrapped
/// so.
struct kernel_source {
  const char* name;  ///< "theme/family"
  const char* text;  ///< common.clh, and what the theme's files have in common, come before
  const char* hash = nullptr;  ///< SHA-256 of both; without one the text itself tells it apart
  const char* helpers = "";    ///< what the theme's files have in common
  bool is_users = false;       ///< nothing but macros and helpers comes before

  /// What tells its text from others.
  [[nodiscard]] const char* key() const { return hash != nullptr ? hash : text; }
};

/// Macros that a program is compiled with: {{"SRC_T", "ushort"}}. Each set of values makes a
/// program, so only what changes the kernel belongs here, and never the size of an image.
class defines {
 public:
  struct definition {
    detail::text_part name, value;  ///< the value: characters, or a whole number
  };

  defines() = default;
  defines(std::initializer_list<definition> all) {
    for (const auto& d : all) add(d.name, d.value);
  }
  /// The name may be that of a macro with arguments: "CONSTANTS(type)".
  void add(detail::text_part name, detail::text_part value = "") {
    detail::append(text_, {"#define ", name, " ", value, "\n"});
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace gpuimg::opencl
