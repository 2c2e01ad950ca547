// SPDX-License-Identifier: BSD-3-Clause
// Lists by label, of `count` entries: values that labels become, or how low pixels of a label may
// be. Labels beyond the end of the list become 0. A work-item takes VEC pixels, most often of one
// label.

uint value_of(global const uint* values, const uint label, const ulong count) {
  return label < count ? values[label] : 0;
}

kernel void replace_values(global const uint* restrict src, global const uint* restrict values,
                           global uint* restrict dst, const ulong pixels, const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i + VEC > pixels) {
    for (size_t k = i; k < pixels; ++k) dst[k] = value_of(values, src[k], count);
    return;
  }
  const VECTOR(uint) labels = LOAD_ALIGNED(uint, src + i);
  uint label[VEC];
  STORE(labels, label);
  if (ANY(labels != label[0]))
    for (int k = 0; k < VEC; ++k) label[k] = value_of(values, label[k], count);
  else
    STORE((VECTOR(uint))(value_of(values, label[0], count)), label);
  STORE_RESULT_ALIGNED(uint, LOAD(label), dst + i, pixels);
}

uint label_above(global const SRC_T* least, const uint label, const SRC_T pixel,
                 const ulong count) {
  return label < count && pixel >= least[label] ? label : 0;
}

kernel void replace_values__below(global const uint* restrict labels,
                                  global const SRC_T* restrict src,
                                  global const SRC_T* restrict least, global uint* restrict dst,
                                  const ulong pixels, const ulong count) {
  const size_t i = get_global_id(0) * VEC;
  if (i + VEC > pixels) {
    for (size_t k = i; k < pixels; ++k) dst[k] = label_above(least, labels[k], src[k], count);
    return;
  }
  const VECTOR(uint) all = LOAD_ALIGNED(uint, labels + i);
  VECTOR(uint) result = 0;
  uint label[VEC];
  STORE(all, label);
  if (ANY(all != label[0])) {
    SRC_T pixel[VEC];
    STORE(LOAD_ALIGNED(SRC_T, src + i), pixel);
    for (int k = 0; k < VEC; ++k) label[k] = label_above(least, label[k], pixel[k], count);
    result = LOAD(label);
  } else if (label[0] != 0 && label[0] < count) {
    result = TO_VECTOR(int, LOAD_ALIGNED(SRC_T, src + i) >= least[label[0]]) ? all : result;
  }
  STORE_RESULT_ALIGNED(uint, result, dst + i, pixels);
}
