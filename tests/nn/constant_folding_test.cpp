// SPDX-License-Identifier: BSD-3-Clause
// Operators on known tensors. Expected numbers are numpy's, whose functions the operators follow.
#include "gpuimg/nn/constant_folding.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <vector>

using namespace gpuimg::nn;

namespace {

using whole = std::vector<std::int64_t>;
using fractions = std::vector<float>;

host_tensor of(tensor_shape shape, const whole& values) {
  return {std::move(shape), std::span<const std::int64_t>(values)};
}
host_tensor of(tensor_shape shape, const fractions& values) {
  return {std::move(shape), std::span<const float>(values)};
}
host_tensor of(const whole& values) {
  return of({static_cast<std::int64_t>(values.size())}, values);
}

host_tensor fold(const char* op, const std::vector<host_tensor>& inputs,
                 std::map<std::string, attribute> attributes = {}, std::int64_t opset = 17) {
  const graph_node node{op, "n", {}, {"y"}, std::move(attributes)};
  known_inputs in;
  for (const auto& input : inputs) in.push_back(&input);
  return foldings().at(op).compute(node_reader(node, opset), in);
}

// 0, 1, 2 ... as numpy.arange(n).reshape(shape)
host_tensor counted(tensor_shape shape) {
  whole values;
  for (std::int64_t i = 0; i < shape.elements(); ++i) values.push_back(i);
  return of(std::move(shape), values);
}

whole values(const host_tensor& t) { return t.values<std::int64_t>(); }

}  // namespace

TEST_CASE("constants: arithmetic broadcasts, and stays whole where both are", "[nn]") {
  CHECK(values(fold("Add", {of({2, 1}, whole{10, 20}), of({1, 2, 3})})) ==
        whole{11, 12, 13, 21, 22, 23});
  CHECK(values(fold("Div", {of({7, -7}), of({2})})) == whole{3, -3});  // truncated, as ONNX says
  CHECK(fold("Div", {of({2}, fractions{7, -7}), of({2})}).values<float>() == fractions{3.5, -3.5});
  CHECK(values(fold("Mod", {of({7, -7, 7, -7}), of({3, 3, -3, -3})})) == whole{1, 2, -2, -1});
  CHECK(values(fold("Pow", {of({3, -2}), of({4, 3})})) == whole{81, -8});
  CHECK(values(fold("Max", {of({1, 5}), of({3, 3}), of({2, 9})})) == whole{3, 9});
  CHECK(fold("Equal", {of({1, 5}), of({1, 3})}).type() == element::boolean);
  CHECK(values(fold("Equal", {of({1, 5}), of({1, 3})})) == whole{1, 0});
  CHECK(values(fold("Neg", {of({1, -5})})) == whole{-1, 5});
  CHECK_THROWS_MATCHES(fold("Div", {of({1}), of({0})}), gpuimg::argument_error,
                       Catch::Message("a constant is divided by 0"));
  CHECK_THROWS_MATCHES(fold("Add", {of({1, 2}), of({1, 2, 3})}), gpuimg::argument_error,
                       Catch::Message("shapes 2 and 3 do not go together"));
}

TEST_CASE("constants: slices count from either end and in either direction", "[nn]") {
  const host_tensor a = counted({3, 4});
  const auto slice = [&](const whole& starts, const whole& ends, const whole& axes,
                         const whole& steps) {
    return fold("Slice", {a, of(starts), of(ends), of(axes), of(steps)});
  };
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  CHECK(values(slice({1}, {most}, {0}, {1})) == whole{4, 5, 6, 7, 8, 9, 10, 11});  // a[1:]
  CHECK(values(slice({-1}, {-most}, {1}, {-2})) == whole{3, 1, 7, 5, 11, 9});      // a[:, ::-2]
  CHECK(values(slice({0, -2}, {2, -1}, {0, 1}, {1, 1})) == whole{2, 6});           // a[0:2, -2:-1]
  CHECK(slice({2}, {1}, {1}, {1}).shape() == tensor_shape{3, 0});
  CHECK_THROWS_AS(slice({0}, {1}, {2}, {1}), gpuimg::argument_error);
  CHECK_THROWS_AS(slice({0}, {1}, {1}, {0}), gpuimg::argument_error);
  CHECK(values(fold("Slice", {a}, {{"starts", whole{1}}, {"ends", whole{2}}, {"axes", whole{1}}},
                    9)) == whole{1, 5, 9});
}

TEST_CASE("constants: what moves numbers about", "[nn]") {
  const host_tensor a = counted({2, 3});
  CHECK(values(fold("Transpose", {a})) == whole{0, 3, 1, 4, 2, 5});
  const host_tensor b = fold("Transpose", {counted({2, 1, 3})}, {{"perm", whole{2, 0, 1}}});
  CHECK(b.shape() == tensor_shape{3, 2, 1});
  CHECK(values(b) == whole{0, 3, 1, 4, 2, 5});
  CHECK(values(fold("Gather", {a, of({-1, 0})}, {{"axis", std::int64_t{1}}})) == whole{2, 0, 5, 3});
  CHECK(fold("Gather", {of({7, 8}), of(tensor_shape{}, whole{1})}).shape() == tensor_shape{});
  CHECK(values(fold("Concat", {a, counted({2, 1})}, {{"axis", std::int64_t{-1}}})) ==
        whole{0, 1, 2, 0, 3, 4, 5, 1});
  CHECK(fold("Reshape", {a, of({0, -1, 1})}).shape() == tensor_shape{2, 3, 1});
  CHECK(fold("Unsqueeze", {a, of({0, -1})}).shape() == tensor_shape{1, 2, 3, 1});
  CHECK(fold("Unsqueeze", {a}, {{"axes", whole{1}}}, 11).shape() == tensor_shape{2, 1, 3});
  CHECK(fold("Squeeze", {counted({1, 2, 1})}).shape() == tensor_shape{2});
  CHECK(values(fold("Expand", {of({2, 1}, whole{1, 2}), of({2, 2})})) == whole{1, 1, 2, 2});
  CHECK(values(fold("Range", {of({5}), of({0}), of({-2})})) == whole{5, 3, 1});
  CHECK(values(fold("Where", {of({1, 0}), of({1, 2}), of({8, 9})})) == whole{1, 9});
  CHECK(fold("ConstantOfShape", {of({2, 2})}).values<float>() == fractions{0, 0, 0, 0});
  CHECK(values(fold("ConstantOfShape", {of({2})}, {{"value", of({7})}})) == whole{7, 7});
  CHECK(values(fold("Cast", {of({3}, fractions{2.7f, -2.7f, 1e30f})}, {{"to", std::int64_t{7}}})) ==
        whole{2, -2, 0});
  CHECK_THROWS_MATCHES(fold("Reshape", {a, of({4, -1})}), gpuimg::argument_error,
                       Catch::Message("a tensor of shape 2x3 cannot be reshaped to [4,-1]"));
  CHECK_THROWS_AS(fold("Gather", {a, of({2})}), gpuimg::argument_error);
  CHECK_THROWS_AS(fold("ConstantOfShape", {of({1 << 20, 1 << 20})}), gpuimg::argument_error);
}

TEST_CASE("constants: reductions fold the axes they are told to", "[nn]") {
  const host_tensor a = counted({2, 3});
  CHECK(values(fold("ReduceProd", {of({2, 3, 4})}, {{"keepdims", std::int64_t{0}}})) == whole{24});
  CHECK(values(fold("ReduceSum", {a, of({0})})) == whole{3, 5, 7});
  CHECK(values(fold("ReduceMax", {a}, {{"axes", whole{-1}}})) == whole{2, 5});
  CHECK(fold("ReduceMax", {a}, {{"axes", whole{-1}}}).shape() == tensor_shape{2, 1});
}
