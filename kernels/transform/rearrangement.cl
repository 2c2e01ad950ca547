// SPDX-License-Identifier: BSD-3-Clause
// Pixels that are copied to other places: those of a box of the result, x fastest, from every so
// many pixels of src. SRC_T is an integer of the size of a pixel.
//
//   rows    rows stay rows: a work-item copies VEC pixels of one (ALIGNED: at a multiple of VEC) or
//           RUN pixels
//   pad     all of src becomes a box of dst, and the pixels around it get one value: RUN pixels
//   tiles   neighbours along y or z come from neighbours along x: a work-item, or a work-group
//           (ONE_PIXEL), reads a tile row by row and writes it column by column
//
// `from` and `to` are the first pixels; `step` and `step_...` how many pixels lie in src between
// those of neighbours of the box; `row` and `plane`, or `along` and `across`, the same in dst.

#ifdef ALIGNED
#define COPY(src, dst) STORE_ALIGNED(SRC_T, LOAD_ALIGNED(SRC_T, src), dst)
#else
#define COPY(src, dst) STORE_ANY(SRC_T, LOAD(src), dst)
#endif

#ifndef RUN
#define RUN VEC
#endif

// Pixels x to `end` of a row. The result has so many pixels. (With restrict Oclgrind does not run
// this, inlined.)
void copy_run(global const SRC_T* src, global SRC_T* dst, size_t x, const size_t end,
              const size_t pixels) {
  if (IS_STREAM(SRC_T, dst + x, pixels))
    for (; x + VEC <= end; x += VEC) STREAM(SRC_T, LOAD(src + x), dst + x);
  for (; x + VEC <= end; x += VEC) COPY(src + x, dst + x);
  for (; x < end; ++x) dst[x] = src[x];
}

kernel void rearrangement__rows(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                const uint4 size, const long from, const long step_y,
                                const long step_z, const ulong to, const ulong row,
                                const ulong plane) {
  const size_t x = get_global_id(0) * RUN;
  const long y = get_global_id(1), z = get_global_id(2);
  if (x >= size.x || y >= size.y) return;
  copy_run(src + from + step_y * y + step_z * z, dst + to + row * y + plane * z, x,
           min(x + RUN, (size_t)size.x), (size_t)size.x * size.y * size.z);
}

void fill_run(global SRC_T* dst, size_t x, const size_t end, const SRC_T value) {
  for (; x + VEC <= end; x += VEC) STORE_ANY(SRC_T, (VECTOR(SRC_T))(value), dst + x);
  for (; x < end; ++x) dst[x] = value;
}

// The first pixel of the box lies at `at`; `value` has the bits of a pixel.
kernel void rearrangement__pad(global const SRC_T* restrict src, global SRC_T* restrict dst,
                               const uint4 box, const uint4 size, const uint4 at,
                               const uint value) {
  const size_t begin = get_global_id(0) * RUN, end = min(begin + RUN, (size_t)size.x);
  const size_t y = get_global_id(1), z = get_global_id(2);
  if (begin >= size.x || y >= size.y || z >= size.z) return;
  dst += size.x * (y + size.y * z);
  size_t first = end, last = end;
  if (y >= at.y && y - at.y < box.y && z >= at.z && z - at.z < box.z) {
    first = clamp((size_t)at.x, begin, end);
    last = clamp((size_t)at.x + box.x, begin, end);
    if (first < last)
      copy_run(src + box.x * (y - at.y + box.y * (z - at.z)), dst + at.x, first - at.x, last - at.x,
               (size_t)size.x * size.y * size.z);
  }
  fill_run(dst, begin, first, (SRC_T)value);
  fill_run(dst, last, end, (SRC_T)value);
}

#ifdef ONE_PIXEL
#define MEMORY local
#define MEET barrier(CLK_LOCAL_MEM_FENCE)
#else
#define MEMORY private
#define MEET
#endif
// Pixels of a tile along x and along the other axis, in dst; one more keeps columns in banks of
// their own. A CPU likes to read long rows.
#define WIDTH 32
#ifdef ONE_PIXEL
#define HEIGHT 32
#else
#define HEIGHT 256
#endif

// The box has count.x pixels along x, count.y along the axis that is x in src, count.z along the
// other one.
kernel void rearrangement__tiles(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                 const uint4 unsigned_count, const long from, const long step_x,
                                 const long step_across, const long to, const long along,
                                 const long across) {
  MEMORY SRC_T tile[WIDTH][HEIGHT + 1];
#ifdef ONE_PIXEL
  const int column = (int)get_local_id(0), columns = (int)get_local_size(0);
  const int layer = (int)get_local_id(1), layers = (int)get_local_size(1);
#else
  const int column = 0, columns = 1, layer = 0, layers = 1;
#endif
  const int4 all = convert_int4(unsigned_count);
  const int x = (int)get_global_id(0) / columns * WIDTH;
  const int y = (int)get_global_id(1) / layers * HEIGHT;
  const int width = min(WIDTH, all.x - x), height = min(HEIGHT, all.y - y);  // none where below 0
  const long z = get_global_id(2);
  src += from + step_x * x + y + step_across * z;
  dst += to + along * y + across * z + x;
  for (int i = layer; i < width; i += layers) {
    global const SRC_T* line = src + step_x * i;
    int k = column;
#ifndef ONE_PIXEL
    for (; k + VEC <= height; k += VEC) STORE(LOAD(line + k), tile[i] + k);
#endif
    for (; k < height; k += columns) tile[i][k] = line[k];
  }
  MEET;
  for (int i = layer; i < height; i += layers)
    for (int k = column; k < width; k += columns) dst[along * i + k] = tile[k][i];
}
