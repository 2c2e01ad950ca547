// SPDX-License-Identifier: BSD-3-Clause
// Labels grow into a mask. In every step each unlabelled pixel of the mask takes the greatest label
// among its neighbours: all 8 (26) in even steps, those that share a face in odd ones.
//
// A round is a step of either kind, or several, in tiles. A tile has work only if it or a tile
// around it changed in the round before; and, for a work-group, if one of its pixels waits still.
//   start, step   a work-item (serial) takes a tile of whole rows from one image to the other, a
//                 launch per step
//   round_shared  a work-group copies its tile with a halo of STEPS pixels, takes the steps there,
//                 column by column, and writes the tile into the other image; the first round
//                 writes both

#ifndef TILE_X  // the host chooses tiles: as large as a CPU's cache or a GPU's local memory likes
#define TILE_X 64
#define TILE_Y 64
#define TILE_Z 1
#define STEPS 8
#define HALO_Z 0
#endif

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
  if (x == 0) left = LANE_NUMBERS == 0 ? 0 : left;
  if (x + VEC == nx) right = LANE_NUMBERS == VEC - 1 ? 0 : right;
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

// The tile and its halo lie there by x, z and y, cut into columns of LENGTH pixels along y.
#define LENGTH 12
#define SPAN_X (TILE_X + 2 * STEPS)
#define SPAN_Y (TILE_Y + 2 * STEPS)  // a multiple of LENGTH
#define SPAN_Z (TILE_Z + 2 * HALO_Z)
#define LAYER (SPAN_X * SPAN_Z)
#define COLUMNS (LAYER * SPAN_Y / LENGTH)
#define SPAN (LAYER * SPAN_Y)

// What is known of a tile after a round: a pixel moved; one waits for a label still.
#define MOVED 1
#define WAITS 2

// Where a column lies, and which of its pixels are at least `margin` from the faces of the halo.
typedef struct {
  int x, y, z, at, begin, end;
} column;

column column_of(const int i, const int margin) {
  const int y = i / LAYER * LENGTH, z = i % LAYER / SPAN_X, x = i % SPAN_X;
  const int margin_z = HALO_Z > 0 ? margin : 0;
  const bool is_near = min(x, SPAN_X - 1 - x) < margin || min(z, SPAN_Z - 1 - z) < margin_z;
  const column c = {x,
                    y,
                    z,
                    i % LAYER + LAYER * y,
                    max(margin - y, 0),
                    is_near ? 0 : min(SPAN_Y - margin - y, LENGTH)};
  return c;
}

// The greatest neighbour in the layer of a pixel.
uint greatest_beside(local const uint* pixel, const bool is_box) {
  uint most = max(pixel[-1], pixel[1]);
  if (HALO_Z == 0) return most;
  most = max(most, max(pixel[-SPAN_X], pixel[SPAN_X]));
  if (!is_box) return most;
  most = max(most, max(pixel[-SPAN_X - 1], pixel[-SPAN_X + 1]));
  return max(most, max(pixel[SPAN_X - 1], pixel[SPAN_X + 1]));
}

// What a pixel's layer has to give to a pixel of the layer before or after.
uint greatest_across(local const uint* pixel, const bool is_box) {
  return is_box ? max(*pixel, greatest_beside(pixel, true)) : *pixel;
}

// One step from `before` to `after` of the open pixels that are at least `margin` from the faces of
// the halo: whether one of the work-item's moved.
__attribute__((always_inline)) bool take_shared_step(local const uint* before, local uint* after,
                                                     local const uint* open, const bool is_box,
                                                     const int margin, const int item,
                                                     const int items) {
  bool moved = false;
  for (int i = item; i < COLUMNS; i += items) {
    const column c = column_of(i, margin);
    if (open[i] == 0 || c.begin >= c.end) continue;
    local const uint* pixel = before + c.at + c.begin * LAYER;
    local uint* to = after + c.at + c.begin * LAYER;
    uint bits = open[i] >> c.begin;
    uint above = greatest_across(pixel - LAYER, is_box), here = greatest_across(pixel, is_box);
    for (int y = c.begin; y < c.end; ++y) {
      const uint below = greatest_across(pixel + LAYER, is_box);
      const uint beside = is_box ? here : greatest_beside(pixel, false);
      const uint label = *pixel, around = max(beside, max(above, below));
      const uint next = (bits & 1) != 0 && label == 0 ? around : label;
      moved |= next != label;
      *to = next;
      above = here;
      here = below;
      bits >>= 1;
      pixel += LAYER;
      to += LAYER;
    }
  }
  return moved;
}

kernel void propagate_labels__round_shared(global const uint* labels,
                                           global const uchar* restrict mask, global uint* dst,
                                           global uint* also,
                                           global const uint* restrict changed_before,
                                           global uint* restrict changed, const uint4 unsigned_size,
                                           const uint4 unsigned_tiles, const uint round) {
  local uint copies[2 * SPAN];
  local uint open[COLUMNS];        // bits of the pixels that wait for a label
  local int is_awake;              // whether the tile has work
  local int has_open, has_labels;  // whether there are such pixels, here and in the halo
  local int moves[STEPS / 2];      // whether one moved in two steps
  local uint state;                // of the tile, from now on
  const int4 size = convert_int4(unsigned_size), tiles = convert_int4(unsigned_tiles);
  // Not get_group_id: there are bands. Where work-groups are smaller than wanted, there are more of
  // them than tiles.
  const int4 tile = (int4)((int)((uint)get_global_id(0) / (uint)get_local_size(0)),
                           (int)get_global_id(1), (int)get_global_id(2), 0);
  const bool is_tile = tile.x < tiles.x;
  const size_t tile_index = tile.x + (size_t)tiles.x * (tile.y + (size_t)tiles.y * tile.z);
  const int4 first = tile * (int4)(TILE_X, TILE_Y, TILE_Z, 0) - (int4)(STEPS, STEPS, HALO_Z, 0);
  const int item = (int)get_local_id(0), items = (int)get_local_size(0);
  const uint state_before = !is_tile ? 0 : round == 1 ? MOVED | WAITS : changed_before[tile_index];
  for (int i = item; i < STEPS / 2; i += items) moves[i] = 0;
  if (item == 0) {
    is_awake = is_tile && round == 1;
    has_open = has_labels = 0;
    state = 0;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  // A tile where nothing waits is copied once more after its last change.
  for (int i = item; i < 27 && is_tile && round > 1; i += items) {
    const int4 at = tile + (int4)(i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1, 0);
    if (at.x >= 0 && at.x < tiles.x && at.y >= 0 && at.y < tiles.y && at.z >= 0 && at.z < tiles.z &&
        ((state_before & WAITS) != 0 || i == 13) &&
        (changed_before[at.x + (size_t)tiles.x * (at.y + (size_t)tiles.y * at.z)] & MOVED) != 0)
      is_awake = 1;
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  // Without work there are no columns, and nothing moves. Nobody returns before a barrier: PoCL 3.1
  // then takes a branch of one work-item for that of all.
  const int columns = is_awake ? COLUMNS : 0;
  for (int i = item; i < columns; i += items) {
    const column c = column_of(i, 0);
    const int4 at = first + (int4)(c.x, c.y, c.z, 0);
    const bool exists = at.x >= 0 && at.x < size.x && at.z >= 0 && at.z < size.z;
    const int begin = max(-at.y, 0), end = exists ? min(size.y - at.y, LENGTH) : 0;
    const long start = at.x + (long)size.x * (at.y + (long)size.y * at.z);
    global const uchar* in_mask = mask + start + (long)size.x * begin;
    uint inside = 0, labelled = 0;
    for (int y = begin; y < end; ++y, in_mask += size.x) inside |= (uint)(*in_mask != 0) << y;
    global const uint* from = labels + start;
    local uint* copy = copies + c.at;
    _Pragma("unroll") for (int y = 0; y < LENGTH; ++y) {
      const uint label = (inside >> y & 1) != 0 ? *from : 0;
      copy[0] = copy[SPAN] = label;
      labelled |= (uint)(label != 0) << y;
      from += size.x;
      copy += LAYER;
    }
    open[i] = inside & ~labelled;
    if (open[i] != 0) has_open = 1;
    if (labelled != 0) has_labels = 1;
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  local uint* other = copies + SPAN;
  bool may_move = has_open && has_labels;
  for (int n = 0; n < STEPS / 2 && may_move; ++n) {
    if (take_shared_step(copies, other, open, true, 2 * n + 1, item, items)) moves[n] = 1;
    barrier(CLK_LOCAL_MEM_FENCE);
    take_shared_step(other, copies, open, false, 2 * n + 2, item, items);
    barrier(CLK_LOCAL_MEM_FENCE);
    may_move = moves[n];
  }

  // Where nothing moves, and nothing moved in the round before, both images agree.
  const bool is_stored = is_awake && ((state_before & MOVED) != 0 || moves[0] != 0);
  for (int i = item; i < (is_stored ? COLUMNS : 0); i += items) {
    const column c = column_of(i, STEPS);
    const int4 at = first + (int4)(c.x, c.y, c.z, 0);
    if (at.x >= size.x || at.z >= size.z) continue;
    const int end = min(c.end, size.y - at.y);
    size_t to = at.x + (size_t)size.x * (at.y + c.begin + (size_t)size.y * at.z);
    local const uint* copy = copies + c.at + LAYER * c.begin;
    uint bits = open[i] >> c.begin, found = 0;
    for (int y = c.begin; y < end; ++y) {
      const uint label = *copy;
      dst[to] = label;
      if (round == 1) also[to] = label;
      found |= (bits & 1) == 0 ? 0 : label != 0 ? MOVED : WAITS;
      bits >>= 1;
      copy += LAYER;
      to += size.x;
    }
    if (found != 0) atomic_or(&state, found);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  if (item == 0 && is_tile) changed[tile_index] = is_stored ? state : state_before & WAITS;
}
