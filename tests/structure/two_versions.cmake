# SPDX-License-Identifier: BSD-3-Clause
# Two shared libraries with different versions of gpuimg in one process: each runs its own code and
# its own kernels, linked together or loaded. Needs ROOT, WORK and CXX.
cmake_minimum_required(VERSION 3.22)

file(REMOVE_RECURSE "${WORK}")
file(COPY "${ROOT}/include" DESTINATION "${WORK}/a")
file(COPY "${ROOT}/include" DESTINATION "${WORK}/b")

# replace(<file> <old> <new>): fails where the old text is not there.
function(replace path old new)
  file(READ "${path}" text)
  string(FIND "${text}" "${old}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "${path}: does not say ${old}")
  endif()
  string(REPLACE "${old}" "${new}" text "${text}")
  file(WRITE "${path}" "${text}")
endfunction()

# The other version is 9.9.9; its self-test has a kernel with one more argument and other numbers.
set(b "${WORK}/b/include/gpuimg")
file(READ "${b}/core/version.hpp" text)
string(REGEX REPLACE "NAMESPACE v[0-9_]+" "NAMESPACE v9_9_9" text "${text}")
string(REGEX REPLACE "version = \"[0-9.]+\"" "version = \"9.9.9\"" text "${text}")
file(WRITE "${b}/core/version.hpp" "${text}")
replace("${b}/kernels/opencl/self_test.cl.hpp" "volatile global uint* counter) {"
        "volatile global uint* counter, const uint more) {")
replace("${b}/kernels/opencl/self_test.cl.hpp" "atomic_inc(counter)" "atomic_add(counter, more)")
replace("${b}/opencl/self_test.hpp" "buffer_view{counts()}}" "buffer_view{counts()}, cl_uint{7}}")
replace("${b}/opencl/self_test.hpp" "\"atomic_inc loses counts\"" "\"atomic_inc counts sevens\"")
replace("${b}/reference/device.hpp" "class device {" "class device {\n  long more_ = 7;\n")

file(WRITE "${WORK}/library.cpp" [=[
#include <gpuimg/device.hpp>
#include <cstdio>
#include <string>
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
extern "C" int PASTE(check_, NAME)() {
  const std::string version = gpuimg::version;
  std::string reasons;
  for (const auto& info : gpuimg::device::list()) {
    const gpuimg::device device = gpuimg::device::by_name(info.name);
    if (device.is_reference()) continue;
    reasons += device.exact().reason;
  }
  const bool is_other = version == "9.9.9";
  const bool has_opencl = gpuimg::device::list().size() > 1;
  const std::string expected = is_other && has_opencl ? "atomic_inc counts sevens" : "";
  const bool right = is_other == OTHER && reasons.find(expected) == 0 && (reasons.empty() == expected.empty()) &&
                     sizeof(gpuimg::reference::device) == (OTHER ? 24 : 16);
  std::printf("%s: version %s, '%s', %zu: %s\n", TEXT, version.c_str(), reasons.c_str(),
              sizeof(gpuimg::reference::device), right ? "right" : "WRONG");
  return right ? 0 : 1;
}
]=])
file(WRITE "${WORK}/linked.cpp" [=[
extern "C" int check_a();
extern "C" int check_b();
int main() { return check_a() + check_b() + check_a(); }
]=])
file(WRITE "${WORK}/loaded.cpp" [=[
#include <dlfcn.h>
#include <cstdio>
int main(int count, char** paths) {
  int wrong = count > 2 ? 0 : 1;
  for (int i = 1; i + 1 < count; i += 2) {
    void* library = dlopen(paths[i], RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return std::printf("%s\n", dlerror()), 1;
    const auto check = reinterpret_cast<int (*)()>(dlsym(library, paths[i + 1]));
    if (check == nullptr) return std::printf("%s\n", dlerror()), 1;
    wrong += check();
  }
  return wrong;
}
]=])
foreach(name IN ITEMS a b)
  set(other 0)
  if(name STREQUAL "b")
    set(other 1)
  endif()
  execute_process(COMMAND "${CXX}" -std=c++20 -O0 -fPIC -shared -I "${WORK}/${name}/include"
                          -DNAME=${name} -DOTHER=${other} "-DTEXT=\"${name}\"" "${WORK}/library.cpp"
                          -o "${WORK}/lib${name}.so" -lOpenCL
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND "${CXX}" "${WORK}/linked.cpp" -o "${WORK}/linked" "-L${WORK}" -la -lb
                        "-Wl,-rpath,${WORK}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CXX}" "${WORK}/loaded.cpp" -o "${WORK}/loaded" -ldl -pthread
                COMMAND_ERROR_IS_FATAL ANY)
set(liba "${WORK}/liba.so" check_a)
set(libb "${WORK}/libb.so" check_b)
set(ENV{GPUIMG_CACHE} "${WORK}/cache")
foreach(command IN ITEMS "${WORK}/linked" "${WORK}/loaded;${liba};${libb}"
                         "${WORK}/loaded;${libb};${liba}")
  execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE output
                  ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "${command}:\n${output}")
  endif()
endforeach()
