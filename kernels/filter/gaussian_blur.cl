// SPDX-License-Identifier: BSD-3-Clause
// One axis of a separable Gaussian: dst(p) = sum over i of weights[i] * src(p + i - radius).
// Taps are added in ascending order, each by one fma, in float; so all devices agree to the bit.
// A work-item computes VEC pixels of one row.

// The longest border that an edge block copies together before it sums up.
#define EDGE_RADIUS 64

kernel void gaussian_blur__x(global const SRC_T* restrict src, global float* restrict dst,
                             global const float* restrict weights, const int radius,
                             const uint4 size, const int border, const float border_value) {
  const int nx = (int)size.x, x = (int)get_global_id(0) * VEC;
  if (x >= nx) return;
  const size_t row = (size_t)nx * (get_global_id(1) + (size_t)size.y * get_global_id(2));
  src += row;
  dst += row + x;
  VECTOR(float) sum = 0;
  if (x >= radius && x + VEC + radius <= nx) {
    src += x - radius;
    for (int i = 0; i <= 2 * radius; ++i)
      sum = fma(weights[i], TO_VECTOR(float, LOAD(src + i)), sum);
    STORE(sum, dst);
    return;
  }
  if (radius <= EDGE_RADIUS && x + VEC <= nx) {
    float line[VEC + 2 * EDGE_RADIUS];
    for (int i = 0; i < VEC + 2 * radius; ++i) {
      const int from = border_index(x + i - radius, nx, border);
      line[i] = from < 0 ? border_value : TO(float, src[from]);
    }
    for (int i = 0; i <= 2 * radius; ++i) sum = fma(weights[i], LOAD(line + i), sum);
    STORE(sum, dst);
    return;
  }
  for (int k = 0; k < min(VEC, nx - x); ++k) {
    float pixel = 0;
    for (int i = 0; i <= 2 * radius; ++i) {
      const int from = border_index(x + k + i - radius, nx, border);
      pixel = fma(weights[i], from < 0 ? border_value : TO(float, src[from]), pixel);
    }
    dst[k] = pixel;
  }
}

// Along y or z: neighbours are `stride` pixels apart on an axis of n pixels, this one is at `at`.
void sum_across(global const SRC_T* restrict src, global float* restrict dst,
                global const float* restrict weights, const int radius, const int count,
                const int at, const int n, const size_t stride, const int border,
                const float border_value) {
  const bool inside = at >= radius && at + radius < n;
  if (count >= VEC) {
    VECTOR(float) sum = 0;
    if (inside) {
      src += (size_t)(at - radius) * stride;
      for (int i = 0; i <= 2 * radius; ++i, src += stride)
        sum = fma(weights[i], TO_VECTOR(float, LOAD(src)), sum);
    } else {
      for (int i = 0; i <= 2 * radius; ++i) {
        const int from = border_index(at + i - radius, n, border);
        const VECTOR(float) pixels = from < 0 ? (VECTOR(float))(border_value)
                                              : TO_VECTOR(float, LOAD(src + (size_t)from * stride));
        sum = fma(weights[i], pixels, sum);
      }
    }
    STORE(sum, dst);
    return;
  }
  for (int k = 0; k < count; ++k) {
    float pixel = 0;
    for (int i = 0; i <= 2 * radius; ++i) {
      const int from = border_index(at + i - radius, n, border);
      pixel = fma(weights[i], from < 0 ? border_value : TO(float, src[(size_t)from * stride + k]),
                  pixel);
    }
    dst[k] = pixel;
  }
}

kernel void gaussian_blur__y(global const SRC_T* restrict src, global float* restrict dst,
                             global const float* restrict weights, const int radius,
                             const uint4 size, const int border, const float border_value) {
  const int nx = (int)size.x, ny = (int)size.y, x = (int)get_global_id(0) * VEC;
  if (x >= nx) return;
  const size_t plane = (size_t)nx * ny * get_global_id(2) + x;
  const int y = (int)get_global_id(1);
  sum_across(src + plane, dst + plane + (size_t)nx * y, weights, radius, nx - x, y, ny, (size_t)nx,
             border, border_value);
}

kernel void gaussian_blur__z(global const SRC_T* restrict src, global float* restrict dst,
                             global const float* restrict weights, const int radius,
                             const uint4 size, const int border, const float border_value) {
  const int nx = (int)size.x, x = (int)get_global_id(0) * VEC;
  if (x >= nx) return;
  const size_t row = (size_t)nx * get_global_id(1) + x, stride = (size_t)nx * size.y;
  const int z = (int)get_global_id(2);
  sum_across(src + row, dst + row + stride * z, weights, radius, nx - x, z, (int)size.z, stride,
             border, border_value);
}
