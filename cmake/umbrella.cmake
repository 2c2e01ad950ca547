# SPDX-License-Identifier: BSD-3-Clause
# Writes include/gpuimg/gpuimg.hpp: sorted includes of what a user calls, nothing else. So a new
# operation needs no line there. Needs ROOT; `cmake -D ROOT=. -P cmake/umbrella.cmake`.
cmake_minimum_required(VERSION 3.22)

set(include "${ROOT}/include/gpuimg")
file(GLOB_RECURSE headers RELATIVE "${include}" "${include}/algorithms/*.hpp"
     "${include}/core/*.hpp" "${include}/ops/*.hpp")
list(APPEND headers device.hpp image.hpp operation.hpp prepare.hpp)
list(SORT headers COMPARE STRING)

set(text "// SPDX-License-Identifier: BSD-3-Clause
// gpuimg: GPU image processing for microscopy. Include this, link OpenCL.
#pragma once

#include \"gpuimg/core/push_macros.def\"

")
foreach(header IN LISTS headers)
  string(APPEND text "#include \"gpuimg/${header}\"\n")
endforeach()
string(APPEND text "\n#include \"gpuimg/core/pop_macros.def\"\n")
file(READ "${include}/gpuimg.hpp" present)
if(NOT present STREQUAL text)
  file(WRITE "${include}/gpuimg.hpp" "${text}")
  message(STATUS "umbrella: updated include/gpuimg/gpuimg.hpp")
endif()
