#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds the tool, and segments an image: demo.sh [FILE]. Results: out/.
file="${1:+$(realpath "$1")}"  # before lib.sh changes the folder
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bin=build/release/bin
out=out

# The only places that know the tools' command lines.
synthesize() { "$bin/synthesize" "$1" --labels "$2" --size "$3" "$4"; }  # image labels x y
segment() { "$bin/gpuimg" segment "$@"; }                                # file --output labels ...
score() { "$bin/gpuimg" score "$1" "$2"; }                               # labels truth: F1 at IoU 0.5

[[ -z "$file" || -r "$file" ]] || die "cannot read $file"
install_packages "${build_packages[@]}"
say "building"
cmake --preset release
cmake --build --preset release --target gpuimg_cli synthesize
use_kernel_caches build/release
mkdir -p "$out"

if [[ -n "$file" ]]; then
  say "segmenting $file"
  name="$(basename "${file%.*}")"
  segment "$file" --output "$out/${name}_labels.tif"
  say "the labels are in $out/${name}_labels.tif"
  exit
fi

say "a field of nuclei whose labels are known"
synthesize "$out/field.tif" "$out/field_truth.tif" 1024 1024
segment "$out/field.tif" --output "$out/field_labels.tif"
score "$out/field_labels.tif" "$out/field_truth.tif"

say "the same pipeline on this machine's best device and on the CPU reference"
synthesize "$out/small.tif" "$out/small_truth.tif" 256 192
segment "$out/small.tif" --output "$out/small_labels_best.tif"
segment "$out/small.tif" --output "$out/small_labels_reference.tif" --device reference
if cmp -s "$out/small_labels_best.tif" "$out/small_labels_reference.tif"; then
  echo "the two label files are identical"
else
  die "the two label files differ"
fi
say "everything is in $out/"
