// SPDX-License-Identifier: BSD-3-Clause
// How far each pixel is from the nearest 0, or BETWEEN_LABELS from the nearest other value, and 0
// where it is 0; or ERODE, the pixels that are farther away than a limit. And, `nearest`, which
// label is nearest to each pixel: of several the smallest. Axis by axis: the squared distance
// within the row, then along y and z the least (squared distance there + steps^2). More than
// `reach` steps along an axis do not matter.
//
// Squares are exact whole numbers, or floats where pixels are not cubes (IS_SPACED).
//   row    along x, a work-item per row, on CPUs; few steps are looked at one by one
//   along  along any axis: VEC pixels of a row look at their neighbours, two more at a time, until
//          these are farther away than what was found. FIRST says that nothing was found before,
//          LAST that the result is wanted
//   ridges how high the distances are where their ridges and peaks lie between pixels

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
#define FEW 4
#define IS(condition) TO_VECTOR(int, condition)
kernel void distance_transform__row(global const SRC_T* restrict src,
                                    global SQUARE_T* restrict squares, const uint4 size,
                                    const float spacing, const uint reach) {
  const size_t row = get_global_id(0);
  if (row >= (size_t)size.y * size.z) return;
  src += size.x * row;
  squares += size.x * row;
  if (reach <= FEW) {
    for (uint x = 0; x < size.x;)
      if (x >= reach && size.x - x >= VEC + reach) {
        const VECTOR(SRC_T) value = LOAD(src + x);
        VECTOR(SQUARE_T) square = NONE;
        for (uint k = reach; k > 0; --k) {
          const VECTOR(int) ends =
              IS(ENDS(value, LOAD(src + x - k))) | IS(ENDS(value, LOAD(src + x + k)));
          square = ends ? (VECTOR(SQUARE_T))(square_of(k, spacing)) : square;
        }
        square = IS(value == (SRC_T)0) ? (VECTOR(SQUARE_T))(0) : square;
        STORE_ANY(SQUARE_T, square, squares + x);
        x += VEC;
      } else {
        SQUARE_T square = NONE;
        for (uint k = reach; k > 0; --k)
          if ((x >= k && ENDS(src[x], src[x - k])) || (x + k < size.x && ENDS(src[x], src[x + k])))
            square = square_of(k, spacing);
        squares[x] = src[x] == 0 ? 0 : square;
        ++x;
      }
    return;
  }
  uint steps = FAR;  // to where the distance ends on the left, then on the right
  for (uint x = 0; x < size.x; ++x) {
    if (x > 0) steps = ENDS(src[x], src[x - 1]) ? 1 : min(steps + 1, FAR);
    squares[x] = src[x] == 0 ? 0 : steps > reach ? NONE : square_of(steps, spacing);
  }
  steps = FAR;
  for (uint x = size.x - 1; x-- > 0;) {
    steps = ENDS(src[x], src[x + 1]) ? 1 : min(steps + 1, FAR);
    if (steps <= reach) squares[x] = min(squares[x], square_of(steps, spacing));
  }
}

kernel void distance_transform__nearest_in_row(global const uint* restrict labels,
                                               global uint* restrict nearest,
                                               global SQUARE_T* restrict squares, const uint4 size,
                                               const float spacing, const uint reach) {
  const size_t row = get_global_id(0);
  if (row >= (size_t)size.y * size.z) return;
  labels += size.x * row;
  nearest += size.x * row;
  squares += size.x * row;
  if (reach <= FEW) {
#define LESSER(a, b) (min((a)-1, (b)-1) + 1)  // of two labels, but for 0
    for (uint x = 0; x < size.x;)
      if (x >= reach && size.x - x >= VEC + reach) {
        const VECTOR(uint) own = LOAD(labels + x);
        VECTOR(uint) label = 0;
        VECTOR(SQUARE_T) square = NONE;
        for (uint k = reach; k > 0; --k) {
          const VECTOR(uint) found = LESSER(LOAD(labels + x - k), LOAD(labels + x + k));
          label = IS(found != 0) ? found : label;
          square = IS(found != 0) ? (VECTOR(SQUARE_T))(square_of(k, spacing)) : square;
        }
        STORE_ANY(uint, IS(own != 0) ? own : label, nearest + x);
        square = IS(own != 0) ? (VECTOR(SQUARE_T))(0) : square;
        STORE_ANY(SQUARE_T, square, squares + x);
        x += VEC;
      } else {
        uint label = labels[x];
        SQUARE_T square = label != 0 ? 0 : NONE;
        for (uint k = 1; k <= reach && label == 0; ++k) {
          label = LESSER(x >= k ? labels[x - k] : 0, x + k < size.x ? labels[x + k] : 0);
          if (label != 0) square = square_of(k, spacing);
        }
        nearest[x] = label;
        squares[x] = square;
        ++x;
      }
    return;
  }
  uint steps = FAR, label = 0;  // to the nearest label on the left, then on the right
  for (uint x = 0; x < size.x; ++x) {
    steps = labels[x] != 0 ? 0 : min(steps + 1, FAR);
    label = labels[x] != 0 ? labels[x] : label;
    nearest[x] = steps > reach ? 0 : label;
    squares[x] = steps > reach ? NONE : square_of(steps, spacing);
  }
  steps = FAR;
  for (uint x = size.x; x-- > 0;) {
    steps = labels[x] != 0 ? 0 : min(steps + 1, FAR);
    label = labels[x] != 0 ? labels[x] : label;
    const SQUARE_T square = steps > reach ? NONE : square_of(steps, spacing);
    if (square > squares[x] || (square == squares[x] && label >= nearest[x])) continue;
    nearest[x] = label;
    squares[x] = square;
  }
}

DEFINE_GET_IN_ROW(pixels_in_row, SRC_T)
DEFINE_GET_IN_ROW(labels_in_row, uint)
DEFINE_GET_IN_ROW(squares_in_row, SQUARE_T)

// The pixels of a work-item: `count` of a row, from `at` on. Along the axis pixels are `step`
// apart, and so many lie before and behind them.
typedef struct {
  size_t at, step;
  uint before, behind;
  int count;  // 0 outside the image
} place;

place place_along(const uint axis, const uint4 size) {
  const size_t x = get_global_id(0) * VEC, y = get_global_id(1), z = get_global_id(2);
  place here;
  here.count = x >= size.x || y >= size.y || z >= size.z ? 0 : (int)min((size_t)VEC, size.x - x);
  here.at = x + size.x * (y + size.y * z);
  here.step = axis == 0 ? 1 : axis == 1 ? size.x : (size_t)size.x * size.y;
  here.before = axis == 0 ? x : axis == 1 ? y : z;
  here.behind = (axis == 0 ? size.x : axis == 1 ? size.y : size.z) - 1 - here.before;
  return here;
}

DEFINE_ROOT_OF(root_of, VECTOR, ANY)

#if !defined(LAST)
#define RESULT_T SQUARE_T
#elif defined(ERODE)
#define RESULT_T SRC_T
#else
#define RESULT_T float
#endif
kernel void distance_transform__along(global const SRC_T* restrict src,
                                      global const SQUARE_T* restrict squares,
                                      global RESULT_T* restrict closer, const uint4 size,
                                      const uint axis, const float spacing, const uint reach,
                                      const float unit, const SQUARE_T limit) {
  (void)squares, (void)unit, (void)limit;  // not every program uses them
  const place here = place_along(axis, size);
  if (here.count == 0) return;
  const int count = here.count;
  const VECTOR(SRC_T) value = pixels_in_row(src + here.at, count);
#ifdef FIRST
#define SQUARES_AT(i) (VECTOR(SQUARE_T))(NONE)
  VECTOR(SQUARE_T) best = IS(value == (SRC_T)0) ? (VECTOR(SQUARE_T))(0) : (VECTOR(SQUARE_T))(NONE);
#else
#define SQUARES_AT(i) squares_in_row(squares + (i), count)
  VECTOR(SQUARE_T) best = SQUARES_AT(here.at);
#endif
  const uint end = min(reach, max(here.before, here.behind));
  for (uint k = 1; k <= end; ++k) {
    const SQUARE_T square = square_of(k, spacing);
    if (!ANY(best > square)) break;
#pragma unroll
    for (int side = 0; side < 2; ++side) {
      if (k > (side == 0 ? here.before : here.behind)) continue;
      const size_t there = side == 0 ? here.at - k * here.step : here.at + k * here.step;
      const VECTOR(int) ends = IS(ENDS(value, pixels_in_row(src + there, count)));
      const VECTOR(SQUARE_T) found = ends ? (VECTOR(SQUARE_T))(0) : SQUARES_AT(there);
      best = min(best, found + square);
    }
  }
#if !defined(LAST)
  const VECTOR(RESULT_T) result = best;
#elif defined(ERODE)
  const VECTOR(RESULT_T) result = IS(best > limit) ? value : (VECTOR(SRC_T))(0);
#else
  const VECTOR(RESULT_T) result =
      best >= NONE ? (VECTOR(float))(INFINITY) : root_of(TO_VECTOR(float, best)) * unit;
#endif
  PUT_IN_ROW(RESULT_T, result, closer + here.at, count);
}

// FIRST: `labels` are those of the image, and there are no squares. LAST: what is farther away than
// `limit` is 0, and no squares are kept.
kernel void distance_transform__nearest_along(global const uint* restrict labels,
                                              global const SQUARE_T* restrict squares,
                                              global uint* restrict nearest,
                                              global SQUARE_T* restrict closer, const uint4 size,
                                              const uint axis, const float spacing,
                                              const uint reach, const SQUARE_T limit) {
  (void)squares, (void)closer, (void)limit;  // not every program uses them
  const place here = place_along(axis, size);
  if (here.count == 0) return;
  const int count = here.count;
#ifdef FIRST
#define SQUARES_OF(found, i) (IS((found) != 0) ? (VECTOR(SQUARE_T))(0) : (VECTOR(SQUARE_T))(NONE))
#else
#define SQUARES_OF(found, i) squares_in_row(squares + (i), count)
#endif
  VECTOR(uint) label = labels_in_row(labels + here.at, count);
  VECTOR(SQUARE_T) best = SQUARES_OF(label, here.at);
  const uint end = min(reach, max(here.before, here.behind));
  for (uint k = 1; k <= end; ++k) {
    const SQUARE_T square = square_of(k, spacing);
    if (!ANY(best >= square)) break;  // what is as far away may have a smaller label
#pragma unroll
    for (int side = 0; side < 2; ++side) {
      if (k > (side == 0 ? here.before : here.behind)) continue;
      const size_t there = side == 0 ? here.at - k * here.step : here.at + k * here.step;
      const VECTOR(uint) other = labels_in_row(labels + there, count);
      const VECTOR(SQUARE_T) found = SQUARES_OF(other, there) + square;
      const VECTOR(int) is_closer = IS(found < best) | (IS(found == best) & IS(other < label));
      label = is_closer ? other : label;
      best = is_closer ? found : best;
    }
  }
#ifdef LAST
  label = IS(best > limit) ? (VECTOR(uint))(0) : label;
#else
  PUT_IN_ROW(SQUARE_T, best, closer + here.at, count);
#endif
  PUT_IN_ROW(uint, label, nearest + here.at, count);
}

// Along each line through a pixel that is no lower than both neighbours, a ridge is no higher than
// their mean and a step more; along others no higher than the lower one and a step.
kernel void distance_transform__ridges(global const float* restrict distances,
                                       global float* restrict dst, const uint4 size) {
  const long x = get_global_id(0), y = get_global_id(1), z = get_global_id(2);
  if (x >= size.x || y >= size.y) return;
  const bool is_3d = size.z > 1;
  const long row = size.x, plane = row * size.y;
  global const float* pixel = distances + x + row * y + plane * z;
  const float here = *pixel, steps[] = {0, 1, 0x1.6a09e6p+0f, 0x1.bb67aep+0f};
  float height = here + 0.5f * steps[is_3d ? 3 : 2];
  bool is_ridge = false;
  if (here > 0 && min(x, y) > 0 && x + 1 < size.x && y + 1 < size.y &&
      (!is_3d || (z > 0 && z + 1 < size.z))) {
#pragma unroll
    for (int k = 1; k <= 13; ++k) {  // half of the neighbours, and those opposite
      if (!is_3d && k > 4) continue;
      const int dx = (k + 1) % 3 - 1, dy = (k + 4) / 3 % 3 - 1, dz = (k + 13) / 9 - 1;
      const float a = pixel[dx + row * dy + plane * dz], b = pixel[-(dx + row * dy + plane * dz)];
      const bool is_top = here >= a && here >= b;
      is_ridge |= is_top;
      height =
          min(height, (is_top ? (a + b) * 0.5f : min(a, b)) + steps[abs(dx) + abs(dy) + abs(dz)]);
    }
  }
  dst[x + row * y + plane * z] = is_ridge ? height : here;
}
