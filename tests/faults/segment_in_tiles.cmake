# SPDX-License-Identifier: BSD-3-Clause
# The program `gpuimg segment` in tiles, with OpenCL calls that fail, every STEP-th of them: for want
# of memory, again and again, or for another reason. It gives the files of a run without a fault, or
# says what failed, ends with 2 and leaves no file that looks whole; with --resume a run without a
# fault then gives those files. Needs GPUIMG, SYNTHESIZE, PRELOAD, WORK, STEP.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}/temporary")
execute_process(COMMAND "${SYNTHESIZE}" "${WORK}/nuclei.tif" --size 300 280 --nuclei 30 --radius 9
                COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)

# segment(<folder> <resume> <variable=value>...): sets status and errors
macro(segment folder resume)
  set(options "")
  if(${resume})
    set(options --resume "${WORK}/state")
  endif()
  execute_process(COMMAND ${CMAKE_COMMAND} -E env ${ARGN} "LD_PRELOAD=${PRELOAD}"
                          "TMPDIR=${WORK}/temporary"
                          "${GPUIMG}" segment "${WORK}/nuclei.tif" --out "${WORK}/${folder}"
                          --background-radius 9 --spot-sigma 4 --minimum-size 20
                          --tile 160x150 --memory-limit 2M ${options}
                  RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE errors TIMEOUT 60)
endmacro()

# Whether the files are those of the run without a fault, and nothing else is there.
function(check_files resume what)
  file(GLOB found RELATIVE "${WORK}/faulty" "${WORK}/faulty/*")
  if(NOT found STREQUAL "labels.tif;measurements.csv")
    message(SEND_ERROR "${what}: there is ${found}")
    return()
  endif()
  foreach(name IN LISTS found)
    file(SHA256 "${WORK}/right_${resume}/${name}" expected)
    file(SHA256 "${WORK}/faulty/${name}" sum)
    if(NOT expected STREQUAL sum)
      message(SEND_ERROR "${what}: another ${name}")
    endif()
  endforeach()
endfunction()

segment(right_FALSE FALSE)  # fills the caches
segment(right_FALSE FALSE "GPUIMG_FAULT_COUNT=${WORK}/count")
segment(right_TRUE TRUE)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "segment failed without a fault: ${errors}")
endif()
file(STRINGS "${WORK}/count" count)
list(GET count 0 count)

set(faults -4,1 -5,6 -36,1)  # code and how many calls
set(errors_seen 0)
set(runs 0)
foreach(call RANGE 1 ${count} ${STEP})
  list(POP_FRONT faults fault)
  list(APPEND faults ${fault})
  string(REPLACE "," ";" fault "${fault}")
  list(GET fault 0 code)
  list(GET fault 1 times)
  foreach(resume FALSE TRUE)
    set(what "call ${call} of ${count} answers ${code} ${times} times, resume ${resume}")
    file(REMOVE_RECURSE "${WORK}/faulty")
    segment(faulty ${resume} "GPUIMG_FAULT_AT=${call}" "GPUIMG_FAULT_CODE=${code}"
            "GPUIMG_FAULT_TIMES=${times}")
    math(EXPR runs "${runs} + 1")
    file(GLOB temporary "${WORK}/temporary/*")
    if(temporary)
      message(SEND_ERROR "${what}: leaves ${temporary}")
    endif()
    if(status EQUAL 0)
      check_files(${resume} "${what}")
    elseif(NOT status EQUAL 2 OR NOT errors MATCHES "^gpuimg: [^\n]+\n$")
      message(SEND_ERROR "${what}: ${status}, '${errors}'")
    else()
      math(EXPR errors_seen "${errors_seen} + 1")
      file(GLOB found RELATIVE "${WORK}/faulty" "${WORK}/faulty/*")
      if(NOT found STREQUAL "" AND NOT (resume AND found STREQUAL "labels.tif.part"))
        message(SEND_ERROR "${what}: leaves ${found}")
      endif()
      if(resume)
        segment(faulty TRUE)
        check_files(${resume} "${what}, then a good run")
      endif()
    endif()
    if(EXISTS "${WORK}/state")
      message(SEND_ERROR "${what}: the folder of the run is left")
      file(REMOVE_RECURSE "${WORK}/state")
    endif()
  endforeach()
endforeach()
message(STATUS "${runs} runs of ${count} calls, ${errors_seen} ended with an error")
