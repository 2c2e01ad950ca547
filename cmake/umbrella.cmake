# SPDX-License-Identifier: BSD-3-Clause
# Writes include/gpuimg/<theme>.hpp, a header per theme of operations.def, and the umbrella
# include/gpuimg/gpuimg.hpp: sorted includes, nothing else. So a new operation needs no line there.
# Needs ROOT, an absolute path; `cmake -D ROOT=$PWD -P cmake/umbrella.cmake`.
cmake_minimum_required(VERSION 3.22)

set(include "${ROOT}/include/gpuimg")

# Writes a header of includes where it is not the same already; `list` is its name.
function(write_header name what list)
  list(REMOVE_DUPLICATES ${list})
  list(SORT ${list} COMPARE STRING)
  set(text "// SPDX-License-Identifier: BSD-3-Clause\n// ${what}\n#pragma once\n\n#include \"gpuimg/core/push_macros.def\"\n\n")
  foreach(header IN LISTS ${list})
    string(APPEND text "#include \"gpuimg/${header}\"\n")
  endforeach()
  string(APPEND text "\n#include \"gpuimg/core/pop_macros.def\"\n")
  set(present "")
  if(EXISTS "${include}/${name}")
    file(READ "${include}/${name}" present)
  endif()
  if(NOT present STREQUAL text)
    file(WRITE "${include}/${name}" "${text}")
    message(STATUS "umbrella: updated include/gpuimg/${name}")
  endif()
endfunction()

file(STRINGS "${include}/operations.def" lines REGEX "^GPUIMG_OPERATION")
set(themes "")
foreach(line IN LISTS lines)
  string(REGEX MATCH "\\(([a-z_]+), *([a-z0-9_]+), *([a-z0-9_]+)\\)" ignored "${line}")
  list(APPEND themes ${CMAKE_MATCH_1})
  if(CMAKE_MATCH_2 STREQUAL "algorithms")
    list(APPEND headers_of_${CMAKE_MATCH_1} algorithms/${CMAKE_MATCH_3}.hpp)
  else()
    list(APPEND headers_of_${CMAKE_MATCH_1} ops/${CMAKE_MATCH_1}/${CMAKE_MATCH_2}.hpp)
  endif()
endforeach()
list(REMOVE_DUPLICATES themes)

file(GLOB_RECURSE headers RELATIVE "${include}" "${include}/core/*.hpp")
# What reads files brings it where it is wanted: its std::variant takes long to compile.
list(REMOVE_ITEM headers core/host_image.hpp)
list(APPEND headers device.hpp image.hpp operation.hpp prepare.hpp)
foreach(theme IN LISTS themes)
  write_header(${theme}.hpp "The operations of the theme ${theme}." headers_of_${theme})
  list(APPEND headers ${theme}.hpp)
endforeach()
write_header(gpuimg.hpp "gpuimg: GPU image processing for microscopy. Include this, link OpenCL."
             headers)
