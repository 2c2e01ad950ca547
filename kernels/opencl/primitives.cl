// SPDX-License-Identifier: BSD-3-Clause
// What several operations on labels need: zeros, an exclusive prefix sum, the greatest of many
// numbers.
//
// Numbers are cut into parts of `part` numbers. A work-item goes over a part, or (`shared`) a
// work-group does, which lies along y.

kernel void primitives__fill_zero(global uint* restrict values, const ulong count) {
  if (get_global_id(0) < count) values[get_global_id(0)] = 0;
}

// An exclusive prefix sum in place, in two steps: the sum of each part, then each part, after the
// sums of those before it.
kernel void primitives__sums(global const uint* restrict values, global uint* restrict sums,
                             const ulong count, const ulong part) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  if (begin >= count) return;
  uint sum = 0;
  for (size_t i = begin; i < end; ++i) sum += values[i];
  sums[get_global_id(0)] = sum;
}

kernel void primitives__scan(global uint* restrict values, global const uint* restrict sums,
                             const ulong count, const ulong part) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  if (begin >= count) return;
  uint sum = 0;
  for (size_t k = 0; k < get_global_id(0); ++k) sum += sums[k];
  for (size_t i = begin; i < end; ++i) {
    const uint next = values[i];
    values[i] = sum;
    sum += next;
  }
}

// Sums up one value of each work-item: `before` are those of the work-items before this one.
typedef struct {
  uint before, all;
} group_sum;

group_sum sum_of_group(const uint value, local uint* shared) {
  const size_t item = get_local_id(1), items = get_local_size(1);
  uint sum = value;
  barrier(CLK_LOCAL_MEM_FENCE);  // now all have read the last sum
  shared[item] = sum;
  for (size_t step = 1; step < items; step *= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item >= step) sum += shared[item - step];
    barrier(CLK_LOCAL_MEM_FENCE);
    shared[item] = sum;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  const group_sum result = {sum - value, shared[items - 1]};
  return result;
}

kernel void primitives__shared_sums(global const uint* restrict values, global uint* restrict sums,
                                    const ulong count, const ulong part,
                                    local uint* restrict shared) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  uint sum = 0;
  for (size_t i = begin + get_local_id(1); i < end; i += get_local_size(1)) sum += values[i];
  const group_sum group = sum_of_group(sum, shared);
  if (get_local_id(1) == 0) sums[get_global_id(0)] = group.all;
}

#define RUN 8  // numbers side by side that a work-item of primitives__shared_scan adds up

kernel void primitives__shared_scan(global uint* restrict values, global const uint* restrict sums,
                                    const ulong count, const ulong part,
                                    local uint* restrict shared) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  uint earlier = 0;
  for (size_t k = get_local_id(1); k < get_global_id(0); k += get_local_size(1)) earlier += sums[k];
  uint before = sum_of_group(earlier, shared).all;
  for (size_t chunk = begin; chunk < end; chunk += RUN * get_local_size(1)) {
    const size_t first = chunk + RUN * get_local_id(1);
    uint run[RUN], sum = 0;
    for (size_t k = 0; k < RUN; ++k) {
      run[k] = first + k < end ? values[first + k] : 0;
      sum += run[k];
    }
    const group_sum group = sum_of_group(sum, shared);
    sum = before + group.before;
    for (size_t k = 0; k < RUN; ++k) {
      if (first + k < end) values[first + k] = sum;
      sum += run[k];
    }
    before += group.all;
  }
}

// The greatest of every VEC numbers from `first` on, which are `step` apart.
uint greatest_of(global const uint* values, const size_t first, const size_t step,
                 const size_t end) {
  VECTOR(uint) most = 0;
  size_t i = first;
  for (; i + VEC <= end; i += step) most = max(most, LOAD_ALIGNED(uint, values + i));
  for (; i < end; ++i) most = max(most, values[i]);
  uint lane[VEC];
  STORE(most, lane);
  for (int k = 1; k < VEC; ++k) lane[0] = max(lane[0], lane[k]);
  return lane[0];
}

kernel void primitives__greatest(global const uint* restrict values, global uint* restrict greatest,
                                 const ulong count, const ulong part) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  if (begin < count) greatest[get_global_id(0)] = greatest_of(values, begin, VEC, end);
}

kernel void primitives__shared_greatest(global const uint* restrict values,
                                        global uint* restrict greatest, const ulong count,
                                        const ulong part, local uint* restrict shared) {
  const size_t begin = get_global_id(0) * part, end = min(count, begin + part);
  const size_t item = get_local_id(1), items = get_local_size(1);
  shared[item] = greatest_of(values, begin + item * VEC, items * VEC, end);
  for (size_t left = items, next; left > 1; left = next) {
    next = (left + 1) / 2;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item + next < left) shared[item] = max(shared[item], shared[item + next]);
  }
  if (item == 0) greatest[get_global_id(0)] = shared[0];
}
