// SPDX-License-Identifier: BSD-3-Clause
// dst[i] = VALUE of pixel i of one image, or of two, as floats: exponentials, logarithms, powers
// and what else a device has of its own, but not with the same bits. A work-item computes VEC
// pixels.
//
// The host writes FUNCTIONS, which are C++ and OpenCL C alike, in terms of what stands below;
// VALUE, which calls them with a, b and numbers; and NUMBERS, which declares these as parameters.
// Pixels may be of any type, which is an argument: functions take longer to compile than to load.

#ifndef FUNCTIONS  // so that the file compiles alone
#define FUNCTIONS \
  real sum_of(const real a, const real b, const real c) { return fused(a, b, chosen(a < b, c, 0)); }
#define NUMBERS const float n0,
#define VALUE sum_of(a, b, n0)
#define HAS_TWO_IMAGES
#endif

typedef VECTOR(float) real;
typedef VECTOR(int) whole;
typedef uint u32;
typedef ulong u64;
typedef long i64;

#define as_real(x) AS(VECTOR(float), x)
#define as_whole(x) AS(VECTOR(int), x)
#define to_whole(x) TO_VECTOR(int, x)
#define to_real(x) TO_VECTOR(float, x)
#define holds_for_one(condition) ANY(condition)
#define magnitude(x) as_real(as_whole(x) & 0x7fffffff)
#define with_sign(y, x) as_real(as_whole(y) ^ (as_whole(x) & ~0x7fffffff))
#define product(x, y) ((x) * (y))
#define bits_of(x) as_uint(x)
#define as_i64(x) as_long(x)
#define to_i64(x) convert_long(x)
#define to_float(x) convert_float(x)

// Functions, so that numbers may stand for vectors of them.
real fused(const real a, const real b, const real c) { return fma(a, b, c); }
real chosen(const whole condition, const real a, const real b) { return condition ? a : b; }

FUNCTIONS

// Numbers of types, as the host counts them; that of no image but a number.
#define NUMBER 7
#define FOR_EVERY_TYPE(type, use)                                                   \
  switch (type) {                                                                   \
    case 0:                                                                         \
      use(uchar) case 1 : use(char) case 2 : use(ushort) case 3 : use(short) case 4 \
          : use(uint) case 5 : use(int) default : use(float)                        \
  }

// VEC pixels from pixel i on, of which those beyond the last one repeat it.
real pixels_at(global const uchar* image, const uint type, const ulong i, const ulong count) {
#define PIXELS_OF(type) return to_real(LOAD_ALIGNED(type, (global const type*)image + i));
#define PIXEL_OF(type)                                                  \
  pixel[k] = (float)((global const type*)image)[min(i + k, count - 1)]; \
  break;
  if (i + VEC <= count) FOR_EVERY_TYPE(type, PIXELS_OF)
  float pixel[VEC];
  for (uint k = 0; k < VEC; ++k) FOR_EVERY_TYPE(type, PIXEL_OF)
  return LOAD(pixel);
}

#ifdef HAS_TWO_IMAGES
#define SECOND global const uchar *restrict image_b, const uint type_b, const float scalar_b,
#else
#define SECOND
#endif

kernel void elementary(global float* restrict dst, global const uchar* restrict image_a,
                       const uint type_a, SECOND NUMBERS const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i >= count) return;
  const real a = pixels_at(image_a, type_a, i, count);
#ifdef HAS_TWO_IMAGES
  const real b = type_b == NUMBER ? (real)scalar_b : pixels_at(image_b, type_b, i, count);
#endif
  const real result = VALUE;
  if (i + VEC > count)
    PUT_IN_ROW(float, result, dst + i, (int)(count - i))
  else
    STORE_RESULT_ALIGNED(float, result, dst + i, count);
}
