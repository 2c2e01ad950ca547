// SPDX-License-Identifier: BSD-3-Clause
// Numbers moved from tensor to tensor: slices, paddings, transposed axes, repeated and joined
// tensors, other blocks of channels.
//
// What a step along an axis means in memory stands in a table, so that every way to move numbers,
// and every way in which tensors lie, is the same sum over axes:
//
//   dst[sum of to(axis, i)] = src[sum of from(axis, i)]    for i = 0 ... n - 1 along each axis
//
// A negative number in `from` means `fill`. There are up to 8 axes, the last one fastest; `tables`
// holds from(0, 0 ...), from(1, 0 ...) ..., then to(0, 0 ...) .... Offsets count blocks of
// channels. Axis 0: the last axis, or a part of it per work-item; axis 1: all others.

kernel void layout(global const SRC_NUMBER* src, global DST_NUMBER* dst, global const long* tables,
                   int4 outer, int4 inner, float fill) {
  const int sizes[8] = {outer.x, outer.y, outer.z, outer.w, inner.x, inner.y, inner.z, inner.w};
  int all = 0;
  long rows = 1;
  for (int axis = 0; axis < 8; ++axis) all += sizes[axis];
  for (int axis = 0; axis < 7; ++axis) rows *= sizes[axis];
  if ((long)get_global_id(1) >= rows) return;

  long row = get_global_id(1), from = 0, to = 0;
  bool is_filled = false;
  global const long* table = tables + all - sizes[7];
  global const long *last_from = table, *last_to = table + all;
  for (int axis = 6; axis >= 0; --axis) {
    const int i = row % sizes[axis];
    row /= sizes[axis];
    table -= sizes[axis];
    is_filled = is_filled || table[i] < 0;
    from += table[i];
    to += table[i + all];
  }
  for (int i = get_global_id(0); i < sizes[7]; i += get_global_size(0)) {
    const bool is_constant = is_filled || last_from[i] < 0;
    PUT(is_constant ? (CHANNELS)fill : GET(src, from + last_from[i]), dst, to + last_to[i]);
  }
}
