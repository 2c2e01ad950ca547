# SPDX-License-Identifier: BSD-3-Clause
# What the scripts share: messages, and the installation of missing Debian packages. Sourced by bash.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build_packages=(g++ cmake ninja-build ocl-icd-opencl-dev opencl-headers opencl-clhpp-headers
  pocl-opencl-icd libtiff-dev libpng-dev nlohmann-json3-dev libcli11-dev
  libonnx-dev libprotobuf-dev libyaml-cpp-dev)
test_packages=("${build_packages[@]}" catch2 libbenchmark-dev clang clang-format clang-tidy
  oclgrind)

say() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Prints those of the named packages that are not installed.
missing_packages() {
  local package
  for package; do
    [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
      printf '%s\n' "$package"
  done
}

# Installs those of the named packages that are not installed; asks for nothing when none is missing.
install_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "not a Debian system: going on as if there were the equivalents of: $*"
    return
  fi
  local missing root=()
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if (("$(id -u)" != 0)); then
    command -v sudo >/dev/null ||
      die "these packages are missing; as root, run: apt-get install ${missing[*]}"
    root=(sudo)
  fi
  say "installing ${missing[*]}"
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update || say "the package lists could not be updated; trying with the old ones"
  "${apt[@]}" install --no-install-recommends "${missing[@]}" ||
    die "these packages could not be installed: ${missing[*]}"
}

# Lets OpenCL and the library keep compiled kernels where the tests do: the home may be read-only.
use_kernel_caches() {
  export POCL_CACHE_DIR="$PWD/build/kernel_cache/pocl" GPUIMG_CACHE="$PWD/build/kernel_cache/gpuimg"
  mkdir -p "$POCL_CACHE_DIR" "$GPUIMG_CACHE"
}

# NVIDIA's driver brings its OpenCL library, but a container often lacks the file that names it.
find_nvidia() {
  ls /etc/OpenCL/vendors/nvidia*.icd >/dev/null 2>&1 && return
  [[ -z "${OCL_ICD_VENDORS:-}" ]] || return 0
  local library
  library="$(ldconfig -p | sed -n 's/.*libnvidia-opencl\.so\.1 .* => //p' | head -n 1)"
  [[ -n "$library" ]] || return 0
  say "no vendor file names $library; using it all the same"
  mkdir -p build/vendors
  echo "$library" >build/vendors/nvidia.icd
  export OCL_ICD_VENDORS="$PWD/build/vendors"
}
