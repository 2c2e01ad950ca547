// SPDX-License-Identifier: BSD-3-Clause
// The background that a ball leaves which rolls below an image, plane by plane, as ImageJ computes
// it: pixels are smoothed, the least of blocks of `shrink` x `shrink` is taken, the ball goes as
// high as it can below these, what it touches is enlarged.
//   SMOOTH   by means of 3 x 3 pixels, along x first
//   NEGATED  the ball rolls above the image
//
// The ball is a square of 2 half + 1 heights a side. Blocks and the places of the ball are rows of
// whole vectors, where the ball may also be 2 half beyond the image, with blocks of infinity.

#ifdef NEGATED
#define SIGNED(value) (-(value))
#else
#define SIGNED(value) (value)
#endif
#define THIRD 0.33333333f

DEFINE_GET_IN_ROW(pixels_in_row, SRC_T)

// Pixels x, x + 1, ... of a row, or the means of 3 of them.
VECTOR(float) values_in_row(global const SRC_T* row, const int x, const int nx) {
#ifdef SMOOTH
  if (x > 0 && x + VEC < nx)
    return (TO_VECTOR(float, LOAD(row + x - 1)) + TO_VECTOR(float, LOAD(row + x)) +
            TO_VECTOR(float, LOAD(row + x + 1))) *
           THIRD;
  float means[VEC];
  for (int k = 0; k < VEC; ++k) {
    const int at = min(x + k, nx - 1);
    means[k] =
        ((float)row[max(at - 1, 0)] + (float)row[at] + (float)row[min(at + 1, nx - 1)]) * THIRD;
  }
  return LOAD(means);
#else
  return TO_VECTOR(float, pixels_in_row(row + x, nx - x));
#endif
}

kernel void rolling_ball__smooth(global const SRC_T* restrict src, global float* restrict dst,
                                 const uint4 size) {
  const int x = (int)get_global_id(0) * VEC, y = (int)get_global_id(1);
  const int nx = (int)size.x, ny = (int)size.y;
  if (x >= nx || y >= ny || get_global_id(2) >= size.z) return;
  src += (size_t)size.x * size.y * get_global_id(2);
  dst += x + (size_t)size.x * (y + (size_t)size.y * get_global_id(2));
  VECTOR(float) values = values_in_row(src + (size_t)size.x * y, x, nx);
#ifdef SMOOTH
  const VECTOR(float) above = values_in_row(src + (size_t)size.x * max(y - 1, 0), x, nx);
  values =
      (above + values + values_in_row(src + (size_t)size.x * min(y + 1, ny - 1), x, nx)) * THIRD;
#endif
  PUT_IN_ROW(float, SIGNED(values), dst, nx - x);
}

// Block (x - 2 half, y - 2 half).
kernel void rolling_ball__shrink(global const float* restrict src, global float* restrict blocks,
                                 const uint4 size, const uint4 blocks_size, const int shrink,
                                 const int half_width) {
  const int x = (int)get_global_id(0), y = (int)get_global_id(1);
  if (x >= (int)blocks_size.x || y >= (int)blocks_size.y || get_global_id(2) >= size.z) return;
  src += (size_t)size.x * size.y * get_global_id(2);
  blocks += x + (size_t)blocks_size.x * (y + (size_t)blocks_size.y * get_global_id(2));
  const int first_x = (x - 2 * half_width) * shrink, first_y = (y - 2 * half_width) * shrink;
  float least = INFINITY;
  if (first_x >= 0 && first_y >= 0)
    for (int j = first_y; j < min(first_y + shrink, (int)size.y); ++j)
      for (int i = first_x; i < min(first_x + shrink, (int)size.x); ++i) {
        const float next = src[i + (size_t)size.x * j];
        least = next < least ? next : least;
      }
  *blocks = least;
}

// How high the ball may be at each place.
kernel void rolling_ball__rise(global const float* restrict blocks, global float* restrict places,
                               global const float* restrict ball, const uint4 blocks_size,
                               const uint4 places_size, const int side) {
  const size_t x = get_global_id(0) * VEC, y = get_global_id(1), z = get_global_id(2);
  if (x >= places_size.x || y >= places_size.y || z >= places_size.z) return;
  blocks += x + blocks_size.x * (y + (size_t)blocks_size.y * z);
  VECTOR(float) height = INFINITY;
  for (int j = 0; j < side; ++j)
    for (int i = 0; i < side; ++i) {
      const VECTOR(float) next = LOAD(blocks + i + (size_t)blocks_size.x * j) - ball[i + side * j];
      height = next < height ? next : height;
    }
  STORE(height, places + x + places_size.x * (y + (size_t)places_size.y * z));
}

// The highest point above each block.
kernel void rolling_ball__touch(global const float* restrict places, global float* restrict touched,
                                global const float* restrict ball, const uint4 places_size,
                                const uint4 touched_size, const int side) {
  const size_t x = get_global_id(0) * VEC, y = get_global_id(1), z = get_global_id(2);
  if (x >= touched_size.x || y >= touched_size.y || z >= touched_size.z) return;
  places += x + places_size.x * (y + (size_t)places_size.y * z);
  VECTOR(float) height = -INFINITY;
  for (int j = 0; j < side; ++j)
    for (int i = 0; i < side; ++i) {
      const VECTOR(float) next = LOAD(places + i + (size_t)places_size.x * j) + ball[i + side * j];
      height = next > height ? next : height;
    }
  PUT_IN_ROW(float, height, touched + x + touched_size.x * (y + (size_t)touched_size.y * z),
             (int)(touched_size.x - x));
}

// Between two blocks, or beyond the outermost two.
int first_block(const int i, const int shrink, const int blocks) {
  return clamp((i - shrink / 2) / shrink, 0, max(blocks - 2, 0));
}
float share_of_first(const int i, const float one_by_shrink, const int block) {
  return 1 - ((i + 0.5f) * one_by_shrink - (block + 0.5f));
}
// One of them alone where the other has no share, whatever it is.
float mixed(const float a, const float b, const float share) {
  return share == 1 ? a : share == 0 ? b : a * share + b * (1 - share);
}

kernel void rolling_ball__enlarge(global const float* restrict touched, global float* restrict dst,
                                  const uint4 touched_size, const uint4 size, const int shrink,
                                  const float one_by_shrink) {
  const int first = (int)get_global_id(0) * VEC, y = (int)get_global_id(1);
  if (first >= (int)size.x || y >= (int)size.y || get_global_id(2) >= size.z) return;
  touched += (size_t)touched_size.x * touched_size.y * get_global_id(2);
  dst += (size_t)size.x * (y + (size_t)size.y * get_global_id(2));
  const int row = first_block(y, shrink, (int)touched_size.y);
  const float share_y = share_of_first(y, one_by_shrink, row);
  global const float* above = touched + (size_t)touched_size.x * row;
  global const float* below =
      touched + (size_t)touched_size.x * min(row + 1, (int)touched_size.y - 1);
  for (int x = first; x < min(first + VEC, (int)size.x); ++x) {
    const int block = first_block(x, shrink, (int)touched_size.x);
    const int next = min(block + 1, (int)touched_size.x - 1);
    const float share_x = share_of_first(x, one_by_shrink, block);
    const float a = mixed(above[block], above[next], share_x);
    const float b = mixed(below[block], below[next], share_x);
    dst[x] = SIGNED(mixed(a, b, share_y));
  }
}
