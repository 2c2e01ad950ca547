#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds, and measures CLIJ's table of speed-ups on this machine beside the libraries that are here.
# Results: docs/benchmarks/<device>.md, .svg and .json.
#   speedup_table.sh [--python PATH | --install-peers] [OPTION]...
# PATH is a Python in which scipy, scikit-image, OpenCV, pyclesperanto, CuPy, cuCIM or PyTorch may be;
# else python3. --install-peers installs Debian's OpenCV, and the first four into build/peers.
# Options are those of gpuimg_speedup, such as --types u8 u16 f32, --large, --only Gaussian, --help.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

python=python3
case "${1:-}" in
  --python)
    python="${2:?a path is missing}"
    shift 2
    ;;
  --install-peers)
    shift
    install_packages libopencv-dev python3-venv
    python="$PWD/build/peers/bin/python"
    say "installing Python packages into build/peers"
    python3 -m venv build/peers
    "$python" -m pip install --quiet numpy scipy scikit-image opencv-python-headless pyclesperanto
    ;;
esac

install_packages "${build_packages[@]}"
find_nvidia
say "building"
cmake --preset release
cmake --build --preset release --target bench_speedup

say "measuring; the machine should do nothing else"
build/release/bin/gpuimg_speedup --out docs/benchmarks \
  --peer "build/release/bin/gpuimg_opencv_peer" \
  --peer "'$python' bench/peers/opencv_peer.py" \
  --peer "'$python' bench/peers/ndimage_peer.py scipy" \
  --peer "'$python' bench/peers/clesperanto_peer.py" \
  --peer "'$python' bench/peers/ndimage_peer.py cupy" \
  --peer "'$python' bench/peers/torch_peer.py" "$@"
