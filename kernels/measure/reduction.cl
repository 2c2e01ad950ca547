// SPDX-License-Identifier: BSD-3-Clause
// The least and the greatest pixel, and histograms. A work-item goes over a part of `part` pixels,
// or (`shared`) a work-group does, which lies along y.

#ifndef WIDE_T
#define WIDE_T float  // of differences of pixels, which are exact for integers
#define IS_FLOAT
#endif

// Numbers in the order of the pixels. Of floats -infinity is 0, and NaN are the greatest; or, with
// NAN_FIRST added, the least.
#ifdef IS_FLOAT
#define NUMBER_T uint
#define NAN_FIRST 0x00fffffeu
VECTOR(uint) numbers_of(const VECTOR(float) pixels) {
  return AS(VECTOR(uint), ORDER(AS(VECTOR(int), pixels))) + 0x7f800001u;
}
float pixel_of(const uint number) {
  const int bits = (int)(number - 0x7f800001u);
  return as_float(ORDER(bits));
}
#define WORD(number) (number)
#else
#define NUMBER_T SRC_T
#define NAN_FIRST ((SRC_T)0)
#define numbers_of(pixels) (pixels)
#define SIGN ((SRC_T)(-1) < 0 ? 0x80000000u : 0)
#define WORD(number) ((uint)(number) ^ SIGN)
long pixel_of(const uint rank) { return SIGN == 0 ? (long)rank : (long)(int)(rank ^ SIGN); }
#endif

// The greatest of ~WORD(least pixel) and WORD(greatest pixel), among every VEC pixels from `first`
// on, which are `step` apart. 0 stands for no pixel.
uint2 extrema_of(global const SRC_T* src, const size_t first, const size_t step, const size_t end) {
  if (first >= end) return 0;
  VECTOR(NUMBER_T) least = numbers_of((VECTOR(SRC_T))(src[first])), most = least + NAN_FIRST;
  size_t i = first;
#define NUMBERS_AT(i) numbers_of(LOAD_ALIGNED(SRC_T, src + (i)))
  for (; i + 3 * step + VEC <= end; i += 4 * step) {  // four do not wait for each other
    const VECTOR(NUMBER_T) a = NUMBERS_AT(i), b = NUMBERS_AT(i + step);
    const VECTOR(NUMBER_T) c = NUMBERS_AT(i + 2 * step), d = NUMBERS_AT(i + 3 * step);
    least = min(least, min(min(a, b), min(c, d)));
    most = max(most, max(max(a + NAN_FIRST, b + NAN_FIRST), max(c + NAN_FIRST, d + NAN_FIRST)));
  }
  for (; i + VEC <= end; i += step) {
    const VECTOR(NUMBER_T) next = numbers_of(LOAD_ALIGNED(SRC_T, src + i));
    least = min(least, next);
    most = max(most, next + NAN_FIRST);
  }
  for (; i < end; ++i) {
    const VECTOR(NUMBER_T) next = numbers_of((VECTOR(SRC_T))(src[i]));
    least = min(least, next);
    most = max(most, next + NAN_FIRST);
  }
  NUMBER_T low[VEC], high[VEC];
  STORE(least, low);
  STORE(most, high);
  for (int k = 1; k < VEC; ++k) {
    low[0] = min(low[0], low[k]);
    high[0] = max(high[0], high[k]);
  }
  return (uint2)(~WORD(low[0]), WORD(high[0]));
}

// To two words, or where `are_apart` to two of its own for each part.
void put_extrema(volatile global uint* extrema, const uint2 more, const uint are_apart) {
  if (are_apart) {
    vstore2(more, get_global_id(0), (global uint*)extrema);
  } else {
    atomic_max(extrema, more.x);
    atomic_max(extrema + 1, more.y);
  }
}

kernel void reduction__extrema(global const SRC_T* restrict src, volatile global uint* extrema,
                               const uint are_apart, const ulong count, const ulong part) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  if (begin < count) put_extrema(extrema, extrema_of(src, begin, VEC, end), are_apart);
}

kernel void reduction__shared_extrema(global const SRC_T* restrict src,
                                      volatile global uint* extrema, const uint are_apart,
                                      const ulong count, const ulong part,
                                      local uint2* restrict shared) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  const size_t item = get_local_id(1), items = get_local_size(1);
  shared[item] = extrema_of(src, begin + item * VEC, items * VEC, end);
  for (size_t left = items, next; left > 1; left = next) {
    next = (left + 1) / 2;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item + next < left) shared[item] = max(shared[item], shared[item + next]);
  }
  if (item == 0) put_extrema(extrema, shared[0], are_apart);
}

// Bins are of pixels, in equal steps between two of them; or OF_RANKS, where bin i holds those
// whose ranks have first + (i << shift) before their last `shift` bits.
#ifdef OF_RANKS
#define RANGE_PARAMETERS const uint first_rank, const uint shift
#define RANGE first_rank, shift
typedef struct {
  uint first, shift;
  int count;
} bins_t;

bins_t bins_of(const uint2 extrema, const int count, RANGE_PARAMETERS) {
  (void)extrema;
  const bins_t bins = {first_rank, shift, count};
  return bins;
}

// `bins.count` or more for pixels outside.
VECTOR(uint) bin_of(const VECTOR(SRC_T) src, const bins_t* bins) {
  return (RANKS(src) - bins->first) >> bins->shift;
}

#else
#define RANGE_PARAMETERS const float minimum, const float maximum, const long origin
#define RANGE minimum, maximum, origin
// Edge i is i * step + first. One edge more ends the last bin, which holds `last`, too.
typedef struct {
  float first, last, step, scale;
  int count;
  int are_wide;  // an edge is closer to its place by `scale` than half a bin
  WIDE_T origin;
} bins_t;

// a / b for a of at least 0 and whole b, rounded once: a device's own division may miss by 2.5
// units in the last place.
float quotient(const float a, const uint b) {
  const uint exponent = max(as_uint(a) >> 23, 1u), is_normal = as_uint(a) >= 0x800000;
  const ulong numerator = (ulong)((as_uint(a) & 0x7fffff) | is_normal << 23) << 40;
  const ulong whole = numerator / b, is_inexact = whole * b != numerator;
  return ldexp((float)(whole | is_inexact), (int)exponent - 190);
}

// Where minimum or maximum is NaN it is that of the pixels, which are counted relative to `origin`.
bins_t bins_of(const uint2 extrema, const int count, RANGE_PARAMETERS) {
  float first = minimum, last = maximum;
  if (isnan(minimum)) first = (float)(pixel_of(~extrema.x) - (WIDE_T)origin);
  if (isnan(maximum)) last = (float)(pixel_of(extrema.y - NAN_FIRST) - (WIDE_T)origin);
  if (isnan(first) && isnan(last)) {
    first = 0;
    last = 1;
  }
  if (first == last) {
    first -= 0.5f;
    last += 0.5f;
  }
  const float scale = count / (last - first), widest = fmax(fabs(first), fabs(last));
  const float rounding = widest * 0x1p-23f * scale;
  const bins_t bins = {first,         last,  quotient(last - first, count),
                       scale,         count, count * 0x1p-20f + 3 * rounding < 0.5f,
                       (WIDE_T)origin};
  return bins;
}

int bin_by_search(const float pixel, const bins_t* bins) {
  int bin = 0;
  for (int end = bins->count; end - bin > 1;) {
    const int middle = bin + (end - bin) / 2;
    if (pixel < middle * bins->step + bins->first)
      end = middle;
    else
      bin = middle;
  }
  return bin;
}

// The bin of each pixel: that below or above the edge next to it. `bins->count` for those outside.
VECTOR(uint) bin_of(const VECTOR(SRC_T) src, const bins_t* bins) {
  const VECTOR(float) pixels = TO_VECTOR(float, TO_VECTOR(WIDE_T, src) - bins->origin);
  const VECTOR(int) is_inside = (pixels >= bins->first) & (pixels <= bins->last);
  VECTOR(int) bin;
  if (bins->are_wide) {
    const VECTOR(float) place = is_inside ? (pixels - bins->first) * bins->scale : 0;
    bin = TO_VECTOR(int, place + 0.5f);
    bin += pixels < TO_VECTOR(float, bin) * bins->step + bins->first;  // true is -1
    bin = clamp(bin, (VECTOR(int))(0), (VECTOR(int))(bins->count - 1));
  } else {
    float pixel[VEC];
    int found[VEC];
    STORE(pixels, pixel);
    for (int k = 0; k < VEC; ++k) found[k] = bin_by_search(pixel[k], bins);
    bin = LOAD(found);
  }
  return AS(VECTOR(uint), is_inside ? bin : bins->count);
}
#endif

// Pixels i, i + 1, ..., of which those beyond the last one repeat it.
VECTOR(SRC_T) pixels_at(global const SRC_T* src, const size_t i, const size_t end) {
  if (i + VEC <= end) return LOAD_ALIGNED(SRC_T, src + i);
  SRC_T pixel[VEC];
  for (size_t k = 0; k < VEC; ++k) pixel[k] = src[min(i + k, end - 1)];
  return LOAD(pixel);
}

// The bins of pixels i, i + 1, ...; `bins->count` for those outside, or where the MASK is 0.
#ifdef MASK
#define IMAGES global const SRC_T *restrict src, global const uchar *restrict mask
#define BINS_AT(i) bins_at(src, mask, i, end, &bins)
DEFINE_GET_IN_ROW(mask_in_row, uchar)
VECTOR(uint) bins_at(IMAGES, const size_t i, const size_t end, const bins_t* bins) {
  const VECTOR(uint) bin = bin_of(pixels_at(src, i, end), bins), outside = bins->count;
  const VECTOR(int) is_in = TO_VECTOR(int, mask_in_row(mask + i, (int)min((size_t)VEC, end - i)));
  return is_in != 0 ? min(bin, outside) : outside;
}
#else
#define IMAGES global const SRC_T* restrict src
#define BINS_AT(i) bins_at(src, i, end, &bins)
VECTOR(uint) bins_at(IMAGES, const size_t i, const size_t end, const bins_t* bins) {
  return min(bin_of(pixels_at(src, i, end), bins), (VECTOR(uint))(bins->count));
}
#endif

// Counts of pixels per bin: bin i holds edge i <= pixel < edge i + 1, the last one its upper edge,
// too, as numpy.histogram. `counts` holds the extrema, then two words for each bin, the low one
// first.
uint2 extrema_in(volatile global const uint* counts) { return (uint2)(counts[0], counts[1]); }

void add_count(volatile global uint* counts, const int bin, const uint more) {
  const uint low = atomic_add(counts + 2 * (bin + 1), more);
  if (low + more < low) atomic_inc(counts + 2 * (bin + 1) + 1);
}

// Each work-item has COPIES tables of its own, for neighbouring pixels that fall into one bin.
#define COPIES 4
#define STAGE 64  // pixels whose bins are found before they are counted

kernel void reduction__histogram(IMAGES, volatile global uint* counts, const int count_of_bins,
                                 RANGE_PARAMETERS, const ulong count, const ulong part,
                                 global uint* restrict tables) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  if (begin >= count) return;
  const bins_t bins = bins_of(extrema_in(counts), count_of_bins, RANGE);
  const size_t size = bins.count + 1;  // the last one counts those outside
  tables += get_global_id(0) * COPIES * size;
  for (size_t i = 0; i < COPIES * size; ++i) tables[i] = 0;
  uint bin[STAGE] __attribute__((aligned(sizeof(VECTOR(uint)))));
  for (uint k = 0; k < VEC; ++k) bin[k] = k % COPIES * (uint)size;
  const VECTOR(uint) table = LOAD(bin);
  for (size_t i = begin; i < end; i += STAGE) {
    for (size_t k = 0; k < STAGE && i + k < end; k += VEC)
      *(VECTOR(uint)*)(bin + k) = table + BINS_AT(i + k);
    const size_t pixels = min((size_t)STAGE, end - i);
#pragma unroll 8
    for (size_t k = 0; k < pixels; ++k) ++tables[bin[k]];
  }
  for (int b = 0; b < bins.count; ++b) {
    uint sum = 0;
    for (size_t copy = 0; copy < COPIES; ++copy) sum += tables[b + copy * size];
    add_count(counts, b, sum);
  }
}

// A work-group counts the pixels of its part in bins slice * z and following, in `copies` tables of
// slice + 1 counters.
kernel void reduction__shared_histogram(IMAGES, volatile global uint* counts,
                                        const int count_of_bins, RANGE_PARAMETERS,
                                        const ulong count, const ulong part,
                                        local uint* restrict tables, const uint slice,
                                        const uint copies) {
  local bins_t shared_bins;
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  const size_t item = get_local_id(1), items = get_local_size(1);
  if (item == 0) shared_bins = bins_of(extrema_in(counts), count_of_bins, RANGE);
  for (size_t i = item; i < copies * (slice + 1); i += items) tables[i] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  const bins_t bins = shared_bins;
  const uint first = slice * (uint)get_global_id(2), here = min(slice, bins.count - first);
  volatile local uint* table = tables + item % copies * (slice + 1);
  for (size_t i = begin + item * VEC; i < end; i += items * VEC) {
    uint bin[VEC];
    STORE(BINS_AT(i) - first, bin);
    for (size_t k = 0; k < VEC; ++k)
      if (bin[k] < here && i + k < end) atomic_inc(table + bin[k]);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  for (size_t b = item; b < here; b += items) {
    uint sum = 0;
    for (size_t copy = 0; copy < copies; ++copy) sum += tables[b + copy * (slice + 1)];
    if (sum > 0) add_count(counts, (int)(first + b), sum);
  }
}

// Counts of pixels per bin in each block: along x, block i of n begins at pixel i * size.x / n, and
// so on. A work-item counts a block, or (SHARED) a work-group does, which lies along y.
#ifdef SHARED
#define COUNT(counter) atomic_inc(&(counter))
#else
#define COUNT(counter) ++(counter)
#endif
DEFINE_GET_IN_ROW(src_in_row, SRC_T)

kernel void reduction__block_histograms(global const SRC_T* restrict src,
                                        global uint* restrict counts, const int count_of_bins,
                                        RANGE_PARAMETERS, const uint4 size, const uint4 blocks,
                                        local uint* restrict table) {
  local bins_t shared_bins;
  const size_t block = get_global_id(0), item = get_local_id(1), items = get_local_size(1);
  const uint all_bins = (uint)count_of_bins;
  if (item == 0) shared_bins = bins_of((uint2)(0), count_of_bins, RANGE);
  const ulong4 at =
      (ulong4)(block % blocks.x, block / blocks.x % blocks.y, block / blocks.x / blocks.y, 0);
  const ulong4 all = convert_ulong4(size), n = max(convert_ulong4(blocks), (ulong4)(1));
  const ulong4 first = at * all / n, end = (at + 1) * all / n, extent = end - first;
  for (size_t b = item; b < all_bins; b += items) table[b] = 0;
  barrier(CLK_LOCAL_MEM_FENCE);
  const bins_t bins = shared_bins;
  const size_t vectors = (extent.x + VEC - 1) / VEC;
  for (size_t i = item; i < vectors * extent.y * extent.z; i += items) {
    const size_t x = first.x + i % vectors * VEC, row = i / vectors;
    const size_t y = first.y + row % extent.y, z = first.z + row / extent.y;
    const int here = (int)min((size_t)VEC, (size_t)(end.x - x));
    uint bin[VEC];
    STORE(bin_of(src_in_row(src + x + all.x * (y + all.y * z), here), &bins), bin);
    for (int k = 0; k < here; ++k)
      if (bin[k] < all_bins) COUNT(table[bin[k]]);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  for (size_t b = item; b < all_bins; b += items) counts[block * all_bins + b] = table[b];
}
