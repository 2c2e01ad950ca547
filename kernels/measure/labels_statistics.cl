// SPDX-License-Identifier: BSD-3-Clause
// Size, place and intensity of every label.
//
//   runs      how many runs each label has: pixels of one label side by side in a row, which is cut
//             every PIECE pixels
//   collect   after a prefix sum each run is written into its label's part of a list, in any order
//   sort      a work-item puts one label's runs into raster order
//   measure   a work-item goes over the pixels of one run
//   combine   a work-item brings one label's runs together, in raster order; where labels are many,
//             a CPU sorts and measures their runs here, too
//
// So the order of sums is the same on every device. Sums of floats carry their rounding errors
// along in a second float (Knuth, TAOCP 2, 4.2.2), those of integers are exact.

#define PIECE 256
#define COLUMNS 16
#define RUN_COLUMNS 5  // least, most, total, shifted, squares

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
float2 add_sum_to(const float2 total, const float2 run) {
  const float2 sum = add_to(total, run.x);
  return (float2)(sum.x, sum.y + run.y);
}
long packed(const float2 total) { return ((long)as_int(total.y) << 32) | (long)as_uint(total.x); }
float2 unpacked(const long total) {
  return (float2)(as_float((int)(total & 0xffffffff)), as_float((int)(total >> 32)));
}

// How pixels and sums are added up, and kept in a table of longs. A sum of unsigned pixels is a
// ulong, in which the same bits are added.
#ifdef IS_FLOAT
#define PIXEL_TO_LONG(pixel) as_int(pixel)
#define PIXEL_OF_LONG(value) as_float((int)(value))
#define TOTAL_T float2
#define ADD_TOTAL(total, run) add_sum_to(total, run)
#define TOTAL_TO_LONG(total) packed(total)
#define TOTAL_OF_LONG(value) unpacked(value)
#else
#define PIXEL_TO_LONG(pixel) (pixel)
#define PIXEL_OF_LONG(value) ((SRC_T)(value))
#define TOTAL_T long
#define ADD_TOTAL(total, run) ((total) + (run))
#define TOTAL_TO_LONG(total) (total)
#define TOTAL_OF_LONG(value) (value)
#endif
#if IS_NARROW
#define DEVIATION_T long
#define ADD_DEVIATION(total, run) ((total) + (run))
#define DEVIATION_TO_LONG(total) (total)
#define DEVIATION_OF_LONG(value) (value)
#else
#define DEVIATION_T float2
#define ADD_DEVIATION(total, run) add_sum_to(total, run)
#define DEVIATION_TO_LONG(total) packed(total)
#define DEVIATION_OF_LONG(value) unpacked(value)
#endif

// What is added up for one run; `shifted` and `squares` of the pixels minus the label's first one.
typedef struct {
  SRC_T least, most;
  TOTAL_T total;
  DEVIATION_T shifted, squares;
} intensity;

size_t index_of(const uint4 run, const uint4 size) {
  return run.x + size.x * (run.y + (size_t)size.y * run.z);
}

intensity measure_run(global const SRC_T* restrict src, const uint length, const SRC_T shift) {
  intensity run = {shift, shift, 0, 0, 0};
  for (uint x = 0; x < length; ++x) {
    const SRC_T pixel = src[x];
    run.least = pixel < run.least ? pixel : run.least;
    run.most = pixel > run.most ? pixel : run.most;
#ifdef IS_FLOAT
    const float apart = pixel - shift;
    run.total = add_to(run.total, pixel);
#else
    const long apart = (long)pixel - (long)shift;
    run.total += pixel;
#endif
#if IS_NARROW
    run.shifted += apart;
    run.squares += apart * apart;
#else
    run.shifted = add_to(run.shifted, (float)apart);
    run.squares = add_square_to(run.squares, (float)apart);
#endif
  }
  return run;
}

intensity measured_run(global const long* restrict sums) {
  const intensity run = {PIXEL_OF_LONG(sums[0]), PIXEL_OF_LONG(sums[1]), TOTAL_OF_LONG(sums[2]),
                         DEVIATION_OF_LONG(sums[3]), DEVIATION_OF_LONG(sums[4])};
  return run;
}

kernel void labels_statistics__sort(global uint4* restrict list, global const uint* restrict end,
                                    const uint labels) {
  const uint label = (uint)get_global_id(0);
  if (label >= labels) return;
  const uint first = label == 0 ? 0 : end[label - 1];
  sort_runs(list + first, end[label] - first);
}

kernel void labels_statistics__measure(global const uint4* restrict list,
                                       global const uint* restrict end,
                                       global const uint* restrict labels,
                                       global const SRC_T* restrict src, global long* restrict sums,
                                       const uint runs, const uint4 size) {
  const uint r = (uint)get_global_id(0);
  if (r >= runs) return;
  const size_t begin = index_of(list[r], size);
  const SRC_T shift = src[index_of(list[end[labels[begin] - 1]], size)];
  const intensity run = measure_run(src + begin, list[r].w, shift);
  sums += (size_t)r * RUN_COLUMNS;
  sums[0] = PIXEL_TO_LONG(run.least);
  sums[1] = PIXEL_TO_LONG(run.most);
  sums[2] = TOTAL_TO_LONG(run.total);
  sums[3] = DEVIATION_TO_LONG(run.shifted);
  sums[4] = DEVIATION_TO_LONG(run.squares);
}

// Where runs are measured they are sorted, too, and `sums` holds theirs; else both is done here.
kernel void labels_statistics__combine(global uint4* restrict list, global const uint* restrict end,
                                       global const SRC_T* restrict src,
                                       global const long* restrict sums,
                                       global long* restrict table, const uint labels,
                                       const uint4 size, const int is_measured) {
  const uint label = (uint)get_global_id(0);
  if (label >= labels) return;
  table += (size_t)label * COLUMNS;
  const uint first = label == 0 ? 0 : end[label - 1], last = end[label];
  table[0] = 0;
  if (first == last) return;
  if (!is_measured) sort_runs(list + first, last - first);
  ulong area = 0, sum_x = 0, sum_y = 0, sum_z = 0;
  uint4 low = list[first], high = list[first];
  const SRC_T shift = src[index_of(low, size)];
  intensity all = {shift, shift, 0, 0, 0};
  for (uint r = first; r < last; ++r) {
    const uint4 at = list[r];
    const ulong length = at.w;
    area += length;
    sum_x += length * at.x + length * (length - 1) / 2;
    sum_y += length * at.y;
    sum_z += length * at.z;
    low = min(low, at);
    high = max(high, (uint4)(at.x + at.w - 1, at.y, at.z, 0));
    const intensity run = is_measured ? measured_run(sums + (size_t)r * RUN_COLUMNS)
                                      : measure_run(src + index_of(at, size), at.w, shift);
    all.least = run.least < all.least ? run.least : all.least;
    all.most = run.most > all.most ? run.most : all.most;
    all.total = ADD_TOTAL(all.total, run.total);
    all.shifted = ADD_DEVIATION(all.shifted, run.shifted);
    all.squares = ADD_DEVIATION(all.squares, run.squares);
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
  table[10] = PIXEL_TO_LONG(all.least);
  table[11] = PIXEL_TO_LONG(all.most);
  table[12] = TOTAL_TO_LONG(all.total);
  table[13] = DEVIATION_TO_LONG(all.shifted);
  table[14] = DEVIATION_TO_LONG(all.squares);
}
