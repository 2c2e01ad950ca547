// SPDX-License-Identifier: BSD-3-Clause
// Size, place and intensity of every label.
//
//   runs      how many runs each label has: pixels of one label side by side in a row, which is cut
//             every PIECE pixels
//   collect   after a prefix sum each run is written into its label's part of a list, in any order
//   sort      puts one label's runs into raster order
//   measure   a work-item goes over the pixels of one run
//   combine   brings one label's runs together; where labels are many, a CPU sorts and measures
//             their runs here, too
//
// Pieces are shared out among `bands` bands, in raster order, and a label's runs are counted,
// collected and sorted band by band, in segments: label * bands + band.
//
// On a CPU a work-item goes over a piece of a row, or over the runs of a label. On a GPU (`pixel`)
// a work-item looks at one pixel, and (`shared`) a work-group combines the runs of a label.
//
// The order of sums is the same on every device: of a label's runs in raster order lane k adds up
// runs k, k + LANES, ...; then lanes are added pairwise. Sums of floats carry their rounding errors
// along in a second float (Knuth, TAOCP 2, 4.2.2), those of integers are exact.

#define PIECE 256
#define COLUMNS 16
#define LANES 64
#define RUN_COLUMNS 5  // least, most, total, shifted, squares

#ifndef IS_NARROW  // integers of 8 and 16 bits: squares fit 64 bits
#define IS_NARROW 0
#define IS_FLOAT
#endif

size_t row_of(const size_t y, const size_t z, const uint4 size) { return y + size.y * z; }

// `per_band`: pieces of a band
uint segment_of(const uint label, const uint x, const size_t row, const uint4 size,
                const uint bands, const uint per_band) {
  const uint piece = (uint)row * ((size.x - 1) / PIECE + 1) + x / PIECE;
  return label * bands + piece / per_band;
}

kernel void labels_statistics__runs(global const uint* restrict label, volatile global uint* runs,
                                    const uint4 size, const uint bands, const uint per_band) {
  const uint x0 = (uint)get_global_id(0) * PIECE;
  if (x0 >= size.x) return;
  const uint x1 = min(x0 + PIECE, size.x);
  const size_t row = row_of(get_global_id(1), get_global_id(2), size);
  label += size.x * row;
  for (uint x = x0; x < x1; ++x)
    if (label[x] != 0 && (x == x0 || label[x] != label[x - 1]))
      atomic_inc(runs + segment_of(label[x], x, row, size, bands, per_band));
}

kernel void labels_statistics__pixel_runs(global const uint* restrict label,
                                          volatile global uint* runs, const uint4 size,
                                          const uint bands, const uint per_band) {
  const uint x = (uint)get_global_id(0);
  const size_t row = row_of(get_global_id(1), get_global_id(2), size);
  if (x >= size.x || get_global_id(1) >= size.y || get_global_id(2) >= size.z) return;
  label += size.x * row;
  if (label[x] != 0 && (x % PIECE == 0 || label[x] != label[x - 1]))
    atomic_inc(runs + segment_of(label[x], x, row, size, bands, per_band));
}

kernel void labels_statistics__collect(global const uint* restrict label,
                                       volatile global uint* next, global uint4* restrict list,
                                       const uint4 size, const uint bands, const uint per_band) {
  const uint x0 = (uint)get_global_id(0) * PIECE;
  if (x0 >= size.x) return;
  const uint x1 = min(x0 + PIECE, size.x), y = (uint)get_global_id(1), z = (uint)get_global_id(2);
  const size_t row = row_of(y, z, size);
  label += size.x * row;
  uint begin = x0;
  for (uint x = x0; x < x1; ++x) {
    if (x + 1 < x1 && label[x + 1] == label[x]) continue;
    if (label[x] != 0)
      list[atomic_inc(next + segment_of(label[x], x, row, size, bands, per_band))] =
          (uint4)(begin, y, z, x + 1 - begin);
    begin = x + 1;
  }
}

kernel void labels_statistics__pixel_collect(global const uint* restrict label,
                                             volatile global uint* next,
                                             global uint4* restrict list, const uint4 size,
                                             const uint bands, const uint per_band) {
  const uint x = (uint)get_global_id(0), y = (uint)get_global_id(1), z = (uint)get_global_id(2);
  if (x >= size.x || y >= size.y || z >= size.z) return;
  const size_t row = row_of(y, z, size);
  label += size.x * row;
  const uint mine = label[x];
  if (mine == 0 || (x % PIECE != 0 && mine == label[x - 1])) return;
  uint end = x + 1;
  while (end < size.x && end % PIECE != 0 && label[end] == mine) ++end;
  list[atomic_inc(next + segment_of(mine, x, row, size, bands, per_band))] =
      (uint4)(x, y, z, end - x);
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

// total.x + total.y is the sum so far; `run` is another one.
float2 add_sum_to(const float2 total, const float2 run) {
  const float sum = total.x + run.x, of_run = sum - total.x;
  return (float2)(sum, total.y + ((total.x - (sum - of_run)) + (run.x - of_run)) + run.y);
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
#if !IS_NARROW
  float3 sums = 0, errors = 0;  // as add_sum_to does: of pixels, of deviations, of their squares
#endif
  for (uint x = 0; x < length; ++x) {
    const SRC_T pixel = src[x];
    run.least = pixel < run.least ? pixel : run.least;
    run.most = pixel > run.most ? pixel : run.most;
#ifdef IS_FLOAT
    const float apart = pixel - shift;
#else
    const long apart = (long)pixel - (long)shift;
    run.total += pixel;
#endif
#if IS_NARROW
    run.shifted += apart;
    run.squares += apart * apart;
#else
    const float deviation = (float)apart, square = deviation * deviation;
    const float3 values = (float3)((float)pixel, deviation, square);
    const float3 more = sums + values, of_values = more - sums;
    errors += (sums - (more - of_values)) + (values - of_values);
    errors.z += fma(deviation, deviation, -square);
    sums = more;
#endif
  }
#ifdef IS_FLOAT
  run.total = (float2)(sums.x, errors.x);
#endif
#if !IS_NARROW
  run.shifted = (float2)(sums.y, errors.y);
  run.squares = (float2)(sums.z, errors.z);
#endif
  return run;
}

intensity measured_run(global const long* restrict sums) {
  const intensity run = {PIXEL_OF_LONG(sums[0]), PIXEL_OF_LONG(sums[1]), TOTAL_OF_LONG(sums[2]),
                         DEVIATION_OF_LONG(sums[3]), DEVIATION_OF_LONG(sums[4])};
  return run;
}

// A segment ends where the next one begins; before the first one there is nothing.
uint begin_of(global const uint* restrict end, const uint segment) {
  return segment == 0 ? 0 : end[segment - 1];
}

kernel void labels_statistics__sort(global uint4* restrict list, global const uint* restrict end,
                                    const uint segments) {
  const uint segment = (uint)get_global_id(0);
  if (segment >= segments) return;
  const uint first = begin_of(end, segment);
  sort_runs(list + first, end[segment] - first);
}

kernel void labels_statistics__measure(global const uint4* restrict list,
                                       global const uint* restrict end,
                                       global const uint* restrict labels,
                                       global const SRC_T* restrict src, global long* restrict sums,
                                       const uint runs, const uint4 size, const uint bands) {
  const uint r = (uint)get_global_id(0);
  if (r >= runs) return;
  const size_t begin = index_of(list[r], size);
  const uint first = begin_of(end, labels[begin] * bands);  // of the label
  const SRC_T shift = src[index_of(list[first], size)];
  const intensity run = measure_run(src + begin, list[r].w, shift);
  sums += (size_t)r * RUN_COLUMNS;
  sums[0] = PIXEL_TO_LONG(run.least);
  sums[1] = PIXEL_TO_LONG(run.most);
  sums[2] = TOTAL_TO_LONG(run.total);
  sums[3] = DEVIATION_TO_LONG(run.shifted);
  sums[4] = DEVIATION_TO_LONG(run.squares);
}

// What is added up for a label.
typedef struct {
  ulong area, x, y, z;
  uint4 low, high;
  intensity pixels;
} label_sums;

intensity sum_of_intensities(const intensity a, const intensity b) {
  const intensity sum = {b.least < a.least ? b.least : a.least, b.most > a.most ? b.most : a.most,
                         ADD_TOTAL(a.total, b.total), ADD_DEVIATION(a.shifted, b.shifted),
                         ADD_DEVIATION(a.squares, b.squares)};
  return sum;
}

label_sums sums_of_run(const uint4 at, const intensity pixels) {
  const ulong length = at.w;
  const label_sums sums = {
      length, length * at.x + length * (length - 1) / 2, length * at.y, length * at.z,
      at,     (uint4)(at.x + at.w - 1, at.y, at.z, 0),   pixels};
  return sums;
}

label_sums sum_of_runs(const label_sums a, const label_sums b) {
  const label_sums sum = {a.area + b.area,
                          a.x + b.x,
                          a.y + b.y,
                          a.z + b.z,
                          min(a.low, b.low),
                          max(a.high, b.high),
                          sum_of_intensities(a.pixels, b.pixels)};
  return sum;
}

void write_row(global long* restrict table, const label_sums all) {
  table[0] = (long)all.area;
  table[1] = (long)all.x;
  table[2] = (long)all.y;
  table[3] = (long)all.z;
  table[4] = all.low.x;
  table[5] = all.low.y;
  table[6] = all.low.z;
  table[7] = all.high.x;
  table[8] = all.high.y;
  table[9] = all.high.z;
  table[10] = PIXEL_TO_LONG(all.pixels.least);
  table[11] = PIXEL_TO_LONG(all.pixels.most);
  table[12] = TOTAL_TO_LONG(all.pixels.total);
  table[13] = DEVIATION_TO_LONG(all.pixels.shifted);
  table[14] = DEVIATION_TO_LONG(all.pixels.squares);
}

// Where runs are measured they are sorted, too, and `sums` holds theirs; else both is done here,
// and there is one band.
kernel void labels_statistics__combine(global uint4* restrict list, global const uint* restrict end,
                                       global const SRC_T* restrict src,
                                       global const long* restrict sums,
                                       global long* restrict table, const uint labels,
                                       const uint4 size, const int is_measured) {
  const uint label = (uint)get_global_id(0);
  if (label >= labels) return;
  table += (size_t)label * COLUMNS;
  const uint first = begin_of(end, label), last = end[label];
  table[0] = 0;
  if (first == last) return;
  if (!is_measured) sort_runs(list + first, last - first);
  const SRC_T shift = src[index_of(list[first], size)];
  label_sums all;
  intensity lane[LANES];
  for (uint r = first; r < last; ++r) {
    const uint4 at = list[r];
    const intensity run = is_measured ? measured_run(sums + (size_t)r * RUN_COLUMNS)
                                      : measure_run(src + index_of(at, size), at.w, shift);
    const label_sums more = sums_of_run(at, run);
    all = r == first ? more : sum_of_runs(all, more);
    const uint k = (r - first) % LANES;
    lane[k] = r - first < LANES ? run : sum_of_intensities(lane[k], run);
  }
  const uint lanes = min(last - first, (uint)LANES);
  for (uint n = LANES / 2; n > 0; n /= 2)
    for (uint k = 0; k < n && k + n < lanes; ++k)
      lane[k] = sum_of_intensities(lane[k], lane[k + n]);
  all.pixels = lane[0];
  write_row(table, all);
}

kernel void labels_statistics__shared_combine(global const uint4* restrict list,
                                              global const uint* restrict end,
                                              global const long* restrict sums,
                                              global long* restrict table, const uint bands) {
  local label_sums lane[LANES];
  const uint label = (uint)get_global_id(0);
  const uint item = (uint)get_local_id(1), items = (uint)get_local_size(1);
  const uint first = begin_of(end, label * bands), last = end[label * bands + bands - 1];
  for (uint k = item; k < LANES && first + k < last; k += items)
    for (uint r = first + k; r < last; r += LANES) {
      const label_sums more = sums_of_run(list[r], measured_run(sums + (size_t)r * RUN_COLUMNS));
      lane[k] = r < first + LANES ? more : sum_of_runs(lane[k], more);
    }
  const uint lanes = min(last - first, (uint)LANES);
  for (uint n = LANES / 2; n > 0; n /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint k = item; k < n && k + n < lanes; k += items)
      lane[k] = sum_of_runs(lane[k], lane[k + n]);
  }
  if (item != 0) return;
  table += (size_t)label * COLUMNS;
  if (first == last)
    table[0] = 0;
  else
    write_row(table, lane[0]);
}
