// SPDX-License-Identifier: BSD-3-Clause
// Messages and keys from parts, by one function that is compiled once: each chain of + would be
// compiled where it stands, which is what many files of a user's program would wait for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::detail {

/// Characters, or a whole number that is written in decimal.
struct text_part {
  enum class kind { terminated, counted, number };

  text_part(const char* t) : characters(t), type(kind::terminated) {}
  text_part(std::string_view t) : characters(t.data()), number(t.size()), type(kind::counted) {}
  text_part(const std::string& t) : characters(t.data()), number(t.size()), type(kind::counted) {}
  text_part(std::uint64_t n) : number(n), type(kind::number) {}

  const char* characters = nullptr;
  std::uint64_t number = 0;  // or how many characters there are
  kind type;
};

/// Appends the parts, one after the other.
inline void append(std::string& all, std::initializer_list<text_part> parts) {
  for (const text_part& part : parts) {
    switch (part.type) {
      case text_part::kind::terminated:
        all += part.characters;
        break;
      case text_part::kind::counted:
        all.append(part.characters, part.number);
        break;
      case text_part::kind::number:
        all += std::to_string(part.number);
        break;
    }
  }
}

/// The parts, one after the other: `text({"needs ", bytes, " bytes"})`.
inline std::string text(std::initializer_list<text_part> parts) {
  std::string all;
  append(all, parts);
  return all;
}

}  // namespace gpuimg::detail
