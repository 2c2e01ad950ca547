# SPDX-License-Identifier: BSD-3-Clause
# docs/operations.md is what docs/generate_operations.cpp writes. Needs ROOT, WORK and CXX, or
#   cmake -D UPDATE=ON -P tests/structure/docs_fresh.cmake    writes the page anew
cmake_minimum_required(VERSION 3.22)

if(NOT DEFINED ROOT)
  get_filename_component(ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
endif()
if(NOT DEFINED WORK)
  set(WORK "${ROOT}/build/docs_fresh")
endif()
if(NOT DEFINED CXX)
  set(CXX c++)
endif()

set(page "${ROOT}/docs/operations.md")
file(MAKE_DIRECTORY "${WORK}")
execute_process(COMMAND "${CXX}" -std=c++20 -O0 -I "${ROOT}/include"
                        "${ROOT}/docs/generate_operations.cpp" -o "${WORK}/generate" -lOpenCL
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${WORK}/generate" OUTPUT_FILE "${WORK}/operations.md"
                COMMAND_ERROR_IS_FATAL ANY)
if(UPDATE)
  file(COPY_FILE "${WORK}/operations.md" "${page}" ONLY_IF_DIFFERENT)
  return()
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${WORK}/operations.md" "${page}"
                RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "docs/operations.md is out of date; write it anew with\n"
                      "  cmake -D UPDATE=ON -P tests/structure/docs_fresh.cmake")
endif()
