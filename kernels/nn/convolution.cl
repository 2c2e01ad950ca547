// SPDX-License-Identifier: BSD-3-Clause
// Convolutions, transposed ones too. Every pixel is a sum over taps, pixels of the source:
//
//   dst(o, dst_step q + phase) = activate(bias(o) + sum over taps t and channels c of
//                                         weight(o, c, t) src(c, src_step q + tap(t)))
//
// with src = 0 beyond the border. A convolution has one phase, and dst_step = 1. A transposed one
// of stride s has s phases per axis with taps of their own, dst_step = s and src_step = 1. The
// source may be two tensors: the channels of `more` come after those of `src`.
//
//   BLOCK       channels that lie together
//   SRC_BLOCK   of the source, where that is not the same: 1
//   OUT_BLOCKS  blocks of the result, and
//   PIXELS      pixels one after the other, that a work-item holds in registers
//   DEPTHWISE   a channel of the result reads the same channel of the source, and no other
//   NARROW      few channels leave: they do not lie in blocks
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
#ifndef RUN
#define RUN 64  // products added up before they join a longer sum: sums of sums round less
#endif
#define UNROLL _Pragma("unroll")
#define PIXELS_I UNROLL for (int i = 0; i < PIXELS; ++i)
#define BLOCKS_J UNROLL for (int j = 0; j < OUT_BLOCKS; ++j)

#ifdef SRC_HALF
#define GET_SRC(pointer, index) vload_half(index, pointer)
#else
#define GET_SRC(pointer, index) ((pointer)[index])
#endif

// What a work-item must know, followed by the taps of each phase (first, last + 1) and by the taps.
// Sizes and steps are x, y, z.
typedef struct {
  int4 src_size, dst_size, src_step, dst_step;
  int4 count;     // of q along x, y, z; images
  int4 blocks;    // of src; of src and more; of dst; of those that a block of dst reads
  int4 channels;  // per group: of dst, of src and more; of dst with those filled up; taps
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

// Of dst: blocks to add, and single numbers.
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
#define SRC_CHANNELS PASTE(float, SRC_BLOCK)
#define LOAD_SRC(pointer) PASTE(vload_half, SRC_BLOCK)(0, pointer)
#endif
#define CHANNEL(i, c) ((const float*)&value[i])[c]
#else
#define CHANNEL(i, c) from[i][c]
#endif

// weights: a block of zeros, which is what lies beyond the border; then for each OUT_BLOCKS blocks
// of dst, tap, block of the source that they read and channel of it, OUT_BLOCKS blocks. DEPTHWISE:
// for each block and tap, a block. NARROW: for each channel of dst, tap and block of the source, a
// block. Axis 0: PIXELS pixels; axis 1: OUT_BLOCKS blocks; axis 2: phases of images.
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

  // Where the pixels begin in a plane of the source, and where they lie in one of the result; -1
  // where they do not. Taps are sorted along each axis: if the first and the last one are inside,
  // all are.
  int4 at[PIXELS];
  long begin[PIXELS], end[PIXELS];
  bool all_inside = span.x < span.y;
  int4 q = place_of(first, g->count);
  const int4 offset = phase_of(phase, g->dst_step);
  if (q.x + PIXELS <= g->count.x) {  // all in one row
    const int4 there = q * g->dst_step + offset;
    const bool is_stored = there.y < g->dst_size.y && there.z < g->dst_size.z;
    PIXELS_I {
      at[i] = (int4)(q.x + i, q.yz, 0) * g->src_step;
      begin[i] = (index_of(at[0], g->src_size) + i * g->src_step.x) * SRC_BLOCK;
      end[i] = is_stored && there.x + i * g->dst_step.x < g->dst_size.x
                   ? index_of(there, g->dst_size) + i * g->dst_step.x
                   : -1;
    }
    if (all_inside) {
      const int4 low = min(taps[span.x], taps[span.y - 1]);
      const int4 high = max(taps[span.x], taps[span.y - 1]);
      all_inside =
          is_inside(at[0] + low, g->src_size) && is_inside(at[PIXELS - 1] + high, g->src_size);
    }
  } else {
    PIXELS_I {
      const int4 there = q * g->dst_step + offset;
      at[i] = q * g->src_step;
      begin[i] = index_of(at[i], g->src_size) * SRC_BLOCK;
      end[i] =
          first + i < pixels && is_inside(there, g->dst_size) ? index_of(there, g->dst_size) : -1;
      all_inside = all_inside && is_inside(at[i] + taps[span.x], g->src_size) &&
                   is_inside(at[i] + taps[span.y - 1], g->src_size);
      if (first + i + 1 < pixels) {  // behind the last pixel it is computed again
        q.x += 1;
        if (q.x == g->count.x) q.xy = (int2)(0, q.y + 1);
        if (q.y == g->count.y) q.yz = (int2)(0, q.z + 1);
      }
    }
  }

  CHANNELS sum[OUT_BLOCKS][PIXELS], total[OUT_BLOCKS][PIXELS];
  int added = 0;  // products in each of the sums that are not in the totals yet
#ifdef NARROW
  PIXELS_I total[0][i] = 0;
#else
  BLOCKS_J PIXELS_I total[j][i] = ((global const CHANNELS*)bias)[out + j];
#endif
  BLOCKS_J PIXELS_I sum[j][i] = 0;

  const long plane = (long)g->src_size.x * g->src_size.y * g->src_size.z * SRC_BLOCK;
#ifdef DEPTHWISE
  const int first_block = out, reads = 1;
  const long weights_per_tap = 1;
#elif defined(NARROW)
  const int first_block = out / g->channels.x * g->channels.y / BLOCK, reads = g->blocks.w;
  const long weights_per_tap = reads;
#else
  const int first_block = out * BLOCK / g->channels.x * g->channels.y / SRC_BLOCK;
  const int reads = g->blocks.w;
  const long weights_per_tap = (long)reads * SRC_BLOCK * OUT_BLOCKS;
#endif
  const int end_block = min(first_block + reads, g->blocks.y);
  global const CHANNELS* restrict weights_of_out =
      (global const CHANNELS*)weights + 1 + out / OUT_BLOCKS * g->channels.w * weights_per_tap;
  for (int t = span.x; t < span.y; ++t) {
    const long shift = index_of(taps[t], g->src_size) * SRC_BLOCK;
    long to[PIXELS];
    PIXELS_I to[i] = all_inside || is_inside(at[i] + taps[t], g->src_size) ? begin[i] + shift : -1;
    global const CHANNELS* restrict weight = weights_of_out + t * weights_per_tap;
    for (int block = first_block; block < end_block; ++block) {
      global const SRC_NUMBER* restrict base =
          block < g->blocks.x
              ? src + (image * (long)g->blocks.x + block) * plane
              : more + (image * (long)(g->blocks.y - g->blocks.x) + block - g->blocks.x) * plane;
      global const SRC_NUMBER* from[PIXELS];
      PIXELS_I from[i] = to[i] < 0 ? (global const SRC_NUMBER*)weights : base + to[i];
#if defined(DEPTHWISE) || defined(NARROW)
      PIXELS_I sum[0][i] = fma(GET(from[i], 0), *weight, sum[0][i]);
      ++weight;
      ++added;
#else
#ifdef SRC_HALF
      SRC_CHANNELS value[PIXELS];
      PIXELS_I value[i] = LOAD_SRC(from[i]);
#endif
      for (int c = 0; c < SRC_BLOCK; ++c) {  // not unrolled: compilers load ahead, and run out of
        PIXELS_I {                           // registers
          const float one = CHANNEL(i, c);
          BLOCKS_J sum[j][i] = fma(weight[j], one, sum[j][i]);
        }
        weight += OUT_BLOCKS;
      }
      added += SRC_BLOCK;
#endif
      if (added >= RUN) {
        BLOCKS_J PIXELS_I total[j][i] += sum[j][i], sum[j][i] = 0;
        added = 0;
      }
    }
  }
  BLOCKS_J PIXELS_I sum[j][i] += total[j][i];

  const long dst_pixels = (long)g->dst_size.x * g->dst_size.y * g->dst_size.z;
#ifdef NARROW
  // Neighbours are added again and again, until each number is the sum of one pixel's channels.
  UNROLL for (int n = BLOCK / 2; n > 0; n /= 2) UNROLL for (int i = 0; i < n; ++i) sum[0][i] =
      (CHANNELS)(sum[0][2 * i].even + sum[0][2 * i].odd,
                 sum[0][2 * i + 1].even + sum[0][2 * i + 1].odd);
  PIXELS_I if (end[i] >= 0) {
    const long index = (image * (long)g->blocks.z + out) * dst_pixels + end[i];
    float result = ((const float*)sum[0])[i] + bias[out];
#ifdef RESIDUAL
    result += GET_ONE(residual, index);
#endif
    PUT_ONE(ACTIVATE(result, alpha, beta), dst, index);
  }
#else
  PIXELS_I if (end[i] >= 0) BLOCKS_J if (out + j < g->blocks.z) {
    const long index = (image * (long)g->blocks.z + out + j) * dst_pixels + end[i];
    CHANNELS result = sum[j][i];
#ifdef RESIDUAL
    result += GET_DST(residual, index);
#endif
    PUT(ACTIVATE(result, alpha, beta), dst, index);
  }
#endif
}

// The same by work-groups that share pixels and weights, where channels do not lie in blocks: it is
// a product of matrices, (channels and taps of the source) by (channels of dst) and by (pixels).
//   OUTS    channels of dst, and
//   PIXELS  pixels that a work-item holds in registers: every 4 follow each other, and are as far
//           from the next 4 as 4 times the work-group is wide
//   DEPTH   channels of the source that are brought to local memory at once
// weights: for each DEPTH channels of a source, tap and OUTS channels of dst, DEPTH x OUTS numbers.
// Axis 0: pixels / PIXELS; axis 1: channels of dst / OUTS; axis 2: phases of images.
#ifndef OUTS
#define OUTS 8
#endif
#define DEPTH 8
#define OUT_CHANNELS PASTE(float, OUTS)

kernel void convolution__tiled(global const SRC_NUMBER* restrict src,
                               global const SRC_NUMBER* restrict more,
                               global const DST_NUMBER* restrict residual,
                               global const float* restrict weights,
                               global const float* restrict bias, global const geometry* restrict g,
                               global DST_NUMBER* restrict dst, const float alpha, const float beta,
                               local float* restrict src_tile, local float* restrict weight_tile) {
  (void)residual, (void)alpha, (void)beta;  // some macros leave them out
  const int phases = g->dst_step.x * g->dst_step.y * g->dst_step.z;
  const int phase = get_global_id(2) % phases, image = get_global_id(2) / phases;
  const int lx = get_local_id(0), nx = get_local_size(0);
  const int ly = get_local_id(1), ny = get_local_size(1);
  const int lane = lx + nx * ly, lanes = nx * ny, tile_pixels = nx * PIXELS;
  const long pixels = (long)g->count.x * g->count.y * g->count.z;
  const long first = (get_global_id(0) - lx) * PIXELS;
  const int first_out = (get_global_id(1) - ly) * OUTS;
  global const int4* restrict span_of = (global const int4*)(g + 1);
  global const int4* restrict taps = span_of + phases;
  const int2 span = image < g->count.w ? span_of[phase].xy : (int2)(0, 0);

  const long plane = (long)g->src_size.x * g->src_size.y * g->src_size.z;
  const int depths_of_src = (g->blocks.x + DEPTH - 1) / DEPTH;
  const int depths =
      plane == 0 ? 0 : depths_of_src + (g->blocks.y - g->blocks.x + DEPTH - 1) / DEPTH;
  const int4 mine = place_of(min(first + lane, pixels - 1), g->count) * g->src_step;
  const long weights_per_tap = (long)DEPTH * (g->channels.z / OUTS);
  OUT_CHANNELS sum[PIXELS];
  PIXELS_I sum[i] = 0;
  for (int depth = 0; depth < depths; ++depth) {
    const bool is_src = depth < depths_of_src;
    const int all = is_src ? g->blocks.x : g->blocks.y - g->blocks.x;
    const int channel = (is_src ? depth : depth - depths_of_src) * DEPTH, channels = all - channel;
    global const SRC_NUMBER* restrict planes =
        (is_src ? src : more) + (image * (long)all + channel) * plane;
    global const OUT_CHANNELS* restrict weight =
        (global const OUT_CHANNELS*)weights + (long)first_out / OUTS * DEPTH +
        ((long)depth * g->channels.w + span.x) * weights_per_tap;
    for (int t = span.x; t < span.y; ++t, weight += weights_per_tap) {
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int p = lane; p < tile_pixels; p += lanes) {
        const int4 q =
            p == lane ? mine : place_of(min(first + p, pixels - 1), g->count) * g->src_step;
        const bool inside = is_inside(q + taps[t], g->src_size);
        const long index = inside ? index_of(q + taps[t], g->src_size) : 0;
        global const SRC_NUMBER* from = planes + index;
        float value[DEPTH];  // all are on their way before one is waited for
        UNROLL for (int k = 0; k < DEPTH; ++k) {
          value[k] = GET_SRC(from, 0);
          from += k + 1 < channels ? plane : 0;
        }
        UNROLL for (int k = 0; k < DEPTH; ++k) src_tile[k * tile_pixels + p] =
            inside && k < channels ? value[k] : 0.0f;
      }
      for (int i = lane; i < DEPTH * ny; i += lanes)
        ((local OUT_CHANNELS*)weight_tile)[i] = weight[i];
      barrier(CLK_LOCAL_MEM_FENCE);
      UNROLL for (int k = 0; k < DEPTH; ++k) {
        const OUT_CHANNELS w = ((local const OUT_CHANNELS*)weight_tile)[ly * DEPTH + k];
        local const float4* next = (local const float4*)(src_tile + k * tile_pixels) + lx;
        UNROLL for (int i = 0; i < PIXELS; i += 4, next += nx) {
          const float4 four_pixels = *next;
          sum[i] = fma(w, (OUT_CHANNELS)four_pixels.x, sum[i]);
          sum[i + 1] = fma(w, (OUT_CHANNELS)four_pixels.y, sum[i + 1]);
          sum[i + 2] = fma(w, (OUT_CHANNELS)four_pixels.z, sum[i + 2]);
          sum[i + 3] = fma(w, (OUT_CHANNELS)four_pixels.w, sum[i + 3]);
        }
      }
    }
  }

  if (image >= g->count.w) return;
  const long dst_pixels = (long)g->dst_size.x * g->dst_size.y * g->dst_size.z;
  const int4 offset = phase_of(phase, g->dst_step);
  PIXELS_I {
    const long p = first + 4 * (i / 4 * nx + lx) + i % 4;
    const int4 at = place_of(min(p, pixels - 1), g->count) * g->dst_step + offset;
    if (p < pixels && is_inside(at, g->dst_size)) {
      UNROLL for (int k = 0; k < OUTS; ++k) {
        const int out = first_out + ly * OUTS + k;
        if (out < g->blocks.z) {
          const long index =
              (image * (long)g->blocks.z + out) * dst_pixels + index_of(at, g->dst_size);
          float result = ((const float*)&sum[i])[k] + bias[out];
#ifdef RESIDUAL
          result += GET_ONE(residual, index);
#endif
          PUT_ONE(ACTIVATE(result, alpha, beta), dst, index);
        }
      }
    }
  }
}
