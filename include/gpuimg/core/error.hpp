// SPDX-License-Identifier: BSD-3-Clause
// What the library throws. The text of a message is part of the interface: tests assert it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "gpuimg/core/text.hpp"
#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// The base of everything the library throws on purpose.
class error : public std::exception {
 public:
  explicit error(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

  /// Says once where it happened: puts `before` in front and " [`where`]" behind.
  [[gnu::cold]] void add_context(const std::string& before, const std::string& where) {
    if (has_context_) return;
    text_ = detail::text({before, ": ", text_, " [", where, "]"});
    has_context_ = true;
  }

 private:
  std::string text_;
  bool has_context_ = false;
};

/// A parameter, shape, type or device that an operation does not take.
class argument_error : public error {
 public:
  using error::error;
};

/// OpenCL refused a call; `code()` is OpenCL's error code.
class device_error : public error {
 public:
  device_error(std::string text, int code) : error(std::move(text)), code_(code) {}
  [[nodiscard]] int code() const { return code_; }

 private:
  int code_;
};

/// A kernel did not compile, or an expression is none: then it is the `kernel()`. `log()` may quote
/// files of this machine: show it to trusted eyes only.
class build_error : public error {
 public:
  [[gnu::cold]] build_error(std::string kernel, std::string options, std::string log)
      : error(detail::text(
            {"kernel ", kernel, " does not build with options '", options, "':\n", log})),
        kernel_(std::move(kernel)),
        options_(std::move(options)),
        log_(std::move(log)) {}
  [[gnu::cold]] build_error(std::string expression, std::string log)
      : error(detail::text({"the expression does not build:\n", log})),
        kernel_(std::move(expression)),
        log_(std::move(log)) {}
  [[nodiscard]] const std::string& kernel() const { return kernel_; }
  [[nodiscard]] const std::string& options() const { return options_; }
  [[nodiscard]] const std::string& log() const { return log_; }

 private:
  std::string kernel_, options_, log_;
};

/// Memory that was asked for and cannot be had.
class memory_error : public error {
 public:
  memory_error(std::string text, std::uint64_t requested, std::uint64_t budget)
      : error(std::move(text)), requested_(requested), budget_(budget) {}
  [[nodiscard]] std::uint64_t requested() const { return requested_; }  ///< bytes
  [[nodiscard]] std::uint64_t budget() const { return budget_; }        ///< bytes

 private:
  std::uint64_t requested_, budget_;
};

/// An operation that an observer of its device asked to stop; what it was to give is lost.
class cancelled_error : public error {
 public:
  using error::error;
};

/// A file that cannot be read or written. `page()` counts from 0; -1 where no page is meant.
class io_error : public error {
 public:
  [[gnu::cold]] io_error(std::string file, long page, std::string reason)
      : error(file + (page >= 0 ? ", page " + std::to_string(page) : std::string{}) + ": " +
              reason),
        file_(std::move(file)),
        reason_(std::move(reason)),
        page_(page) {}
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] long page() const { return page_; }

 private:
  std::string file_, reason_;
  long page_;
};

}  // namespace gpuimg
