# SPDX-License-Identifier: BSD-3-Clause
# Runs the tests tagged [oclgrind] on the Oclgrind simulator, every operation with small images; a race, a
# read of uninitialised or of foreign memory, or anything else it reports is a failure.
# Needs PROGRAM (the tests), ICD (Oclgrind's driver), PRELOAD (keep_buffers) and LOG (a file to write).
# The exit code is the program's own whatever Oclgrind finds, so the log decides.
cmake_minimum_required(VERSION 3.22)

set(ENV{OCL_ICD_VENDORS} "${ICD}")
set(ENV{LD_PRELOAD} "${PRELOAD}")
set(ENV{GPUIMG_DEVICE} "Oclgrind")
set(ENV{GPUIMG_CACHE} "${LOG}.cache")
set(ENV{OCLGRIND_DATA_RACES} 1)
set(ENV{OCLGRIND_UNINITIALIZED} 1)
set(ENV{OCLGRIND_BUILD_OPTIONS} -cl-opt-disable)  # it does not know all that its optimiser makes
set(ENV{OCLGRIND_LOG} "${LOG}")

file(REMOVE "${LOG}")
execute_process(COMMAND "${PROGRAM}" "[oclgrind]" RESULT_VARIABLE result
                OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT EXISTS "${LOG}")
  message(FATAL_ERROR "Oclgrind wrote no log: no test used it\n${output}")
endif()
file(READ "${LOG}" log LIMIT 20000)
if(NOT log STREQUAL "")
  message(FATAL_ERROR "Oclgrind reports:\n${log}")
elseif(NOT result EQUAL 0)
  message(FATAL_ERROR "the tests failed: ${result}\n${output}")
endif()
