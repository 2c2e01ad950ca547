# SPDX-License-Identifier: BSD-3-Clause
# Runs the tests tagged [oclgrind] on the Oclgrind simulator; anything it reports is a failure.
# Needs PROGRAM (the tests), ICD (Oclgrind's driver), LOG (a file to write) and ROOT. The exit code is
# the program's own whatever Oclgrind finds, so the log decides.
#   races           all operations in one process
#   uninitialised   a process per operation. Oclgrind 21.10 appears not to follow vstoreN and vloadN:
#                   a scalar or a converted value that came that way is reported as
#                   uninitialised. The operations that meet this are left out, and named.
cmake_minimum_required(VERSION 3.22)

set(ENV{OCL_ICD_VENDORS} "${ICD}")
set(ENV{GPUIMG_DEVICE} "Oclgrind")
set(ENV{GPUIMG_CACHE} "${LOG}.cache")
set(ENV{OCLGRIND_DATA_RACES} 1)
set(ENV{OCLGRIND_BUILD_OPTIONS} -cl-opt-disable)  # it does not know all that its optimiser makes
set(ENV{OCLGRIND_LOG} "${LOG}")

function(simulate what)
  file(REMOVE "${LOG}")
  execute_process(COMMAND "${PROGRAM}" "[oclgrind]" RESULT_VARIABLE result
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT EXISTS "${LOG}")
    message(FATAL_ERROR "${what}: Oclgrind wrote no log: no test used it\n${output}")
  endif()
  file(READ "${LOG}" log LIMIT 20000)
  if(NOT log STREQUAL "")
    message(FATAL_ERROR "${what}: Oclgrind reports:\n${log}")
  elseif(NOT result EQUAL 0)
    message(FATAL_ERROR "${what}: the tests failed: ${result}\n${output}")
  endif()
endfunction()

simulate("all operations")
set(ENV{OCLGRIND_UNINITIALIZED} 1)
file(STRINGS "${ROOT}/include/gpuimg/operations.def" lines REGEX "^GPUIMG_OPERATION")
set(reads_vstored gaussian_blur mean_of_all_pixels sum_of_all_pixels voronoi_otsu_labeling)
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^.*, *([a-z0-9_]+)\\)$" "\\1" operation "${line}")
  if(operation IN_LIST reads_vstored)
    message(STATUS "${operation}: not checked for uninitialised values")
    continue()
  endif()
  set(ENV{GPUIMG_CASE} "${operation}//20x9x3")
  simulate("${operation}")
endforeach()
