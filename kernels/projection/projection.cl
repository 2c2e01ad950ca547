// SPDX-License-Identifier: BSD-3-Clause
// Projections of lines of pixels: rows along x, columns along y or z.
//   extreme  the greatest or least pixel of each line: of two the later one wins only if it beats
//            the other, so a NaN stays where it came first
//   place    where in each line that pixel is, the first of equals, as it stays where it came first
//   sum      the sum of each line, times a factor: exact for integers (SUM_T holds it); floats
//            TOGETHER pixels at a time along y and z, and along x in LANES parts, each of every
//            LANES-th pixel, which are added up by halves: the second to the first
//   IS_PRODUCT  the pixels are multiplied instead, as floats
//   DEVIATIONS  there are two sums of each line: of the squares of distances from `means`, and of
//               the distances, by which a rounded mean is wrong; IS_ROOT takes the root
//
// Lines along y and z: `length` pixels that are `plane` apart, as many side by side as that, and
// get_global_id(1) counts planes of such lines. A work-item computes VEC of them: side by side
// where every plane begins at a multiple of VEC, else as far apart as there are work-items.
//   ..._runs  on a CPU it goes over `run` neighbouring pixels of TOGETHER planes, and keeps what it
//             has so far in the cache. Line by line it would come to the page of every plane
//             anew; plane by plane a core would not wait for enough of them at once.
// Lines along x:
//   ..._rows         on a CPU a work-item takes a row
//   ..._shared_rows  else the work-items of a group along x share it
#define MOST_RUN 1024
#define TOGETHER 8
#define LANES 32

#ifdef IS_LEAST
#define BEATS(next, found) ((next) < (found))
#else
#define BEATS(next, found) ((next) > (found))
#endif

// The extreme pixel of one line, which begins at `src`.
SRC_T extreme(global const SRC_T* restrict src, const ulong plane, const ulong length) {
  SRC_T found = *src;
  for (size_t z = 1; z < length; ++z) {
    const SRC_T next = src[z * plane];
    found = BEATS(next, found) ? next : found;
  }
  return found;
}

kernel void projection__extreme(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                const ulong plane, const ulong length, const ulong planes) {
  const size_t items = (plane + VEC - 1) / VEC;
  size_t i = get_global_id(0);
  if (i >= items || get_global_id(1) >= planes) return;
  src += get_global_id(1) * plane * length;
  dst += get_global_id(1) * plane;
  if (plane % VEC != 0) {
    for (; i < plane; i += items) dst[i] = extreme(src + i, plane, length);
    return;
  }
  i *= VEC;
  VECTOR(SRC_T) found = LOAD_ALIGNED(SRC_T, src + i);
  for (size_t z = 1; z < length; ++z) {
    const VECTOR(SRC_T) next = LOAD_ALIGNED(SRC_T, src + z * plane + i);
    found = BEATS(next, found) ? next : found;
  }
  STORE_ALIGNED(SRC_T, found, dst + i);
}

kernel void projection__extreme_runs(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                     const ulong plane, const ulong length, const ulong planes,
                                     const ulong run) {
  const size_t first = get_global_id(0) * run;
  if (first >= plane || get_global_id(1) >= planes) return;
  const size_t count = min(run, plane - first);
  src += get_global_id(1) * plane * length + first;
  dst += get_global_id(1) * plane + first;
  for (size_t i = 0; i < count; ++i) dst[i] = src[i];
  for (size_t z = 1; z < length; z += TOGETHER) {
    global const SRC_T* at[TOGETHER];
    for (size_t k = 0; k < TOGETHER; ++k) at[k] = src + min(z + k, (size_t)length - 1) * plane;
    size_t i = 0;
    for (; i + VEC <= count; i += VEC) {
      VECTOR(SRC_T) found = LOAD_ALIGNED(SRC_T, dst + i);
#pragma unroll
      for (size_t k = 0; k < TOGETHER; ++k) {
        const VECTOR(SRC_T) next = LOAD_ALIGNED(SRC_T, at[k] + i);
        found = BEATS(next, found) ? next : found;
      }
      STORE_ALIGNED(SRC_T, found, dst + i);
    }
    for (; i < count; ++i)
      for (size_t k = 0; k < TOGETHER; ++k) dst[i] = BEATS(at[k][i], dst[i]) ? at[k][i] : dst[i];
  }
}

// The first pixel of a row that equals `found`, its extreme: of 0 and -0 parts of a row do not say
// which comes first, and only floats have both.
SRC_T first_of(global const SRC_T* restrict row, const ulong length, const SRC_T found) {
  if ((SRC_T)0.5f == 0) return found;
  if (found != 0) return found;
  size_t x = 0;
  while (x + 1 < length && row[x] != 0) ++x;
  return row[x];
}

kernel void projection__extreme_rows(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                     const ulong length, const ulong rows) {
  const size_t row = get_global_id(0);
  if (row >= rows) return;
  src += row * length;
  VECTOR(SRC_T) found[LANES / VEC];
  for (size_t k = 0; k < LANES / VEC; ++k) found[k] = (VECTOR(SRC_T))(src[0]);
  size_t x = 0;
  for (; x + LANES <= length; x += LANES) {
#pragma unroll
    for (size_t k = 0; k < LANES / VEC; ++k) {
      const VECTOR(SRC_T) next = LOAD(src + x + k * VEC);
      found[k] = BEATS(next, found[k]) ? next : found[k];
    }
  }
  SRC_T lanes[LANES];
  for (size_t k = 0; k < LANES / VEC; ++k) STORE(found[k], lanes + k * VEC);
  for (size_t k = 0; x + k < length; ++k)
    lanes[k] = BEATS(src[x + k], lanes[k]) ? src[x + k] : lanes[k];
  for (size_t n = LANES / 2; n > 0; n /= 2)
    for (size_t k = 0; k < n; ++k)
      lanes[k] = BEATS(lanes[k + n], lanes[k]) ? lanes[k + n] : lanes[k];
  dst[row] = first_of(src, length, lanes[0]);
}

kernel void projection__extreme_shared_rows(global const SRC_T* restrict src,
                                            global SRC_T* restrict dst, const ulong length,
                                            const ulong rows, local SRC_T* restrict shared) {
  const size_t item = get_local_id(0), items = get_local_size(0);
  const size_t row = min((ulong)get_global_id(1), rows - 1);
  src += row * length;
  shared += get_local_id(1) * items;
  SRC_T found = src[0];
  for (size_t x = item; x < length; x += items) found = BEATS(src[x], found) ? src[x] : found;
  shared[item] = found;
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item != 0 || get_global_id(1) >= rows) return;
  for (size_t k = 1; k < items; ++k) found = BEATS(shared[k], found) ? shared[k] : found;
  dst[row] = first_of(src, length, found);
}

// --- places of extreme pixels ---

uint place(global const SRC_T* restrict src, const ulong plane, const ulong length) {
  SRC_T found = *src;
  uint at = 0;
  for (uint z = 1; z < length; ++z) {
    const SRC_T next = src[z * plane];
    at = BEATS(next, found) ? z : at;
    found = BEATS(next, found) ? next : found;
  }
  return at;
}

kernel void projection__place(global const SRC_T* restrict src, global uint* restrict dst,
                              const ulong plane, const ulong length, const ulong planes) {
  const size_t items = (plane + VEC - 1) / VEC;
  size_t i = get_global_id(0);
  if (i >= items || get_global_id(1) >= planes) return;
  src += get_global_id(1) * plane * length;
  dst += get_global_id(1) * plane;
  if (plane % VEC != 0) {
    for (; i < plane; i += items) dst[i] = place(src + i, plane, length);
    return;
  }
  i *= VEC;
  VECTOR(SRC_T) found = LOAD_ALIGNED(SRC_T, src + i);
  VECTOR(uint) at = 0;
  for (uint z = 1; z < length; ++z) {
    const VECTOR(SRC_T) next = LOAD_ALIGNED(SRC_T, src + z * plane + i);
    const VECTOR(uint) here = z;
    at = TO_VECTOR(int, BEATS(next, found)) ? here : at;
    found = BEATS(next, found) ? next : found;
  }
  STORE_ALIGNED(uint, at, dst + i);
}

kernel void projection__place_runs(global const SRC_T* restrict src, global uint* restrict dst,
                                   const ulong plane, const ulong length, const ulong planes,
                                   const ulong run) {
  const size_t first = get_global_id(0) * run;
  if (first >= plane || get_global_id(1) >= planes) return;
  const size_t count = min(run, plane - first);
  src += get_global_id(1) * plane * length + first;
  dst += get_global_id(1) * plane + first;
  SRC_T found[MOST_RUN];
  for (size_t i = 0; i < count; ++i) {
    found[i] = src[i];
    dst[i] = 0;
  }
  for (uint z = 1; z < length; z += TOGETHER) {
    global const SRC_T* from[TOGETHER];  // the last one again beats none
    for (uint k = 0; k < TOGETHER; ++k) from[k] = src + min(z + k, (uint)length - 1) * plane;
    size_t i = 0;
    for (; i + VEC <= count; i += VEC) {
      VECTOR(SRC_T) best = LOAD(found + i);
      VECTOR(uint) at = LOAD_ALIGNED(uint, dst + i);
#pragma unroll
      for (uint k = 0; k < TOGETHER; ++k) {
        const VECTOR(SRC_T) next = LOAD_ALIGNED(SRC_T, from[k] + i);
        at = TO_VECTOR(int, BEATS(next, best)) ? (VECTOR(uint))(z + k) : at;
        best = BEATS(next, best) ? next : best;
      }
      STORE(best, found + i);
      STORE_ALIGNED(uint, at, dst + i);
    }
    for (; i < count; ++i)
      for (uint k = 0; k < TOGETHER; ++k) {
        dst[i] = BEATS(from[k][i], found[i]) ? z + k : dst[i];
        found[i] = BEATS(from[k][i], found[i]) ? from[k][i] : found[i];
      }
  }
}

// Of two places the one whose pixel beats the other's, or the first one.
uint better_place(global const SRC_T* restrict row, const uint a, const uint b) {
  const SRC_T of_a = row[a], of_b = row[b];
  return BEATS(of_b, of_a) || (of_b == of_a && b < a) ? b : a;
}

kernel void projection__place_rows(global const SRC_T* restrict src, global uint* restrict dst,
                                   const ulong length, const ulong rows) {
  const size_t row = get_global_id(0);
  if (row >= rows) return;
  src += row * length;
  VECTOR(SRC_T) found = (VECTOR(SRC_T))(src[0]);
  VECTOR(uint) at = 0, here = LANE_NUMBERS;
  uint x = 0;
  for (; x + VEC <= length; x += VEC) {
    const VECTOR(SRC_T) next = LOAD(src + x);
    at = TO_VECTOR(int, BEATS(next, found)) ? here : at;
    found = BEATS(next, found) ? next : found;
    here += VEC;
  }
  uint places[VEC];
  STORE(at, places);
  for (int k = 1; k < VEC; ++k) places[0] = better_place(src, places[0], places[k]);
  for (; x < length; ++x) places[0] = better_place(src, places[0], x);
  dst[row] = places[0];
}

kernel void projection__place_shared_rows(global const SRC_T* restrict src,
                                          global uint* restrict dst, const ulong length,
                                          const ulong rows, local uint* restrict shared) {
  const size_t item = get_local_id(0), items = get_local_size(0);
  const size_t row = min((ulong)get_global_id(1), rows - 1);
  src += row * length;
  shared += get_local_id(1) * items;
  SRC_T found = src[0];
  uint at = 0;
  for (size_t x = item; x < length; x += items) {
    at = BEATS(src[x], found) ? x : at;
    found = BEATS(src[x], found) ? src[x] : found;
  }
  shared[item] = at;
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item != 0 || get_global_id(1) >= rows) return;
  for (size_t k = 1; k < items; ++k) at = better_place(src, at, shared[k]);
  dst[row] = at;
}

// The pixels that `position` says, without fractions; planes that there are not are the next ones.
#ifndef POSITION_T
#define POSITION_T uint
#endif

kernel void projection__pick(global const SRC_T* restrict src,
                             global const POSITION_T* restrict position, global SRC_T* restrict dst,
                             const ulong plane, const ulong planes) {
  const size_t i = get_global_id(0);
  if (i >= plane) return;
  const POSITION_T wanted = position[i] > 0 ? position[i] : 0;  // of NaN, too
  const ulong z = wanted < 0x1p62f ? (ulong)wanted : ULONG_MAX;
  dst[i] = src[min(z, planes - 1) * plane + i];
}

// --- sums ---

#ifndef SUM_T
#define SUM_T float
#endif

#ifdef IS_ROOT
DEFINE_ROOT_OF(roots_of, VECTOR, ANY)
DEFINE_ROOT_OF(root_of, SINGLE, )
#else
#define roots_of
#define root_of
#endif

// What a sum begins with, and two sums together.
#ifdef IS_PRODUCT
#define NOTHING 1
#define JOIN(a, b) ((a) * (b))
#else
#define NOTHING 0
#define JOIN(a, b) ((a) + (b))
#endif

// Of each line there are SUMS; PLUS is sum n and VECTOR or SINGLE pixels of lines with these means,
// and RESULT what the sums of a line amount to.
#ifdef DEVIATIONS
#define SUMS 2
#define MEANS global const float *restrict means, const float share,
#define SKIP_MEANS(count) means += (count)
#define DISTANCE(of, pixels, mean) (TO(of(float), pixels) - (mean))
#define PLUS(of, n, sum, pixels, mean)                                         \
  ((n) == 0 ? fma(DISTANCE(of, pixels, mean), DISTANCE(of, pixels, mean), sum) \
            : (sum) + DISTANCE(of, pixels, mean))
#define RESULT(of, sum, last) PASTE(result_of_, of)(sum, last, length, share, factor)
#define DEFINE_RESULT_OF(of, root_of)                                                          \
  of(float) PASTE(result_of_, of)(const of(float) squares, const of(float) distances,          \
                                  const float length, const float share, const float factor) { \
    const of(float) pixels = length, share_of_one = share, none = 0;                           \
    const of(float) near = distances * share;                                                  \
    const of(float) error = fma(fma(-near, pixels, distances), share_of_one, near);            \
    const of(float) rest = fma(-error, distances, squares);                                    \
    return root_of((rest < 0 ? none : rest) * factor);                                         \
  }
DEFINE_RESULT_OF(SINGLE, root_of)
#if VEC > 1
DEFINE_RESULT_OF(VECTOR, roots_of)
#else
#define result_of_VECTOR result_of_SINGLE
#endif
#else
#define SUMS 1
#define MEANS
#define SKIP_MEANS(count)
#ifdef IS_PRODUCT
#define PLUS(of, n, sum, pixels, mean) ((sum)*TO(of(SUM_T), pixels))
#else
#define PLUS(of, n, sum, pixels, mean) ((sum) + TO(of(SUM_T), pixels))
#endif
#define RESULT(of, sum, last) (TO(of(float), sum) * factor)
#endif

kernel void projection__sum(global const SRC_T* restrict src, global float* restrict dst,
                            MEANS const ulong plane, const ulong length, const ulong planes,
                            const float factor) {
  const size_t items = (plane + VEC - 1) / VEC;
  size_t i = get_global_id(0);
  if (i >= items || get_global_id(1) >= planes) return;
  src += get_global_id(1) * plane * length;
  dst += get_global_id(1) * plane;
  SKIP_MEANS(get_global_id(1) * plane);
  if (plane % VEC != 0) {
    for (; i < plane; i += items) {
      SUM_T sums[SUMS] = {NOTHING};
      for (size_t z = 0; z < length; z += TOGETHER) {
        SUM_T parts[SUMS] = {NOTHING};
        for (size_t k = z; k < min(z + TOGETHER, (size_t)length); ++k)
          for (int n = 0; n < SUMS; ++n)
            parts[n] = PLUS(SINGLE, n, parts[n], src[k * plane + i], means[i]);
        for (int n = 0; n < SUMS; ++n) sums[n] = JOIN(sums[n], parts[n]);
      }
      dst[i] = RESULT(SINGLE, sums[0], sums[SUMS - 1]);
    }
    return;
  }
  i *= VEC;
  VECTOR(SUM_T) sums[SUMS];
  for (int n = 0; n < SUMS; ++n) sums[n] = NOTHING;
  for (size_t z = 0; z < length; z += TOGETHER) {
    VECTOR(SUM_T) parts[SUMS];
    for (int n = 0; n < SUMS; ++n) parts[n] = NOTHING;
    for (size_t k = z; k < min(z + TOGETHER, (size_t)length); ++k)
      for (int n = 0; n < SUMS; ++n)
        parts[n] = PLUS(VECTOR, n, parts[n], LOAD_ALIGNED(SRC_T, src + k * plane + i),
                        LOAD_ALIGNED(float, means + i));
    for (int n = 0; n < SUMS; ++n) sums[n] = JOIN(sums[n], parts[n]);
  }
  STORE_ALIGNED(float, RESULT(VECTOR, sums[0], sums[SUMS - 1]), dst + i);
}

kernel void projection__sum_runs(global const SRC_T* restrict src, global float* restrict dst,
                                 MEANS const ulong plane, const ulong length, const ulong planes,
                                 const float factor, const ulong run) {
  const size_t first = get_global_id(0) * run;
  if (first >= plane || get_global_id(1) >= planes) return;
  const size_t count = min(run, plane - first);
  SUM_T sums[SUMS][MOST_RUN];
  for (int n = 0; n < SUMS; ++n)
    for (size_t i = 0; i < count; ++i) sums[n][i] = NOTHING;
  src += get_global_id(1) * plane * length + first;
  dst += get_global_id(1) * plane + first;
  SKIP_MEANS(get_global_id(1) * plane + first);
  for (size_t z = 0; z < length; z += TOGETHER) {
    const size_t planes_here = min((size_t)TOGETHER, (size_t)length - z);
#pragma unroll
    for (int n = 0; n < SUMS; ++n) {  // the pixels are in the cache for the next one
      for (size_t i = 0; i < count; ++i) {
        SUM_T part = NOTHING;
        if (planes_here == TOGETHER)
#pragma unroll
          for (size_t k = 0; k < TOGETHER; ++k)
            part = PLUS(SINGLE, n, part, src[(z + k) * plane + i], means[i]);
        else
          for (size_t k = 0; k < planes_here; ++k)
            part = PLUS(SINGLE, n, part, src[(z + k) * plane + i], means[i]);
        sums[n][i] = JOIN(sums[n][i], part);
      }
    }
  }
  for (size_t i = 0; i < count; ++i) dst[i] = RESULT(SINGLE, sums[0][i], sums[SUMS - 1][i]);
}

kernel void projection__sum_rows(global const SRC_T* restrict src, global float* restrict dst,
                                 MEANS const ulong length, const ulong rows, const float factor) {
  const size_t row = get_global_id(0);
  if (row >= rows) return;
  src += row * length;
  VECTOR(SUM_T) sums[SUMS][LANES / VEC];
  for (int n = 0; n < SUMS; ++n)
    for (size_t k = 0; k < LANES / VEC; ++k) sums[n][k] = NOTHING;
  size_t x = 0;
  for (; x + LANES <= length; x += LANES) {
#pragma unroll
    for (size_t k = 0; k < LANES / VEC; ++k)
#pragma unroll
      for (int n = 0; n < SUMS; ++n)
        sums[n][k] = PLUS(VECTOR, n, sums[n][k], LOAD(src + x + k * VEC), means[row]);
  }
  SUM_T lanes[SUMS][LANES];
  for (int n = 0; n < SUMS; ++n) {
    for (size_t k = 0; k < LANES / VEC; ++k) STORE(sums[n][k], lanes[n] + k * VEC);
    for (size_t k = 0; x + k < length; ++k)
      lanes[n][k] = PLUS(SINGLE, n, lanes[n][k], src[x + k], means[row]);
    for (size_t apart = LANES / 2; apart > 0; apart /= 2)
      for (size_t k = 0; k < apart; ++k) lanes[n][k] = JOIN(lanes[n][k], lanes[n][k + apart]);
  }
  dst[row] = RESULT(SINGLE, lanes[0][0], lanes[SUMS - 1][0]);
}

kernel void projection__sum_shared_rows(global const SRC_T* restrict src,
                                        global float* restrict dst, MEANS const ulong length,
                                        const ulong rows, const float factor,
                                        local SUM_T* restrict shared) {
  const size_t item = get_local_id(0), items = get_local_size(0);
  const size_t row = min((ulong)get_global_id(1), rows - 1);
  src += row * length;
  shared += get_local_id(1) * SUMS * LANES;
  for (size_t k = item; k < LANES; k += items) {
    SUM_T sums[SUMS] = {NOTHING};
    for (size_t x = k; x < length; x += LANES)
      for (int n = 0; n < SUMS; ++n) sums[n] = PLUS(SINGLE, n, sums[n], src[x], means[row]);
    for (int n = 0; n < SUMS; ++n) shared[n * LANES + k] = sums[n];
  }
  for (size_t apart = LANES / 2; apart > 0; apart /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    for (size_t k = item; k < apart; k += items)
      for (int n = 0; n < SUMS; ++n)
        shared[n * LANES + k] = JOIN(shared[n * LANES + k], shared[n * LANES + k + apart]);
  }
  if (item == 0 && get_global_id(1) < rows)
    dst[row] = RESULT(SINGLE, shared[0], shared[(SUMS - 1) * LANES]);
}
