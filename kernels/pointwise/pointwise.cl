// SPDX-License-Identifier: BSD-3-Clause
// dst[i] = FORMULA of the pixels i of one or two images and up to two scalars, in ACC_T.
// A work-item computes VEC pixels; the image's shape does not matter.

#ifndef FORMULA  // the host sets the formula, the type it is computed in and the scalars' names
#define FORMULA a + scalar
#define ACC_T float
#define SCALAR_0 scalar
#endif

kernel void pointwise(global const SRC_T* restrict src,
#ifdef OTHER_T
                      global const OTHER_T* restrict other,
#endif
                      global DST_T* restrict dst,
#ifdef SCALAR_0
                      const ACC_T scalar_0,
#endif
#ifdef SCALAR_1
                      const ACC_T scalar_1,
#endif
                      const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i >= count) return;
  if (i + VEC <= count) {
    const VECTOR(ACC_T) a = TO_VECTOR(ACC_T, LOAD(src + i));
#ifdef OTHER_T
    const VECTOR(ACC_T) b = TO_VECTOR(ACC_T, LOAD(other + i));
#endif
#ifdef SCALAR_0
    const VECTOR(ACC_T) SCALAR_0 = scalar_0;
#endif
#ifdef SCALAR_1
    const VECTOR(ACC_T) SCALAR_1 = scalar_1;
#endif
#ifdef USES_ZERO
    const VECTOR(ACC_T) zero = 0;
#endif
#ifdef IS_BINARY
    STORE(TO_VECTOR(DST_T, FORMULA) & (DST_T)1, dst + i);  // true is -1 in a vector
#else
    STORE(TO_VECTOR(DST_T, FORMULA), dst + i);
#endif
    return;
  }
  for (size_t k = i; k < count; ++k) {
    const ACC_T a = TO(ACC_T, src[k]);
#ifdef OTHER_T
    const ACC_T b = TO(ACC_T, other[k]);
#endif
#ifdef SCALAR_0
    const ACC_T SCALAR_0 = scalar_0;
#endif
#ifdef SCALAR_1
    const ACC_T SCALAR_1 = scalar_1;
#endif
#ifdef USES_ZERO
    const ACC_T zero = 0;
#endif
    dst[k] = (DST_T)(FORMULA);
  }
}
