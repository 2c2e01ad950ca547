#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds, and runs all tests; then the unit tests with the address and
# undefined behaviour sanitizers, and those of threads with the thread sanitizer. Says at the end
# where the time went.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

jobs="$(nproc)"
report=()

# step TEXT COMMAND...: runs the command and notes how long it took.
step() {
  local text="$1" start="$SECONDS"
  shift
  say "$text"
  "$@"
  report+=("$(printf '%5d s  %s' $((SECONDS - start)) "$text")")
}
# configure_and_build PRESET [OPTION]...: a unity build, which is faster as a whole
configure_and_build() {
  cmake --preset "$1" -D CMAKE_UNITY_BUILD=ON
  cmake --build --preset "$@"
}

step "installing what is missing" install_packages "${test_packages[@]}"
step "building with warnings as errors" configure_and_build dev
step "running all tests" ctest --preset dev -j "$jobs"
step "building with the address and undefined behaviour sanitizers" \
  configure_and_build asan --target gpuimg_tests gpuimg_statics gpuimg_fault_sweep
# at_exit leaves what it holds to the system on purpose
step "running the unit tests and the sweep of faults with them" \
  ctest --preset asan -j "$jobs" -L "unit|faults" -E at_exit
step "building the tests of threads with the thread sanitizer" \
  configure_and_build tsan --target gpuimg_thread_tests
step "running them" ctest --preset tsan -L threads

say "where the time went"
printf '%s\n' "${report[@]}"
say "the longest tests, in seconds"
sed '/^---/,$d' build/dev/Testing/Temporary/CTestCostData.txt | awk '{print $3, $1}' | sort -rn |
  head -n 15
