// SPDX-License-Identifier: BSD-3-Clause
// The image mirrored along axes: pixel i of an axis of n pixels comes from n - 1 - i.
//
// A work-item takes VEC pixels of one row, or one pixel where rows are no whole number of vectors
// and a device wants its neighbouring work-items on neighbouring pixels. ALIGNED says that vectors
// of a row start at multiples of their size: some devices load those at once only if told.

#if VEC == 4
#define REVERSE(v) (v).wzyx
#elif VEC == 8
#define REVERSE(v) (v).s76543210
#else
#define REVERSE(v) (v).sfedcba9876543210
#endif

#ifdef ALIGNED
#define GET(pointer) (*(global const VECTOR(SRC_T)*)(pointer))
#define PUT(value, pointer) (*(global VECTOR(SRC_T)*)(pointer) = (value))
#else
#define GET(pointer) LOAD(pointer)
#define PUT(value, pointer) STORE_ANY(SRC_T, value, pointer)
#endif

// Where the row goes that this work-item reads. Bits of `axes`: 1 = x, 2 = y, 4 = z.
size_t row_across(const uint4 size, const uint axes) {
  const size_t y = get_global_id(1), z = get_global_id(2);
  return size.x * ((axes & 2 ? size.y - 1 - y : y) + size.y * (axes & 4 ? size.z - 1 - z : z));
}

kernel void flip__vectors(global const SRC_T* restrict src, global SRC_T* restrict dst,
                          const uint4 size, const uint axes) {
  const size_t x = get_global_id(0) * VEC, nx = size.x;
  if (x >= nx) return;
  src += x + nx * (get_global_id(1) + size.y * get_global_id(2));
  dst += row_across(size, axes);
  if (x + VEC <= nx) {
    const VECTOR(SRC_T) pixels = axes & 1 ? REVERSE(GET(src)) : GET(src);
    dst += axes & 1 ? nx - x - VEC : x;
    if (IS_STREAM(SRC_T, dst, nx * size.y * size.z))
      STREAM(SRC_T, pixels, dst);
    else
      PUT(pixels, dst);
    return;
  }
  for (size_t k = 0; k < nx - x; ++k) dst[axes & 1 ? nx - 1 - x - k : x + k] = src[k];
}

kernel void flip__pixels(global const SRC_T* restrict src, global SRC_T* restrict dst,
                         const uint4 size, const uint axes) {
  const size_t x = get_global_id(0), nx = size.x;
  if (x >= nx) return;
  dst[row_across(size, axes) + (axes & 1 ? nx - 1 - x : x)] =
      src[x + nx * (get_global_id(1) + size.y * get_global_id(2))];
}
