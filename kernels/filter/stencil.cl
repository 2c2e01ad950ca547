// SPDX-License-Identifier: BSD-3-Clause
// Derivatives from the nearest neighbours of each pixel, and the variance of the pixels around it,
// as floats; edges: nearest pixel. A work-item computes VEC pixels of a row.
//
//   gradient  half the difference of the two neighbours along an axis, at edges of the one and the
//             pixel itself
//   laplace   the sum of what the pixel is above each of its neighbours
//   sobel     how steep the image is: Sobel's differences along all axes, or along x and y alone
//   variance  of the rows of a box or an ellipsoid, given as a table of {dy, dz, half width}
//
// Sums go through rows along z, then y, and in a row along x. SUM_T and SQUARES_T say that sums of
// pixels and of their squares are exact in these types; else pixels are summed as they differ from
// their mean.

DEFINE_ROOT_OF(roots_of, VECTOR, ANY)

// The row at y and z, or the nearest one.
global const SRC_T* row_at(global const SRC_T* src, const int y, const int z, const int4 size) {
  const size_t row = clamp(y, 0, size.y - 1) + size.y * (size_t)clamp(z, 0, size.z - 1);
  return src + size.x * row;
}

#define INLINE __attribute__((always_inline)) VECTOR(float)
#define FLOATS_AT(row, first) TO_VECTOR(float, PIXELS_AT(row, first))

#ifdef ONE_PIXEL  // its place is clamped: the work-items of a warp take one path
#define PIXELS_AT(row, first) ((void)is_inside, (row)[clamp(first, 0, size.x - 1)])
#define WHERE_INSIDE(reach, f, ...) f(__VA_ARGS__, false)
#else
// VEC pixels of a row from x on, some of which may lie beyond its ends.
VECTOR(SRC_T)
pixels_at_edge(global const SRC_T* row, const int x, const int nx) {
  SRC_T pixels[VEC];
  for (int k = 0; k < VEC; ++k) pixels[k] = row[clamp(x + k, 0, nx - 1)];
  return LOAD(pixels);
}
#define PIXELS_AT(row, first)                                                     \
  (is_inside || ((first) >= 0 && (first) + VEC <= size.x) ? LOAD((row) + (first)) \
                                                          : pixels_at_edge(row, first, size.x))

// f(..., whether pixels up to `reach` away lie in the row), made for both.
#define WHERE_INSIDE(reach, f, ...) \
  (x >= (reach) && x + VEC + (reach) <= size.x ? f(__VA_ARGS__, true) : f(__VA_ARGS__, false))
#endif

// VEC pixels from `first` on, for one `first` after the other. A GPU's vector moves on by a pixel,
// and reads only the last one.
#if VEC == 4 && !defined(HOST_MEMORY)
#define PIXEL_AT(row, at) (row)[clamp(at, 0, size.x - 1)]
#define PIXELS_BEFORE(row, first) \
  (VECTOR(SRC_T))(0, PIXEL_AT(row, first), PIXEL_AT(row, (first) + 1), PIXEL_AT(row, (first) + 2))
#define PIXELS_AFTER(before, row, first) (VECTOR(SRC_T))((before).s123, PIXEL_AT(row, (first) + 3))
#else
#define PIXELS_BEFORE(row, first) 0
#define PIXELS_AFTER(before, row, first) PIXELS_AT(row, first)
#endif

#define BEGIN                                                                                      \
  const int4 size = convert_int4(unsigned_size);                                                   \
  const int x = (int)get_global_id(0) * VEC, y = (int)get_global_id(1), z = (int)get_global_id(2); \
  if (x >= size.x || y >= size.y) return;

void put(const VECTOR(float) value, global float* dst, const int x, const int y, const int z,
         const int4 size) {
  dst += x + size.x * (y + size.y * (size_t)z);
  const size_t pixels = (size_t)size.x * size.y * size.z;
  const int count = size.x - x;
  if (count >= VEC)
    STORE_RESULT(float, value, dst, pixels);
  else
    PUT_IN_ROW(float, value, dst, count)
}

INLINE gradient_at(global const SRC_T* src, const int x, const int y, const int z, const int4 size,
                   const int axis, const bool is_inside) {
  if (axis == 0) {
    global const SRC_T* row = row_at(src, y, z, size);
    const VECTOR(int) at = TO_VECTOR(int, LANE_NUMBERS) + x;
    const VECTOR(float) scale =
        (at == 0 | at == size.x - 1) ? (VECTOR(float))1.0f : (VECTOR(float))0.5f;
    return (FLOATS_AT(row, x + 1) - FLOATS_AT(row, x - 1)) * scale;
  }
  const int dy = axis == 1, dz = axis == 2, at = dy ? y : z, n = dy ? size.y : size.z;
  const VECTOR(float) before = FLOATS_AT(row_at(src, y - dy, z - dz, size), x);
  const VECTOR(float) after = FLOATS_AT(row_at(src, y + dy, z + dz, size), x);
  return (after - before) * (at == 0 || at == n - 1 ? 1.0f : 0.5f);
}
kernel void stencil__gradient(global const SRC_T* restrict src, global float* restrict dst,
                              const uint4 unsigned_size, const int axis) {
  BEGIN
  put(WHERE_INSIDE(axis == 0, gradient_at, src, x, y, z, size, axis), dst, x, y, z, size);
}

INLINE laplace_at(global const SRC_T* src, const int x, const int y, const int z, const int4 size,
                  const int is_box, const bool is_inside) {
  const VECTOR(float) centre = FLOATS_AT(row_at(src, y, z, size), x);
  VECTOR(float) sum = 0;
#pragma unroll
  for (int dz = -1; dz <= 1; ++dz) {
    if (dz != 0 && size.z == 1) continue;
#pragma unroll
    for (int dy = -1; dy <= 1; ++dy) {
      const int across = (dy != 0) + (dz != 0);
      if (!is_box && across == 2) continue;
      global const SRC_T* row = row_at(src, y + dy, z + dz, size);
      if (is_box || across == 0) sum += centre - FLOATS_AT(row, x - 1);
      if (across != 0) sum += centre - FLOATS_AT(row, x);
      if (is_box || across == 0) sum += centre - FLOATS_AT(row, x + 1);
    }
  }
  return sum;
}
kernel void stencil__laplace(global const SRC_T* restrict src, global float* restrict dst,
                             const uint4 unsigned_size, const int is_box) {
  BEGIN
  put(WHERE_INSIDE(1, laplace_at, src, x, y, z, size, is_box), dst, x, y, z, size);
}

INLINE sobel_at(global const SRC_T* src, const int x, const int y, const int z, const int4 size,
                const int reach_z, const bool is_inside) {
  VECTOR(float) along_x = 0, along_y = 0, along_z = 0, above = 0, earlier[3];
#pragma unroll
  for (int dz = -1; dz <= 1; ++dz) {
    if (dz != 0 && reach_z == 0) continue;
#pragma unroll
    for (int dy = -1; dy <= 1; ++dy) {
      global const SRC_T* row = row_at(src, y + dy, z + dz, size);
      const VECTOR(float) before = FLOATS_AT(row, x - 1), after = FLOATS_AT(row, x + 1);
      const VECTOR(float) smooth = fma((VECTOR(float))2.0f, FLOATS_AT(row, x), before) + after;
      const float weight_y = dy == 0 ? 2.0f : 1.0f, weight_z = dz == 0 && reach_z ? 2.0f : 1.0f;
      along_x = fma((VECTOR(float))(weight_y * weight_z), after - before, along_x);
      if (dy < 0) above = smooth;
      if (dz < 0) earlier[dy + 1] = smooth;
      if (dy > 0) along_y = fma((VECTOR(float))weight_z, smooth - above, along_y);
      if (dz > 0) along_z = fma((VECTOR(float))weight_y, smooth - earlier[dy + 1], along_z);
    }
  }
  return fma(along_z, along_z, fma(along_y, along_y, along_x * along_x));
}
kernel void stencil__sobel(global const SRC_T* restrict src, global float* restrict dst,
                           const uint4 unsigned_size, const int reach_z) {
  BEGIN
  put(roots_of(WHERE_INSIDE(1, sobel_at, src, x, y, z, size, reach_z)), dst, x, y, z, size);
}

// The statements for the pixels of a row of the neighbourhood, one after the other.
#define FOR_PIXELS_OF(neighbors, ...)                                        \
  {                                                                          \
    const bool is_inside = false; /* to be seen pixel by pixel */            \
    (void)is_inside;                                                         \
    const int4 around = neighbors;                                           \
    global const SRC_T* row = row_at(src, y + around.x, z + around.y, size); \
    VECTOR(SRC_T) pixels = PIXELS_BEFORE(row, x - around.z);                 \
    for (int i = x - around.z; i <= x + around.z; ++i) {                     \
      pixels = PIXELS_AFTER(pixels, row, i);                                 \
      __VA_ARGS__                                                            \
    }                                                                        \
  }

#ifdef SUM_T
// How far `count` pixels are spread, times their number twice.
INLINE spread_at(global const SRC_T* src, global const int4* rows, const int row_count, const int x,
                 const int y, const int z, const int4 size, const ulong count, const float scale) {
  (void)scale;  // of sums that are not exact
  VECTOR(SUM_T) sum = 0;
  VECTOR(SQUARES_T) squares = 0;
  for (int r = 0; r < row_count; ++r)
    FOR_PIXELS_OF(rows[r], {
      const VECTOR(SUM_T) numbers = TO_VECTOR(SUM_T, pixels);
      sum += numbers;
      squares += TO_VECTOR(SQUARES_T, numbers * numbers);
    })
  const VECTOR(ulong) total = TO_VECTOR(ulong, abs(sum));
  return TO_VECTOR(float, TO_VECTOR(ulong, squares) * count - total * total);
}
#else
#ifdef IS_FLOAT
#define WIDE_T float
#define NEAREST(value) (value)
#else
#define WIDE_T long
#define NEAREST(value) TO_VECTOR(long, rint(value))
#endif

// The sum of how far pixels are above `mean`, and of the squares of this: of rows, then of these.
INLINE sums_above(const VECTOR(WIDE_T) mean, VECTOR(float) * squares, global const SRC_T* src,
                  global const int4* rows, const int row_count, const int x, const int y,
                  const int z, const int4 size) {
  VECTOR(float) sum = 0;
  *squares = 0;
  for (int r = 0; r < row_count; ++r) {
    VECTOR(float) sum_of_row = 0, squares_of_row = 0;
    FOR_PIXELS_OF(rows[r], {
      const VECTOR(float) above = TO_VECTOR(float, TO_VECTOR(WIDE_T, pixels) - mean);
      sum_of_row += above;
      squares_of_row = fma(above, above, squares_of_row);
    })
    sum += sum_of_row;
    *squares += squares_of_row;
  }
  return sum;
}

// How far pixels are spread, times their number. Their mean is at first the pixel in the middle.
INLINE spread_at(global const SRC_T* src, global const int4* rows, const int row_count, const int x,
                 const int y, const int z, const int4 size, const ulong count, const float scale) {
  (void)count;  // of exact sums
  const bool is_inside = false;
  VECTOR(WIDE_T) mean = TO_VECTOR(WIDE_T, PIXELS_AT(row_at(src, y, z, size), x));
  VECTOR(float) squares;
  mean += NEAREST(sums_above(mean, &squares, src, rows, row_count, x, y, z, size) * scale);
  const VECTOR(float) sum = sums_above(mean, &squares, src, rows, row_count, x, y, z, size);
  const VECTOR(float) spread = fma(sum * -scale, sum, squares);
  return spread < 0 ? (VECTOR(float))0.0f : spread;
}
#endif

// Of `count` pixels; `scale` is 1 / count, of exact sums 1 / count^2.
kernel void stencil__variance(global const SRC_T* restrict src, global float* restrict dst,
                              global const int4* restrict rows, const int row_count,
                              const uint4 unsigned_size, const ulong count, const float scale,
                              const int is_deviation) {
  BEGIN
  const VECTOR(float) variance =
      spread_at(src, rows, row_count, x, y, z, size, count, scale) * scale;
  put(is_deviation ? roots_of(variance) : variance, dst, x, y, z, size);
}
