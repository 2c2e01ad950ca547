#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds, runs the unit tests on every OpenCL device of this machine, GPUs above all, and times all
# operations. Results: the folder that is named, or out/gpu/: devices.txt, tests.txt, bench.json.
#   test_gpu.sh [FOLDER]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

folder="${1:-$PWD/out/gpu}"
mkdir -p "$folder"
install_packages "${test_packages[@]}"
use_kernel_caches

find_nvidia

say "building"
cmake --preset dev
cmake --build --preset dev --target gpuimg_tests gpuimg_cli
cmake --preset release
cmake --build --preset release --target gpuimg_bench

say "devices"
build/dev/bin/gpuimg devices | tee "$folder/devices.txt"

say "unit tests"
ctest --preset dev -L unit -j "$(nproc)" | tee "$folder/tests.txt"

say "every operation"
build/release/bin/gpuimg_bench --benchmark_out="$folder/bench.json" --benchmark_repetitions=3 \
  --benchmark_report_aggregates_only=true
say "results are in $folder"
