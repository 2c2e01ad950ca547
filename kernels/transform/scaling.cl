// SPDX-License-Identifier: BSD-3-Clause
// Images of fewer pixels, or of more.
//
//   bin      means of blocks: sums of the columns of a tile, then of neighbouring columns
//   places   where the pixels of a resized image come from, axis by axis
//   resize   pixels between pixels: mixed along y, z and x
//   nearest, resize_labels   the same of the pixels that are nearest
//
// The lanes of a work-group share a tile on a GPU; on a CPU a work-item has one of its own, and
// takes VEC pixels at once.

#ifndef ACC_T
#define ACC_T float
#endif
#define TILE 1024  // pixels along x that are put together at once

#ifdef ONE_PIXEL
#define MEMORY local
#define MEET barrier(CLK_LOCAL_MEM_FENCE)
#else
#define MEMORY private
#define MEET
#endif

DEFINE_GET_IN_ROW(get_pixels, SRC_T)

// FACTOR_X: that of x, where it is worth a program of its own. A work-item, or a work-group
// (ONE_PIXEL): the blocks of a row that lie in a tile; blocks are no wider.
#ifndef FACTOR_X
#define FACTOR_X factor.x
#endif

kernel void scaling__bin(global const SRC_T* restrict src, global float* restrict dst,
                         const uint4 size, const uint4 dst_size, const uint4 factor,
                         const float scale) {
  MEMORY ACC_T sums[TILE];
  const size_t dst_row = get_global_id(0), y = dst_row % dst_size.y, z = dst_row / dst_size.y;
  const uint first = get_global_id(2) * (TILE / FACTOR_X);
  const int results = min((uint)(TILE / FACTOR_X), dst_size.x - first);
  const int columns = results * FACTOR_X;
  const int lane = get_local_id(1), lanes = get_local_size(1);
  src += first * FACTOR_X + size.x * (y * factor.y + size.y * (z * factor.z));
  dst += first + dst_size.x * dst_row;
  for (uint k = 0; k < factor.y * factor.z; ++k) {
    global const SRC_T* row = src + size.x * (k % factor.y + (size_t)size.y * (k / factor.y));
    int i = lane * VEC;
    for (; i + VEC <= columns; i += lanes * VEC) {
      const VECTOR(ACC_T) more = TO_VECTOR(ACC_T, LOAD(row + i));
      STORE(k == 0 ? more : LOAD(sums + i) + more, sums + i);
    }
    for (; i < columns; ++i) sums[i] = k == 0 ? (ACC_T)row[i] : sums[i] + (ACC_T)row[i];
  }
  MEET;
  for (int i = lane; i < results; i += lanes) {
    ACC_T sum = sums[i * FACTOR_X];
    for (uint k = 1; k < FACTOR_X; ++k) sum += sums[i * FACTOR_X + k];
    dst[i] = TO(float, sum) * scale;
  }
}

// A list has an entry for each pixel along x, then y, then z of the result. Of entry i: which pixel
// along its axis, how many the source has there, and how many the result.
ulong3 entry_of(const size_t i, const uint4 size, const uint4 dst_size) {
  if (i < dst_size.x) return (ulong3)(i, size.x, dst_size.x);
  if (i < (size_t)dst_size.x + dst_size.y) return (ulong3)(i - dst_size.x, size.y, dst_size.y);
  return (ulong3)(i - dst_size.x - dst_size.y, size.z, dst_size.z);
}

// The pixel of the source before the place of each one of the result, and how far its place is
// beyond that, in 1/2^24 pixel.
kernel void scaling__places(global uint* restrict pixels, global float* restrict fractions,
                            const uint4 size, const uint4 dst_size) {
  const ulong3 entry = entry_of(get_global_id(0), size, dst_size);
  const ulong n = entry.y, dst_n = entry.z;
  if (entry.x >= dst_n) return;
  // (i + 1/2) n / dst_n - 1/2, between 0 and n - 1
  const ulong whole = 2 * dst_n, end = (2 * entry.x + 1) * n;
  const ulong place = end <= dst_n ? 0 : min(end - dst_n, whole * (n - 1));
  pixels[get_global_id(0)] = place / whole;
  fractions[get_global_id(0)] = (float)(int)(((place % whole << 24) + dst_n) / whole) * 0x1p-24f;
}

// The pixel of the source in which the centre of each one of the result lies.
kernel void scaling__nearest(global uint* restrict pixels, const uint4 size, const uint4 dst_size) {
  const ulong3 entry = entry_of(get_global_id(0), size, dst_size);
  if (entry.x < entry.z) pixels[get_global_id(0)] = (2 * entry.x + 1) * entry.y / (2 * entry.z);
}

// The pixels of a column, or of VEC columns, mixed along y, then z. `next`: how many pixels lie
// between rows and between planes. Where a place is a pixel, the next one has no say, whatever it
// is.
#define DEFINE_MIXED(name, type, GET)                                                         \
  type name##_in_plane(global const SRC_T* src, const ulong2 next, const float2 beyond) {     \
    const type before = GET(src);                                                             \
    return beyond.x == 0 ? before : fma((type)beyond.x, GET(src + next.x) - before, before);  \
  }                                                                                           \
  type name(global const SRC_T* src, const ulong2 next, const float2 beyond) {                \
    const type before = name##_in_plane(src, next, beyond);                                   \
    if (beyond.y == 0) return before;                                                         \
    return fma((type)beyond.y, name##_in_plane(src + next.y, next, beyond) - before, before); \
  }
#define GET_ONE(pointer) ((float)*(pointer))
#define GET_MANY(pointer) TO_VECTOR(float, LOAD(pointer))
DEFINE_MIXED(column, float, GET_ONE)
DEFINE_MIXED(columns, VECTOR(float), GET_MANY)

// RUN: results of a work-item, in one row. Where they lie close, as many of the source's columns
// as they span are mixed at once.
#ifndef RUN
#define RUN 1
#endif

kernel void scaling__resize(global const SRC_T* restrict src, global float* restrict dst,
                            global const uint* restrict pixels,
                            global const float* restrict fractions, const uint4 size,
                            const uint4 dst_size) {
  const size_t x = get_global_id(0) * RUN, y = get_global_id(1), z = get_global_id(2);
  if (x >= dst_size.x || y >= dst_size.y || z >= dst_size.z) return;
  const size_t at_y = dst_size.x + y, at_z = dst_size.x + (size_t)dst_size.y + z;
  const ulong2 next = (ulong2)(size.x, (ulong)size.x * size.y);
  const float2 beyond = (float2)(fractions[at_y], fractions[at_z]);
  src += next.x * pixels[at_y] + next.y * pixels[at_z];
  dst += x + dst_size.x * (y + dst_size.y * z);
  pixels += x, fractions += x;
  const int results = min((size_t)RUN, dst_size.x - x);
#if RUN > 1
  const uint first = pixels[0];
  const int left = size.x - first, span = min((int)(pixels[results - 1] - first) + 2, left);
  if (span <= TILE) {
    float mixed[TILE + VEC];
    int i = 0;
    for (; i < span && i + VEC <= left; i += VEC)
      STORE(columns(src + first + i, next, beyond), mixed + i);
    for (; i < span; ++i) mixed[i] = column(src + first + i, next, beyond);
    mixed[i] = 0;  // beside the last one, without a say
    const size_t all_results = (size_t)dst_size.x * dst_size.y * dst_size.z;
    const bool is_stream = IS_STREAM(float, dst, all_results);
    for (i = 0; i + VEC <= results; i += VEC) {
      float pairs[2 * VEC];
#pragma unroll
      for (int k = 0; k < VEC; ++k) vstore2(vload2(0, mixed + (pixels[i + k] - first)), k, pairs);
      VECTOR(float) before, after;
      SPLIT_PAIRS(pairs, before, after);
      const VECTOR(float) beyond_x = LOAD(fractions + i);
      const VECTOR(float) all = beyond_x == 0 ? before : fma(beyond_x, after - before, before);
      if (is_stream)
        STREAM(float, all, dst + i);
      else
        STORE_ANY(float, all, dst + i);
    }
    for (; i < results; ++i) {
      const int at = pixels[i] - first;
      const float before = mixed[at], further = fma(fractions[i], mixed[at + 1] - before, before);
      dst[i] = fractions[i] == 0 ? before : further;
    }
    return;
  }
#endif
  for (int i = 0; i < results; ++i) {
    dst[i] = column(src + pixels[i], next, beyond);
    if (fractions[i] != 0)
      dst[i] = fma(fractions[i], column(src + pixels[i] + 1, next, beyond) - dst[i], dst[i]);
  }
}

kernel void scaling__resize_labels(global const uint* restrict src, global uint* restrict dst,
                                   global const uint* restrict pixels, const uint4 size,
                                   const uint4 dst_size) {
  const size_t x = get_global_id(0) * RUN, y = get_global_id(1), z = get_global_id(2);
  if (x >= dst_size.x || y >= dst_size.y || z >= dst_size.z) return;
  const size_t at_y = dst_size.x + y, at_z = dst_size.x + (size_t)dst_size.y + z;
  src += size.x * (pixels[at_y] + (size_t)size.y * pixels[at_z]);
  dst += x + dst_size.x * (y + dst_size.y * z);
  pixels += x;
  const int results = min((size_t)RUN, dst_size.x - x);
  for (int i = 0; i < results; ++i) dst[i] = src[pixels[i]];
}
