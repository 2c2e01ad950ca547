// SPDX-License-Identifier: BSD-3-Clause
// How far each pixel is from the nearest 0, or BETWEEN_LABELS from the nearest other value, and 0
// where it is 0. Axis by axis: the squared distance within the row, then along y and z the least
// (squared distance there + steps^2).
//
// Squares are exact whole numbers, or floats where pixels are not cubes (IS_SPACED).
//   row    along x, a work-item per row, on CPUs
//   along  along any axis: VEC pixels of a row look at their neighbours, two more at a time, until
//          these are farther away than what was found. FIRST says that nothing was found before,
//          LAST that the result is wanted

#ifndef SQUARE_T
#define SQUARE_T uint
#define FIRST
#define LAST
#endif

#ifdef IS_SPACED
#define NONE INFINITY
#else
#define NONE 0x80000000u
#endif
SQUARE_T square_of(const uint steps, const float spacing) {
#ifdef IS_SPACED
  const float distance = (float)steps * spacing;
  return distance * distance;
#else
  (void)spacing;
  return steps * steps;
#endif
}

#ifdef BETWEEN_LABELS
#define ENDS(pixel, other) ((other) != (pixel))
#else
#define ENDS(pixel, other) ((other) == (SRC_T)0)
#endif

#define FAR 0x7fffffffu
kernel void distance_transform__row(global const SRC_T* restrict src,
                                    global SQUARE_T* restrict squares, const uint4 size,
                                    const float spacing) {
  const size_t row = get_global_id(0);
  if (row >= (size_t)size.y * size.z) return;
  src += size.x * row;
  squares += size.x * row;
  uint steps = FAR;  // to where the distance ends on the left, then on the right
  for (uint x = 0; x < size.x; ++x) {
    if (x > 0) steps = ENDS(src[x], src[x - 1]) ? 1 : min(steps + 1, FAR);
    squares[x] = src[x] == 0 ? 0 : steps == FAR ? NONE : square_of(steps, spacing);
  }
  steps = FAR;
  for (uint x = size.x - 1; x-- > 0;) {
    steps = ENDS(src[x], src[x + 1]) ? 1 : min(steps + 1, FAR);
    if (steps < FAR) squares[x] = min(squares[x], square_of(steps, spacing));
  }
}

DEFINE_GET_IN_ROW(pixels_in_row, SRC_T)
DEFINE_GET_IN_ROW(squares_in_row, SQUARE_T)

// The square root, rounded correctly (Tuckerman's test), where a device's own may be 3 units in the
// last place off.
VECTOR(float) root_of(const VECTOR(float) x) {
  VECTOR(float) root = sqrt(x);
  for (int i = 0; i < 3; ++i) {
    const VECTOR(float) next = PASTE(as_, VECTOR(float))(PASTE(as_, VECTOR(int))(root) + 1);
    const VECTOR(float) before = PASTE(as_, VECTOR(float))(PASTE(as_, VECTOR(int))(root) - 1);
    root = fma(-root, next, x) > 0 ? next : fma(-root, before, x) <= 0 ? before : root;
  }
  return root;
}

#ifdef LAST
#define RESULT_T float
#else
#define RESULT_T SQUARE_T
#endif
kernel void distance_transform__along(global const SRC_T* restrict src,
                                      global const SQUARE_T* restrict squares,
                                      global RESULT_T* restrict closer, const uint4 size,
                                      const uint axis, const float spacing, const float unit) {
  (void)squares, (void)unit;  // not every program uses them
  const size_t x = get_global_id(0) * VEC, y = get_global_id(1), z = get_global_id(2);
  if (x >= size.x || y >= size.y || z >= size.z) return;
  const int count = (int)min((size_t)VEC, size.x - x);
  const size_t at = x + size.x * (y + size.y * z);
  const size_t step = axis == 0 ? 1 : axis == 1 ? size.x : (size_t)size.x * size.y;
  const uint before = axis == 0 ? x : axis == 1 ? y : z;
  const uint behind = (axis == 0 ? size.x : axis == 1 ? size.y : size.z) - 1 - before;
  const VECTOR(SRC_T) value = pixels_in_row(src + at, count);
#define IS(condition) TO_VECTOR(int, condition)
#ifdef FIRST
#define SQUARES_AT(place) (VECTOR(SQUARE_T))(NONE)
  VECTOR(SQUARE_T) best = IS(value == (SRC_T)0) ? (VECTOR(SQUARE_T))(0) : (VECTOR(SQUARE_T))(NONE);
#else
#define SQUARES_AT(place) squares_in_row(squares + (place), count)
  VECTOR(SQUARE_T) best = SQUARES_AT(at);
#endif
  for (uint k = 1; k <= max(before, behind); ++k) {
    const SQUARE_T square = square_of(k, spacing);
    if (!ANY(best > square)) break;
#pragma unroll
    for (int side = 0; side < 2; ++side) {
      if (k > (side == 0 ? before : behind)) continue;
      const size_t there = side == 0 ? at - k * step : at + k * step;
      const VECTOR(int) ends = IS(ENDS(value, pixels_in_row(src + there, count)));
      const VECTOR(SQUARE_T) found = ends ? (VECTOR(SQUARE_T))(0) : SQUARES_AT(there);
      best = min(best, found + square);
    }
  }
#ifdef LAST
  const VECTOR(float) result =
      best >= NONE ? (VECTOR(float))(INFINITY) : root_of(TO_VECTOR(float, best)) * unit;
#else
  const VECTOR(SQUARE_T) result = best;
#endif
  PUT_IN_ROW(RESULT_T, result, closer + at, count);
}
