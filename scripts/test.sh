#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds, and runs all tests; then the unit tests with sanitizers.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

jobs="$(nproc)"
install_packages "${test_packages[@]}"

say "building with warnings as errors"
cmake --preset dev
cmake --build --preset dev

say "running all tests"
ctest --preset dev -j "$jobs"

say "building with the address and undefined behaviour sanitizers"
cmake --preset asan
cmake --build --preset asan --target gpuimg_tests

say "running the unit tests with sanitizers"
ctest --preset asan -j "$jobs" -L unit
