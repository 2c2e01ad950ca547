// SPDX-License-Identifier: BSD-3-Clause
// Projections along z. Of two pixels the later one wins only if it is greater, so a NaN stays where
// it came first.

// The greatest pixel of one column, which begins at `src`.
SRC_T greatest(global const SRC_T* restrict src, const ulong plane, const ulong planes) {
  SRC_T most = *src;
  for (size_t z = 1; z < planes; ++z) {
    const SRC_T next = src[z * plane];
    most = next > most ? next : most;
  }
  return most;
}

// A work-item computes VEC pixels of the plane they fall on, which is `plane` pixels long: side by
// side where every plane begins at a multiple of VEC, else as far apart as there are work-items.
kernel void projection__maximum_z(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                  const ulong plane, const ulong planes) {
  const size_t items = (plane + VEC - 1) / VEC;
  size_t i = get_global_id(0);
  if (i >= items) return;
  if (plane % VEC != 0) {
    for (; i < plane; i += items) dst[i] = greatest(src + i, plane, planes);
    return;
  }
  i *= VEC;
  VECTOR(SRC_T) most = LOAD_ALIGNED(SRC_T, src + i);
  for (size_t z = 1; z < planes; ++z) {
    const VECTOR(SRC_T) next = LOAD_ALIGNED(SRC_T, src + z * plane + i);
    most = next > most ? next : most;
  }
  STORE_ALIGNED(SRC_T, most, dst + i);
}

// The same a few planes at a time: a work-item goes over RUN neighbouring pixels of each, and keeps
// what it has so far in the result, which stays in the cache. Column by column it would come to the
// page of every plane anew; plane by plane a core would not wait for enough of them at once.
#ifndef RUN
#define RUN 1024
#endif
#define TOGETHER 8  // planes

kernel void projection__maximum_z_runs(global const SRC_T* restrict src, global SRC_T* restrict dst,
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
      VECTOR(SRC_T) most = LOAD_ALIGNED(SRC_T, dst + i);
#pragma unroll
      for (size_t k = 0; k < TOGETHER; ++k) {
        const VECTOR(SRC_T) next = LOAD_ALIGNED(SRC_T, at[k] + i);
        most = next > most ? next : most;
      }
      STORE_ALIGNED(SRC_T, most, dst + i);
    }
    for (; i < count; ++i)
      for (size_t k = 0; k < TOGETHER; ++k) dst[i] = at[k][i] > dst[i] ? at[k][i] : dst[i];
  }
}
