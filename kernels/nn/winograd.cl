// SPDX-License-Identifier: BSD-3-Clause
// Convolutions with windows of 3 x 3, or n x 3 x 3, and stride 1, with fewer multiplications
// (Lavin and Gray 2015, arXiv 1509.09308; about rounding: Barabasz et al. 2018, arXiv 1803.10986).
// A tile of UNIT x UNIT pixels of the result comes from SIDE x SIDE = (UNIT + 2)^2 pixels d of the
// source and the window's weights g by
//
//   A' [(G g G') * (B' d B)] A     with * by elements,
//
// G g G' made beforehand. The product is, for each of the SIDE x SIDE elements, one of matrices:
// tiles x channels of the source by channels of the source x channels of the result. Along z the
// sum is a plain one.
//
//   UNIT        2 or 4
//   OUT_BLOCKS  blocks of the result, and
//   TILES       tiles, of which a product is held in registers
//   RESIDUAL    `residual`, which lies like dst, is added before the function is applied
//
// A work-item does one task after the other: a chunk of the tiles of a plane, for some planes of
// the result, several at once where there are few tiles, and some of its blocks. It keeps the
// transformed source and the products in a part of `scratch`, which stays in a core's cache.

#ifndef UNIT
#define UNIT 4
#endif
#ifndef OUT_BLOCKS
#define OUT_BLOCKS 1
#endif
#ifndef TILES
#define TILES 8
#endif
#define SIDE (UNIT + 2)
#ifndef RUN
#define RUN 64  // channels added up before they join a longer sum: sums of sums round less
#endif
#define UNROLL _Pragma("unroll")
#define SIDE_I UNROLL for (int i = 0; i < SIDE; ++i)
#define TILES_I UNROLL for (int i = 0; i < TILES; ++i)
#define BLOCKS_J UNROLL for (int j = 0; j < OUT_BLOCKS; ++j)

#ifdef DST_HALF
#define GET_DST(pointer, index) HALVES(vload_half)(index, pointer)
#else
#define GET_DST(pointer, index) (((global const CHANNELS*)(pointer))[index])
#endif

// Sizes and positions are x, y, z.
typedef struct {
  int4 src_size, dst_size;
  int4 begin;   // zeros before the first pixel; w: planes of the window
  int4 tiles;   // of a plane along x and in all; of a chunk, of which there are `w`
  int4 planes;  // of dst that a task takes, and the number of such runs; images; planes at once
  int4 blocks;  // of src; of src and more; of dst
  int4 groups;  // of OUT_BLOCKS blocks; of those that a task takes; tasks
} geometry;

#if UNIT == 4
// Of polynomials at 0, P, -P, Q, -Q and infinity. These numbers round half as much as 1 and 2 do,
// and all that is made of them is exact in a float.
#define P 0.625f
#define Q 1.5f
// B' d
void to_products(CHANNELS* o, const CHANNELS* d) {
  const CHANNELS a = fma(-Q * Q, d[2], d[4]), b = fma(-Q * Q, d[1], d[3]);
  const CHANNELS c = fma(-P * P, d[2], d[4]), e = fma(-P * P, d[1], d[3]);
  o[0] = fma(P * P * Q * Q, d[0], fma(-P * P - Q * Q, d[2], d[4]));
  o[1] = fma(P, b, a);
  o[2] = fma(-P, b, a);
  o[3] = fma(Q, e, c);
  o[4] = fma(-Q, e, c);
  o[5] = fma(P * P * Q * Q, d[1], fma(-P * P - Q * Q, d[3], d[5]));
}
// A' m
void from_products(CHANNELS* o, const CHANNELS* m) {
  const CHANNELS a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], e = m[3] - m[4];
  o[0] = m[0] + a + c;
  o[1] = fma(Q, e, P * b);
  o[2] = fma(Q * Q, c, P * P * a);
  o[3] = fma(Q * Q * Q, e, fma(P * P * P, b, m[5]));
}
#else
void to_products(CHANNELS* o, const CHANNELS* d) {
  o[0] = d[0] - d[2];
  o[1] = d[1] + d[2];
  o[2] = d[2] - d[1];
  o[3] = d[1] - d[3];
}
void from_products(CHANNELS* o, const CHANNELS* m) {
  o[0] = m[0] + m[1] + m[2];
  o[1] = m[1] - m[2] - m[3];
}
#endif

// B' d B of the tile that begins at `from` in a plane of the source, `stride` blocks apart.
void transform_tile(global const SRC_NUMBER* restrict src, long plane, int2 from, int2 size,
                    global CHANNELS* restrict v, long stride) {
  CHANNELS columns[SIDE][SIDE];
  const bool inside =
      from.x >= 0 && from.y >= 0 && from.x + SIDE <= size.x && from.y + SIDE <= size.y;
  SIDE_I {
    CHANNELS row[SIDE], made[SIDE];
    const int y = from.y + i;
    const long begin = plane + (long)y * size.x + from.x;
    UNROLL for (int k = 0; k < SIDE; ++k) {
      if (inside || (y >= 0 && y < size.y && from.x + k >= 0 && from.x + k < size.x))
        row[k] = GET(src, begin + k);
      else
        row[k] = 0;
    }
    to_products(made, row);
    UNROLL for (int k = 0; k < SIDE; ++k) columns[k][i] = made[k];
  }
  UNROLL for (int k = 0; k < SIDE; ++k) {
    CHANNELS made[SIDE];
    to_products(made, columns[k]);
    SIDE_I v[(i * SIDE + k) * stride] = made[i];
  }
}

// sum[j][i] += the products of one block of channels of the source: TILES tiles at `v`, weights
// [channel][j].
#define MULTIPLY(v, weight)                                        \
  for (int c = 0; c < BLOCK; ++c) {                                \
    TILES_I {                                                      \
      const float one = ((global const float*)(v))[i * BLOCK + c]; \
      BLOCKS_J sum[j][i] = fma((weight)[j], one, sum[j][i]);       \
    }                                                              \
    (weight) += OUT_BLOCKS;                                        \
  }

// weights: [group of OUT_BLOCKS][element][plane of the window][channel of the source][block].
// Axis 0: work-items, `scratch_blocks` blocks of scratch each.
kernel void winograd(global const SRC_NUMBER* restrict src, global const SRC_NUMBER* restrict more,
                     global const DST_NUMBER* restrict residual,
                     global const float* restrict weights, global const float* restrict bias,
                     global const geometry* restrict g, global DST_NUMBER* restrict dst,
                     global float* restrict scratch, const ulong scratch_blocks, const float alpha,
                     const float beta) {
  (void)residual, (void)alpha, (void)beta;  // some macros leave them out
  const long src_plane = (long)g->src_size.x * g->src_size.y,
             src_pixels = src_plane * g->src_size.z;
  const long dst_plane = (long)g->dst_size.x * g->dst_size.y,
             dst_pixels = dst_plane * g->dst_size.z;
  const int window = g->begin.w, blocks = g->blocks.y;
  // One block more than needed, so that not all elements fall into the same lines of a cache.
  const long chunk = g->tiles.z, v_stride = blocks * chunk + 1, v_plane = v_stride * SIDE * SIDE;
  const int at_once = g->planes.w, slots = window + at_once - 1;
  const long m_stride = at_once * chunk * OUT_BLOCKS + 1;
  global CHANNELS* restrict v = (global CHANNELS*)scratch + get_global_id(0) * scratch_blocks;
  global CHANNELS* restrict m = v + v_plane * slots;

  for (int task = get_global_id(0); task < g->groups.z; task += get_global_size(0)) {
    const int first_tile = task % g->tiles.w * g->tiles.z, rest = task / g->tiles.w;
    const int tiles = min(g->tiles.z, g->tiles.y - first_tile);
    const int first_z = rest % g->planes.y * g->planes.x, image = rest / g->planes.y % g->planes.z;
    const int last_z = min(first_z + g->planes.x, g->dst_size.z);
    const int first_group = rest / g->planes.y / g->planes.z * g->groups.y;
    const int last_group = min(first_group + g->groups.y, g->groups.x);

    int ready = max(first_z - g->begin.z, 0);  // planes of the source before this one are in v
    for (int z = first_z; z < last_z; z += at_once) {
      const int next_z = min(z + at_once, last_z);
      const int last_ready = min(next_z - 1 - g->begin.z + window, g->src_size.z);
      for (; ready < last_ready; ++ready)
        for (int block = 0; block < blocks; ++block) {
          const bool is_src = block < g->blocks.x;
          const long in_tensor = is_src
                                     ? image * (long)g->blocks.x + block
                                     : image * (long)(blocks - g->blocks.x) + block - g->blocks.x;
          for (int t = 0; t < tiles; ++t) {
            const int2 tile = (int2)((first_tile + t) % g->tiles.x, (first_tile + t) / g->tiles.x);
            transform_tile(is_src ? src : more, in_tensor * src_pixels + ready * src_plane,
                           tile * UNIT - g->begin.xy, g->src_size.xy,
                           v + ready % slots * v_plane + block * chunk + t, v_stride);
          }
        }

      for (int group = first_group; group < last_group; ++group) {
        for (int element = 0; element < SIDE * SIDE; ++element)
          for (int to_z = z; to_z < next_z; ++to_z) {
            const int begin_z = to_z - g->begin.z;
            const int first_plane = max(begin_z, 0),
                      last_plane = min(begin_z + window, g->src_size.z);
            for (int t = 0; t < tiles; t += TILES) {
              global const CHANNELS* restrict weight =
                  (global const CHANNELS*)weights +
                  (((long)group * SIDE * SIDE + element) * window + first_plane - begin_z) *
                      blocks * BLOCK * OUT_BLOCKS;
              global CHANNELS* restrict to =
                  m + element * m_stride + ((to_z - z) * chunk + t) * OUT_BLOCKS;
              int plane = first_plane, block = 0;
              bool is_begun = false;
              do {
                CHANNELS sum[OUT_BLOCKS][TILES];
                BLOCKS_J TILES_I sum[j][i] = 0;
                for (int left = RUN; left > 0 && plane < last_plane; left -= BLOCK) {
                  global const CHANNELS* restrict from =
                      v + plane % slots * v_plane + element * v_stride + block * chunk + t;
                  MULTIPLY(from, weight)
                  if (++block == blocks) block = 0, ++plane;
                }
                TILES_I BLOCKS_J {
                  const int k = i * OUT_BLOCKS + j;
                  to[k] = is_begun ? to[k] + sum[j][i] : sum[j][i];
                }
                is_begun = true;
              } while (plane < last_plane);
            }
          }

        for (int part = 0; part < tiles * (next_z - z); ++part) {
          const int t = part % tiles, to_z = z + part / tiles;
          const int x = (first_tile + t) % g->tiles.x * UNIT;
          const int y = (first_tile + t) / g->tiles.x * UNIT;
          for (int j = 0; j < OUT_BLOCKS; ++j) {
            const int out = group * OUT_BLOCKS + j;
            if (out >= g->blocks.z) break;
            CHANNELS rows[UNIT][SIDE];
            SIDE_I {
              CHANNELS column[SIDE], made[UNIT];
              UNROLL for (int k = 0; k < SIDE; ++k) column[k] =
                  m[(k * SIDE + i) * m_stride + ((to_z - z) * chunk + t) * OUT_BLOCKS + j];
              from_products(made, column);
              UNROLL for (int k = 0; k < UNIT; ++k) rows[k][i] = made[k];
            }
            const CHANNELS add = ((global const CHANNELS*)bias)[out];
            const long begin = (image * (long)g->blocks.z + out) * dst_pixels + to_z * dst_plane +
                               (long)y * g->dst_size.x + x;
            UNROLL for (int k = 0; k < UNIT; ++k) {
              CHANNELS made[UNIT];
              from_products(made, rows[k]);
              UNROLL for (int i = 0; i < UNIT; ++i) {
                if (y + k < g->dst_size.y && x + i < g->dst_size.x) {
                  const long index = begin + (long)k * g->dst_size.x + i;
                  CHANNELS result = made[i] + add;
#ifdef RESIDUAL
                  result += GET_DST(residual, index);
#endif
                  PUT(ACTIVATE(result, alpha, beta), dst, index);
                }
              }
            }
          }
        }
      }
    }
  }
}
