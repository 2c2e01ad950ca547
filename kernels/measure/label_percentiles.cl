// SPDX-License-Identifier: BSD-3-Clause
// The pixel with so many pixels before it, in ascending order, of every label.
//
//   count    the pixels of each label
//   collect  after a prefix sum, the ranks of a label's pixels go to its part of a list, in any
//            order
//   select   finds the wanted one among the ranks of each label: those in the part of their range
//            where it lies stay, until all are equal; or (`shared`) 8 bits at a time from the
//            highest one on in which they differ (radix selection); each of a few is compared
//            with all
//   extreme  instead of these: the pixels of each label and its greatest rank; with a `flip` of ~0
//            the greatest of inverted ranks, which is its least one
//
// A work-item takes `length` pixels that are `step` apart, run by run of one label.
// Neighbouring work-items take neighbouring pixels where the step is more than 1. A work-item, or
// (`shared`) a work-group, which lies along y, selects from the list of a label.

#ifndef RANK_BITS  // of the ranks of pixels
#define RANK_BITS 32
#endif
#define BINS 256
#define PART_BITS (RANK_BITS == 8 ? 8 : 4)  // of a range

size_t first_of_item(const uint step, const uint length) {
  const size_t item = get_global_id(0);
  return item / step * step * length + item % step;
}

uint run_length(global const uint* labels, const uint step, const uint most) {
  uint n = 1;
  if (step == 1 && labels[0] == 0)  // background
    while (n + VEC <= most && !ANY(LOAD(labels + n) != 0u)) n += VEC;
  while (n < most && labels[(size_t)n * step] == labels[0]) ++n;
  return n;
}

kernel void label_percentiles__count(global const uint* restrict labels,
                                     volatile global uint* counts, const uint pixels,
                                     const uint step, const uint length) {
  size_t i = first_of_item(step, length);
  uint left = i < pixels ? min(length, (uint)((pixels - i - 1) / step + 1)) : 0;
  for (uint run; left > 0; left -= run, i += (size_t)run * step) {
    run = run_length(labels + i, step, left);
    if (labels[i] != 0) atomic_add(counts + labels[i], run);
  }
}

kernel void label_percentiles__collect(global const uint* restrict labels,
                                       global const SRC_T* restrict src, volatile global uint* next,
                                       global uint* restrict list, const uint pixels,
                                       const uint step, const uint length) {
  size_t i = first_of_item(step, length);
  uint left = i < pixels ? min(length, (uint)((pixels - i - 1) / step + 1)) : 0;
  for (uint run; left > 0; left -= run, i += (size_t)run * step) {
    run = run_length(labels + i, step, left);
    if (labels[i] == 0) continue;
    const uint to = atomic_add(next + labels[i], run);
    for (uint k = 0; k < run; ++k) list[to + k] = RANK(src[i + (size_t)k * step]);
  }
}

kernel void label_percentiles__extreme(global const uint* restrict labels,
                                       global const SRC_T* restrict src,
                                       volatile global uint* counts, volatile global uint* ranks,
                                       const uint flip, const uint pixels, const uint step,
                                       const uint length) {
  size_t i = first_of_item(step, length);
  uint left = i < pixels ? min(length, (uint)((pixels - i - 1) / step + 1)) : 0;
  for (uint run; left > 0; left -= run, i += (size_t)run * step) {
    run = run_length(labels + i, step, left);
    if (labels[i] == 0) continue;
    uint greatest = 0;
    for (uint k = 0; k < run; ++k) greatest = max(greatest, RANK(src[i + (size_t)k * step]) ^ flip);
    atomic_add(counts + labels[i], run);
    atomic_max(ranks + labels[i], greatest);
  }
}

// The ranks of a label in the list end where those of the next one begin.
uint begin_of(global const uint* end, const size_t label) {
  return label == 0 ? 0 : end[label - 1];
}

// `wanted`: how many ranks of each label come before the wanted one, which is put in its place.
kernel void label_percentiles__select(global uint* restrict list, global const uint* restrict end,
                                      global uint* restrict wanted, const uint labels) {
  const size_t label = get_global_id(0);
  if (label >= labels) return;
  const uint first = begin_of(end, label);
  uint last = end[label], before = wanted[label];
  if (first == last) return;
  for (;;) {
    uint least = list[first], most = least;
    for (uint i = first + 1; i < last; ++i) {
      least = min(least, list[i]);
      most = max(most, list[i]);
    }
    wanted[label] = least;
    if (least == most) break;
    const uint shift = 32 - min(clz(most - least), 32u - PART_BITS) - PART_BITS;
    uint counts[1 << PART_BITS], part = 0, kept = first;
    for (uint k = 0; k < 1 << PART_BITS; ++k) counts[k] = 0;
    for (uint i = first; i < last; ++i) ++counts[(list[i] - least) >> shift];
    while (before >= counts[part]) before -= counts[part++];
    wanted[label] = least + part;
    if (shift == 0) break;
    for (uint i = first; i < last; ++i) {
      const uint rank = list[i];
      list[kept] = rank;
      kept += (rank - least) >> shift == part;
    }
    last = kept;
  }
}

#define CHUNK 16  // bins that a work-item adds up

kernel void label_percentiles__shared_select(global const uint* restrict list,
                                             global const uint* restrict end,
                                             global uint* restrict wanted) {
  local uint counts[BINS], sums[BINS / CHUNK], differing, found, before;
  const size_t label = get_global_id(0);
  const uint item = (uint)get_local_id(1), items = (uint)get_local_size(1);
  const uint first = begin_of(end, label), last = end[label];
  if (first == last) return;  // all of the group do
  if (item == 0) {
    differing = 0;
    before = wanted[label];
  }
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  if (last - first <= items) {  // each compares its rank with all
    const uint own = list[min(first + item, last - 1)];
    uint less = 0, as_many = 0;
    for (uint i = first; i < last; ++i) {
      less += list[i] < own;
      as_many += list[i] == own;
    }
    if (less <= before && before < less + as_many) wanted[label] = own;
    return;
  }
  const uint any_rank = list[first];
  uint different = 0;
  for (uint i = first + item; i < last; i += items) different |= list[i] ^ any_rank;
  if (different != 0) atomic_or(&differing, different);
  barrier(CLK_LOCAL_MEM_FENCE);
  uint shift = 32 - clz(differing);  // the bits from here on are the same in all ranks
  uint prefix = shift < 32 ? any_rank >> shift : 0;
  while (shift > 0) {
    const uint bits = min(shift, 8u);
    shift -= bits;
    for (uint bin = item; bin < BINS; bin += items) counts[bin] = 0;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint i = first + item; i < last; i += items) {
      const uint high = list[i] >> shift;
      if (high >> bits == prefix) atomic_inc(counts + (high & ((1u << bits) - 1)));
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (uint chunk = item; chunk < BINS / CHUNK; chunk += items) {
      uint sum = 0;
      for (uint k = 0; k < CHUNK; ++k) sum += counts[CHUNK * chunk + (chunk + k) % CHUNK];
      sums[chunk] = sum;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item == 0) {
      uint left = before, bin = 0;
      for (; left >= sums[bin / CHUNK]; bin += CHUNK) left -= sums[bin / CHUNK];
      for (; left >= counts[bin]; ++bin) left -= counts[bin];
      found = bin;
      before = left;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    prefix = prefix << bits | found;
  }
  if (item == 0) wanted[label] = prefix;
}
