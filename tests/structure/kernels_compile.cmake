# SPDX-License-Identifier: BSD-3-Clause
# Every kernel file is OpenCL C 1.2 without warnings, with kernels/common.clh in front.
# Needs ROOT and CLANG.
cmake_minimum_required(VERSION 3.22)

file(GLOB_RECURSE kernels RELATIVE "${ROOT}/kernels" "${ROOT}/kernels/*.cl")
foreach(kernel IN LISTS kernels)
  execute_process(COMMAND "${CLANG}" -x cl -cl-std=CL1.2 -Xclang -finclude-default-header
                          -fsyntax-only -Wall -Wextra -Werror -include common.clh "${kernel}"
                  WORKING_DIRECTORY "${ROOT}/kernels" RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "kernels/${kernel} does not compile")
  endif()
endforeach()
