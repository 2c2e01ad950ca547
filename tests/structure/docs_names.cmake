# SPDX-License-Identifier: BSD-3-Clause
# The names that docs/names.md leads to are operations. Needs ROOT.
cmake_minimum_required(VERSION 3.22)

if(NOT DEFINED ROOT)
  get_filename_component(ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
endif()

file(STRINGS "${ROOT}/include/gpuimg/operations.def" lines REGEX "^GPUIMG_OPERATION")
set(operations "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE ".*, *([a-z0-9_]+)\\)$" "\\1" name "${line}")
  list(APPEND operations ${name})
endforeach()

# "| `old`, `older` | `current` | ...": the second cell of each row that opens with a name.
file(STRINGS "${ROOT}/docs/names.md" rows REGEX "^\\| `")
set(count 0)
foreach(row IN LISTS rows)
  if(NOT row MATCHES "^\\|[^|]*\\| `([a-z0-9_]+)` \\|")
    message(SEND_ERROR "docs/names.md: cannot read: ${row}")
  elseif(NOT CMAKE_MATCH_1 IN_LIST operations)
    message(SEND_ERROR "docs/names.md: ${CMAKE_MATCH_1} is not in operations.def")
  endif()
  math(EXPR count "${count} + 1")
endforeach()
if(count EQUAL 0)
  message(SEND_ERROR "docs/names.md: has no rows")
endif()
