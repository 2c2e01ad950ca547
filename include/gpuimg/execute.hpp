// SPDX-License-Identifier: BSD-3-Clause
// execute: an OpenCL kernel of the user's on our images, in plain OpenCL C or in CLIJ's dialect.
// Opt-in.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "gpuimg/core/text.hpp"
#include "gpuimg/image.hpp"
#include "gpuimg/kernels/clij/common.clh.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// What a kernel of the user's is given for one of its parameters: {"src", image} or {"sigma", 2}.
/// An image that is const is only read.
struct kernel_argument {
  template <pixel T>
  kernel_argument(std::string its_name, image<T>& written)
      : name(std::move(its_name)),
        device(&written.device()),
        view(detail::access::opencl(written)) {}
  template <pixel T>
  kernel_argument(std::string its_name, const image<T>& read)
      : name(std::move(its_name)),
        device(&read.device()),
        view(detail::access::opencl(read)),
        is_const(true) {}
  template <class Number>
  requires std::is_arithmetic_v<Number> kernel_argument(std::string its_name, Number value)
      : name(std::move(its_name)),
        number(static_cast<double>(value)),
        whole(std::is_integral_v<Number> ? static_cast<std::int64_t>(value) : 0),
        is_whole(std::is_integral_v<Number>) {}

  [[nodiscard]] bool is_image() const { return device != nullptr; }

  std::string name;
  const gpuimg::device* device = nullptr;  // of an image
  opencl::buffer_view view{};
  bool is_const = false;
  double number = 0;  // of a number; `whole` where it is a whole one in C++
  std::int64_t whole = 0;
  bool is_whole = false;
};

/// What `execute` may be told besides.
struct execute_options {
  shape local_size{0, 0, 0};  ///< work-items of a group; 0: the library chooses
  /// Macros with whole numbers, such as {{"MAX_ARRAY_SIZE", 27}}; each set makes a program.
  std::vector<std::pair<std::string, std::int64_t>> constants{};
};

namespace detail::custom {

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
constexpr bool is_word_character(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

/// Whether a text is a name in OpenCL C.
inline bool is_name(std::string_view text) {
  for (const char c : text)
    if (!is_word_character(c)) return false;
  return !text.empty() && is_letter(text.front());
}

/// A word, a number or a sign of a source, and whether it stands in a line that begins with #.
struct code_word {
  std::string_view text;
  bool is_in_directive = false;
};

/// What a source consists of, without comments and strings.
inline std::vector<code_word> words_of(std::string_view source) {
  std::vector<code_word> words;
  bool is_in_directive = false, begins_line = true;
  std::size_t i = 0;
  const auto skip_behind = [&](std::string_view end, std::size_t from) {
    const std::size_t found = source.find(end, from);
    i = found == source.npos ? source.size() : found + end.size();
  };
  while (i < source.size()) {
    const char c = source[i];
    if (c == '\n') {
      begins_line = true;
      is_in_directive = false;
      ++i;
    } else if (c == '\\' || c == ' ' || c == '\t' || c == '\r') {
      i += c == '\\' && source.substr(i + 1, 1) == "\n" ? 2 : 1;  // the line goes on
    } else if (source.substr(i, 2) == "//") {
      i = std::min(source.find('\n', i), source.size());
    } else if (source.substr(i, 2) == "/*") {
      skip_behind("*/", i + 2);
    } else if (c == '"' || c == '\'') {
      for (++i; i < source.size() && source[i] != c && source[i] != '\n'; ++i)
        if (source[i] == '\\') ++i;
      ++i;
    } else {
      is_in_directive = is_in_directive || (begins_line && c == '#');
      begins_line = false;
      const std::size_t begin = i++;
      if (is_word_character(c))
        while (i < source.size() && is_word_character(source[i])) ++i;
      words.push_back({source.substr(begin, i - begin), is_in_directive});
    }
  }
  return words;
}

/// The place behind the bracket that belongs to the one at `open`; the end where there is none.
inline std::size_t behind_bracket(const std::vector<code_word>& words, std::size_t open) {
  const std::string_view opening = words[open].text, closing = opening == "(" ? ")" : "}";
  std::size_t depth = 0;
  for (std::size_t i = open; i < words.size(); ++i) {
    if (words[i].is_in_directive) continue;
    if (words[i].text == opening) ++depth;
    if (words[i].text == closing && --depth == 0) return i + 1;
  }
  return words.size();
}

/// A parameter of a kernel: "const float sigma" without its last word.
struct kernel_parameter {
  std::string_view name;
  std::vector<std::string_view> type;

  [[nodiscard]] bool has(std::string_view word) const {
    return std::find(type.begin(), type.end(), word) != type.end();
  }
  [[nodiscard]] std::string type_text() const {
    std::string all;
    for (const std::string_view word : type) append(all, {all.empty() ? "" : " ", word});
    return all;
  }
};

/// A kernel of a source: its words are those from `begin` up to `end`.
struct found_kernel {
  std::string_view name;
  std::vector<kernel_parameter> parameters;
  std::size_t begin = 0, end = 0;
};

inline std::vector<kernel_parameter> parameters_in(const std::vector<code_word>& words,
                                                   std::size_t begin, std::size_t end) {
  std::vector<kernel_parameter> all;
  kernel_parameter next;
  const auto finish = [&] {
    if (next.type.size() < 2) return;  // "void", or nothing
    next.name = next.type.back();
    next.type.pop_back();
    all.push_back(std::exchange(next, {}));
  };
  for (std::size_t i = begin; i < end; ++i) {
    if (words[i].is_in_directive) continue;
    if (words[i].text == ",")
      finish();
    else if (words[i].text != "[" && words[i].text != "]")
      next.type.push_back(words[i].text);
  }
  finish();
  return all;
}

/// The kernels of a source, up to one whose brackets do not close.
inline std::vector<found_kernel> kernels_of(const std::vector<code_word>& words) {
  std::vector<found_kernel> all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].is_in_directive || (words[i].text != "kernel" && words[i].text != "__kernel"))
      continue;
    const std::size_t begin = i;
    for (++i; i + 1 < words.size() && words[i].text != ";" && words[i].text != "{"; ++i) {
      if (words[i + 1].text != "(") continue;
      const std::size_t behind = behind_bracket(words, i + 1);
      if (words[i].text == "__attribute__") {
        i = behind - 1;
        continue;
      }
      if (behind >= words.size() || words[behind].text != "{") break;
      all.push_back({words[i].text, parameters_in(words, i + 2, behind - 1), begin,
                     behind_bracket(words, behind)});
      i = all.back().end - 1;
      break;
    }
  }
  return all;
}

/// Where kernels get the sizes of images from. As arguments a new size compiles nothing, but only
/// the kernel itself knows them.
enum class sizes { none, arguments, constants };

inline sizes sizes_for(const device& device, const std::vector<code_word>& words,
                       const found_kernel& kernel, const std::vector<kernel_argument>& arguments) {
  bool are_used = false, stay_inside = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i].text;
    const bool is_type =
        word.starts_with("IMAGE_") && word.ends_with("_TYPE") && !word.ends_with("_PIXEL_TYPE");
    const bool is_size = word.starts_with("IMAGE_SIZE_");  // it may be an array's
    if (!is_type && !is_size && !word.starts_with("GET_IMAGE_") && !word.starts_with("READ_") &&
        !word.starts_with("WRITE_"))
      continue;
    are_used = true;
    stay_inside =
        stay_inside && !is_size && !words[i].is_in_directive && i >= kernel.begin && i < kernel.end;
  }
  if (!are_used) return sizes::none;
  for (const kernel_argument& a : arguments) {
    if (!a.is_image()) continue;
    const std::string type = text({"IMAGE_", a.name, "_TYPE"});
    std::size_t count = 0;
    for (const code_word& word : words) count += word.text == type ? 1 : 0;
    bool is_parameter = false;
    for (const kernel_parameter& p : kernel.parameters)
      is_parameter = is_parameter || (p.name == a.name && p.has(type));
    stay_inside = stay_inside && count == 1 && is_parameter;
  }
  constexpr std::size_t most_per_argument = sizeof(cl_mem) + 4 * sizeof(cl_int);
  const auto room = opencl::info_value<std::size_t>(
      clGetDeviceInfo, device.opencl().description().id, CL_DEVICE_MAX_PARAMETER_SIZE, 1024);
  return stay_inside && arguments.size() * most_per_argument <= room ? sizes::arguments
                                                                     : sizes::constants;
}

/// The macros of CLIJ's dialect for one image.
inline void add_macros(opencl::defines& macros, const kernel_argument& image, sizes how) {
  const std::string_view name = image.name, type = opencl_name_of(image.view.type);
  const shape& size = image.view.shape;
  const bool is_3d = size.is_3d();
  const char* const rank = is_3d ? "_3d" : "_2d";
  const std::string size_of_it = text({"(int4)(IMAGE_SIZE_", name, "_WIDTH, IMAGE_SIZE_", name,
                                       "_HEIGHT, IMAGE_SIZE_", name, "_DEPTH, 1)"});
  std::string sizes_in_front;
  constexpr const char* axes[][2] = {
      {"_WIDTH", "_width"}, {"_HEIGHT", "_height"}, {"_DEPTH", "_depth"}};
  for (std::size_t axis = 0; axis < 3 && how != sizes::none; ++axis) {
    const std::string argument = text({"image_size_", name, axes[axis][1]});
    if (how == sizes::arguments) append(sizes_in_front, {"const int ", argument, ", "});
    macros.add(text({"IMAGE_SIZE_", name, axes[axis][0]}),
               how == sizes::arguments ? argument : std::to_string(size.axes()[axis]));
  }
  macros.add(text({"IMAGE_", name, "_PIXEL_TYPE"}), type);
  macros.add(text({"IMAGE_", name, "_TYPE"}),
             text({sizes_in_front, image.is_const ? "__global const " : "__global ", type, "*"}));
  macros.add(text({"CONVERT_", name, "_PIXEL_TYPE"}), text({"clij_convert_", type, "_sat"}));
  macros.add(text({"POS_", name, "_TYPE"}), is_3d ? "int4" : "int2");
  macros.add(text({"POS_", name, "_INSTANCE(x, y, z, w)"}),
             is_3d ? "((int4)(x, y, z, 0))" : "((int2)(x, y))");
  macros.add(text({"READ_", name, "_IMAGE(image, sampler, position)"}),
             text({"gpuimg_read_", type, rank, "(image, ", size_of_it, ", position)"}));
  macros.add(
      text({"WRITE_", name, "_IMAGE(image, position, value)"}),
      image.is_const  // which compilers refuse, where a function would only be warned of
          ? "(*(image) = (value))"
          : text({"gpuimg_write_", type, rank, "(image, ", size_of_it, ", position, value)"}));
}

/// A number as an argument of the type that the parameter has. Throws argument_error.
inline opencl::argument number_argument(const kernel_parameter& parameter,
                                        const kernel_argument& given) {
  if (parameter.has("float")) return opencl::argument::of(static_cast<cl_float>(given.number));
  if (parameter.has("double")) return opencl::argument::of(given.number);
  const auto whole = [&]<class Number>(std::type_identity<Number>) {
    using limits = std::numeric_limits<Number>;
    const bool fits = given.is_whole ? std::in_range<Number>(given.whole)
                                     : given.number == std::floor(given.number) &&
                                           given.number >= static_cast<double>(limits::min()) &&
                                           given.number <= static_cast<double>(limits::max()) &&
                                           std::abs(given.number) <= 0x1p53;
    if (!fits)
      throw argument_error(
          text({given.name, " is a ", parameter.type_text(), ", which ",
                given.is_whole ? std::to_string(given.whole) : std::to_string(given.number),
                " is not"}));
    return opencl::argument::of(given.is_whole ? static_cast<Number>(given.whole)
                                               : static_cast<Number>(given.number));
  };
  const bool is_unsigned = parameter.has("unsigned");
  if (parameter.has("uchar") || (is_unsigned && parameter.has("char")))
    return whole(std::type_identity<cl_uchar>{});
  if (parameter.has("char")) return whole(std::type_identity<cl_char>{});
  if (parameter.has("ushort") || (is_unsigned && parameter.has("short")))
    return whole(std::type_identity<cl_ushort>{});
  if (parameter.has("short")) return whole(std::type_identity<cl_short>{});
  if (parameter.has("ulong") || (is_unsigned && parameter.has("long")))
    return whole(std::type_identity<cl_ulong>{});
  if (parameter.has("long")) return whole(std::type_identity<cl_long>{});
  if (parameter.has("uint") || is_unsigned) return whole(std::type_identity<cl_uint>{});
  if (parameter.has("int")) return whole(std::type_identity<cl_int>{});
  throw argument_error(text({given.name, " is a ", parameter.type_text(),
                             ": numbers are given for float, double and types of whole numbers"}));
}

/// Throws argument_error where a parameter is no image of this one's pixels.
inline void check_image(const kernel_parameter& parameter, const kernel_argument& given) {
  if (parameter.has(text({"IMAGE_", given.name, "_TYPE"}))) return;
  if (!parameter.has("*"))
    throw argument_error(
        text({given.name, " is a ", parameter.type_text(), ", but an image is given for it"}));
  for (const pixel_type type : all_pixel_types)
    if (parameter.has(opencl_name_of(type)) && !parameter.has("unsigned") &&
        type != given.view.type)
      throw argument_error(text({given.name, " is a ", parameter.type_text(),
                                 ", but the image has ", name_of(given.view.type), " pixels"}));
}

/// The kernel's arguments in the order of its parameters. Throws argument_error.
inline std::vector<opencl::argument> arguments_for(const found_kernel& kernel,
                                                   const std::vector<kernel_argument>& given,
                                                   sizes how) {
  std::string names;
  for (const kernel_parameter& p : kernel.parameters)
    append(names, {names.empty() ? "" : ", ", p.name});
  const auto refuse = [&](std::initializer_list<text_part> what) {
    throw argument_error(text({text(what), "; the parameters of ", kernel.name, " are ", names}));
  };
  for (const kernel_argument& a : given) {
    bool is_parameter = false;
    for (const kernel_parameter& p : kernel.parameters)
      is_parameter = is_parameter || p.name == a.name;
    if (!is_parameter) refuse({"there is no parameter ", a.name});
  }
  std::vector<opencl::argument> all;
  for (const kernel_parameter& p : kernel.parameters) {
    const kernel_argument* found = nullptr;
    for (const kernel_argument& a : given) {
      if (a.name != p.name) continue;
      if (found != nullptr) refuse({p.name, " is given twice"});
      found = &a;
    }
    if (found == nullptr) refuse({p.name, " is not given"});
    if (!found->is_image()) {
      if (p.has("*") || p.type_text().starts_with("IMAGE_"))
        refuse({p.name, " is a ", p.type_text(), ", but a number is given for it"});
      all.push_back(number_argument(p, *found));
      continue;
    }
    check_image(p, *found);
    if (how == sizes::arguments)
      for (const std::size_t side : found->view.shape.axes())
        all.push_back(opencl::argument::of(static_cast<cl_int>(side)));
    all.emplace_back(found->view);
  }
  return all;
}

/// A compiler's log with the lines of the source that it names: "f:3:" is line 3 of the source f.
[[gnu::cold]] inline std::string log_with_lines(const std::string& log, const std::string& name,
                                                std::string_view source) {
  std::string lines;
  const std::string before = name + ":";
  std::size_t shown = 0;
  for (std::size_t at = log.find(before); at != log.npos; at = log.find(before, at + 1)) {
    std::size_t number = 0, i = at + before.size();
    for (; i < log.size() && log[i] >= '0' && log[i] <= '9'; ++i)
      number = 10 * number + static_cast<std::size_t>(log[i] - '0');
    if (number == 0 || number == shown) continue;
    shown = number;
    std::string_view rest = source;
    for (std::size_t line = 1; line < number && !rest.empty(); ++line)
      rest.remove_prefix(std::min(rest.find('\n'), rest.size() - 1) + 1);
    append(lines, {"\nline ", number, ": ", rest.substr(0, rest.find('\n'))});
  }
  return log + lines;
}

/// A user's source as a program: its lines count from 1 in what compilers say.
class users_program {
 public:
  users_program(const std::string& source, std::string kernel)
      : source_(source),
        kernel_(std::move(kernel)),
        text_(text({"#line 1 \"", kernel_, "\"\n", source, "\n"})) {}

  /// Calls `use` with the kernel's file. What it throws as build_error shows lines of the source.
  template <class Use>
  void with(Use use) const {
    try {
      use(opencl::kernel_source{kernel_.c_str(), text_.c_str(), nullptr, kernels::clij_common.text,
                                true});
    } catch (const build_error& e) {
      throw build_error(e.kernel(), e.options(), log_with_lines(e.log(), kernel_, source_));
    }
  }

 private:
  const std::string& source_;
  std::string kernel_, text_;
};

inline void check_arguments(const device& device, const std::string& kernel,
                            const std::vector<kernel_argument>& arguments, const shape& items,
                            const execute_options& options) {
  if (device.is_reference())
    throw argument_error("the reference runs no OpenCL C; images must be on an OpenCL device");
  if (!is_name(kernel)) throw argument_error(text({"'", kernel, "' is no name of a kernel"}));
  for (const kernel_argument& a : arguments) {
    if (!is_name(a.name)) throw argument_error(text({"'", a.name, "' is no name of a parameter"}));
    if (!a.is_image()) continue;
    if (*a.device != device)
      throw argument_error(text({a.name, " is on ", a.device->name(), ", another device than ",
                                 device.name(), ", on which the kernel is to run"}));
    if (a.view.shape.empty() && !items.empty())
      throw argument_error(text({a.name, " has no pixels"}));
  }
  for (const auto& [name, value] : options.constants)
    if (!is_name(name)) throw argument_error(text({"'", name, "' is no name of a constant"}));
  const auto local = options.local_size.axes();
  for (std::size_t axis = 0; axis < 3 && local[0] > 0; ++axis)
    if (local[axis] == 0 || items.axes()[axis] % local[axis] != 0)
      throw argument_error(text({"local_size ", to_string(options.local_size),
                                 " does not divide global_size ", to_string(items)}));
}

/// Work-groups for so many work-items. Where the driver chooses, it has to compile the kernel for
/// each size anew on CPUs; there a number up to 64 that divides the sides does.
inline opencl::grid grid_of(const opencl::device& device, const shape& items, const shape& local) {
  opencl::grid grid{items.x, items.y, items.z, local.axes()};
  if (local.x == 0 && device.launches().variant == opencl::kernel_variant::serial) {
    grid.local = {std::min<std::size_t>(64, device.launches().largest_work_group), 1, 1};
    while (items.x % grid.local[0] != 0) --grid.local[0];
  }
  return grid;
}

inline void run_kernel(const device& device, const std::string& source, const std::string& name,
                       const shape& items, const std::vector<kernel_argument>& arguments,
                       const execute_options& options) {
  check_arguments(device, name, arguments, items, options);
  device.begin("execute");
  const std::vector<code_word> words = words_of(source);
  const std::vector<found_kernel> kernels = kernels_of(words);
  found_kernel kernel;
  kernel.end = words.size();
  std::string names;
  for (const found_kernel& k : kernels) {
    append(names, {names.empty() ? "" : ", ", k.name});
    if (k.name == name) kernel = k;
  }
  const bool is_there = kernel.name == name;
  const sizes how = sizes_for(device, words, kernel, arguments);
  std::vector<opencl::argument> values;
  if (is_there) values = arguments_for(kernel, arguments, how);

  opencl::defines macros;
  for (const auto& [constant, value] : options.constants)
    macros.add(constant, text({"(", std::to_string(value), ")"}));
  for (const kernel_argument& a : arguments)
    if (a.is_image()) add_macros(macros, a, how);
  users_program(source, name).with([&](const opencl::kernel_source& program) {
    if (is_there)
      device.opencl().launch_exactly(program, name.c_str(), macros,
                                     grid_of(device.opencl(), items, options.local_size),
                                     values.data(), values.size());
    else  // it may be there, written wrong
      static_cast<void>(device.opencl().programs().get(program, name, macros));
  });
  if (!is_there)
    throw argument_error(text({"there is no kernel ", name, " in the source; ",
                               names.empty() ? "there is none" : text({"there are ", names})}));
  device.opencl().flush();
}

[[gnu::cold]] inline std::string describe(const device& device,
                                          const std::vector<kernel_argument>& arguments) {
  std::string all;
  for (const kernel_argument& a : arguments)
    if (a.is_image())
      append(all, {all.empty() ? "" : ", ", a.name, " ", to_string(a.view.shape), " ",
                   name_of(a.view.type)});
  return text({all, " on ", device.name()});
}

}  // namespace detail::custom

/// Runs a kernel of the user's on images, and returns before it is done:
///     execute(device, source, "invert", {image.size()}, {{"image", image}, {"white", 255}});
/// device         an OpenCL device, with all images
/// kernel_source  OpenCL C 1.2. Images are buffers of their pixels, `global float* image`, x
///                fastest, without gaps; or kernels in CLIJ's dialect, with IMAGE_src_TYPE src,
///                READ_src_IMAGE(src, sampler, POS_src_INSTANCE(x, y, z, 0)).x and so on, 2D where
///                an image has one plane. Products are not contracted with sums
/// kernel_name    one of its kernels
/// global_size    work-items, exactly
/// parameters     for each parameter of the kernel, in any order, an image or a number, by its name
/// throws         build_error with the compiler's log and the lines that it names; argument_error,
///                device_error, memory_error
/// cost           the kernel's; compiled once per set of pixel types, of 2D and 3D, and of
///                constants. Sizes of images are arguments, unless functions, macros or arrays of
///                the source use them
/// source         pyclesperanto execute and native_execute
inline void execute(const device& device, const std::string& kernel_source,
                    const std::string& kernel_name, const shape& global_size,
                    const std::vector<kernel_argument>& parameters,
                    const execute_options& options = {}) {
  try {
    detail::custom::run_kernel(device, kernel_source, kernel_name, global_size, parameters,
                               options);
  } catch (error& e) {
    e.add_context("execute", detail::custom::describe(device, parameters));
    throw;
  }
}

}  // namespace gpuimg

#include "gpuimg/core/pop_macros.def"
