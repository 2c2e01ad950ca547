// SPDX-License-Identifier: BSD-3-Clause
// Projections along z. A work-item computes VEC pixels of one row of the plane they fall on.
// Of two pixels the later one wins only if it is greater, so a NaN stays where it came first.

kernel void projection__maximum_z(global const SRC_T* restrict src, global SRC_T* restrict dst,
                                  const uint4 size) {
  const size_t plane = (size_t)size.x * size.y, i = get_global_id(0) * VEC;
  if (i >= plane) return;
  src += i;
  dst += i;
  if (i + VEC <= plane) {
    VECTOR(SRC_T) most = LOAD(src);
    for (uint z = 1; z < size.z; ++z) {
      const VECTOR(SRC_T) next = LOAD(src + z * plane);
      most = next > most ? next : most;
    }
    STORE(most, dst);
    return;
  }
  for (size_t k = 0; k < plane - i; ++k) {
    SRC_T most = src[k];
    for (uint z = 1; z < size.z; ++z) {
      const SRC_T next = src[z * plane + k];
      most = next > most ? next : most;
    }
    dst[k] = most;
  }
}
