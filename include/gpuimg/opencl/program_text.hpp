// SPDX-License-Identifier: BSD-3-Clause
// The part of a kernel file that a kernel needs, and the macros that this part depends on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::opencl {

/// Macros that a program is compiled with, in order: {"SRC_T", "ushort"}.
using defines = std::vector<std::pair<std::string_view, std::string>>;

/// A text in pieces: macros, conditional groups (#if ... #endif), functions and kernels. A kernel
/// needs the pieces that define what it mentions, and what those mention in turn; a macro that is
/// not among them cannot change the kernel, so it makes no other program.
///
/// Pieces begin in the first column, as clang-format leaves them. Of a text that is written
/// otherwise every kernel needs all. What a text mentions is seen before macros are expanded: a
/// name of the file's own must not be pasted together.
class program_text {
 public:
  program_text(const defines& macros, const std::string& text) : macros_(macros.size()) {
    for (const auto& [name, value] : macros)
      text_.append("#define ").append(name).append(" ").append(value).append("\n");
    text_ += text;
    if (!split()) {
      pieces_.assign(1, {text_, {}, {}, false});
      macros_ = 0;
    }
  }
  program_text(const program_text&) = delete;
  program_text& operator=(const program_text&) = delete;

  /// The text that one kernel needs; all where the text has no such kernel.
  [[nodiscard]] std::string of_kernel(std::string_view kernel) const {
    return joined(needed_by({kernel}));
  }

  /// All of it, but for macros that it does not mention.
  [[nodiscard]] std::string of_file() const {
    std::set<std::string_view> names;
    for (std::size_t i = macros_; i < pieces_.size(); ++i)
      names.insert(pieces_[i].names.begin(), pieces_[i].names.end());
    return joined(needed_by(std::move(names)));
  }

 private:
  struct piece {
    std::string_view text;
    std::set<std::string_view> names;     // what it defines; none: everybody needs it
    std::set<std::string_view> mentions;  // every word in it
    bool is_kernel;
  };

  static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
  static std::set<std::string_view> words_of(std::string_view text) {
    std::set<std::string_view> words;
    for (std::size_t i = 0; i < text.size();) {
      std::size_t end = i;
      while (end < text.size() && is_word(text[end])) ++end;
      if (end > i) words.insert(text.substr(i, end - i));
      i = std::max(end, i + 1);
    }
    return words;
  }
  static std::string_view without_comment(std::string_view line) {
    return line.substr(0, line.find("//"));
  }
  // "X" of "#define X ..."; empty for another line.
  static std::string_view defined_by(std::string_view line) {
    if (!line.starts_with("#define ")) return {};
    line.remove_prefix(8);
    std::size_t end = 0;
    while (end < line.size() && is_word(line[end])) ++end;
    return line.substr(0, end);
  }
  // The last word before a parenthesis, outside all others, before the body begins.
  static std::string_view function_in(std::string_view text) {
    std::string_view name;
    int depth = 0;
    for (std::size_t i = 0; i < text.size() && text[i] != '{' && text[i] != ';'; ++i) {
      if (text[i] == '(' && depth++ == 0) {
        std::size_t begin = i;
        while (begin > 0 && is_word(text[begin - 1])) --begin;
        if (const auto word = text.substr(begin, i - begin); !word.empty() && word[0] != '_')
          name = word;
      } else if (text[i] == ')') {
        --depth;
      }
    }
    return name;
  }

  // False where the text is not written as expected.
  bool split() {
    const std::string_view all = text_;
    if (all.find("/*") != all.npos) return false;
    std::size_t begin = 0, line_end = 0;
    const auto next_line = [&](std::size_t at) {
      line_end = std::min(all.find('\n', at), all.size() - 1) + 1;
      return all.substr(at, line_end - at);
    };
    for (; begin < all.size(); begin = line_end) {
      std::string_view line = next_line(begin);
      piece p{{}, {}, {}, false};
      if (line == "\n" || line.starts_with("//")) continue;
      if (line.starts_with("#if")) {
        for (int depth = 1; depth > 0;) {
          if (line_end >= all.size()) return false;
          line = next_line(line_end);
          const auto directive = line.substr(std::min(line.find_first_not_of(' '), line.size()));
          depth += directive.starts_with("#if") ? 1 : directive.starts_with("#endif") ? -1 : 0;
          if (!defined_by(line).empty()) p.names.insert(defined_by(line));
          const bool is_code = is_word(line[0]);
          if (is_code && !function_in(line).empty()) p.names.insert(function_in(line));
          p.is_kernel = p.is_kernel || line.starts_with("kernel ") || line.starts_with("__kernel ");
        }
      } else if (line.starts_with("#")) {
        if (!defined_by(line).empty()) p.names.insert(defined_by(line));
        while (without_comment(line).ends_with("\\\n") && line_end < all.size())
          line = next_line(line_end);
      } else if (is_word(line[0])) {
        long depth = 0;
        while (true) {
          const auto code = without_comment(line);
          depth += std::ranges::count(code, '{') - std::ranges::count(code, '}');
          const bool may_end = code.find('}') != code.npos || code.find(';') != code.npos;
          if (depth == 0 && may_end) break;
          if (line_end >= all.size()) return false;
          line = next_line(line_end);
        }
        const auto code = all.substr(begin, line_end - begin);
        if (const auto name = function_in(code); !name.empty()) p.names.insert(name);
        p.is_kernel = code.starts_with("kernel ") || code.starts_with("__kernel ");
      } else {
        return false;
      }
      p.text = all.substr(begin, line_end - begin);
      p.mentions = words_of(p.text);
      pieces_.push_back(std::move(p));
    }
    return true;
  }

  [[nodiscard]] std::vector<bool> needed_by(std::set<std::string_view> mentioned) const {
    const auto is_mentioned = [&](std::string_view name) { return mentioned.contains(name); };
    if (std::ranges::none_of(pieces_, [&](const piece& p) {
          return p.is_kernel && std::ranges::any_of(p.names, is_mentioned);
        }))
      return std::vector<bool>(pieces_.size(), true);
    std::vector<bool> needed(pieces_.size(), false);
    for (bool grows = true; grows;) {
      grows = false;
      for (std::size_t i = 0; i < pieces_.size(); ++i) {
        const piece& p = pieces_[i];
        if (needed[i] || (!p.names.empty() && std::ranges::none_of(p.names, is_mentioned)))
          continue;
        needed[i] = grows = true;
        mentioned.insert(p.mentions.begin(), p.mentions.end());
      }
    }
    return needed;
  }
  [[nodiscard]] std::string joined(const std::vector<bool>& needed) const {
    std::string text;
    for (std::size_t i = 0; i < pieces_.size(); ++i)
      if (needed[i]) text += pieces_[i].text;
    return text;
  }

  std::string text_;
  std::size_t macros_;  // so many pieces at the front are the host's macros
  std::vector<piece> pieces_;
};

}  // namespace gpuimg::opencl
