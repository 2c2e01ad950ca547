// SPDX-License-Identifier: BSD-3-Clause
// A function of one number, or of two, for each number of a result.
//
//   ACTIVATION        is applied last
//   COMBINE(x, y)     what two numbers become; left out where there is one source
//   OTHER_IS_PLAIN    `other` has one channel, which goes with all channels of a block
//
// Where a number of `other` lies stands in a table per axis, as in layout.cl, so that axes of size
// 1 are repeated; `src` and `dst` lie alike.

// Axis 0: blocks of channels, one after the other.
kernel void elementwise(global const SRC_NUMBER* src, global DST_NUMBER* dst, ulong count,
                        float alpha, float beta) {
  (void)alpha, (void)beta;  // some functions have no constants
  const size_t i = get_global_id(0);
  if (i < count) PUT(ACTIVATE(GET(src, i), alpha, beta), dst, i);
}

#ifndef COMBINE
#define COMBINE(x, y) ((x) + (y))
#endif
#ifdef OTHER_IS_PLAIN
#ifdef SRC_HALF
#define GET_OTHER(index) ((CHANNELS)vload_half(index, other))
#else
#define GET_OTHER(index) ((CHANNELS)other[index])
#endif
#else
#define GET_OTHER(index) GET(other, index)
#endif

// `src` may be repeated along axes, too: `tables` holds places in src, then places in other. Axis
// 0: the last axis, or a part of it per work-item; axis 1: all others.
kernel void elementwise__two(global const SRC_NUMBER* src, global const SRC_NUMBER* other,
                             global DST_NUMBER* dst, global const long* tables, int4 outer,
                             int4 inner, float alpha, float beta) {
  (void)alpha, (void)beta;  // some functions have no constants
  const row_walk row = walk_row(get_global_id(1), tables, outer, inner);
  if (!row.exists) return;
  const long first = (long)get_global_id(1) * row.size;
  for (int i = get_global_id(0); i < row.size; i += get_global_size(0)) {
    const CHANNELS x = GET(src, row.first + row.firsts[i]);
    const CHANNELS y = GET_OTHER(row.second + row.seconds[i]);
    const CHANNELS z = COMBINE(x, y);
    PUT(ACTIVATE(z, alpha, beta), dst, first + i);
  }
}
