# SPDX-License-Identifier: BSD-3-Clause
# The user's build: macros of other libraries do no harm and stay as they were, -ffast-math is
# refused. Needs ROOT, WORK and CXX.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${WORK}")
set(include "${ROOT}/include/gpuimg")

# compile(<result> <output> <source text> <flag>...): whether a source compiles.
function(compile result output text)
  file(WRITE "${WORK}/source.cpp" "${text}")
  execute_process(COMMAND "${CXX}" -std=c++20 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I
                          "${ROOT}/include" ${ARGN} "${WORK}/source.cpp"
                  RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  set(${result} ${code} PARENT_SCOPE)
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

# 1. Every header that users include, alone after the macros; the macros are there afterwards.
set(macros "#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define small char
#define check(condition) do { if (!(condition)) throw 1; } while (0)
#define I (__extension__ 1.0iF)
#define near
#define far
")
set(kept "#if !defined(min) || !defined(max) || !defined(small) || !defined(check) || !defined(I) || \\
    !defined(near) || !defined(far)
#error \"a macro is gone\"
#endif
static_assert(min(1, 2) == 1 && max(1, 2) == 2 && sizeof(small) == 1);
")
file(GLOB headers RELATIVE "${ROOT}/include" "${include}/*.hpp" "${include}/agreement/*.hpp"
     "${include}/io/*.hpp" "${include}/metrics/*.hpp")
set(all "")
foreach(header IN LISTS headers)
  string(APPEND all "#include <${header}>\n")
  file(READ "${ROOT}/include/${header}" text)
  if(NOT text MATCHES "#pragma once\n\n#include \"gpuimg/core/push_macros.def\"\n"
     OR NOT text MATCHES "\n#include \"gpuimg/core/pop_macros.def\"\n$")
    message(SEND_ERROR "${header}: users include it, so it must begin with push_macros.def and end "
                       "with pop_macros.def")
  endif()
endforeach()
foreach(first IN ITEMS gpuimg/gpuimg.hpp gpuimg/device.hpp gpuimg/registry.hpp)
  compile(result output "${macros}#include <${first}>\n${all}${kept}")
  if(NOT result EQUAL 0)
    message(SEND_ERROR "with the user's macros, ${first} first: ${output}")
  endif()
endforeach()

# Nobody gets a macro that was not there.
compile(result output "${all}#if defined(min) || defined(max) || defined(small) || defined(check) || \\
    defined(near) || defined(far) || defined(I)
#error \"a macro came along\"
#endif
")
if(NOT result EQUAL 0)
  message(SEND_ERROR "without macros: ${output}")
endif()

# 2. What would change the arithmetic of the reference.
foreach(flag IN ITEMS -ffast-math -ffinite-math-only)
  compile(result output "#include <gpuimg/gpuimg.hpp>\n" ${flag})
  if(result EQUAL 0 OR NOT output MATCHES "gpuimg cannot be compiled with -ffast-math")
    message(SEND_ERROR "${flag} is not refused with a sentence: ${output}")
  endif()
endforeach()

# 3. The version in every name is the version that programs see.
file(STRINGS "${include}/core/version.hpp" namespace REGEX "^#define GPUIMG_VERSION_NAMESPACE ")
file(STRINGS "${include}/core/version.hpp" version REGEX "version = \"")
string(REGEX REPLACE ".* v([0-9_]+)$" "\\1" namespace "${namespace}")
string(REGEX REPLACE ".*\"([0-9.]+)\".*" "\\1" version "${version}")
string(REPLACE "." "_" expected "${version}")
if(NOT namespace STREQUAL expected)
  message(SEND_ERROR "core/version.hpp: GPUIMG_VERSION_NAMESPACE is v${namespace}, but the version "
                     "is ${version}")
endif()
