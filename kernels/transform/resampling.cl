// SPDX-License-Identifier: BSD-3-Clause
// Images on other grids. As an affine map moves it, pixel (x, y, z) of the result is at
//     (m0 x + m1 y + m2 z + m3, m4 x + m5 y + m6 z + m7, m8 x + m9 y + m10 z + m11)
// in the source: between its pixels the nearest one or (LINEAR) an interpolated one; outside 0.
//
// Coordinates are whole numbers of 1/2^32 pixel, so they are exact in images of any size and the
// same on every device. PLANAR says that planes stay as they are: z comes from z alone. A work-item
// computes RUN pixels of one row.

#ifndef RUN
#define RUN VEC
#endif

// How far a coordinate is beyond a pixel, from 0 to 1, exactly.
#define FRACTION(c) ((float)(int)((uint)(c) >> 8) * 0x1p-24f)
// Where it is not at all, the next pixel has no say, whatever it is.
#define MIX(a, b, fraction) ((fraction) > 0 ? fma(fraction, (b) - (a), a) : (a))

float in_row(global const SRC_T* row, const int x, const int next_x, const float fraction) {
  const float a = (float)row[x], b = (float)row[next_x];
  return MIX(a, b, fraction);
}
float in_plane(global const SRC_T* plane, const uint4 size, const long cx, const long cy) {
  const int x = (int)(cx >> 32), next_x = min(x + 1, (int)size.x - 1);
  const int y = (int)(cy >> 32), next_y = min(y + 1, (int)size.y - 1);
  const float a = in_row(plane + (size_t)size.x * y, x, next_x, FRACTION(cx));
  const float b = in_row(plane + (size_t)size.x * next_y, x, next_x, FRACTION(cx));
  return MIX(a, b, FRACTION(cy));
}
#ifdef IS_FLOAT
#define TO_PIXEL(value) (value)
#else
#define TO_PIXEL(value) PASTE(PASTE(convert_, SRC_T), _sat_rte)(value)
#endif

SRC_T pixel_at(global const SRC_T* src, const uint4 size, const long cx, const long cy,
               const long cz) {
  const size_t plane = (size_t)size.x * size.y;
#if !defined(LINEAR)
  const long middle = 1L << 31;
  return src[((cx + middle) >> 32) + size.x * ((cy + middle) >> 32) +
             plane * ((cz + middle) >> 32)];
#elif defined(PLANAR)
  return TO_PIXEL(in_plane(src + plane * (cz >> 32), size, cx, cy));
#else
  const int z = (int)(cz >> 32), next_z = min(z + 1, (int)size.z - 1);
  const float a = in_plane(src + plane * z, size, cx, cy);
  const float b = in_plane(src + plane * next_z, size, cx, cy);
  return TO_PIXEL(MIX(a, b, FRACTION(cz)));
#endif
}

// From the first pixel to the last of an axis of n pixels.
#define INSIDE(c, n) ((ulong)(c) <= (ulong)((n)-1) << 32)

// Along rays: pixel (r, z, angle) of the result is what plane z of the source has r steps from the
// centre, in the direction {step of x, step of y} of the angle.
kernel void resampling__radial(global const SRC_T* restrict src, global float* restrict dst,
                               global const long2* restrict directions, const long center_x,
                               const long center_y, const uint4 size, const uint4 dst_size) {
  const size_t r = get_global_id(0) * RUN, z = get_global_id(1), angle = get_global_id(2);
  if (r >= dst_size.x || z >= dst_size.y || angle >= dst_size.z) return;
  const long2 step = directions[angle];
  src += (size_t)size.x * size.y * z;
  dst += dst_size.x * (z + dst_size.y * angle);
  for (size_t k = r; k < min(r + RUN, (size_t)dst_size.x); ++k) {
    const long cx = center_x + (long)k * step.x, cy = center_y + (long)k * step.y;
    dst[k] = INSIDE(cx, size.x) && INSIDE(cy, size.y) ? in_plane(src, size, cx, cy) : 0;
  }
}

kernel void resampling__affine(global const SRC_T* restrict src, global SRC_T* restrict dst,
                               global const long* restrict m, const uint4 size,
                               const uint4 dst_size) {
  const size_t x = get_global_id(0) * RUN, y = get_global_id(1), z = get_global_id(2);
  if (x >= dst_size.x || y >= dst_size.y) return;
  const long first_x = m[0] * (long)x + m[1] * (long)y + m[2] * (long)z + m[3];
  const long first_y = m[4] * (long)x + m[5] * (long)y + m[6] * (long)z + m[7];
  const long first_z = m[8] * (long)x + m[9] * (long)y + m[10] * (long)z + m[11];
  const long step_x = m[0], step_y = m[4], step_z = m[8];
  const int count = (int)min((size_t)RUN, dst_size.x - x), last = count - 1;
  dst += x + dst_size.x * (y + dst_size.y * z);
  if (INSIDE(first_x, size.x) && INSIDE(first_x + last * step_x, size.x) &&
      INSIDE(first_y, size.y) && INSIDE(first_y + last * step_y, size.y) &&
      INSIDE(first_z, size.z) && INSIDE(first_z + last * step_z, size.z)) {
    for (int k = 0; k < count; ++k)
      dst[k] =
          pixel_at(src, size, first_x + k * step_x, first_y + k * step_y, first_z + k * step_z);
    return;
  }
  for (int k = 0; k < count; ++k) {
    const long cx = first_x + k * step_x, cy = first_y + k * step_y, cz = first_z + k * step_z;
    const bool inside = INSIDE(cx, size.x) && INSIDE(cy, size.y) && INSIDE(cz, size.z);
    dst[k] = inside ? pixel_at(src, size, cx, cy, cz) : 0;
  }
}
