// SPDX-License-Identifier: BSD-3-Clause
// Blocks of an image as one number each, which the host brings together in their order.
// Blocks have BLOCK pixels whatever the device, so that sums of floats are the same on all.

#define BLOCK 4096
#define LANES 16

#ifndef ACC_T
#define ACC_T float
#define PARTIAL_T float
#endif
#ifndef WIDE_T  // holds differences of pixels exactly, where pixels are integers
#define WIDE_T float
#endif

// Sums of floats: lane k adds up pixels k, k + 16, ...; then lanes are added pairwise; pixels
// beyond the last full 16 are added up apart and come last.
kernel void reduction__sum(global const SRC_T* restrict src, global PARTIAL_T* restrict partial,
                           const ulong count) {
  const size_t block = get_global_id(0), begin = block * BLOCK;
  if (begin >= count) return;
  const size_t end = min((ulong)(begin + BLOCK), count);
  PASTE(ACC_T, 16) lanes = 0;
  size_t i = begin;
  for (; i + LANES <= end; i += LANES)
    lanes += PASTE(convert_, PASTE(ACC_T, 16))(vload16(0, src + i));
  ACC_T rest = 0;
  for (; i < end; ++i) rest += TO(ACC_T, src[i]);
  ACC_T lane[LANES];
  vstore16(lanes, 0, lane);
  for (int n = LANES / 2; n > 0; n /= 2)
    for (int k = 0; k < n; ++k) lane[k] += lane[k + n];
  partial[block] = (PARTIAL_T)(lane[0] + rest);
}

#ifdef IS_FLOAT
// An integer of the same order as the float's bits; a NaN is `none`, which decides nothing.
#define KEY(bits, none) \
  (((bits)&0x7fffffff) > 0x7f800000 ? (none) : ((bits) ^ (((bits) >> 31) & 0x7fffffff)))
#define LEAST_KEY(pixels) KEY(as_int16(pixels), (int16)(INT_MAX))
#define MOST_KEY(pixels) KEY(as_int16(pixels), (int16)(INT_MIN))
#define KEYS int16
#else
#define LEAST_KEY(pixels) (pixels)
#define MOST_KEY(pixels) (pixels)
#define KEYS PASTE(SRC_T, 16)
#endif

// The least and the greatest pixel. The last vector of a block overlaps the one before it.
kernel void reduction__extrema(global const SRC_T* restrict src, global long2* restrict partial,
                               const ulong count) {
  const size_t block = get_global_id(0), begin = block * BLOCK;
  if (begin >= count) return;
  const size_t end = min((ulong)(begin + BLOCK), count);
  PASTE(SRC_T, 16) pixels;
  if (end - begin >= LANES) {
    pixels = vload16(0, src + end - LANES);
  } else {
    SRC_T few[LANES];
    for (size_t k = 0; k < LANES; ++k) few[k] = src[min(begin + k, end - 1)];
    pixels = vload16(0, few);
  }
  KEYS least = LEAST_KEY(pixels), most = MOST_KEY(pixels);
  for (size_t i = begin; i + LANES <= end; i += LANES) {
    pixels = vload16(0, src + i);
    const KEYS low = LEAST_KEY(pixels), high = MOST_KEY(pixels);
    least = low < least ? low : least;
    most = high > most ? high : most;
  }
#ifdef IS_FLOAT
  int lows[LANES], highs[LANES];
#else
  SRC_T lows[LANES], highs[LANES];
#endif
  vstore16(least, 0, lows);
  vstore16(most, 0, highs);
  for (int k = 1; k < LANES; ++k) {
    lows[0] = lows[k] < lows[0] ? lows[k] : lows[0];
    highs[0] = highs[k] > highs[0] ? highs[k] : highs[0];
  }
  partial[block] = (long2)(lows[0], highs[0]);
}

// The bin of a pixel inside the edges. `place` is where exactly even bins would put it.
int bin_of(const float pixel, const float place, global const float* restrict edges,
           const int bins) {
  int bin = clamp(convert_int_sat(place), 0, bins - 1);
  while (pixel < edges[bin]) --bin;
  while (bin + 1 < bins && pixel >= edges[bin + 1]) ++bin;
  return bin;
}

// Counts of pixels per bin: bin i holds edges[i] <= pixel < edges[i + 1], the last one its upper
// edge, too, as numpy.histogram. Each work-item counts one part of the image in counts of its own.
// A place further than `margin` from whole numbers decides alone. Pixels are counted relative to
// `origin`.
kernel void reduction__histogram_count(global const SRC_T* restrict src,
                                       global const float* restrict edges,
                                       global uint* restrict counts, const int bins,
                                       const float scale, const float margin, const ulong count,
                                       const ulong part, const long origin) {
  const size_t begin = get_global_id(0) * part;
  if (begin >= count) return;
  const size_t end = min((ulong)(begin + part), count);
  const float first = edges[0], last = edges[bins];
  counts += get_global_id(0) * bins;
  for (int i = 0; i < bins; ++i) counts[i] = 0;
  size_t i = begin;
  for (; i + VEC <= end; i += VEC) {
    const VECTOR(float) pixels =
        TO_VECTOR(float, TO_VECTOR(WIDE_T, LOAD(src + i)) - (WIDE_T)origin);
    const VECTOR(float) places = (pixels - first) * scale;
    const VECTOR(int) bin = PASTE(PASTE(convert_, VECTOR(int)), _sat)(places);
    const VECTOR(float) beyond = places - TO_VECTOR(float, bin);
    const VECTOR(int) clear =
        (beyond > margin) & (beyond < 1 - margin) & (pixels > first) & (pixels < last);
    int chosen[VEC];
    STORE(bin, chosen);
    if (all(clear)) {
      for (int k = 0; k < VEC; ++k) ++counts[chosen[k]];
    } else {
      float pixel[VEC], place[VEC];
      STORE(pixels, pixel);
      STORE(places, place);
      for (int k = 0; k < VEC; ++k)
        if (pixel[k] >= first && pixel[k] <= last)
          ++counts[bin_of(pixel[k], place[k], edges, bins)];
    }
  }
  for (; i < end; ++i) {
    const float pixel = TO(float, TO(WIDE_T, src[i]) - (WIDE_T)origin);
    if (pixel >= first && pixel <= last)
      ++counts[bin_of(pixel, (pixel - first) * scale, edges, bins)];
  }
}

// Adds the parts' counts up, bin by bin.
kernel void reduction__histogram_sum(global const uint* restrict counts,
                                     global ulong* restrict total, const int bins,
                                     const int parts) {
  const int bin = (int)get_global_id(0);
  if (bin >= bins) return;
  ulong sum = 0;
  for (int part = 0; part < parts; ++part) sum += counts[bin + (size_t)part * bins];
  total[bin] = sum;
}
