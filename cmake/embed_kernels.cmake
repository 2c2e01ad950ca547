# SPDX-License-Identifier: BSD-3-Clause
# Turns kernels/common.clh and kernels/<theme>/<family>.cl into headers, and polices kernel names.
# Where there is a kernels/<theme>/common.clh, each file of the theme begins with it.
#
#   cmake -P cmake/embed_kernels.cmake               writes what changed, removes what is orphaned
#   cmake -D CHECK=ON -P cmake/embed_kernels.cmake   writes nothing; fails where the first would write
#   -D ROOT=<folder>                                 the project's folder, if not the one above
#
# Text with semicolons or brackets must never pass through a CMake list: everything below works on
# whole files as quoted strings.
cmake_minimum_required(VERSION 3.22)

if(NOT DEFINED ROOT)
  set(ROOT "${CMAKE_CURRENT_LIST_DIR}/..")
endif()
get_filename_component(ROOT "${ROOT}" ABSOLUTE)
set(sources "${ROOT}/kernels")
set(headers "${ROOT}/include/gpuimg/kernels")

# The text of a kernel file: printable ASCII, tabs and newlines, short enough for a C++ literal.
function(read_kernel_text path out)
  file(READ "${sources}/${path}" text)
  file(SIZE "${sources}/${path}" size)
  if(size GREATER 65535)
    message(FATAL_ERROR "kernels/${path}: ${size} bytes, but a C++ literal holds 65535")
  endif()
  file(READ "${sources}/${path}" bytes HEX)
  string(REGEX REPLACE "(..)" "\\1 " bytes "${bytes}")
  string(REGEX MATCH "(0[0-8b-f]|1.|7f|[89a-f].) " bad "${bytes}")
  if(bad)
    string(FIND "${bytes}" "${bad}" position)
    string(SUBSTRING "${bytes}" 0 ${position} before)
    string(REGEX MATCHALL "0a " newlines "${before}")
    list(LENGTH newlines line)
    math(EXPR line "${line} + 1")
    message(FATAL_ERROR "kernels/${path}:${line}: only ASCII text, tabs and newlines are allowed, "
                        "found byte 0x${bad}")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# The text as C++ string literals, one per line.
function(cpp_literals text out)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\t" "\\t" text "${text}")
  string(REPLACE "??" "?\\?" text "${text}")  # twice, for "???": no trigraphs
  string(REPLACE "??" "?\\?" text "${text}")
  string(REPLACE "\n" "\\n\"\n    \"" text "${text}")
  string(REGEX REPLACE "\n    \"$" "" text "\"${text}\"")
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# The names of the kernels a text defines, as a list; comments and attributes are skipped.
function(kernel_names text out)
  string(REGEX REPLACE "/\\*[^*]*\\*+([^/*][^*]*\\*+)*/" " " text "${text}")
  string(REGEX REPLACE "//[^\n]*" " " text "${text}")
  string(REGEX REPLACE "__attribute__[ \t\n]*\\(\\(([^()]|\\([^()]*\\))*\\)\\)" " " text "${text}")
  string(REGEX REPLACE "[^A-Za-z0-9_#(]+" " " text "${text}")
  string(REGEX MATCHALL " (__)?kernel void [A-Za-z0-9_#]+ ?\\(" found " ${text}")
  list(TRANSFORM found REPLACE " (__)?kernel void ([A-Za-z0-9_#]+) ?\\(" "\\2")
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# Each kernel leaves itself out where a program is for another one. A kernel begins and ends in the
# first column, as clang-format leaves it.
function(wrap_kernels text names out)
  foreach(name IN LISTS names)
    string(REGEX REPLACE "(^|\n)((__)?kernel [^\n;{}]*${name}\\()"
           "\\1#if !defined(ONE_KERNEL) || defined(KERNEL_${name})\n\\2" text "${text}")
    string(FIND "${text}" "KERNEL_${name})\n" begin)
    if(begin EQUAL -1)
      message(FATAL_ERROR "the kernel ${name} must begin in the first column of a line, on one line "
                          "with its name")
    endif()
    string(SUBSTRING "${text}" 0 ${begin} before)
    string(SUBSTRING "${text}" ${begin} -1 after)
    string(REGEX MATCH "^[^\n]*\n[^\n]*}\n" one_line "${after}")
    string(LENGTH "${one_line}" end)
    if(end EQUAL 0)
      string(FIND "${after}" "\n}\n" end)
      if(end EQUAL -1)
        message(FATAL_ERROR "the kernel ${name} must end with } in the first column of a line")
      endif()
      math(EXPR end "${end} + 3")
    endif()
    string(SUBSTRING "${after}" 0 ${end} kernel)
    string(SUBSTRING "${after}" ${end} -1 after)
    set(text "${before}${kernel}#endif\n${after}")
  endforeach()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

set(stale "")
set(expected "")

# Writes one header, or notes that it differs from what it should be.
function(embed path name variable)
  file(READ "${sources}/${path}" text)
  set(hashed "${text}")
  set(include "")
  set(helpers "")
  get_filename_component(theme "${path}" DIRECTORY)
  if(theme AND path MATCHES "\\.cl$" AND EXISTS "${sources}/${theme}/common.clh")
    file(READ "${sources}/${theme}/common.clh" common)
    string(PREPEND hashed "${common}")
    set(include "#include \"gpuimg/kernels/${theme}/common.clh.hpp\"\n")
    set(helpers ",\n    ${theme}_common.text")
  endif()
  string(SHA256 hash "${hashed}")
  kernel_names("${text}" names)
  wrap_kernels("${text}" "${names}" text)
  cpp_literals("${text}" literals)
  set(content "// SPDX-License-Identifier: BSD-3-Clause
// Generated from kernels/${path} by cmake/embed_kernels.cmake; do not edit.
#pragma once

${include}#include \"gpuimg/opencl/kernel_source.hpp\"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::kernels {

// clang-format off
inline constexpr opencl::kernel_source ${variable}{
    \"${name}\",
    ${literals},
    \"${hash}\"${helpers}};
// clang-format on

}  // namespace gpuimg::kernels
")
  set(header "${headers}/${path}.hpp")
  set(present "")
  if(EXISTS "${header}")
    file(READ "${header}" present)
  endif()
  if(NOT "${content}" STREQUAL "${present}")
    list(APPEND stale "${path}.hpp")
    if(NOT CHECK)  # written aside and renamed, so that nobody reads half a header
      file(WRITE "${header}.tmp" "${content}")
      file(RENAME "${header}.tmp" "${header}")
    endif()
  endif()
  set(expected ${expected} "${path}.hpp" PARENT_SCOPE)
  set(stale ${stale} PARENT_SCOPE)
endfunction()

# Which files there are, and whether their names and their kernels' names are in order.
file(GLOB_RECURSE paths RELATIVE "${sources}" "${sources}/*.cl" "${sources}/*.clh")
list(SORT paths COMPARE STRING)
set(families "common")
set(kernels "")
foreach(path IN LISTS paths)
  read_kernel_text("${path}" text)
  kernel_names("${text}" names)
  if(path MATCHES "^([a-z][a-z0-9_]*/)?common\\.clh$")
    if(names)
      message(FATAL_ERROR "kernels/${path}: holds helpers, but defines the kernel ${names}")
    endif()
    continue()
  endif()
  if(NOT path MATCHES "^[a-z][a-z0-9_]*/([a-z][a-z0-9_]*)\\.cl$")
    message(FATAL_ERROR "kernels/${path}: must be kernels/<theme>/<family>.cl in lower case")
  endif()
  set(family "${CMAKE_MATCH_1}")
  if(family IN_LIST families)
    message(FATAL_ERROR "kernels/${path}: the family name ${family} is already taken")
  endif()
  list(APPEND families "${family}")
  if(NOT names)
    message(FATAL_ERROR "kernels/${path}: defines no kernel")
  endif()
  foreach(name IN LISTS names)
    if(NOT name MATCHES "^${family}(__[A-Za-z0-9_#]+)?$")
      message(FATAL_ERROR "kernels/${path}: the kernel ${name} must be called ${family} or ${family}__<variant>")
    elseif(name IN_LIST kernels)
      message(FATAL_ERROR "kernels/${path}: the kernel ${name} is defined twice")
    endif()
    list(APPEND kernels "${name}")
  endforeach()
endforeach()

foreach(path IN LISTS paths)
  if(path STREQUAL "common.clh")
    embed("${path}" "common" "common")
  elseif(path MATCHES "^(.*)/common.clh$")
    embed("${path}" "${CMAKE_MATCH_1}/common" "${CMAKE_MATCH_1}_common")
  else()
    string(REGEX REPLACE "\\.cl$" "" name "${path}")
    get_filename_component(family "${path}" NAME_WE)
    embed("${path}" "${name}" "${family}")
  endif()
endforeach()

file(GLOB_RECURSE present RELATIVE "${headers}" "${headers}/*.hpp")
foreach(path IN LISTS present)
  if(NOT path IN_LIST expected)
    file(STRINGS "${headers}/${path}" generated REGEX "^// Generated from kernels/" LIMIT_COUNT 1)
    if(NOT generated)
      message(FATAL_ERROR "include/gpuimg/kernels/${path}: only generated headers belong here")
    endif()
    list(APPEND stale "${path}")
    if(NOT CHECK)
      file(REMOVE "${headers}/${path}")
    endif()
  endif()
endforeach()

if(stale AND CHECK)
  string(REPLACE ";" "\n  " stale "${stale}")
  message(FATAL_ERROR "stale, missing or orphaned in include/gpuimg/kernels:\n  ${stale}\n"
                      "run: cmake -P cmake/embed_kernels.cmake")
endif()
foreach(path IN LISTS stale)
  message(STATUS "kernels: updated include/gpuimg/kernels/${path}")
endforeach()
