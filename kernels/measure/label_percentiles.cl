// SPDX-License-Identifier: BSD-3-Clause
// The pixel with so many pixels before it, in ascending order, of every label: found by its rank,
// `bits` of it at a time from the highest ones on (radix selection).
//
//   count   the pixels of each label that have the bits found so far, by their next bits
//   totals  the pixels of each label: the host says which of them is wanted
//   choose  the next bits of the wanted pixel, and how many of the counted ones are before it
//
// Counters: label, then bits.

// A work-item takes `length` pixels that are `step` apart, and counts those of the same counter in
// a row. Neighbouring work-items take neighbouring pixels where the step is more than 1.
kernel void label_percentiles__count(global const uint* restrict labels,
                                     global const SRC_T* restrict src,
                                     global const uint* restrict found,
                                     volatile global uint* counts, const uint pixels,
                                     const uint step, const uint length, const uint shift,
                                     const uint bits) {
  const size_t item = get_global_id(0);
  const size_t first = item / step * step * length + item % step;
  if (first >= pixels) return;
  const size_t end = min((size_t)pixels, first + (size_t)step * length);
  size_t counter = 0;  // that of the background counts nothing
  uint run = 0;
  for (size_t i = first; i < end; i += step) {
    const uint label = labels[i];
    if (label == 0) continue;
    const uint high = RANK(src[i]) >> shift;
    if (high >> bits != found[label]) continue;
    const size_t next = ((size_t)label << bits) + (high & ((1u << bits) - 1));
    if (next != counter) {
      if (run > 0) atomic_add(counts + counter, run);
      counter = next;
      run = 0;
    }
    ++run;
  }
  if (run > 0) atomic_add(counts + counter, run);
}

kernel void label_percentiles__totals(global const uint* restrict counts,
                                      global uint* restrict totals, const uint labels,
                                      const uint bits) {
  const size_t label = get_global_id(0);
  if (label >= labels) return;
  counts += label << bits;
  uint total = 0;
  for (uint i = 0; i < 1u << bits; ++i) total += counts[i];
  totals[label] = total;
}

// `before`: of the counted pixels of each label, how many come before the wanted one.
kernel void label_percentiles__choose(global const uint* restrict counts,
                                      global uint* restrict before, global uint* restrict found,
                                      const uint labels, const uint bits) {
  const size_t label = get_global_id(0);
  if (label >= labels) return;
  counts += label << bits;
  uint left = before[label], next = 0;
  for (; next + 1 < 1u << bits && left >= counts[next]; ++next) left -= counts[next];
  before[label] = left;
  found[label] = found[label] << bits | next;
}
