# SPDX-License-Identifier: BSD-3-Clause
# docs/operations.md and the table of docs/names.md are what docs/generate_operations.cpp writes.
# Needs ROOT and GENERATOR, the program; with UPDATE=ON the pages are written anew.
cmake_minimum_required(VERSION 3.22)

# Fails unless the page is `text`, or makes it so.
function(check_page page text)
  file(READ "${ROOT}/${page}" present)
  if(present STREQUAL text)
    return()
  endif()
  if(UPDATE)
    file(WRITE "${ROOT}/${page}" "${text}")
  else()
    message(SEND_ERROR "${page} is out of date; write it anew with\n"
                       "  cmake --build build/dev --target update_docs")
  endif()
endfunction()

execute_process(COMMAND "${GENERATOR}" OUTPUT_VARIABLE operations COMMAND_ERROR_IS_FATAL ANY)
check_page(docs/operations.md "${operations}")

# The table stands between two marks; the rest of the page is written by hand.
execute_process(COMMAND "${GENERATOR}" names OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
set(begin "<!-- generated: from here -->\n\n")
set(end "\n<!-- generated: to here -->\n")
file(READ "${ROOT}/docs/names.md" page)
string(FIND "${page}" "${begin}" from)
string(FIND "${page}" "${end}" to)
if(from EQUAL -1 OR to LESS from)
  message(FATAL_ERROR "docs/names.md: has no marks around its table")
endif()
string(SUBSTRING "${page}" 0 ${from} before)
string(SUBSTRING "${page}" ${to} -1 after)
check_page(docs/names.md "${before}${begin}${table}${after}")
