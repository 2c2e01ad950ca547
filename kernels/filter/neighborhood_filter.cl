// SPDX-License-Identifier: BSD-3-Clause
// The least, the greatest or the sum of the pixels in a neighbourhood; edges: nearest pixel.
//
//   box     one pass per axis, each over 2 * radius + 1 pixels
//   sphere  one pass over the rows of an ellipsoid, given as a table of {dy, dz, half width}
//
// Between passes pixels are ACC_T. FIRST and LAST say that a pass reads pixels, or writes them.
// Floats are compared as integers in their total order (IEEE 754), so the order of comparing does
// not matter, and -0 < +0. A work-item computes VEC pixels of one row.

#ifndef ACC_T
#define ACC_T float
#define FIRST
#define LAST
#define IS_SUM
#define IS_FLOAT
#endif

// The longest border that an edge block copies together before it goes over it.
#define EDGE_RADIUS 64

#if defined(IS_SUM)
#define COMBINE(a, b) ((a) + (b))
#elif defined(IS_MINIMUM)
#define COMBINE(a, b) ((b) < (a) ? (b) : (a))
#else
#define COMBINE(a, b) ((b) > (a) ? (b) : (a))
#endif

// An integer of the same order as a float's bits, and back.
#define ORDER(bits) ((bits) ^ (((bits) >> 31) & 0x7fffffff))

#if !defined(FIRST)
#define ENTER(pixel) (pixel)
#define ENTER_VECTOR(pixels) (pixels)
#elif defined(IS_SUM)
#define ENTER(pixel) TO(ACC_T, pixel)
#define ENTER_VECTOR(pixels) TO_VECTOR(ACC_T, pixels)
#elif defined(IS_FLOAT)
#define ENTER(pixel) ORDER(as_int(pixel))
#define ENTER_VECTOR(pixels) ORDER(PASTE(as_, VECTOR(int))(pixels))
#else
#define ENTER(pixel) (pixel)
#define ENTER_VECTOR(pixels) (pixels)
#endif

#if !defined(LAST)
#define LEAVE(acc) (acc)
#define LEAVE_VECTOR(acc) (acc)
#elif defined(IS_SUM)
#define LEAVE(acc) (TO(float, acc) * scale)
#define LEAVE_VECTOR(acc) (TO_VECTOR(float, acc) * scale)
#elif defined(IS_FLOAT)
#define LEAVE(acc) as_float(ORDER(acc))
#define LEAVE_VECTOR(acc) PASTE(as_, VECTOR(float))(ORDER(acc))
#else
#define LEAVE(acc) (acc)
#define LEAVE_VECTOR(acc) (acc)
#endif

kernel void neighborhood_filter__x(global const SRC_T* restrict src, global DST_T* restrict dst,
                                   const int radius, const uint4 size, const float scale) {
  const int nx = (int)size.x, x = (int)get_global_id(0) * VEC;
  if (x >= nx) return;
  const size_t row = (size_t)nx * (get_global_id(1) + (size_t)size.y * get_global_id(2));
  src += row;
  dst += row + x;
  if (x >= radius && x + VEC + radius <= nx) {
    src += x - radius;
    VECTOR(ACC_T) acc = ENTER_VECTOR(LOAD(src));
    for (int i = 1; i <= 2 * radius; ++i) acc = COMBINE(acc, ENTER_VECTOR(LOAD(src + i)));
    STORE(LEAVE_VECTOR(acc), dst);
    return;
  }
  if (radius <= EDGE_RADIUS && x + VEC <= nx) {
    ACC_T line[VEC + 2 * EDGE_RADIUS];
    for (int i = 0; i < VEC + 2 * radius; ++i)
      line[i] = ENTER(src[clamp(x + i - radius, 0, nx - 1)]);
    VECTOR(ACC_T) acc = LOAD(line);
    for (int i = 1; i <= 2 * radius; ++i) acc = COMBINE(acc, LOAD(line + i));
    STORE(LEAVE_VECTOR(acc), dst);
    return;
  }
  for (int k = 0; k < min(VEC, nx - x); ++k) {
    ACC_T acc = ENTER(src[clamp(x + k - radius, 0, nx - 1)]);
    for (int i = 1; i <= 2 * radius; ++i)
      acc = COMBINE(acc, ENTER(src[clamp(x + k + i - radius, 0, nx - 1)]));
    dst[k] = LEAVE(acc);
  }
}

// Along y or z: neighbours are `stride` pixels apart on an axis of n pixels, this one is at `at`.
void combine_across(global const SRC_T* restrict src, global DST_T* restrict dst, const int radius,
                    const int count, const int at, const int n, const size_t stride,
                    const float scale) {
  if (count >= VEC) {
    VECTOR(ACC_T) acc = ENTER_VECTOR(LOAD(src + stride * max(at - radius, 0)));
    for (int i = at - radius + 1; i <= at + radius; ++i)
      acc = COMBINE(acc, ENTER_VECTOR(LOAD(src + stride * clamp(i, 0, n - 1))));
    STORE(LEAVE_VECTOR(acc), dst);
    return;
  }
  for (int k = 0; k < count; ++k) {
    ACC_T acc = ENTER(src[k + stride * max(at - radius, 0)]);
    for (int i = at - radius + 1; i <= at + radius; ++i)
      acc = COMBINE(acc, ENTER(src[k + stride * clamp(i, 0, n - 1)]));
    dst[k] = LEAVE(acc);
  }
}

kernel void neighborhood_filter__y(global const SRC_T* restrict src, global DST_T* restrict dst,
                                   const int radius, const uint4 size, const float scale) {
  const int nx = (int)size.x, ny = (int)size.y, x = (int)get_global_id(0) * VEC;
  if (x >= nx) return;
  const size_t plane = (size_t)nx * ny * get_global_id(2) + x;
  const int y = (int)get_global_id(1);
  combine_across(src + plane, dst + plane + (size_t)nx * y, radius, nx - x, y, ny, (size_t)nx,
                 scale);
}

kernel void neighborhood_filter__z(global const SRC_T* restrict src, global DST_T* restrict dst,
                                   const int radius, const uint4 size, const float scale) {
  const int nx = (int)size.x, x = (int)get_global_id(0) * VEC;
  if (x >= nx) return;
  const size_t row = (size_t)nx * get_global_id(1) + x, stride = (size_t)nx * size.y;
  const int z = (int)get_global_id(2);
  combine_across(src + row, dst + row + stride * z, radius, nx - x, z, (int)size.z, stride, scale);
}

// The row of an ellipsoid that lies dy and dz away, at most as far as the edge.
global const SRC_T* row_of(global const SRC_T* src, const int4 row, const int4 size) {
  const int y = clamp((int)get_global_id(1) + row.x, 0, size.y - 1);
  const int z = clamp((int)get_global_id(2) + row.y, 0, size.z - 1);
  return src + (size_t)size.x * (y + (size_t)size.y * z);
}

kernel void neighborhood_filter__sphere(global const SRC_T* restrict src,
                                        global DST_T* restrict dst,
                                        global const int4* restrict rows, const int row_count,
                                        const int radius, const uint4 unsigned_size,
                                        const float scale) {
  const int4 size = convert_int4(unsigned_size);
  const int nx = size.x, x = (int)get_global_id(0) * VEC;
  if (x >= nx) return;
  dst += x + (size_t)nx * (get_global_id(1) + (size_t)size.y * get_global_id(2));
  if (x >= radius && x + VEC + radius <= nx) {
    VECTOR(ACC_T) acc = ENTER_VECTOR(LOAD(row_of(src, rows[0], size) + x - rows[0].z));
    for (int r = 0; r < row_count; ++r) {
      global const SRC_T* row = row_of(src, rows[r], size) + x;
      for (int i = -rows[r].z + (r == 0); i <= rows[r].z; ++i)
        acc = COMBINE(acc, ENTER_VECTOR(LOAD(row + i)));
    }
    STORE(LEAVE_VECTOR(acc), dst);
    return;
  }
  for (int k = 0; k < min(VEC, nx - x); ++k) {
    ACC_T acc = ENTER(row_of(src, rows[0], size)[clamp(x + k - rows[0].z, 0, nx - 1)]);
    for (int r = 0; r < row_count; ++r) {
      global const SRC_T* row = row_of(src, rows[r], size);
      for (int i = -rows[r].z + (r == 0); i <= rows[r].z; ++i)
        acc = COMBINE(acc, ENTER(row[clamp(x + k + i, 0, nx - 1)]));
    }
    dst[k] = LEAVE(acc);
  }
}

// src - other, integers saturating: what a top-hat does with an opening.
#ifdef IS_FLOAT
#define MINUS(a, b) ((a) - (b))
#else
#define MINUS(a, b) sub_sat(a, b)
#endif

kernel void neighborhood_filter__subtract(global const SRC_T* restrict src,
                                          global const SRC_T* restrict other,
                                          global SRC_T* restrict dst, const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i + VEC <= count) {
    STORE(MINUS(LOAD(src + i), LOAD(other + i)), dst + i);
    return;
  }
  for (size_t k = i; k < count; ++k) dst[k] = MINUS(src[k], other[k]);
}
