// SPDX-License-Identifier: BSD-3-Clause
// Convolutions, transposed ones too. Every pixel is a sum over taps, which are pixels of the source:
//
//   dst(o, dst_step q + phase) = activate(bias(o) + sum over taps t and channels c of
//                                         weight(o, c, t) src(c, src_step q + tap(t)))
//
// with src = 0 beyond the border. A convolution has one phase, and dst_step = 1. A transposed one of
// stride s has s phases per axis with taps of their own, dst_step = s and src_step = 1. The source
// may be two tensors: the channels of `more` come after those of `src`.
//
//   BLOCK       channels that lie together
//   SRC_BLOCK   of the source, where that is not the same: 1
//   OUT_BLOCKS  blocks of the result, and
//   PIXELS      pixels one after the other, that a work-item holds in registers
//   DEPTHWISE   a channel of the result reads the same channel of the source, and no other
//   RESIDUAL    `residual`, which lies like dst, is added before the function is applied

#ifndef SRC_BLOCK
#define SRC_BLOCK BLOCK
#endif
#ifndef OUT_BLOCKS
#define OUT_BLOCKS 1
#endif
#ifndef PIXELS
#define PIXELS 8
#endif
#define UNROLL _Pragma("unroll")
#define PIXELS_I UNROLL for (int i = 0; i < PIXELS; ++i)
#define BLOCKS_J UNROLL for (int j = 0; j < OUT_BLOCKS; ++j)

// What a work-item must know, followed by the taps of each phase (first, last + 1) and by the taps.
// Sizes and steps are x, y, z.
typedef struct {
  int4 src_size, dst_size, src_step, dst_step;
  int4 count;     // of q along x, y, z; images
  int4 blocks;    // of src; of src and more; of dst; of those that a block of dst reads
  int4 channels;  // per group: of dst, of src and more
} geometry;

int4 place_of(long index, int4 count) {
  const long row = index / count.x;
  return (int4)(index % count.x, row % count.y, row / count.y, 0);
}

long index_of(int4 at, int4 size) { return at.x + size.x * (at.y + size.y * (long)at.z); }

bool is_inside(int4 at, int4 size) {
  return (uint)at.x < (uint)size.x && (uint)at.y < (uint)size.y && (uint)at.z < (uint)size.z;
}

int4 phase_of(int number, int4 step) {
  return (int4)(number % step.x, number / step.x % step.y, number / step.x / step.y, 0);
}

// Of dst: blocks to add, and single channels.
#ifdef DST_HALF
#define GET_DST(pointer, index) HALVES(vload_half)(index, pointer)
#define GET_ONE(pointer, index) vload_half(index, pointer)
#define PUT_ONE(value, pointer, index) vstore_half_rte(value, index, pointer)
#else
#define GET_DST(pointer, index) (((global const CHANNELS*)(pointer))[index])
#define GET_ONE(pointer, index) ((pointer)[index])
#define PUT_ONE(value, pointer, index) ((pointer)[index] = (value))
#endif

// A channel of the block at pixel i.
#ifdef SRC_HALF
#if SRC_BLOCK == 1
#define SRC_CHANNELS float
#define LOAD_SRC(pointer) vload_half(0, pointer)
#else
#define SRC_CHANNELS CHANNELS
#define LOAD_SRC(pointer) GET(pointer, 0)
#endif
#define CHANNEL(i, c) ((const float*)&value[i])[c]
#else
#define CHANNEL(i, c) from[i][c]
#endif

// weights: a block of zeros; then for each OUT_BLOCKS blocks of dst, tap, block of the source that
// they read and channel of it, OUT_BLOCKS blocks. Axis 0: PIXELS pixels; axis 1: OUT_BLOCKS blocks;
// axis 2: phases of images.
kernel void convolution(global const SRC_NUMBER* restrict src,
                        global const SRC_NUMBER* restrict more,
                        global const DST_NUMBER* restrict residual,
                        global const float* restrict weights, global const float* restrict bias,
                        global const geometry* restrict g, global DST_NUMBER* restrict dst,
                        const float alpha, const float beta) {
  (void)residual, (void)alpha, (void)beta;  // some macros leave them out
  const int phases = g->dst_step.x * g->dst_step.y * g->dst_step.z;
  const int phase = get_global_id(2) % phases, image = get_global_id(2) / phases;
  const int out = get_global_id(1) * OUT_BLOCKS;
  const long first = get_global_id(0) * PIXELS, pixels = (long)g->count.x * g->count.y * g->count.z;
  if (first >= pixels || out >= g->blocks.z || image >= g->count.w) return;
  global const int4* restrict span_of = (global const int4*)(g + 1);
  global const int4* restrict taps = span_of + phases;
  const int2 span = span_of[phase].xy;

  // Behind the last pixel it is computed again, and not stored. Taps are sorted along each axis: if
  // the first and the last one are inside, all are.
  int4 q[PIXELS];
  long begin[PIXELS];
  q[0] = place_of(first, g->count);
  bool all_inside = span.x < span.y;
  PIXELS_I {
    if (i > 0) {
      q[i] = q[i - 1];
      if (first + i < pixels) {
        q[i].x += 1;
        if (q[i].x == g->count.x) q[i].xy = (int2)(0, q[i].y + 1);
        if (q[i].y == g->count.y) q[i].yz = (int2)(0, q[i].z + 1);
      }
    }
    const int4 at = q[i] * g->src_step;
    begin[i] = index_of(at, g->src_size) * SRC_BLOCK;
    all_inside = all_inside && is_inside(at + taps[span.x], g->src_size) &&
                 is_inside(at + taps[span.y - 1], g->src_size);
  }

  CHANNELS sum[OUT_BLOCKS][PIXELS];
  BLOCKS_J PIXELS_I sum[j][i] = ((global const CHANNELS*)bias)[out + j];

  const long plane = (long)g->src_size.x * g->src_size.y * g->src_size.z * SRC_BLOCK;
#ifdef DEPTHWISE
  const int first_block = out, last_block = out;
#else
  const int first_block = out * BLOCK / g->channels.x * g->channels.y / SRC_BLOCK;
  const int last_block = min(first_block + g->blocks.w, g->blocks.y) - 1;
#endif
  global const CHANNELS* restrict weights_of_out = (global const CHANNELS*)weights + 1 +
#ifdef DEPTHWISE
                                                   (long)out * g->channels.w;
#else
                                                   (long)out * g->channels.w * g->blocks.w *
                                                       SRC_BLOCK;
#endif
  for (int t = span.x; t < span.y; ++t) {
    const long shift = index_of(taps[t], g->src_size) * SRC_BLOCK;
    long to[PIXELS];
    PIXELS_I to[i] =
        all_inside || is_inside(q[i] * g->src_step + taps[t], g->src_size) ? begin[i] + shift : -1;
#ifdef DEPTHWISE
    global const CHANNELS* restrict weight = weights_of_out + t;
#else
    global const CHANNELS* restrict weight =
        weights_of_out + (long)t * g->blocks.w * SRC_BLOCK * OUT_BLOCKS;
#endif
    for (int block = first_block; block <= last_block; ++block) {
      global const SRC_NUMBER* restrict base =
          block < g->blocks.x
              ? src + (image * (long)g->blocks.x + block) * plane
              : more + (image * (long)(g->blocks.y - g->blocks.x) + block - g->blocks.x) * plane;
      global const SRC_NUMBER* from[PIXELS];
      PIXELS_I from[i] = to[i] < 0 ? (global const SRC_NUMBER*)weights : base + to[i];
#ifdef DEPTHWISE
      PIXELS_I sum[0][i] = fma(GET(from[i], 0), *weight, sum[0][i]);
#else
#ifdef SRC_HALF
      SRC_CHANNELS value[PIXELS];
      PIXELS_I value[i] = LOAD_SRC(from[i]);
#endif
      for (int c = 0; c < SRC_BLOCK; ++c) {
        PIXELS_I {
          const float one = CHANNEL(i, c);
          BLOCKS_J sum[j][i] = fma(weight[j], one, sum[j][i]);
        }
        weight += OUT_BLOCKS;
      }
#endif
    }
  }

  const long dst_pixels = (long)g->dst_size.x * g->dst_size.y * g->dst_size.z;
  const int4 offset = phase_of(phase, g->dst_step);
  PIXELS_I {
    const int4 at = q[i] * g->dst_step + offset;
    if (first + i < pixels && is_inside(at, g->dst_size)) BLOCKS_J {
        if (out + j < g->blocks.z) {
          const long index =
              (image * (long)g->blocks.z + out + j) * dst_pixels + index_of(at, g->dst_size);
          CHANNELS result = sum[j][i];
#ifdef RESIDUAL
          result += GET_DST(residual, index);
#endif
          PUT(ACTIVATE(result, alpha, beta), dst, index);
        }
      }
  }
}

// The same where few channels leave: dst has one channel after the other. weights: for each channel
// of dst, tap and block of the source, a block. Axis 0: pixels; axis 1: channels of dst; axis 2:
// phases of images.
kernel void convolution__narrow(global const SRC_NUMBER* restrict src,
                                global const SRC_NUMBER* restrict more,
                                global const DST_NUMBER* restrict residual,
                                global const float* restrict weights,
                                global const float* restrict bias,
                                global const geometry* restrict g, global DST_NUMBER* restrict dst,
                                const float alpha, const float beta) {
  (void)residual, (void)alpha, (void)beta;  // some macros leave them out
  const int phases = g->dst_step.x * g->dst_step.y * g->dst_step.z;
  const int phase = get_global_id(2) % phases, image = get_global_id(2) / phases;
  const int out = get_global_id(1);
  const long pixels = (long)g->count.x * g->count.y * g->count.z;
  if ((long)get_global_id(0) >= pixels || out >= g->blocks.z || image >= g->count.w) return;
  const int4 q = place_of(get_global_id(0), g->count);
  const int4 at = q * g->dst_step + phase_of(phase, g->dst_step);
  if (!is_inside(at, g->dst_size)) return;
  global const int4* restrict span_of = (global const int4*)(g + 1);
  global const int4* restrict taps = span_of + phases;

  const long plane = (long)g->src_size.x * g->src_size.y * g->src_size.z;
  const int first_block = out / g->channels.x * g->channels.y / BLOCK;
  const int last_block = min(first_block + g->blocks.w, g->blocks.y) - 1;
  CHANNELS sums = 0;
  for (int t = span_of[phase].x; t < span_of[phase].y; ++t) {
    const int4 there = q * g->src_step + taps[t];
    if (!is_inside(there, g->src_size)) continue;
    global const CHANNELS* restrict weight =
        (global const CHANNELS*)weights + 1 + (out * (long)g->channels.w + t) * g->blocks.w;
    for (int block = first_block; block <= last_block; ++block, ++weight) {
      const bool is_src = block < g->blocks.x;
      const int blocks = is_src ? g->blocks.x : g->blocks.y - g->blocks.x;
      const long index = (image * (long)blocks + block - (is_src ? 0 : g->blocks.x)) * plane +
                         index_of(there, g->src_size);
      sums = fma(GET(is_src ? src : more, index), *weight, sums);
    }
  }
#if BLOCK == 16
  const float8 sums8 = sums.lo + sums.hi;
#elif BLOCK == 8
  const float8 sums8 = sums;
#endif
#if BLOCK >= 8
  const float4 sums4 = sums8.lo + sums8.hi;
#elif BLOCK == 4
  const float4 sums4 = sums;
#endif
#if BLOCK >= 4
  float result = sums4.x + sums4.y + (sums4.z + sums4.w) + bias[out];
#else
  float result = sums + bias[out];
#endif
  const long index =
      (image * (long)g->blocks.z + out) * ((long)g->dst_size.x * g->dst_size.y * g->dst_size.z) +
      index_of(at, g->dst_size);
#ifdef RESIDUAL
  result += GET_ONE(residual, index);
#endif
  PUT_ONE(ACTIVATE(result, alpha, beta), dst, index);
}
