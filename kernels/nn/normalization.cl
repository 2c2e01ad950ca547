// SPDX-License-Identifier: BSD-3-Clause
// Numbers shifted and scaled to mean 0 and variance 1, and then as a network has learnt it.
//
// A plane is all pixels of a block of channels of an image. Means and sums of squared deviations
// are taken of parts of a plane, of `part` pixels at most, and put together in their order as Chan,
// Golub and LeVeque (1979) do it: differences of large sums never cancel.
//
//   INTERLEAVED  part i is every count-th pixel from i on, so that neighbouring work-items read
//                neighbouring pixels; else the pixels of a part are neighbours

#ifdef INTERLEAVED
#define PART_BEGIN(i) (i)
#define PART_STEP count
#define PART_SIZE(i) ((pixels - (i) + count - 1) / count)
#else
#define PART_BEGIN(i) ((i)*part)
#define PART_STEP 1
#define PART_SIZE(i) min(part, pixels - (i)*part)
#endif

// Axis 0: parts; axis 1: planes. A part becomes a mean, and a sum of squares.
kernel void normalization__parts(global const SRC_NUMBER* src, global float* parts, ulong pixels,
                                 ulong part, ulong planes) {
  const ulong count = (pixels + part - 1) / part, i = get_global_id(0), plane = get_global_id(1);
  if (i >= count || plane >= planes) return;
  const ulong size = PART_SIZE(i), begin = plane * pixels + PART_BEGIN(i);
  // Sums of differences from a number: those of numbers far from 0 would lose digits.
  const CHANNELS origin = GET(src, begin);
  CHANNELS sum = 0, squares = 0;
  for (ulong p = 0; p < size; ++p) sum += GET(src, begin + p * PART_STEP) - origin;
  const CHANNELS mean = origin + sum / (float)size;
  for (ulong p = 0; p < size; ++p) {
    const CHANNELS d = GET(src, begin + p * PART_STEP) - mean;
    squares = fma(d, d, squares);
  }
  global CHANNELS* to = (global CHANNELS*)parts + 2 * (plane * count + i);
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
  const ulong count = (pixels + part - 1) / part;
  float n = 0, mean = 0, squares = 0;
  for (uint c = first; c < first + channels; ++c) {
    global const float* from =
        parts + 2 * BLOCK * count * (image * (size_t)blocks + c / BLOCK) + c % BLOCK;
    for (ulong i = 0; i < count; ++i) {
      const float more = PART_SIZE(i);
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
