#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Measures nuclei with gpuimg, ImageJ, scikit-image, SimpleITK and pyclesperanto, and compares every
# two of them by Bland-Altman analysis. Results: DIR/summary.md, and a report per pair in DIR/pairs.
#   agreement_study.sh [--python PATH] [--out DIR] [--images DIR] [--bin DIR]
# PATH is a Python in which the libraries may be, else python3; what is not installed is left out.
# Images are 2D, NAME_img.tif with label images NAME_mask.tif, else those in nuclei/ of the test data
# (GPUIMG_TEST_DATA). --bin names the folder of built programs, else they are built.
start="$PWD"  # where folders are named; lib.sh changes the folder
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

python=python3 out="$PWD/build/agreement_study" bin=
images="${GPUIMG_TEST_DATA:-$PWD/../shared/data}/nuclei"
in_start() { (cd "$start" && realpath -ms "$1"); }
while (($#)); do
  [[ -n "${2:-}" ]] || die "$1: a path is missing"
  case "$1" in
    --python) [[ "$2" == */* ]] && python="$(in_start "$2")" || python="$2" ;;
    --out) out="$(in_start "$2")" ;;
    --images) images="$(in_start "$2")" ;;
    --bin) bin="$(in_start "$2")" ;;
    *) die "unknown option '$1'" ;;
  esac
  shift 2
done
# Differences that do not matter, in pixels and grey levels.
declare -A bar=([area]=10 [mean_intensity]=1 [centroid_x]=0.25 [centroid_y]=0.25 [perimeter]=2
  [perimeter_crofton]=2)
ij_jar="${IJ_JAR:-/usr/share/java/ij.jar}"
peers=examples/agreement_study

if [[ -z "$bin" ]]; then
  install_packages "${build_packages[@]}"
  say "building"
  cmake --preset release
  cmake --build --preset release --target gpuimg_cli agreement_study
  bin="$PWD/build/release/bin"
fi
use_kernel_caches
find_nvidia

[[ -d "$images" ]] || die "there is no folder $images"
[[ -z "$(ls -A "$out" 2>/dev/null)" || -f "$out/methods.txt" ]] || die "$out holds something else"
rm -rf "$out"/{images,labels,methods,pairs,methods.txt,left_out.txt,summary.md}
mkdir -p "$out/methods"
touch "$out/methods.txt"
"$bin/agreement_study" prepare "$out" "$images"
names=("$out"/images/*.tif)
[[ -e "${names[0]}" ]] || die "no NAME_img.tif with NAME_mask.tif is in $images"
names=("${names[@]##*/}")
names=("${names[@]%.tif}")

methods=()
# method NAME COMMAND...: runs a method, and checks that it measured everything.
method() {
  local method="$1" name
  shift
  say "$method"
  mkdir -p "$out/methods/$method"/{given,own}
  "$@"
  for name in "${names[@]}"; do
    for file in given/"$name".csv own/"$name".csv own/"$name".tif; do
      [[ -s "$out/methods/$method/$file" ]] || die "$method did not write $file"
    done
  done
  methods+=("$method")
  printf '%s\n' "$method" >>"$out/methods.txt"
}
left_out() {
  say "$1 is left out: $2"
  printf '%s (%s)\n' "$1" "$2" >>"$out/left_out.txt"
}

method gpuimg "$bin/agreement_study" measure "$out" gpuimg
method gpuimg_reference env GPUIMG_DEVICE=reference \
  "$bin/agreement_study" measure "$out" gpuimg_reference

if [[ ! -r "$ij_jar" ]] || ! command -v java >/dev/null || ! command -v xvfb-run >/dev/null; then
  left_out ImageJ "needs $ij_jar, java and xvfb-run: Debian's imagej, xvfb and xauth"
else  # with a home of its own: no preferences of anybody's
  method ImageJ xvfb-run -a java -Duser.home="$out" -jar "$ij_jar" \
    -batch "$PWD/$peers/imagej.ijm" "$out/"
fi
for peer in scikit-image:skimage SimpleITK:SimpleITK pyclesperanto:pyclesperanto; do
  if why="$("$python" -c "import numpy, tifffile, ${peer#*:}" 2>&1)"; then
    method "${peer%:*}" "$python" "$peers/peers.py" "${peer%:*}" "$out"
  else
    left_out "${peer%:*}" "${why##*$'\n'}"
  fi
done

say "comparing"
"$bin/agreement_study" pair "$out"
# agree PART A B: reports from within the pair's folder, so that tables are called as methods are.
agree() {
  cd "$out/pairs/$1/$2-$3" || die "$2 and $3 were not paired"
  local columns column quantity
  IFS=, read -ra columns <"$2.csv"
  for column in "${columns[@]}"; do  # QUANTITY (UNIT)
    quantity="${column%% *}"
    "$bin/gpuimg" agree "$2.csv:$column" "$3.csv:$column" --bar "${bar[$quantity]}" \
      --out "$quantity" >/dev/null || [[ -s "$quantity/report.html" ]] ||
      die "no report on $quantity of $2 and $3"
    (cd "$quantity" && awk -v names="bland_altman scatter histogram" '
      /<svg/ { split(names, name); file = name[++n] ".svg" }
      /<svg/, /<\/svg>/ { print >file }' report.html)  # the report's pictures, for other pages
  done
}
for part in given own; do
  for ((i = 0; i < ${#methods[@]}; ++i)); do
    for ((j = i + 1; j < ${#methods[@]}; ++j)); do
      (agree "$part" "${methods[i]}" "${methods[j]}")
    done
  done
done
"$bin/agreement_study" summary "$out"
say "the summary is $out/summary.md, and the reports are in $out/pairs"
