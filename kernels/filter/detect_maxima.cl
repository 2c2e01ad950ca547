// SPDX-License-Identifier: BSD-3-Clause
// Marks with 1 each pixel that is greater than all of its neighbours inside the image, others with
// 0. A plateau has no maximum. Axes of one pixel come last: images without x hold one pixel.
//
// Of three images, keeps the pixels of the second that are above 0 and not less than any neighbour
// in the three. Beyond the edge lies the last pixel again.
//
// Lists pixels above 0.

// Pixels above 0 are compared with levels, those of neighbours included. No pixel that is a number
// reaches that of a NaN.
#ifdef IS_FLOAT
#define LEVEL_T int
VECTOR(int) level_of(const VECTOR(float) pixel) {
  const VECTOR(int) bits = PASTE(as_, VECTOR(int))(pixel);
  return pixel == pixel ? bits : (VECTOR(int))(INT_MAX);
}
#else
#define LEVEL_T SRC_T
#define level_of(pixel) (pixel)
#endif

VECTOR(SRC_T) if_greatest(const VECTOR(SRC_T) pixel, const VECTOR(LEVEL_T) around) {
  const VECTOR(SRC_T) none = 0;
  return ((level_of(pixel) == around) & (pixel > none)) ? pixel : none;
}

// A work-item looks at VEC pixels, of which few are above 0, and lists them in any order.
kernel void detect_maxima__list(global const SRC_T* restrict src, global SRC_T* restrict list,
                                volatile global uint* length, const ulong pixels) {
  const size_t first = get_global_id(0) * VEC, end = min(first + VEC, (size_t)pixels);
  if (end == first + VEC && !ANY(LOAD(src + first) > (SRC_T)0)) return;
  for (size_t i = first; i < end; ++i)
    if (src[i] > (SRC_T)0) list[atomic_inc(length)] = src[i];
}

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
      const VECTOR(uchar) maxima = ONE_WHERE(are_maxima(src + at.x, at, size, is_box));
      STORE_ALIGNED(uchar, maxima, dst + at.x);
      at.x += VEC;
    } else {
      dst[at.x] = is_maximum(src + at.x, at, size, is_box);
      ++at.x;
    }
  }
}

DEFINE_GET_IN_ROW(pixels_in_row, SRC_T)

// The greatest of VEC pixels in three images and the planes around. `count` are left in the row.
__attribute__((always_inline)) VECTOR(LEVEL_T)
    greatest_across(global const SRC_T* below, global const SRC_T* at, global const SRC_T* above,
                    const int4 size, const int z, const int count) {
  VECTOR(LEVEL_T) greatest = 0;  // what is less is no matter
  for (int k = max(z - 1, 0); k <= min(z + 1, size.z - 1); ++k) {
    const size_t plane = (size_t)size.x * size.y * k;
    greatest = max(greatest, level_of(pixels_in_row(below + plane, count)));
    greatest = max(greatest, level_of(pixels_in_row(at + plane, count)));
    greatest = max(greatest, level_of(pixels_in_row(above + plane, count)));
  }
  return greatest;
}

// A work-item computes RUN pixels of BAND rows. A row of theirs is looked at once.
#ifndef BAND
#define BAND 16
#endif
kernel void detect_maxima__scale_bands(global const SRC_T* restrict below,
                                       global const SRC_T* restrict at,
                                       global const SRC_T* restrict above,
                                       global SRC_T* restrict dst, const uint4 unsigned_size) {
  const int4 size = convert_int4(unsigned_size);
  const int begin = (int)get_global_id(0) * RUN, end = min(begin + RUN, size.x);
  const int top = (int)get_global_id(1) * BAND, bottom = min(top + BAND, size.y);
  const int z = (int)get_global_id(2);
  if (begin >= size.x || top >= size.y || z >= size.z) return;
  // The greatest of three rows, one by one and together, from begin - 1 to end.
  // Set, as lanes behind the end of the row are computed, too.
  LEVEL_T across[3][VEC + RUN + 2] = {{0}}, around[VEC + RUN + 2] = {0};
  for (int y = top - 1; y <= bottom; ++y) {
    LEVEL_T* row = across[(y + 3) % 3] + 1;
    const size_t first = (size_t)size.x * clamp(y, 0, size.y - 1);
    for (int x = max(begin - 1, 0); x <= min(end, size.x - 1); x += VEC) {
      const size_t i = first + x;
      const int left = size.x - x;
      if (left >= VEC)
        STORE(greatest_across(below + i, at + i, above + i, size, z, VEC), row + x - begin);
      else
        STORE(greatest_across(below + i, at + i, above + i, size, z, left), row + x - begin);
    }
    if (begin == 0) row[-1] = row[0];
    if (end == size.x) row[end - begin] = row[end - begin - 1];
    if (y <= top) continue;
    for (int k = 0; k < end - begin + 2; k += VEC)
      STORE(max(max(LOAD(across[0] + k), LOAD(across[1] + k)), LOAD(across[2] + k)), around + k);
    const size_t middle = size.x * (y - 1 + (size_t)size.y * z);
    for (int x = begin; x < end; x += VEC) {
      const LEVEL_T* before = around + (x - begin);
      const VECTOR(LEVEL_T) greatest = max(max(LOAD(before), LOAD(before + 1)), LOAD(before + 2));
      const VECTOR(SRC_T) found = if_greatest(pixels_in_row(at + middle + x, end - x), greatest);
      PUT_IN_ROW(SRC_T, found, dst + middle + x, end - x);
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

LEVEL_T greatest_of_three(global const SRC_T* row, const int left, const int x, const int right) {
  return max(max(level_of(row[left]), level_of(row[x])), level_of(row[right]));
}

// The same work-items as above.
kernel void detect_maxima__scale_columns(global const SRC_T* restrict below,
                                         global const SRC_T* restrict at,
                                         global const SRC_T* restrict above,
                                         global SRC_T* restrict dst, const uint4 unsigned_size,
                                         const int planes) {
  const int4 size = convert_int4(unsigned_size);
  const int x = (int)get_global_id(0), y = (int)get_global_id(1) * ROWS;
  if (x >= size.x || y >= size.y) return;
  const int begin = (int)get_global_id(2) * planes, end = min(begin + planes, size.z);
  const int reach = AXES > 2 ? 1 : 0;  // planes around that are read
  const int left = max(x - 1, 0), right = min(x + 1, size.x - 1);
  const size_t pitch = size.x, plane = pitch * size.y;
  dst += x + pitch * y + plane * begin;
  SRC_T pixel[ROWS] = {0};
  LEVEL_T plane_here[ROWS] = {0}, plane_before[ROWS] = {0};
  for (int z = begin - reach; z < end + reach; ++z) {
    const size_t first = plane * clamp(z, 0, size.z - 1);
    SRC_T centre[ROWS + 2];
    LEVEL_T across[ROWS + 2];
#pragma unroll
    for (int row = 0; row < ROWS + 2; ++row) {
      const size_t i = first + pitch * clamp(y + row - 1, 0, size.y - 1);
      centre[row] = at[i + x];
      across[row] = max(max(greatest_of_three(below + i, left, x, right),
                            greatest_of_three(at + i, left, x, right)),
                        greatest_of_three(above + i, left, x, right));
    }
    const bool is_known = z - reach >= begin;  // all of what is around plane z - reach
    global SRC_T* to = dst;
#pragma unroll
    for (int row = 0; row < ROWS; ++row) {
      const LEVEL_T plane_now = max(max(across[row], across[row + 1]), across[row + 2]);
      SRC_T found;
      if (AXES < 3) {
        found = if_greatest(centre[row + 1], plane_now);
      } else {
        found = if_greatest(pixel[row], max(max(plane_before[row], plane_here[row]), plane_now));
        plane_before[row] = plane_here[row];
        plane_here[row] = plane_now;
        pixel[row] = centre[row + 1];
      }
      if (is_known && y + row < size.y) *to = found;
      to += pitch;
    }
    if (is_known) dst += plane;
  }
}

#endif
