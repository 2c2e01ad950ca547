# SPDX-License-Identifier: BSD-3-Clause
# clang-tidy has nothing to say about any header of the library, nor about a program that uses it.
# Needs ROOT, WORK and CLANG_TIDY.
cmake_minimum_required(VERSION 3.22)

execute_process(COMMAND "${CLANG_TIDY}" --version OUTPUT_VARIABLE version)
if(NOT version MATCHES "version 14\\.")  # others have other checks
  message(STATUS "needs clang-tidy 14")
  return()
endif()

# tidy(<result> <output> <option or source>...)
function(tidy result output)
  execute_process(COMMAND "${CLANG_TIDY}" --quiet "--config-file=${ROOT}/.clang-tidy" ${ARGN} --
                          -std=c++20 -I "${ROOT}/include" -I "${ROOT}/examples" -I "${ROOT}"
                  RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE errors)
  set(${result} ${code} PARENT_SCOPE)
  set(${output} "${text}" PARENT_SCOPE)
endfunction()

# It would find something.
file(WRITE "${WORK}/bad.cpp" "struct CamelCase {\n  int* p = 0;\n};\n")
tidy(result output "${WORK}/bad.cpp")
foreach(check IN ITEMS readability-identifier-naming modernize-use-nullptr)
  if(result EQUAL 0 OR NOT output MATCHES "${check}")
    message(SEND_ERROR "nobody notices what ${check} forbids: ${output}")
  endif()
endforeach()

file(GLOB_RECURSE headers RELATIVE "${ROOT}/include" "${ROOT}/include/*.hpp")
list(TRANSFORM headers REPLACE "(.+)" "#include <\\1>\n")
string(CONCAT text ${headers})
file(WRITE "${WORK}/all_headers.cpp" "${text}")
tidy(result output "${WORK}/all_headers.cpp")
if(NOT result EQUAL 0)
  message(SEND_ERROR "${output}")
endif()
# Templates are looked at once more where they are used. Programs may end with an exception.
tidy(result output --checks=-bugprone-exception-escape "${ROOT}/examples/own_operation.cpp")
if(NOT result EQUAL 0)
  message(SEND_ERROR "${output}")
endif()
