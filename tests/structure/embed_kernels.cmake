# SPDX-License-Identifier: BSD-3-Clause
# The embed script: nasty text survives byte for byte, and what breaks a rule is refused.
# Needs ROOT (the project), WORK (a scratch folder) and CXX.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${WORK}")
set(script "${ROOT}/cmake/embed_kernels.cmake")

function(run_embed check result output)
  execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${WORK}/tree" -D "CHECK=${check}" -P "${script}"
                  RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  set(${result} ${code} PARENT_SCOPE)
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

# expect_refusal(<part of the message> <file below kernels/> <its text>): alone in a fresh tree.
function(expect_refusal message path text)
  file(REMOVE_RECURSE "${WORK}/tree/kernels")
  file(WRITE "${WORK}/tree/kernels/common.clh" "// helpers\n")
  file(WRITE "${WORK}/tree/kernels/filter/blur.cl" "kernel void blur(int a) {}\n")
  file(WRITE "${WORK}/tree/kernels/${path}" "${text}")
  run_embed(OFF result output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")  # message() wraps long lines
  string(FIND "${output}" "${message}" position)
  if(result EQUAL 0 OR position EQUAL -1)
    message(SEND_ERROR "kernels/${path}: expected a refusal with '${message}', got: ${output}")
  endif()
endfunction()

# 1. Nasty text.
set(backslash "\\")
set(nasty "// a;b;;c [x] ]] [[ [=[ ]=] ; ${backslash}${backslash} \"quoted\" ${backslash}n %d %% 'c'\n\n\n;\n\t\ttabs\there\t\n")
string(APPEND nasty "/* ??= ??/ ???( ????) ?????> $" "{x} $ENV{HOME} @y@ #pragma ${backslash}\n next ; line ${backslash}\" */\n")
string(APPEND nasty "/* kernel void wrong_name(int a) **/ // kernel void wrong_name(\n")
string(APPEND nasty "#define A(x) #x \")delimiter\" R\"(raw)\"\n   \n")
string(APPEND nasty "kernel __attribute__((reqd_work_group_size(1, 1, 1))) void nasty(global int* a) {\n  a[0] = a[1];\n}\n")
string(APPEND nasty "__kernel void nasty__tail(global int* a) { a[0] = a[1] ? 1 : 2; }\n")
file(WRITE "${WORK}/tree/kernels/filter/nasty.cl" "${nasty}")
file(WRITE "${WORK}/tree/kernels/common.clh" "\n;\n[\n")
string(REPEAT "// 456789 [;] \"\\\" ?\n" 3190 long)  # close to the limit
file(WRITE "${WORK}/tree/kernels/label/long_one.cl" "kernel void long_one(int a) {}\n${long}")
file(WRITE "${WORK}/tree/kernels/label/common.clh" "#define OF_LABELS \"1\"\n")
file(COPY "${ROOT}/include/gpuimg/opencl/kernel_source.hpp"
     DESTINATION "${WORK}/tree/include/gpuimg/opencl")
file(COPY "${ROOT}/include/gpuimg/core/text.hpp" "${ROOT}/include/gpuimg/core/version.hpp"
     DESTINATION "${WORK}/tree/include/gpuimg/core")
run_embed(ON result output)
if(result EQUAL 0)
  message(SEND_ERROR "a missing header passed the check")
endif()
run_embed(OFF result output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "the nasty text was refused: ${output}")
endif()
run_embed(OFF result output)
if(NOT output STREQUAL "")
  message(SEND_ERROR "a second run was not silent: ${output}")
endif()
run_embed(ON result output)
if(NOT result EQUAL 0)
  message(SEND_ERROR "fresh headers did not pass the check: ${output}")
endif()

file(WRITE "${WORK}/compare.cpp" [=[
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "gpuimg/kernels/common.clh.hpp"
#include "gpuimg/kernels/filter/nasty.cl.hpp"
#include "gpuimg/kernels/label/long_one.cl.hpp"

// The text without the lines that leave kernels out.
std::string without_guards(const std::string& text) {
  std::string rest;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    const auto line = text.substr(begin, end - begin);
    if (line.rfind("#if !defined(ONE_KERNEL) || defined(KERNEL_", 0) != 0 && line != "#endif\n")
      rest += line;
    begin = end;
  }
  return rest;
}

int main(int, char** argv) {
  int wrong = 0;
  const std::string nasty = gpuimg::kernels::nasty.text;
  for (const char* name : {"nasty", "nasty__tail"})
    if (nasty.find(std::string("defined(KERNEL_") + name + ")\n") == nasty.npos)
      std::printf("%s does not leave itself out\n", name), ++wrong;
  auto compare = [&](const auto& kernel, const std::string& name, const std::string& path) {
    std::ifstream file(std::string(argv[1]) + "/" + path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty() || text != without_guards(kernel.text) || name != kernel.name || std::strlen(kernel.hash) != 64)
      std::printf("%s differs\n", path.c_str()), ++wrong;
  };
  compare(gpuimg::kernels::common, "common", "common.clh");
  compare(gpuimg::kernels::label_common, "label/common", "label/common.clh");
  if (gpuimg::kernels::long_one.helpers != std::string(gpuimg::kernels::label_common.text) ||
      gpuimg::kernels::nasty.helpers != std::string())
    std::printf("a kernel has not its theme's helpers\n"), ++wrong;
  compare(gpuimg::kernels::nasty, "filter/nasty", "filter/nasty.cl");
  compare(gpuimg::kernels::long_one, "label/long_one", "label/long_one.cl");
  return wrong;
}
]=])
execute_process(COMMAND "${CXX}" -std=c++20 -Wall -Wextra -Wpedantic -Wtrigraphs -Werror
                        -I "${WORK}/tree/include" "${WORK}/compare.cpp" -o "${WORK}/compare"
                RESULT_VARIABLE result)
if(result EQUAL 0)
  execute_process(COMMAND "${WORK}/compare" "${WORK}/tree/kernels" RESULT_VARIABLE result)
endif()
if(NOT result EQUAL 0)
  message(SEND_ERROR "the embedded text is not the file's")
endif()

# 2. What the check must find.
file(APPEND "${WORK}/tree/kernels/label/common.clh" "// changed\n")
run_embed(ON result output)
if(result EQUAL 0 OR NOT output MATCHES "label/common.clh.hpp" OR NOT output MATCHES "label/long_one.cl.hpp")
  message(SEND_ERROR "a theme's changed helpers passed the check: ${output}")
endif()
run_embed(OFF result output)
file(APPEND "${WORK}/tree/kernels/common.clh" "// changed\n")
run_embed(ON result output)
if(result EQUAL 0 OR NOT output MATCHES "common.clh.hpp")
  message(SEND_ERROR "a stale header passed the check: ${output}")
endif()
run_embed(OFF result output)
file(REMOVE "${WORK}/tree/kernels/filter/nasty.cl")
run_embed(ON result output)
if(result EQUAL 0 OR NOT output MATCHES "filter/nasty.cl.hpp")
  message(SEND_ERROR "an orphaned header passed the check: ${output}")
endif()
run_embed(OFF result output)
if(EXISTS "${WORK}/tree/include/gpuimg/kernels/filter/nasty.cl.hpp")
  message(SEND_ERROR "an orphaned header was not removed")
endif()

# 3. What the naming police and the limits must refuse.
string(ASCII 195 164 umlaut)
string(REPEAT "0123456789abcde\n" 4096 too_long)
expect_refusal("must be called other" filter/other.cl "kernel void blur2(int a) {}\n")
expect_refusal("must be called other" filter/other.cl "__kernel\nvoid\nothers(int a) {}\n")
expect_refusal("must be called other" filter/other.cl "int x;kernel void other_y(int a) {}\n")
expect_refusal("is defined twice" filter/other.cl "kernel void other(int a){}\nkernel void other(int b){}\n")
expect_refusal("is already taken" label/blur.cl "kernel void blur__2(int a) {}\n")
expect_refusal("is already taken" label/common.cl "kernel void common(int a) {}\n")
expect_refusal("defines no kernel" label/empty.cl "// kernel void empty(int a) {}\n")
expect_refusal("holds helpers" common.clh "kernel void common(int a) {}\n")
expect_refusal("must be kernels/<theme>/<family>.cl" blur.cl "kernel void blur(int a) {}\n")
expect_refusal("must be kernels/<theme>/<family>.cl" filter/Other.cl "kernel void Other(int a) {}\n")
expect_refusal("other.cl:2: only ASCII text" filter/other.cl "kernel void other(int a) {}\n// ${umlaut}\n")
expect_refusal("must begin in the first column" filter/other.cl "  kernel void other(int a) {}\n")
expect_refusal("must end with }" filter/other.cl "kernel void other(int a) {\n  a = 1; }\n")
expect_refusal("only ASCII text" filter/other.cl "kernel void other(int a) {}\r\n")
expect_refusal("65536 bytes" filter/other.cl "${too_long}")
