// SPDX-License-Identifier: BSD-3-Clause
// What several operations on labels need: zeros, an exclusive prefix sum, the greatest of many
// numbers.

#define SCAN_BLOCK 1024
#define PIECE 4096

kernel void primitives__fill_zero(global uint* restrict values, const ulong count) {
  if (get_global_id(0) < count) values[get_global_id(0)] = 0;
}

// An exclusive prefix sum over `count` numbers in place: block sums, sums before each block,
// blocks.
kernel void primitives__scan_blocks(global const uint* restrict values, global uint* restrict sums,
                                    const uint count) {
  const uint block = (uint)get_global_id(0);
  const ulong begin = (ulong)block * SCAN_BLOCK, end = min((ulong)count, begin + SCAN_BLOCK);
  if (begin >= count) return;
  uint sum = 0;
  for (ulong i = begin; i < end; ++i) sum += values[i];
  sums[block] = sum;
}

kernel void primitives__scan_sums(global uint* restrict sums, const uint blocks) {
  if (get_global_id(0) != 0) return;
  uint sum = 0;
  for (uint block = 0; block < blocks; ++block) {
    const uint next = sums[block];
    sums[block] = sum;
    sum += next;
  }
}

kernel void primitives__scan_apply(global uint* restrict values, global const uint* restrict sums,
                                   const uint count) {
  const uint block = (uint)get_global_id(0);
  const ulong begin = (ulong)block * SCAN_BLOCK, end = min((ulong)count, begin + SCAN_BLOCK);
  if (begin >= count) return;
  uint sum = sums[block];
  for (ulong i = begin; i < end; ++i) {
    const uint next = values[i];
    values[i] = sum;
    sum += next;
  }
}

kernel void primitives__greatest(global const uint* restrict values, global uint* restrict greatest,
                                 const ulong count) {
  const size_t piece = get_global_id(0), begin = piece * PIECE;
  if (begin >= count) return;
  const size_t end = min((size_t)count, begin + PIECE);
  uint most = 0;
  for (size_t i = begin; i < end; ++i) most = max(most, values[i]);
  greatest[piece] = most;
}
