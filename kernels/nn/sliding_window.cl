// SPDX-License-Identifier: BSD-3-Clause
// Windows of an image: cut out for a network, and its results added where they belong.
//
// Images and windows have the same channels, one after the other; a work-item takes one pixel of
// one channel of a window. `origin` is where the window begins. Bit a of `mirrored` turns the
// window around along axis a (x, y, z).

int4 place(uint4 size, uint mirrored) {
  const int x = get_global_id(0), y = get_global_id(1), z = get_global_id(2) % size.z;
  return (int4)((mirrored & 1) ? (int)size.x - 1 - x : x, (mirrored & 2) ? (int)size.y - 1 - y : y,
                (mirrored & 4) ? (int)size.z - 1 - z : z, get_global_id(2) / size.z);
}

// The number of pixel (x, y, z) of channel w.
size_t index_in(uint4 size, int4 at) {
  return at.x + (size_t)size.x * (at.y + (size_t)size.y * (at.z + (size_t)size.z * at.w));
}

// dst is the window, src a part of an image: src_size pixels from src_origin on. What lies beyond
// the image is made as `border` says, of 0 where it is constant.
kernel void sliding_window__cut(global const float* src, global float* dst, uint4 image_size,
                                int4 src_origin, uint4 src_size, uint4 size, int4 origin,
                                int border, uint mirrored, uint channels) {
  if (get_global_id(0) >= size.x || get_global_id(1) >= size.y ||
      get_global_id(2) >= (size_t)size.z * channels)
    return;
  const int4 at = place(size, mirrored);
  const int x = border_index(origin.x + at.x, image_size.x, border);
  const int y = border_index(origin.y + at.y, image_size.y, border);
  const int z = border_index(origin.z + at.z, image_size.z, border);
  dst[index_in(size, place(size, 0))] =
      x < 0 || y < 0 || z < 0 ? 0.0f : src[index_in(src_size, (int4)(x, y, z, at.w) - src_origin)];
}

// dst is a part of an image, in which the window begins at `origin`: dst += weight src. A pixel's
// weight is a product of one number per axis, which lie in `weights` one axis after the other.
kernel void sliding_window__add(global const float* src, global float* dst, uint4 dst_size,
                                uint4 size, int4 origin, global const float* weights, uint mirrored,
                                uint channels) {
  if (get_global_id(0) >= size.x || get_global_id(1) >= size.y ||
      get_global_id(2) >= (size_t)size.z * channels)
    return;
  const int4 at = place(size, mirrored);
  const int4 there = origin + (int4)(at.xyz, 0);
  if (any(there.xyz < 0) || any(there.xyz >= convert_int3(dst_size.xyz))) return;
  const float weight = weights[at.x] * weights[size.x + at.y] * weights[size.x + size.y + at.z];
  dst[index_in(dst_size, (int4)(there.xyz, at.w))] += weight * src[index_in(size, place(size, 0))];
}
