// SPDX-License-Identifier: BSD-3-Clause
// exp(x) over the sum of exp(x) along an axis, or with LOGARITHM its logarithm.
//
// The tensor is (outer, size, inner), inner fastest. Axis 0: BLOCK columns of `inner` each, from
// `first` on; axis 1: outer.

kernel void softmax(global const SRC_NUMBER* src, global DST_NUMBER* dst, const ulong size,
                    const ulong inner, const ulong first, const ulong items, const ulong outer) {
  if (get_global_id(0) >= items || get_global_id(1) >= outer) return;
  const size_t begin = get_global_id(1) * size * inner + first + get_global_id(0) * BLOCK;
  CHANNELS greatest = -INFINITY, sum = 0.0f;
  for (size_t i = 0; i < size; ++i) greatest = fmax(greatest, TAKE(src, begin + i * inner));
  for (size_t i = 0; i < size; ++i) sum += exp(TAKE(src, begin + i * inner) - greatest);
#ifdef LOGARITHM
  const CHANNELS last = log(sum);
#else
  const CHANNELS last = 1.0f / sum;
#endif
  for (size_t i = 0; i < size; ++i) {
    const CHANNELS x = TAKE(src, begin + i * inner) - greatest;
#ifdef LOGARITHM
    GIVE(x - last, dst, begin + i * inner);
#else
    GIVE(exp(x) * last, dst, begin + i * inner);
#endif
  }
}
