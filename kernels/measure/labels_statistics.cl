// SPDX-License-Identifier: BSD-3-Clause
// Size, place and intensity of every label.
//
//   runs      how many runs (pixels of one label side by side in a row) each label has
//   collect   after a prefix sum each run is written into its label's part of a list, in any order
//   measure   a work-item puts one label's runs into raster order and goes over their pixels once
//
// So sums are added up in raster order on every device. Sums of floats carry their rounding errors
// along in a second float (Knuth, TAOCP 2, 4.2.2), those of integers are exact.

#define PIECE 256
#define COLUMNS 16

#ifndef IS_NARROW  // integers of 8 and 16 bits: squares fit 64 bits
#define IS_NARROW 0
#define IS_FLOAT
#endif

kernel void labels_statistics__runs(global const uint* restrict label, volatile global uint* runs,
                                    const uint4 size) {
  const uint x0 = (uint)get_global_id(0) * PIECE;
  if (x0 >= size.x) return;
  const uint x1 = min(x0 + PIECE, size.x);
  label += size.x * (get_global_id(1) + (size_t)size.y * get_global_id(2));
  for (uint x = x0; x < x1; ++x)
    if (label[x] != 0 && (x == x0 || label[x] != label[x - 1])) atomic_inc(runs + label[x]);
}

kernel void labels_statistics__collect(global const uint* restrict label,
                                       volatile global uint* next, global uint4* restrict list,
                                       const uint4 size) {
  const uint x0 = (uint)get_global_id(0) * PIECE;
  if (x0 >= size.x) return;
  const uint x1 = min(x0 + PIECE, size.x), y = (uint)get_global_id(1), z = (uint)get_global_id(2);
  label += size.x * (y + (size_t)size.y * z);
  uint begin = x0;
  for (uint x = x0; x < x1; ++x) {
    if (x + 1 < x1 && label[x + 1] == label[x]) continue;
    if (label[x] != 0) list[atomic_inc(next + label[x])] = (uint4)(begin, y, z, x + 1 - begin);
    begin = x + 1;
  }
}

bool comes_before(const uint4 a, const uint4 b) {
  return a.z != b.z ? a.z < b.z : a.y != b.y ? a.y < b.y : a.x < b.x;
}

// Shell's sort with the gaps (3^k - 1) / 2: runs come nearly sorted, and no order is slow.
void sort_runs(global uint4* restrict run, const uint count) {
  uint gap = 1;
  while (gap < count / 3) gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3)
    for (uint i = gap; i < count; ++i) {
      const uint4 moving = run[i];
      uint to = i;
      for (; to >= gap && comes_before(moving, run[to - gap]); to -= gap) run[to] = run[to - gap];
      run[to] = moving;
    }
}

// total.x + total.y is the sum of the values so far.
float2 add_to(const float2 total, const float value) {
  const float sum = total.x + value, of_value = sum - total.x;
  return (float2)(sum, total.y + ((total.x - (sum - of_value)) + (value - of_value)));
}
float2 add_square_to(const float2 total, const float value) {
  const float square = value * value;
  const float2 sum = add_to(total, square);
  return (float2)(sum.x, sum.y + fma(value, value, -square));
}
long packed(const float2 total) { return ((long)as_int(total.y) << 32) | (long)as_uint(total.x); }

kernel void labels_statistics__measure(global uint4* restrict list, global const uint* restrict end,
                                       global const SRC_T* restrict src,
                                       global long* restrict table, const uint labels,
                                       const uint4 size) {
  const uint label = (uint)get_global_id(0);
  if (label >= labels) return;
  table += (size_t)label * COLUMNS;
  const uint first = label == 0 ? 0 : end[label - 1], count = end[label] - first;
  table[0] = 0;
  if (count == 0) return;
  list += first;
  sort_runs(list, count);

  ulong area = 0, sum_x = 0, sum_y = 0, sum_z = 0;
  uint4 low = list[0], high = list[0];
  const SRC_T shift = src[list[0].x + size.x * (list[0].y + (size_t)size.y * list[0].z)];
  SRC_T least = shift, most = shift;
#ifdef IS_FLOAT
  float2 total = 0, shifted = 0;
#else
  long total = 0, shifted = 0;
#endif
#if IS_NARROW
  ulong squares = 0;
#else
  float2 squares = 0;
#endif
  for (uint r = 0; r < count; ++r) {
    const uint4 run = list[r];
    const ulong length = run.w;
    area += length;
    sum_x += length * run.x + length * (length - 1) / 2;
    sum_y += length * run.y;
    sum_z += length * run.z;
    low = min(low, run);
    high = max(high, (uint4)(run.x + run.w - 1, run.y, run.z, 0));
    global const SRC_T* row = src + run.x + size.x * (run.y + (size_t)size.y * run.z);
    for (uint x = 0; x < run.w; ++x) {
      const SRC_T pixel = row[x];
      least = pixel < least ? pixel : least;
      most = pixel > most ? pixel : most;
#ifdef IS_FLOAT
      const float apart = pixel - shift;
      total = add_to(total, pixel);
      shifted = add_to(shifted, apart);
      squares = add_square_to(squares, apart);
#else
      const long apart = (long)pixel - (long)shift;
      total += pixel;
      shifted += apart;
#if IS_NARROW
      squares += (ulong)(apart * apart);
#else
      squares = add_square_to(squares, (float)apart);
#endif
#endif
    }
  }
  table[0] = (long)area;
  table[1] = (long)sum_x;
  table[2] = (long)sum_y;
  table[3] = (long)sum_z;
  table[4] = low.x;
  table[5] = low.y;
  table[6] = low.z;
  table[7] = high.x;
  table[8] = high.y;
  table[9] = high.z;
#ifdef IS_FLOAT
  table[10] = as_int(least);
  table[11] = as_int(most);
  table[12] = packed(total);
  table[13] = packed(shifted);
#else
  table[10] = least;
  table[11] = most;
  table[12] = total;
  table[13] = shifted;
#endif
#if IS_NARROW
  table[14] = (long)squares;
#else
  table[14] = packed(squares);
#endif
}
