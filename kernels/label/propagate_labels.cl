// SPDX-License-Identifier: BSD-3-Clause
// Labels grow into a mask. In every step each unlabelled pixel of the mask takes the greatest label
// among its neighbours: all 8 (26) in even steps, those that share a face in odd ones.
//
// A round is STEPS steps at once: a work-item (serial) or a work-group (shared) copies its tile
// with a halo of STEPS pixels, takes the steps there, and writes the tile into the other image. A
// tile has work only if it or a tile around it changed in the round before; else both images hold
// it already. The first round writes both.

#ifndef TILE_X  // the host chooses tiles: as large as a CPU's cache or a GPU's local memory likes
#define TILE_X 64
#define TILE_Y 64
#define TILE_Z 1
#define STEPS 8
#define HALO_Z 0
#endif

#define SPAN_X (TILE_X + 2 * STEPS)
#define SPAN_Y (TILE_Y + 2 * STEPS)
#define SPAN_Z (TILE_Z + 2 * HALO_Z)
#define ROW SPAN_X
#define PLANE (SPAN_X * SPAN_Y)
#define SPAN (PLANE * SPAN_Z)

// Whether the tile, or one that touches it, changed in the round before.
bool has_work(global const uint* restrict changed_before, const int4 tile, const int4 tiles,
              const uint round) {
  uint work = round == 1;
  if (round > 1)
    for (int z = max(tile.z - 1, 0); z <= min(tile.z + 1, tiles.z - 1); ++z)
      for (int y = max(tile.y - 1, 0); y <= min(tile.y + 1, tiles.y - 1); ++y)
        for (int x = max(tile.x - 1, 0); x <= min(tile.x + 1, tiles.x - 1); ++x)
          work |= changed_before[x + (size_t)tiles.x * (y + (size_t)tiles.y * z)];
  return work != 0;
}

// --- a tile of a work-item, in vectors ---

VECTOR(uint) greatest_of_three(const uint* pixel) {
  return max(max(LOAD(pixel - 1), LOAD(pixel)), LOAD(pixel + 1));
}

// The greatest of the neighbours, and of the pixels themselves, which are 0.
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

// Copies the labels inside the mask of one row, from x to x + SPAN_X, into both memories, and where
// the mask is, as 0 or all ones; 0 beyond the image.
void copy_row(global const uint* labels, global const uchar* mask, const int x, const int nx,
              uint* a, uint* b, uint* inside) {
  if (x >= 0 && x + SPAN_X <= nx) {
    for (int i = 0; i < SPAN_X; i += VEC) {
      const int at = min(i, SPAN_X - VEC);
      const VECTOR(uint) in = PASTE(as_uint, VEC)(TO_VECTOR(int, LOAD(mask + x + at)) != 0);
      const VECTOR(uint) pixels = LOAD(labels + x + at) & in;
      STORE(pixels, a + at);
      STORE(pixels, b + at);
      STORE(in, inside + at);
    }
  } else {
    for (int i = 0; i < SPAN_X; ++i) {
      const bool exists = x + i >= 0 && x + i < nx;
      inside[i] = exists && mask[x + i] != 0 ? ~0u : 0;
      a[i] = b[i] = inside[i] != 0 ? labels[x + i] : 0;
    }
  }
}

// One step from `before` to `after`, which differ in the `count` listed vectors at most. Returns
// whether a pixel changed. The outermost pixels have no neighbours here: what they become is wrong,
// and one pixel more in every step, which the halo is for.
bool take_step(const uint* before, uint* after, const uint* inside, const ushort* open,
               const int count, const bool is_box) {
  VECTOR(int) moved = 0;
  for (int n = 0; n < count; ++n) {
    const int at = open[n] * VEC;
    const VECTOR(uint) pixels = LOAD(before + at);
    const VECTOR(uint) next =
        pixels == 0 ? greatest_around(before + at, is_box) & LOAD(inside + at) : pixels;
    moved |= next != pixels;
    STORE(next, after + at);
  }
  return any(moved);
}

kernel void propagate_labels__round(global const uint* labels, global const uchar* restrict mask,
                                    global uint* dst, global uint* also,
                                    global const uint* restrict changed_before,
                                    global uint* restrict changed, const uint4 unsigned_size,
                                    const uint4 unsigned_tiles, const uint round) {
  const int4 size = convert_int4(unsigned_size), tiles = convert_int4(unsigned_tiles);
  const int4 tile = (int4)((int)get_global_id(0), (int)get_global_id(1), (int)get_global_id(2), 0);
  if (tile.x >= tiles.x || tile.y >= tiles.y || tile.z >= tiles.z) return;
  const size_t tile_index = tile.x + (size_t)tiles.x * (tile.y + (size_t)tiles.y * tile.z);
  changed[tile_index] = 0;
  if (!has_work(changed_before, tile, tiles, round)) return;

  const int4 first = tile * (int4)(TILE_X, TILE_Y, TILE_Z, 0);
  const int4 end = min(first + (int4)(TILE_X, TILE_Y, TILE_Z, 0), size);
  VECTOR(int) may_move = 0;
  for (int z = first.z; z < end.z; ++z)
    for (int y = first.y; y < end.y; ++y) {
      const size_t row = (size_t)size.x * (y + (size_t)size.y * z);
      int x = first.x;
      for (; x + VEC <= end.x; x += VEC) {
        const VECTOR(int) in = TO_VECTOR(int, LOAD(mask + row + x)) != 0;
        const VECTOR(uint) pixels = LOAD(labels + row + x) & PASTE(as_uint, VEC)(in);
        may_move |= in & (pixels == 0);
        STORE(pixels, dst + row + x);
        if (round == 1) STORE(pixels, also + row + x);
      }
      for (; x < end.x; ++x) {
        const uint pixel = mask[row + x] != 0 ? labels[row + x] : 0;
        may_move |= (VECTOR(int))(mask[row + x] != 0 && pixel == 0 ? -1 : 0);
        dst[row + x] = pixel;
        if (round == 1) also[row + x] = pixel;
      }
    }
  if (!any(may_move)) return;

  // Vectors run over the ends of rows and past the last one: VEC pixels more on both sides.
  uint memory_a[SPAN + 2 * VEC], memory_b[SPAN + 2 * VEC], inside[SPAN];
  uint *a = memory_a + VEC, *b = memory_b + VEC;
  for (int i = 1; i <= VEC; ++i) a[-i] = b[-i] = a[SPAN + i - 1] = b[SPAN + i - 1] = 0;
  for (int z = 0; z < SPAN_Z; ++z)
    for (int y = 0; y < SPAN_Y; ++y) {
      const int4 at = first + (int4)(-STEPS, y - STEPS, z - HALO_Z, 0);
      const bool exists = at.y >= 0 && at.y < size.y && at.z >= 0 && at.z < size.z;
      const size_t start = exists ? (size_t)size.x * (at.y + (size_t)size.y * at.z) : 0;
      const int row = PLANE * z + ROW * y;
      copy_row(labels + start, mask + start, at.x, exists ? size.x : 0, a + row, b + row,
               inside + row);
    }

  // Only vectors with an unlabelled pixel can change.
  ushort open[SPAN / VEC + 1];
  int count = 0;
  const int margin = HALO_Z > 0 ? PLANE + ROW : ROW;
  for (int i = margin / VEC; i * VEC < SPAN - margin; ++i)
    if (any((LOAD(a + i * VEC) == 0) & (LOAD(inside + i * VEC) != 0))) open[count++] = (ushort)i;
  bool moves = true;
  for (int step = 0; step < STEPS && moves; step += 2) {
    moves = take_step(a, b, inside, open, count, true);
    moves = take_step(b, a, inside, open, count, false) || moves;
  }

  VECTOR(int) moved = 0;  // a label where none was
  for (int z = first.z; z < end.z; ++z)
    for (int y = first.y; y < end.y; ++y) {
      const size_t row = (size_t)size.x * (y + (size_t)size.y * z);
      const uint* copy =
          a + PLANE * (z - first.z + HALO_Z) + ROW * (y - first.y + STEPS) - first.x + STEPS;
      int x = first.x;
      for (; x + VEC <= end.x; x += VEC) {
        const VECTOR(uint) pixels = LOAD(copy + x);
        const VECTOR(int) is_new = (pixels != 0) & (LOAD(labels + row + x) == 0);
        if (!any(is_new)) continue;
        moved |= is_new;
        STORE(pixels, dst + row + x);
        if (round == 1) STORE(pixels, also + row + x);
      }
      for (; x < end.x; ++x) {
        moved |= (VECTOR(int))(copy[x] != 0 && labels[row + x] == 0 ? -1 : 0);
        dst[row + x] = copy[x];
        if (round == 1) also[row + x] = copy[x];
      }
    }
  if (any(moved)) changed[tile_index] = 1;
}

// --- a tile of a work-group of any size, in local memory ---

uint greatest_near(local const uint* pixel, const bool is_box) {
  uint most = max(pixel[-1], pixel[1]);
  for (int z = HALO_Z > 0 ? -PLANE : 0; z <= (HALO_Z > 0 ? PLANE : 0); z += PLANE)
    for (int y = -ROW; y <= ROW; y += ROW) {
      if (is_box) most = max(most, max(pixel[z + y - 1], pixel[z + y + 1]));
      if (is_box || y == 0 || z == 0) most = max(most, pixel[z + y]);
    }
  return most;
}

// One step of the open pixels from `before` to `after`: whether one of the work-item's moved.
bool take_shared_step(local const uint* before, local uint* after, local const uchar* is_open,
                      const bool is_box, const int item, const int items) {
  bool moved = false;
  for (int i = item; i < SPAN; i += items) {
    if (!is_open[i]) continue;
    uint label = before[i];
    if (label == 0) {
      label = greatest_near(before + i, is_box);
      moved |= label != 0;
    }
    after[i] = label;
  }
  return moved;
}

// The place of the work-group among all, in bands, too.
uint tile_along(const uint axis) { return (uint)get_global_id(axis) / (uint)get_local_size(axis); }

kernel void propagate_labels__round_shared(global const uint* labels,
                                           global const uchar* restrict mask, global uint* dst,
                                           global uint* also,
                                           global const uint* restrict changed_before,
                                           global uint* restrict changed, const uint4 unsigned_size,
                                           const uint4 unsigned_tiles, const uint round) {
  local uint copies[2 * SPAN];
  local uchar is_open[SPAN];
  local int is_awake;              // whether the tile has work
  local int moves[STEPS / 2 + 1];  // whether a pixel is open; whether one moved in two steps
  const int4 size = convert_int4(unsigned_size), tiles = convert_int4(unsigned_tiles);
  const int4 tile = (int4)((int)tile_along(0), (int)tile_along(1), (int)tile_along(2), 0);
  // Where work-groups are smaller than wanted, there are more of them than tiles.
  const bool is_tile = tile.x < tiles.x && tile.y < tiles.y && tile.z < tiles.z;
  const size_t tile_index = tile.x + (size_t)tiles.x * (tile.y + (size_t)tiles.y * tile.z);
  const int4 first = tile * (int4)(TILE_X, TILE_Y, TILE_Z, 0);
  const int column = (int)get_local_id(0), columns = (int)get_local_size(0);
  const int line = (int)get_local_id(1), lines = (int)get_local_size(1);
  const int item = column + columns * line, items = columns * lines;
  for (int i = item; i <= STEPS / 2; i += items) moves[i] = 0;
  if (item == 0) is_awake = is_tile && round == 1;
  if (item == 0 && is_tile) changed[tile_index] = 0;
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);  // and `changed` is 0 before it is 1
  for (int i = item; i < 27 && is_tile && round > 1; i += items) {
    const int4 at = tile + (int4)(i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1, 0);
    if (at.x >= 0 && at.x < tiles.x && at.y >= 0 && at.y < tiles.y && at.z >= 0 && at.z < tiles.z &&
        changed_before[at.x + (size_t)tiles.x * (at.y + (size_t)tiles.y * at.z)] != 0)
      is_awake = 1;
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  // Without work there are no rows, and nothing moves. Nobody returns before a barrier: PoCL 3.1
  // then takes a branch of one work-item for that of all.
  const int rows = is_awake ? SPAN_Y * SPAN_Z : 0, own_rows = is_awake ? TILE_Y * TILE_Z : 0;
  for (int row = line; row < rows; row += lines) {
    const int z = SPAN_Z == 1 ? 0 : row / SPAN_Y, y = row - SPAN_Y * z;
    const int4 at = first + (int4)(-STEPS, y - STEPS, z - HALO_Z, 0);
    const bool exists = at.y >= 0 && at.y < size.y && at.z >= 0 && at.z < size.z;
    const long start = at.x + (long)size.x * (at.y + (long)size.y * at.z);
    // A pixel without neighbours here stays as it is: the halo is for what is wrong near it.
    const int margin_z = min(HALO_Z, 1);
    const bool has_rows = y > 0 && y + 1 < SPAN_Y && z >= margin_z && z + margin_z < SPAN_Z;
    for (int x = column; x < SPAN_X; x += columns) {
      const bool is_inside = exists && at.x + x >= 0 && at.x + x < size.x && mask[start + x] != 0;
      const uint label = is_inside ? labels[start + x] : 0;
      const bool may_move = is_inside && label == 0 && has_rows && x > 0 && x + 1 < SPAN_X;
      const int i = ROW * row + x;
      copies[i] = copies[SPAN + i] = label;
      is_open[i] = may_move;
      if (may_move) moves[0] = 1;
    }
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  local uint* other = copies + SPAN;
  for (int n = 0; n < STEPS / 2 && moves[n] != 0; ++n) {
    if (take_shared_step(copies, other, is_open, true, item, items)) moves[n + 1] = 1;
    barrier(CLK_LOCAL_MEM_FENCE);
    take_shared_step(other, copies, is_open, false, item, items);
    barrier(CLK_LOCAL_MEM_FENCE);
  }

  const int4 end = min(first + (int4)(TILE_X, TILE_Y, TILE_Z, 0), size);
  for (int row = line; row < own_rows; row += lines) {
    const int z = TILE_Z == 1 ? 0 : row / TILE_Y, y = row - TILE_Y * z;
    if (first.y + y >= end.y || first.z + z >= end.z) continue;
    const long start = first.x + (long)size.x * (first.y + y + (long)size.y * (first.z + z));
    const int copy = STEPS + ROW * (y + STEPS) + PLANE * (z + HALO_Z);
    for (int x = column; x < end.x - first.x; x += columns) {
      const uint label = copies[copy + x];
      dst[start + x] = label;
      if (round == 1) also[start + x] = label;
      if (is_open[copy + x] && label != 0) changed[tile_index] = 1;
    }
  }
}
