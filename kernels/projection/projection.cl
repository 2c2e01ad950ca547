// SPDX-License-Identifier: BSD-3-Clause
// Projections along z.
//   extreme  the greatest or least pixel of each column: of two the later one wins only if it beats
//            the other, so a NaN stays where it came first
//   sum      the sum of each column, times a factor: exact for integers (SUM_T holds it), floats
//            TOGETHER planes at a time
// A work-item computes VEC pixels of the plane they fall on, which is `plane` pixels long: side by
// side where every plane begins at a multiple of VEC, else as far apart as there are work-items.
//   ..._runs  on a CPU it goes over RUN neighbouring pixels of TOGETHER planes, and keeps what it
//             has so far in the cache. Column by column it would come to the page of every plane
//             anew; plane by plane a core would not wait for enough of them at once.
#ifndef RUN
#define RUN 1024
#endif
#define TOGETHER 8  // planes

#ifdef IS_LEAST
#define BEATS(next, found) ((next) < (found))
#else
#define BEATS(next, found) ((next) > (found))
#endif

// The extreme pixel of one column, which begins at `src`.
SRC_T extreme(global const SRC_T* restrict src, const ulong plane, const ulong planes) {
  SRC_T found = *src;
  for (size_t z = 1; z < planes; ++z) {
    const SRC_T next = src[z * plane];
    found = BEATS(next, found) ? next : found;
  }
  return found;
}

kernel void projection__extreme(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                const ulong plane, const ulong planes) {
  const size_t items = (plane + VEC - 1) / VEC;
  size_t i = get_global_id(0);
  if (i >= items) return;
  if (plane % VEC != 0) {
    for (; i < plane; i += items) dst[i] = extreme(src + i, plane, planes);
    return;
  }
  i *= VEC;
  VECTOR(SRC_T) found = LOAD_ALIGNED(SRC_T, src + i);
  for (size_t z = 1; z < planes; ++z) {
    const VECTOR(SRC_T) next = LOAD_ALIGNED(SRC_T, src + z * plane + i);
    found = BEATS(next, found) ? next : found;
  }
  STORE_ALIGNED(SRC_T, found, dst + i);
}

kernel void projection__extreme_runs(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                     const ulong plane, const ulong planes) {
  const size_t first = get_global_id(0) * RUN;
  if (first >= plane) return;
  const size_t count = min((size_t)RUN, plane - first);
  src += first;
  dst += first;
  for (size_t i = 0; i < count; ++i) dst[i] = src[i];
  for (size_t z = 1; z < planes; z += TOGETHER) {
    global const SRC_T* at[TOGETHER];
    for (size_t k = 0; k < TOGETHER; ++k) at[k] = src + min(z + k, planes - 1) * plane;
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

// --- sums ---

#ifndef SUM_T
#define SUM_T float
#endif

float sum_of_column(global const SRC_T* restrict src, const ulong plane, const ulong planes) {
  SUM_T sum = 0;
  for (size_t z = 0; z < planes; z += TOGETHER) {
    SUM_T part = 0;
    for (size_t k = z; k < min(z + TOGETHER, (size_t)planes); ++k) part += src[k * plane];
    sum += part;
  }
  return (float)sum;
}

kernel void projection__sum(global const SRC_T* restrict src, global float* restrict dst,
                            const ulong plane, const ulong planes, const float factor) {
  const size_t items = (plane + VEC - 1) / VEC;
  size_t i = get_global_id(0);
  if (i >= items) return;
  if (plane % VEC != 0) {
    for (; i < plane; i += items) dst[i] = sum_of_column(src + i, plane, planes) * factor;
    return;
  }
  i *= VEC;
  VECTOR(SUM_T) sum = 0;
  for (size_t z = 0; z < planes; z += TOGETHER) {
    VECTOR(SUM_T) part = 0;
    for (size_t k = z; k < min(z + TOGETHER, (size_t)planes); ++k)
      part += TO_VECTOR(SUM_T, LOAD_ALIGNED(SRC_T, src + k * plane + i));
    sum += part;
  }
  STORE_ALIGNED(float, TO_VECTOR(float, sum) * factor, dst + i);
}

kernel void projection__sum_runs(global const SRC_T* restrict src, global float* restrict dst,
                                 const ulong plane, const ulong planes, const float factor) {
  const size_t first = get_global_id(0) * RUN;
  if (first >= plane) return;
  const size_t count = min((size_t)RUN, plane - first);
  SUM_T sums[RUN];
  for (size_t i = 0; i < count; ++i) sums[i] = 0;
  src += first;
  for (size_t z = 0; z < planes; z += TOGETHER) {
    const size_t planes_here = min((size_t)TOGETHER, planes - z);
    for (size_t i = 0; i < count; ++i) {
      SUM_T part = 0;
      if (planes_here == TOGETHER)
#pragma unroll
        for (size_t k = 0; k < TOGETHER; ++k) part += src[(z + k) * plane + i];
      else
        for (size_t k = 0; k < planes_here; ++k) part += src[(z + k) * plane + i];
      sums[i] += part;
    }
  }
  for (size_t i = 0; i < count; ++i) dst[first + i] = (float)sums[i] * factor;
}
