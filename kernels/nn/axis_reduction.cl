// SPDX-License-Identifier: BSD-3-Clause
// Sums, products, least and greatest numbers along axes, and where those are.
//
// Each of `outer` rows of `size` numbers becomes `parts` times `lanes` numbers. A lane is every
// `lanes`-th number; FAN numbers of it become one. What belongs together depends on the tensor
// alone, and so do sums.
//
//   KIND      0 sum   1 product   2 greatest   3 least
//   PREPARE   what becomes of each number first: 0 nothing   1 its absolute value   2 its square
//   ROOT      the square root of each result is taken
//   LEAST     `axis_reduction__position`: of the least number; else of the greatest
//   LAST      of several such numbers the last one; else the first
//
// BLOCK neighbouring lanes per work-item, from `first` on. Axis 0: lanes; axis 1: parts; axis 2:
// rows.

#define FAN 32

#ifndef KIND
#define KIND 0
#endif
#if KIND == 0
#define NOTHING 0.0f
#define FOLD(a, b) ((a) + (b))
#elif KIND == 1
#define NOTHING 1.0f
#define FOLD(a, b) ((a) * (b))
#elif KIND == 2
#define NOTHING (-INFINITY)
#define FOLD(a, b) ((a) < (b) ? (b) : (a))
#else
#define NOTHING INFINITY
#define FOLD(a, b) ((b) < (a) ? (b) : (a))
#endif
#if defined(PREPARE) && PREPARE == 1
#define PREPARED(x) fabs(x)
#elif defined(PREPARE) && PREPARE == 2
#define PREPARED(x) ((x) * (x))
#else
#define PREPARED(x) (x)
#endif

kernel void axis_reduction__fold(global const SRC_NUMBER* src, global DST_NUMBER* dst,
                                 const ulong from, const ulong to, const ulong size,
                                 const ulong lanes, const ulong parts, const ulong outer,
                                 const ulong first, const ulong items, const float factor) {
  const size_t part = get_global_id(1), row = get_global_id(2);
  if (get_global_id(0) >= items || part >= parts || row >= outer) return;
  const size_t lane = first + get_global_id(0) * BLOCK;
  CHANNELS result = NOTHING;
  size_t k = part * FAN * lanes + lane;
  const size_t end = min(k + FAN * lanes, (size_t)size);
  src += from + row * size;
  for (; k + BLOCK <= end; k += lanes) {
    const CHANNELS next = TAKE(src, k);
    result = FOLD(result, PREPARED(next));
  }
#if BLOCK > 1
  if (k < end) {  // the last numbers of the row are not a vector
    float some[BLOCK];
    STORE_FLOATS(result, some, 0);
    for (size_t i = k; i < end; ++i) {
      const float next = TAKE_ONE(src, i);
      some[i - k] = FOLD(some[i - k], PREPARED(next));
    }
    result = FLOATS(some, 0);
  }
#endif
  result *= factor;
#ifdef ROOT
  result = sqrt(result);
#endif
  GIVE(result, dst, to + (row * parts + part) * lanes + lane);
}

// Along an axis of (outer, size, inner). Axis 0: BLOCK columns of `inner`; axis 1: outer.
kernel void axis_reduction__position(global const SRC_NUMBER* src, global DST_NUMBER* dst,
                                     const ulong size, const ulong inner, const ulong first,
                                     const ulong items, const ulong outer) {
  if (get_global_id(0) >= items || get_global_id(1) >= outer) return;
  const size_t column = first + get_global_id(0) * BLOCK;
  const size_t begin = get_global_id(1) * size * inner + column;
  CHANNELS best = TAKE(src, begin), position = 0.0f;
  for (size_t i = 1; i < size; ++i) {
    const CHANNELS next = TAKE(src, begin + i * inner), here = (CHANNELS)(float)i;
#if defined(LEAST) && defined(LAST)
    const MASK is_better = next <= best;
#elif defined(LEAST)
    const MASK is_better = next < best;
#elif defined(LAST)
    const MASK is_better = next >= best;
#else
    const MASK is_better = next > best;
#endif
    best = is_better ? next : best;
    position = is_better ? here : position;
  }
  GIVE(position, dst, get_global_id(1) * inner + column);
}
