# SPDX-License-Identifier: BSD-3-Clause
# The operation that docs/writing-an-operation.md writes: its files, put into a copy of the library,
# build and pass their test, and what is forgotten is noticed. Needs ROOT, WORK and CXX.
cmake_minimum_required(VERSION 3.22)

file(READ "${ROOT}/docs/writing-an-operation.md" page)
set(tree "${WORK}/tree")
file(REMOVE_RECURSE "${tree}")
file(MAKE_DIRECTORY "${tree}")
file(COPY "${ROOT}/include" "${ROOT}/kernels" DESTINATION "${tree}")
file(COPY "${ROOT}/tests/support" "${ROOT}/tests/main.cpp" DESTINATION "${tree}/tests")

# ---- the files of the page
set(files "")
while(page MATCHES "<!-- file: ([^ ]+) -->\n```[a-z]*\n(.*)")
  set(path "${CMAKE_MATCH_1}")
  set(page "${CMAKE_MATCH_2}")
  string(FIND "${page}" "\n```" end)
  math(EXPR end "${end} + 1")
  string(SUBSTRING "${page}" 0 ${end} text)
  if(EXISTS "${tree}/${path}")
    file(APPEND "${tree}/${path}" "${text}")  # the line of operations.def
  else()
    file(WRITE "${tree}/${path}" "${text}")
    list(APPEND files "${path}")
  endif()
endwhile()
list(LENGTH files count)
if(NOT count EQUAL 3)
  message(FATAL_ERROR "writing-an-operation.md: expected a kernel, a header and a test, "
                      "got: ${files}")
endif()

# ---- they build and pass
function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()
run("${CMAKE_COMMAND}" -D "ROOT=${tree}" -P "${ROOT}/cmake/embed_kernels.cmake")
run("${CMAKE_COMMAND}" -D "ROOT=${tree}" -P "${ROOT}/cmake/umbrella.cmake")
run("${CMAKE_COMMAND}" -D "ROOT=${tree}" -P "${CMAKE_CURRENT_LIST_DIR}/include_order.cmake")
list(FILTER files INCLUDE REGEX "_test\\.cpp$")
set(compile "${CXX}" -std=c++20 -O0 -Wall -Wextra -Wpedantic -Wconversion -Werror
            -I "${tree}/include" -I "${tree}/tests")
run(${compile} "${tree}/${files}" "${tree}/tests/main.cpp" -o "${WORK}/test" -lOpenCL)
run("${WORK}/test")

# ---- what is forgotten is noticed
foreach(path IN ITEMS include/gpuimg/ops/projection/span_z.hpp kernels/projection/span_z.cl
                      tests/ops/projection/span_z_test.cpp)
  file(RENAME "${tree}/${path}" "${WORK}/forgotten")
  execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${tree}"
                          -P "${CMAKE_CURRENT_LIST_DIR}/stems.cmake"
                  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")  # message() wraps long lines
  if(result EQUAL 0 OR NOT output MATCHES "${path}: is missing")
    message(SEND_ERROR "nobody misses ${path}: ${output}")
  endif()
  file(RENAME "${WORK}/forgotten" "${tree}/${path}")
endforeach()
file(COPY "${ROOT}/include/gpuimg/projection.hpp" DESTINATION "${tree}/include/gpuimg")
execute_process(COMMAND "${CMAKE_COMMAND}" -D "ROOT=${tree}"
                        -P "${CMAKE_CURRENT_LIST_DIR}/include_order.cmake"
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0 OR NOT output MATCHES "does not reach ops/projection/span_z.hpp")
  message(SEND_ERROR "nobody misses the include in the theme's header: ${output}")
endif()
file(COPY "${ROOT}/include/gpuimg/operations.def" DESTINATION "${tree}/include/gpuimg")
execute_process(COMMAND ${compile} -fsyntax-only "${tree}/${files}" RESULT_VARIABLE result
                OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0 OR NOT output MATCHES "the operation is not in operations.def")
  message(SEND_ERROR "an operation without a line in operations.def compiles: ${output}")
endif()
