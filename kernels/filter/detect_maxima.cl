// SPDX-License-Identifier: BSD-3-Clause
// Marks with 1 each pixel that is greater than all of its neighbours inside the image, others with
// 0. A plateau has no maximum. A work-item computes VEC pixels of one row.

#ifndef MASK_T  // the signed integer as wide as SRC_T: what comparing vectors of it gives
#define MASK_T int
#endif

kernel void detect_maxima(global const SRC_T* restrict src, global uchar* restrict dst,
                          const uint4 unsigned_size, const int is_box) {
  const int4 size = convert_int4(unsigned_size);
  const int x = (int)get_global_id(0) * VEC, y = (int)get_global_id(1), z = (int)get_global_id(2);
  if (x >= size.x) return;
  const size_t at = x + (size_t)size.x * (y + (size_t)size.y * z);
  src += at;
  dst += at;
  const int y0 = max(y - 1, 0), y1 = min(y + 1, size.y - 1);
  const int z0 = max(z - 1, 0), z1 = min(z + 1, size.z - 1);
  if (x > 0 && x + VEC < size.x) {
    const VECTOR(SRC_T) pixels = LOAD(src);
    VECTOR(MASK_T) greater = (pixels > LOAD(src - 1)) & (pixels > LOAD(src + 1));
    for (int nz = z0; nz <= z1; ++nz)
      for (int ny = y0; ny <= y1; ++ny) {
        const int away = abs(nz - z) + abs(ny - y);
        if (away == 0 || (away == 2 && !is_box)) continue;
        global const SRC_T* row =
            src + ((ptrdiff_t)(ny - y) + (ptrdiff_t)size.y * (nz - z)) * size.x;
        greater &= pixels > LOAD(row);
        if (is_box) greater &= (pixels > LOAD(row - 1)) & (pixels > LOAD(row + 1));
      }
    STORE(TO_VECTOR(uchar, greater) & (uchar)1, dst);
    return;
  }
  for (int k = 0; k < min(VEC, size.x - x); ++k) {
    bool greatest = true;
    for (int nz = z0; nz <= z1; ++nz)
      for (int ny = y0; ny <= y1; ++ny)
        for (int nx = max(x + k - 1, 0); nx <= min(x + k + 1, size.x - 1); ++nx) {
          const int away = abs(nz - z) + abs(ny - y) + abs(nx - x - k);
          if (away == 0 || (away > 1 && !is_box)) continue;
          const ptrdiff_t to =
              nx - x + ((ptrdiff_t)(ny - y) + (ptrdiff_t)size.y * (nz - z)) * size.x;
          greatest = greatest && src[k] > src[to];
        }
    dst[k] = greatest;
  }
}
