// SPDX-License-Identifier: BSD-3-Clause
// Connected components by union-find over runs of bits, and numbering labels anew; the pieces of
// labels by union-find over pixels, the holes in labels, and where labels meet.
//
// Rows are packed into words of 32 pixels, one bit per pixel. The nodes are the runs of ones inside
// a word, each known by the index of its first pixel: `parent` of a node is a node of its component
// with a smaller index, and the smallest, the root, is its own. Two rows are joined where they
// touch, but not where the pixels to the left make the same connection.
//   tiles    a work-item (serial) or a work-group (shared) packs a tile and joins its runs
//   borders  runs in different tiles are joined by atomics
//   roots    the roots of each word are marked and counted
//   number   after a prefix sum every pixel gets the number of its root: roots are numbered in
//            raster order, as scipy.ndimage.label numbers
// Rosenfeld and Pfaltz, J. ACM 13 (1966); union by smallest index: Oliveira and Lotufo, SIBGRAPI
// 2010; runs found by counting bits: Hennequin, Lacassagne, Cabaret and Meunier, DASIP 2018.

#define WORD 32
#define TILE_ROWS 64  // of a tile that a work-group shares

// A word, and whether the pixel to the left or to the right of each of its pixels is set.
typedef struct {
  uint at, left, right;
} word;

constant ushort places[16] = {1,   2,   4,    8,    16,   32,   64,    128,
                              256, 512, 1024, 2048, 4096, 8192, 16384, 32768};

uint words_per_row(const uint nx) { return (nx - 1) / WORD + 1; }

uint lowest_bit(const uint bits) { return 31 - clz(bits & -bits); }

// Where the run that pixel x belongs to begins.
uint start_of_run(const uint bits, const uint x) { return x + 1 - clz(~(bits << (31 - x))); }

uint starts_of_runs(const uint bits) { return bits & ~(bits << 1); }

uint pack_16(global const uchar* pixels) {
  const uchar16 p = (size_t)pixels % 16 == 0 ? *(global const uchar16*)pixels : vload16(0, pixels);
  const ushort16 bits = as_ushort16(convert_short16(p != (uchar)0)) & vload16(0, places);
  const ushort8 of_8 = bits.lo | bits.hi;
  const ushort4 of_4 = of_8.lo | of_8.hi;
  const ushort2 of_2 = of_4.lo | of_4.hi;
  return of_2.lo | of_2.hi;
}

// The pixels from x on of a row of nx.
uint pack(global const uchar* row, const uint x, const uint nx) {
  if (nx - x >= WORD) return pack_16(row + x) | pack_16(row + x + 16) << 16;
  uint bits = 0;
  for (uint k = 0; k < nx - x; ++k) bits |= (uint)(row[x + k] != 0) << k;
  return bits;
}

word word_at(global const uint* row, const uint w, const uint words) {
  word result;
  result.at = row[w];
  result.left = result.at << 1 | (w > 0 ? row[w - 1] >> 31 : 0);
  result.right = result.at >> 1 | (w + 1 < words ? row[w + 1] << 31 : 0);
  return result;
}

// Which pixels are to be joined to the pixel at x + dx of another row: not where the pixels at
// x - 1, or the one straight above, make the same connection.
uint contacts(const word here, const word above, const int dx) {
  if (dx == 0) return here.at & above.at & ~(here.left & above.left);
  return here.at & ~above.at & (dx < 0 ? above.left & ~here.left : above.right & ~here.right);
}

// The rows that come before a row and touch it: at y - 1, and at y - 1, y and y + 1 of the plane
// before.
#define ROWS_BEFORE 4
int2 row_before(const int n) { return n == 0 ? (int2)(-1, 0) : (int2)(n - 2, -1); }
bool is_neighbor(const int2 row, const int is_box) { return is_box || row.x == 0 || row.y == 0; }

// Which pixels are to be joined to the left, straight and to the right to the n-th row before: not
// where a pixel between the two, of the row at y - 1 or, for the last row, of that at z - 1, makes
// the same connection.
uint4 allowed_to(const int n, global const uint* bits, const uint y, const uint row, const uint w,
                 const uint4 size, const int is_box) {
  if (n == 0 || !is_box || (n < 3 && y == 0)) return ~0u;
  const uint words = words_per_row(size.x), between = n < 3 ? row - 1 : row - size.y;
  const word at = word_at(bits + (size_t)between * words, w, words);
  return ~(uint4)(at.at | at.left, at.at | at.left | at.right, at.at | at.right, 0);
}

// The node of a pixel that is set, x of a row.
uint node_at(global const uint* bits, const uint nx, const uint row, const uint x) {
  const uint at = bits[(size_t)row * words_per_row(nx) + x / WORD];
  return row * nx + x / WORD * WORD + start_of_run(at, x % WORD);
}

// Joins the runs of a word to those of the row `above`, by join(parent, node, node). `allowed` says
// which pixels are to be joined to the left, straight and to the right.
#define DEFINE_JOIN_WORD(name, parent_pointer, join)                                       \
  void name(parent_pointer parent, global const uint* bits, const uint nx, const uint row, \
            const uint above, const uint w, const int is_box, const uint4 allowed) {       \
    const uint words = words_per_row(nx);                                                  \
    const word here = word_at(bits + (size_t)row * words, w, words);                       \
    if (here.at == 0) return;                                                              \
    const word there = word_at(bits + (size_t)above * words, w, words);                    \
    for (int dx = -is_box; dx <= is_box; ++dx) {                                           \
      uint todo = contacts(here, there, dx) & (dx < 0    ? allowed.x                       \
                                               : dx == 0 ? allowed.y                       \
                                                         : allowed.z);                     \
      for (; todo != 0; todo &= todo - 1) {                                                \
        const uint x = w * WORD + lowest_bit(todo);                                        \
        join(parent, node_at(bits, nx, row, x), node_at(bits, nx, above, x + (uint)dx));   \
      }                                                                                    \
    }                                                                                      \
  }

// --- inside a tile of a work-item: no other work-item sees these nodes ---

uint find(global uint* parent, uint i) {
  while (parent[i] != i) {
    const uint next = parent[parent[i]];
    parent[i] = next;
    i = next;
  }
  return i;
}

void join(global uint* parent, const uint a, const uint b) {
  const uint root_a = find(parent, a), root_b = find(parent, b);
  if (root_a < root_b)
    parent[root_b] = root_a;
  else
    parent[root_a] = root_b;
}

DEFINE_JOIN_WORD(join_word, global uint*, join)

// A tile holds whole rows.
kernel void labeling__tiles(global const uchar* restrict src, global uint* bits,
                            global uint* parent, const uint4 size, const uint4 tile,
                            const int is_box) {
  const uint y0 = (uint)get_global_id(1) * tile.y, z0 = (uint)get_global_id(2) * tile.z;
  if (get_global_id(0) > 0 || y0 >= size.y || z0 >= size.z) return;
  const uint y1 = min(y0 + tile.y, size.y), z1 = min(z0 + tile.z, size.z);
  const uint words = words_per_row(size.x);
  for (uint z = z0; z < z1; ++z)
    for (uint y = y0; y < y1; ++y) {
      const uint row = y + size.y * z;
      uint before = 0;
      for (uint w = 0; w < words; ++w) {
        const uint first = row * size.x + w * WORD;
        const uint at = pack(src + (size_t)row * size.x, w * WORD, size.x);
        bits[(size_t)row * words + w] = at;
        for (uint starts = starts_of_runs(at); starts != 0; starts &= starts - 1)
          parent[first + lowest_bit(starts)] = first + lowest_bit(starts);
        if (at & before >> 31) parent[first] = first - WORD + start_of_run(before, 31);
        before = at;
      }
      for (int n = 0; n < ROWS_BEFORE; ++n) {
        const int2 step = row_before(n);
        const uint ya = y + (uint)step.x, za = z + (uint)step.y;  // -1 wraps, and is outside
        if (!is_neighbor(step, is_box) || ya - y0 >= y1 - y0 || za - z0 >= z1 - z0) continue;
        for (uint w = 0; w < words; ++w)
          join_word(parent, bits, size.x, row, ya + size.y * za, w, is_box,
                    allowed_to(n, bits, y, row, w, size, is_box));
      }
    }
}

// --- between work-items: every access is atomic ---

// find_in_<space> and join_in_<space>
#define DEFINE_ATOMIC_JOIN(space)                                                     \
  uint find_in_##space(volatile space uint* parent, uint i) {                         \
    uint next = atomic_or(parent + i, 0u);                                            \
    while (next != i) {                                                               \
      i = next;                                                                       \
      next = atomic_or(parent + i, 0u);                                               \
    }                                                                                 \
    return i;                                                                         \
  }                                                                                   \
                                                                                      \
  void join_in_##space(volatile space uint* parent, uint a, uint b) {                 \
    while (true) {                                                                    \
      a = find_in_##space(parent, a);                                                 \
      b = find_in_##space(parent, b);                                                 \
      if (a == b) return;                                                             \
      const uint smaller = min(a, b), larger = max(a, b);                             \
      const uint before = atomic_min(parent + larger, smaller);                       \
      if (before == larger) return;                                                   \
      a = before; /* somebody else linked the larger root meanwhile: join that too */ \
      b = smaller;                                                                    \
    }                                                                                 \
  }
DEFINE_ATOMIC_JOIN(local)
DEFINE_ATOMIC_JOIN(global)
DEFINE_JOIN_WORD(join_word_atomically, volatile global uint*, join_in_global)

// The place of the work-group among all, in bands, too.
uint tile_along(const uint axis) { return (uint)get_global_id(axis) / (uint)get_local_size(axis); }

// Row r of the tile that begins at (y0, z0).
size_t row_in_image(const uint r, const size_t y0, const size_t z0, const uint4 size,
                    const uint4 tile) {
  return y0 + r % tile.y + size.y * (z0 + r / tile.y);
}

// A tile of one word by tile.y x tile.z = TILE_ROWS rows belongs to a work-group of any size.
kernel void labeling__tiles_shared(global const uchar* restrict src, global uint* restrict bits,
                                   global uint* restrict parent, const uint4 size, const uint4 tile,
                                   const int is_box) {
  local uint row_bits[TILE_ROWS], link[TILE_ROWS * WORD];
  const uint w = tile_along(0);
  const size_t y0 = (size_t)tile_along(1) * tile.y, z0 = (size_t)tile_along(2) * tile.z;
  const uint words = words_per_row(size.x);
  if (w >= words || y0 >= size.y || z0 >= size.z) return;
  const uint item = (uint)(get_local_id(0) + get_local_size(0) * get_local_id(1));
  const uint items = (uint)(get_local_size(0) * get_local_size(1));

  for (uint r = item; r < TILE_ROWS; r += items) {
    const size_t y = y0 + r % tile.y, z = z0 + r / tile.y, row = y + size.y * z;
    const bool exists = y < size.y && z < size.z;
    row_bits[r] = exists ? pack(src + row * size.x, w * WORD, size.x) : 0;
    if (exists) bits[row * words + w] = row_bits[r];
  }
  for (uint i = item; i < TILE_ROWS * WORD; i += items) link[i] = i;
  barrier(CLK_LOCAL_MEM_FENCE);

  for (uint i = item; i < ROWS_BEFORE * TILE_ROWS; i += items) {
    const uint r = i % TILE_ROWS;
    const int2 step = row_before((int)(i / TILE_ROWS));
    const uint ya = r % tile.y + (uint)step.x, za = r / tile.y + (uint)step.y;
    if (row_bits[r] == 0 || !is_neighbor(step, is_box) || ya >= tile.y || za >= tile.z) continue;
    const uint above = ya + tile.y * za;
    const word here = {row_bits[r], row_bits[r] << 1, row_bits[r] >> 1};
    const word there = {row_bits[above], row_bits[above] << 1, row_bits[above] >> 1};
    for (int dx = -is_box; dx <= is_box; ++dx)
      for (uint todo = contacts(here, there, dx); todo != 0; todo &= todo - 1) {
        const uint x = lowest_bit(todo);
        join_in_local(link, r * WORD + start_of_run(here.at, x),
                      above * WORD + start_of_run(there.at, x + (uint)dx));
      }
  }
  barrier(CLK_LOCAL_MEM_FENCE);

  for (uint i = item; i < TILE_ROWS * WORD; i += items) {
    const uint x = i % WORD, r = i / WORD;
    if ((starts_of_runs(row_bits[r]) >> x & 1) == 0) continue;
    const uint root = find_in_local(link, i);
    parent[row_in_image(r, y0, z0, size, tile) * size.x + w * WORD + x] =
        (uint)(row_in_image(root / WORD, y0, z0, size, tile) * size.x + w * WORD + root % WORD);
  }
}

// A work-item takes the words of one row of one tile, and joins them to other tiles.
kernel void labeling__borders(global const uint* restrict bits, volatile global uint* parent,
                              const uint4 size, const uint4 tile, const int is_box) {
  const uint words = words_per_row(size.x), tiles = (words - 1) / tile.x + 1;
  if (get_global_id(0) >= (size_t)tiles * size.y * size.z) return;
  const uint item = (uint)get_global_id(0), row = item / tiles, y = row % size.y, z = row / size.y;
  const uint begin = item % tiles * tile.x, end = min(begin + tile.x, words);
  for (int n = 0; n < ROWS_BEFORE; ++n) {
    const int2 step = row_before(n);
    const uint ya = y + (uint)step.x, za = z + (uint)step.y;
    if (!is_neighbor(step, is_box) || ya >= size.y || za >= size.z) continue;
    const bool is_inside = ya / tile.y == y / tile.y && za / tile.z == z / tile.z;
    if (is_inside && (tiles == 1 || !is_box)) continue;
    for (uint w = begin; w < end; ++w) {  // inside, only the ends touch another tile
      const uint4 ends = (uint4)(w == begin, 0, w + 1 == end ? 1u << 31 : 0, 0);
      join_word_atomically(
          parent, bits, size.x, row, ya + size.y * za, w, is_box,
          allowed_to(n, bits, y, row, w, size, is_box) & (is_inside ? ends : (uint4)(~0u)));
    }
  }
  if (begin == 0) return;
  const word here = word_at(bits + (size_t)row * words, begin, words);
  if ((here.at & here.left & 1) == 0) return;
  if (y % tile.y > 0) {  // the row above may make the same connection
    const word above = word_at(bits + (size_t)(row - 1) * words, begin, words);
    if (above.at & above.left & 1) return;
  }
  const uint x = begin * WORD;
  join_in_global(parent, node_at(bits, size.x, row, x), node_at(bits, size.x, row, x - 1));
}

// --- numbering ---

kernel void labeling__roots(global const uint* restrict bits, global const uint* restrict parent,
                            global uint* restrict roots, global uint* restrict counts,
                            const uint4 size) {
  const uint words = words_per_row(size.x);
  const size_t i = get_global_id(0);
  if (i >= (size_t)words * size.y * size.z) return;
  const uint first = (uint)i / words * size.x + (uint)i % words * WORD;
  uint marks = 0;
  for (uint starts = starts_of_runs(bits[i]); starts != 0; starts &= starts - 1) {
    const uint x = lowest_bit(starts);
    if (parent[first + x] == first + x) marks |= 1u << x;
  }
  roots[i] = marks;
  counts[i] = popcount(marks);
}

// `before` is the number of roots in the words before each. A work-item takes VEC pixels of a row.
kernel void labeling__number(global const uint* restrict bits, global const uint* restrict parent,
                             global const uint* restrict roots, global const uint* restrict before,
                             global uint* restrict dst, const uint4 size) {
  const size_t x = get_global_id(0) * VEC, y = get_global_id(1), z = get_global_id(2);
  if (x >= size.x || y >= size.y || z >= size.z) return;
  const uint words = words_per_row(size.x), row = (uint)(y + size.y * z), shift = x % WORD;
  const uint at = bits[(size_t)row * words + x / WORD], first = row * size.x + (uint)x - shift;
  const VECTOR(uint) place = TO_VECTOR(uint, LOAD(places));
  VECTOR(uint) labels = 0;
  uint todo = at >> shift & ((1u << VEC) - 1);
  while (todo != 0) {
    const uint run = todo & ~(todo + (todo & -todo));  // the lowest ones
    uint root = first + start_of_run(at, shift + lowest_bit(todo));
    while (parent[root] != root) root = parent[root];
    const uint root_x = root % size.x;
    const size_t w = (size_t)(root / size.x) * words + root_x / WORD;
    const uint number = before[w] + popcount(roots[w] << (31 - root_x % WORD));
    labels = (place & run) != 0 ? (VECTOR(uint))(number) : labels;
    todo &= ~run;
  }
  global uint* const pixels = dst + (size_t)row * size.x + x;
  if (IS_STREAM(uint, pixels, (size_t)size.x * size.y * size.z) && size.x - x >= VEC) {
    STREAM(uint, labels, pixels);
  } else if (size.x % VEC == 0) {
    STORE_ALIGNED(uint, labels, pixels);
  } else if (size.x - x >= VEC) {
    STORE(labels, pixels);
  } else {
    uint label[VEC];
    STORE(labels, label);
    for (uint k = 0; k < size.x - x; ++k) pixels[k] = label[k];
  }
}

// --- labels that stay, and their new numbers ---

#define SEGMENT 256  // pixels of a serial work-item

// sizes[label] += the pixels of the label, run by run.
kernel void labeling__sizes(global const uint* restrict src, volatile global uint* sizes,
                            const uint pixels) {
  const ulong begin = (ulong)get_global_id(0) * SEGMENT;
  if (begin >= pixels) return;
  const ulong end = min((ulong)pixels, begin + SEGMENT);
  uint run = 0;
  for (ulong i = begin; i < end; ++i) {
    ++run;
    if (i + 1 == end || src[i + 1] != src[i]) {
      if (src[i] != 0) atomic_add(sizes + src[i], run);
      run = 0;
    }
  }
}

// All work-items of a GPU would wait for the size of a large label: those from `enough` on need not
// be exact. The one that is seen may be an older, lesser one.
void add_size(volatile global uint* sizes, const uint label, const uint count, const uint enough) {
  if (label != 0 && sizes[label] < enough) atomic_add(sizes + label, count);
}

// The same by vectors: a work-item takes every STRIDE-th of VECTORS of them, and counts what is
// equal in a row.
#define STRIDE 64
#define VECTORS 16
kernel void labeling__sizes_strided(global const uint* restrict src, volatile global uint* sizes,
                                    const uint pixels, const uint enough) {
  const size_t item = get_global_id(0);
  size_t i = (item / STRIDE * STRIDE * VECTORS + item % STRIDE) * VEC;
  uint label = 0, count = 0;
  for (int n = 0; n < VECTORS && i < pixels; ++n, i += STRIDE * VEC) {
    if (i + VEC <= pixels && all(LOAD_ALIGNED(uint, src + i) == label)) {
      count += VEC;
      continue;
    }
    for (size_t k = i; k < min(i + VEC, (size_t)pixels); ++k) {
      if (src[k] != label) {
        add_size(sizes, label, count, enough);
        label = src[k];
        count = 0;
      }
      ++count;
    }
  }
  add_size(sizes, label, count, enough);
}

// The labels on faces get the size 0: bit 0 of `axes` says whether those across x count, and so on.
// A work-item takes a pixel of one of the six faces.
kernel void labeling__drop_faces(global const uint* restrict src, volatile global uint* sizes,
                                 const uint4 size, const uint axes) {
  const size_t a = get_global_id(0), b = get_global_id(1), axis = get_global_id(2) / 2;
  const bool is_last = get_global_id(2) % 2;
  if (axis > 2 || (axes >> axis & 1) == 0) return;
  if (a >= (axis == 0 ? size.y : size.x) || b >= (axis == 2 ? size.y : size.z)) return;
  const size_t x = axis != 0 ? a : is_last ? size.x - 1 : 0;
  const size_t y = axis == 0 ? a : axis == 2 ? b : is_last ? size.y - 1 : 0;
  const size_t z = axis != 2 ? b : is_last ? size.z - 1 : 0;
  const uint label = src[x + size.x * (y + size.y * z)];
  if (label != 0) atomic_and(sizes + label, 0u);
}

kernel void labeling__keep(global uint* restrict sizes, const uint count, const uint minimum_size) {
  const size_t label = get_global_id(0);
  if (label < count) sizes[label] = label > 0 && sizes[label] > 0 && sizes[label] >= minimum_size;
}

// `before[l]` labels that stay are smaller than l, so l stays where the next one has more before
// it.
uint new_number(global const uint* restrict before, const uint label) {
  const uint number = before[label];
  return before[label + 1] > number ? number + 1 : 0;
}

kernel void labeling__apply(global const uint* restrict src, global uint* restrict dst,
                            global const uint* restrict before, const uint pixels) {
  const size_t begin = get_global_id(0) * SEGMENT;
  const size_t end = min((size_t)pixels, begin + SEGMENT);
  for (size_t i = begin; i < end; ++i) dst[i] = new_number(before, src[i]);
}

kernel void labeling__apply_vectors(global const uint* restrict src, global uint* restrict dst,
                                    global const uint* restrict before, const uint pixels) {
  const size_t i = get_global_id(0) * VEC;
  if (i + VEC > pixels) {
    for (size_t k = i; k < pixels; ++k) dst[k] = new_number(before, src[k]);
    return;
  }
  uint label[VEC];
  STORE(LOAD_ALIGNED(uint, src + i), label);
  for (int k = 0; k < VEC; ++k) label[k] = new_number(before, label[k]);
  STORE_ALIGNED(uint, LOAD(label), dst + i);
}

// --- the largest piece of each label ---

// Here the nodes are pixels, connected by faces to others of their label. A root, the first pixel
// of a piece, is its own parent. Pixels that are 0 are no nodes. Work-items take `run` pixels in
// turn, of a row or of all.
//   pieces, piece_tiles  each pixel of a row of a tile gets a node of its run; and a work-item that
//                        has a tile of whole rows joins the rows
//   join_pieces          tiles are joined by atomics
//   piece_sizes          the pixels of each run are added to the size of its root
//   largest_pieces       which piece of a label is the largest, and of several the first
//   keep_pieces          the pixels of the others become 0

uint root_of(global const uint* parent, uint i) {
  while (parent[i] != i) i = parent[i];
  return i;
}

// Tiles are one row high.
kernel void labeling__pieces(global const uint* restrict src, global uint* restrict parent,
                             const uint4 size, const uint4 tile) {
  const size_t x = get_global_id(0), row = get_global_id(1) + size.y * get_global_id(2);
  if (x >= size.x || get_global_id(1) >= size.y || get_global_id(2) >= size.z) return;
  const uint i = (uint)(x + size.x * row);
  if (src[i] == 0) return;
  uint first = i;
  for (uint steps = x % tile.x; steps > 0 && src[first - 1] == src[i]; --steps) --first;
  parent[i] = first;
}

// Tiles hold whole rows.
kernel void labeling__piece_tiles(global const uint* restrict src, global uint* restrict parent,
                                  const uint4 size, const uint4 tile) {
  const uint y0 = (uint)get_global_id(1) * tile.y, z0 = (uint)get_global_id(2) * tile.z;
  if (get_global_id(0) > 0 || y0 >= size.y || z0 >= size.z) return;
  const uint y1 = min(y0 + tile.y, size.y), z1 = min(z0 + tile.z, size.z);
  const uint plane = size.x * size.y;
  for (uint z = z0; z < z1; ++z)
    for (uint y = y0; y < y1; ++y) {
      const uint row = size.x * (y + size.y * z);
      for (uint x = 0; x < size.x; ++x) {
        const uint i = row + x, label = src[i];
        if (label == 0) continue;
        const bool is_left = x > 0 && src[i - 1] == label;
        parent[i] = is_left ? parent[i - 1] : i;
        // not where the pixels to the left make the same connection
        if (y > y0 && src[i - size.x] == label && !(is_left && src[i - size.x - 1] == label))
          join(parent, i, i - size.x);
        if (z > z0 && src[i - plane] == label && !(is_left && src[i - plane - 1] == label))
          join(parent, i, i - plane);
      }
    }
}

kernel void labeling__join_pieces(global const uint* restrict src, volatile global uint* parent,
                                  const uint4 size, const uint4 tile, const uint run) {
  const uint y = (uint)get_global_id(1), z = (uint)get_global_id(2);
  if (y >= size.y || z >= size.z) return;
  const bool is_top = y > 0 && y % tile.y == 0, is_front = z > 0 && z % tile.z == 0;
  if (tile.x >= size.x && !is_top && !is_front) return;
  const uint row = size.x * (y + size.y * z), plane = size.x * size.y;
  const size_t begin = get_global_id(0) * run, end = min(begin + run, (size_t)size.x);
  for (size_t x = begin; x < end; ++x) {
    const uint i = row + (uint)x, label = src[i];
    if (label == 0) continue;
    const bool is_left = x > 0 && src[i - 1] == label;
    if (is_left && x % tile.x == 0) join_in_global(parent, i, i - 1);
    if (is_top && src[i - size.x] == label && !(is_left && src[i - size.x - 1] == label))
      join_in_global(parent, i, i - size.x);
    if (is_front && src[i - plane] == label && !(is_left && src[i - plane - 1] == label))
      join_in_global(parent, i, i - plane);
  }
}

// Runs end with tiles.
kernel void labeling__piece_sizes(global const uint* restrict src, global const uint* parent,
                                  volatile global uint* sizes, const uint4 size, const uint4 tile,
                                  const uint run) {
  const size_t y = get_global_id(1), z = get_global_id(2);
  if (y >= size.y || z >= size.z) return;
  const uint row = (uint)(size.x * (y + size.y * z));
  const uint begin = (uint)min(get_global_id(0) * run, (size_t)size.x);
  const uint end = min(begin + run, size.x);
  for (uint x = begin; x < end; ++x) {
    const uint i = row + x, label = src[i];
    if (label == 0 || (x % tile.x > 0 && src[i - 1] == label)) continue;
    const uint tile_end = min((x / tile.x + 1) * tile.x, size.x);
    uint length = 1;
    while (x + length < tile_end && src[i + length] == label) ++length;
    atomic_add(sizes + root_of(parent, i), length);
    x += length - 1;
  }
}

// First the greatest size of a piece of each label; then, among those of that size, the least root,
// which is kept as ~root.
kernel void labeling__largest_pieces(global const uint* restrict src,
                                     global const uint* restrict sizes,
                                     volatile global uint* largest, volatile global uint* first,
                                     const uint pixels, const uint run, const int is_first) {
  const size_t begin = get_global_id(0) * run, end = min(begin + run, (size_t)pixels);
  for (size_t i = begin; i < end; ++i) {
    if (sizes[i] == 0) continue;  // no root
    const uint label = src[i];
    if (!is_first)
      atomic_max(largest + label, sizes[i]);
    else if (sizes[i] == largest[label])
      atomic_max(first + label, ~(uint)i);
  }
}

kernel void labeling__keep_pieces(global const uint* restrict src,
                                  global const uint* restrict parent,
                                  global const uint* restrict first, global uint* restrict dst,
                                  const uint4 size, const uint run) {
  const size_t y = get_global_id(1), z = get_global_id(2);
  if (y >= size.y || z >= size.z) return;
  const size_t row = size.x * (y + size.y * z), begin = get_global_id(0) * run;
  uint before = 0, kept = 0;  // the label of the pixel before, and whether that stays
  for (size_t x = begin; x < min(begin + run, (size_t)size.x); ++x) {
    const uint i = (uint)(row + x), label = src[i];
    if (label == 0)
      kept = 0;
    else if (label != before)
      kept = first[label] == ~root_of(parent, i) ? label : 0;
    before = label;
    dst[i] = kept;
  }
}

// --- holes in labels ---

// The components of the background are numbered, too: holes, and what is around all labels.
//   background     what is no label, to be numbered
//   around_holes   the greatest -label and the greatest label beside each; an edge is all labels.
//                  WITH_SIZES, where work-items take rows, also sizes, but for holes at an edge
//   fill_holes     a hole beside one label becomes that label
// Work-items of the last two take `run` pixels in turn, of a row or of all.

kernel void labeling__background(global const uint* restrict src, global uchar* restrict dst,
                                 const uint pixels) {
  const size_t i = get_global_id(0) * VEC;
  if (i + VEC > pixels) {
    for (size_t k = i; k < pixels; ++k) dst[k] = src[k] == 0;
    return;
  }
  STORE_ALIGNED(uchar, ONE_WHERE(LOAD_ALIGNED(uint, src + i) == 0), dst + i);
}

// Some pixels of a hole, and what is beside them.
void put_beside(volatile global uint* around, volatile global uint* sizes, const uint hole,
                const uint negative, const uint label, const uint pixels) {
  if (hole == 0) return;
#ifdef WITH_SIZES
  if (pixels > 0) atomic_add(sizes + hole, pixels);
#else
  (void)sizes, (void)pixels;
#endif
  if (label == 0) return;
  around += 2 * (size_t)hole;
#ifdef ONE_PIXEL  // on GPUs many would wait for the largest hole; what is seen is never too high
  if (around[0] >= negative && around[1] >= label) return;
#endif
  atomic_max(around, negative);
  atomic_max(around + 1, label);
}
#define EDGE ~0u, ~0u, 0  // beside all labels; its size does not matter

DEFINE_GET_IN_ROW(labels_in_row, uint)

kernel void labeling__around_holes(global const uint* restrict src,
                                   global const uint* restrict holes, volatile global uint* around,
                                   volatile global uint* sizes, const uint4 size, const uint run) {
  const size_t y = get_global_id(1), z = get_global_id(2);
  const size_t begin = get_global_id(0) * run, end = min(begin + run, (size_t)size.x);
  if (begin >= size.x || y >= size.y || z >= size.z) return;
  src += size.x * (y + size.y * z);
  holes += size.x * (y + size.y * z);
  if (y == 0 || y + 1 == size.y || (size.z > 1 && (z == 0 || z + 1 == size.z))) {
    for (size_t x = begin; x < end; ++x)
      if (x == begin || holes[x] != holes[x - 1]) put_beside(around, sizes, holes[x], EDGE);
    return;
  }
  if (begin == 0) put_beside(around, sizes, holes[0], EDGE);
  if (end == size.x) put_beside(around, sizes, holes[end - 1], EDGE);
  // Beyond the row lie others, which add nothing to an edge.
  const ptrdiff_t nx = size.x, plane = size.z > 1 ? nx * size.y : 0;
  const ptrdiff_t steps[6] = {-1, 1, -nx, nx, -plane, plane};
  uint current = 0, least = 0, most = 0, pixels = 0;  // a hole, and what was seen of it
#define GO_ON_WITH(hole)                                     \
  if ((hole) != current) {                                   \
    put_beside(around, sizes, current, least, most, pixels); \
    current = (hole);                                        \
    least = most = pixels = 0;                               \
  }
  for (size_t x = begin; x < end; x += VEC) {
    const int count = (int)(end - x);
    const VECTOR(uint) none = 0, holes_here = labels_in_row(holes + x, count);
    VECTOR(uint) negative = 0, greatest = 0;
#pragma unroll
    for (int n = 0; n < 6; ++n) {
      const VECTOR(uint) labels = labels_in_row(src + x + steps[n], count);
      negative = max(negative, -labels);
      greatest = max(greatest, labels);
    }
    greatest = holes_here != 0 ? greatest : none;
    negative = holes_here != 0 ? negative : none;
    if (!ANY(greatest != 0)) {  // all of them are of one hole, or none is
      if (holes[x] == 0) continue;
      GO_ON_WITH(holes[x])
      pixels += min(VEC, count);
      continue;
    }
    uint hole[VEC], low[VEC], high[VEC];
    STORE(holes_here, hole);
    STORE(negative, low);
    STORE(greatest, high);
    for (int k = 0; k < min(VEC, count); ++k) {
      if (hole[k] == 0) continue;
      GO_ON_WITH(hole[k])
      least = max(least, low[k]);
      most = max(most, high[k]);
      ++pixels;
    }
  }
#undef GO_ON_WITH
  put_beside(around, sizes, current, least, most, pixels);
}

uint filled(global const uint* around, global const uint* sizes, const uint hole,
            const uint maximum_size) {
  const uint least = -around[2 * (size_t)hole], greatest = around[2 * (size_t)hole + 1];
  return least == greatest && sizes[hole] <= maximum_size ? greatest : 0;
}

// The numbers of holes are in dst, 0 where there is a label.
kernel void labeling__fill_holes(global const uint* restrict src, global uint* restrict dst,
                                 global const uint* restrict around,
                                 global const uint* restrict sizes, const uint pixels,
                                 const uint run, const uint maximum_size) {
  const size_t begin = get_global_id(0) * run, end = min(begin + run, (size_t)pixels);
  uint before = 0, label = 0;  // of the pixel before: its hole, and what that becomes
  for (size_t i = begin; i < end;) {
    if (i + VEC <= end) {
      const VECTOR(uint) holes = LOAD_ALIGNED(uint, dst + i);
      if (!ANY(holes != before)) {
        STORE_ALIGNED(uint, LOAD_ALIGNED(uint, src + i) | label, dst + i);
        i += VEC;
        continue;
      }
    }
    for (const size_t stop = min(i + VEC, end); i < stop; ++i) {
      if (dst[i] != before) {
        before = dst[i];
        label = filled(around, sizes, before, maximum_size);
      }
      dst[i] = src[i] | label;
    }
  }
}

// --- where labels meet ---

// 1 where a pixel that shares a face has another label. A work-item takes VEC pixels of a row.
kernel void labeling__edges(global const uint* restrict src, global uchar* restrict dst,
                            const uint4 size) {
  const size_t x = get_global_id(0) * VEC, y = get_global_id(1), z = get_global_id(2);
  if (x >= size.x || y >= size.y || z >= size.z) return;
  const ptrdiff_t nx = size.x, plane = nx * size.y;
  const ptrdiff_t up = y > 0 ? -nx : 0, down = y + 1 < size.y ? nx : 0;
  const ptrdiff_t front = z > 0 ? -plane : 0, back = z + 1 < size.z ? plane : 0;
  src += x + size.x * (y + size.y * z);
  dst += x + size.x * (y + size.y * z);
  if (x > 0 && x + VEC < size.x) {
    const VECTOR(uint) label = LOAD(src);
    const VECTOR(int) differs =
        TO_VECTOR(int, (label != LOAD(src - 1)) | (label != LOAD(src + 1)) |
                           (label != LOAD(src + up)) | (label != LOAD(src + down)) |
                           (label != LOAD(src + front)) | (label != LOAD(src + back)));
    STORE_ANY(uchar, ONE_WHERE(differs), dst);
    return;
  }
  for (uint k = 0; k < min((size_t)VEC, size.x - x); ++k, ++src, ++dst)
    *dst = (x + k > 0 && *src != src[-1]) || (x + k + 1 < size.x && *src != src[1]) ||
           *src != src[up] || *src != src[down] || *src != src[front] || *src != src[back];
}
