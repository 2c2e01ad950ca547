// SPDX-License-Identifier: BSD-3-Clause
// The least, the greatest or the sum of the pixels in a neighbourhood; edges: nearest pixel.
//
//   row     one short window along x, on CPUs
//   brick   short windows along all axes, on CPUs
//   small   short windows along all axes, on GPUs
//   box     windows along x, then y, then z, in tiles that hold the pixels around their own
//   columns the least or the greatest in one long window along y or z, on CPUs
//   sphere  one pass over the rows of an ellipsoid, given as a table of {dy, dz, half width}
//
// In between pixels are ACC_T. FIRST and LAST say that a pass reads pixels, or writes them. Floats
// are compared as integers in their total order (IEEE 754), so the order of comparing does not
// matter, and -0 < +0.

#ifndef ACC_T
#define ACC_T float
#define FIRST
#define LAST
#define IS_SUM
#define IS_FLOAT
#define TILE 4096
#define WIDEST 256
#define WINDOW_X 3
#define WINDOW_Y 3
#define WINDOW_Z 3
#define WIDTH 64
#define HEIGHT 8
#define DEPTH 4
#define ROWS 8
#endif

#if defined(IS_SUM)
#define COMBINE(a, b) ((a) + (b))
#elif defined(IS_MINIMUM)
#define COMBINE(a, b) ((b) < (a) ? (b) : (a))
#else
#define COMBINE(a, b) ((b) > (a) ? (b) : (a))
#endif

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

// What was there before: the part of a long window that came first, and for a top-hat the image
// that an opening is subtracted from, which ends with the greatest; for a bottom-hat the image that
// is subtracted from a closing. Integers saturate.
#ifdef CONTINUES
#define AFTER(before, acc) COMBINE(before, acc)
#else
#define AFTER(before, acc) (acc)
#endif
#if !defined(SUBTRACT)
#define FROM(original, pixel) (pixel)
#elif defined(IS_FLOAT)
#define DIFFERENCE(a, b) ((a) - (b))
#else
#define DIFFERENCE(a, b) sub_sat(a, b)
#endif
#if defined(SUBTRACT) && defined(IS_MINIMUM)
#define FROM(original, pixel) DIFFERENCE(pixel, original)
#elif defined(SUBTRACT)
#define FROM(original, pixel) DIFFERENCE(original, pixel)
#endif

DEFINE_RUN(long)
DEFINE_RUN(ulong)

#ifdef ONE_PIXEL  // the lanes of a work-group share a tile, element by element
#define MEMORY local
#define GET(pointer) (*(pointer))
#define PUT(value, pointer) (*(pointer) = (value))
#define MEET barrier(CLK_LOCAL_MEM_FENCE)
#define BUFFERS 3
#else  // a work-item has a tile of its own, and takes VEC elements at once
#define MEMORY private
#define GET(pointer) (*(const PASTE(ACC_T, _run)*)(pointer))
#define PUT(value, pointer) (*(PASTE(ACC_T, _run)*)(pointer) = (value))
#define MEET
#define BUFFERS 2
#endif

#define DIRECT 7  // the longest window that is combined pixel by pixel
#define REACH(window) ((window) / 2)

// Copies `count` pixels of a row of the image, from x on.
void copy_row(global const SRC_T* row, const int x, const int nx, MEMORY ACC_T* to,
              const int count) {
  int i = 0;
  for (; i < min(-x, count); ++i) to[i] = ENTER(row[0]);
  for (; i + VEC <= min(nx - x, count); i += VEC)
    PUT(ENTER_VECTOR(LOAD_ALIGNED(SRC_T, row + x + i)), to + i);
  for (; i < count; ++i) to[i] = ENTER(row[min(x + i, nx - 1)]);
}

#ifndef ONE_PIXEL
DEFINE_GET_IN_ROW(src_in_row, SRC_T)
DEFINE_GET_IN_ROW(part_in_row, ACC_T)
// Stores a vector of the result, the first `count` pixels of it, which has so many `pixels`.
__attribute__((always_inline)) void put_in_row(const VECTOR(ACC_T) acc,
                                               global const DST_T* original, global DST_T* dst,
                                               const int count, const size_t pixels,
                                               const float scale) {
  (void)original, (void)scale;  // not every program uses them
  if (count >= VEC) {
    const VECTOR(DST_T) result = FROM(LOAD(original), LEAVE_VECTOR(acc));
    STORE_RESULT(DST_T, result, dst, pixels);
    return;
  }
  ACC_T last[VEC];
  PUT(acc, last);
  for (int k = 0; k < count; ++k) dst[k] = FROM(original[k], LEAVE(last[k]));
}
#endif

#ifdef WINDOW_X
// A short row, VEC pixels of the result at once, without a tile.
kernel void neighborhood_filter__row(global const SRC_T* restrict src, global const DST_T* original,
                                     global DST_T* restrict dst, const uint4 size,
                                     const float scale) {
  (void)original;  // not every program uses it
  const int nx = (int)size.x, x = (int)get_global_id(0) * VEC, first = x - REACH(WINDOW_X);
  if (x >= nx) return;
  const size_t row = (size_t)nx * (get_global_id(1) + (size_t)size.y * get_global_id(2));
  src += row;
  dst += row + x;
  original += row + x;
  if (first >= 0 && first + WINDOW_X - 1 + VEC <= nx) {
    VECTOR(ACC_T) acc = ENTER_VECTOR(LOAD(src + first));
    for (int i = 1; i < WINDOW_X; ++i) acc = COMBINE(acc, ENTER_VECTOR(LOAD(src + first + i)));
    STORE_ANY(DST_T, FROM(LOAD(original), LEAVE_VECTOR(acc)), dst);
    return;
  }
  MEMORY ACC_T line[VEC + WINDOW_X - 1];
  copy_row(src, first, nx, line, VEC + WINDOW_X - 1);
  VECTOR(ACC_T) acc = GET(line);
  for (int i = 1; i < WINDOW_X; ++i) acc = COMBINE(acc, GET(line + i));
  PUT(acc, line);
  for (int k = 0; k < min(VEC, nx - x); ++k) dst[k] = FROM(original[k], LEAVE(line[k]));
}
#endif

#ifdef WIDTH
#define LINES (HEIGHT + WINDOW_Y - 1)
#define PITCH ((WIDTH + WINDOW_X - 1 + VEC - 1) / VEC * VEC)
#define SLICES (DEPTH + WINDOW_Z - 1)
#define HALF(window) ((window) >= 4 ? 4 : (window) >= 2 ? 2 : 1)

// Combines, from each of the first `count` vectors on, `window` of them: the least and the greatest
// in halves that may see a vector twice. A macro, for only what is known here is unrolled.
#ifdef IS_SUM
#define COMBINE_WINDOWS(acc, count, window)                             \
  _Pragma("unroll") for (int i_ = 0; i_ < (count); ++i_)                \
      _Pragma("unroll") for (int k_ = 1; k_ < (window); ++k_) acc[i_] = \
          COMBINE(acc[i_], acc[i_ + k_]);
#else
#define COMBINE_WINDOWS(acc, count, window)                                                  \
  _Pragma("unroll") for (int i_ = 0; i_ + 1 < (count) + (window)-1; ++i_) if ((window) >= 2) \
      acc[i_] = COMBINE(acc[i_], acc[i_ + 1]);                                               \
  _Pragma("unroll") for (int i_ = 0; i_ + 2 < (count) + (window)-1; ++i_) if ((window) >= 4) \
      acc[i_] = COMBINE(acc[i_], acc[i_ + 2]);                                               \
  _Pragma("unroll") for (int i_ = 0; i_ < (count); ++i_) acc[i_] =                           \
      COMBINE(acc[i_], acc[i_ + (window)-HALF(window)]);
#endif

__attribute__((always_inline)) VECTOR(ACC_T) along_x(const ACC_T* line) {
  VECTOR(ACC_T) acc = GET(line);
#pragma unroll
  for (int k = 1; k < WINDOW_X; ++k) acc = COMBINE(acc, GET(line + k));
  return acc;
}

void combine_along_y(ACC_T (*lines)[PITCH], const int count) {
  for (int i = 0; i < count; i += VEC) {
    VECTOR(ACC_T) acc[LINES];
#pragma unroll
    for (int line = 0; line < LINES; ++line) acc[line] = GET(lines[line] + i);
    COMBINE_WINDOWS(acc, HEIGHT, WINDOW_Y)
#pragma unroll
    for (int row = 0; row < HEIGHT; ++row) PUT(acc[row], lines[row] + i);
  }
}

// Windows of up to DIRECT pixels per axis, in one launch: a work-item takes WIDTH x HEIGHT pixels
// of each of `planes` planes. It combines each plane along y and x, sums along x and y. In 3D it
// keeps what the last SLICES planes gave, and combines that along z, DEPTH planes at a time.
#ifdef IS_SUM
#define IN_PLANE(line) GET(line)
#else
#define IN_PLANE(line) along_x(line)
#endif
kernel void neighborhood_filter__brick(global const SRC_T* src, global const DST_T* original,
                                       global DST_T* dst, const uint4 unsigned_size,
                                       const int planes, const float scale) {
  const int4 size = convert_int4(unsigned_size);
  const int x = (int)get_global_id(0) * WIDTH, y = (int)get_global_id(1) * HEIGHT;
  const int begin = (int)get_global_id(2) * planes, end = min(begin + planes, size.z);
  if (x >= size.x || y >= size.y || begin >= end) return;
  const int columns = min(WIDTH, size.x - x), rows = min(HEIGHT, size.y - y);
  const int length = (columns + WINDOW_X - 1 + VEC - 1) / VEC * VEC;
  const size_t plane = (size_t)size.x * size.y, pixels = plane * size.z;
  const size_t corner = x + (size_t)size.x * y;
  ACC_T lines[LINES][PITCH];
#if WINDOW_Z > 1
  ACC_T slices[SLICES][HEIGHT][WIDTH];
#endif
  for (int z = begin - REACH(WINDOW_Z); z < end + REACH(WINDOW_Z); ++z) {
    global const SRC_T* from = src + plane * clamp(z, 0, size.z - 1);
    for (int line = 0; line < LINES; ++line)
      copy_row(from + (size_t)size.x * clamp(y + line - REACH(WINDOW_Y), 0, size.y - 1),
               x - REACH(WINDOW_X), size.x, lines[line], length);
#ifdef IS_SUM
    for (int line = 0; line < LINES; ++line)
      for (int i = 0; i < columns; i += VEC) PUT(along_x(lines[line] + i), lines[line] + i);
#endif
    combine_along_y(lines, length);
#if WINDOW_Z == 1
    for (int row = 0; row < rows; ++row)
      for (int i = 0; i < columns; i += VEC) {
        const size_t at = corner + i + size.x * (size_t)row + plane * z;
        put_in_row(IN_PLANE(lines[row] + i), original + at, dst + at, columns - i, pixels, scale);
      }
#else
    const uint slice = (uint)(z - begin + REACH(WINDOW_Z));
    for (int row = 0; row < rows; ++row)
      for (int i = 0; i < columns; i += VEC)
        PUT(IN_PLANE(lines[row] + i), slices[slice % SLICES][row] + i);
    // The planes of the result for which that was the last one.
    const uint count = (slice + 1 - (WINDOW_Z - 1)) % DEPTH;
    if (slice + 1 < WINDOW_Z || (count != 0 && z + 1 < end + REACH(WINDOW_Z))) continue;
    const int depth = count != 0 ? (int)count : DEPTH;
    const uint first = slice + 1 - (WINDOW_Z - 1) - (uint)depth;
    for (int row = 0; row < rows; ++row)
      for (int i = 0; i < columns; i += VEC) {
        VECTOR(ACC_T) acc[SLICES];
#pragma unroll
        for (uint k = 0; k < SLICES; ++k) acc[k] = GET(slices[(first + k) % SLICES][row] + i);
        COMBINE_WINDOWS(acc, DEPTH, WINDOW_Z)
        size_t at = corner + i + size.x * (size_t)row + plane * (begin + first);
#pragma unroll
        for (int k = 0; k < DEPTH; ++k, at += plane)
          if (k < depth) put_in_row(acc[k], original + at, dst + at, columns - i, pixels, scale);
      }
#endif
  }
}
#endif

#ifdef TILE
// Combines, from each element of a tile on, `count` elements that are `step` apart: windows of up
// to DIRECT one element after the other, then each time two neighbours, and one element more where
// that is needed. The tile is one of BUFFERS, so is the result, whose number is returned.
int windows(MEMORY ACC_T* memory, const int tile, const int count, const int step,
            const int elements, const int lane, const int lanes) {
  if (count == 1) return tile;
  int halvings = 0;
  while (count >> halvings > DIRECT) ++halvings;
  int length = count >> halvings, result = (tile + 1) % BUFFERS;
  MEMORY const ACC_T* pixels = memory + tile * TILE;
  MEMORY ACC_T* sums = memory + result * TILE;
  for (int i = lane; i < elements - (length - 1) * step; i += lanes) {
    VECTOR(ACC_T) acc = GET(pixels + i);
#ifdef WINDOW_X  // the length is a constant
    for (int k = 1; k < length; ++k) acc = COMBINE(acc, GET(pixels + i + k * step));
#else
    for (int k = 1; k < DIRECT; ++k)  // unrolled
      if (k < length) acc = COMBINE(acc, GET(pixels + i + k * step));
#endif
    PUT(acc, sums + i);
  }
  MEET;
  while (halvings-- > 0) {
    const int next = BUFFERS == 2 ? result : 3 - tile - result;
    const bool odd = (count >> halvings) % 2 == 1;
    MEMORY const ACC_T* behind = sums + length * step;
#ifdef IS_SUM
    MEMORY const ACC_T* last = pixels + 2 * length * step;
#else
    MEMORY const ACC_T* last = behind + step;  // again most of what is in `behind`
#endif
    MEMORY ACC_T* longer = memory + next * TILE;
    length = count >> halvings;
    for (int i = lane; i < elements - (length - 1) * step; i += lanes) {
      VECTOR(ACC_T) acc = COMBINE(GET(sums + i), GET(behind + i));
      if (odd) acc = COMBINE(acc, GET(last + i));
      PUT(acc, longer + i);
    }
    MEET;
    sums = longer;
    result = next;
  }
  return result;
}

// Of each axis: `tile` pixels of the result, which need windows of `window` pixels, the first of
// which lies `from` pixels away. The first `skip` elements along x are there for alignment only.
kernel void neighborhood_filter__box(global const SRC_T* src, global const ACC_T* part,
                                     global const DST_T* original, global DST_T* dst,
                                     const uint4 unsigned_size, const int4 tile, const int4 from,
                                     const int4 any_window, const int skip, const int pitch,
                                     const float scale) {
  (void)part, (void)original, (void)any_window;  // not every program uses them
#ifdef WINDOW_X
  const int4 window = (int4)(WINDOW_X, WINDOW_Y, WINDOW_Z, 0);
#else
  const int4 window = any_window;
#endif
#ifdef ONE_PIXEL
  local ACC_T memory[BUFFERS * TILE];
  const int column = (int)get_local_id(0), columns = (int)get_local_size(0);
  const int layer = (int)get_local_id(1), layers = (int)get_local_size(1);
#else
  ACC_T memory[BUFFERS * TILE + 2 * VEC];  // the last vector may run over the end
  const int column = 0, columns = 1, layer = 0, layers = 1;
#endif
  const int lane = (column + columns * layer) * VEC, lanes = columns * layers * VEC;
  const int4 size = convert_int4(unsigned_size);
  const int4 first = tile * (int4)((int)get_global_id(0) / columns, (int)get_global_id(1) / layers,
                                   (int)get_global_id(2), 0);
  if (first.x >= size.x || first.y >= size.y || first.z >= size.z) return;
  const int4 outer = first + from, count = min(tile, size - first);
  const int rows = tile.y + window.y - 1, lines = rows * (tile.z + window.z - 1);
#ifdef ONE_PIXEL
  for (int i = lane; i < pitch * lines; i += lanes) {
    const int line = i / pitch, x = i - line * pitch, z = line / rows, y = line - z * rows;
    const size_t row =
        clamp(outer.y + y, 0, size.y - 1) + (size_t)size.y * clamp(outer.z + z, 0, size.z - 1);
    memory[i] = ENTER(src[clamp(outer.x + x, 0, size.x - 1) + size.x * row]);
  }
#else
  for (int line = 0; line < lines; ++line) {
    const size_t row = clamp(outer.y + line % rows, 0, size.y - 1) +
                       (size_t)size.y * clamp(outer.z + line / rows, 0, size.z - 1);
    copy_row(src + size.x * row, outer.x, size.x, memory + pitch * line, pitch);
  }
#endif
  MEET;
  const int elements = pitch * lines;
#ifdef WINDOW_X
  int result = windows(memory, 0, WINDOW_X, 1, elements, lane, lanes);
  result = windows(memory, result, WINDOW_Y, pitch, elements, lane, lanes);
  result = windows(memory, result, WINDOW_Z, pitch * rows, elements, lane, lanes);
#else  // one text for three axes compiles in a third of the time
  const int counts[] = {window.x, window.y, window.z}, steps[] = {1, pitch, pitch * rows};
  int result = 0;
  for (int axis = 0; axis < 3; ++axis)
    result = windows(memory, result, counts[axis], steps[axis], elements, lane, lanes);
#endif
  MEMORY const ACC_T* combined = memory + result * TILE + skip;
  for (int line = layer; line < tile.y * tile.z; line += layers) {
    const int z = line / tile.y, y = line - z * tile.y;
    if (y >= count.y || z >= count.z) continue;
    const size_t at = first.x + size.x * (first.y + y + (size_t)size.y * (first.z + z));
    MEMORY const ACC_T* row = combined + pitch * (y + rows * z);
    int x = column * VEC;
    for (; x + VEC <= count.x; x += columns * VEC) {
      const VECTOR(ACC_T) acc = AFTER(LOAD_ALIGNED(ACC_T, part + at + x), GET(row + x));
      STORE_ALIGNED(DST_T, FROM(LOAD_ALIGNED(DST_T, original + at + x), LEAVE_VECTOR(acc)),
                    dst + at + x);
    }
    for (; x < count.x; ++x) {
      const ACC_T acc = AFTER(part[at + x], row[x]);
      dst[at + x] = FROM(original[at + x], LEAVE(acc));
    }
  }
}
#endif

#ifdef WIDEST
// The least or the greatest in long windows along one axis, on which `step` pixels lie side by side
// (van Herk 1992; Gil and Werman 1993). A work-item takes so many columns and lines of the result,
// `window` lines at once: `here` has what their windows see of the first `window` lines, combined
// from the last of these back; `behind` what they see of the lines after, one more each time.
kernel void neighborhood_filter__columns(global const SRC_T* src, global const ACC_T* part,
                                         global const DST_T* original, global DST_T* dst,
                                         const ulong step, const int length, const int columns,
                                         const int lines, const int from, const int window,
                                         const float scale) {
  (void)part, (void)original;  // not every program uses them
  const size_t column = get_global_id(0) * columns, pixels = step * length;
  if (column >= step) return;
  const int count = (int)min((ulong)columns, step - column);
  const int begin = (int)get_global_id(1) * lines, end = min(begin + lines, length);
  const size_t corner = column + pixels * get_global_id(2);
  src += corner;
  ACC_T here[TILE], behind[WIDEST];
  for (int first = begin; first < end; first += window) {
    for (int k = window - 1; k >= 0; --k) {
      global const SRC_T* line = src + step * clamp(first + from + k, 0, length - 1);
      for (int i = 0; i < count; i += VEC) {
        VECTOR(ACC_T) acc = ENTER_VECTOR(src_in_row(line + i, count - i));
        if (k + 1 < window) acc = COMBINE(acc, GET(here + (k + 1) * columns + i));
        PUT(acc, here + k * columns + i);
      }
    }
    for (int k = 0; k < min(window, end - first); ++k) {
      global const SRC_T* line = src + step * clamp(first + from + window - 1 + k, 0, length - 1);
      const size_t at = corner + step * (first + k);
      for (int i = 0; i < count; i += VEC) {
        VECTOR(ACC_T) acc = GET(here + k * columns + i);
        if (k > 0) {
          VECTOR(ACC_T) more = ENTER_VECTOR(src_in_row(line + i, count - i));
          if (k > 1) more = COMBINE(more, GET(behind + i));
          PUT(more, behind + i);
          acc = COMBINE(acc, more);
        }
#ifdef CONTINUES
        acc = COMBINE(acc, part_in_row(part + at + i, count - i));
#endif
        put_in_row(acc, original + at + i, dst + at + i, count - i, pixels * get_global_size(2),
                   scale);
      }
    }
  }
}
#endif

#ifdef ROWS
// Windows of up to DIRECT pixels per axis, in one launch: a work-item takes ROWS pixels of a column
// of each of `planes` planes. It combines rows along x once, and keeps what the last WINDOW_Z
// planes gave. Neighbouring work-items read the same pixels, which the cache keeps for them.
kernel void neighborhood_filter__small(global const SRC_T* restrict src,
                                       global const DST_T* restrict original,
                                       global DST_T* restrict dst, const uint4 unsigned_size,
                                       const int planes, const float scale) {
  (void)original;  // not every program uses it
  const int4 size = convert_int4(unsigned_size);
  const int x = (int)get_global_id(0), y = (int)get_global_id(1) * ROWS;
  if (x >= size.x || y >= size.y) return;
  const int first = y - REACH(WINDOW_Y);
  const int begin = (int)get_global_id(2) * planes, end = min(begin + planes, size.z);
  const size_t pitch = size.x, plane = pitch * size.y;
  int columns[WINDOW_X];
#pragma unroll
  for (int i = 0; i < WINDOW_X; ++i) columns[i] = clamp(x + i - REACH(WINDOW_X), 0, size.x - 1);
  ACC_T recent[WINDOW_Z][ROWS];
  for (int z = begin - REACH(WINDOW_Z); z < end + REACH(WINDOW_Z); ++z) {
    global const SRC_T* from = src + plane * clamp(z, 0, size.z - 1) + pitch * max(first, 0);
    ACC_T along_x[ROWS + WINDOW_Y - 1];
#pragma unroll
    for (int row = 0; row < ROWS + WINDOW_Y - 1; ++row) {
      along_x[row] = ENTER(from[columns[0]]);
#pragma unroll
      for (int i = 1; i < WINDOW_X; ++i)
        along_x[row] = COMBINE(along_x[row], ENTER(from[columns[i]]));
      from += first + row >= 0 && first + row + 1 < size.y ? pitch : 0;
    }
    size_t to = x + pitch * y + plane * (z - REACH(WINDOW_Z));
#pragma unroll
    for (int row = 0; row < ROWS; ++row, to += pitch) {
#pragma unroll
      for (int i = 0; i + 1 < WINDOW_Z; ++i) recent[i][row] = recent[i + 1][row];
      ACC_T acc = along_x[row];
#pragma unroll
      for (int i = 1; i < WINDOW_Y; ++i) acc = COMBINE(acc, along_x[row + i]);
      recent[WINDOW_Z - 1][row] = acc;
      if (z < begin + REACH(WINDOW_Z) || y + row >= size.y) continue;
      acc = recent[0][row];
#pragma unroll
      for (int i = 1; i < WINDOW_Z; ++i) acc = COMBINE(acc, recent[i][row]);
      dst[to] = FROM(original[to], LEAVE(acc));
    }
  }
}

#endif

// The row of an ellipsoid that lies dy and dz away, at most as far as the edge.
global const SRC_T* row_of(global const SRC_T* src, const int4 row, const int4 size) {
  const int y = clamp((int)get_global_id(1) + row.x, 0, size.y - 1);
  const int z = clamp((int)get_global_id(2) + row.y, 0, size.z - 1);
  return src + (size_t)size.x * (y + (size_t)size.y * z);
}

kernel void neighborhood_filter__sphere(global const SRC_T* restrict src,
                                        global const DST_T* original, global DST_T* restrict dst,
                                        global const int4* restrict rows, const int row_count,
                                        const int radius, const uint4 unsigned_size,
                                        const float scale) {
  (void)original;  // not every program uses it
  const int4 size = convert_int4(unsigned_size);
  const int nx = size.x, x = (int)get_global_id(0) * VEC;
  if (x >= nx) return;
  const size_t at = x + (size_t)nx * (get_global_id(1) + (size_t)size.y * get_global_id(2));
  dst += at;
  original += at;
  if (x >= radius && x + VEC + radius <= nx) {
    VECTOR(ACC_T) acc = ENTER_VECTOR(LOAD(row_of(src, rows[0], size) + x - rows[0].z));
    for (int r = 0; r < row_count; ++r) {
      global const SRC_T* row = row_of(src, rows[r], size) + x;
      for (int i = -rows[r].z + (r == 0); i <= rows[r].z; ++i)
        acc = COMBINE(acc, ENTER_VECTOR(LOAD(row + i)));
    }
    STORE_ANY(DST_T, FROM(LOAD(original), LEAVE_VECTOR(acc)), dst);
    return;
  }
  for (int k = 0; k < min(VEC, nx - x); ++k) {
    ACC_T acc = ENTER(row_of(src, rows[0], size)[clamp(x + k - rows[0].z, 0, nx - 1)]);
    for (int r = 0; r < row_count; ++r) {
      global const SRC_T* row = row_of(src, rows[r], size);
      for (int i = -rows[r].z + (r == 0); i <= rows[r].z; ++i)
        acc = COMBINE(acc, ENTER(row[clamp(x + k + i, 0, nx - 1)]));
    }
    dst[k] = FROM(original[k], LEAVE(acc));
  }
}
