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

// A number that is as much less or greater as the pixel is; nothing is greater than that of a NaN.
#ifdef IS_FLOAT
#define KEY_T int
#define ORDER(bits) ((bits) ^ (((bits) >> 31) & 0x7fffffff))
int key_of(const float pixel) {
  const int bits = as_int(pixel);
  return (bits & 0x7fffffff) > 0x7f800000 ? INT_MAX : (bits & 0x7fffffff) == 0 ? 0 : ORDER(bits);
}
#else
#define KEY_T SRC_T
#define key_of(pixel) (pixel)
#endif

#ifndef LANES
#define LANES 128
#define LAYERS 2
#define ROWS 4
#endif
#define MARGIN 8  // pixels of the tile beside its own: rows stay aligned

// Beyond the edge lies the pixel on the other side of the last one, which is a neighbour as well.
int mirrored(const int i, const int n) {
  return clamp(i < 0 ? -i : i < n ? i : 2 * n - 2 - i, 0, n - 1);
}

// A work-group goes through `planes` planes and shares the pixels of each; a lane takes ROWS pixels
// of a column.
kernel void detect_maxima__tiles(global const SRC_T* restrict src, global uchar* restrict dst,
                                 const uint4 unsigned_size, const int is_box, const int planes) {
  local KEY_T tile[(LANES + 2 * MARGIN) * (LAYERS * ROWS + 2)];
  const int4 size = convert_int4(unsigned_size);
  const int lane = (int)get_local_id(0), lanes = (int)get_local_size(0);
  const int layer = (int)get_local_id(1), layers = (int)get_local_size(1);
  const int x = (int)get_global_id(0), y = (int)get_global_id(1) * ROWS;
  const int pitch = lanes + 2 * MARGIN, lines = layers * ROWS + 2;
  const int tile_x = x - lane - MARGIN, tile_y = y - layer * ROWS - 1;
  const int begin = (int)get_global_id(2) * planes, end = min(begin + planes, size.z);
  const int reach = size.z > 1 ? 1 : 0;
  local const KEY_T* corner = tile + pitch * layer * ROWS + lane + MARGIN;
  KEY_T pixel[ROWS], greatest[ROWS], plane_before[ROWS];
  for (int z = begin - reach; z < end + reach; ++z) {
    global const SRC_T* plane = src + (size_t)size.x * size.y * mirrored(z, size.z);
    for (int line = layer; line < lines; line += layers) {
      global const SRC_T* row = plane + (size_t)size.x * mirrored(tile_y + line, size.y);
      for (int i = lane; i < pitch; i += lanes)
        tile[pitch * line + i] = key_of(row[mirrored(tile_x + i, size.x)]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    KEY_T beside[ROWS + 2], centre[ROWS + 2], across[ROWS + 2];
    for (int row = 0; row < ROWS + 2; ++row) {
      local const KEY_T* key = corner + pitch * row;
      centre[row] = key[0];
      beside[row] = max(key[-1], key[1]);
      across[row] = is_box ? max(beside[row], centre[row]) : centre[row];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int row = 0; row < ROWS; ++row) {
      KEY_T around = beside[row + 1];
      if (size.y > 1) around = max(around, max(across[row], across[row + 2]));
      const KEY_T plane_here = is_box ? max(around, centre[row + 1]) : centre[row + 1];
      bool is_greater;
      if (reach == 0) {
        is_greater = centre[row + 1] > around || size.x == 1;
      } else {
        is_greater = pixel[row] > max(greatest[row], plane_here);
        greatest[row] = max(around, plane_before[row]);
        pixel[row] = centre[row + 1];
        plane_before[row] = plane_here;
      }
      const int at_z = z - reach;
      if (at_z >= begin && x < size.x && y + row < size.y)
        dst[x + (size_t)size.x * (y + row + (size_t)size.y * at_z)] = is_greater;
    }
  }
}

#endif
