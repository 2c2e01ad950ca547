// SPDX-License-Identifier: BSD-3-Clause
// Images in another size: each pixel is a sum of pixels of the source, a product of sums along z, y
// and x.
//
// Along an axis, pixel i of the result is the sum of `taps` pixels, which and with what weights
// stands in tables, of z first, then of y, then of x. Axis 0: pixels along x; axis 1: rows; axis 2:
// planes of blocks of channels.

kernel void resize(global const SRC_NUMBER* src, global DST_NUMBER* dst, global const int* places,
                   global const float* weights, int4 src_size, int4 dst_size, int4 taps,
                   ulong blocks) {
  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2) % dst_size.z;
  const ulong block = get_global_id(2) / dst_size.z;
  if (x >= dst_size.x || y >= dst_size.y || block >= blocks) return;
  const int in_z = z * taps.z, in_y = dst_size.z * taps.z + y * taps.y;
  const int in_x = dst_size.z * taps.z + dst_size.y * taps.y + x * taps.x;
  CHANNELS result = 0;
  for (int k = 0; k < taps.z; ++k)
    for (int j = 0; j < taps.y; ++j) {
      const size_t row = (block * src_size.z + places[in_z + k]) * src_size.y + places[in_y + j];
      CHANNELS sum = 0;
      for (int i = 0; i < taps.x; ++i)
        sum = fma(GET(src, row * src_size.x + places[in_x + i]), (CHANNELS)weights[in_x + i], sum);
      result = fma(sum, (CHANNELS)(weights[in_z + k] * weights[in_y + j]), result);
    }
  PUT(result, dst, ((block * dst_size.z + z) * dst_size.y + y) * dst_size.x + x);
}
