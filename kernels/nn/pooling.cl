// SPDX-License-Identifier: BSD-3-Clause
// The maximum or the mean of a window around each pixel.
//
//   MAXIMUM  the maximum instead of the mean
//
// Sizes, steps and the window are x, y, z. Pixel p of the result looks at step p - begin + dilation
// k for k = 0 ... window - 1, as far as that is inside the source. The mean is the sum times a
// factor: 1 over the number of pixels inside, or, where `counts_outside`, over those that are not
// farther outside than `end`, which are counted as 0. Axis 0: pixels along x; 1: rows; 2: planes of
// blocks of channels.

kernel void pooling(global const SRC_NUMBER* src, global DST_NUMBER* dst, int4 src_size,
                    int4 dst_size, int4 window, int4 step, int4 dilation, int4 begin, int4 end,
                    int counts_outside, ulong blocks, float alpha, float beta) {
  (void)end, (void)counts_outside, (void)alpha, (void)beta;  // some macros leave them out
  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2) % dst_size.z;
  const ulong block = get_global_id(2) / dst_size.z;
  if (x >= dst_size.x || y >= dst_size.y || block >= blocks) return;
  const int4 first = (int4)(x, y, z, 0) * step - begin;
  const size_t plane = (size_t)src_size.x * src_size.y;
#ifdef MAXIMUM
  CHANNELS result = -INFINITY;
#else
  CHANNELS result = 0;
  int count = 0;
#endif
  for (int k = 0; k < window.z; ++k)
    for (int j = 0; j < window.y; ++j)
      for (int i = 0; i < window.x; ++i) {
        const int4 at = first + (int4)(i, j, k, 0) * dilation;
        const bool is_inside = at.x >= 0 && at.y >= 0 && at.z >= 0 && at.x < src_size.x &&
                               at.y < src_size.y && at.z < src_size.z;
#ifndef MAXIMUM
        const bool is_near =
            at.x < src_size.x + end.x && at.y < src_size.y + end.y && at.z < src_size.z + end.z;
        count += counts_outside ? is_near : is_inside;
#endif
        if (!is_inside) continue;
        const CHANNELS v =
            GET(src, block * src_size.z * plane + at.z * plane + (size_t)at.y * src_size.x + at.x);
#ifdef MAXIMUM
        result = v > result || v != v ? v : result;
#else
        result += v;
#endif
      }
#ifndef MAXIMUM
  result *= 1.0f / count;
#endif
  PUT(ACTIVATE(result, alpha, beta), dst,
      ((block * dst_size.z + z) * dst_size.y + y) * dst_size.x + x);
}
