// SPDX-License-Identifier: BSD-3-Clause
// How many pixels each pair of labels has, of two label images.
//
// The pairs are in a hash table with linear probing: each slot has an owner, which is the number of
// a pixel of the pair, plus 1, or 0 for none, and a count of pixels. (Owners are claimed by 32-bit
// atomics; a pair of labels has 64 bits.) Which pixel owns a slot, and which slot a pair has, is a
// matter of chance; the counts are not. Pixels that are background in both images are left out:
// they are all those that are not counted. The word after the last slot says that a pair found no
// slot among PROBES, so that the counts are worth nothing.

#define PROBES 64

uint hash_of(const uint a, const uint b) {
  uint hash = a * 0x9e3779b1u + rotate(b * 0x85ebca77u, 15u);
  hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
  hash = (hash ^ hash >> 12) * 0x297a2d39u;
  return hash ^ hash >> 15;
}

// Counts `count` pixels more for the labels a and b, which pixel `at` has; false where the table is
// too full.
bool add_run(global const uint* restrict src0, global const uint* restrict src1,
             volatile global uint* table, const uint slots, const uint a, const uint b,
             const size_t at, const uint count) {
  if (a == 0 && b == 0) return true;
  uint slot = hash_of(a, b);
  for (int probe = 0; probe < PROBES; ++probe, ++slot) {
    volatile global uint* entry = table + 2 * (size_t)(slot & (slots - 1));
    const uint owner = atomic_cmpxchg(entry, 0u, (uint)at + 1);
    if (owner == 0 || (src0[owner - 1] == a && src1[owner - 1] == b)) {
      atomic_add(entry + 1, count);
      return true;
    }
  }
  atomic_or(table + 2 * (size_t)slots, 1u);
  return false;
}

// A work-item takes `length` pixels that are `step` apart, and counts those of the same pair in a
// row. Neighbouring work-items take neighbouring pixels where the step is more than 1.
kernel void label_overlaps__count(global const uint* restrict src0,
                                  global const uint* restrict src1, volatile global uint* table,
                                  const uint slots, const uint pixels, const uint step,
                                  const uint length) {
  const size_t item = get_global_id(0);
  const size_t first = item / step * step * length + item % step;
  if (first >= pixels) return;
  const size_t end = min((size_t)pixels, first + (size_t)step * length);
  uint a = src0[first], b = src1[first], count = 0;
  size_t i = first;
  for (; i < end; i += step) {
    if (src0[i] != a || src1[i] != b) {
      if (!add_run(src0, src1, table, slots, a, b, i - step, count)) return;
      a = src0[i];
      b = src1[i];
      count = 0;
    }
    ++count;
  }
  add_run(src0, src1, table, slots, a, b, i - step, count);
}

// The same from vectors of neighbouring pixels.
kernel void label_overlaps__count_vectors(global const uint* restrict src0,
                                          global const uint* restrict src1,
                                          volatile global uint* table, const uint slots,
                                          const uint pixels, const uint length) {
  const size_t first = get_global_id(0) * (size_t)length;
  if (first >= pixels) return;
  const size_t end = min((size_t)pixels, first + length);
  for (size_t begin = first, i = first; begin < end; begin = i) {
    const uint a = src0[i], b = src1[i];
    while (i + VEC <= end && all(LOAD(src0 + i) == a) && all(LOAD(src1 + i) == b)) i += VEC;
    while (i < end && src0[i] == a && src1[i] == b) ++i;
    if (!add_run(src0, src1, table, slots, a, b, begin, (uint)(i - begin))) return;
  }
}

// The labels and the pixels of each slot; no pixels where nobody owns it. The last row has the word
// after the slots.
kernel void label_overlaps__rows(global const uint* restrict src0, global const uint* restrict src1,
                                 global const uint* restrict table, global uint4* restrict rows,
                                 const uint slots) {
  const size_t slot = get_global_id(0);
  if (slot > slots) return;
  const uint owner = table[2 * slot];
  uint4 row = 0;
  if (slot == slots)
    row.x = owner;
  else if (owner != 0)
    row = (uint4)(src0[owner - 1], src1[owner - 1], table[2 * slot + 1], 0);
  rows[slot] = row;
}
