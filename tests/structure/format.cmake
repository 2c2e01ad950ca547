# SPDX-License-Identifier: BSD-3-Clause
# Sources and kernels are as .clang-format wants them, in lines of at most 100 columns. Needs ROOT and
# CLANG_FORMAT.
cmake_minimum_required(VERSION 3.22)

set(folders bench docs examples include kernels registry tests)
set(files "")
foreach(folder IN LISTS folders)
  file(GLOB_RECURSE found "${ROOT}/${folder}/*.cpp" "${ROOT}/${folder}/*.hpp"
       "${ROOT}/${folder}/*.cl" "${ROOT}/${folder}/*.clh")
  list(APPEND files ${found})
endforeach()
list(FILTER files EXCLUDE REGEX "/include/gpuimg/kernels/")  # generated

execute_process(COMMAND ${CLANG_FORMAT} --version OUTPUT_VARIABLE version)
if(version MATCHES "version 14\\.")  # others differ in a few places
  execute_process(COMMAND ${CLANG_FORMAT} --dry-run -Werror ${files} RESULT_VARIABLE result
                  ERROR_VARIABLE report)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "not formatted; run clang-format -i on these:\n${report}")
  endif()
endif()
foreach(file IN LISTS files)
  file(STRINGS "${file}" long REGEX "^.....................................................................................................")
  if(long)
    message(SEND_ERROR "${file}: a line is longer than 100 columns: ${long}")
  endif()
endforeach()
