#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Builds, and measures networks on this machine beside ONNX Runtime and PyTorch.
#   network_table.sh --python PY --networks DIR [--name NAME] [--rounds N] [NETWORK]...
# PY is a Python with numpy, onnxruntime and torch; DIR is what scripts/networks/export.py wrote.
# Result: docs/benchmarks/networks_NAME.md. GPUIMG_DEVICE picks the device, PEER_THREADS the threads
# of those on the CPU.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

python=python3 networks='' name=this_machine rounds=10
while [[ "${1:-}" == --* ]]; do
  case "$1" in
    --python) python="$2" ;;
    --networks) networks="$2" ;;
    --name) name="$2" ;;
    --rounds) rounds="$2" ;;
    *) die "unknown option $1" ;;
  esac
  shift 2
done
[[ -f "$networks/networks.json" ]] || die "--networks DIR: scripts/networks/export.py makes it"
(($#)) || set -- nuclei biapy_unet_2d nnunet_2d nnunet_3d unet_medical
command="scripts/network_table.sh --python PY --networks DIR --name $name --rounds $rounds $*"

install_packages "${build_packages[@]}"
find_nvidia
say "building"
cmake --preset release
cmake --build --preset release --target gpuimg_networks_peer

say "measuring; the machine should do nothing else"
lines="$(mktemp)"
trap 'rm -f "$lines"' EXIT
export PEER_THREADS="${PEER_THREADS:-$(nproc)}"
export POCL_MAX_PTHREAD_COUNT="$PEER_THREADS"
"$python" bench/peers/network_rounds.py "$networks" "$@" --rounds "$rounds" \
  --peer build/release/bin/gpuimg_networks_peer \
  --peer "'$python' bench/peers/onnx_peer.py" \
  --peer "'$python' bench/peers/networks_peer.py" | tee "$lines"

page="docs/benchmarks/networks_$name.md"
"$python" bench/peers/network_rounds.py --table "$lines" --command "$command" >"$page"
say "written: $page"
