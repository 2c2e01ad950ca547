#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds the tool, and segments an image. Results: out/.
#   demo.sh                      makes nuclei, segments them, scores the result
#   demo.sh FILE [OPTION]...     with options of gpuimg segment: demo.sh FILE --grey --spot_sigma 3
start="$PWD"  # where files are named; lib.sh changes the folder
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin="$PWD/build/release/bin"
out="$PWD/out"

# The only places that know the tools' command lines.
synthesize() { "$bin/synthesize" "$1" --labels "$2" --size "$3" "$4"; }  # image labels x y
segment() { "$bin/gpuimg" segment "$@"; }                                # file --out folder ...
compare() { "$bin/gpuimg" compare "$1" "$2"; }                           # identical or not

(($# == 0)) || (cd "$start" && [[ -f "$1" && -r "$1" ]]) || die "cannot read '$1'"
install_packages "${build_packages[@]}"
say "building"
cmake --preset release
cmake --build --preset release --target gpuimg_cli synthesize
use_kernel_caches
mkdir -p "$out"

if (($#)); then
  say "segmenting $1"
  name="$(basename "$1")"
  name="${name%.*}"
  cd "$start"
  segment "$@" --out "$out/$name"
  say "labels.tif, measurements.csv, overlay.png and report.html are in $out/$name/"
  exit
fi

say "a field of nuclei whose labels are known"
synthesize "$out/field.tif" "$out/field_truth.tif" 1024 1024
segment "$out/field.tif" --out "$out/field" --truth "$out/field_truth.tif"

say "the same pipeline on this machine's best device and on the CPU reference"
synthesize "$out/small.tif" "$out/small_truth.tif" 256 192
segment "$out/small.tif" --out "$out/small"
segment "$out/small.tif" --out "$out/small_reference" --device reference
compare "$out/small/labels.tif" "$out/small_reference/labels.tif" || die "the labels differ"
say "labels.tif, measurements.csv, overlay.png and report.html are in $out/field/"
