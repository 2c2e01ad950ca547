// SPDX-License-Identifier: BSD-3-Clause
// Numbers shifted and scaled to mean 0 and variance 1, and then as a network has learnt it.
//
// A plane is all pixels of a block of channels of an image. Means and sums of squared deviations
// are taken of parts of a plane, whose size depends on the tensor alone, and put together in their
// order as Chan, Golub and LeVeque (1979) do it: differences of large sums never cancel.

// Axis 0: parts of so many pixels; axis 1: planes. A part becomes a mean, and a sum of squares.
kernel void normalization__parts(global const SRC_NUMBER* src, global float* parts, ulong pixels,
                                 ulong part, ulong planes) {
  const size_t first = get_global_id(0) * part, plane = get_global_id(1);
  if (first >= pixels || plane >= planes) return;
  const size_t last = min(first + part, (size_t)pixels);
  const size_t begin = plane * pixels;
  // Sums of differences from a number: those of numbers far from 0 would lose digits.
  const CHANNELS origin = GET(src, begin + first);
  CHANNELS sum = 0, squares = 0;
  for (size_t p = first; p < last; ++p) sum += GET(src, begin + p) - origin;
  const CHANNELS mean = origin + sum / (float)(last - first);
  for (size_t p = first; p < last; ++p) {
    const CHANNELS d = GET(src, begin + p) - mean;
    squares = fma(d, d, squares);
  }
  const size_t count = (pixels + part - 1) / part;
  global CHANNELS* to = (global CHANNELS*)parts + 2 * (plane * count + get_global_id(0));
  to[0] = mean;
  to[1] = squares;
}

// The mean of each channel, what differences from it are multiplied by, and what is added then.
// `learnt`: factors of all channels, then what is added. Axis 0: groups of `channels` channels;
// axis 1: images.
kernel void normalization__merge(global const float* parts, global float* scales,
                                 global const float* learnt, ulong pixels, ulong part,
                                 uint all_channels, uint channels, uint images, float epsilon) {
  const uint first = get_global_id(0) * channels, image = get_global_id(1);
  if (first >= all_channels || image >= images) return;
  const uint blocks = (all_channels + BLOCK - 1) / BLOCK;
  const size_t count = (pixels + part - 1) / part;
  float n = 0, mean = 0, squares = 0;
  for (uint c = first; c < first + channels; ++c) {
    global const float* from =
        parts + 2 * BLOCK * count * (image * (size_t)blocks + c / BLOCK) + c % BLOCK;
    for (size_t i = 0; i < count; ++i) {
      const float more = min((size_t)part, (size_t)(pixels - i * part));
      const float d = from[2 * BLOCK * i] - mean;
      mean += d * (more / (n + more));
      squares += from[2 * BLOCK * i + BLOCK] + d * d * (n * more / (n + more));
      n += more;
    }
  }
  const float factor = 1.0f / sqrt(squares / n + epsilon);
  for (uint c = first; c < first + channels; ++c) {
    global float* to = scales + 3 * BLOCK * (image * (size_t)blocks + c / BLOCK) + c % BLOCK;
    to[0] = mean;
    to[BLOCK] = factor * learnt[c];
    to[2 * BLOCK] = learnt[all_channels + c];
  }
}

// Axis 0: pixels; axis 1: planes, of which `period` have scales of their own.
kernel void normalization__apply(global const SRC_NUMBER* src, global DST_NUMBER* dst,
                                 global const float* scales, ulong pixels, ulong planes,
                                 ulong period, float alpha, float beta) {
  (void)alpha, (void)beta;  // some functions have no constants
  const size_t pixel = get_global_id(0), plane = get_global_id(1);
  if (pixel >= pixels || plane >= planes) return;
  global const CHANNELS* scale = (global const CHANNELS*)scales + 3 * (plane % period);
  const CHANNELS v = fma(GET(src, plane * pixels + pixel) - scale[0], scale[1], scale[2]);
  PUT(ACTIVATE(v, alpha, beta), dst, plane * pixels + pixel);
}

// Each row of `size` numbers by itself. `learnt`: factors along a row, then what is added. BLOCK is
// 1.
kernel void normalization__rows(global const SRC_NUMBER* src, global DST_NUMBER* dst,
                                global const float* learnt, ulong rows, ulong size, float epsilon) {
  const size_t row = get_global_id(0);
  if (row >= rows) return;
  CHANNELS sum = 0, squares = 0;
  for (size_t i = 0; i < size; ++i) sum += GET(src, row * size + i);
  const CHANNELS mean = sum / (float)size;
  for (size_t i = 0; i < size; ++i) {
    const CHANNELS d = GET(src, row * size + i) - mean;
    squares = fma(d, d, squares);
  }
  const CHANNELS factor = 1.0f / sqrt(squares / (float)size + epsilon);
  for (size_t i = 0; i < size; ++i) {
    const CHANNELS v = (GET(src, row * size + i) - mean) * factor;
    PUT(fma(v, (CHANNELS)learnt[i], (CHANNELS)learnt[size + i]), dst, row * size + i);
  }
}
