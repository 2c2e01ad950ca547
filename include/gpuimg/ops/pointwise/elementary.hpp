// SPDX-License-Identifier: BSD-3-Clause
// Exponentials, logarithms, powers, the cubic root, and the functions of angles, of every pixel.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "gpuimg/core/product.hpp"
#include "gpuimg/kernels/pointwise/elementary.cl.hpp"
#include "gpuimg/opencl/launching.hpp"
#include "gpuimg/operation.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE {

/// Functions that a device has of its own, but no two devices with the same bits. These are made of
/// what all compute alike: sums, products and fma of floats, and integers. They are written once,
/// for C++ and for OpenCL C, in terms of `real` and `whole`, which are vectors there. What is
/// multiplied is never added afterwards but by fma, so that no compiler may choose.
namespace detail::elementary {

using real = float;
using whole = std::int32_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;

inline real as_real(whole bits) { return std::bit_cast<real>(bits); }
inline whole as_whole(real x) { return std::bit_cast<whole>(x); }
inline u32 bits_of(real x) { return std::bit_cast<u32>(x); }
inline whole to_whole(real x) { return static_cast<whole>(x); }
inline real to_real(whole x) { return static_cast<real>(x); }
inline i64 as_i64(u64 x) { return static_cast<i64>(x); }
inline i64 to_i64(real x) { return static_cast<i64>(x); }
inline real to_float(i64 x) { return static_cast<real>(x); }
inline real magnitude(real x) { return as_real(as_whole(x) & 0x7fffffff); }
inline real with_sign(real y, real x) { return as_real(as_whole(y) ^ (as_whole(x) & ~0x7fffffff)); }
inline bool holds_for_one(bool condition) { return condition; }
inline real fused(real a, real b, real c) { return std::fma(a, b, c); }
inline real chosen(bool condition, real a, real b) { return condition ? a : b; }
using std::fma, std::rint;

// A function in OpenCL C, and in C++, too.
#define GPUIMG_TEXT(name, ...) inline constexpr const char* text_of_##name = #__VA_ARGS__;
#define GPUIMG_FUNCTION(name, ...)                            \
  inline constexpr const char* text_of_##name = #__VA_ARGS__; \
  inline __VA_ARGS__

// clang-format off
// 1 / x for x above 0 whose exponent is below 100, within one unit in the last place.
GPUIMG_FUNCTION(inverse, real inverse(const real x) {
  real y = as_real(0x7ef311c7 - as_whole(x));
  for (int i = 0; i < 2; ++i) {
    const real error = fused(-x, y, 1.0f);
    y = fused(y, fused(error, error, error), y);
  }
  return y;
})

// x 2^n, rounded once, for n from -252 to 254.
GPUIMG_FUNCTION(scaled, real scaled(const real x, const whole n) {
  const whole first = n >> 1;
  return x * as_real((first + 127) << 23) * as_real((n - first + 127) << 23);
})

// e^(x + low) - 1 for |x| up to log(2) / 2.
GPUIMG_FUNCTION(near_one, real near_one(const real x, const real low) {
  const real p = fused(fused(1.3818697e-03f, x, 8.368716e-03f), x, 4.1668292e-02f);
  return x + fused(x * x, fused(fused(p, x, 1.6666521e-01f), x, 4.9999994e-01f), low);
})

// e^((x + low) (scale + scale_low)), where that is near 1.
GPUIMG_FUNCTION(step_of, real step_of(const real x, const real low, const real scale,
                                      const real scale_low) {
  const real y = product(x, scale);
  const real y_low = fused(x, scale_low, fused(low, scale, fused(x, scale, -y)));
  return 1.0f + near_one(y, y_low);
})

// b^x, which is 2^n e^r: one step of n is high + low of x, and r is `scale` of what is left.
GPUIMG_FUNCTION(exponential, real exponential(const real x, const real steps, const real high,
                                              const real low, const real scale,
                                              const real scale_low) {
  const real place = x * steps;
  const real n = rint(chosen(place > -160.0f, chosen(place < 160.0f, place, 160.0f), -160.0f));
  const real near = fused(-n, high, x);
  const real rest = fused(-n, low, near);
  const real rest_low = fused(-n, low, near - rest);
  const real y = scaled(step_of(rest, rest_low, scale, scale_low), to_whole(n));
  return chosen(place > -160.0f, chosen(place < 160.0f, y, INFINITY),
                chosen(place <= -160.0f, 0.0f, x));
})

// n and f of x = 2^n (1 + f), where |f| is least; for x from 2^-126 on.
GPUIMG_FUNCTION(octave_of_usual, real octave_of_usual(const real x, real* f) {
  const whole n = (as_whole(x) - 0x3f3504f3) >> 23;
  *f = as_real(as_whole(x) - (n << 23)) - 1.0f;
  return to_real(n);
})

// The same for x above 0.
GPUIMG_FUNCTION(octave, real octave(const real x, real* f) {
  const whole is_small = x < 0x1p-126f;
  return octave_of_usual(chosen(is_small, x * 0x1p24f, x), f) - chosen(is_small, 24.0f, 0.0f);
})

// n (high + low), and (scale + scale_low) times the natural logarithm of 1 + f.
GPUIMG_FUNCTION(logarithm_of_parts,
                real logarithm_of_parts(const real n, const real f, const real high,
                                        const real low, const real scale, const real scale_low) {
  const real p = fused(fused(fused(6.74925e-02f, f, -1.1670092e-01f), f, 1.1883551e-01f), f,
                       -1.24062344e-01f);
  const real q = fused(fused(fused(p, f, 1.4220358e-01f), f, -1.6667989e-01f), f, 2.0002072e-01f);
  const real z = f * f;
  const real rest = fused(z, f * fused(fused(q, f, -2.500001e-01f), f, 3.3333313e-01f), z * -0.5f);
  const real sum = fused(n, high, f * scale);
  const real sum_low = fused(f, scale, fused(n, high, -sum));
  const real rest_low = fused(f, f, -z) * -0.4f;
  const real small_part = fused(rest_low, scale, fused(n, low, fused(f, scale_low, sum_low)));
  return sum + fused(rest, scale, small_part);
})

// The logarithm, faster where no x is 0 or otherwise special.
GPUIMG_FUNCTION(logarithm, real logarithm(const real x, const real high, const real low,
                                          const real scale, const real scale_low) {
  real f;
  if (!holds_for_one(((x >= 0x1p-126f) & (x < INFINITY)) == 0)) {
    const real n = octave_of_usual(x, &f);
    return logarithm_of_parts(n, f, high, low, scale, scale_low);
  }
  const real n = octave(chosen((x > 0.0f) & (x < INFINITY), x, 1.0f), &f);
  const real y = logarithm_of_parts(n, f, high, low, scale, scale_low);
  return chosen(x > 0.0f, chosen(x < INFINITY, y, x), chosen(x == 0.0f, -INFINITY, NAN));
})

GPUIMG_FUNCTION(square, real square(const real x) { return x * x; })

// Of |x| the logarithm for base 2 in two parts; from it |x|^y; and then the special cases of C, and
// squares, which need none of this.
GPUIMG_FUNCTION(power, real power(const real x, const real y) {
  const real base = magnitude(x);
  real f;
  const real n = octave(chosen((base > 0.0f) & (base < INFINITY), base, 1.0f), &f);
  // s = f / (2 + f), of which the logarithm is 2 (s + s^3 / 3 + s^5 / 5 + ...)
  const real divisor = 2.0f + f;
  const real divisor_low = f - (divisor - 2.0f);
  const real inverse_of = inverse(divisor);
  const real s = f * inverse_of;
  const real s_low = fused(-s, divisor_low, fused(-s, divisor, f)) * inverse_of;
  const real z = s * s;
  const real z_low = fused(s + s, s_low, fused(s, s, -z));
  const real p = fused(fused(fused(9.778211e-02f, z, 1.10898644e-01f), z, 1.4285986e-01f), z,
                       1.9999999e-01f);
  const real third = fused(z, p, 0x1.555556p-2f);
  const real third_low = fused(z, p, 0x1.555556p-2f - third) + -0x1.555556p-27f;
  const real t = z * third;
  const real t_low = fused(z, third_low, fused(z_low, third, fused(z, third, -t)));
  const real sum = fused(s, t, s);
  const real sum_low = fused(s, t, s - sum) + fused(s_low, t, fused(s, t_low, s_low));
  const real finite = fused(sum, 0x1.715476p+1f, n);
  const real low = fused(sum, 0x1.715476p+1f, n - finite) +
                   fused(sum, 0x1.4ae0cp-25f, sum_low * 0x1.715476p+1f);
  const real high = chosen(base > 0.0f, chosen(base < INFINITY, finite, INFINITY), -INFINITY);

  const real times = chosen(base == 1.0f, 0.0f, y);
  const real exponent = product(times, high);
  const whole is_inside = (exponent > -160.0f) & (exponent < 160.0f);
  const real inside = chosen(is_inside, exponent, 0.0f);
  const real rounding = chosen(is_inside, fused(times, low, fused(times, high, -exponent)), 0.0f);
  const real whole_part = rint(inside);
  const real near = inside - whole_part;
  const real rest = near + rounding;
  const real rest_low = (near - rest) + rounding;
  const real found = scaled(step_of(rest, rest_low, 0x1.62e43p-1f, -0x1.05c61p-29f),
                            to_whole(whole_part));
  const real outside = chosen(exponent >= 160.0f, INFINITY, chosen(exponent <= -160.0f, 0.0f, NAN));
  const real size = chosen(is_inside, found, outside);

  const real y_half = y * 0.5f;
  const whole is_whole = rint(y) == y;
  const whole is_odd = is_whole & (rint(y_half) != y_half);
  const real result = chosen(is_odd, with_sign(size, x), size);
  const whole is_undefined = ((x < 0.0f) & (x > -INFINITY) & (is_whole == 0)) | (x != x) | (y != y);
  return chosen((x == 1.0f) | (y == 0.0f), 1.0f,
                chosen(y == 1.0f, x,
                       chosen(y == 2.0f, square(x), chosen(is_undefined, NAN, result))));
})

// From x^(-1/3), which Newton's iteration finds; the remainder corrects the root.
GPUIMG_FUNCTION(cubic_root, real cubic_root(const real x) {
  const real size = magnitude(x);
  const whole is_usual = (size > 0.0f) & (size < INFINITY);
  const whole is_small = size < 0x1p-64f;
  const real a = chosen(is_usual, chosen(is_small, size * 0x1p96f, size), 1.0f);
  real y = as_real(0x54a21d2a - to_whole(to_real(as_whole(a)) * 0x1.555556p-2f));
  for (int i = 0; i < 2; ++i) {
    const real error = fused(-(a * y), y * y, 1.0f);
    y = fused(y * error, fused(error, 0x1.c71c72p-3f, 0x1.555556p-2f), y);
  }
  const real root = a * y * y;
  const real square = root * root;
  const real rest = fused(-fused(root, root, -square), root, fused(-square, root, a));
  const real better = fused(rest, y * y * 0x1.555556p-2f, root);
  return chosen(is_usual, with_sign(chosen(is_small, better * 0x1p-32f, better), x), x);
})

// For x from 2^8 on: how many quarters of a turn it is, of which two bits count, and what is left,
// in two parts. x is a whole number times 2^n, so that bits of 2 / pi in front of some say nothing.
GPUIMG_FUNCTION(turns_of_one, void turns_of_one(const float x, float* high, float* low,
                                                int* quarters) {
  const u64 words[8] = {0,          0xa2f9836eu, 0x4e441529u, 0xfc2757d1u,
                        0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu};
  const u64 digits = (bits_of(x) & 0x7fffff) | 0x800000;
  const u32 first = (bits_of(x) >> 23) - 120;
  const u32 word = first >> 5;
  const u32 shift = first & 31;
  const u64 a = ((words[word] << 32 | words[word + 1]) << shift) >> 32;
  const u64 b = ((words[word + 1] << 32 | words[word + 2]) << shift) >> 32;
  const u64 c = ((words[word + 2] << 32 | words[word + 3]) << shift) >> 32;
  const u64 all = (digits * a << 32) + digits * b + (digits * c >> 32);
  const u64 half_a_unit = 0x2000000000000000u;
  const u64 nearest = (all + half_a_unit) >> 62;
  const i64 rest = as_i64(all - (nearest << 62));
  const float part = to_float(rest);
  const float part_low = to_float(rest - to_i64(part));
  *quarters = nearest & 3;
  const float angle = product(part, 0x1.921fb6p-62f);
  const float angle_low = fma(part_low, 0x1.921fb6p-62f,
                              fma(part, -0x1.777a5cp-87f, fma(part, 0x1.921fb6p-62f, -angle)));
  *high = angle + angle_low;
  *low = (angle - *high) + angle_low;
})

// What large_turns is: turns_of_one of each pixel that needs it.
inline void large_turns(real x, real* high, real* low, whole* quarters) {
  turns_of_one(x, high, low, quarters);
}
GPUIMG_TEXT(large_turns, void large_turns(const real x, real* high, real* low, whole* quarters) {
  float pixel[VEC], highs[VEC], lows[VEC];
  int numbers[VEC];
  STORE(x, pixel);
  STORE(*high, highs);
  STORE(*low, lows);
  STORE(*quarters, numbers);
  for (int k = 0; k < VEC; ++k)
    if (pixel[k] >= 0x1p17f && pixel[k] < INFINITY)
      turns_of_one(pixel[k], highs + k, lows + k, numbers + k);
  *high = LOAD(highs);
  *low = LOAD(lows);
  *quarters = LOAD(numbers);
})

// How many quarters of a turn x is, for x of at least 0, and what is left, in two parts.
GPUIMG_FUNCTION(turns, whole turns(const real x, real* high, real* low) {
  const real n = rint(chosen(x < 0x1p17f, x, 0.0f) * 0x1.45f306p-1f);
  const real near = fused(-n, 0x1.921fb6p+0f, x);
  whole quarters = to_whole(n);
  const real more = product(n, 0x1.777a5cp-25f);
  const real sum = near + more;
  const real part = sum - near;
  const real sum_low = (near - (sum - part)) + (more - part);
  *high = sum;
  *low = fused(n, 0x1.ee59dap-50f, sum_low + fused(n, 0x1.777a5cp-25f, -more));
  if (holds_for_one((x >= 0x1p17f) & (x < INFINITY))) large_turns(x, high, low, &quarters);
  return quarters;
})

// The sine of x and so many quarters of a turn, 0 or 1.
GPUIMG_FUNCTION(sine, real sine(const real x, const real more) {
  const real size = magnitude(x);
  real r;
  real low;
  const whole quarters = turns(size, &r, &low) + to_whole(more);
  const real z = r * r;
  const real p = fused(fused(fused(2.8375118e-06f, z, -1.9853511e-04f), z, 8.33338e-03f), z,
                       -1.6666667e-01f);
  const real part = fused(z, -0.5f, 1.0f);
  const real of_sine = r + fused(r * z, p, low * part);
  const real q = fused(fused(2.4432327e-05f, z, -1.388731e-03f), z, 4.1666646e-02f);
  const real of_cosine = part + fused(z * z, q, fused(-r, low, fused(z, -0.5f, 1.0f - part)));
  const real y = chosen((quarters & 1) != 0, of_cosine, of_sine);
  const real turned = as_real(as_whole(y) ^ (quarters & 2) << 30);
  return chosen(size < INFINITY, chosen(more == 0.0f, with_sign(turned, x), turned), NAN);
})

GPUIMG_FUNCTION(tangent, real tangent(const real x) {
  const real size = magnitude(x);
  real r;
  real low;
  const whole quarters = turns(size, &r, &low);
  const real z = r * r;
  const real p = fused(fused(fused(2.1355976e-03f, z, -8.1484125e-04f), z, 5.1973406e-03f), z,
                       8.232947e-03f);
  const real q = fused(fused(fused(p, z, 2.2010498e-02f), z, 5.3951044e-02f), z, 1.3333434e-01f);
  const real cubic = fused(z, fused(q, z, 3.333333e-01f), fused(r, r, -z) * 0.6f);
  const real near = fused(r, cubic, r);
  const real rest = fused(r, cubic, fused(low, near * near, low));
  const real y = r + rest;
  const real y_low = (r - y) + rest;
  const real inverse_of = with_sign(inverse(magnitude(y)), y);
  const real error = fused(-y_low, inverse_of, fused(-y, inverse_of, 1.0f));
  const real found = chosen((quarters & 1) != 0, -fused(inverse_of, error, inverse_of), y);
  return chosen(size < INFINITY, with_sign(found, x), NAN);
})

// The arc sine of x, or its arc cosine: a multiple of a right angle, and once or twice the angle of
// x, or beyond 1/2 of the square root of (1 - |x|) / 2, which is found as x^(-1/2).
GPUIMG_FUNCTION(arc_sine, real arc_sine(const real x, const real is_cosine) {
  const real size = magnitude(x);
  const whole is_small = size <= 0.5f;
  const whole is_inside = size <= 1.0f;
  const real z = chosen(is_small, size * size, chosen(is_inside, (1.0f - size) * 0.5f, 0.0f));
  real y = as_real(0x5f3759df - (as_whole(z) >> 1));
  for (int i = 0; i < 3; ++i) y *= fused(-(z * 0.5f * y), y, 1.5f);
  const real root = z * y;
  const real u = chosen(is_small, size, root);
  const real u_low = chosen(is_small, 0.0f, fused(-root, root, z) * (y * 0.5f));
  const real p = fused(fused(fused(3.7697442e-02f, z, 1.4314643e-02f), z, 3.1839106e-02f), z,
                       4.4513375e-02f);
  const real rest = fused(u * z, fused(fused(p, z, 7.500522e-02f), z, 1.666666e-01f), u_low);
  const real direction = chosen(x < 0.0f, -1.0f, 1.0f);
  const real of_sine = chosen(is_small, 0.0f, 1.0f);
  const real of_cosine = chosen(is_small, 1.0f, 1.0f - direction);
  const real right_angles = chosen(is_cosine != 0.0f, of_cosine, of_sine);
  const real times_of_sine = chosen(is_small, 1.0f, -2.0f);
  const real times = chosen(is_cosine != 0.0f, direction * -times_of_sine, times_of_sine);
  const real base = right_angles * 0x1.921fb6p+0f;
  const real sum = fused(times, u, base);
  const real sum_low = fused(times, u, base - sum);
  const real angle = sum + (sum_low + fused(times, rest, right_angles * -0x1.777a5cp-25f));
  return chosen(is_inside, chosen(is_cosine != 0.0f, angle, with_sign(angle, x)), NAN);
})

// Beyond 1 a right angle minus the arc tangent of 1 / x.
GPUIMG_FUNCTION(arc_tangent, real arc_tangent(const real x) {
  const real size = magnitude(x);
  const whole is_small = size <= 1.0f;
  const real a = chosen(is_small, 1.0f, chosen(size < 0x1p60f, size, 0x1p60f));
  const real inverse_of = inverse(a);
  const real t = chosen(is_small, size, inverse_of);
  const real t_low = chosen(is_small, 0.0f, inverse_of * fused(-inverse_of, a, 1.0f));
  const real z = t * t;
  const real p = fused(fused(fused(1.1345221e-03f, z, -7.425363e-03f), z, 2.2777617e-02f), z,
                       -4.4983257e-02f);
  const real q = fused(fused(fused(p, z, 6.763649e-02f), z, -8.821462e-02f), z, 1.1061233e-01f);
  const real o = fused(fused(fused(q, z, -1.4280343e-01f), z, 1.9999716e-01f), z, -3.3333328e-01f);
  const real cubic = fused(z, o, fused(t, t, -z) * -0.15f);
  const real rest = fused(t, cubic, t_low * fused(z, -0.5f, 1.0f));
  const real times = chosen(is_small, 1.0f, -1.0f);
  const real base = chosen(is_small, 0.0f, 0x1.921fb6p+0f);
  const real sum = fused(times, t, base);
  const real sum_low = fused(times, t, base - sum);
  const real base_low = chosen(is_small, 0.0f, -0x1.777a5cp-25f);
  const real y = with_sign(sum + (sum_low + fused(times, rest, base_low)), x);
  return chosen(size == size, y, x);
})

// e^x = (high + low) 2^n for x from 0 to 150; the inverse of the former, in two parts as well.
GPUIMG_FUNCTION(growth, whole growth(const real x, real* high, real* low) {
  const real n = rint(x * 0x1.715476p+0f);
  const real near = fused(-n, 0x1.62e43p-1f, x);
  const real rest = fused(-n, -0x1.05c61p-29f, near);
  const real more = near_one(rest, fused(-n, -0x1.05c61p-29f, near - rest));
  *high = 1.0f + more;
  *low = (1.0f - *high) + more;
  return to_whole(n);
})

// (e^x + sign e^-x) / 2, where the sign says whether it is the sine or the cosine.
GPUIMG_FUNCTION(hyperbolic_sine, real hyperbolic_sine(const real x,
                                                      const real sign_of_other) {
  const real size = magnitude(x);
  real y;
  real low;
  const whole n = growth(chosen(size < 100.0f, size, 100.0f), &y, &low);
  const real inverse_of = inverse(y);
  const real error = fused(-low, inverse_of, fused(-y, inverse_of, 1.0f));
  const real power = chosen(n < 60, as_real((127 - 2 * n) << 23), 0.0f);
  const real other = inverse_of * power * sign_of_other;
  const real sum = y + other;
  const real rest = (y - sum) + other + fused(other, error, low);
  const real large = scaled(sum + rest, n - 1);
  const real z = size * size;
  const real p = fused(fused(fused(2.7822132e-06f, z, 1.9842896e-04f), z, 8.3333105e-03f), z,
                       1.6666667e-01f);
  const real near = fused(size * z, p, size);
  const real found = chosen((sign_of_other < 0.0f) & (size < 1.0f), near, large);
  return chosen(size == size, chosen(sign_of_other < 0.0f, with_sign(found, x), found), x);
})

// 1 - 2 / (e^2x + 1)
GPUIMG_FUNCTION(hyperbolic_tangent, real hyperbolic_tangent(const real x) {
  const real size = magnitude(x);
  real y;
  real low;
  const whole n = growth(chosen(size < 10.0f, size + size, 20.0f), &y, &low);
  const real unit = as_real((n + 127) << 23);
  const real e = y * unit;
  const real divisor = e + 1.0f;
  const real divisor_low = fused(low, unit, (e - divisor) + 1.0f);
  const real inverse_of = inverse(divisor);
  const real error = fused(-divisor_low, inverse_of, fused(-divisor, inverse_of, 1.0f));
  const real twice = inverse_of + inverse_of;
  const real sum = 1.0f - twice;
  const real large = sum + fused(-twice, error, (1.0f - sum) - twice);
  const real z = size * size;
  const real p = fused(fused(fused(2.1454506e-03f, z, -8.194341e-03f), z, 2.17114e-02f), z,
                       -5.394915e-02f);
  const real near = fused(size * z, fused(fused(p, z, 1.3333227e-01f), z, -3.333333e-01f), size);
  return chosen(size == size, with_sign(chosen(size < 0.55f, near, large), x), x);
})
// clang-format on

#undef GPUIMG_FUNCTION
#undef GPUIMG_TEXT

/// A function of a pixel and of numbers, in C++; its name in OpenCL C and what is compiled there:
/// the functions that it calls, and the function.
template <class... Number>
struct function {
  float (*of)(float, Number...);
  const char* name;
  std::array<const char*, 6> texts;
  std::array<float, sizeof...(Number)> numbers;
};

// The bases: how many octaves a step of 1 is, and an octave in two parts; logarithms take the part
// of an octave whose multiples are exact.
constexpr function<float, float, float, float, float> exponential_of_base(
    std::array<float, 5> numbers) {
  return {exponential,
          "exponential",
          {text_of_scaled, text_of_near_one, text_of_step_of, text_of_exponential},
          numbers};
}
inline constexpr auto exponential_of_e =
    exponential_of_base({0x1.715476p+0f, 0x1.62e43p-1f, -0x1.05c61p-29f, 1, 0});
inline constexpr auto exponential_of_2 =
    exponential_of_base({1, 1, 0, 0x1.62e43p-1f, -0x1.05c61p-29f});
inline constexpr auto exponential_of_10 = exponential_of_base(
    {0x1.a934fp+1f, 0x1.344136p-2f, -0x1.ec10cp-27f, 0x1.26bb1cp+1f, -0x1.12aabap-25f});

constexpr function<float, float, float, float> logarithm_of_base(std::array<float, 4> numbers) {
  return {logarithm,
          "logarithm",
          {text_of_octave_of_usual, text_of_octave, text_of_logarithm_of_parts, text_of_logarithm},
          numbers};
}
inline constexpr auto logarithm_of_e = logarithm_of_base({0x1.62e4p-1f, 0x1.7f7d1cp-20f, 1, 0});
inline constexpr auto logarithm_of_2 = logarithm_of_base({1, 0, 0x1.715476p+0f, 0x1.4ae0cp-26f});
inline constexpr auto logarithm_of_10 =
    logarithm_of_base({0x1.344p-2f, 0x1.3509f8p-18f, 0x1.bcb7b2p-2f, -0x1.5b235ep-27f});

inline constexpr function<> root_of_third_degree{
    cubic_root, "cubic_root", {text_of_cubic_root}, {}};

constexpr function<float> sine_of(float quarters) {
  return {sine,
          "sine",
          {text_of_turns_of_one, text_of_large_turns, text_of_turns, text_of_sine},
          {quarters}};
}
inline constexpr auto sine_of_angle = sine_of(0), cosine_of_angle = sine_of(1);
inline constexpr function<> tangent_of_angle{
    tangent,
    "tangent",
    {text_of_turns_of_one, text_of_large_turns, text_of_turns, text_of_inverse, text_of_tangent},
    {}};

constexpr function<float> arc_sine_of(float is_cosine) {
  return {arc_sine, "arc_sine", {text_of_arc_sine}, {is_cosine}};
}
inline constexpr auto arc_sine_of_pixel = arc_sine_of(0), arc_cosine_of_pixel = arc_sine_of(1);
inline constexpr function<> arc_tangent_of_pixel{
    arc_tangent, "arc_tangent", {text_of_inverse, text_of_arc_tangent}, {}};

constexpr function<float> hyperbolic_sine_of(float sign) {
  return {
      hyperbolic_sine,
      "hyperbolic_sine",
      {text_of_inverse, text_of_scaled, text_of_near_one, text_of_growth, text_of_hyperbolic_sine},
      {sign}};
}
inline constexpr auto sinh_of_pixel = hyperbolic_sine_of(-1), cosh_of_pixel = hyperbolic_sine_of(1);
inline constexpr function<> tanh_of_pixel{
    hyperbolic_tangent,
    "hyperbolic_tangent",
    {text_of_inverse, text_of_near_one, text_of_growth, text_of_hyperbolic_tangent},
    {}};

/// A second argument: an image, or where there is none a number.
struct operand {
  const opencl::buffer_view* image;
  float number;
};

inline void launch(const opencl::device& device, const char* name,
                   std::span<const char* const> texts, std::span<const float> numbers,
                   const opencl::buffer_view& dst, const opencl::buffer_view& src,
                   const operand* other = nullptr) {
  const auto number_of = [](pixel_type type) { return static_cast<cl_uint>(type); };
  constexpr cl_uint no_pixel_type = std::size(all_pixel_types);  // the kernel knows it, too
  std::vector<opencl::argument> arguments{dst, src, number_of(src.type)};
  std::string functions, value, parameters;
  append(value, {name, "(a"});
  if (other != nullptr) {
    const bool is_image = other->image != nullptr;
    arguments.insert(arguments.end(),
                     {is_image ? *other->image : src,
                      is_image ? number_of(other->image->type) : no_pixel_type, other->number});
    append(value, {", b"});
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    append(value, {", n", i});
    append(parameters, {"const float n", i, ", "});
    arguments.emplace_back(numbers[i]);
  }
  append(value, {")"});
  for (const char* text : texts)
    if (text != nullptr) append(functions, {text, " "});
  const std::size_t count = dst.shape.pixels();
  arguments.emplace_back(static_cast<cl_ulong>(count));
  opencl::defines macros{{"FUNCTIONS", functions}, {"VALUE", value}, {"NUMBERS", parameters}};
  if (other != nullptr) macros.add("HAS_TWO_IMAGES");
  device.launch(kernels::elementary, "elementary", macros, vectors(device, count), arguments.data(),
                arguments.size());
}

inline void launch_power(const opencl::device& device, const opencl::buffer_view& dst,
                         const opencl::buffer_view& src, const operand& exponent) {
  static constexpr const char* texts[] = {
      text_of_inverse,         text_of_scaled, text_of_near_one, text_of_step_of,
      text_of_octave_of_usual, text_of_octave, text_of_square,   text_of_power};
  launch(device, "power", texts, {}, dst, src, &exponent);
}

inline void launch_square(const opencl::device& device, const opencl::buffer_view& dst,
                          const opencl::buffer_view& src) {
  launch(device, "square", std::array{text_of_square}, {}, dst, src);
}

constexpr operation_info about(const char* name, const char* brief, const char* source) {
  return {.name = name,
          .theme = "pointwise",
          .brief = brief,
          .source = source,
          .inputs = {{{"src", kind::image}}},
          .outputs = {{{"dst", kind::image}}}};
}

/// What makes a struct the function of every pixel.
template <const auto& f>
struct of_every_pixel {
  template <pixel T>
  using dst_pixel = float;
  static gpuimg::halo halo() { return {}; }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    launch(device, f.name, f.texts, f.numbers, dst, src);
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    for (std::size_t i = 0; i < dst.size(); ++i)
      dst[i] = std::apply(
          [&](auto... numbers) { return f.of(static_cast<float>(src[i]), numbers...); }, f.numbers);
  }
};

}  // namespace detail::elementary

namespace ops {

struct acos : detail::elementary::of_every_pixel<detail::elementary::arc_cosine_of_pixel> {
  static constexpr auto about = detail::elementary::about(
      "acos", "The angle of which a pixel is the cosine", "clesperanto acos; numpy.arccos");
};

struct asin : detail::elementary::of_every_pixel<detail::elementary::arc_sine_of_pixel> {
  static constexpr auto about = detail::elementary::about(
      "asin", "The angle of which a pixel is the sine", "clesperanto asin; numpy.arcsin");
};

struct atan : detail::elementary::of_every_pixel<detail::elementary::arc_tangent_of_pixel> {
  static constexpr auto about = detail::elementary::about(
      "atan", "The angle of which a pixel is the tangent", "clesperanto atan; numpy.arctan");
};

struct cos : detail::elementary::of_every_pixel<detail::elementary::cosine_of_angle> {
  static constexpr auto about =
      detail::elementary::about("cos", "The cosine of every pixel", "clesperanto cos; numpy.cos");
};

struct cosh : detail::elementary::of_every_pixel<detail::elementary::cosh_of_pixel> {
  static constexpr auto about = detail::elementary::about(
      "cosh", "The hyperbolic cosine of every pixel", "clesperanto cosh; numpy.cosh");
};

struct cubic_root : detail::elementary::of_every_pixel<detail::elementary::root_of_third_degree> {
  static constexpr auto about = detail::elementary::about(
      "cubic_root", "The cubic root of every pixel", "clesperanto cubic_root; numpy.cbrt");
};

struct exponential : detail::elementary::of_every_pixel<detail::elementary::exponential_of_e> {
  static constexpr auto about = detail::elementary::about(
      "exponential", "e to the power of every pixel", "clesperanto exponential; numpy.exp");
};

struct exponential10 : detail::elementary::of_every_pixel<detail::elementary::exponential_of_10> {
  static constexpr auto about =
      detail::elementary::about("exponential10", "10 to the power of every pixel",
                                "clesperanto exponential10; numpy.power (10)");
};

struct exponential2 : detail::elementary::of_every_pixel<detail::elementary::exponential_of_2> {
  static constexpr auto about = detail::elementary::about(
      "exponential2", "2 to the power of every pixel", "clesperanto exponential2; numpy.exp2");
};

struct logarithm : detail::elementary::of_every_pixel<detail::elementary::logarithm_of_e> {
  static constexpr auto about = detail::elementary::about(
      "logarithm", "The natural logarithm of every pixel", "clesperanto logarithm; numpy.log");
};

struct logarithm10 : detail::elementary::of_every_pixel<detail::elementary::logarithm_of_10> {
  static constexpr auto about =
      detail::elementary::about("logarithm10", "The logarithm of every pixel for base 10",
                                "clesperanto logarithm10; numpy.log10");
};

struct logarithm2 : detail::elementary::of_every_pixel<detail::elementary::logarithm_of_2> {
  static constexpr auto about =
      detail::elementary::about("logarithm2", "The logarithm of every pixel for base 2",
                                "clesperanto logarithm2; numpy.log2");
};

struct power {
  float scalar = 1;

  static constexpr auto about = detail::elementary::about(
      "power", "Every pixel to the power of a number", "clesperanto power; numpy.power");
  static constexpr void parameters(auto&& p) { p("scalar", &power::scalar, "", "the exponent"); }
  template <pixel T>
  using dst_pixel = float;
  static gpuimg::halo halo() { return {}; }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src) const {
    if (scalar == 2) return detail::elementary::launch_square(device, dst, src);
    detail::elementary::launch_power(device, dst, src, {nullptr, scalar});
  }
  template <pixel T>
  void operator()(const reference::device&, view<float> dst, view<const T> src) const {
    for (std::size_t i = 0; i < dst.size(); ++i)
      dst[i] = detail::elementary::power(static_cast<float>(src[i]), scalar);
  }
};

struct power_images {
  static constexpr operation_info about{
      .name = "power_images",
      .theme = "pointwise",
      .brief = "Every pixel to the power of that of another image",
      .source = "clesperanto power_images; numpy.power",
      .inputs = {{{"src0", kind::image}, {"src1", kind::image}}},
      .outputs = {{{"dst", kind::image}}}};
  template <pixel T>
  using dst_pixel = float;
  static gpuimg::halo halo() { return {}; }
  void operator()(const opencl::device& device, const opencl::buffer_view& dst,
                  const opencl::buffer_view& src0, const opencl::buffer_view& src1) const {
    detail::elementary::launch_power(device, dst, src0, {&src1, 0});
  }
  template <pixel T, pixel U>
  void operator()(const reference::device&, view<float> dst, view<const T> src0,
                  view<const U> src1) const {
    for (std::size_t i = 0; i < dst.size(); ++i)
      dst[i] = detail::elementary::power(static_cast<float>(src0[i]), static_cast<float>(src1[i]));
  }
};

struct sin : detail::elementary::of_every_pixel<detail::elementary::sine_of_angle> {
  static constexpr auto about =
      detail::elementary::about("sin", "The sine of every pixel", "clesperanto sin; numpy.sin");
};

struct sinh : detail::elementary::of_every_pixel<detail::elementary::sinh_of_pixel> {
  static constexpr auto about = detail::elementary::about(
      "sinh", "The hyperbolic sine of every pixel", "clesperanto sinh; numpy.sinh");
};

struct tan : detail::elementary::of_every_pixel<detail::elementary::tangent_of_angle> {
  static constexpr auto about =
      detail::elementary::about("tan", "The tangent of every pixel", "clesperanto tan; numpy.tan");
};

struct tanh : detail::elementary::of_every_pixel<detail::elementary::tanh_of_pixel> {
  static constexpr auto about = detail::elementary::about(
      "tanh", "The hyperbolic tangent of every pixel", "clesperanto tanh; numpy.tanh");
};

}  // namespace ops

/// The angle from 0 to pi of which src(p) is the cosine, in radians; NaN beyond -1 and 1. The error
/// is below 0.7 units in the last place.
/// Else as exponential.
/// source   clesperanto acos; numpy.arccos
template <pixel T>
image<float> acos(const image<T>& src) {
  return run(ops::acos{}, src);
}

/// The angle from -pi / 2 to pi / 2 of which src(p) is the sine, in radians; NaN beyond -1 and 1.
/// The error is below 0.7 units in the last place.
/// Else as exponential.
/// source   clesperanto asin; numpy.arcsin
template <pixel T>
image<float> asin(const image<T>& src) {
  return run(ops::asin{}, src);
}

/// The angle from -pi / 2 to pi / 2 of which src(p) is the tangent, in radians. The error is below
/// 1 unit in the last place.
/// Else as exponential.
/// source   clesperanto atan; numpy.arctan
template <pixel T>
image<float> atan(const image<T>& src) {
  return run(ops::atan{}, src);
}

/// The cosine of src(p) in radians, of any size; NaN of infinity. The error is below 0.8 units in
/// the last place.
/// Else as exponential.
/// source   clesperanto cos; numpy.cos
template <pixel T>
image<float> cos(const image<T>& src) {
  return run(ops::cos{}, src);
}

/// The hyperbolic cosine of src(p), (e^x + e^-x) / 2. The error is below 1 unit in the last
/// place.
/// Else as exponential.
/// source   clesperanto cosh; numpy.cosh
template <pixel T>
image<float> cosh(const image<T>& src) {
  return run(ops::cosh{}, src);
}

/// The cubic root of src(p); of numbers below 0 it is below 0. The error is below 0.51 units in the
/// last place.
/// Else as exponential.
/// source   clesperanto cubic_root; numpy.cbrt
template <pixel T>
image<float> cubic_root(const image<T>& src) {
  return run(ops::cubic_root{}, src);
}

/// e^src(p): infinity where it is too large for a float. The error is below 0.9 units in the last
/// place.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto exponential; numpy.exp
template <pixel T>
image<float> exponential(const image<T>& src) {
  return run(ops::exponential{}, src);
}

/// 10^src(p): infinity where it is too large for a float. The error is below 1 unit in the last
/// place.
/// Else as exponential.
/// source   clesperanto exponential10; numpy.power (10)
template <pixel T>
image<float> exponential10(const image<T>& src) {
  return run(ops::exponential10{}, src);
}

/// 2^src(p): infinity where it is too large for a float. Exact of whole numbers. The error is below
/// 0.9 units in the last place.
/// Else as exponential.
/// source   clesperanto exponential2; numpy.exp2
template <pixel T>
image<float> exponential2(const image<T>& src) {
  return run(ops::exponential2{}, src);
}

/// The natural logarithm of src(p): -infinity of 0, NaN of numbers below. The error is below 0.8
/// units in the last place.
/// Else as exponential.
/// source   clesperanto logarithm; numpy.log
template <pixel T>
image<float> logarithm(const image<T>& src) {
  return run(ops::logarithm{}, src);
}

/// The logarithm of src(p) for base 10: -infinity of 0, NaN of numbers below. The error is below
/// 0.9 units in the last place.
/// Else as exponential.
/// source   clesperanto logarithm10; numpy.log10
template <pixel T>
image<float> logarithm10(const image<T>& src) {
  return run(ops::logarithm10{}, src);
}

/// The logarithm of src(p) for base 2: -infinity of 0, NaN of numbers below. Exact of powers of 2.
/// The error is below 0.95 units in the last place.
/// Else as exponential.
/// source   clesperanto logarithm2; numpy.log2
template <pixel T>
image<float> logarithm2(const image<T>& src) {
  return run(ops::logarithm2{}, src);
}

/// src(p)^scalar, with the special cases of pow in C: NaN of numbers below 0 unless the exponent is
/// whole, and 1 where it is 0. The error is below 0.95 units in the last place, of squares at
/// most 0.5.
/// src      any pixel type, 2D or 3D; pixels are taken as floats
/// p        scalar, the exponent
/// returns  f32, the same shape         parity  the same bits on every device
/// throws   argument_error, memory_error    cost  O(pixels), one read and one write
/// source   clesperanto power; numpy.power
template <pixel T>
image<float> power(const image<T>& src, const ops::power& p = {}) {
  return run(p, src);
}

/// src0(p)^src1(p) for every pixel. Else as power.
/// src0, src1  any pixel types, the same shape; pixels are taken as floats
/// source   clesperanto power_images; numpy.power
template <pixel T, pixel U>
image<float> power_images(const image<T>& src0, const image<U>& src1) {
  return run(ops::power_images{}, src0, src1);
}

/// The sine of src(p) in radians, of any size; NaN of infinity. The error is below 0.8 units in the
/// last place.
/// Else as exponential.
/// source   clesperanto sin; numpy.sin
template <pixel T>
image<float> sin(const image<T>& src) {
  return run(ops::sin{}, src);
}

/// The hyperbolic sine of src(p), (e^x - e^-x) / 2. The error is below 1 unit in the last
/// place.
/// Else as exponential.
/// source   clesperanto sinh; numpy.sinh
template <pixel T>
image<float> sinh(const image<T>& src) {
  return run(ops::sinh{}, src);
}

/// The tangent of src(p) in radians, of any size; NaN of infinity. The error is below 1 unit in the
/// last place.
/// Else as exponential.
/// source   clesperanto tan; numpy.tan
template <pixel T>
image<float> tan(const image<T>& src) {
  return run(ops::tan{}, src);
}

/// The hyperbolic tangent of src(p), (e^x - e^-x) / (e^x + e^-x). The error is below 0.75 units in
/// the last place.
/// Else as exponential.
/// source   clesperanto tanh; numpy.tanh
template <pixel T>
image<float> tanh(const image<T>& src) {
  return run(ops::tanh{}, src);
}

}  // namespace gpuimg
