// SPDX-License-Identifier: BSD-3-Clause
// Pairs of labels: how many pixels have each, of two label images; or how many FACES between pixels
// of one label image do, and the saddle there, of an image.
//
// The pairs are in a hash table with linear probing: each slot has an owner, which is the number of
// a place of the pair, plus 1, or 0 for none, and a count of places. (Owners are claimed by 32-bit
// atomics; a pair of labels has 64 bits.) Which place owns a slot, and which slot a pair has, is a
// matter of chance; what is counted is not. The word after the last slot says that a pair found no
// slot among PROBES, so that the counts are worth nothing.
//
// A place is a pixel. Pixels that are background in both images are left out: they are all those
// that are not counted.
//
// With FACES a place is 3 times a pixel plus an axis: the face between the pixel and the next one
// along that axis. Faces of one label, and those of the background, are left out. A slot has a
// third word, the greatest rank, over the faces, of the lesser of both pixels.

#define PROBES 64

#ifdef FACES
#define WORDS 3
#else
#define WORDS 2
#endif

size_t step_along(const uint axis, const uint4 size) {
  return axis == 0 ? 1 : axis == 1 ? size.x : (size_t)size.x * size.y;
}

// The labels to both sides of a face, the lesser one first.
uint2 labels_at_face(global const uint* labels, const size_t pixel, const size_t step) {
  const uint a = labels[pixel], b = labels[pixel + step];
  return (uint2)(min(a, b), max(a, b));
}

uint2 pair_at(global const uint* src0, global const uint* src1, const uint4 size,
              const uint place) {
#ifdef FACES
  (void)src1;
  return labels_at_face(src0, place / 3, step_along(place % 3, size));
#else
  (void)size;
  return (uint2)(src0[place], src1[place]);
#endif
}

bool is_same(const uint2 a, const uint2 b) { return a.x == b.x && a.y == b.y; }

uint hash_of(const uint2 pair) {
  uint hash = pair.x * 0x9e3779b1u + rotate(pair.y * 0x85ebca77u, 15u);
  hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
  hash = (hash ^ hash >> 12) * 0x297a2d39u;
  return hash ^ hash >> 15;
}

// Places in a row that have the same pair; `last` is one of them.
typedef struct {
  uint2 pair;
  uint count, most;
  size_t last;
} run_t;

// Adds a run to the table; false where that is too full.
bool add_run(global const uint* src0, global const uint* src1, const uint4 size,
             volatile global uint* table, const uint slots, const run_t run) {
  if (run.count == 0 || (run.pair.x == 0 && run.pair.y == 0)) return true;
  uint slot = hash_of(run.pair);
  for (int probe = 0; probe < PROBES; ++probe, ++slot) {
    volatile global uint* entry = table + WORDS * (size_t)(slot & (slots - 1));
    const uint owner = atomic_cmpxchg(entry, 0u, (uint)run.last + 1);
    if (owner == 0 || is_same(pair_at(src0, src1, size, owner - 1), run.pair)) {
      atomic_add(entry + 1, run.count);
      if (WORDS == 3) atomic_max(entry + 2, run.most);
      return true;
    }
  }
  atomic_or(table + WORDS * (size_t)slots, 1u);
  return false;
}

// A work-item takes `length` pixels that are `step` apart, and counts those of the same pair in a
// row. Neighbouring work-items take neighbouring pixels where the step is more than 1.
kernel void label_pairs__pixels(global const uint* restrict src0, global const uint* restrict src1,
                                volatile global uint* table, const uint slots, const uint4 size,
                                const uint pixels, const uint step, const uint length) {
  const size_t item = get_global_id(0);
  const size_t first = item / step * step * length + item % step;
  if (first >= pixels) return;
  const size_t end = min((size_t)pixels, first + (size_t)step * length);
  run_t run = {(uint2)(0), 0, 0, first};
  for (size_t i = first; i < end; i += step) {
    const uint2 pair = (uint2)(src0[i], src1[i]);
    if (!is_same(pair, run.pair)) {
      if (!add_run(src0, src1, size, table, slots, run)) return;
      run.pair = pair;
      run.count = 0;
      run.last = i;
    }
    ++run.count;
  }
  add_run(src0, src1, size, table, slots, run);
}

// The same from vectors of neighbouring pixels.
kernel void label_pairs__pixel_vectors(global const uint* restrict src0,
                                       global const uint* restrict src1,
                                       volatile global uint* table, const uint slots,
                                       const uint4 size, const uint pixels, const uint length) {
  const size_t first = get_global_id(0) * (size_t)length;
  if (first >= pixels) return;
  const size_t end = min((size_t)pixels, first + length);
  for (size_t begin = first, i = first; begin < end; begin = i) {
    const uint a = src0[i], b = src1[i];
    while (i + VEC <= end && all(LOAD(src0 + i) == a) && all(LOAD(src1 + i) == b)) i += VEC;
    while (i < end && src0[i] == a && src1[i] == b) ++i;
    const run_t run = {(uint2)(a, b), (uint)(i - begin), 0, begin};
    if (!add_run(src0, src1, size, table, slots, run)) return;
  }
}

// A work-item takes `length` pixels in a row along x, or, where `along_y`, along y, so that
// neighbouring work-items take neighbouring pixels. It looks at their faces across x, then y, then
// z.
kernel void label_pairs__faces(global const uint* restrict labels, global const SRC_T* restrict src,
                               volatile global uint* table, const uint slots, const uint4 size,
                               const uint along_y, const uint length) {
  const size_t x = get_global_id(0) * (along_y ? 1 : length), z = get_global_id(2);
  const size_t y = get_global_id(1) * (along_y ? length : 1);
  if (x >= size.x || y >= size.y || z >= size.z) return;
  const size_t first = x + size.x * (y + size.y * z), walk = along_y ? size.x : 1;
  const uint left = (uint)(along_y ? size.y - y : size.x - x);  // pixels, before the image ends
  for (uint axis = 0; axis < 3; ++axis) {
    const bool is_across = axis == (along_y ? 1 : 0);  // the last pixel has no face
    if (!is_across && (axis == 0 ? x + 1 == size.x : axis == 1 ? y + 1 == size.y : z + 1 == size.z))
      continue;
    const uint end = min(length, is_across ? left - 1 : left);
    const size_t step = step_along(axis, size);
    run_t run = {(uint2)(0), 0, 0, 0};
    for (uint k = 0; k < end; ++k) {
      const size_t i = first + k * walk;
      if (!along_y && k % VEC == 0 && k + VEC <= end) {
        const VECTOR(uint) here = LOAD(labels + i), there = LOAD(labels + i + step);
        if (!ANY((here != there) & (here != 0) & (there != 0))) {
          k += VEC - 1;
          continue;
        }
      }
      const uint2 pair = labels_at_face(labels, i, step);
      if (pair.x == pair.y || pair.x == 0) continue;
      if (!is_same(pair, run.pair)) {
        if (!add_run(labels, labels, size, table, slots, run)) return;
        run.pair = pair;
        run.count = run.most = 0;
      }
      ++run.count;
      run.most = max(run.most, min(RANK(src[i]), RANK(src[i + step])));
      run.last = 3 * i + axis;
    }
    if (!add_run(labels, labels, size, table, slots, run)) return;
  }
}

// The labels of each slot, and what is counted; a count of 0 where nobody owns it. The last row has
// the word after the slots.
kernel void label_pairs__rows(global const uint* restrict src0, global const uint* restrict src1,
                              global const uint* restrict table, global uint4* restrict rows,
                              const uint slots, const uint4 size) {
  const size_t slot = get_global_id(0);
  if (slot > slots) return;
  table += WORDS * slot;
  const uint owner = table[0];
  uint4 row = 0;
  if (slot == slots)
    row.x = owner;
  else if (owner != 0)
    row = (uint4)(pair_at(src0, src1, size, owner - 1), table[1], WORDS == 3 ? table[2] : 0);
  rows[slot] = row;
}
