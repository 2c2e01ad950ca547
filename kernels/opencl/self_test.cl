// SPDX-License-Identifier: BSD-3-Clause
// What all kernels rely on, as numbers that the host knows. Work-item 0 computes; all of them
// count. What goes in comes from memory, so that no compiler computes it beforehand.

#define LONG_LOOP 100000

kernel void self_test(global const float* restrict in, global uint* restrict answer,
                      volatile global uint* counter) {
  atomic_inc(counter);
  atomic_add(counter + 1, (uint)get_global_id(0));
  atomic_min(counter + 2, (uint)get_global_id(0));
  atomic_or(counter + 3, 1u << (get_global_id(0) % 32));
  if (get_global_id(0) != 0) return;

  // One rounding after the product and one after the sum; an fma has one in all.
  answer[0] = as_uint(in[0] * in[0] + in[1]);
  answer[1] = as_uint(fma(in[0], in[0], in[1]));
  // Numbers too small to be normal.
  answer[2] = as_uint(in[2] * in[3]);
  answer[3] = as_uint(in[4] + in[4]);
  // Zeros.
  answer[4] = as_uint(fma(in[5], in[6], in[7]));
  answer[5] = as_uint(fma(in[5], in[6], in[5]));
  // Halves go to the even neighbour.
  answer[6] = (uint)convert_int_rte(in[8]);
  answer[7] = (uint)convert_int_rte(in[9]);
  answer[8] = as_uint(convert_float((uint)in[10] + 1u));
  // Beyond the range of the integer; NaN.
  const float4 wide = vload4(0, in + 11);
  const uchar4 bytes = convert_uchar4_sat_rte(wide);
  answer[9] = bytes.x | (uint)bytes.y << 8 | (uint)bytes.z << 16 | (uint)bytes.w << 24;
  answer[10] = (uint)convert_int_sat(in[14]);
  answer[11] = convert_uint_sat(in[15]);

  // The loop's condition comes from memory, too.
  uint state = 1;
  for (uint turns = 0; turns < LONG_LOOP + (uint)in[5]; ++turns)
    state = state * 1664525u + 1013904223u;
  answer[12] = state;
  answer[13] = (uint)in[10] * 0x9e3779b9u;
  answer[14] = as_uint(fma(in[4], in[6], in[4]));
}
