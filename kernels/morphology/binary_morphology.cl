// SPDX-License-Identifier: BSD-3-Clause
// Erosion and dilation of binary images, with 16 pixels of a row in the bits of a word.
//
//   pack     pixels become bits: a dilation looks for pixels that are not 0, an erosion for those
//            that are; what lies outside the image is never found
//   rows     a bit is set where one is found in some rows around it: the rows of an ellipsoid, or
//            the one row of a box along x
//   across   the same in a window along y or z
//   tile     on CPUs, for small boxes: packs, and looks along x and y, in memory of its own
//   small    the same on GPUs, in the memory of a work-group
//
// A pass ends with words, or (PIXELS) with pixels. An erosion inverts bits when they are packed and
// when they become pixels: `invert` is 65535, else 0.
// Words: pixel x of a row is bit x % 16 of word x / 16. Rows are `pitch` words long, with PAD words
// of zeros before and behind. A work-item takes WORDS words of a row: VEC on a CPU, one on a GPU
// (ONE_WORD), where ALIGNED says that rows of pixels are whole words.

#ifdef ONE_WORD
#define WORDS 1
#define PAD 0
#define OCTETS 2
typedef ushort words;
typedef uint pairs;  // two neighbouring words
#define TO_PAIRS(w) ((uint)(w))
#define TO_WORDS(p) ((ushort)(p))
#define FULL(found) ((found) != 0 ? (ushort)0xffff : (ushort)0)
#else
#define WORDS VEC
#define PAD VEC
#define OCTETS 8
typedef VECTOR(ushort) words __attribute__((aligned(2)));  // STORE would be VEC stores
typedef VECTOR(uint) pairs;
#define TO_PAIRS(w) TO_VECTOR(uint, w)
#if VEC == 16  // halves of numbers are neighbours: PoCL converts them one after the other
#define TO_WORDS(p) (ushort16)(as_ushort16((p).lo).even, as_ushort16((p).hi).even)
#else
#define TO_WORDS(p) TO_VECTOR(ushort, (p)&0xffff)
#endif
#define FULL(found) AS(VECTOR(ushort), (found) != (ushort)0)
#endif

#define GET(space, type, pointer) (*(space const type*)(pointer))
#define PUT(space, type, value, pointer) (*(space type*)(pointer) = (value))

// ---- pixels and bits: OCTETS x 8 pixels at a time

typedef PASTE(uchar, OCTETS) octets __attribute__((aligned(1)));  // the bits of 8 pixels each
typedef PASTE(ulong, OCTETS) eights;                              // 8 pixels each
#ifdef ONE_WORD
#define TO_OCTETS(e) convert_uchar2(e)
#define TO_EIGHTS(o) convert_ulong2(o)
#else
#define TO_OCTETS(e) as_uchar16(as_ushort16(as_uint16(e).even).even).even
#define TO_EIGHTS(o) convert_ulong8(o)
#endif

#ifdef ALIGNED
#define GET_EIGHTS(pointer) as_ulong2(*(global const uchar16*)(pointer))
#define PUT_EIGHTS(value, pointer) (*(global uchar16*)(pointer) = as_uchar16(value))
#elif defined(ONE_WORD)
#define GET_EIGHTS(pointer) as_ulong2(vload16(0, pointer))
#define PUT_EIGHTS(value, pointer) vstore16(as_uchar16(value), 0, pointer)
#else
typedef eights any_eights __attribute__((aligned(1)));
#define GET_EIGHTS(pointer) (*(global const any_eights*)(pointer))
#define PUT_EIGHTS(value, pointer) (*(global any_eights*)(pointer) = (value))
#endif
#define ONES 0x0101010101010101UL
#define SEVENS 0x7f7f7f7f7f7f7f7fUL

// The bits of up to `count` pixels, 0 behind.
octets pack(global const uchar* src, const int count, const uint invert) {
  if (count >= 8 * OCTETS) {
    const eights pixels = GET_EIGHTS(src);
    // The top bit of each byte says whether it is not 0; one product makes 8 of them neighbours.
    const eights not_zero = (((pixels & SEVENS) + SEVENS) | pixels) >> 7 & ONES;
    const octets bits = TO_OCTETS((not_zero * 0x0102040810204080UL) >> 56);
    return bits ^ (uchar)invert;
  }
  uchar bits[OCTETS] = {0};
  for (int k = 0; k < count; ++k) bits[k / 8] |= ((src[k] != 0) ^ (invert & 1)) << k % 8;
  return GET(private, octets, bits);
}

void unpack(const octets bits, global uchar* dst, const int count) {
  if (count >= 8 * OCTETS) {
    // One product makes 8 copies of an octet, in each of which another bit is looked at.
    const eights chosen = TO_EIGHTS(bits) * ONES & 0x8040201008040201UL;
    PUT_EIGHTS((chosen + SEVENS) >> 7 & ONES, dst);
    return;
  }
  uchar each[OCTETS];
  PUT(private, octets, bits, each);
  for (int k = 0; k < count; ++k) dst[k] = each[k / 8] >> k % 8 & 1;
}

kernel void binary_morphology__pack(global const uchar* restrict src, global ushort* restrict dst,
                                    const uint4 size, const uint pitch, const uint invert) {
  const int nx = (int)size.x, word = (int)get_global_id(0) * WORDS - PAD;
  const uint y = get_global_id(1), z = get_global_id(2);
  if (word + PAD >= (int)pitch || y >= size.y) return;
  const size_t row = y + (size_t)size.y * z;
  global uchar* bits = (global uchar*)(dst + PAD + word + pitch * row);
  src += nx * row;
  for (int k = 0; k < 2 * WORDS; k += OCTETS) {
    const int x = 16 * word + 8 * k;
    PUT(global, octets, pack(src + x, x < 0 ? 0 : nx - x, invert), bits + k);
  }
}

// What a pass ends with.
#ifdef PIXELS
#define DST uchar
void put_pixels(const words found, global uchar* row, const int word, const int nx) {
  ushort each[WORDS];
  PUT(private, words, found, each);
  for (int k = 0; k < 2 * WORDS; k += OCTETS) {
    const int x = 16 * word + 8 * k;
    unpack(GET(private, octets, (const uchar*)each + k), row + x, nx - x);
  }
}
#define END(found) \
  put_pixels((found) ^ (ushort)invert, dst + size.x * (y + (size_t)size.y * z), word, size.x)
#else
#define DST ushort
#define END(found) \
  ((void)invert, PUT(global, words, found, dst + PAD + word + pitch * (y + (size_t)size.y * z)))
#endif

// ---- passes over words

// The bits and copies of them that are moved by 1 ... `most` places.
pairs smear_down(pairs bits, const int most) {
  int moved = 0;
  for (; 2 * moved + 1 <= most; moved = 2 * moved + 1) bits |= bits >> (moved + 1);
  return bits | bits >> (most - moved);
}
pairs smear_up(pairs bits, const int most) {
  int moved = 0;
  for (; 2 * moved + 1 <= most; moved = 2 * moved + 1) bits |= bits << (moved + 1);
  return bits | bits << (most - moved);
}

#ifdef TILE_WORDS
#define MEMORY private
#else
#define MEMORY global
#endif

// Word `first`, or that and those behind it. What lies beyond the row is zero.
words words_at(MEMORY const ushort* row, const int first, const int end) {
#ifdef ONE_WORD
  return first < 0 || first >= end ? (ushort)0 : row[first];
#else
  return GET(MEMORY, words, row + clamp(first, -PAD, end));
#endif
}

// Whether a bit is found up to `reach` bits away, to both sides.
words found_near(MEMORY const ushort* row, const int word, const int reach, const int end) {
  const int far = reach / 16, rest = reach % 16;
  const pairs left =
      TO_PAIRS(words_at(row, word - far - 1, end)) | TO_PAIRS(words_at(row, word - far, end)) << 16;
  const pairs right =
      TO_PAIRS(words_at(row, word + far, end)) | TO_PAIRS(words_at(row, word + far + 1, end)) << 16;
  if (far == 0) return TO_WORDS(smear_up(left, rest) >> 16 | smear_down(right, rest));
  words between = words_at(row, word - far + 1, end);
  for (int w = word - far + 2; w < word + far; ++w) between |= words_at(row, w, end);
  return TO_WORDS(smear_down(left, 31) >> (16 - rest) | smear_up(right, 31) >> rest) |
         FULL(between);
}

#ifdef TILE_WORDS
// Up to LINES - 2 radius.y rows of TILE_WORDS words; radius.x is less than 16 MARGIN.
#define MARGIN 4  // words to both sides
kernel void binary_morphology__tile(global const uchar* restrict src, global DST* restrict dst,
                                    const int4 radius, const uint4 unsigned_size, const uint pitch,
                                    const uint invert) {
  const int4 size = convert_int4(unsigned_size);
  const int rows = LINES - 2 * radius.y, first_word = (int)get_global_id(0) * TILE_WORDS;
  const int first = (int)get_global_id(1) * rows, z = (int)get_global_id(2);
  const int count = min(TILE_WORDS, (int)pitch - 2 * PAD - first_word);
  if (count <= 0 || first >= size.y) return;
  const int begin = max(first - radius.y, 0), end = min(first + rows + radius.y, size.y);
  ushort line[PAD + TILE_WORDS + PAD], lines[LINES][TILE_WORDS];
  for (int y = begin; y < end; ++y) {
    global const uchar* row = src + size.x * (y + (size_t)size.y * z);
    for (int w = -MARGIN; w < count + MARGIN; w += OCTETS / 2) {
      const int x = 16 * (first_word + w);
      PUT(private, octets, pack(row + x, x < 0 ? 0 : size.x - x, invert), (uchar*)(line + PAD + w));
    }
    for (int w = 0; w < count; w += WORDS)
      PUT(private, words, found_near(line + PAD, w, radius.x, TILE_WORDS), lines[y - begin] + w);
  }
  for (int y = first; y < min(first + rows, size.y); ++y)
    for (int w = 0; w < count; w += WORDS) {
      const int word = first_word + w;
      words found = 0;
      for (int i = max(y - radius.y, 0); i <= min(y + radius.y, size.y - 1); ++i)
        found |= GET(private, words, lines[i - begin] + w);
      END(found);
    }
}
#else
kernel void binary_morphology__rows(global const ushort* restrict src, global DST* restrict dst,
                                    global const int4* restrict rows, const int row_count,
                                    const uint4 unsigned_size, const uint pitch,
                                    const uint invert) {
  const int4 size = convert_int4(unsigned_size);
  const int word = (int)get_global_id(0) * WORDS, end = (int)pitch - 2 * PAD;
  const int y = (int)get_global_id(1), z = (int)get_global_id(2);
  if (word >= end || y >= size.y) return;
  words found = 0;
  for (int r = 0; r < row_count; ++r) {
    const int other_y = y + rows[r].x, other_z = z + rows[r].y;
    if (other_y < 0 || other_y >= size.y || other_z < 0 || other_z >= size.z) continue;
    found |=
        found_near(src + PAD + pitch * (other_y + (size_t)size.y * other_z), word, rows[r].z, end);
  }
  END(found);
}

kernel void binary_morphology__across(global const ushort* restrict src, global DST* restrict dst,
                                      const int radius, const uint along_z,
                                      const uint4 unsigned_size, const uint pitch,
                                      const uint invert) {
  const int4 size = convert_int4(unsigned_size);
  const int word = (int)get_global_id(0) * WORDS;
  const int y = (int)get_global_id(1), z = (int)get_global_id(2);
  if (word >= (int)pitch - 2 * PAD || y >= size.y) return;
  const int at = along_z ? z : y, n = along_z ? size.z : size.y;
  const size_t stride = along_z ? (size_t)pitch * size.y : pitch;
  src += PAD + word + pitch * (along_z ? (size_t)y : (size_t)size.y * z);
  words found = 0;
  for (int i = max(at - radius, 0); i <= min(at + radius, n - 1); ++i)
    found |= GET(global, words, src + stride * i);
  END(found);
}

#ifdef ONE_WORD
// ---- a box of up to 15 pixels to both sides along x, from pixels on

ushort word_of(global const uchar* plane, const int word, const int y, const int4 size,
               const uint invert) {
  const int x = 16 * word;
  if (x < 0 || x >= size.x || y < 0 || y >= size.y) return 0;
  return as_ushort(pack(plane + x + (size_t)size.x * y, size.x - x, invert));
}

// A work-group packs its words, those of the rows around them, and one more at both ends.
kernel void binary_morphology__small(global const uchar* restrict src, global DST* restrict dst,
                                     const int radius_x, const int radius_y,
                                     const uint4 unsigned_size, const uint pitch, const uint invert,
                                     local ushort* restrict tile) {
  const int4 size = convert_int4(unsigned_size);
  const int column = (int)get_local_id(0), columns = (int)get_local_size(0), width = columns + 2;
  const int layer = (int)get_local_id(1), layers = (int)get_local_size(1);
  const int word = (int)get_global_id(0), y = (int)get_global_id(1), z = (int)get_global_id(2);
  const int first_word = word - column, first_y = y - layer - radius_y;
  const int lines = layers + 2 * radius_y;
  src += (size_t)size.x * size.y * z;
  for (int line = layer; line < lines; line += layers)
    tile[width * line + column + 1] = word_of(src, word, first_y + line, size, invert);
  for (int end = column + columns * layer; end < 2 * lines; end += columns * layers) {
    const int line = end / 2, i = end % 2 == 0 ? 0 : columns + 1;
    tile[width * line + i] = word_of(src, first_word + i - 1, first_y + line, size, invert);
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  if (word >= (int)pitch || y >= size.y) return;
  tile += width * layer + column;
  uint left = 0, middle = 0, right = 0;
  for (int i = 0; i <= 2 * radius_y; ++i, tile += width)
    left |= tile[0], middle |= tile[1], right |= tile[2];
  left |= middle << 16;
  right = middle | right << 16;
  const ushort found = smear_up(left, radius_x) >> 16 | smear_down(right, radius_x);
  END(found);
}
#endif
#endif
