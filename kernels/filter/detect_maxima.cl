// SPDX-License-Identifier: BSD-3-Clause
// Marks with 1 each pixel that is greater than all of its neighbours inside the image, others with
// 0. A plateau has no maximum. Axes of one pixel come last: images without x hold one pixel.

#ifndef ONE_PIXEL

#ifndef MASK_T  // the signed integer as wide as SRC_T: what comparing vectors of it gives
#define MASK_T int
#endif

bool is_maximum(global const SRC_T* pixel, const int3 at, const int4 size, const int is_box) {
  for (int z = max(at.z - 1, 0); z <= min(at.z + 1, size.z - 1); ++z)
    for (int y = max(at.y - 1, 0); y <= min(at.y + 1, size.y - 1); ++y)
      for (int x = max(at.x - 1, 0); x <= min(at.x + 1, size.x - 1); ++x) {
        const int away = abs(z - at.z) + abs(y - at.y) + abs(x - at.x);
        if (away == 0 || (away > 1 && !is_box)) continue;
        const ptrdiff_t to =
            x - at.x + ((ptrdiff_t)(y - at.y) + (ptrdiff_t)size.y * (z - at.z)) * size.x;
        if (!(*pixel > pixel[to])) return false;
      }
  return true;
}

// VEC pixels at once, which have neighbours on both sides.
VECTOR(MASK_T)
are_maxima(global const SRC_T* pixel, const int3 at, const int4 size, const int is_box) {
  const VECTOR(SRC_T) pixels = LOAD(pixel);
  VECTOR(MASK_T) greater = (pixels > LOAD(pixel - 1)) & (pixels > LOAD(pixel + 1));
  for (int z = max(at.z - 1, 0); z <= min(at.z + 1, size.z - 1); ++z)
    for (int y = max(at.y - 1, 0); y <= min(at.y + 1, size.y - 1); ++y) {
      const int away = abs(z - at.z) + abs(y - at.y);
      if (away == 0 || (away == 2 && !is_box)) continue;
      global const SRC_T* row =
          pixel + ((ptrdiff_t)(y - at.y) + (ptrdiff_t)size.y * (z - at.z)) * size.x;
      greater &= pixels > LOAD(row);
      if (is_box) greater &= (pixels > LOAD(row - 1)) & (pixels > LOAD(row + 1));
    }
  return greater;
}

// A work-item computes RUN pixels of one row.
#ifndef RUN
#define RUN 2048
#endif
kernel void detect_maxima__runs(global const SRC_T* restrict src, global uchar* restrict dst,
                                const uint4 unsigned_size, const int is_box) {
  const int4 size = convert_int4(unsigned_size);
  int3 at = (int3)((int)get_global_id(0) * RUN, (int)get_global_id(1), (int)get_global_id(2));
  if (at.x >= size.x) return;
  const int end = min(RUN, size.x - at.x) + at.x;
  src += (size_t)size.x * (at.y + (size_t)size.y * at.z);
  dst += (size_t)size.x * (at.y + (size_t)size.y * at.z);
  while (at.x < end) {
    if (at.x > 0 && at.x + VEC < size.x && at.x + VEC <= end) {
      const VECTOR(uchar) maxima =
          TO_VECTOR(uchar, are_maxima(src + at.x, at, size, is_box)) & (uchar)1;
      STORE_ALIGNED(uchar, maxima, dst + at.x);
      at.x += VEC;
    } else {
      dst[at.x] = is_maximum(src + at.x, at, size, is_box);
      ++at.x;
    }
  }
}

#else

// Pixels are compared with keys of their neighbours. Nothing is greater than that of a NaN.
#ifdef IS_FLOAT
#define KEY(pixel) ((pixel) == (pixel) ? (pixel) : INFINITY)
#define GREATER(a, b) fmax(a, b)
#else
#define KEY(pixel) (pixel)
#define GREATER(a, b) max(a, b)
#endif
#ifdef IS_BOX
#define WITH(beside, pixel) GREATER(beside, KEY(pixel))
#else
#define WITH(beside, pixel) KEY(pixel)
#endif

#ifndef ROWS
#define ROWS 4
#define AXES 3  // of more than one pixel
#endif

// Beyond the edge lies the pixel on the other side of the last one, which is a neighbour as well.
int mirrored(const int i, const int n) { return i < 0 ? min(1, n - 1) : i < n ? i : max(n - 2, 0); }

// A work-item takes ROWS pixels of a column of each of `planes` planes. Neighbouring work-items
// read the same pixels, which the cache keeps for them.
kernel void detect_maxima__columns(global const SRC_T* restrict src, global uchar* restrict dst,
                                   const uint4 unsigned_size, const int planes) {
  const int4 size = convert_int4(unsigned_size);
  const int x = (int)get_global_id(0), y = (int)get_global_id(1) * ROWS;
  if (x >= size.x || y >= size.y) return;
  if (AXES == 0) {
    *dst = 1;
    return;
  }
  const int begin = (int)get_global_id(2) * planes, end = min(begin + planes, size.z);
  const int reach = AXES > 2 ? 1 : 0;  // planes around that are read
  const int left = mirrored(x - 1, size.x) - x, right = mirrored(x + 1, size.x) - x;
  const size_t pitch = size.x, plane = pitch * size.y;
  const size_t above = pitch * mirrored(y - 1, size.y), below = pitch * mirrored(size.y, size.y);
  src += x;
  dst += x + pitch * y + plane * begin;
  SRC_T pixel[ROWS], greatest[ROWS], plane_before[ROWS];
  for (int z = begin - reach; z < end + reach; ++z) {
    global const SRC_T* column = src + plane * mirrored(z, size.z);
    global const SRC_T* inside = column + pitch * y;
    SRC_T centre[ROWS + 2], beside[ROWS + 2], across[ROWS + 2];
#pragma unroll
    for (int row = 0; row < ROWS + 2; ++row) {
      global const SRC_T* at = row == 0               ? column + above
                               : y + row - 1 < size.y ? inside
                                                      : column + below;
      if (row > 0) inside += pitch;
      centre[row] = *at;
      beside[row] = GREATER(KEY(at[left]), KEY(at[right]));
      across[row] = WITH(beside[row], centre[row]);
    }
    const bool is_known = z - reach >= begin;  // all of what is around plane z - reach
    global uchar* to = dst;
#pragma unroll
    for (int row = 0; row < ROWS; ++row) {
      SRC_T around = beside[row + 1];
      if (AXES > 1) around = GREATER(around, GREATER(across[row], across[row + 2]));
      bool is_greater;
      if (AXES < 3) {
        is_greater = centre[row + 1] > around;
      } else {
        const SRC_T plane_here = WITH(around, centre[row + 1]);
        is_greater = pixel[row] > GREATER(greatest[row], plane_here);
        greatest[row] = GREATER(around, plane_before[row]);
        pixel[row] = centre[row + 1];
        plane_before[row] = plane_here;
      }
      if (is_known && y + row < size.y) *to = is_greater;
      to += pitch;
    }
    if (is_known) dst += plane;
  }
}

#endif
