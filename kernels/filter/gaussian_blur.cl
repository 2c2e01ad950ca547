// SPDX-License-Identifier: BSD-3-Clause
// One axis of a separable Gaussian: dst(p) = sum over i of weights[i] * src(p + i - radius).
// Taps are added in ascending order, each by one fma, in float; so all devices agree to the bit.
// Work-items compute several pixels side by side along the axis: what one of them reads serves its
// neighbours too, and no sum waits for the one before.

#ifndef ROWS      // the host chooses:
#define BLOCK 4   // vectors along x per work-item
#define TAPS 256  // taps for which a line holds all pixels
#define ROWS 8    // pixels along y or z per work-item
#endif

// Pixel i of a row of n pixels.
float pixel_at(global const SRC_T* restrict row, const int i, const int n, const int border,
               const float border_value) {
  const int from = border_index(i, n, border);
  return from < 0 ? border_value : TO(float, row[from]);
}

// The first `count` pixels of a vector: VEC, or fewer at the end of a row.
VECTOR(float) load_part(global const SRC_T* restrict src, const int count) {
  if (count >= VEC) return TO_VECTOR(float, LOAD(src));
  float pixels[VEC];
  for (int k = 0; k < VEC; ++k) pixels[k] = k < count ? TO(float, src[k]) : 0;
  return LOAD(pixels);
}
void store_part(const VECTOR(float) value, global float* restrict dst, const int count) {
  if (count >= VEC) {
    STORE(value, dst);
    return;
  }
  float pixels[VEC];
  STORE(value, pixels);
  for (int k = 0; k < count; ++k) dst[k] = pixels[k];
}

// Along x. A work-item computes BLOCK vectors of a row, from a copy of what they need of it; where
// that is more than fits, TAPS taps after the other.
kernel void gaussian_blur__x(global const SRC_T* restrict src, global float* restrict dst,
                             global const float* restrict weights, const int radius,
                             const uint4 size, const int border, const float border_value) {
  const int nx = (int)size.x, x = (int)get_global_id(0) * BLOCK * VEC;
  if (x >= nx) return;
  const size_t row = (size_t)nx * (get_global_id(1) + (size_t)size.y * get_global_id(2));
  src += row;
  dst += row + x;
  float line[BLOCK * VEC + TAPS];
  VECTOR(float) sum[BLOCK];
  for (int b = 0; b < BLOCK; ++b) sum[b] = 0;
  for (int tap = 0; tap <= 2 * radius; tap += TAPS) {
    const int taps = min(TAPS, 2 * radius + 1 - tap), first = x + tap - radius;
    for (int k = 0; k < BLOCK * VEC + taps - 1; k += VEC) {
      if (first + k >= 0 && first + k + VEC <= nx)
        STORE(TO_VECTOR(float, LOAD(src + first + k)), line + k);
      else
        for (int j = k; j < k + VEC; ++j)
          line[j] = pixel_at(src, first + j, nx, border, border_value);
    }
    for (int i = 0; i < taps; ++i)
      for (int b = 0; b < BLOCK; ++b)
        sum[b] = fma(weights[tap + i], LOAD(line + b * VEC + i), sum[b]);
  }
  for (int b = 0; b < BLOCK; ++b) store_part(sum[b], dst + b * VEC, nx - x - b * VEC);
}

// Along x by work-groups: each row of a group computes 4 pixels per work-item from a copy in local
// memory of what they need of the image's row.
kernel void gaussian_blur__x_shared(global const SRC_T* restrict src, global float* restrict dst,
                                    global const float* restrict weights, const int radius,
                                    const uint4 size, const int border, const float border_value,
                                    local float4* restrict shared) {
  const int nx = (int)size.x, x = 4 * (int)get_global_id(0);
  const int column = (int)get_local_id(0), columns = (int)get_local_size(0);
  const size_t y = get_global_id(1), z = get_global_id(2);
  const bool is_inside = x < nx && y < size.y;
  const size_t row = (size_t)nx * (min(y, (size_t)size.y - 1) + size.y * z);
  src += row;
  dst += row + x;
  local float4* const line = shared + get_local_id(1) * (columns + TAPS / 4);
  local float* const pixels = (local float*)line;
  float4 sum = 0;
  for (int tap = 0; tap <= 2 * radius; tap += TAPS) {
    const int taps = min(TAPS, 2 * radius + 1 - tap);
    const int first = x - 4 * column + tap - radius;
    for (int k = column; k < 4 * columns + taps; k += columns)
      pixels[k] = pixel_at(src, first + k, nx, border, border_value);
    barrier(CLK_LOCAL_MEM_FENCE);
    float4 a = line[column];
    int i = 0;
    for (; i + 4 <= taps; i += 4) {
      const float4 b = line[column + i / 4 + 1];
      sum = fma(weights[tap + i], a, sum);
      sum = fma(weights[tap + i + 1], (float4)(a.yzw, b.x), sum);
      sum = fma(weights[tap + i + 2], (float4)(a.zw, b.xy), sum);
      sum = fma(weights[tap + i + 3], (float4)(a.w, b.xyz), sum);
      a = b;
    }
    for (; i < taps; ++i) sum = fma(weights[tap + i], vload4(0, pixels + 4 * column + i), sum);
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (!is_inside) return;
  if (nx % 4 == 0) {
    *(global float4*)dst = sum;
    return;
  }
  const float results[4] = {sum.x, sum.y, sum.z, sum.w};
  for (int k = 0; k < min(4, nx - x); ++k) dst[k] = results[k];
}

// Along y or z, an axis of n pixels that are `stride` apart; `other_stride` is that of the other of
// the two. A work-item computes ROWS pixels along the axis of VEC neighbours along x.
kernel void gaussian_blur__across(global const SRC_T* restrict src, global float* restrict dst,
                                  global const float* restrict weights, const int radius,
                                  const int nx, const int n, const ulong stride,
                                  const ulong other_stride, const int border,
                                  const float border_value) {
  const int x = (int)get_global_id(0) * VEC, at = (int)get_global_id(1) * ROWS;
  if (x >= nx || at >= n) return;
  const size_t column = x + other_stride * get_global_id(2);
  src += column;
  dst += column;
  const int count = nx - x, first = at - radius;
  VECTOR(float) sum[ROWS], window[ROWS];
  for (int k = 0; k < ROWS; ++k) sum[k] = 0;
  for (int k = 1; k < ROWS; ++k) window[k] = 0;
  for (int i = 1 - ROWS; i <= 2 * radius; ++i) {
    for (int k = 1; k < ROWS; ++k) window[k - 1] = window[k];
    const int from = border_index(first + i + ROWS - 1, n, border);
    window[ROWS - 1] = from < 0 ? border_value : load_part(src + from * stride, count);
    if (i < 0) continue;
    for (int k = 0; k < ROWS; ++k) sum[k] = fma(weights[i], window[k], sum[k]);
  }
  for (int k = 0; k < min(ROWS, n - at); ++k) store_part(sum[k], dst + (at + k) * stride, count);
}
