// SPDX-License-Identifier: BSD-3-Clause
// Labels grow into a mask. In every step each unlabelled pixel of the mask takes the greatest label
// among its neighbours: all 8 (26) in even steps, those that share a face in odd ones.
//
// While they grow, pixels are 0 outside the mask, 1 where unlabelled, else label + 1; so the
// greatest neighbour is a plain maximum, and the label 2^32 - 1 has no place. A round is STEPS
// steps at once: a work-item copies its tile with a halo of STEPS pixels, takes the steps there,
// and writes the tile into the other image. A tile has work only if it or a tile around it changed
// in the round before; else both images hold it already.

#ifndef TILE_X  // the host chooses tiles: as large as a CPU's cache likes, or small for a GPU
#define TILE_X 64
#define TILE_Y 64
#define TILE_Z 1
#define STEPS 8
#define HALO_Z 0
#endif

#define UNLABELLED 1u
#define NO_PLACE 0xffffffffu

// What the host reads: the last round in which a pixel changed, and whether a label has no place.
#define LAST_CHANGE 0
#define REFUSAL 1
#define SPAN_X (TILE_X + 2 * STEPS)
#define SPAN_Y (TILE_Y + 2 * STEPS)
#define SPAN_Z (TILE_Z + 2 * HALO_Z)
#define ROW SPAN_X
#define PLANE (SPAN_X * SPAN_Y)

kernel void propagate_labels__begin(global const uint* restrict label,
                                    global const uchar* restrict mask, global uint* restrict state,
                                    global uint* restrict other, volatile global uint* status,
                                    const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i + VEC <= count) {
    const VECTOR(uint) labels = LOAD(label + i);
    const VECTOR(uint) begun = TO_VECTOR(int, LOAD(mask + i)) != 0 ? labels + 1 : 0;
    STORE(begun, state + i);
    STORE(begun, other + i);
    if (any(labels == NO_PLACE)) atomic_max(status + REFUSAL, 1u);
    return;
  }
  for (size_t k = i; k < count; ++k) {
    state[k] = other[k] = mask[k] != 0 ? label[k] + 1 : 0;
    if (label[k] == NO_PLACE) atomic_max(status + REFUSAL, 1u);
  }
}

kernel void propagate_labels__end(global uint* restrict state, const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i + VEC <= count) {
    STORE(max(LOAD(state + i), (VECTOR(uint))(UNLABELLED)) - UNLABELLED, state + i);
    return;
  }
  for (size_t k = i; k < count; ++k) state[k] = max(state[k], UNLABELLED) - UNLABELLED;
}

VECTOR(uint) greatest_of_three(const uint* pixel) {
  return max(max(LOAD(pixel - 1), LOAD(pixel)), LOAD(pixel + 1));
}

// The greatest of the neighbours, and of the pixels themselves, which are less than any label.
VECTOR(uint) greatest_around(const uint* pixel, const bool is_box) {
  VECTOR(uint) most = greatest_of_three(pixel);
  if (is_box) {
    most = max(most, max(greatest_of_three(pixel - ROW), greatest_of_three(pixel + ROW)));
#if HALO_Z > 0
    for (int row = -ROW; row <= ROW; row += ROW)
      most = max(most, max(greatest_of_three(pixel + row - PLANE),
                           greatest_of_three(pixel + row + PLANE)));
#endif
  } else {
    most = max(most, max(LOAD(pixel - ROW), LOAD(pixel + ROW)));
#if HALO_Z > 0
    most = max(most, max(LOAD(pixel - PLANE), LOAD(pixel + PLANE)));
#endif
  }
  return most;
}

// Copies one row of the image, from x to x + SPAN_X, into both memories; 0 beyond the image.
void copy_row(global const uint* row, const int x, const int nx, uint* a, uint* b) {
  if (x >= 0 && x + SPAN_X <= nx) {
    for (int i = 0; i < SPAN_X; i += VEC) {
      const int at = min(i, SPAN_X - VEC);
      const VECTOR(uint) pixels = LOAD(row + x + at);
      STORE(pixels, a + at);
      STORE(pixels, b + at);
    }
  } else {
    for (int i = 0; i < SPAN_X; ++i) a[i] = b[i] = x + i >= 0 && x + i < nx ? row[x + i] : 0;
  }
}

// One step from `before` to `after`, which differ in the `count` listed vectors at most. Returns
// whether a pixel changed. The outermost pixels have no neighbours here: what they become is wrong,
// and one pixel more in every step, which the halo is for.
bool take_step(const uint* before, uint* after, const ushort* open, const int count,
               const bool is_box) {
  VECTOR(int) moved = 0;
  for (int n = 0; n < count; ++n) {
    const uint* from = before + open[n] * VEC;
    const VECTOR(uint) pixels = LOAD(from);
    const VECTOR(uint) next = pixels == UNLABELLED ? greatest_around(from, is_box) : pixels;
    moved |= next != pixels;
    STORE(next, after + open[n] * VEC);
  }
  return any(moved);
}

kernel void propagate_labels__round(global const uint* restrict state, global uint* restrict other,
                                    global const uint* restrict changed_before,
                                    global uint* restrict changed, volatile global uint* status,
                                    const uint4 unsigned_size, const uint4 unsigned_tiles,
                                    const uint round) {
  const int4 size = convert_int4(unsigned_size), tiles = convert_int4(unsigned_tiles);
  const int4 tile = (int4)((int)get_global_id(0), (int)get_global_id(1), (int)get_global_id(2), 0);
  if (tile.x >= tiles.x) return;
  const size_t tile_index = tile.x + (size_t)tiles.x * (tile.y + (size_t)tiles.y * tile.z);
  changed[tile_index] = 0;
  bool has_work = round == 1;
  for (int z = max(tile.z - 1, 0); z <= min(tile.z + 1, tiles.z - 1) && !has_work; ++z)
    for (int y = max(tile.y - 1, 0); y <= min(tile.y + 1, tiles.y - 1) && !has_work; ++y)
      for (int x = max(tile.x - 1, 0); x <= min(tile.x + 1, tiles.x - 1) && !has_work; ++x)
        has_work = changed_before[x + (size_t)tiles.x * (y + (size_t)tiles.y * z)] != 0;
  if (!has_work) return;

  // Vectors run over the ends of rows and past the last one: VEC pixels more on both sides.
  uint memory_a[PLANE * SPAN_Z + 2 * VEC], memory_b[PLANE * SPAN_Z + 2 * VEC];
  uint *a = memory_a + VEC, *b = memory_b + VEC;
  for (int i = 1; i <= VEC; ++i)
    a[-i] = b[-i] = a[PLANE * SPAN_Z + i - 1] = b[PLANE * SPAN_Z + i - 1] = 0;
  const int4 first = tile * (int4)(TILE_X, TILE_Y, TILE_Z, 0);
  for (int z = 0; z < SPAN_Z; ++z)
    for (int y = 0; y < SPAN_Y; ++y) {
      const int4 at = first + (int4)(-STEPS, y - STEPS, z - HALO_Z, 0);
      const bool inside = at.y >= 0 && at.y < size.y && at.z >= 0 && at.z < size.z;
      const int row = PLANE * z + ROW * y;
      copy_row(state + (inside ? (size_t)size.x * (at.y + (size_t)size.y * at.z) : 0), at.x,
               inside ? size.x : 0, a + row, b + row);
    }

  // Only vectors with an unlabelled pixel can change.
  ushort open[PLANE * SPAN_Z / VEC + 1];
  int count = 0;
  const int margin = HALO_Z > 0 ? PLANE + ROW : ROW;
  for (int i = margin / VEC; i * VEC < PLANE * SPAN_Z - margin; ++i)
    if (any(LOAD(a + i * VEC) == UNLABELLED)) open[count++] = (ushort)i;
  bool moves = true;
  for (int step = 0; step < STEPS && moves; step += 2) {
    moves = take_step(a, b, open, count, true);
    moves = take_step(b, a, open, count, false) || moves;
  }

  VECTOR(int) moved = 0;
  const int4 end = min(first + (int4)(TILE_X, TILE_Y, TILE_Z, 0), size);
  for (int z = first.z; z < end.z; ++z)
    for (int y = first.y; y < end.y; ++y) {
      const size_t row = (size_t)size.x * (y + (size_t)size.y * z);
      const uint* copy =
          a + PLANE * (z - first.z + HALO_Z) + ROW * (y - first.y + STEPS) - first.x + STEPS;
      int x = first.x;
      for (; x + VEC <= end.x; x += VEC) {
        const VECTOR(uint) pixels = LOAD(copy + x);
        moved |= pixels != LOAD(state + row + x);
        STORE(pixels, other + row + x);
      }
      for (; x < end.x; ++x) {
        moved |= (VECTOR(int))(copy[x] != state[row + x] ? -1 : 0);
        other[row + x] = copy[x];
      }
    }
  if (any(moved)) {
    changed[tile_index] = 1;
    atomic_max(status + LAST_CHANGE, round);
  }
}
