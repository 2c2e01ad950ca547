# SPDX-License-Identifier: BSD-3-Clause
# docs/gallery.md shows every operation, and has its pictures. Needs ROOT.
cmake_minimum_required(VERSION 3.22)

file(READ "${ROOT}/docs/gallery.md" page)
file(STRINGS "${ROOT}/include/gpuimg/operations.def" lines REGEX "^GPUIMG_OPERATION")
set(missing "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE ".*, *([a-z0-9_]+)\\)$" "\\1" name "${line}")
  if(NOT page MATCHES "`${name}\\(")
    string(APPEND missing " ${name}")
  endif()
endforeach()
if(missing)
  message(SEND_ERROR "docs/gallery.md does not show${missing}; write it anew with\n"
                     "  cmake --build build/dev --target update_gallery")
endif()

string(REGEX MATCHALL "images/gallery/[a-z0-9_]+\\.png" used "${page}")
file(GLOB present RELATIVE "${ROOT}/docs" "${ROOT}/docs/images/gallery/*.png")
list(SORT used)
list(SORT present)
if(NOT used STREQUAL present)
  message(SEND_ERROR "docs/images/gallery holds other pictures than docs/gallery.md shows")
endif()
