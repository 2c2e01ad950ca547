// SPDX-License-Identifier: BSD-3-Clause
// Medians of lines of pixels along y or z: `length` pixels that are `plane` apart, as many lines
// side by side as that, and `planes` of such lines. A work-item takes VEC of them. It finds those
// bits of their medians in which pixels of a line differ, from the highest to the lowest, each by
// counting.
//   LOCAL      it keeps the ranks in local memory: on a CPU the cache would forget pixels that are
//              a power of two apart
//   ONE_PIXEL  the work-items of a work-group along y share a line
DEFINE_GET_IN_ROW(pixels_in_row, SRC_T)

#ifdef IS_FLOAT
#define IS_NAN(pixels) ((pixels) != (pixels) ? one : none)
#define MEAN(a, b) ((a) == (b) ? VALUE(a) : 0.5f * VALUE(a) + 0.5f * VALUE(b))
#define VALUE(rank) AS(VECTOR(float), ORDER(AS(VECTOR(int), (rank)-RANK_OF_ZERO)))
#else
#define IS_NAN(pixels) none
#define MEAN(a, b) (TO_VECTOR(float, VALUE(a) + VALUE(b)) * 0.5f)
#define VALUE(rank) \
  (RANK_OF_ZERO == 0 ? TO_VECTOR(long, rank) : TO_VECTOR(long, rank) - (long)RANK_OF_ZERO)
#endif

#ifdef ONE_PIXEL
#define SLOTS , local uint* restrict slots
#define LANE get_local_id(1)
#define LANES get_local_size(1)
#define SLOT(lane) slots[get_local_id(0) + get_local_size(0) * (lane)]
#define MEET barrier(CLK_LOCAL_MEM_FENCE)
// What the work-items of a line have, together.
#define TOGETHER(value, JOIN)                                            \
  if (LANES > 1) {                                                       \
    MEET;                                                                \
    SLOT(LANE) = value;                                                  \
    MEET;                                                                \
    value = SLOT(0);                                                     \
    for (size_t lane = 1; lane < LANES; ++lane) JOIN(value, SLOT(lane)); \
  }
#else
#define SLOTS
#define LANE 0
#define LANES 1
#define TOGETHER(value, JOIN)
#endif
#define ADD(a, b) a += b
#define UNITE(a, b) a |= b
#define LOWER(a, b) a = min(a, b)

#ifdef LOCAL
#define KEPT , local uint* restrict ranks
#define KEEP(k, values) STORE(values, ranks + (k)*VEC)
#define RANKS_OF(k) LOAD(ranks + (k)*VEC)
#else
#define KEPT
#define KEEP(k, values)
#define RANKS_OF(k) RANKS(pixels_in_row(src + (k)*plane, count))
#endif

kernel void median_projection__lines(global const SRC_T* restrict src, global float* restrict dst,
                                     const ulong plane, const ulong length,
                                     const ulong planes KEPT SLOTS) {
  const size_t i = get_global_id(0) * VEC, z = get_global_id(1) / LANES;
  const bool is_inside = i < plane && z < planes;
#ifdef ONE_PIXEL  // who is outside computes something
  src += is_inside ? z * plane * length + i : 0;
#else
  if (!is_inside) return;
  src += z * plane * length + i;
#endif
  const int count = is_inside ? (int)min((ulong)VEC, plane - i) : VEC;
  const VECTOR(uint) one = 1, none = 0, most = UINT_MAX;

  VECTOR(uint) median = RANKS(pixels_in_row(src, count)), varied = none, has_nan = none;
  for (size_t k = LANE; k < length; k += LANES) {
    const VECTOR(SRC_T) pixels = pixels_in_row(src + k * plane, count);
    const VECTOR(uint) values = RANKS(pixels);
    varied |= values ^ median;
    has_nan |= IS_NAN(pixels);
    KEEP(k, values);
  }
#ifdef ONE_PIXEL
  local uint of_all;  // who meet
  if (get_local_id(0) + LANE == 0) of_all = 0;
  MEET;
  if (is_inside && varied != 0) atomic_or(&of_all, varied);
  MEET;
  uint of_any = of_all;
#else
  uint of_any = 0;
  uint of_lane[VEC];
  STORE(varied, of_lane);
  for (int lane = 0; lane < VEC; ++lane) of_any |= of_lane[lane];
#endif
#ifdef IS_FLOAT
  TOGETHER(has_nan, UNITE)
#endif
  median &= ~of_any;
  while (of_any != 0) {
    const uint bit = 0x80000000u >> clz(of_any);
    of_any ^= bit;
    const VECTOR(uint) next = median | bit;
    VECTOR(uint) less = none;
    for (size_t k = LANE; k < length; k += LANES) less += RANKS_OF(k) < next ? one : none;
    TOGETHER(less, ADD)
    median = less <= (uint)((length - 1) / 2) ? next : median;
  }
  VECTOR(uint) other = median;
  if (length % 2 == 0) {
    VECTOR(uint) above = most, not_above = none;
    for (size_t k = LANE; k < length; k += LANES) {
      const VECTOR(uint) values = RANKS_OF(k);
      not_above += values <= median ? one : none;
      above = values > median && values < above ? values : above;
    }
    TOGETHER(not_above, ADD)
    TOGETHER(above, LOWER)
    other = not_above > (uint)(length / 2) ? median : above;
  }
  if (!is_inside) return;
  const VECTOR(float) not_a_number = NAN, found = MEAN(median, other);
  const VECTOR(float) result = has_nan != 0 ? not_a_number : found;
  if (LANE == 0) {
    PUT_IN_ROW(float, result, dst + z * plane + i, count);
  }
}
