// SPDX-License-Identifier: BSD-3-Clause
// Products of matrices: dst = alpha a b + beta c, for each matrix of a batch.
//
//   ROWS             rows of the result per work-item
//   B_FLOAT, C_FLOAT  an operand is f32, however tensors are stored
//   HAS_C            something is added
//
// Steps count numbers. Columns of b that a work-item takes, BLOCK of them from `first` on, are
// neighbours where BLOCK is not 1. `offsets` holds where matrices of a and b begin, in turn. Axis
// 0: columns; axis 1: groups of rows; axis 2: the batch.

#ifndef ROWS
#define ROWS 4
#endif
#ifdef B_FLOAT
#define B_NUMBER float
#define TAKE_B(offset) FLOATS(b, offset)
#else
#define B_NUMBER SRC_NUMBER
#define TAKE_B(offset) TAKE(b, offset)
#endif
#ifdef C_FLOAT
#define C_NUMBER float
#define TAKE_C(offset) c[offset]
#else
#define C_NUMBER SRC_NUMBER
#define TAKE_C(offset) TAKE_ONE(c, offset)
#endif

kernel void matrix_product(global const SRC_NUMBER* a, global const B_NUMBER* b,
                           global const C_NUMBER* c, global DST_NUMBER* dst,
                           global const long* offsets, const long rows, const long columns,
                           const long depth, const long a_row, const long a_depth,
                           const long b_depth, const long b_column, const long c_row,
                           const long c_column, const long first, const long items,
                           const long batch, const float alpha, const float beta) {
  (void)c, (void)c_row, (void)c_column, (void)beta;  // where nothing is added
  const long row = (long)get_global_id(1) * ROWS, matrix = get_global_id(2);
  if ((long)get_global_id(0) >= items || row >= rows || matrix >= batch) return;
  const long column = first + (long)get_global_id(0) * BLOCK;
  a += offsets[2 * matrix];
  b += offsets[2 * matrix + 1] + column * b_column;
  global const SRC_NUMBER* from[ROWS];  // rows behind the last one are computed and not stored
  CHANNELS sum[ROWS];
  for (int r = 0; r < ROWS; ++r) {
    from[r] = a + min(row + r, rows - 1) * a_row;
    sum[r] = 0.0f;
  }
  for (long k = 0; k < depth; ++k) {
    const CHANNELS next = TAKE_B(k * b_depth);
    for (int r = 0; r < ROWS; ++r)
      sum[r] = fma((CHANNELS)TAKE_ONE(from[r], k * a_depth), next, sum[r]);
  }
  dst += matrix * rows * columns + column;
  for (int r = 0; r < ROWS; ++r) {
    if (row + r >= rows) return;
    CHANNELS result = alpha * sum[r];
#ifdef HAS_C
    float more[BLOCK];
    for (int i = 0; i < BLOCK; ++i) more[i] = TAKE_C((row + r) * c_row + (column + i) * c_column);
    result = fma((CHANNELS)beta, FLOATS(more, 0), result);
#endif
    GIVE(result, dst, (row + r) * columns);
  }
}
