# SPDX-License-Identifier: BSD-3-Clause
# Compiles and runs clhpp_program.cpp with CL/opencl.hpp configured in the ways that users do.
# Needs ROOT, WORK and CXX.
cmake_minimum_required(VERSION 3.22)

set(configurations
    "-D CL_HPP_ENABLE_EXCEPTIONS -D CL_HPP_TARGET_OPENCL_VERSION=120 -D CL_HPP_MINIMUM_OPENCL_VERSION=120"
    "-D CL_HPP_ENABLE_EXCEPTIONS -D CL_HPP_TARGET_OPENCL_VERSION=300 -D CL_HPP_MINIMUM_OPENCL_VERSION=200"
    "-D CL_HPP_TARGET_OPENCL_VERSION=300 -D CL_HPP_MINIMUM_OPENCL_VERSION=200"
    "-D CL_HPP_TARGET_OPENCL_VERSION=120 -D CL_HPP_MINIMUM_OPENCL_VERSION=120"
    "-D CL_HPP_TARGET_OPENCL_VERSION=300 -D CL_HPP_MINIMUM_OPENCL_VERSION=200 -D CL_TARGET_OPENCL_VERSION=300")
file(MAKE_DIRECTORY "${WORK}")
foreach(configuration IN LISTS configurations)
  separate_arguments(options UNIX_COMMAND "${configuration}")
  execute_process(COMMAND "${CXX}" -std=c++20 -O0 -Wall -Wextra -Wpedantic -Wconversion -Werror
                          ${options} -I "${ROOT}/include" "${ROOT}/tests/opencl/clhpp_program.cpp"
                          -o "${WORK}/clhpp_program" -lOpenCL -pthread
                  RESULT_VARIABLE result ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "does not compile with ${configuration}:\n${output}")
    continue()
  endif()
  execute_process(COMMAND "${WORK}/clhpp_program" RESULT_VARIABLE result OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "exits with ${result} with ${configuration}:\n${output}")
  endif()
  message(STATUS "${configuration}: fine")
endforeach()
