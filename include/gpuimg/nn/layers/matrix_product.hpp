// SPDX-License-Identifier: BSD-3-Clause
// Products of matrices.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gpuimg/kernels/nn/matrix_product.cl.hpp"
#include "gpuimg/nn/columns.hpp"
#include "gpuimg/nn/preparing.hpp"
#include "gpuimg/nn/shapes.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

struct matrix_product_parameters {
  /// Whether the last two axes of an operand change places; of operands with two axes or more.
  bool transposes_a = false, transposes_b = false;
  float alpha = 1, beta = 1;
  /// A constant second operand; without it, it is the second source.
  std::optional<host_tensor> b{};
  /// A constant that is added, times beta, with up to two axes.
  std::optional<host_tensor> c{};
  /// Whether a last source is added, times beta.
  bool adds_source = false;
};

/// alpha a b + beta c over the last two axes, as ONNX's MatMul and Gemm have it: axes before those
/// are repeated as numpy repeats them; an operand with one axis is a row, or as b a column, and the
/// result lacks that axis.
class matrix_product final : public layer {
 public:
  explicit matrix_product(matrix_product_parameters p) : parameters_(std::move(p)) {
    if (parameters_.c && parameters_.adds_source)
      throw argument_error("matrix product: adds a constant or a source, not both");
  }

  [[nodiscard]] const matrix_product_parameters& get() const { return parameters_; }
  [[nodiscard]] std::string describe() const override {
    return "matrix product" +
           (parameters_.b ? " with a constant of shape " + to_string(parameters_.b->shape()) : "");
  }
  [[nodiscard]] tensor_shape result(std::span<const tensor_shape> src) const override {
    return sizes_for(src).result;
  }
  [[nodiscard]] std::uint64_t parameters() const override {
    std::int64_t count = 0;
    for (const auto* one : {&parameters_.b, &parameters_.c})
      if (*one) count += (*one)->shape().elements();
    return static_cast<std::uint64_t>(count);
  }
  [[nodiscard]] std::uint64_t flops(std::span<const tensor_shape> src) const override {
    const sizes s = sizes_for(src);
    return 2 * static_cast<std::uint64_t>(s.batch() * s.rows * s.columns * s.depth);
  }
  void run(host_view<float> dst, std::span<const host_view<const float>> src) const override;
  [[nodiscard]] prepared_layer prepare(const opencl::device& device, const tensor_info& dst,
                                       std::span<const tensor_info> src) const override;

 private:
  // Rows and columns of matrices, and how far apart their numbers lie.
  struct sizes {
    std::int64_t rows, columns, depth;
    std::int64_t a_row, a_depth, b_depth, b_column;
    std::int64_t c_row = 0, c_column = 0;
    std::vector<std::int64_t> offsets;  // where matrices of a and of b begin, in turn
    tensor_shape result;
    [[nodiscard]] std::int64_t batch() const {
      return static_cast<std::int64_t>(offsets.size() / 2);
    }
  };
  [[nodiscard]] sizes sizes_for(std::span<const tensor_shape> src) const;

  matrix_product_parameters parameters_;
};

inline matrix_product::sizes matrix_product::sizes_for(std::span<const tensor_shape> src) const {
  const auto& p = parameters_;
  const auto fail = [&](const std::string& wants) {
    std::string given;
    for (const tensor_shape& shape : src) given += (given.empty() ? "" : ", ") + to_string(shape);
    throw argument_error(describe() + ": " + wants + ", got " + given);
  };
  const std::size_t needed = 1 + (p.b ? 0 : 1) + (p.adds_source ? 1 : 0);
  if (src.size() != needed) fail("takes " + std::to_string(needed) + " tensors");
  const tensor_shape &a = src[0], &b = p.b ? p.b->shape() : src[1];
  if (a.rank() == 0 || b.rank() == 0) fail("takes tensors with axes");

  // The sizes of matrices; those of the axes before them.
  const auto last = [](const tensor_shape& shape, std::size_t back) {
    return shape[shape.rank() - back];
  };
  const auto before = [](const tensor_shape& shape) {
    const std::size_t count = shape.rank() < 2 ? 0 : shape.rank() - 2;
    return tensor_shape(std::vector<std::int64_t>(
        shape.sizes().begin(), shape.sizes().begin() + static_cast<std::ptrdiff_t>(count)));
  };
  sizes s{};
  const bool a_is_row = a.rank() == 1, b_is_column = b.rank() == 1;
  const bool turns_a = p.transposes_a && !a_is_row, turns_b = p.transposes_b && !b_is_column;
  const std::int64_t a_width = last(a, 1), b_width = b_is_column ? 1 : last(b, 1);
  s.rows = a_is_row ? 1 : turns_a ? a_width : last(a, 2);
  s.depth = turns_a ? last(a, 2) : a_width;
  const std::int64_t b_height = b_is_column ? b[0] : last(b, 2);
  s.columns = turns_b ? b_height : b_width;
  if ((turns_b ? b_width : b_height) != s.depth)
    fail("needs as many rows as columns to multiply, has " + to_string(a) + " and " + to_string(b));
  s.a_row = turns_a ? 1 : a_width;
  s.a_depth = turns_a ? a_width : 1;
  s.b_depth = turns_b ? 1 : b_width;
  s.b_column = turns_b ? b_width : 1;

  const tensor_shape batch_a = before(a), batch_b = before(b), batch = broadcast(batch_a, batch_b);
  const auto offset = [&](const tensor_shape& of, std::int64_t i, std::int64_t matrix) {
    std::int64_t at = 0, step = matrix;
    for (std::size_t back = 1; back <= batch.rank(); ++back) {
      const std::int64_t index = i % last(batch, back);
      i /= last(batch, back);
      if (back > of.rank()) continue;
      if (last(of, back) != 1) at += index * step;
      step *= last(of, back);
    }
    return at;
  };
  if (batch.elements() > 1 << 24) fail("multiplies up to 2^24 matrices");
  for (std::int64_t i = 0; i < batch.elements(); ++i) {
    s.offsets.push_back(offset(batch_a, i, s.rows * s.depth));
    s.offsets.push_back(offset(batch_b, i, s.depth * s.columns));
  }
  std::vector<std::int64_t> all(batch.sizes().begin(), batch.sizes().end());
  if (!a_is_row) all.push_back(s.rows);
  if (!b_is_column) all.push_back(s.columns);
  s.result = tensor_shape(std::move(all));

  if (p.c || p.adds_source) {
    const tensor_shape& c = p.c ? p.c->shape() : src.back();
    const std::int64_t width = c.rank() < 1 ? 1 : last(c, 1);
    const std::int64_t height = c.rank() < 2 ? 1 : last(c, 2);
    if (c.rank() > 2 || (width != 1 && width != s.columns) || (height != 1 && height != s.rows))
      fail("cannot add " + to_string(c) + " to " + to_string(s.result));
    s.c_column = width == 1 ? 0 : 1;
    s.c_row = height == 1 ? 0 : width;
  }
  return s;
}

/// Sums are taken in double.
inline void matrix_product::run(host_view<float> dst,
                                std::span<const host_view<const float>> src) const {
  const auto& p = parameters_;
  std::vector<tensor_shape> shapes;
  for (const auto& one : src) shapes.push_back(one.shape);
  const sizes s = sizes_for(shapes);
  const auto numbers = [](const std::optional<host_tensor>& t) {
    return t ? t->values<float>() : std::vector<float>{};
  };
  const std::vector<float> own_b = numbers(p.b), own_c = numbers(p.c);
  const float* a = src[0].data;
  const float* b = p.b ? own_b.data() : src[1].data;
  const float* c = p.c ? own_c.data() : p.adds_source ? src.back().data : nullptr;
  float* to = dst.data;
  for (std::size_t matrix = 0; matrix < s.offsets.size(); matrix += 2)
    for (std::int64_t i = 0; i < s.rows; ++i)
      for (std::int64_t j = 0; j < s.columns; ++j) {
        const std::int64_t row = s.offsets[matrix] + i * s.a_row;
        const std::int64_t column = s.offsets[matrix + 1] + j * s.b_column;
        double sum = 0;
        for (std::int64_t k = 0; k < s.depth; ++k)
          sum += static_cast<double>(a[row + k * s.a_depth]) *
                 static_cast<double>(b[column + k * s.b_depth]);
        sum *= static_cast<double>(p.alpha);
        if (c != nullptr)
          sum += static_cast<double>(p.beta) * static_cast<double>(c[i * s.c_row + j * s.c_column]);
        *to++ = static_cast<float>(sum);
      }
}

inline prepared_layer matrix_product::prepare(const opencl::device& device, const tensor_info& dst,
                                              std::span<const tensor_info> src) const {
  const auto& p = parameters_;
  std::vector<tensor_shape> shapes;
  for (const tensor_info& one : src) shapes.push_back(one.shape);
  sizes s = sizes_for(shapes);
  prepared_layer made;
  std::shared_ptr<const opencl::buffer> b, c;
  if (p.b) {  // so that columns are neighbours
    const std::vector<float> values = p.b->values<float>();
    std::vector<float> packed;
    const std::int64_t matrix = s.depth * s.columns;
    for (std::int64_t i = 0; i < p.b->shape().elements(); ++i) {
      const std::int64_t k = i % matrix / s.columns, j = i % s.columns;
      packed.push_back(
          values[static_cast<std::size_t>(i / matrix * matrix + k * s.b_depth + j * s.b_column)]);
    }
    s.b_depth = s.columns;
    s.b_column = 1;
    b = detail::on_device(device, packed);
    made.weight_bytes += packed.size() * sizeof(float);
  }
  if (p.c) {
    c = detail::on_device(device, p.c->values<float>());
    made.weight_bytes += static_cast<std::uint64_t>(p.c->shape().elements()) * sizeof(float);
  }
  std::vector<detail::column_run> runs{{1, 0, s.columns}};
  if (s.b_column == 1) runs = detail::column_runs(device, s.columns);
  const std::int64_t rows = s.rows >= 8 ? 8 : s.rows >= 4 ? 4 : 1;
  struct step {
    detail::column_run run;
    opencl::defines macros;
  };
  std::vector<step> steps;
  for (const auto& run : runs) {
    step one{run, detail::macros_of(dst, src[0], run.width)};
    one.macros.add("ROWS", static_cast<std::uint64_t>(rows));
    if (p.b) one.macros.add("B_FLOAT");
    if (p.c) one.macros.add("C_FLOAT");
    if (p.c || p.adds_source) one.macros.add("HAS_C");
    steps.push_back(std::move(one));
  }
  made.enqueue = [=, alpha = p.alpha, beta = p.beta,
                  offsets = detail::on_device(device, s.offsets)](
                     const device_tensor& to, std::span<const device_tensor> from, cl_mem) {
    const auto number = [](std::int64_t n) { return static_cast<cl_long>(n); };
    const opencl::argument second = b != nullptr ? opencl::argument(*b) : from[1];
    const opencl::argument added = c != nullptr ? opencl::argument(*c) : from.back();
    for (const step& one : steps)
      device.launch(
          kernels::matrix_product, "matrix_product", one.macros,
          detail::wide_grid(one.run.items, (s.rows + rows - 1) / rows, s.batch(), rows * s.depth),
          {from[0], second, added, to, *offsets, number(s.rows), number(s.columns), number(s.depth),
           number(s.a_row), number(s.a_depth), number(s.b_depth), number(s.b_column),
           number(s.c_row), number(s.c_column), number(one.run.first), number(one.run.items),
           number(s.batch()), alpha, beta});
  };
  return made;
}

}  // namespace gpuimg::nn
