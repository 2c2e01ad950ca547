# SPDX-License-Identifier: BSD-3-Clause
# The program `gpuimg segment` on a small image, with OpenCL calls that fail once, every STEP-th of
# them: the labels are those of a run without a fault, or it says what failed, and ends
# with 2. Needs GPUIMG, SYNTHESIZE, PRELOAD, WORK, STEP.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
execute_process(COMMAND "${SYNTHESIZE}" "${WORK}/nuclei.tif" --size 48 40 --nuclei 6 --radius 5
                COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)

# segment(<folder> <variable=value>...): sets status and errors
macro(segment folder)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env ${ARGN} "LD_PRELOAD=${PRELOAD}"
                          "${GPUIMG}" segment "${WORK}/nuclei.tif" --out "${WORK}/${folder}"
                          --background-radius 9 --spot-sigma 2 --minimum-size 5
                  RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE errors)
endmacro()

segment(right)  # fills the caches
segment(right "GPUIMG_FAULT_COUNT=${WORK}/count")
if(NOT status EQUAL 0)
  message(FATAL_ERROR "segment failed without a fault: ${errors}")
endif()
file(STRINGS "${WORK}/count" count)
list(GET count 0 count)
set(runs 0)
foreach(call RANGE 1 ${count} ${STEP})
  foreach(code -4 -5 -6 -36)
    segment(faulty "GPUIMG_FAULT_AT=${call}" "GPUIMG_FAULT_CODE=${code}")
    math(EXPR runs "${runs} + 1")
    if(status EQUAL 0)
      file(SHA256 "${WORK}/right/labels.tif" expected)
      file(SHA256 "${WORK}/faulty/labels.tif" found)
      if(NOT expected STREQUAL found)
        message(SEND_ERROR "call ${call} of ${count} answers ${code}: other labels")
      endif()
    elseif(NOT status EQUAL 2 OR NOT errors MATCHES "^(gpuimg: [^\n]+\n)+$")
      message(SEND_ERROR "call ${call} of ${count} answers ${code}: ${status}, '${errors}'")
    endif()
  endforeach()
endforeach()
message(STATUS "${runs} runs of ${count} calls")
