// SPDX-License-Identifier: BSD-3-Clause
// Markers flood an image, lowest pixels first. Pixels are ordered by value, then by place: the key
// of a pixel. The level of a pixel is the least, over the paths to it from markers, of the greatest
// key on the path; so a level names the pixel at which its region was flooded.
//
//   start         levels: the keys of markers, elsewhere none
//   sweep_rows    level = max(key, least level of itself and its neighbours) in the tile of a
//   sweep_shared  work-item, or of a work-group, until nothing changes
//   parents       each pixel's next one on the way to its marker: the one that its level names, or
//                 from there the lowest neighbour
//   follow        parents of parents ..., the marker's label where a way ends
//
// Tiles of one colour of a chessboard have their turn at once, so nobody writes what another one
// reads. One has work where a neighbour changed since its last turn: changed_at numbers launches.

#ifndef TILE_X
#define TILE_X 32
#define TILE_Y 32
#define TILE_Z 1
#endif

#define NONE 0xffffffffffffffffUL

#define KEY(pixel, place) ((ulong)RANK(pixel) << 32 | (uint)(place))

kernel void watershed__start(global const SRC_T* restrict src, global const uint* restrict markers,
                             global const uchar* restrict mask, global ulong* restrict levels,
                             const ulong pixels) {
  const size_t i = get_global_id(0);
  if (i < pixels) levels[i] = mask[i] != 0 && markers[i] != 0 ? KEY(src[i], i) : NONE;
}

bool has_work(global const uint* changed_at, const int4 tile, const int4 tiles, const uint launch) {
  if (launch <= 2) return true;
  const size_t at = tile.x + (size_t)tiles.x * (tile.y + (size_t)tiles.y * tile.z);
  const size_t plane = (size_t)tiles.x * tiles.y;
  uint last = 0;
  if (tile.x > 0) last = max(last, changed_at[at - 1]);
  if (tile.x + 1 < tiles.x) last = max(last, changed_at[at + 1]);
  if (tile.y > 0) last = max(last, changed_at[at - tiles.x]);
  if (tile.y + 1 < tiles.y) last = max(last, changed_at[at + tiles.x]);
  if (tile.z > 0) last = max(last, changed_at[at - plane]);
  if (tile.z + 1 < tiles.z) last = max(last, changed_at[at + plane]);
  return last + 1 == launch;
}
#define IS_TURN(tile, launch) ((((tile).x + (tile).y + (tile).z + (launch)) & 1) == 0)

// Lowers a level to what the key lets through of the least level around.
#define LOWER(level, key, around)                              \
  {                                                            \
    const ulong through = max(key, min(level, around));        \
    if (through < (level)) level = through, is_changed = true; \
  }

kernel void watershed__sweep_rows(global const SRC_T* restrict src,
                                  global const uchar* restrict mask, global ulong* levels,
                                  global uint* changed_at, const uint4 size, const uint4 tile_size,
                                  const uint4 unsigned_tiles, const uint launch) {
  const int4 tiles = convert_int4(unsigned_tiles);
  const int4 tile = (int4)(0, (int)get_global_id(1), (int)get_global_id(2), 0);
  if (get_global_id(0) > 0 || tile.y >= tiles.y || tile.z >= tiles.z || !IS_TURN(tile, launch) ||
      !has_work(changed_at, tile, tiles, launch))
    return;
  const uint4 first = convert_uint4(tile) * tile_size, end = min(first + tile_size, size);
  const size_t nx = size.x, plane = nx * size.y;
  bool was_changed = false, is_changed = true;
  for (uint sweep = 0; is_changed; ++sweep) {
    is_changed = false;
    const bool back = sweep % 2 == 1;
    for (uint k = 0; k < end.z - first.z; ++k)
      for (uint j = 0; j < end.y - first.y; ++j) {
        const uint z = back ? end.z - 1 - k : first.z + k, y = back ? end.y - 1 - j : first.y + j;
        const size_t row = nx * y + plane * z;
        ulong beside = NONE;  // the level of the pixel before, in the direction of the sweep
        for (uint i = 0; i < size.x; ++i) {
          const uint x = back ? size.x - 1 - i : i;
          const size_t at = row + x;
          if (mask[at] == 0) {
            beside = NONE;
            continue;
          }
          ulong level = levels[at], around = beside;
          if (y > 0) around = min(around, levels[at - nx]);
          if (y + 1 < size.y) around = min(around, levels[at + nx]);
          if (z > 0) around = min(around, levels[at - plane]);
          if (z + 1 < size.z) around = min(around, levels[at + plane]);
          const ulong key = KEY(src[at], at);
          LOWER(level, key, around)
          levels[at] = level;
          beside = level;
        }
      }
    was_changed |= is_changed;
    is_changed |= sweep == 0;  // once in either direction at least
  }
  if (was_changed) changed_at[tile.y + (size_t)tiles.y * tile.z] = launch;
}

#define SPAN_X (TILE_X + 2)
#define SPAN_Y (TILE_Y + 2)
#define SPAN_Z (TILE_Z > 1 ? TILE_Z + 2 : 1)
#define HALO_Z (TILE_Z > 1 ? 1 : 0)

// Lowers a line of pixels of a tile by the one before, there and back again. Keys are NONE where no
// flood enters.
bool lower_line(local ulong* levels, local const ulong* keys, const int step, const int key_step,
                const int count) {
  bool is_changed = false;
  for (int i = 0; i < count; ++i) {
    ulong level = levels[i * step];
    LOWER(level, keys[i * key_step], levels[(i - 1) * step])
    levels[i * step] = level;
  }
  for (int i = count - 1; i >= 0; --i) {
    ulong level = levels[i * step];
    LOWER(level, keys[i * key_step], levels[(i + 1) * step])
    levels[i * step] = level;
  }
  return is_changed;
}

kernel void watershed__sweep_shared(global const SRC_T* restrict src,
                                    global const uchar* restrict mask, global ulong* levels,
                                    global uint* changed_at, const uint4 unsigned_size,
                                    const uint4 unsigned_tiles, const uint launch) {
  local ulong shared[SPAN_X * SPAN_Y * SPAN_Z], keys[TILE_X * TILE_Y * TILE_Z];
  local uint changes;
  const int item = (int)get_local_id(0), items = (int)get_local_size(0);
  const int4 size = convert_int4(unsigned_size), tiles = convert_int4(unsigned_tiles);
  const int4 tile = (int4)((int)get_group_id(0), (int)get_group_id(1), (int)get_group_id(2), 0);
  if (!IS_TURN(tile, launch) || !has_work(changed_at, tile, tiles, launch)) return;
  const int4 first = tile * (int4)(TILE_X, TILE_Y, TILE_Z, 1);
  const size_t nx = size.x, plane = nx * size.y;
  for (int i = item; i < SPAN_X * SPAN_Y * SPAN_Z; i += items) {
    const int x = first.x + i % SPAN_X - 1, y = first.y + i / SPAN_X % SPAN_Y - 1;
    const int z = first.z + i / (SPAN_X * SPAN_Y) - HALO_Z;
    const bool is_inside = x >= 0 && x < size.x && y >= 0 && y < size.y && z >= 0 && z < size.z;
    shared[i] = is_inside ? levels[x + nx * y + plane * z] : NONE;
  }
  for (int i = item; i < TILE_X * TILE_Y * TILE_Z; i += items) {
    const int x = first.x + i % TILE_X, y = first.y + i / TILE_X % TILE_Y;
    const int z = first.z + i / (TILE_X * TILE_Y);
    const size_t at = x + nx * y + plane * z;
    const bool is_open = x < size.x && y < size.y && z < size.z && mask[at] != 0;
    keys[i] = is_open ? KEY(src[at], at) : NONE;
  }
  local ulong* const inner = shared + 1 + SPAN_X * (1 + SPAN_Y * HALO_Z);
  uint all_changes = 0;
  for (uint now = 1; now > 0;) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item == 0) changes = 0;
    bool is_changed = false;
    for (int i = item; i < TILE_Y * TILE_Z; i += items) {
      const int y = i % TILE_Y, z = i / TILE_Y;
      is_changed |= lower_line(inner + SPAN_X * (y + SPAN_Y * z), keys + TILE_X * (y + TILE_Y * z),
                               1, 1, TILE_X);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < TILE_X * TILE_Z; i += items) {
      const int x = i % TILE_X, z = i / TILE_X;
      is_changed |= lower_line(inner + x + SPAN_X * SPAN_Y * z, keys + x + TILE_X * TILE_Y * z,
                               SPAN_X, TILE_X, TILE_Y);
    }
#if TILE_Z > 1
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = item; i < TILE_X * TILE_Y; i += items) {
      const int x = i % TILE_X, y = i / TILE_X;
      is_changed |= lower_line(inner + x + SPAN_X * y, keys + x + TILE_X * y, SPAN_X * SPAN_Y,
                               TILE_X * TILE_Y, TILE_Z);
    }
#endif
    if (is_changed) atomic_inc(&changes);
    barrier(CLK_LOCAL_MEM_FENCE);
    now = changes;
    all_changes |= now;
  }
  if (all_changes == 0) return;
  for (int i = item; i < TILE_X * TILE_Y * TILE_Z; i += items) {
    const int x = i % TILE_X, y = i / TILE_X % TILE_Y, z = i / (TILE_X * TILE_Y);
    if (keys[i] != NONE)
      levels[first.x + x + nx * (first.y + y) + plane * (first.z + z)] =
          inner[x + SPAN_X * (y + SPAN_Y * z)];
  }
  if (item == 0)
    changed_at[tile.x + (size_t)tiles.x * (tile.y + (size_t)tiles.y * tile.z)] = launch;
}

kernel void watershed__parents(global const uint* restrict markers,
                               global const ulong* restrict levels, global uint* restrict parents,
                               const uint4 size) {
  const size_t x = get_global_id(0), y = get_global_id(1), z = get_global_id(2);
  if (x >= size.x || y >= size.y || z >= size.z) return;
  const size_t nx = size.x, plane = nx * size.y, at = x + nx * y + plane * z;
  const ulong level = levels[at];
  size_t parent = level == NONE || markers[at] != 0 ? at : (uint)level;
  if (parent == at && level != NONE && markers[at] == 0) {
    ulong least = level;  // somebody around was flooded before
#define LOOK(is_there, there) \
  if ((is_there) && levels[there] < least) parent = (there), least = levels[parent];
    LOOK(x > 0, at - 1)
    LOOK(x + 1 < nx, at + 1)
    LOOK(y > 0, at - nx)
    LOOK(y + 1 < size.y, at + nx)
    LOOK(z > 0, at - plane)
    LOOK(z + 1 < size.z, at + plane)
  }
  parents[at] = (uint)parent;
}

// So many steps at a time, and `unfinished` where there are more.
#define STEPS 32
kernel void watershed__follow(global const uint* restrict markers,
                              global const uchar* restrict mask,
                              global const uint* restrict parents, global uint* restrict ends,
                              global uint* restrict labels, global uint* unfinished,
                              const ulong pixels) {
  const size_t i = get_global_id(0);
  if (i >= pixels) return;
  uint at = parents[i];
  for (int step = 0; step < STEPS && parents[at] != at; ++step) at = parents[at];
  ends[i] = at;
  labels[i] = mask[at] != 0 ? markers[at] : 0;
  if (parents[at] != at) *unfinished = 1;
}
