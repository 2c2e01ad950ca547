# SPDX-License-Identifier: BSD-3-Clause
# The operation that docs/writing-an-operation.md writes: its files, put into a copy of the library,
# build and pass their test, with both kernels, and what is forgotten is noticed. Needs ROOT, WORK and
# CXX.
#
#   <!-- file: path -->      the block is the file, or its end where a block began it
#   <!-- instead: path -->   the block takes the place of the function that begins with its first line
cmake_minimum_required(VERSION 3.22)

file(READ "${ROOT}/docs/writing-an-operation.md" page)
set(tree "${WORK}/tree")
file(REMOVE_RECURSE "${tree}")
file(MAKE_DIRECTORY "${tree}")
file(COPY "${ROOT}/include" "${ROOT}/kernels" "${ROOT}/registry" DESTINATION "${tree}")
file(COPY "${ROOT}/tests/support" "${ROOT}/tests/main.cpp" DESTINATION "${tree}/tests")

# ---- the files of the page
set(files "")
set(page_left "${page}")
while(page_left MATCHES "<!-- file: ([^ ]+) -->\n```[a-z]*\n(.*)")
  set(path "${CMAKE_MATCH_1}")
  set(page_left "${CMAKE_MATCH_2}")
  string(FIND "${page_left}" "\n```" end)
  math(EXPR end "${end} + 1")
  string(SUBSTRING "${page_left}" 0 ${end} text)
  if(EXISTS "${tree}/${path}")
    file(APPEND "${tree}/${path}" "${text}")  # operations.def, a second kernel
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
            -I "${tree}/include" -I "${tree}/tests" -I "${tree}")
run(${compile} -fsyntax-only "${tree}/${files}")

# ---- the launch that chooses between two kernels
if(NOT page MATCHES "<!-- instead: ([^ ]+) -->\n```cpp\n(.*)")
  message(FATAL_ERROR "writing-an-operation.md: expected a block that replaces a function")
endif()
set(path "${CMAKE_MATCH_1}")
set(block "${CMAKE_MATCH_2}")
string(FIND "${block}" "```" end)
string(SUBSTRING "${block}" 0 ${end} block)
string(REGEX MATCH "^[^\n]+\n" first_line "${block}")
file(READ "${tree}/${path}" header)
string(FIND "${header}" "${first_line}" begin)
if(begin EQUAL -1)
  message(FATAL_ERROR "writing-an-operation.md: ${path} has no function that begins: ${first_line}")
endif()
string(SUBSTRING "${header}" 0 ${begin} before)
string(SUBSTRING "${header}" ${begin} -1 after)
string(FIND "${after}" "\n  }\n" end)
math(EXPR end "${end} + 5")
string(SUBSTRING "${after}" ${end} -1 after)
file(WRITE "${tree}/${path}" "${before}${block}${after}")

run(${compile} "${tree}/${files}" "${tree}/tests/main.cpp" -o "${WORK}/test" -lOpenCL)
run("${WORK}/test")
run("${CMAKE_COMMAND}" -E env GPUIMG_TEST_AS_GPU=1 "${WORK}/test")

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
