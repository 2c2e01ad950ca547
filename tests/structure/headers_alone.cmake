# SPDX-License-Identifier: BSD-3-Clause
# Every header compiles alone and without warnings. Needs ROOT, CHECKER (a compiler) and HEADERS (a file
# with a header in each line).
cmake_minimum_required(VERSION 3.22)

cmake_host_system_information(RESULT jobs QUERY NUMBER_OF_LOGICAL_CORES)
set(compile "${CHECKER} -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Werror -fsyntax-only")
# Most include what an operation is made of: Clang reads that once, before what stands above that
# include in them.
set(of_operation "")
get_filename_component(name "${CHECKER}" NAME)
if(name MATCHES "clang")
  set(compiled "${WORK}/operation.pch")
  file(MAKE_DIRECTORY "${WORK}")
  execute_process(COMMAND sh -c "echo '#include \"gpuimg/operation.hpp\"' | \
${CHECKER} -std=c++20 -I '${ROOT}/include' -x c++-header -o '${compiled}' -" COMMAND_ERROR_IS_FATAL ANY)
  set(of_operation "$(grep -q '#include \"gpuimg/operation.hpp\"' '${ROOT}/include/{}' && \
echo -include-pch '${compiled}')")
endif()
set(one "echo '#include \"{}\"' | ${compile} ${of_operation} -I '${ROOT}/include' -x c++ - || { echo {}: does not \
compile alone >&2 && false; }")
execute_process(COMMAND xargs -P ${jobs} -I {} sh -c "${one}" INPUT_FILE "${HEADERS}"
                RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "headers do not compile alone: ${result}")
endif()
