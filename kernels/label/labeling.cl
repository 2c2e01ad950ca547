// SPDX-License-Identifier: BSD-3-Clause
// Connected components by union-find, and numbering labels anew.
//
// Components: every foreground pixel points to a pixel of its component with a smaller index, and
// the smallest one, the root, to itself.
//   tiles    a work-item joins the pixels inside its tile; tiles share nothing
//   borders  pixels on different sides of a tile's faces are joined by atomics
//   roots    every pixel gets its root; roots are counted per segment of the image
//   number   after a prefix sum roots are numbered in raster order, as scipy.ndimage.label numbers
//   relabel  every pixel gets the number of its root
// Rosenfeld and Pfaltz, J. ACM 13 (1966); union by smallest index: Oliveira and Lotufo, SIBGRAPI
// 2010.

#define NONE 0xffffffffu
#define TILE_X 64
#define TILE_Y 32
#define TILE_Z 4
#define SEGMENT 256

// --- inside a tile: no other work-item sees these pixels ---

uint find(global uint* restrict parent, uint i) {
  while (parent[i] != i) {
    const uint next = parent[parent[i]];
    parent[i] = next;
    i = next;
  }
  return i;
}

void join(global uint* restrict parent, const uint a, const uint b) {
  const uint root_a = find(parent, a), root_b = find(parent, b);
  if (root_a < root_b)
    parent[root_b] = root_a;
  else
    parent[root_a] = root_b;
}

// Joins pixel i, which may continue a run to its left, to the run or runs it touches in a row that
// comes before its own: `above` is the pixel there with the same x.
void join_row(global uint* restrict parent, const uint i, const bool has_left, const uint above,
              const bool left_exists, const bool right_exists, const int is_box) {
  const bool here = parent[above] != NONE;
  const bool left = left_exists && parent[above - 1] != NONE;
  if (here) {
    if (!(has_left && left)) join(parent, i, above);
    return;
  }
  if (!is_box) return;
  if (left && !has_left) join(parent, i, above - 1);
  if (right_exists && parent[above + 1] != NONE) join(parent, i, above + 1);
}

kernel void labeling__tiles(global const uchar* restrict src, global uint* restrict parent,
                            const uint4 size, const int is_box) {
  const uint x0 = (uint)get_global_id(0) * TILE_X, y0 = (uint)get_global_id(1) * TILE_Y,
             z0 = (uint)get_global_id(2) * TILE_Z;
  if (x0 >= size.x) return;
  const uint x1 = min(x0 + TILE_X, size.x), y1 = min(y0 + TILE_Y, size.y),
             z1 = min(z0 + TILE_Z, size.z);
  const uint plane = size.x * size.y;
  for (uint z = z0; z < z1; ++z) {
    for (uint y = y0; y < y1; ++y) {
      const uint row = size.x * y + plane * z;
      bool has_left = false;
      for (uint x = x0; x < x1; ++x) {
        const uint i = row + x;
        if (src[i] == 0) {
          parent[i] = NONE;
          has_left = false;
          continue;
        }
        parent[i] = has_left ? parent[i - 1] : i;
        const bool left_exists = x > x0, right_exists = x + 1 < x1;
        if (y > y0) join_row(parent, i, has_left, i - size.x, left_exists, right_exists, is_box);
        if (z > z0) {
          const uint before = i - plane;
          join_row(parent, i, has_left, before, left_exists, right_exists, is_box);
          if (is_box && y > y0)
            join_row(parent, i, has_left, before - size.x, left_exists, right_exists, is_box);
          if (is_box && y + 1 < y1)
            join_row(parent, i, has_left, before + size.x, left_exists, right_exists, is_box);
        }
        has_left = true;
      }
    }
  }
  for (uint z = z0; z < z1; ++z)
    for (uint y = y0; y < y1; ++y)
      for (uint x = x0; x < x1; ++x) {
        const uint i = size.x * y + plane * z + x;
        if (parent[i] != NONE) parent[i] = find(parent, i);
      }
}

// --- between tiles: every access is atomic ---

uint read_atomically(volatile global uint* parent, const uint i) {
  return atomic_or(parent + i, 0u);
}

uint find_atomically(volatile global uint* parent, uint i) {
  for (uint next = read_atomically(parent, i); next != i; next = read_atomically(parent, i))
    i = next;
  return i;
}

void join_atomically(volatile global uint* parent, uint a, uint b) {
  while (true) {
    a = find_atomically(parent, a);
    b = find_atomically(parent, b);
    if (a == b) return;
    const uint smaller = min(a, b), larger = max(a, b);
    const uint before = atomic_min(parent + larger, smaller);
    if (before == larger) return;
    a = before;  // somebody else linked the larger root meanwhile: join what it was linked to
    b = smaller;
  }
}

// Joins a foreground pixel to its neighbours with a smaller index that lie in other tiles. As in
// join_row, a pixel is left out where its neighbours in the two rows make the same connection.
void join_outside(global const uchar* restrict src, volatile global uint* parent, const int4 size,
                  const int4 at, const int4 first, const int4 end, const int is_box) {
  const uint plane = (uint)size.x * (uint)size.y;
  const uint i = (uint)at.x + (uint)size.x * (uint)at.y + plane * (uint)at.z;
  const bool left_exists = at.x > 0, right_exists = at.x + 1 < size.x;
  const bool has_left = left_exists && src[i - 1] != 0;
  const bool has_right = right_exists && src[i + 1] != 0;
  if (at.x == first.x && has_left) join_atomically(parent, i, i - 1);
  for (int n = 0; n < 4; ++n) {  // the rows at y - 1, and at y - 1, y and y + 1 of the plane before
    const int dy = n == 0 ? -1 : n - 2, dz = n == 0 ? 0 : -1;
    const int y = at.y + dy, z = at.z + dz;
    if ((!is_box && dy != 0 && dz != 0) || y < 0 || z < 0 || y >= size.y) continue;
    const bool outside = y < first.y || z < first.z || y >= end.y;
    const bool left_outside = outside || at.x == first.x;
    const bool right_outside = outside || at.x + 1 == end.x;
    if (!left_outside && !right_outside) continue;
    const uint above = (uint)at.x + (uint)size.x * (uint)y + plane * (uint)z;
    const bool left = left_exists && src[above - 1] != 0;
    if (src[above] != 0) {
      if (outside && !(has_left && left)) join_atomically(parent, i, above);
    } else if (is_box) {
      if (left_outside && left && !has_left) join_atomically(parent, i, above - 1);
      if (right_outside && !has_right && right_exists && src[above + 1] != 0)
        join_atomically(parent, i, above + 1);
    }
  }
}

kernel void labeling__borders(global const uchar* restrict src, volatile global uint* parent,
                              const uint4 unsigned_size, const int is_box) {
  const int4 size = convert_int4(unsigned_size);
  const int4 tile = (int4)(TILE_X, TILE_Y, TILE_Z, 1);
  const int4 first =
      (int4)((int)get_global_id(0), (int)get_global_id(1), (int)get_global_id(2), 0) * tile;
  if (first.x >= size.x) return;
  const int4 end = min(first + tile, size);
  for (int z = first.z; z < end.z; ++z)
    for (int y = first.y; y < end.y; ++y) {
      // A whole row where rows before it lie in another tile, else its two ends.
      const bool whole = (y == first.y && y > 0) || (z == first.z && z > 0) ||
                         (is_box && y == end.y - 1 && y + 1 < size.y && z > 0);
      const int step = whole ? 1 : max(end.x - first.x - 1, 1);
      for (int x = first.x; x < end.x; x += step)
        if (src[(uint)x + (uint)size.x * ((uint)y + (uint)size.y * (uint)z)] != 0)
          join_outside(src, parent, size, (int4)(x, y, z, 0), first, end, is_box);
    }
}

// --- numbering ---

kernel void labeling__roots(global const uint* restrict parent, global uint* restrict root,
                            global uint* restrict counts, const uint pixels) {
  const uint segment = (uint)get_global_id(0);
  const ulong begin = (ulong)segment * SEGMENT;
  if (begin >= pixels) return;
  const uint end = (uint)min((ulong)pixels, begin + SEGMENT);
  uint count = 0, last = NONE, last_root = NONE;
  for (uint i = (uint)begin; i < end; ++i) {
    const uint to = parent[i];
    if (to != last) {
      last = to;
      last_root = to;
      if (to != NONE)
        while (parent[last_root] != last_root) last_root = parent[last_root];
    }
    root[i] = last_root;
    count += last_root == i;
  }
  counts[segment] = count;
}

kernel void labeling__number(global const uint* restrict root, global uint* restrict number,
                             global const uint* restrict before, const uint pixels) {
  const uint segment = (uint)get_global_id(0);
  const ulong begin = (ulong)segment * SEGMENT;
  if (begin >= pixels || before[segment + 1] == before[segment]) return;
  const uint end = (uint)min((ulong)pixels, begin + SEGMENT);
  uint count = before[segment];
  for (uint i = (uint)begin; i < end; ++i)
    if (root[i] == i) number[i] = ++count;
}

kernel void labeling__relabel(global uint* restrict label, global const uint* restrict number,
                              const uint pixels) {
  const size_t begin = get_global_id(0) * SEGMENT;
  const size_t end = min((size_t)pixels, begin + SEGMENT);
  for (size_t i = begin; i < end; ++i) label[i] = label[i] == NONE ? 0 : number[label[i]];
}

// --- labels that stay, and their new numbers ---

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

// The labels on the two faces across an axis get the size 0. A work-item takes one pixel of a face.
kernel void labeling__drop_faces(global const uint* restrict src, volatile global uint* sizes,
                                 const uint4 size, const int axis) {
  const uint a = (uint)get_global_id(0), b = (uint)get_global_id(1), side = (uint)get_global_id(2);
  if (a >= (axis == 0 ? size.y : size.x)) return;
  const uint x = axis == 0 ? side * (size.x - 1) : a;
  const uint y = axis == 0 ? a : axis == 1 ? side * (size.y - 1) : b;
  const uint z = axis == 2 ? side * (size.z - 1) : b;
  atomic_and(sizes + src[x + size.x * (y + size.y * z)], 0u);
}

kernel void labeling__keep(global uint* restrict sizes, const uint count, const uint minimum_size) {
  const uint label = (uint)get_global_id(0);
  if (label < count) sizes[label] = label > 0 && sizes[label] > 0 && sizes[label] >= minimum_size;
}

// `before[l]` labels that stay are smaller than l, so l stays where the next one has more before
// it.
kernel void labeling__apply(global const uint* restrict src, global uint* restrict dst,
                            global const uint* restrict before, const uint pixels) {
  const size_t begin = get_global_id(0) * SEGMENT;
  const size_t end = min((size_t)pixels, begin + SEGMENT);
  for (size_t i = begin; i < end; ++i) {
    const uint label = src[i], number = before[label];
    dst[i] = before[label + 1] > number ? number + 1 : 0;
  }
}
