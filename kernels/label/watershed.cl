// SPDX-License-Identifier: BSD-3-Clause
// Markers flood an image, lowest pixels first. Pixels are ordered by value, then by place: the key
// of a pixel. The level of a pixel is the least, over the paths to it from markers, of the greatest
// key on the path; so a level names the pixel at which its region was flooded.
//
// Water runs from each open pixel to its lowest neighbour, down to a bottom: those that share one
// are a basin, numbered from 1, and 0 is the ground, where markers stand. A pass is a pixel from
// which water could run into several basins, or a marker; its key is the height of the ways between
// its own basin and the others, or the ground. Basins join along their lowest passes, in rounds, as
// the trees of Boruvka (1926) do: a root hooks on to the one behind its lowest pass, which then is
// the gate through which it is flooded, or one that is flooded from there later. So the level of a
// basin is its highest gate on the way to the ground, and the level of a pixel, if it is not
// higher, that of its basin.
//
//   drain     each pixel's lowest neighbour, or itself where none is lower, and the numbers of
//             bottoms
//   shorten   ways on CPUs
//   look_up   a table at the ends of ways: the basins of pixels, the labels of markers
//   follow    parents of parents ..., where ways are long
//   find      where passes may be
//   begin     a round: no lowest pass yet
//   narrow    those that still part something, and the ranks of the lowest ones of roots
//   choose    the places of the lowest ones
//   hook      roots to what lies behind their lowest passes
//   climb     the root of each basin, and its highest gate on the way there
//   levels    of basins; none where no marker gets to
//   parents   each pixel's next one on the way to its marker: the one that its level names, or
//             from there the lowest neighbour

#define NONE 0xffffffffffffffffUL

#define KEY(place) ((ulong)RANK(src[place]) << 32 | (uint)(place))

#define STEPS 32  // of a way at a time; `unfinished` where there are more

// LOOK(neighbour) at each that shares a face with the pixel `at`, which lies at x, y, z; at itself
// where there is none.
#define AROUND(LOOK)                      \
  LOOK(x > 0 ? at - 1 : at)               \
  LOOK(x + 1 < size.x ? at + 1 : at)      \
  LOOK(y > 0 ? at - size.x : at)          \
  LOOK(y + 1 < size.y ? at + size.x : at) \
  LOOK(z > 0 ? at - size.x * size.y : at) \
  LOOK(z + 1 < size.z ? at + size.x * size.y : at)

// --- VEC pixels at once ---

// The keys of pixels from `at` on, NONE where the mask is 0.
VECTOR(ulong) keys_of(global const SRC_T* src, global const uchar* mask, const uint at) {
  const VECTOR(uint) rank = RANKS(LOAD(src + at));
  const VECTOR(ulong) key = TO_VECTOR(ulong, rank) << 32 | TO_VECTOR(ulong, at + LANE_NUMBERS);
  return TO_VECTOR(long, LOAD(mask + at) != (uchar)0) ? key : NONE;
}

// Whether VEC pixels from x, at `at`, lie in a row, and all of them have pixels beside them, which
// may be in other rows.
bool is_run(const uint x, const uint at, const uint4 size) {
  return size.x - x >= VEC && at > 0 && (size_t)at + VEC < (size_t)size.x * size.y * size.z;
}

// The least key of each pixel of a run and its neighbours.
VECTOR(ulong)
lowest_of(global const SRC_T* src, global const uchar* mask, const uint at, const uint x,
          const uint y, const uint z, const uint4 size) {
  const VECTOR(uint) column = x + LANE_NUMBERS;
  const VECTOR(ulong) left = keys_of(src, mask, at - 1), right = keys_of(src, mask, at + 1);
  VECTOR(ulong) lowest = keys_of(src, mask, at);
  lowest = min(lowest, TO_VECTOR(long, column == 0) ? NONE : left);
  lowest = min(lowest, TO_VECTOR(long, column == size.x - 1) ? NONE : right);
  if (y > 0) lowest = min(lowest, keys_of(src, mask, at - size.x));
  if (y + 1 < size.y) lowest = min(lowest, keys_of(src, mask, at + size.x));
  if (z > 0) lowest = min(lowest, keys_of(src, mask, at - size.x * size.y));
  if (z + 1 < size.z) lowest = min(lowest, keys_of(src, mask, at + size.x * size.y));
  return lowest;
}

// Whether looking for passes among the pixels beside other basins costs less than it saves.
#ifdef HOST_MEMORY
#define IS_CHEAP 1
#else
#define IS_CHEAP 0
#endif

// Of a run, the pixels with a lower neighbour in another basin, and some more: what lies behind the
// end of a row in memory counts as a neighbour, and on GPUs all pixels beside another basin do.
VECTOR(int)
passes_of(global const SRC_T* src, global const uint* basins, const uint at, const uint y,
          const uint z, const uint4 size) {
  const uint plane = size.x * size.y;
  const uint up = y > 0 ? size.x : 0, down = y + 1 < size.y ? size.x : 0;
  const uint front = z > 0 ? plane : 0, back = z + 1 < size.z ? plane : 0;
  const VECTOR(uint) basin = LOAD(basins + at), left = LOAD(basins + at - 1),
                     right = LOAD(basins + at + 1), above = LOAD(basins + at - up),
                     below = LOAD(basins + at + down), before = LOAD(basins + at - front),
                     behind = LOAD(basins + at + back);
  const VECTOR(int) is_edge =
      (basin != 0) & ((basin != left) | (basin != right) | (basin != above) | (basin != below) |
                      (basin != before) | (basin != behind));
  if (!IS_CHEAP || !ANY(is_edge)) return is_edge;
  const VECTOR(uint) rank = RANKS(LOAD(src + at));
#define IS_LOWER(there, compared, other) \
  ((RANKS(LOAD(src + (there))) compared rank) & ((other) != basin) & ((other) != 0))
  const VECTOR(int) is_pass = IS_LOWER(at - 1, <=, left) | IS_LOWER(at + 1, <, right) |
                              IS_LOWER(at - up, <=, above) | IS_LOWER(at + down, <, below) |
                              IS_LOWER(at - front, <=, before) | IS_LOWER(at + back, <, behind);
#undef IS_LOWER
  return is_edge & is_pass;
}

kernel void watershed__drain(global const SRC_T* restrict src, global const uchar* restrict mask,
                             global uint* restrict parents, global uint* restrict numbers,
                             volatile global uint* count, const uint4 size) {
  if (get_global_id(0) * VEC >= size.x || get_global_id(1) >= size.y || get_global_id(2) >= size.z)
    return;
  uint x = (uint)get_global_id(0) * VEC;
  const uint y = (uint)get_global_id(1), z = (uint)get_global_id(2);
  uint at = x + size.x * (y + size.y * z);
  const VECTOR(uint) zeros = 0;
  if (is_run(x, at, size)) {
    const VECTOR(uint) own = at + LANE_NUMBERS;
    const VECTOR(int) is_open = TO_VECTOR(int, LOAD(mask + at) != (uchar)0);
    VECTOR(uint) lowest = own;
    if (ANY(is_open)) {
      const VECTOR(ulong) key = lowest_of(src, mask, at, x, y, z, size);
      lowest = is_open ? TO_VECTOR(uint, key) : own;
    }
    STORE_ANY(uint, lowest, parents + at);
    const VECTOR(int) is_bottom = is_open & (lowest == own);
    if (!ANY(is_bottom)) {
      STORE_ANY(uint, zeros, numbers + at);
      return;
    }
    int is_bottom_there[VEC];
    STORE(is_bottom, is_bottom_there);
    for (uint k = 0; k < VEC; ++k) numbers[at + k] = is_bottom_there[k] ? atomic_inc(count) + 1 : 0;
    return;
  }
  const uint end = min((uint)VEC, size.x - x);
  for (uint k = 0; k < end; ++k, ++x, ++at) {
    ulong lowest = KEY(at);
#define LOOK(neighbor)                                      \
  {                                                         \
    const uint there = neighbor;                            \
    if (mask[there] != 0) lowest = min(lowest, KEY(there)); \
  }
    AROUND(LOOK)
#undef LOOK
    parents[at] = mask[at] != 0 ? (uint)lowest : at;
    numbers[at] = mask[at] != 0 && (uint)lowest == at ? atomic_inc(count) + 1 : 0;
  }
}

// --- ways ---

// Ways inside a part of the image, over which a work-item goes: each pixel's next one becomes the
// last there, or the first outside.
kernel void watershed__shorten(global uint* parents, const ulong pixels, const ulong part) {
  const size_t begin = get_global_id(0) * part, end = min(begin + part, (size_t)pixels);
  for (size_t i = begin; i < end; ++i) {
    if (parents[i] == i) continue;
    uint last = (uint)i;
    while (last >= begin && last < end && parents[last] != last) last = parents[last];
    for (uint at = (uint)i; at != last;) {
      const uint next = parents[at];
      parents[at] = last;
      at = next;
    }
  }
}

uint some_steps_on(global const uint* parents, uint at) {
  for (int step = 0; step < STEPS && parents[at] != at; ++step) at = parents[at];
  return at;
}

kernel void watershed__follow(global const uint* restrict parents, global uint* restrict ends,
                              const ulong pixels) {
  const size_t i = get_global_id(0);
  if (i < pixels) ends[i] = some_steps_on(parents, (uint)i);
}

kernel void watershed__look_up(global const uint* restrict parents,
                               global const uint* restrict table, global const uchar* restrict mask,
                               global uint* restrict result, global uint* unfinished,
                               const ulong pixels) {
  const size_t i = get_global_id(0);
  if (i >= pixels) return;
  uint found = 0;
  if (mask[i] != 0) {
    const uint end = some_steps_on(parents, (uint)i);
    if (parents[end] != end) *unfinished = 1;
    found = table[end];
  }
  result[i] = found;
}

// Before the first round each basin is a root of its own.
kernel void watershed__begin(global uint* restrict roots, global ulong* restrict gates,
                             global uint* restrict ranks, global uint* restrict places,
                             const uint basins, const int is_first) {
  const uint i = (uint)get_global_id(0);
  if (i >= basins) return;
  if (is_first) {
    roots[i] = i;
    gates[i] = 0;
  }
  ranks[i] = places[i] = ~0u;
}

// BEHIND(root) of each basin that a pass leads to; `own` is the root of its basin. One branch, as
// nobody could foretell more.
#define LOOK(neighbor)                                                        \
  {                                                                           \
    const uint there = neighbor, basin = basins[there], other = roots[basin]; \
    if ((basin != 0) & (other != own) & (KEY(there) < KEY(at))) BEHIND(other) \
  }

// The places of `bits` of pixels from `at` on go to a list; work-groups, which lie along x, ask for
// room there once.
#define APPEND(bits, at, list, length)                                      \
  local uint found, first;                                                  \
  if (get_local_id(0) == 0) found = 0;                                      \
  barrier(CLK_LOCAL_MEM_FENCE);                                             \
  uint to = (bits) != 0 ? atomic_add(&found, popcount(bits)) : 0;           \
  barrier(CLK_LOCAL_MEM_FENCE);                                             \
  if (get_local_id(0) == 0 && found > 0) first = atomic_add(length, found); \
  barrier(CLK_LOCAL_MEM_FENCE);                                             \
  for (uint left = (bits); left != 0; left &= left - 1)                     \
    (list)[first + to++] = (uint)(at) + popcount((left & -left) - 1);

// All passes, and some more: of the last pixels of rows, fewer than VEC, all that are open.
kernel void watershed__find(global const SRC_T* restrict src, global const uint* restrict markers,
                            global const uint* restrict basins, global uint* restrict passes,
                            volatile global uint* length, const uint4 size) {
  const uint x = (uint)get_global_id(0) * VEC, y = (uint)get_global_id(1),
             z = (uint)get_global_id(2), at = x + size.x * (y + size.y * z);
  uint bits = 0;
  if (x >= size.x || y >= size.y || z >= size.z) {
  } else if (is_run(x, at, size)) {
    const VECTOR(int) is_found = passes_of(src, basins, at, y, z, size) |
                                 ((LOAD(markers + at) != 0) & (LOAD(basins + at) != 0));
    if (ANY(is_found)) {
      int found_there[VEC];
      STORE(is_found, found_there);
      for (uint k = 0; k < VEC; ++k) bits |= (uint)(found_there[k] != 0) << k;
    }
  } else {
    for (uint k = 0; k < min((uint)VEC, size.x - x); ++k)
      if (basins[at + k] != 0) bits |= 1u << k;
  }
  APPEND(bits, at, passes, length)
}

kernel void watershed__narrow(global const SRC_T* restrict src, global const uint* restrict markers,
                              global const uint* restrict basins, global const uint* restrict roots,
                              global const uint* restrict passes, global uint* restrict narrowed,
                              volatile global uint* length, volatile global uint* ranks,
                              const uint4 size, const ulong count) {
  uint at = 0, is_pass = 0;
  if (get_global_id(0) < count) {
    at = passes[get_global_id(0)];
    const uint own = roots[basins[at]], rank = RANK(src[at]);
    const uint x = at % size.x, y = at / size.x % size.y, z = at / size.x / size.y;
    is_pass = own != 0 && markers[at] != 0;
#define BEHIND(other)                                \
  {                                                  \
    is_pass = 1;                                     \
    if (other != 0) atomic_min(ranks + other, rank); \
  }
    AROUND(LOOK)
#undef BEHIND
    if (is_pass && own != 0) atomic_min(ranks + own, rank);
  }
  APPEND(is_pass, at, narrowed, length)
}

kernel void watershed__choose(global const SRC_T* restrict src, global const uint* restrict basins,
                              global const uint* restrict roots, global const uint* restrict passes,
                              global const uint* restrict ranks, volatile global uint* places,
                              const uint4 size, const ulong count) {
  if (get_global_id(0) >= count) return;
  const uint at = passes[get_global_id(0)], own = roots[basins[at]];
  const uint x = at % size.x, y = at / size.x % size.y, z = at / size.x / size.y;
  const uint rank = RANK(src[at]);
#define BEHIND(other) \
  if (other != 0 && ranks[other] == rank) atomic_min(places + other, at);
  AROUND(LOOK)
#undef BEHIND
  if (own != 0 && ranks[own] == rank) atomic_min(places + own, at);
}

// Roots behind a pass that they choose are hooked to its own one, and that one to another that
// chose a lower pass, or to the ground: so there are no circles. If there is none it stays a root.
kernel void watershed__hook(global const SRC_T* restrict src, global const uint* restrict markers,
                            global const uint* restrict basins, global const uint* restrict roots,
                            global const ulong* restrict gates, global const uint* restrict places,
                            global uint* restrict hooked, global ulong* restrict hooked_gates,
                            const uint4 size, const uint count) {
  const uint i = (uint)get_global_id(0);
  if (i >= count) return;
  const uint at = places[i];
  uint target = roots[i];
  ulong gate = gates[i];
  if (at != ~0u) {
    const uint own = roots[basins[at]];
    if (i == own) {
      const uint x = at % size.x, y = at / size.x % size.y, z = at / size.x / size.y;
#define BEHIND(other) \
  if (places[other] != at) target = other;
      AROUND(LOOK)
#undef BEHIND
      if (markers[at] != 0) target = 0;
    } else {
      target = own;
    }
    if (target != i) gate = KEY(at);
  }
  hooked[i] = target;
  hooked_gates[i] = gate;
}
#undef LOOK

kernel void watershed__climb(global const uint* restrict hooked, global const ulong* restrict gates,
                             global uint* restrict roots, global ulong* restrict highest,
                             global uint* unfinished, const uint basins) {
  const uint i = (uint)get_global_id(0);
  if (i >= basins) return;
  uint at = hooked[i];
  ulong gate = gates[i];
  for (int step = 0; step < STEPS && hooked[at] != at; ++step) {
    gate = max(gate, gates[at]);
    at = hooked[at];
  }
  roots[i] = at;
  highest[i] = gate;
  if (hooked[at] != at) *unfinished = 1;
}

kernel void watershed__levels(global const uint* restrict roots, global const ulong* restrict gates,
                              global ulong* restrict levels, const uint basins) {
  const uint i = (uint)get_global_id(0);
  if (i < basins) levels[i] = i != 0 && roots[i] == 0 ? gates[i] : NONE;
}

#define LEVEL(place) max(KEY(place), levels[basins[place]])

kernel void watershed__parents(global const SRC_T* restrict src,
                               global const uint* restrict markers,
                               global const uchar* restrict mask,
                               global const uint* restrict basins,
                               global const ulong* restrict levels, global uint* restrict parents,
                               const uint4 size) {
  if (get_global_id(0) * VEC >= size.x || get_global_id(1) >= size.y || get_global_id(2) >= size.z)
    return;
  uint x = (uint)get_global_id(0) * VEC;
  const uint y = (uint)get_global_id(1), z = (uint)get_global_id(2);
  uint at = x + size.x * (y + size.y * z);
  int is_simple[VEC];  // no lower neighbour is in another basin: the lowest one was flooded first
  for (int k = 0; k < VEC; ++k) is_simple[k] = 0;
  if (is_run(x, at, size)) {
    const VECTOR(uint) basin = LOAD(basins + at);
    if (!ANY(basin != 0)) {
      STORE_ANY(uint, at + LANE_NUMBERS, parents + at);
      return;
    }
    ulong level[VEC];
    for (int k = 0; k < VEC; ++k) level[k] = levels[basins[at + k]];
    const VECTOR(int) is_inside =
        (passes_of(src, basins, at, y, z, size) == 0) & (LOAD(markers + at) == 0);
    const VECTOR(ulong) flooded = LOAD(level);
#ifdef ONE_PIXEL  // the ways to the lowest neighbours are still there
    const uint lowest = parents[at];
#else
    const VECTOR(uint) lowest = TO_VECTOR(uint, lowest_of(src, mask, at, x, y, z, size));
#endif
    const VECTOR(int) is_below = TO_VECTOR(int, keys_of(src, mask, at) < flooded);
    const VECTOR(int) is_dry = TO_VECTOR(int, flooded == NONE);
    const VECTOR(uint) next = is_below ? TO_VECTOR(uint, flooded) : lowest;
    STORE_ANY(uint, is_dry ? at + LANE_NUMBERS : next, parents + at);
    const VECTOR(int) is_done = is_inside | is_below | is_dry;
    if (!ANY(is_done == 0)) return;
    STORE(is_done, is_simple);
  }
  const uint end = min((uint)VEC, size.x - x);
  for (uint k = 0; k < end; ++k, ++x, ++at) {
    if (is_simple[k]) continue;
    const ulong level = LEVEL(at);
    uint parent = level == NONE ? at : (uint)level;
    if (level != NONE && parent == at && markers[at] == 0) {
      ulong least = level;  // somebody around was flooded before
#define LOOK(neighbor)                \
  {                                   \
    const uint there = neighbor;      \
    const ulong lower = LEVEL(there); \
    if (lower < least) {              \
      least = lower;                  \
      parent = there;                 \
    }                                 \
  }
      AROUND(LOOK)
#undef LOOK
    }
    parents[at] = parent;
  }
}
