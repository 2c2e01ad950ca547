// SPDX-License-Identifier: BSD-3-Clause
// The median of the pixels in a neighbourhood; edges: nearest pixel. Four ways:
//
//   merged   few pixels of a box, on CPUs: its slices are sorted once for all boxes, and merged
//   network  few pixels: minima and maxima in a fixed order, so nothing branches
//   sliding  pixels of few values: a histogram that slides down a column (Huang, Yang, Tang 1979)
//   bits     any: the bits of the median from the highest to the lowest, each by counting
//
// Floats are compared as integers in their total order (IEEE 754), so any order of comparing gives
// the same bits. With ONE_PIXEL, as a GPU wants it, a work-item of `network` and `bits` takes one
// pixel along x, else VEC.

#ifndef KEY_T
#define KEY_T int
#define UNSIGNED_T uint
#define BITS 32
#define IS_FLOAT
#endif

#if defined(ONE_PIXEL)
#define LANES 1
#define PACK(type) type
#define AS_PACK(type, value) PASTE(as_, type)(value)
#elif defined(SPAN) && BITS < 32 && defined(HOST_MEMORY) && defined(__clang__)
// As many small integers as fit into a register, which are more than OpenCL's vectors have.
#define LANES SPAN
#define PACK(type) PASTE(wide_, type)
typedef SRC_T PACK(SRC_T) __attribute__((ext_vector_type(LANES)));
typedef SRC_T any_pack __attribute__((ext_vector_type(LANES), aligned(sizeof(SRC_T))));
#define GET(pointer) (*(global const any_pack*)(pointer))
#define PUT(value, pointer) (*(global any_pack*)(pointer) = (value))
#define LEAST(a, b) ((a) < (b) ? (a) : (b))
#define GREATEST(a, b) ((a) < (b) ? (b) : (a))
#else
#define LANES VEC
#define PACK(type) VECTOR(type)
#define AS_PACK(type, value) PASTE(as_, VECTOR(type))(value)
#define GET(pointer) LOAD(pointer)
#define PUT(value, pointer) STORE_ANY(SRC_T, value, pointer)
#endif
#ifndef LEAST
#define LEAST min
#define GREATEST max
#endif
typedef PACK(KEY_T) keys;

// Pixels as integers of the same order, and back.
#ifdef IS_FLOAT
#define TO_KEYS(pixels) ORDER(AS_PACK(int, pixels))
#define TO_PIXELS(keys) AS_PACK(float, ORDER(keys))
#else
#define TO_KEYS(pixels) (pixels)
#define TO_PIXELS(keys) (keys)
#endif

global const SRC_T* row_at(global const SRC_T* src, const int y, const int z, const int4 size) {
  return src +
         (size_t)size.x * (clamp(y, 0, size.y - 1) + (size_t)size.y * clamp(z, 0, size.z - 1));
}

keys keys_at(global const SRC_T* row, const int x, const int nx) {
#ifdef ONE_PIXEL
  return TO_KEYS(row[clamp(x, 0, nx - 1)]);
#else
  if (x >= 0 && x + LANES <= nx) return TO_KEYS(GET(row + x));
  PACK(SRC_T) line;
  for (int k = 0; k < LANES; ++k) ((SRC_T*)&line)[k] = row[clamp(x + k, 0, nx - 1)];
  return TO_KEYS(line);
#endif
}

void put(const keys found, global SRC_T* dst, const int count) {
  const PACK(SRC_T) pixels = TO_PIXELS(found);
#ifdef ONE_PIXEL
  if (count > 0) *dst = pixels;
#else
  if (count >= LANES) {
    PUT(pixels, dst);
    return;
  }
  for (int k = 0; k < count; ++k) dst[k] = ((const SRC_T*)&pixels)[k];
#endif
}

// ---- network

// Of KEPT pixels that were seen first, neither the least nor the greatest can be the median: both
// give way to the next pixel, until three are left (Paeth 1990). A work-item computes the pixels of
// two rows: WINDOW begins with the SHARED pixels that both see, then come what only the first one
// sees and what only the second one sees, PIXELS in all for each, as {dx, dy, dz}.
#ifndef PIXELS
#define WINDOW \
  {0, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 2, 0}, {0, 3, 0}, { 0, 1, 0 }
#define PIXELS 3
#define SHARED 0
#endif
#define KEPT (PIXELS / 2 + 2)

#define EXCHANGE(a, b)              \
  do {                              \
    const keys least = LEAST(a, b); \
    b = GREATEST(a, b);             \
    a = least;                      \
  } while (0)

// Brings the least of the first `count` keys to the front and the greatest to the end.
__attribute__((always_inline)) void part(keys* kept, const int count) {
#pragma unroll
  for (int i = 0; i < KEPT / 2; ++i)
    if (i < count / 2) EXCHANGE(kept[i], kept[count - 1 - i]);
#pragma unroll
  for (int i = 1; i < (KEPT + 1) / 2; ++i)
    if (i < (count + 1) / 2) EXCHANGE(kept[0], kept[i]);
#pragma unroll
  for (int i = 1; i < (KEPT + 1) / 2; ++i)
    if (i < (count + 1) / 2) EXCHANGE(kept[count - 1 - i], kept[count - 1]);
}

kernel void median__network(global const SRC_T* restrict src, global SRC_T* restrict dst,
                            const uint4 unsigned_size) {
  constant const char window[][3] = {WINDOW};
  const int4 size = convert_int4(unsigned_size);
  const int x = (int)get_global_id(0) * LANES, y = 2 * (int)get_global_id(1);
  const int z = (int)get_global_id(2);
  if (x >= size.x || y >= size.y) return;
#define SEEN(i) \
  keys_at(row_at(src, y + window[i][1], z + window[i][2], size), x + window[i][0], size.x)
  keys shared[KEPT];
#if SHARED > 0
#pragma unroll
  for (int i = 0; i < KEPT; ++i) shared[i] = SEEN(i);
#pragma unroll
  for (int i = KEPT; i < SHARED; ++i) {
    part(shared, 2 * KEPT - i);
    shared[0] = SEEN(i);
  }
#endif
#pragma unroll
  for (int row = 0; row < 2; ++row) {
    if (y + row >= size.y) return;
    const int first = row * (PIXELS - SHARED);
    keys kept[KEPT];
#pragma unroll
    for (int i = 0; i < KEPT; ++i) kept[i] = SHARED > 0 ? shared[i] : SEEN(first + i);
#pragma unroll
    for (int i = SHARED > 0 ? SHARED : KEPT; i < PIXELS; ++i) {
      part(kept, 2 * KEPT - i);
      kept[0] = SEEN(first + i);
    }
    part(kept, 3);
    put(kept[1], dst + x + (size_t)size.x * (y + row + (size_t)size.y * z), size.x - x);
  }
}

// ---- merged

// A slice is what a box has of the rows at one y: its pixels are SLICE_PIXELS, as {dx, dz}. A
// work-item computes SPAN pixels of each of RUN rows, of which it sorts each slice once, and merges
// two of them once, if several rows need them. Two rows share all slices but one each; so these are
// merged, and then each row's median lies where its last slice comes in: of two sorted lists x and
// y, the k-th key is the least of max(x[i], y[j]) with i + j = k, counted from 1. What the median
// does not need, the compiler drops. SORT, MERGE_TWO and MERGE_ALL are networks of exchanges
// E(i, j), after which the keys ascend in the order of *_ORDER (Batcher 1968).
#ifndef ONE_PIXEL
#ifndef SORT
#define SLICE 3
#define HEIGHT 3
#define RUN 16
#define SPAN 64
#define SLICE_PIXELS \
  {-1, 0}, {0, 0}, { 1, 0 }
#define SORT E(1, 2) E(0, 1) E(1, 2)
#define SORT_ORDER 0, 1, 2
#define MERGE_ALL E(0, 3) E(2, 5) E(2, 3) E(1, 4) E(1, 2) E(4, 3)
#define ALL_ORDER 0, 1, 2, 4, 3, 5
#endif
#define MIDDLE (SLICE * HEIGHT / 2)
#define E(i, j) EXCHANGE(all[i], all[j]);

constant char slice_pixels[][2] = {SLICE_PIXELS};
constant uchar sort_order[] = {SORT_ORDER}, all_order[] = {ALL_ORDER};
#ifdef MERGE_TWO
constant uchar two_order[] = {TWO_ORDER};
#endif

void merge_at(global const SRC_T* src, global SRC_T* dst, const int x, const int y, const int z,
              const int4 size) {
  const int pairs = (min(RUN, size.y - y) + 1) / 2;
  keys slices[RUN + HEIGHT - 1][SLICE];
  for (int s = 0; s < 2 * pairs + HEIGHT - 1; ++s) {
    keys all[SLICE];
#pragma unroll
    for (int i = 0; i < SLICE; ++i)
      all[i] = keys_at(row_at(src, y + s - HEIGHT / 2, z + slice_pixels[i][1], size),
                       x + slice_pixels[i][0], size.x);
    SORT;
#pragma unroll
    for (int i = 0; i < SLICE; ++i) slices[s][i] = all[sort_order[i]];
  }
#ifdef MERGE_TWO
  keys two[(RUN + HEIGHT) / 2 - 1][2 * SLICE];
  for (int t = 0; t < pairs + HEIGHT / 2 - 1; ++t) {
    keys all[2 * SLICE];
#pragma unroll
    for (int i = 0; i < 2 * SLICE; ++i) all[i] = slices[2 * t + 1 + i / SLICE][i % SLICE];
    MERGE_TWO;
#pragma unroll
    for (int i = 0; i < 2 * SLICE; ++i) two[t][i] = all[two_order[i]];
  }
#define SHARED_KEY(pair, i) two[(pair) + (i) / (2 * SLICE)][(i) % (2 * SLICE)]
#else
#define SHARED_KEY(pair, i) slices[2 * (pair) + 1 + (i) / SLICE][(i) % SLICE]
#endif
  for (int pair = 0; pair < pairs; ++pair) {
    keys all[SLICE * (HEIGHT - 1)];
#pragma unroll
    for (int i = 0; i < SLICE * (HEIGHT - 1); ++i) all[i] = SHARED_KEY(pair, i);
    MERGE_ALL;
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      const int at = 2 * pair + row;
      if (y + at >= size.y) return;
      keys found = all[all_order[MIDDLE]];
#pragma unroll
      for (int i = 0; i < SLICE; ++i) {
        const keys greatest =
            GREATEST(all[all_order[MIDDLE - 1 - i]], slices[2 * pair + row * HEIGHT][i]);
        found = LEAST(found, greatest);
      }
      put(found, dst + x + (size_t)size.x * (y + at + (size_t)size.y * z), size.x - x);
    }
  }
}

kernel void median__merged(global const SRC_T* restrict src, global SRC_T* restrict dst,
                           const uint4 unsigned_size) {
  const int4 size = convert_int4(unsigned_size);
  const int first = (int)get_global_id(0) * SPAN, y = RUN * (int)get_global_id(1);
  if (y >= size.y) return;
  for (int x = first; x < min(first + SPAN, size.x); x += LANES)
    merge_at(src, dst, x, y, (int)get_global_id(2), size);
}
#endif

// ---- sliding

// A work-item goes down `length` pixels of a column of the image. The neighbourhood is a table of
// columns {dx, dz, half height}; `rank` pixels at most are below the median. BINS counters, one for
// each value of a pixel, are private, where they are many with their sums over COARSE neighbours,
// or, on a GPU, in local memory, where those of a group's work-items lie next to each other.
#ifndef BINS
#define BINS 256
#define COUNT_T uint
#define LOWEST 0
#endif
#ifdef ONE_PIXEL
#define COUNT(bin) counts[(bin) * (int)get_local_size(0)]
#else
#define COUNT(bin) counts[bin]
#endif
#ifdef COARSE
#define ADD(bin, step) (COUNT(bin) += step, coarse[(bin) / COARSE] += step)
#else
#define ADD(bin, step) COUNT(bin) += step
#endif

int bin_at(global const SRC_T* src, const int x, const int y, const int z, const int4 size) {
  return (int)row_at(src, y, z, size)[clamp(x, 0, size.x - 1)] - LOWEST;
}

kernel void median__sliding(global const SRC_T* restrict src, global SRC_T* restrict dst,
                            global const int4* restrict columns, const int column_count,
                            const uint rank, const int length, const uint4 unsigned_size
#ifdef ONE_PIXEL
                            ,
                            local COUNT_T* counts
#endif
) {
  const int4 size = convert_int4(unsigned_size);
  const int x = (int)get_global_id(0), z = (int)get_global_id(2);
  const int first = (int)get_global_id(1) * length, end = min(first + length, size.y);
  if (x >= size.x || first >= end) return;
#ifdef ONE_PIXEL
  counts += get_local_id(0);
#else
  COUNT_T counts[BINS];
#endif
#ifdef COARSE
  uint coarse[BINS / COARSE] = {0};
#endif
  for (int bin = 0; bin < BINS; ++bin) COUNT(bin) = 0;
  for (int c = 0; c < column_count; ++c)
    for (int dy = -columns[c].z; dy <= columns[c].z; ++dy)
      ADD(bin_at(src, x + columns[c].x, first + dy, z + columns[c].y, size), 1);
  uint below = 0;
  int median = 0;
  for (int y = first;; ++y) {
    for (;;) {
#ifdef COARSE
      if (median % COARSE == 0) {  // whole coarse bins, as far as they go
        while (below > rank && below - coarse[median / COARSE - 1] > rank) {
          median -= COARSE;
          below -= coarse[median / COARSE];
        }
        while (below <= rank && below + coarse[median / COARSE] <= rank) {
          below += coarse[median / COARSE];
          median += COARSE;
        }
      }
#endif
      if (below > rank)
        below -= COUNT(--median);
      else if (below + COUNT(median) <= rank)
        below += COUNT(median++);
      else
        break;
    }
    dst[x + (size_t)size.x * (y + (size_t)size.y * z)] = (SRC_T)(median + LOWEST);
    if (y + 1 == end) return;
    for (int c = 0; c < column_count; ++c) {
      const int4 column = columns[c];
      const int old = bin_at(src, x + column.x, y - column.z, z + column.y, size);
      const int new = bin_at(src, x + column.x, y + 1 + column.z, z + column.y, size);
      if (old == new) continue;
      ADD(old, -1);
      ADD(new, 1);
      below += (int)(new < median) - (int)(old < median);
    }
  }
}

// ---- bits

// The neighbourhood is a table of rows {dy, dz, half width}; `rank` pixels at most are below the
// median. Keys are without a sign here, so that the highest bit is one as any.
#if BITS == 32 || defined(ONE_PIXEL)
#ifndef SIGN
#define SIGN 0x80000000u
#endif
typedef PACK(UNSIGNED_T) bits;
#ifdef ONE_PIXEL
#define ONE_IF(condition) ((condition) ? 1 : 0)
#else
#define ONE_IF(condition) (-(condition))
#endif

kernel void median__bits(global const SRC_T* restrict src, global SRC_T* restrict dst,
                         global const int4* restrict rows, const int row_count, const int rank,
                         const uint4 unsigned_size) {
  const int4 size = convert_int4(unsigned_size);
  const int x = (int)get_global_id(0) * LANES, y = (int)get_global_id(1);
  const int z = (int)get_global_id(2);
  if (x >= size.x || y >= size.y) return;
  bits median = 0;
  for (int bit = BITS - 1; bit >= 0; --bit) {
    const bits tried = median | (UNSIGNED_T)(1u << bit);
    PACK(int) below = 0;
    for (int r = 0; r < row_count; ++r) {
      global const SRC_T* row = row_at(src, y + rows[r].x, z + rows[r].y, size);
      for (int dx = -rows[r].z; dx <= rows[r].z; ++dx) {
        const bits key = AS_PACK(UNSIGNED_T, keys_at(row, x + dx, size.x));
        below += ONE_IF((key ^ (UNSIGNED_T)SIGN) < tried);
      }
    }
    median = below <= rank ? tried : median;
  }
  median ^= (UNSIGNED_T)SIGN;
  put(AS_PACK(KEY_T, median), dst + x + (size_t)size.x * (y + (size_t)size.y * z), size.x - x);
}
#endif
