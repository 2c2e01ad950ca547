// SPDX-License-Identifier: BSD-3-Clause
// Sums of blocks of terms: of pixels, or of the squares of differences.
//
// Blocks have BLOCK terms whatever the device, so that sums of floats are the same on all. A
// work-item goes over a block, or (`shared`) a work-group does, which lies along y.
//
// The host says what the terms are, of a type TERM_T of their own:
//   OTHER_T    squares of the differences to an image of this type
//   OF_NUMBER  squares of the differences to a number
//   OF_ONES    1 where pixels, which have no sign, are not 0
//   MASKED     0 where a mask is 0; integers as wide as terms

#define BLOCK 4096
#define LANES 16

#ifndef TERM_T  // so that the file compiles alone
#define TERM_T float
#define ACC_T float      // of sums over a lane
#define PARTIAL_T float  // of sums over a block
#endif

#ifdef OTHER_T
#define OTHER_PARAMETER(restricted) , global const OTHER_T* restricted other
#define OTHER_ARGUMENT , other
#define CHANGED(of, load)                           \
  term -= TO(of(TERM_T), load(OTHER_T, other + i)); \
  term *= term;
#elif defined OF_NUMBER
#define OTHER_PARAMETER(restricted) , const float other
#define OTHER_ARGUMENT , other
#define CHANGED(of, load) \
  term -= other;          \
  term *= term;
#elif defined OF_ONES
#define OTHER_PARAMETER(restricted)
#define OTHER_ARGUMENT
#define CHANGED(of, load) term = min(term, (of(TERM_T))(1));
#else
#define OTHER_PARAMETER(restricted)
#define OTHER_ARGUMENT
#define CHANGED(of, load)
#endif
#ifdef MASKED
#define MASK_PARAMETER(restricted) , global const uchar* restricted mask
#define MASK_ARGUMENT , mask
#define WHERE_MASK(of, load) \
  term = TO(of(MASKED), load(uchar, mask + i) != (of(uchar))(0)) ? term : (of(TERM_T))(0);
#else
#define MASK_PARAMETER(restricted)
#define MASK_ARGUMENT
#define WHERE_MASK(of, load)
#endif
#define PARAMETERS(restricted) \
  global const SRC_T* restricted src OTHER_PARAMETER(restricted) MASK_PARAMETER(restricted)
#define ARGUMENTS src OTHER_ARGUMENT MASK_ARGUMENT

// Terms i, i + 1, ...: as many as `load` loads.
#define DEFINE_TERMS(name, of, load)                                             \
  __attribute__((always_inline)) of(TERM_T) name(PARAMETERS(), const size_t i) { \
    of(TERM_T) term = TO(of(TERM_T), load(SRC_T, src + i));                      \
    CHANGED(of, load)                                                            \
    WHERE_MASK(of, load)                                                         \
    return term;                                                                 \
  }
#define OF_LANES(type) PASTE(type, 16)
#define LOAD_LANES(type, pointer) vload16(0, pointer)
#define LOAD_ONE(type, pointer) (*(pointer))
DEFINE_TERMS(terms_of_lanes, OF_LANES, LOAD_LANES)
DEFINE_TERMS(terms_at, VECTOR, LOAD_ALIGNED)
DEFINE_TERMS(term_at, SINGLE, LOAD_ONE)

// Sums of floats: lane k adds up terms k, k + 16, ...; then lanes are added pairwise; terms beyond
// the last full 16 are added up apart and come last.
kernel void sum__blocks(PARAMETERS(restrict), global PARTIAL_T* restrict partial,
                        const ulong count) {
  const size_t block = get_global_id(0), begin = block * BLOCK;
  if (begin >= count) return;
  const size_t end = min((ulong)(begin + BLOCK), count);
  OF_LANES(ACC_T) lanes = 0;
  size_t i = begin;
  for (; i + LANES <= end; i += LANES) lanes += TO(OF_LANES(ACC_T), terms_of_lanes(ARGUMENTS, i));
  ACC_T rest = 0;
  for (; i < end; ++i) rest += TO(ACC_T, term_at(ARGUMENTS, i));
  ACC_T lane[LANES];
  vstore16(lanes, 0, lane);
  for (int n = LANES / 2; n > 0; n /= 2)
    for (int k = 0; k < n; ++k) lane[k] += lane[k + n];
  partial[block] = (PARTIAL_T)(lane[0] + rest);
}

// The same: the work-group keeps the terms of the block, and a work-item of it adds up each lane.
kernel void sum__shared_blocks(PARAMETERS(restrict), global PARTIAL_T* restrict partial,
                               const ulong count, local VECTOR(TERM_T) * restrict tile,
                               local ACC_T* restrict lane) {
  const size_t item = get_local_id(1), items = get_local_size(1);
  const size_t begin = get_global_id(0) * BLOCK, size = min((ulong)BLOCK, count - begin);
  const size_t full = size / LANES * LANES;
  local const TERM_T* term = (local const TERM_T*)tile;
  for (size_t i = item; i < full / VEC; i += items) tile[i] = terms_at(ARGUMENTS, begin + i * VEC);
  barrier(CLK_LOCAL_MEM_FENCE);
  for (size_t k = item; k < LANES; k += items) {
    ACC_T sum = 0;
    size_t i = k;
    for (; i + 15 * LANES < full; i += 16 * LANES) {  // loads in advance: they take long
      TERM_T next[16];
      for (size_t n = 0; n < 16; ++n) next[n] = term[i + n * LANES];
      for (size_t n = 0; n < 16; ++n) sum += TO(ACC_T, next[n]);
    }
    for (; i < full; i += LANES) sum += TO(ACC_T, term[i]);
    lane[k] = sum;
  }
  for (size_t n = LANES / 2; n > 0; n /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    for (size_t k = item; k < n; k += items) lane[k] += lane[k + n];
  }
  if (item != 0) return;
  ACC_T rest = 0;
  for (size_t i = full; i < size; ++i) rest += TO(ACC_T, term_at(ARGUMENTS, begin + i));
  partial[get_global_id(0)] = (PARTIAL_T)(lane[0] + rest);
}
