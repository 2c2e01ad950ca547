// SPDX-License-Identifier: BSD-3-Clause
// Messages and keys from parts, by one function that is compiled once: each chain of + would be
// compiled where it stands, which is what many files of a user's program would wait for.
#pragma once

#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail {

/// Characters, or a whole number that is written in decimal.
struct text_part {
  text_part(const char* t) : text(t) {}
  text_part(std::string_view t) : text(t) {}
  text_part(const std::string& t) : text(t) {}
  text_part(std::uint64_t n) : number(n), is_number(true) {}

  std::string_view text;
  std::uint64_t number = 0;
  bool is_number = false;
};

/// The parts, one after the other: `text({"needs ", bytes, " bytes"})`.
inline std::string text(std::initializer_list<text_part> parts) {
  std::string all;
  for (const text_part& part : parts) {
    if (part.is_number) {
      char digits[20];
      all.append(digits, std::to_chars(digits, digits + sizeof digits, part.number).ptr);
    } else {
      all.append(part.text.data(), part.text.size());
    }
  }
  return all;
}

}  // namespace gpuimg::detail
