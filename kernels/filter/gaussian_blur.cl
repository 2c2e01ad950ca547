// SPDX-License-Identifier: BSD-3-Clause
// One axis of a separable Gaussian: dst(p) = sum over i of weights[i] * src(p + i - radius).
// Taps are added in ascending order, each by one fma, in float; so all devices agree to the bit.
// Where IS_ADDED the sum is added to what is in dst.
//
// A work-item computes several pixels at once: what is read for one serves its neighbours, and no
// sum waits for itself. There are two kernels for x and two for the other axes: the first of each
// for CPUs, with vectors along x; the second for GPUs, with neighbouring work-items side by side.
// Another one does x and y at once, on CPUs.
//
// Where SUMS is 2 those for GPUs make a second sum, with other weights, which begin at the next
// multiple of 4 after the first ones: along x of the same pixels, for an image of its own; across,
// of those of another image, and add it to the first.

#ifndef TAPS            // the host chooses:
#define TAPS 128        // of which a copy of a row holds all pixels; a multiple of 4
#define RUN 512         // pixels of a row per work-item; a multiple of 4 * VEC
#define BAND_RADIUS 12  // the longest radius along y of gaussian_blur__xy
#endif
#ifdef IS_ADDED
#define TOTAL(before, sum) ((before) + (sum))
#else
#define TOTAL(before, sum) (sum)
#endif
#ifndef SUMS
#define SUMS 1  // that a GPU's work-item makes of each pixel
#endif
#define LINE (RUN + VEC)  // lines of it do not share sets of the cache
#define BAND 64           // rows of gaussian_blur__xy
#define ROWS 4            // pixels along y or z per work-item of a CPU
#define SHARED_ROWS 8     // and of a GPU

// Pixel i of an axis of n pixels that are `stride` apart.
float pixel_at(global const SRC_T* restrict src, const int i, const int n, const ulong stride,
               const int border, const float border_value) {
  const int from = border_index(i, n, border);
  return from < 0 ? border_value : (float)src[from * stride];
}

// Stores the last `count` pixels of a vector where they belong in a result of `all` pixels.
void store_last(const VECTOR(float) value, global float* restrict dst, const int count,
                const size_t all) {
  if (count == VEC) {
    const VECTOR(float) total = TOTAL(LOAD(dst), value);
    if (IS_STREAM(float, dst, all))
      STREAM(float, total, dst);
    else
      STORE(total, dst);
    return;
  }
  float pixels[VEC];
  STORE(value, pixels);
  for (int k = VEC - count; k < VEC; ++k) dst[k] = TOTAL(dst[k], pixels[k]);
}

// Stores the first `count` pixels of a vector in a result of `all` pixels.
DEFINE_GET_IN_ROW(dst_in_row, float)
void store_first(const VECTOR(float) value, global float* restrict dst, const int count,
                 const size_t all) {
  if (count <= 0) return;
  const VECTOR(float) total = TOTAL(dst_in_row(dst, count), value);
  if (count >= VEC && IS_STREAM(float, dst, all))
    STREAM(float, total, dst);
  else
    PUT_IN_ROW(float, total, dst, count)
}

// RUN pixels of a row from x on, into sums: from a copy of the pixels they need; where these are
// more than the copy holds, TAPS taps after the other. What sums gets beyond the row's end is of no
// use.
void blur_run(global const SRC_T* restrict row, float* restrict sums,
              global const float* restrict weights, const int radius, const int x, const int nx,
              const int border, const float border_value) {
  const int padded = (min(RUN, nx - x) + 4 * VEC - 1) / (4 * VEC) * (4 * VEC);
  float line[RUN + TAPS];
  for (int tap = 0; tap <= 2 * radius; tap += TAPS) {
    const int taps = min(TAPS, 2 * radius + 1 - tap), first = x + tap - radius;
    int k = 0;
    for (; k < padded + taps && first + k < 0; ++k)
      line[k] = pixel_at(row, first + k, nx, 1, border, border_value);
    for (; k + VEC <= padded + taps && first + k + VEC <= nx; k += VEC)
      STORE(TO_VECTOR(float, LOAD(row + first + k)), line + k);
    for (; k < padded + taps; ++k) line[k] = pixel_at(row, first + k, nx, 1, border, border_value);
    for (k = 0; k < padded; k += 4 * VEC) {
      VECTOR(float) a = 0, b = 0, c = 0, d = 0;
      if (tap > 0) {
        a = LOAD(sums + k);
        b = LOAD(sums + k + VEC);
        c = LOAD(sums + k + 2 * VEC);
        d = LOAD(sums + k + 3 * VEC);
      }
      for (int i = 0; i < taps; ++i) {
        const VECTOR(float) weight = weights[tap + i];
        a = fma(weight, LOAD(line + k + i), a);
        b = fma(weight, LOAD(line + k + i + VEC), b);
        c = fma(weight, LOAD(line + k + i + 2 * VEC), c);
        d = fma(weight, LOAD(line + k + i + 3 * VEC), d);
      }
      STORE(a, sums + k);
      STORE(b, sums + k + VEC);
      STORE(c, sums + k + 2 * VEC);
      STORE(d, sums + k + 3 * VEC);
    }
  }
}

kernel void gaussian_blur__x(global const SRC_T* restrict src, global float* restrict dst,
                             global const float* restrict weights, const int radius,
                             const uint4 size, const int border, const float border_value) {
  const int nx = (int)size.x, x = (int)get_global_id(0) * RUN;
  if (x >= nx) return;
  const size_t row = (size_t)nx * (get_global_id(1) + (size_t)size.y * get_global_id(2));
  float sums[RUN];
  blur_run(src + row, sums, weights, radius, x, nx, border, border_value);
  dst += row + x;
  const int count = min(RUN, nx - x);
  for (int k = 0; k < count; k += VEC)
    store_first(LOAD(sums + k), dst + k, count - k, (size_t)nx * size.y * size.z);
}

// Where the weights of a second sum begin.
uint second_weights(const int radius) { return (2 * (uint)radius + 4) / 4 * 4; }

void store_four(const float4 sum, global float* dst, const int x, const int nx) {
  if (nx % 4 == 0) {
    *(global float4*)dst = TOTAL(*(global float4*)dst, sum);
    return;
  }
  const float sums[] = {sum.x, sum.y, sum.z, sum.w};
  for (int k = 0; k < min(4, nx - x); ++k) dst[k] = TOTAL(dst[k], sums[k]);
}

// Along x: 4 pixels. A work-group, which is a part of a row, copies what it needs to local memory.
kernel void gaussian_blur__x_shared(global const SRC_T* restrict src, global float* restrict dst,
                                    global float* second_dst, global const float* restrict weights,
                                    const int radius, const uint4 size, const int border,
                                    const float border_value, local float4* restrict line) {
  const int nx = (int)size.x, x = 4 * (int)get_global_id(0);
  const uint column = get_local_id(0), columns = get_local_size(0);
  const size_t row = (size_t)nx * (get_global_id(1) + size.y * get_global_id(2));
  const uint second = second_weights(radius);
  src += row;
  local float* const pixels = (local float*)line;
  float4 sums[SUMS];
  for (int n = 0; n < SUMS; ++n) sums[n] = 0;
  for (int tap = 0; tap <= 2 * radius; tap += TAPS) {
    const int first = x - 4 * (int)column + tap - radius;
    const uint taps = min(TAPS, 2 * radius + 1 - tap);
    const uint count = 4 * columns + taps;
    global const SRC_T* from = src + first + (int)column;
    if (first >= 0 && first + (int)count <= nx)
      for (uint k = column; k < count; k += columns, from += columns) pixels[k] = *from;
    else
      for (uint k = column; k < count; k += columns)
        pixels[k] = pixel_at(src, first + (int)k, nx, 1, border, border_value);
    barrier(CLK_LOCAL_MEM_FENCE);
    local const float4* next = line + column;
    global const float4* four_weights = (global const float4*)(weights + tap);
    float4 a = *next;
    for (uint i = taps / 4; i > 0; --i, ++four_weights) {
      const float4 b = *++next;
#pragma unroll
      for (int n = 0; n < SUMS; ++n) {
        const float4 weight = four_weights[n * (second / 4)];
        sums[n] = fma(weight.x, a, sums[n]);
        sums[n] = fma(weight.y, (float4)(a.yzw, b.x), sums[n]);
        sums[n] = fma(weight.z, (float4)(a.zw, b.xy), sums[n]);
        sums[n] = fma(weight.w, (float4)(a.w, b.xyz), sums[n]);
      }
      a = b;
    }
    for (uint i = taps / 4 * 4; i < taps; ++i) {
#pragma unroll
      for (int n = 0; n < SUMS; ++n) sums[n] = fma(weights[n * second + tap + i], a, sums[n]);
      a = (float4)(a.yzw, pixels[4 * column + i + 4]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  if (x >= nx) return;
  store_four(sums[0], dst + row + x, x, nx);
  if (SUMS == 2) store_four(sums[SUMS - 1], second_dst + row + x, x, nx);
}

// Sums of ROWS rows of two vectors: READ(i, a, b) reads row i, which is below row i - 1.
#define SUM_ROWS(READ)                                          \
  VECTOR(float) a0, b0, a1, b1, a2, b2, a3, b3;                 \
  READ(0, a0, b0)                                               \
  READ(1, a1, b1)                                               \
  READ(2, a2, b2)                                               \
  VECTOR(float) sum_a0 = 0, sum_a1 = 0, sum_a2 = 0, sum_a3 = 0; \
  VECTOR(float) sum_b0 = 0, sum_b1 = 0, sum_b2 = 0, sum_b3 = 0; \
  for (int i = 0; i <= 2 * radius; ++i) {                       \
    READ(i + 3, a3, b3)                                         \
    const VECTOR(float) weight = weights[i];                    \
    sum_a0 = fma(weight, a0, sum_a0);                           \
    sum_b0 = fma(weight, b0, sum_b0);                           \
    sum_a1 = fma(weight, a1, sum_a1);                           \
    sum_b1 = fma(weight, b1, sum_b1);                           \
    sum_a2 = fma(weight, a2, sum_a2);                           \
    sum_b2 = fma(weight, b2, sum_b2);                           \
    sum_a3 = fma(weight, a3, sum_a3);                           \
    sum_b3 = fma(weight, b3, sum_b3);                           \
    a0 = a1, a1 = a2, a2 = a3;                                  \
    b0 = b1, b1 = b2, b2 = b3;                                  \
  }

// Along x, and from there along y: BAND rows of RUN pixels. What lies between stays in the cache.
kernel void gaussian_blur__xy(global const SRC_T* restrict src, global float* restrict dst,
                              global const float* restrict weights_x, const int radius_x,
                              global const float* restrict weights, const int radius,
                              const uint4 size, const int border, const float border_value) {
  const int nx = (int)size.x, ny = (int)size.y;
  const int x = (int)get_global_id(0) * RUN, y = (int)get_global_id(1) * BAND;
  if (x >= nx || y >= ny) return;
  const int count = min(RUN, nx - x), rows = min(BAND, ny - y);
  const size_t plane = (size_t)nx * ny;
  src += plane * get_global_id(2);
  dst += plane * get_global_id(2) + (size_t)nx * y + x;
  float blurred[(BAND + 2 * BAND_RADIUS) * LINE];
  for (int i = 0; i < (rows + ROWS - 1) / ROWS * ROWS + 2 * radius; ++i) {
    const int from = border_index(y + i - radius, ny, border);
    float* const line = blurred + i * LINE;
    if (from >= 0)
      blur_run(src + (size_t)nx * from, line, weights_x, radius_x, x, nx, border, border_value);
    else
      for (int k = 0; k < RUN; ++k) line[k] = border_value;
  }
  for (int at = 0; at < rows; at += ROWS)
    for (int k = 0; k < count; k += 2 * VEC) {
#define READ_LINE(i, a, b)                   \
  a = LOAD(blurred + (at + (i)) * LINE + k); \
  b = LOAD(blurred + (at + (i)) * LINE + k + VEC);
      SUM_ROWS(READ_LINE)
#define WRITE_LINE(i, a, b)                                                                 \
  if (at + i < rows) {                                                                      \
    store_first(a, dst + (size_t)nx * (at + i) + k, count - k, plane * size.z);             \
    store_first(b, dst + (size_t)nx * (at + i) + k + VEC, count - k - VEC, plane * size.z); \
  }
      WRITE_LINE(0, sum_a0, sum_b0)
      WRITE_LINE(1, sum_a1, sum_b1)
      WRITE_LINE(2, sum_a2, sum_b2)
      WRITE_LINE(3, sum_a3, sum_b3)
    }
}

// Along y or z, an axis of n pixels that are `stride` apart; `other_stride` is that of the other of
// the two: ROWS rows of two vectors.
kernel void gaussian_blur__across(global const SRC_T* restrict src, global float* restrict dst,
                                  global const float* restrict weights, const int radius,
                                  const int nx, const int n, const ulong stride,
                                  const ulong other_stride, const int border,
                                  const float border_value) {
  const int begin = (int)get_global_id(0) * 2 * VEC, at = (int)get_global_id(1) * ROWS;
  if (begin >= nx || at >= n) return;
  src += other_stride * get_global_id(2);
  dst += other_stride * get_global_id(2);
  if (nx < 2 * VEC) {
    for (int y = at; y < min(at + ROWS, n); ++y)
      for (int x = 0; x < nx; ++x) {
        float sum = 0;
        for (int i = 0; i <= 2 * radius; ++i)
          sum = fma(weights[i], pixel_at(src + x, y + i - radius, n, stride, border, border_value),
                    sum);
        dst[y * stride + x] = TOTAL(dst[y * stride + x], sum);
      }
    return;
  }
  const int x = min(begin, nx - 2 * VEC);  // what is left of a row lies at the end of two vectors
  src += x;
  dst += x;
#define READ_ROW(i, a, b)                                      \
  {                                                            \
    const int from = border_index(at + (i)-radius, n, border); \
    a = b = border_value;                                      \
    if (from >= 0) {                                           \
      a = TO_VECTOR(float, LOAD(src + from * stride));         \
      b = TO_VECTOR(float, LOAD(src + from * stride + VEC));   \
    }                                                          \
  }
  SUM_ROWS(READ_ROW)
  const int count = nx - begin, right = clamp(count, 0, VEC), left = clamp(count - VEC, 0, VEC);
  const size_t all = (size_t)nx * n * get_global_size(2);
#define WRITE_ROW(i, a, b)                                    \
  if (at + i < n) {                                           \
    store_last(a, dst + (at + i) * stride, left, all);        \
    store_last(b, dst + (at + i) * stride + VEC, right, all); \
  }
  WRITE_ROW(0, sum_a0, sum_b0)
  WRITE_ROW(1, sum_a1, sum_b1)
  WRITE_ROW(2, sum_a2, sum_b2)
  WRITE_ROW(3, sum_a3, sum_b3)
}

// Along y or z: SHARED_ROWS pixels. The rows of a work-group read the same pixels, which the cache
// keeps for them.
kernel void gaussian_blur__across_shared(global const SRC_T* restrict src,
                                         global const float* second_src, global float* restrict dst,
                                         global const float* restrict weights, const int radius,
                                         const int nx, const int n, const ulong stride,
                                         const ulong other_stride, const int border,
                                         const float border_value, const float second_value) {
  (void)second_src, (void)second_value;  // of a second sum
  const int x = (int)get_global_id(0), at = (int)get_global_id(1) * SHARED_ROWS;
  if (x >= nx || at >= n) return;
  const int first = at - radius;
  const uint taps = 2 * radius + 1;
  const bool is_inside = first >= 0 && at + radius + SHARED_ROWS <= n;
  const size_t column = x + other_stride * get_global_id(2);
  dst += column + at * stride;
  float8 window = 0, sum = 0;
// The pixel k rows on. Four at a time are read, so that none waits for the one before.
#define INSIDE(k) ((float)next[(k) * (long)stride])
#define ANYWHERE(k)                      \
  ((uint)(i + (k)) < (uint)n ? INSIDE(k) \
                             : (float)pixel_at(from, i + (k), n, stride, border, beyond))
#define ADD_TAP(weight, pixel)                         \
  window = (float8)(window.s123, window.s4567, pixel); \
  sum = fma(weight, window, sum);
#define SUM_UP(PIXEL)                                                        \
  window.s1234 = (float4)(PIXEL(0), PIXEL(1), PIXEL(2), PIXEL(3));           \
  window.s567 = (float3)(PIXEL(4), PIXEL(5), PIXEL(6));                      \
  i += SHARED_ROWS - 1, next += (SHARED_ROWS - 1) * stride;                  \
  for (uint four = taps / 4; four > 0; --four, i += 4, next += 4 * stride) { \
    const float4 pixels = (float4)(PIXEL(0), PIXEL(1), PIXEL(2), PIXEL(3));  \
    const float4 four_weights = *(global const float4*)weight;               \
    ADD_TAP(four_weights.x, pixels.x)                                        \
    ADD_TAP(four_weights.y, pixels.y)                                        \
    ADD_TAP(four_weights.z, pixels.z)                                        \
    ADD_TAP(four_weights.w, pixels.w)                                        \
    weight += 4;                                                             \
  }                                                                          \
  for (uint one = taps % 4; one > 0; --one, ++weight, ++i, next += stride) { \
    ADD_TAP(*weight, PIXEL(0))                                               \
  }
#define SUM_UP_OF(image, type, its_weights, value)         \
  {                                                        \
    global const type* const from = (image) + column;      \
    global const type* next = from + first * (long)stride; \
    global const float* weight = its_weights;              \
    const float beyond = value;                            \
    int i = first;                                         \
    if (is_inside) {                                       \
      SUM_UP(INSIDE)                                       \
    } else {                                               \
      SUM_UP(ANYWHERE)                                     \
    }                                                      \
  }
  SUM_UP_OF(src, SRC_T, weights, border_value)
#if SUMS == 2
  const float8 first_sum = sum;
  sum = 0;
  SUM_UP_OF(second_src, float, weights + second_weights(radius), second_value)
  sum += first_sum;
#endif
  float sums[] = {sum.s0, sum.s1, sum.s2, sum.s3, sum.s4, sum.s5, sum.s6, sum.s7};
  const int rows = n - at;
#ifdef IS_ADDED
  float before[SHARED_ROWS];
  _Pragma("unroll") for (int k = 0; k < SHARED_ROWS; ++k) before[k] =
      dst[min(k, rows - 1) * (long)stride];
  _Pragma("unroll") for (int k = 0; k < SHARED_ROWS; ++k) sums[k] += before[k];
#endif
  _Pragma("unroll") for (int k = 0; k < SHARED_ROWS; ++k) if (k < rows) dst[k * stride] = sums[k];
}
