// SPDX-License-Identifier: BSD-3-Clause
// Images on other grids. As an affine map moves it, pixel (x, y, z) of the result is at
//     (m0 x + m1 y + m2 z + m3, m4 x + m5 y + m6 z + m7, m8 x + m9 y + m10 z + m11)
// in the source: between its pixels the nearest one, or an interpolated one (LINEAR, CUBIC). Pixels
// beyond an edge are as BORDER says; where that is BORDER_CONSTANT, beyond the centres of the
// outermost pixels lies border_value, and before them the nearest pixel takes part.
//
// Coordinates are whole numbers of 1/2^32 pixel, so they are exact in images of any size and the
// same on every device. PLANAR says that planes stay as they are: z comes from z alone; ALONG_ROWS,
// that neighbours along x come from neighbours along x. A work-item computes RUN pixels of one row:
// one on a GPU, VEC on a CPU, together where they come from a line of neighbours, or are
// interpolated in one plane and none lacks a neighbour.

#ifndef RUN
#define RUN VEC
#endif

// How far a coordinate is beyond a pixel, from 0 to 1, exactly.
#define FRACTION(c) ((float)(int)((uint)(c) >> 8) * 0x1p-24f)
// Where it is not at all, the next pixel has no say, whatever it is.
#define MIX(a, b, fraction) ((fraction) > 0 ? fma(fraction, (b) - (a), a) : (a))

#ifndef BORDER
#define BORDER BORDER_CONSTANT
#endif
// The pixel k behind that before a coordinate, along an axis of n.
#define PLACE(c, k, n)                           \
  border_index((int)((c) >> 32) + (k), (int)(n), \
               BORDER == BORDER_CONSTANT ? BORDER_NEAREST : BORDER)

float in_row(global const SRC_T* row, const int x, const int next_x, const float fraction) {
  const float a = (float)row[x], b = (float)row[next_x];
  return MIX(a, b, fraction);
}
float in_plane(global const SRC_T* plane, const uint4 size, const long cx, const long cy) {
  const int x = PLACE(cx, 0, size.x), next_x = PLACE(cx, 1, size.x);
  const int y = PLACE(cy, 0, size.y), next_y = PLACE(cy, 1, size.y);
  const float a = in_row(plane + (size_t)size.x * y, x, next_x, FRACTION(cx));
  const float b = in_row(plane + (size_t)size.x * next_y, x, next_x, FRACTION(cx));
  return MIX(a, b, FRACTION(cy));
}
#ifdef IS_INTEGER
#define TO_PIXEL(value) PASTE(PASTE(convert_, SRC_T), _sat_rte)(value)
#define TO_PIXELS(values) PASTE(PASTE(convert_, VECTOR(SRC_T)), _sat_rte)(values)
#else
#define TO_PIXEL(value) (value)
#define TO_PIXELS(values) (values)
#endif

// Keys' weights of the pixel before a coordinate, the one before that, and two behind it.
#define DEFINE_CUBIC(name, type)                                                              \
  type name(const type before, const type first, const type next, const type last,            \
            const float t) {                                                                  \
    if (!(t > 0)) return first;                                                               \
    const float w0 = t * fma(t, fma(-0.5f, t, 1.0f), -0.5f);                                  \
    const float w1 = fma(t * t, fma(1.5f, t, -2.5f), 1.0f);                                   \
    const float w2 = t * fma(t, fma(-1.5f, t, 2.0f), 0.5f);                                   \
    const float w3 = t * t * fma(0.5f, t, -0.5f);                                             \
    return fma((type)(w3), last, fma((type)(w2), next, fma((type)(w1), first, w0 * before))); \
  }
#ifdef CUBIC
DEFINE_CUBIC(cubic, float)
DEFINE_CUBIC(cubic_of_four, float4)

float4 four_in_row(global const SRC_T* row, const uint4 size, const long cx) {
  const int x = (int)(cx >> 32);
  if (x >= 1 && x + 2 < (int)size.x) return convert_float4(vload4(0, row + x - 1));
  return (float4)((float)row[PLACE(cx, -1, size.x)], (float)row[PLACE(cx, 0, size.x)],
                  (float)row[PLACE(cx, 1, size.x)], (float)row[PLACE(cx, 2, size.x)]);
}
#define ROW(k) four_in_row(plane + (size_t)size.x * PLACE(cy, k, size.y), size, cx)
float4 four_in_plane(global const SRC_T* plane, const uint4 size, const long cx, const long cy) {
  return cubic_of_four(ROW(-1), ROW(0), ROW(1), ROW(2), FRACTION(cy));
}
#define PLANE(k) four_in_plane(src + plane * PLACE(cz, k, size.z), size, cx, cy)
#endif

SRC_T pixel_at(global const SRC_T* src, const uint4 size, const long cx, const long cy,
               const long cz) {
  const size_t plane = (size_t)size.x * size.y;
#if defined(CUBIC)
#ifdef PLANAR
  const float4 four = PLANE(0);
#else
  const float4 four = cubic_of_four(PLANE(-1), PLANE(0), PLANE(1), PLANE(2), FRACTION(cz));
#endif
  return TO_PIXEL(cubic(four.s0, four.s1, four.s2, four.s3, FRACTION(cx)));
#elif !defined(LINEAR)
  const long middle = 1L << 31;
  return src[PLACE(cx + middle, 0, size.x) + (size_t)size.x * PLACE(cy + middle, 0, size.y) +
             plane * PLACE(cz + middle, 0, size.z)];
#elif defined(PLANAR)
  return TO_PIXEL(in_plane(src + plane * PLACE(cz, 0, size.z), size, cx, cy));
#else
  const float a = in_plane(src + plane * PLACE(cz, 0, size.z), size, cx, cy);
  const float b = in_plane(src + plane * PLACE(cz, 1, size.z), size, cx, cy);
  return TO_PIXEL(MIX(a, b, FRACTION(cz)));
#endif
}

// From the first pixel to the last of an axis of n pixels, and before the last.
#define INSIDE(c, n) ((ulong)(c) <= (ulong)((n)-1) << 32)
#define BEFORE_LAST(c, n) ((ulong)(c) < (ulong)((n)-1) << 32)
// Whether a line lies beyond one edge, from its ends.
#define IS_BEYOND(a, b, n) (max(a, b) < 0 || min(a, b) > (long)((n)-1) << 32)

#if RUN > 1
#define MIX_VECTORS(a, b, fraction) ((fraction) > 0 ? fma(fraction, (b) - (a), a) : (a))

// The pixels of a line whose ends lie before the last row and column.
bool has_neighbours(const long cx, const long step_x, const long cy, const long step_y,
                    const uint4 size) {
  return BEFORE_LAST(cx, size.x) && BEFORE_LAST(cx + (RUN - 1) * step_x, size.x) &&
         BEFORE_LAST(cy, size.y) && BEFORE_LAST(cy + (RUN - 1) * step_y, size.y);
}
#define FLOATS VECTOR(float)
#define PIXELS_OF(size) ((size_t)(size).x * (size).y * (size).z)
// Coordinates of a line: their pixels, and how far they are beyond them.
#define WHOLE(c, step) (((c) + TO_VECTOR(long, LANE_NUMBERS) * (step)) >> 32)
#define FRACTIONS(c, step) \
  (TO_VECTOR(float, TO_VECTOR(int, ((uint)(c) + LANE_NUMBERS * (uint)(step)) >> 8)) * 0x1p-24f)
FLOATS mixed_along_x(const SRC_T* pairs, const FLOATS fraction) {
  VECTOR(SRC_T) pixels, next;
  SPLIT_PAIRS(pairs, pixels, next);
  const FLOATS a = TO_VECTOR(float, pixels), b = TO_VECTOR(float, next);
  return MIX_VECTORS(a, b, fraction);
}

FLOATS line_in_plane(global const SRC_T* plane, const uint4 size, const long cx, const long step_x,
                     const long cy, const long step_y) {
  long first[RUN];
  STORE(WHOLE(cx, step_x) + WHOLE(cy, step_y) * (long)(int)size.x, first);
  SRC_T above[2 * RUN], below[2 * RUN];  // pairs of neighbours along x
#pragma unroll
  for (int k = 0; k < RUN; ++k) {
    global const SRC_T* at = plane + first[k];
    vstore2(vload2(0, at), k, above);
    vstore2(vload2(0, at + size.x), k, below);
  }
  const FLOATS fraction_x = FRACTIONS(cx, step_x), fraction_y = FRACTIONS(cy, step_y);
  const FLOATS a = mixed_along_x(above, fraction_x), b = mixed_along_x(below, fraction_x);
  return MIX_VECTORS(a, b, fraction_y);
}

#if defined(ALONG_ROWS) && !defined(CUBIC)
// A line of neighbours, of rows and planes that need not be in the image.
#ifdef LINEAR
#define MIX_LINES(a, b, c) (FRACTION(c) > 0 ? fma((FLOATS)(FRACTION(c)), (b) - (a), a) : (a))
FLOATS line_of_row(global const SRC_T* row, const long cx) {
  const FLOATS a = TO_VECTOR(float, LOAD(row)), b = TO_VECTOR(float, LOAD(row + 1));
  return MIX_LINES(a, b, cx);
}
FLOATS line_of_rows(global const SRC_T* plane, const uint4 size, const long cx, const long cy) {
  const FLOATS a = line_of_row(plane + (size_t)size.x * PLACE(cy, 0, size.y), cx);
  if (FRACTION(cy) == 0) return a;
  const FLOATS b = line_of_row(plane + (size_t)size.x * PLACE(cy, 1, size.y), cx);
  return MIX_LINES(a, b, cy);
}
VECTOR(SRC_T)
line_at(global const SRC_T* src, const uint4 size, const long cx, const long cy, const long cz) {
  const size_t plane = (size_t)size.x * size.y;
  src += cx >> 32;
  const FLOATS a = line_of_rows(src + plane * PLACE(cz, 0, size.z), size, cx, cy);
  if (FRACTION(cz) == 0) return TO_PIXELS(a);
  const FLOATS b = line_of_rows(src + plane * PLACE(cz, 1, size.z), size, cx, cy);
  return TO_PIXELS(MIX_LINES(a, b, cz));
}
#define HAS_LINE(c, n) (BEFORE_LAST(c, n) && BEFORE_LAST((c) + ((RUN - 1L) << 32), n))
#else
VECTOR(SRC_T)
line_at(global const SRC_T* src, const uint4 size, const long cx, const long cy, const long cz) {
  const long middle = 1L << 31;
  const size_t row = PLACE(cy + middle, 0, size.y) + (size_t)size.y * PLACE(cz + middle, 0, size.z);
  return LOAD(src + size.x * row + ((cx + middle) >> 32));
}
#define HAS_LINE(c, n) (INSIDE(c, n) && INSIDE((c) + ((RUN - 1L) << 32), n))
#endif
#endif
#endif

// Along rays: pixel (r, z, angle) of the result is what plane z of the source has r steps from the
// centre, in the direction {step of x, step of y} of the angle.
kernel void resampling__radial(global const SRC_T* restrict src, global float* restrict dst,
                               global const long2* restrict directions, const long center_x,
                               const long center_y, const uint4 size, const uint4 dst_size) {
  const size_t r = get_global_id(0) * RUN, angle = get_global_id(1), z = get_global_id(2);
  if (r >= dst_size.x || z >= dst_size.y || angle >= dst_size.z) return;
  const long2 step = directions[angle];
  src += (size_t)size.x * size.y * z;
  dst += dst_size.x * (z + dst_size.y * angle);
#if RUN > 1
  const long first_x = center_x + (long)r * step.x, first_y = center_y + (long)r * step.y;
  if (r + RUN <= dst_size.x && has_neighbours(first_x, step.x, first_y, step.y, size)) {
    const FLOATS pixels = line_in_plane(src, size, first_x, step.x, first_y, step.y);
    STORE_RESULT(float, pixels, dst + r, PIXELS_OF(dst_size));
    return;
  }
#endif
  for (size_t k = r; k < min(r + RUN, (size_t)dst_size.x); ++k) {
    const long cx = center_x + (long)k * step.x, cy = center_y + (long)k * step.y;
    dst[k] = INSIDE(cx, size.x) && INSIDE(cy, size.y) ? in_plane(src, size, cx, cy) : 0;
  }
}

kernel void resampling__affine(global const SRC_T* restrict src, global SRC_T* restrict dst,
                               global const long* restrict m, const uint4 size,
                               const uint4 dst_size, const float border_value) {
  const size_t x = get_global_id(0) * RUN, y = get_global_id(1), z = get_global_id(2);
  if (x >= dst_size.x || y >= dst_size.y || z >= dst_size.z) return;
  const long first_x = m[0] * (long)x + m[1] * (long)y + m[2] * (long)z + m[3];
  const long first_y = m[4] * (long)x + m[5] * (long)y + m[6] * (long)z + m[7];
  const long first_z = m[8] * (long)x + m[9] * (long)y + m[10] * (long)z + m[11];
  const long step_x = m[0], step_y = m[4], step_z = m[8];
  const int count = (int)min((size_t)RUN, dst_size.x - x), last = count - 1;
  dst += x + dst_size.x * (y + dst_size.y * z);
#if RUN > 1 && BORDER == BORDER_CONSTANT
  if (count == RUN && (IS_BEYOND(first_x, first_x + last * step_x, size.x) ||
                       IS_BEYOND(first_y, first_y + last * step_y, size.y) ||
                       IS_BEYOND(first_z, first_z + last * step_z, size.z))) {
    const VECTOR(SRC_T) beyond = TO_PIXEL(border_value);
    STORE_RESULT(SRC_T, beyond, dst, PIXELS_OF(dst_size));
    return;
  }
#endif
#if RUN > 1 && defined(ALONG_ROWS) && !defined(CUBIC)
  if (count == RUN && HAS_LINE(first_x, size.x) && INSIDE(first_y, size.y) &&
      INSIDE(first_z, size.z)) {
    const VECTOR(SRC_T) line = line_at(src, size, first_x, first_y, first_z);
    STORE_RESULT(SRC_T, line, dst, PIXELS_OF(dst_size));
    return;
  }
#elif RUN > 1 && defined(LINEAR) && defined(PLANAR)
  if (count == RUN && INSIDE(first_z, size.z) &&
      has_neighbours(first_x, step_x, first_y, step_y, size)) {
    global const SRC_T* plane = src + (size_t)size.x * size.y * (first_z >> 32);
    const VECTOR(float) pixels = line_in_plane(plane, size, first_x, step_x, first_y, step_y);
    STORE_RESULT(SRC_T, TO_PIXELS(pixels), dst, PIXELS_OF(dst_size));
    return;
  }
#endif
  const bool all_inside = INSIDE(first_x, size.x) && INSIDE(first_x + last * step_x, size.x) &&
                          INSIDE(first_y, size.y) && INSIDE(first_y + last * step_y, size.y) &&
                          INSIDE(first_z, size.z) && INSIDE(first_z + last * step_z, size.z);
  if (all_inside || BORDER != BORDER_CONSTANT) {
    for (int k = 0; k < count; ++k)
      dst[k] =
          pixel_at(src, size, first_x + k * step_x, first_y + k * step_y, first_z + k * step_z);
    return;
  }
  for (int k = 0; k < count; ++k) {
    const long cx = first_x + k * step_x, cy = first_y + k * step_y, cz = first_z + k * step_z;
    const bool inside = INSIDE(cx, size.x) && INSIDE(cy, size.y) && INSIDE(cz, size.z);
    dst[k] = inside ? pixel_at(src, size, cx, cy, cz) : TO_PIXEL(border_value);
  }
}
