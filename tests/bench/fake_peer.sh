#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A peer of the table of speed-ups that computes nothing: it gives its last input back.
printf 'Fake\tFake 1.0\n'
while read -r question words; do
  case "$question" in
    row) input="${words##* }" && echo 0.25 ;;
    result) cp "${input##*:}" "$words" && echo "${input%%:*}" || echo "cannot copy $input" ;;
    transfer) echo 0.5 ;;
    second_size) echo none ;;
    *) echo 0.25 ;;
  esac
done
