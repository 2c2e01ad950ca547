# SPDX-License-Identifier: BSD-3-Clause
# Builds and runs app.cpp as a user of the library would.
# Needs WAY (find_package, add_subdirectory, fetch_content or bare), ROOT, WORK, CXX and GENERATOR.
cmake_minimum_required(VERSION 3.22)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(consumer "${CMAKE_CURRENT_LIST_DIR}")
set(compiler -G "${GENERATOR}" -D "CMAKE_CXX_COMPILER=${CXX}")

if(WAY STREQUAL "bare")
  run("${CXX}" -std=c++20 -O2 -I "${ROOT}/include" "${consumer}/app.cpp" -o "${WORK}/app" -lOpenCL)
  run("${WORK}/app")
  return()
endif()

if(WAY STREQUAL "find_package")
  run("${CMAKE_COMMAND}" -S "${ROOT}" -B "${WORK}/library" ${compiler} -D GPUIMG_BUILD_TESTS=OFF
      -D GPUIMG_BUILD_EXAMPLES=OFF -D GPUIMG_BUILD_BENCH=OFF)
  run("${CMAKE_COMMAND}" --install "${WORK}/library" --prefix "${WORK}/prefix")
  set(place -D "CMAKE_PREFIX_PATH=${WORK}/prefix")
else()
  set(place -D "GPUIMG_SOURCE=${ROOT}")
endif()
run("${CMAKE_COMMAND}" -S "${consumer}" -B "${WORK}/build" ${compiler} -D "WAY=${WAY}" ${place})
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/app")
if(EXISTS "${WORK}/build/bin")
  message(FATAL_ERROR "the library built more than it should for a project that only uses it")
endif()
