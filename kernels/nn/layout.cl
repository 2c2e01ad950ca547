// SPDX-License-Identifier: BSD-3-Clause
// Numbers moved from tensor to tensor: slices, paddings, transposed axes, repeated and joined
// tensors, other blocks of channels.
//
// What a step along an axis means in memory stands in a table, so that every way to move numbers,
// and every way in which tensors lie, is the same sum over axes:
//
//   dst[sum of to(axis, i)] = src[sum of from(axis, i)]    for i = 0 ... n - 1 along each axis
//
// A sum below 0 means `fill`. `tables` holds from, then to. Places count blocks of channels.
// Axis 0: the last axis, or a part of it per work-item; axis 1: all others.

kernel void layout(global const SRC_NUMBER* src, global DST_NUMBER* dst, global const long* tables,
                   int4 outer, int4 inner, float fill) {
  const row_walk row = walk_row(get_global_id(1), tables, outer, inner);
  if (!row.exists) return;
  for (int i = get_global_id(0); i < row.size; i += get_global_size(0)) {
    const long from = row.first + row.firsts[i];
    PUT(from < 0 ? (CHANNELS)fill : GET(src, from), dst, row.second + row.seconds[i]);
  }
}
