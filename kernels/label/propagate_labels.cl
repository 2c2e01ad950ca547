// SPDX-License-Identifier: BSD-3-Clause
// Labels grow into a mask. In every step each unlabelled pixel of the mask takes the greatest label
// among its neighbours: all 8 (26) in even steps, those that share a face in odd ones.
//
// A round is a step of either kind, or several, in tiles. A tile has work only if it or a tile
// around it changed in the round before.
//   start, step   a work-item (serial) takes a tile of whole rows from one image to the other, a
//                 launch per step
//   round_shared  a work-group copies its tile with a halo of STEPS pixels, takes the steps there,
//                 and writes the tile into the other image; the first round writes both

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

// Vector i of a row of nx pixels begins at min(i * VEC, nx - VEC). A bit of `open` says that it has
// a pixel that waits for a label, or had one before the last step: elsewhere both images agree.
#ifndef PLANES
#define PLANES 1  // with neighbours: 3 in 3D
#endif
#define WORD 32

uint vectors_per_row(const uint nx) { return (nx - 1) / VEC + 1; }
uint words_per_row(const uint nx) { return (vectors_per_row(nx) - 1) / WORD + 1; }
#define INSIDE(mask) (TO_VECTOR(uint, LOAD(mask)) != 0)
#if VEC == 1
#define LANES 0
#define ANY(condition) ((condition) != 0)
#else
constant int lanes[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#define LANES LOAD(lanes)
bool any_of(const VECTOR(char) condition) {  // PoCL's any looks at one after the other
#if VEC == 16
  const ulong2 bytes = as_ulong2(condition);
  return (bytes.x | bytes.y) != 0;
#elif VEC == 8
  return as_ulong(condition) != 0;
#else
  return any(condition);
#endif
}
#define ANY(condition) any_of(TO_VECTOR(char, condition))
#endif

// Drops labels outside the mask, for both images.
kernel void propagate_labels__start(global const uint* restrict labels,
                                    global const uchar* restrict mask, global uint* restrict dst,
                                    global uint* restrict also, global uint* restrict open,
                                    const uint4 size) {
  const size_t row = get_global_id(0), start = row * size.x;
  if (row >= (size_t)size.y * size.z) return;
  const uint words = words_per_row(size.x);
  for (uint w = 0; w < words; ++w) {
    uint bits = 0;
    for (uint i = w * WORD; i < min((w + 1) * WORD, vectors_per_row(size.x)); ++i) {
      const size_t at = start + min(i * VEC, size.x - VEC);
      const VECTOR(uint) pixels = INSIDE(mask + at) ? LOAD(labels + at) : 0;
      if (ANY(INSIDE(mask + at) & (pixels == 0))) bits |= 1u << i % WORD;
      STORE_ANY(uint, pixels, dst + at);
      STORE_ANY(uint, pixels, also + at);
    }
    open[row * words + w] = bits;
  }
}

// How far the rows of the pixels around lie from a pixel's own, along y and along z; beyond an edge
// a row stands for itself.
typedef struct {
  ptrdiff_t up[3], back[3];
} rows_around;

// The greatest neighbour of each pixel of a vector that begins at x of a row of nx pixels.
__attribute__((always_inline)) VECTOR(uint)
    greatest_around(global const uint* pixel, const uint x, const uint nx, const rows_around rows,
                    const bool is_box) {
  VECTOR(uint) left = 0, middle = 0, right = 0;
#pragma unroll
  for (int k = PLANES == 3 ? 0 : 1; k < (PLANES == 3 ? 3 : 2); ++k)
#pragma unroll
    for (int j = 0; j < 3; ++j) {
      if (!is_box && j != 1 && k != 1) continue;
      global const uint* there = pixel + rows.up[j] + rows.back[k];
      middle = max(middle, LOAD(there));
      if (!is_box && (j != 1 || k != 1)) continue;
      left = max(left, LOAD(there - 1));
      right = max(right, LOAD(there + 1));
    }
  if (x == 0) left = LANES == 0 ? 0 : left;
  if (x + VEC == nx) right = LANES == VEC - 1 ? 0 : right;
  return max(max(left, middle), right);
}

// The same at the very beginning or end of the image, pixel by pixel.
VECTOR(uint)
greatest_around_corner(global const uint* pixel, const uint x, const uint nx,
                       const rows_around rows, const bool is_box) {
  uint most[VEC];
  for (int lane = 0; lane < VEC; ++lane) {
    most[lane] = 0;
    for (int k = 0; k < 3; ++k)
      for (int j = 0; j < 3; ++j)
        for (int i = -1; i <= 1; ++i) {
          const uint beside = x + lane + i;  // -1 wraps, and is outside
          if (beside >= nx || (!is_box && (i != 0) + (j != 1) + (k != 1) > 1)) continue;
          most[lane] = max(most[lane], pixel[lane + i + rows.up[j] + rows.back[k]]);
        }
  }
  return LOAD(most);
}

kernel void propagate_labels__step(global const uint* restrict before, global uint* restrict after,
                                   global const uchar* restrict mask, global uint* restrict open,
                                   global const uint* restrict changed_before,
                                   global uint* restrict changed, const uint4 size,
                                   const uint4 unsigned_tiles, const uint4 tile_size,
                                   const uint round, const int is_box) {
  const int4 tiles = convert_int4(unsigned_tiles);
  const int4 tile = (int4)(0, (int)get_global_id(1), (int)get_global_id(2), 0);
  if (get_global_id(0) > 0 || tile.y >= tiles.y || tile.z >= tiles.z) return;
  const size_t tile_index = tile.y + (size_t)tiles.y * tile.z;
  if (is_box) changed[tile_index] = 0;  // the first step of a round
  if (!has_work(changed_before, tile, tiles, round)) return;
  const uint words = words_per_row(size.x);
  const uint4 first = convert_uint4(tile) * tile_size, end = min(first + tile_size, size);
  const ptrdiff_t nx = size.x, plane = nx * size.y, last = plane * size.z - VEC;
  VECTOR(int) moved = 0;
  for (uint z = first.z; z < end.z; ++z)
    for (uint y = first.y; y < end.y; ++y) {
      const size_t row = y + (size_t)size.y * z;
      const rows_around rows = {{y > 0 ? -nx : 0, 0, y + 1 < size.y ? nx : 0},
                                {z > 0 ? -plane : 0, 0, z + 1 < size.z ? plane : 0}};
      for (uint w = 0; w < words; ++w) {
        uint still_open = open[row * words + w];
        for (uint todo = still_open; todo != 0; todo &= todo - 1) {
          const uint bit = todo & -todo;
          const uint x = min((w * WORD + 31 - clz(bit)) * VEC, size.x - VEC);
          const ptrdiff_t at = row * nx + x;
          const VECTOR(uint) pixels = LOAD(before + at);
          const VECTOR(int) is_open = INSIDE(mask + at) & (pixels == 0);
          VECTOR(uint) next = pixels;
          if (!ANY(is_open))
            still_open &= ~bit;
          else if (at + rows.up[0] + rows.back[0] == 0 || at + rows.up[2] + rows.back[2] == last)
            next = is_open ? greatest_around_corner(before + at, x, size.x, rows, is_box) : pixels;
          else
            next = is_open ? greatest_around(before + at, x, size.x, rows, is_box) : pixels;
          moved |= next != pixels;
          STORE_ANY(uint, next, after + at);
        }
        open[row * words + w] = still_open;
      }
    }
  if (ANY(moved)) changed[tile_index] = 1;
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
