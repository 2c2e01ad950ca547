// SPDX-License-Identifier: BSD-3-Clause
// Expressions such as "(x - y) * (x - y)": a small grammar, checked when it is read, which the
// reference computes and OpenCL C is written of. Opt-in; elementwise.hpp applies them to images.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/text.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

namespace detail {

/// What an expression may do with numbers, all of them floats: true is 1 and false is 0, and any
/// number but 0 is true.
struct action {
  std::string_view name;
  std::size_t operands;
  std::string_view text;      ///< in OpenCL C, where $0, $1 and $2 are the operands
  float (*of)(const float*);  ///< the same of the operands in C++
  bool is_function = false;
};

inline constexpr action actions[] = {
    {"||", 2, "($0 != zero || $1 != zero) ? zero + 1 : zero",
     [](const float* v) { return v[0] != 0 || v[1] != 0 ? 1.f : 0.f; }},
    {"&&", 2, "($0 != zero && $1 != zero) ? zero + 1 : zero",
     [](const float* v) { return v[0] != 0 && v[1] != 0 ? 1.f : 0.f; }},
    {"==", 2, "($0 == $1) ? zero + 1 : zero",
     [](const float* v) { return v[0] == v[1] ? 1.f : 0.f; }},
    {"!=", 2, "($0 != $1) ? zero + 1 : zero",
     [](const float* v) { return v[0] != v[1] ? 1.f : 0.f; }},
    {"<=", 2, "($0 <= $1) ? zero + 1 : zero",
     [](const float* v) { return v[0] <= v[1] ? 1.f : 0.f; }},
    {">=", 2, "($0 >= $1) ? zero + 1 : zero",
     [](const float* v) { return v[0] >= v[1] ? 1.f : 0.f; }},
    {"<", 2, "($0 < $1) ? zero + 1 : zero", [](const float* v) { return v[0] < v[1] ? 1.f : 0.f; }},
    {">", 2, "($0 > $1) ? zero + 1 : zero", [](const float* v) { return v[0] > v[1] ? 1.f : 0.f; }},
    {"+", 2, "$0 + $1", [](const float* v) { return v[0] + v[1]; }},
    {"-", 2, "$0 - $1", [](const float* v) { return v[0] - v[1]; }},
    {"*", 2, "$0 * $1", [](const float* v) { return v[0] * v[1]; }},
    {"/", 2, "quotient_of($0, $1)", [](const float* v) { return v[0] / v[1]; }},
    {"%", 2, "fmod($0, $1)", [](const float* v) { return std::fmod(v[0], v[1]); }},
    {"-", 1, "-$0", [](const float* v) { return -v[0]; }},
    {"!", 1, "($0 == zero) ? zero + 1 : zero",
     [](const float* v) { return v[0] == 0 ? 1.f : 0.f; }},
    {"?:", 3, "($0 != zero) ? $1 : $2", [](const float* v) { return v[0] != 0 ? v[1] : v[2]; }},

    {"abs", 1, "($0 < zero) ? zero - $0 : $0 + zero",
     [](const float* v) { return v[0] < 0 ? 0 - v[0] : v[0] + 0; }, true},
    {"ceil", 1, "ceil($0)", [](const float* v) { return std::ceil(v[0]); }, true},
    {"clamp", 3, "($0 < $1) ? $1 : ($0 > $2) ? $2 : $0",
     [](const float* v) { return v[0] < v[1] ? v[1] : (v[0] > v[2] ? v[2] : v[0]); }, true},
    {"floor", 1, "floor($0)", [](const float* v) { return std::floor(v[0]); }, true},
    {"fma", 3, "fma($0, $1, $2)", [](const float* v) { return std::fma(v[0], v[1], v[2]); }, true},
    {"max", 2, "($0 < $1 || $1 != $1) ? $1 : $0",
     [](const float* v) { return v[0] < v[1] || v[1] != v[1] ? v[1] : v[0]; }, true},
    {"min", 2, "($1 < $0 || $1 != $1) ? $1 : $0",
     [](const float* v) { return v[1] < v[0] || v[1] != v[1] ? v[1] : v[0]; }, true},
    {"round", 1, "round($0)", [](const float* v) { return std::round(v[0]); }, true},
    {"sqrt", 1, "root_of($0)", [](const float* v) { return std::sqrt(v[0]); }, true},
    {"trunc", 1, "trunc($0)", [](const float* v) { return std::trunc(v[0]); }, true},
};

/// The one of a name with so many operands, of any number of them where it is 0; null if none.
constexpr const action* find_action(std::string_view name, bool is_function,
                                    std::size_t operands = 0) {
  for (const action& a : actions)
    if (a.name == name && a.is_function == is_function && (operands == 0 || a.operands == operands))
      return &a;
  return nullptr;
}

}  // namespace detail

/// An expression of names and numbers, computed in float:
///     numbers such as 2, 0.5 or 1e-3; names; + - * / % and - in front; < <= > >= == !=
///     && || ! and condition ? this : that; brackets; abs, ceil, clamp, floor, fma, max, min,
///     round, sqrt and trunc
/// What binds tighter, and % and round, is as in C; what is compared is 1 where it holds and 0
/// where not. Nothing is rounded but as IEEE 754 says, so that all devices agree.
class expression {
 public:
  /// Throws build_error, which shows the line and what is wrong with it.
  expression(std::string text) : text_(std::move(text)) {
    conditional();
    if (next() != '\0')
      refuse(at_, "an operator is expected here: + - * / % < <= > >= == != && || or ? :");
  }
  expression(const char* text) : expression(std::string(text)) {}

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The names that stand for numbers, in the order of their first places.
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const name& n : names_) all.push_back(n.text);
    return all;
  }

  /// The value, where the names have these ones.
  [[nodiscard]] float value(const std::vector<float>& of_names) const {
    std::vector<float> values;
    for (const node& n : nodes_) {
      if (n.does == nullptr) {
        values.push_back(n.is_name ? of_names[n.place] : n.number);
        continue;
      }
      std::array<float, 3> operands{};
      for (std::size_t i = 0; i < n.does->operands; ++i) operands[i] = values[n.operands[i]];
      values.push_back(n.does->of(operands.data()));
    }
    return values.back();
  }

  /// What STEPS and FORMULA of pointwise.cl become, where the names are called so there.
  struct code {
    std::string steps, formula;
  };
  [[nodiscard]] code opencl_code(const std::vector<std::string>& of_names) const {
    code written;
    std::vector<std::string> values;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const node& n = nodes_[i];
      if (n.does == nullptr) {
        values.push_back(n.is_name ? of_names[n.place] : literal(n.number));
        continue;
      }
      values.push_back(detail::text({"v", i}));
      detail::append(written.steps, {"const type ", values[i], " = "});
      for (std::size_t k = 0; k < n.does->text.size(); ++k) {
        if (n.does->text[k] == '$')
          written.steps += values[n.operands[static_cast<std::size_t>(n.does->text[++k] - '0')]];
        else
          written.steps += n.does->text[k];
      }
      written.steps += "; ";
    }
    written.formula = values.back();
    return written;
  }

  /// Throws build_error that shows where a name stands first.
  [[noreturn]] void refuse_name(std::size_t place, const std::string& why) const {
    refuse(names_[place].at, why);
  }

 private:
  // A number, a name, or what is done with nodes before it.
  struct node {
    const detail::action* does = nullptr;
    std::array<std::size_t, 3> operands{};
    bool is_name = false;
    std::size_t place = 0;  // of the name
    float number = 0;
  };
  struct name {
    std::string text;
    std::size_t at;
  };
  static constexpr std::size_t most_nodes = 1000, deepest = 100;

  static constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static constexpr bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  // In OpenCL C, exactly, as wide as `zero`.
  static std::string literal(float number) {
    char digits[40];
    const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::hex);
    return detail::text({"(zero + 0x", std::string_view(digits, end.ptr), "f)"});
  }

  /// The next character that is not a space; 0 at the end.
  char next() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(std::string_view token) {
    next();
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }

  std::size_t add(const node& n) {
    if (nodes_.size() == most_nodes)
      refuse(at_, detail::text({"the expression is too long: it may have ", most_nodes,
                                " numbers, names and operations"}));
    nodes_.push_back(n);
    return nodes_.size() - 1;
  }
  std::size_t add(std::string_view name, std::initializer_list<std::size_t> operands) {
    node n{.does = detail::find_action(name, false, operands.size())};
    std::size_t count = 0;
    for (const std::size_t operand : operands) n.operands[count++] = operand;
    return add(n);
  }

  // Each reads a part of the grammar and gives its node.

  std::size_t conditional() {
    if (++depth_ > deepest) refuse(at_, "too many brackets and conditions in each other");
    std::size_t result = binary(0);
    if (take("?")) {
      const std::size_t yes = conditional();
      if (!take(":")) refuse(at_, "a : is expected here, which belongs to the ? before it");
      result = add("?:", {result, yes, conditional()});
    }
    --depth_;
    return result;
  }

  // Operators of one level bind alike, those of the next one tighter; longer ones come first.
  std::size_t binary(std::size_t level) {
    static constexpr std::array<std::string_view, 4> levels[] = {
        {"||"}, {"&&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}};
    if (level == std::size(levels)) return unary();
    std::size_t left = binary(level + 1);
    for (bool is_over = false; !is_over;) {
      is_over = true;
      for (const std::string_view sign : levels[level]) {
        if (sign.empty() || !take(sign)) continue;
        left = add(sign, {left, binary(level + 1)});
        is_over = false;
        break;
      }
    }
    return left;
  }

  std::size_t unary() {
    std::vector<std::string_view> signs;
    for (bool is_over = false; !is_over;) {
      if (take("-"))
        signs.push_back("-");
      else if (take("!"))
        signs.push_back("!");
      else if (!take("+"))
        is_over = true;
    }
    std::size_t result = operand();
    for (; !signs.empty(); signs.pop_back()) result = add(signs.back(), {result});
    return result;
  }

  std::size_t operand() {
    const char first = next();
    const std::size_t begin = at_;
    if (take("(")) {
      const std::size_t inside = conditional();
      close(begin);
      return inside;
    }
    if (is_digit(first) || first == '.') return number();
    if (!is_letter(first)) refuse(at_, "a number, a name or a ( is expected here");
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    const std::string word = text_.substr(begin, at_ - begin);
    return next() == '(' ? function(word, begin) : add(named(word, begin));
  }

  std::size_t number() {
    node n;
    const char* const begin = text_.data() + at_;
    const auto [end, code] = std::from_chars(begin, text_.data() + text_.size(), n.number);
    if (code == std::errc::invalid_argument) refuse(at_, "a digit is expected here");
    const auto digits = static_cast<std::size_t>(end - begin);
    if (code != std::errc{})
      refuse(at_, detail::text({text_.substr(at_, digits), " is beyond what a float holds"}));
    at_ += digits;
    if (at_ < text_.size() && text_[at_] == 'f') ++at_;
    return add(n);
  }

  std::size_t function(const std::string& word, std::size_t begin) {
    const detail::action* const does = detail::find_action(word, true);
    if (does == nullptr) {
      std::string all;
      for (const auto& a : detail::actions)
        if (a.is_function) detail::append(all, {all.empty() ? "" : ", ", a.name});
      refuse(begin, detail::text({"there is no function ", word, "; there are ", all}));
    }
    node n{.does = does};
    const std::size_t bracket = at_;
    std::size_t count = 0;
    take("(");
    if (next() != ')') do {
        const std::size_t operand = conditional();
        if (count < n.operands.size()) n.operands[count] = operand;
        ++count;
      } while (take(","));
    close(bracket);
    if (count != does->operands)
      refuse(begin,
             detail::text({word, " takes ", does->operands,
                           does->operands == 1 ? " number, got " : " numbers, got ", count}));
    return add(n);
  }

  node named(const std::string& word, std::size_t begin) {
    node n{.is_name = true};
    for (const name& known : names_) {
      if (known.text == word) return n;
      ++n.place;
    }
    names_.push_back({word, begin});
    return n;
  }

  void close(std::size_t bracket) {
    if (next() == '\0') refuse(bracket, "this ( is not closed");
    if (!take(")")) refuse(at_, "an operator, a comma or a ) is expected here");
  }

  [[noreturn, gnu::cold]] void refuse(std::size_t at, const std::string& why) const {
    std::size_t line = 1, begin = 0;
    for (std::size_t i = 0; i < at; ++i)
      if (text_[i] == '\n') ++line, begin = i + 1;
    const std::string shown = text_.substr(begin, text_.find('\n', begin) - begin);
    throw build_error(text_, detail::text({line, ":", at - begin + 1, ": ", why, "\n", shown, "\n",
                                           std::string(at - begin, ' '), "^"}));
  }

  std::string text_;
  std::size_t at_ = 0, depth_ = 0;
  std::vector<node> nodes_;
  std::vector<name> names_;
};

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
