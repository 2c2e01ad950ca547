// SPDX-License-Identifier: BSD-3-Clause
// dst[i] = FORMULA of the pixels i of up to four images and of some numbers, in ACC_T.
// A work-item computes VEC pixels; the image's shape does not matter.
//
// The host writes the formula, which calls the images a, b, c and d, and these lists:
//   IMAGES           the images as parameters
//   NUMBERS          the numbers as parameters, each called <name>_
//   PIXELS(read, i)  declarations of a, b, c and d, each from the type of its image's pixels
//   CONSTANTS(type)  declarations of the numbers
//   STEPS(type, ..)  declarations of what a long formula is made of, from what comes before them
//   RESULT           what converts ACC_T to DST_T, without the vector's width
// STEPS and FORMULA are told what takes the square root of what they compute with, and what the
// quotient.

#ifndef FORMULA  // so that the file compiles alone
#define ACC_T float
#define IMAGES global const SRC_T *restrict image_a,
#define NUMBERS const float scalar_,
#define PIXELS(read, i) read(a, SRC_T, i)
#define CONSTANTS(type) const type scalar = (type)(scalar_);
#define STEPS(type, root_of, quotient_of) const type root = root_of(a);
#define FORMULA(root_of, quotient_of) quotient_of(root, scalar) + zero
#define RESULT(width) PASTE(convert_float, width)
#endif

#define READ_VECTOR(name, type, i) \
  const VECTOR(ACC_T) name = TO_VECTOR(ACC_T, LOAD_ALIGNED(type, PASTE(image_, name) + (i)));
#define READ_PIXEL(name, type, i) const ACC_T name = TO(ACC_T, PASTE(image_, name)[i]);

DEFINE_ROOT_OF(roots_of, VECTOR, ANY)
DEFINE_ROOT_OF(root_of, SINGLE, )
DEFINE_QUOTIENT_OF(quotients_of, VECTOR, ANY)
DEFINE_QUOTIENT_OF(quotient_of, SINGLE, )

kernel void pointwise(global DST_T* restrict dst, IMAGES NUMBERS const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i >= count) return;
  if (i + VEC <= count) {
    const VECTOR(ACC_T) zero = 0;
    CONSTANTS(VECTOR(ACC_T))
    PIXELS(READ_VECTOR, i)
    STEPS(VECTOR(ACC_T), roots_of, quotients_of)
#ifdef IS_BINARY
    const VECTOR(uchar) result = ONE_WHERE(FORMULA(roots_of, quotients_of));
#else
    const VECTOR(DST_T) result = RESULT(VEC)(FORMULA(roots_of, quotients_of));
#endif
    STORE_RESULT_ALIGNED(DST_T, result, dst + i, count);
    return;
  }
  for (size_t k = i; k < count; ++k) {
    const ACC_T zero = 0;
    CONSTANTS(ACC_T)
    PIXELS(READ_PIXEL, k)
    STEPS(ACC_T, root_of, quotient_of)
#ifdef IS_BINARY
    dst[k] = (FORMULA(root_of, quotient_of)) ? 1 : 0;
#else
    dst[k] = RESULT()(FORMULA(root_of, quotient_of));
#endif
  }
}
