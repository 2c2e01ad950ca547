# SPDX-License-Identifier: BSD-3-Clause
# Every kernel file is OpenCL C 1.2 without warnings, with the helpers it is given in front.
# Needs ROOT and CLANG.
cmake_minimum_required(VERSION 3.22)

file(GLOB_RECURSE kernels RELATIVE "${ROOT}/kernels" "${ROOT}/kernels/*.cl")
foreach(kernel IN LISTS kernels)
  get_filename_component(theme "${kernel}" DIRECTORY)
  set(helpers -include common.clh)
  if(EXISTS "${ROOT}/kernels/${theme}/common.clh")
    list(APPEND helpers -include ${theme}/common.clh)
  endif()
  execute_process(COMMAND "${CLANG}" -x cl -cl-std=CL1.2 -Xclang -finclude-default-header
                          -fsyntax-only -Wall -Wextra -Werror ${helpers} "${kernel}"
                  WORKING_DIRECTORY "${ROOT}/kernels" RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "kernels/${kernel} does not compile")
  endif()
endforeach()
