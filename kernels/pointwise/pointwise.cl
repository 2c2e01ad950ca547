// SPDX-License-Identifier: BSD-3-Clause
// dst[i] = FORMULA of the pixels i of up to four images and of some numbers, in ACC_T.
// A work-item computes VEC pixels; the image's shape does not matter.
//
// The host writes the formula, which calls the images a, b, c and d, and these lists:
//   IMAGES           the images as parameters
//   NUMBERS          the numbers as parameters, each called <name>_
//   PIXELS(read, i)  declarations of a, b, c and d
//   CONSTANTS(type)  declarations of the numbers
//   RESULT           what converts ACC_T to DST_T, without the vector's width

#ifndef FORMULA  // so that the file compiles alone
#define ACC_T float
#define IMAGES global const SRC_T *restrict image_a,
#define NUMBERS const float scalar_,
#define PIXELS(read, i) read(a, image_a, i)
#define CONSTANTS(type) const type scalar = (type)(scalar_);
#define FORMULA a + scalar + zero
#define RESULT(width) PASTE(convert_float, width)
#endif

#define READ_VECTOR(name, image, i) \
  const VECTOR(ACC_T) name = TO_VECTOR(ACC_T, PASTE(vload, VEC)(0, image + (i)));
#define READ_PIXEL(name, image, i) const ACC_T name = TO(ACC_T, image[i]);

kernel void pointwise(global DST_T* restrict dst, IMAGES NUMBERS const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i >= count) return;
  if (i + VEC <= count) {
    const VECTOR(ACC_T) zero = 0;
    CONSTANTS(VECTOR(ACC_T))
    PIXELS(READ_VECTOR, i)
#ifdef IS_BINARY
    STORE(PASTE(convert_, VECTOR(DST_T))(FORMULA) & (DST_T)1, dst + i);  // true is -1 in a vector
#else
    STORE(RESULT(VEC)(FORMULA), dst + i);
#endif
    return;
  }
  for (size_t k = i; k < count; ++k) {
    const ACC_T zero = 0;
    CONSTANTS(ACC_T)
    PIXELS(READ_PIXEL, k)
#ifdef IS_BINARY
    dst[k] = (FORMULA) ? 1 : 0;
#else
    dst[k] = RESULT()(FORMULA);
#endif
  }
}
