// SPDX-License-Identifier: BSD-3-Clause
// Grey reconstruction: levels rise to those of their neighbours, as far as each pixel's limit lets
// them, until nothing moves. What comes out does not depend on the order.
//
// Levels and limits are keys: whole numbers of the order of the pixels, from 0 on, or of the
// reverse order for a reconstruction by erosion; KEY_T is as wide as a pixel. Both images have a
// margin of zeros, where nothing rises: MARGIN keys before each row and behind the last one, and at
// least one row, in 3D one plane, on either side. `span` is their size.
//   start          levels and limits of two images
//   start_lowered  those of an image lowered by a height, under that image
//   sweep_rows     the tile of a work-item (serial), whole rows: up to SWEEPS sweeps there and
//                  back, from row to row and then along the row; a row is looked at where one
//                  before it has changed
//   sweep_shared   the tile of a work-group in local memory, from one image of levels to another
//                  one: each pixel by all around it, again and again, until nothing changes
//   touch, end...  what comes of it
//
// Of sweep_rows, tiles of one colour have their turn at once, so nobody writes what another one
// reads. Launches are numbered from 1. The last one in which something changed is in `last`.

#ifndef KEY_T
#define KEY_T uint
#endif
#define MARGIN 16
#define KEYS VECTOR(KEY_T)

#ifdef IS_FLOAT
#define IN_ORDER(bits) AS(KEYS, ORDER(AS(VECTOR(int), bits)))
#else
#define IN_ORDER(bits) (bits)
#endif
KEYS keys_of(const KEYS bits, const KEY_T flip) { return IN_ORDER(bits) ^ flip; }
KEYS bits_of(const KEYS keys, const KEY_T flip) {
  const KEYS bits = keys ^ flip;
  return IN_ORDER(bits);
}

// Where pixel (0, y, z) is in levels and limits.
size_t row_at(const uint y, const uint z, const uint4 size, const uint4 span) {
  return MARGIN + (size_t)span.x * (y + 1 + (size_t)span.y * (z + (size.z > 1 ? 1 : 0)));
}

DEFINE_GET_IN_ROW(bits_in_row, KEY_T)

// 1 for the first ones of VEC keys, then 0.
KEYS first_ones(const int count) {
  const VECTOR(uint) one = 1, none = 0;
  return TO_VECTOR(KEY_T, LANE_NUMBERS < (uint)max(count, 0) ? one : none);
}

// VEC keys in a row of the span: where they are in the image, and how many of them are inside.
typedef struct {
  size_t to, from;
  int count;
} place;
place place_of(const uint4 size, const uint4 span) {
  const size_t at = get_global_id(0) * VEC, row = get_global_id(1), plane = get_global_id(2);
  const size_t x = at - MARGIN, y = row - 1, z = plane - (size.z > 1 ? 1 : 0);  // wrap if outside
  place p;
  p.to = at + span.x * (row + span.y * plane);
  p.from = x + size.x * (y + size.y * z);
  p.count = x < size.x && y < size.y && z < size.z ? (int)(size.x - x) : 0;
  return p;
}
// VEC keys, and behind the last ones the end of the margin.
void put(global KEY_T* image, const size_t to, const KEYS keys, const uint4 span) {
  STORE_ALIGNED(KEY_T, keys, image + to);
  const size_t end = (size_t)span.x * span.y * span.z;
  if (to + VEC == end)
    for (int i = 0; i < MARGIN; ++i) image[end + i] = 0;
}
#define IS_OUTSIDE(span)                                                 \
  (get_global_id(0) * VEC >= (span).x || get_global_id(1) >= (span).y || \
   get_global_id(2) >= (span).z)

kernel void reconstruction__start(global const KEY_T* restrict marker,
                                  global const KEY_T* restrict mask, global KEY_T* restrict levels,
                                  global KEY_T* restrict limits, const uint4 size, const uint4 span,
                                  const uint flip) {
  if (IS_OUTSIDE(span)) return;
  const place p = place_of(size, span);
  KEYS level = 0, limit = 0;
  if (p.count > 0) {
    limit = keys_of(bits_in_row(mask + p.from, p.count), (KEY_T)flip) * first_ones(p.count);
    level = min(keys_of(bits_in_row(marker + p.from, p.count), (KEY_T)flip), limit);
  }
  put(levels, p.to, level, span);
  put(limits, p.to, limit, span);
}

// Keys less `steps`; of floats, if `less` is not 0, the keys of the pixels less that. NaN stays.
KEYS lowered(const KEYS keys, const KEY_T flip, const uint steps, const float less) {
#ifdef IS_FLOAT
  const VECTOR(float) pixels = AS(VECTOR(float), bits_of(keys, flip));
  const KEYS lower = keys_of(AS(KEYS, pixels - less), flip);
  if (less != 0) return pixels == pixels ? lower : keys;
#else
  (void)flip, (void)less;
#endif
  return keys - min(keys, (KEYS)((KEY_T)steps));
}

kernel void reconstruction__start_lowered(global const KEY_T* restrict src,
                                          global KEY_T* restrict levels,
                                          global KEY_T* restrict limits, const uint4 size,
                                          const uint4 span, const uint flip, const uint steps,
                                          const float less) {
  if (IS_OUTSIDE(span)) return;
  const place p = place_of(size, span);
  KEYS level = 0, limit = 0;
  if (p.count > 0) {
    KEYS bits = bits_in_row(src + p.from, p.count);
#ifdef IS_FLOAT
    const KEYS twice = bits << 1;  // without the sign
    bits = twice == 0u ? twice : twice > 0xff000000u ? (KEYS)(0x7fc00000u) : bits;
#endif
    limit = keys_of(bits, (KEY_T)flip);
    level = lowered(limit, (KEY_T)flip, steps, less) * first_ones(p.count);
    limit *= first_ones(p.count);
  }
  put(levels, p.to, level, span);
  put(limits, p.to, limit, span);
}

// --- a tile of a work-item ---

#define SWEEPS 32

// Raises the keys of one vector by the one beside them, in whose direction `back` is not.
bool raise_along(global KEY_T* levels, global const KEY_T* limits, const bool back) {
  const KEYS before = LOAD(back ? levels + 1 : levels - 1), now = LOAD(levels);
  if (!ANY(min(before, LOAD(limits)) > now)) return false;
  KEY_T level = back ? levels[VEC] : levels[-1];
  for (int i = 0; i < VEC; ++i) {
    const int k = back ? VEC - 1 - i : i;
    level = min(max(level, levels[k]), limits[k]);
    levels[k] = level;
  }
  return true;
}

// Raises a row of nx pixels by rows that lie so many keys away.
bool raise_row(global KEY_T* levels, global const KEY_T* limits, const uint nx,
               const ptrdiff_t* away, const int rows, const int is_box, const bool is_first) {
  bool is_changed = is_first;
  for (uint x = 0; x < nx; x += VEC) {
    const KEYS now = LOAD(levels + x);
    KEYS around = now;
    for (int i = 0; i < rows; ++i) {
      global const KEY_T* row = levels + x + away[i];
      around = max(around, LOAD(row));
      if (is_box) around = max(around, max(LOAD(row - 1), LOAD(row + 1)));
    }
    around = min(around, LOAD(limits + x));
    if (ANY(around > now)) {
      STORE_ALIGNED(KEY_T, around, levels + x);
      is_changed = true;
    }
  }
  if (!is_changed) return false;
  const uint vectors = (nx + VEC - 1) / VEC;
  for (uint i = 0; i < vectors; ++i) raise_along(levels + i * VEC, limits + i * VEC, false);
  for (uint i = vectors; i-- > 0;) raise_along(levels + i * VEC, limits + i * VEC, true);
  return true;
}

kernel void reconstruction__sweep_rows(global KEY_T* levels, global const KEY_T* restrict limits,
                                       global uint* changed_at, global uint* last, const uint4 size,
                                       const uint4 span, const uint4 tile_size, const uint4 tiles,
                                       const uint4 colors, const uint4 color, const uint launch,
                                       const int is_box) {
  const uint ty = (uint)get_global_id(1) * colors.y + color.y;
  const uint tz = (uint)get_global_id(2) * colors.z + color.z;
  if (get_global_id(0) > 0 || ty >= tiles.y || tz >= tiles.z) return;
  const uint count = colors.y * colors.z, planes = size.z > 1 ? 1 : 0;
  const uint first_y = ty * tile_size.y, end_y = min(first_y + tile_size.y, size.y);
  const uint first_z = tz * tile_size.z, end_z = min(first_z + tile_size.z, size.z);
  const int rows = planes == 0 ? 1 : is_box ? 4 : 2;
  // What has changed since the last two sweeps of this tile's turn before is new to it.
  uint since = launch <= count ? 0 : (launch - count) * SWEEPS - 2;
  bool was_changed = false, is_changed = true;
  for (uint sweep = 0; sweep < SWEEPS && (sweep < 2 || is_changed); ++sweep) {
    const bool back = sweep % 2 == 1;
    const uint now = (launch - 1) * SWEEPS + sweep;
    if (sweep >= 2) since = now - 1;
    const ptrdiff_t to_row = back ? 1 : -1, to_plane = to_row * (ptrdiff_t)span.y;
    const ptrdiff_t rows_away[4] = {to_row, to_plane, to_plane - 1, to_plane + 1};
    ptrdiff_t away[4];
    for (int i = 0; i < 4; ++i) away[i] = rows_away[i] * (ptrdiff_t)span.x;
    is_changed = false;
    for (uint k = 0; k < end_z - first_z; ++k)
      for (uint j = 0; j < end_y - first_y; ++j) {
        const uint z = back ? end_z - 1 - k : first_z + k, y = back ? end_y - 1 - j : first_y + j;
        const size_t row = y + 1 + (size_t)span.y * (z + planes), at = row_at(y, z, size, span);
        bool has_work = since == 0;
        for (int i = 0; i < rows; ++i) has_work |= changed_at[row + rows_away[i]] >= since;
        if (!has_work || !raise_row(levels + at, limits + at, size.x, away, rows, is_box,
                                    since == 0 && sweep == 0))
          continue;
        changed_at[row] = now;
        is_changed = true;
      }
    was_changed |= is_changed;
  }
  if (was_changed) atomic_max(last, launch);
}

// --- a tile of a work-group ---

#ifndef TILE_X
#define TILE_X 32
#define TILE_Y 32
#define TILE_Z 1
#endif
#define IS_DEEP (TILE_Z > 1 ? 1 : 0)
#define SPAN_X (TILE_X + 2)
#define SPAN_Y (TILE_Y + 2)
#define SPAN_Z (TILE_Z + 2 * IS_DEEP)
#define TILE_SPAN (SPAN_X * SPAN_Y * SPAN_Z)

// Pixels of a work-item, one below the other, in 3D one behind the other.
#define RUN 8
#define STEP (IS_DEEP ? SPAN_X * SPAN_Y : SPAN_X)
#define LIMIT_STEP (IS_DEEP ? TILE_X * TILE_Y : TILE_X)
#define RUNS (TILE_X * TILE_Y * TILE_Z / RUN)

// The row in which a run begins.
int row_of(const int run) { return run / TILE_X * (IS_DEEP ? 1 : RUN); }

// Where a pixel of a tile's first plane is in its span.
int in_span(const int x, const int y) { return 1 + x + SPAN_X * (1 + y + SPAN_Y * IS_DEEP); }

// The greatest level beside a pixel and not in its run.
uint level_beside(local const KEY_T* levels, const int is_box) {
  uint level = max(levels[-1], levels[1]);
  if (!IS_DEEP) return level;
  level = max(level, (uint)max(levels[-SPAN_X], levels[SPAN_X]));
  if (!is_box) return level;
  for (int x = -1; x <= 1; x += 2)
    level = max(level, (uint)max(levels[x - SPAN_X], levels[x + SPAN_X]));
  return level;
}

// Raises a run by all around it, then from pixel to pixel there and back.
bool raise_run(local const KEY_T* levels, local const KEY_T* limits, local KEY_T* raised,
               const int is_box) {
  uint level[RUN + 2], beside[RUN + 2], limit[RUN];
#pragma unroll
  for (int i = 0; i < RUN + 2; ++i) {
    level[i] = levels[(i - 1) * STEP];
    beside[i] = level_beside(levels + (i - 1) * STEP, is_box);
  }
#pragma unroll
  for (int i = 1; i <= RUN; ++i) {
    limit[i - 1] = limits[(i - 1) * LIMIT_STEP];
    const uint around = is_box ? max(beside[i], max(beside[i - 1], beside[i + 1])) : beside[i];
    level[i] = max(level[i], min(max(around, level[i - 1]), limit[i - 1]));
  }
  bool is_changed = false;
#pragma unroll
  for (int i = RUN; i >= 1; --i) {
    level[i] = max(level[i], min(level[i + 1], limit[i - 1]));
    is_changed |= level[i] != levels[(i - 1) * STEP];
    raised[(i - 1) * STEP] = level[i];
  }
  return is_changed;
}

// Raises this work-item's share of the runs of a tile.
bool raise_runs(local const KEY_T* levels, local const KEY_T* limits, local KEY_T* raised,
                const int is_box) {
  bool is_changed = false;
  for (int run = (int)get_local_id(0); run < RUNS; run += (int)get_local_size(0)) {
    const int x = run % TILE_X, y = row_of(run), at = in_span(x, y);
    is_changed |= raise_run(levels + at, limits + x + TILE_X * y, raised + at, is_box);
  }
  return is_changed;
}

kernel void reconstruction__sweep_shared(
    global const KEY_T* restrict levels, global const KEY_T* restrict limits,
    global KEY_T* restrict raised, global const uint* restrict turn_of,
    global uint* restrict next_turn_of, global uint* last, const uint4 size, const uint4 span,
    const uint4 unsigned_tiles, const uint launch, const int is_box) {
  local KEY_T level_of[TILE_SPAN], raised_of[TILE_SPAN], limit_of[TILE_X * TILE_Y * TILE_Z];
  local uint changes, changes_now;
  const int item = (int)get_local_id(0), items = (int)get_local_size(0);
  const int4 tiles = convert_int4(unsigned_tiles);
  const int column = (int)get_global_id(1);
  const int4 tile = (int4)(column % tiles.x, column / tiles.x, (int)get_global_id(2), 0);
  if (get_global_id(0) >= get_local_size(0) || tile.y >= tiles.y || tile.z >= tiles.z) return;

  // A tile has work where it or one beside it has changed. Then it is written whether it changes or
  // not, so that in the end both images of levels have it.
  const size_t at = tile.x + (size_t)tiles.x * (tile.y + (size_t)tiles.y * tile.z);
  if (launch > 1 && turn_of[at] != launch) return;

  const size_t plane = (size_t)span.x * span.y;
  const size_t origin =
      row_at(tile.y * TILE_Y, tile.z * TILE_Z, size, span) + (size_t)tile.x * TILE_X;
  const size_t corner = origin - 1 - span.x - plane * IS_DEEP;
  for (int row = item / TILE_X; row < SPAN_Y * SPAN_Z; row += max(items / TILE_X, 1)) {
    const size_t from = corner + (size_t)span.x * (row % SPAN_Y) + plane * (row / SPAN_Y);
    for (int x = 1 + item % TILE_X; x <= TILE_X; x += items)
      level_of[x + SPAN_X * row] = raised_of[x + SPAN_X * row] = levels[from + x];
  }
  for (int k = item; k < 2 * SPAN_Y * SPAN_Z; k += items) {  // the first and last in each row
    const int row = k / 2, x = k % 2 * (SPAN_X - 1);
    const size_t from = corner + (size_t)span.x * (row % SPAN_Y) + plane * (row / SPAN_Y);
    level_of[x + SPAN_X * row] = raised_of[x + SPAN_X * row] = levels[from + x];
  }
  const size_t step = IS_DEEP ? plane : span.x;
  for (int run = item; run < RUNS; run += items) {
    const int x = run % TILE_X, y = row_of(run);
#pragma unroll
    for (int i = 0; i < RUN; ++i)
      limit_of[x + TILE_X * y + i * LIMIT_STEP] = limits[origin + x + span.x * y + i * step];
  }
  if (item == 0) changes = 0;
  for (uint now = 1; now > 0;) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item == 0) changes_now = 0;
    if (raise_runs(level_of, limit_of, raised_of, is_box)) atomic_inc(&changes);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (raise_runs(raised_of, limit_of, level_of, is_box)) atomic_inc(&changes_now);
    barrier(CLK_LOCAL_MEM_FENCE);
    now = changes_now;
  }
  for (int run = item; run < RUNS; run += items) {
    const int x = run % TILE_X, y = row_of(run), at = in_span(x, y);
#pragma unroll
    for (int i = 0; i < RUN; ++i)
      raised[origin + x + span.x * y + i * step] = level_of[at + i * STEP];
  }
  if (changes == 0) return;
  if (item == 0) atomic_max(last, launch);
  for (int k = item; k < 27; k += items) {
    const int4 beside = tile + (int4)(k % 3, k / 3 % 3, k / 9, 1) - 1;
    if (all(beside.xyz >= 0 && beside.xyz < tiles.xyz))
      next_turn_of[beside.x + (size_t)tiles.x * (beside.y + (size_t)tiles.y * beside.z)] =
          launch + 1;
  }
}

// --- what comes of it ---

// Whether a level has reached its limit anywhere.
kernel void reconstruction__touch(global const KEY_T* restrict levels,
                                  global const KEY_T* restrict limits, global uint* touched,
                                  const uint4 size, const uint4 span) {
  if (IS_OUTSIDE(span)) return;
  const place p = place_of(size, span);
  if (ANY((LOAD(levels + p.to) == LOAD(limits + p.to)) & (first_ones(p.count) != (KEY_T)0)))
    *touched = 1;
}

// The pixels of the levels, or the image less those, up to the bits of a greatest pixel.
kernel void reconstruction__end(global const KEY_T* restrict levels,
                                global const KEY_T* restrict limits, global KEY_T* restrict dst,
                                const uint4 size, const uint4 span, const uint flip,
                                const int is_dome, const uint greatest) {
  if (IS_OUTSIDE(span)) return;
  const place p = place_of(size, span);
  if (p.count <= 0) return;
  const KEYS level = LOAD(levels + p.to);
  KEYS bits = bits_of(level, (KEY_T)flip);
  if (is_dome) {
    const KEYS limit = LOAD(limits + p.to);
#ifdef IS_FLOAT
    const KEYS dome =
        AS(KEYS, AS(VECTOR(float), bits_of(limit, (KEY_T)flip)) - AS(VECTOR(float), bits));
    bits = level == limit ? (KEYS)(0u) : dome;  // also of infinity and NaN
#else
    bits = limit - level;
#endif
    bits = min(bits, (KEYS)((KEY_T)greatest));
  }
  PUT_IN_ROW(KEY_T, bits, dst + p.from, p.count)
}

// 1 where a level is still as it was after start_lowered, if some level has reached its limit; with
// `also` only where there is 1 already.
kernel void reconstruction__end_maxima(global const KEY_T* restrict levels,
                                       global const KEY_T* restrict limits,
                                       global const uint* restrict touched,
                                       global uchar* restrict dst, const uint4 size,
                                       const uint4 span, const uint flip, const uint steps,
                                       const float less, const int also) {
  if (IS_OUTSIDE(span)) return;
  const place p = place_of(size, span);
  if (p.count <= 0) return;
  const KEYS level = LOAD(levels + p.to), limit = LOAD(limits + p.to);
  const VECTOR(char) is_maximum =
      TO_VECTOR(char, level == lowered(limit, (KEY_T)flip, steps, less)) &
      TO_VECTOR(char, limit >= (KEY_T)steps);
  uchar found[VEC];
  STORE(ONE_WHERE(is_maximum), found);
  for (int k = 0; k < min(VEC, p.count); ++k)
    dst[p.from + k] = *touched != 0 && found[k] != 0 && (also == 0 || dst[p.from + k] != 0);
}
