// SPDX-License-Identifier: BSD-3-Clause
// Networks from ONNX files: single operators, and small networks of every family, against what
// PyTorch and ONNX Runtime compute (tests/golden/nn/versions.txt); and what networks refuse.
#include "gpuimg/nn/network.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "gpuimg/io/npy.hpp"
#include "gpuimg/io/onnx.hpp"
#include "gpuimg/io/safetensors.hpp"
#include "gpuimg/nn/sliding_window.hpp"
#include "gpuimg/nn/summary.hpp"
#include "support/devices.hpp"
#include "support/files.hpp"

namespace nn = gpuimg::nn;

namespace {

const std::string folder = std::string(GPUIMG_TEST_SOURCE_DIR) + "/golden/nn/";

/// The root of the mean squared difference, in standard deviations of what is wanted; infinite
/// where shapes differ, or where something is no number that should be one.
double distance(const nn::host_tensor& found, const nn::host_tensor& wanted) {
  constexpr double far = INFINITY;
  // Their files have one axis where a tensor has none.
  const bool is_number = found.shape().rank() == 0 && wanted.shape() == nn::tensor_shape{1};
  if (found.shape() != wanted.shape() && !is_number) return far;
  const auto a = found.values<float>(), b = wanted.values<float>();
  double sum = 0, squares = 0, differences = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) != std::isnan(b[i]) || std::isinf(a[i]) != std::isinf(b[i])) return far;
    if (!std::isfinite(b[i])) continue;
    sum += static_cast<double>(b[i]);
    squares += static_cast<double>(b[i]) * static_cast<double>(b[i]);
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    differences += d * d;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(a.size(), 1));
  const double variance = squares / n - sum / n * (sum / n);
  return std::sqrt(differences / n / (variance > 1e-20 ? variance : 1));
}

nn::host_tensor named(const gpuimg::io::safetensors& file, const std::string& first,
                      const std::string& otherwise) {
  const auto found = file.tensors.find(first);
  return found != file.tensors.end() ? found->second : file.tensors.at(otherwise);
}

/// The results of a network for inputs on a device.
std::vector<nn::host_tensor> run(const nn::network& network, const gpuimg::device& device,
                                 const std::vector<nn::host_tensor>& inputs,
                                 const nn::prepare_options& options = {}) {
  std::vector<nn::tensor> pushed;
  std::vector<nn::tensor_shape> shapes;
  for (const auto& input : inputs) {
    pushed.push_back(nn::push(device, input));
    shapes.push_back(input.shape());
  }
  std::vector<nn::host_tensor> results;
  for (const auto& result : network.prepare(device, shapes, options)(pushed))
    results.push_back(nn::pull(result));
  return results;
}

/// A network whose ONNX file is a tensor of bytes, by way of a file.
nn::network read_network(const nn::host_tensor& bytes, const std::string& path) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.bytes().data()),
             static_cast<std::streamsize>(bytes.bytes().size()));
  return nn::network(gpuimg::io::read_onnx(path));
}

nlohmann::json read_json(const std::string& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file);
}

// Whole numbers at run time, results that do not depend on the input, operators and operator sets
// beyond what networks of images use: these are refused.
const std::set<std::string> refused{"shape",
                                    "shape_part",
                                    "range",
                                    "constant_of_shape",
                                    "cast_to_integer",
                                    "cast_to_bool",
                                    "selu",
                                    "celu",
                                    "softsign",
                                    "thresholded_relu",
                                    "clip",
                                    "round_half_to_even",
                                    "sign",
                                    "sin",
                                    "cos",
                                    "where",
                                    "group_opset_21",
                                    "group_3d_opset_21",
                                    "group_opset_18_scales_groups",
                                    "ReduceLogSumExp_space",
                                    "ReduceLogSumExp_channels_opset_18",
                                    "tf_crop_and_resize",
                                    "tf_crop_and_resize_beyond",
                                    "gather_elements",
                                    "cumulative_sum",
                                    "weights_among_inputs"};

}  // namespace

TEST_CASE("network: single operators compute what PyTorch computes", "[nn][slow]") {
  const test::temporary_folder work;
  for (const std::string family : {"convolution", "pooling", "pointwise", "normalization",
                                   "reduction", "resize", "shaping", "graph"}) {
    const auto file = gpuimg::io::read_safetensors(folder + "layers/" + family + ".safetensors");
    const auto cases = read_json(folder + "layers/" + family + ".json")["cases"];
    for (const auto& entry : cases) {
      const std::string name = entry["name"];
      if (name == "div_integers_truncates") continue;  // networks compute with fractions
      INFO(family << "/" << name << ": " << std::string(entry["operator"]));
      std::string refusal;
      try {
        const nn::network network =
            read_network(file.tensors.at(name + "/model"), (work.path() / "case.onnx").string());
        std::vector<nn::host_tensor> inputs;
        for (const auto& input : network.description().inputs)
          inputs.push_back(named(file, name + "/" + input.name, name + "/input"));
        for (const auto& device : test::devices()) {
          INFO("on " << device.name());
          const auto results = run(network, device, inputs);
          for (std::size_t i = 0; i < results.size(); ++i) {
            const auto wanted =
                named(file, name + "/" + network.description().outputs[i].name, name + "/output");
            CHECK(distance(results[i], wanted) <= 1e-5);
          }
        }
      } catch (const gpuimg::error& e) {
        refusal = e.what();
      }
      CHECK((refusal != "") == (refused.count(name) != 0));
    }
  }
}

TEST_CASE("network: small networks of every family compute what PyTorch computes", "[nn][slow]") {
  const auto networks = read_json(folder + "networks/networks.json")["networks"];
  for (const auto& entry : networks) {
    const std::string name = entry["name"];
    INFO(name);
    const auto tensor = [&](const std::string& what) {
      return gpuimg::io::read_npy(folder + "networks/" + name + what + ".npy");
    };
    const nn::network network(gpuimg::io::read_onnx(folder + "networks/" + name + ".onnx"));
    const nn::host_tensor input = tensor("_input"), wanted = tensor("_output");
    CHECK(nn::summary_of(network.steps(input.shape())).flops ==
          entry["flops"].get<std::uint64_t>());
    for (const auto& device : test::devices()) {
      INFO("on " << device.name());
      CHECK(distance(run(network, device, {input}).front(), wanted) <= 1e-5);
      if (device.is_reference()) continue;
      if (name == "unet_resnet_scse")
        CHECK(distance(run(network, device, {input}, {.accurate = true}).front(), wanted) <= 1e-5);
      CHECK(distance(run(network, device, {input}, {.storage = nn::element::f16}).front(),
                     wanted) <= 5e-3);
    }
  }
}

TEST_CASE("predict: volumes and images come out as nnU-Net stitches them", "[nn]") {
  const auto file = gpuimg::io::read_safetensors(folder + "sliding_window.safetensors");
  const test::temporary_folder work;
  const auto cases = read_json(folder + "sliding_window.json")["cases"];
  for (const auto& c : cases) {
    if (c["by"] != "nnunet") continue;
    const std::string name = c["name"];
    const nn::network network =
        read_network(file.tensors.at(name + "/model"), (work.path() / "net.onnx").string());
    const auto tile = c["tile"].get<std::vector<std::int64_t>>();
    std::vector<std::int64_t> window{1, 1};
    window.insert(window.end(), tile.begin(), tile.end());
    nn::window_options options{.step = c["step"].get<double>()};
    if (!c["gaussian"].get<bool>()) options.weights = nn::importance::constant;
    for (const std::size_t axis : c["mirror"].get<std::vector<std::size_t>>())
      options.mirror[tile.size() - 1 - axis] = true;
    const auto volume = [&](const std::string& what) {
      const auto& tensor = file.tensors.at(name + what);
      std::vector<std::int64_t> sizes{1};
      sizes.insert(sizes.end(), tensor.shape().sizes().begin(), tensor.shape().sizes().end());
      return nn::host_tensor(nn::tensor_shape(std::move(sizes)), tensor.as<float>());
    };
    for (const auto& device : test::devices()) {
      INFO(name << " on " << device.name());
      const auto net = network.prepare(device, nn::tensor_shape(window));
      const auto found = nn::pull(nn::predict(net, nn::push(device, volume("/input")), options));
      const auto wanted = volume("/output");
      REQUIRE(found.shape() == wanted.shape());
      double most = 0;
      for (std::size_t i = 0; i < found.as<float>().size(); ++i)
        most = std::max(most, std::fabs(static_cast<double>(found.as<float>()[i]) -
                                        static_cast<double>(wanted.as<float>()[i])));
      CHECK(most <= 1e-6);
    }
  }
}

TEST_CASE("network: what it does not support is named, all of it", "[nn]") {
  nn::graph graph;
  graph.inputs = {{"x", nn::element::f32, {1, 1, 4, 4}}};
  graph.outputs = {{"y", nn::element::f32, {}}};
  graph.nodes = {{"Whirl", "", {"x"}, {"a"}, {}},
                 {"lab::Twist", "", {"a"}, {"b"}, {}},
                 {"Whirl", "", {"b"}, {"y"}, {}}};
  CHECK_THROWS_MATCHES(
      nn::network(graph), gpuimg::argument_error,
      Catch::Message("the network has operators that are not supported: Whirl (2), "
                     "lab::Twist (1)"));
  graph.nodes = {{"Relu", "a", {"y"}, {"z"}, {}}, {"Relu", "b", {"z"}, {"y"}, {}}};
  CHECK_THROWS_MATCHES(nn::network(graph), gpuimg::argument_error,
                       Catch::Message("Relu (a): reads what no operator makes, or what depends on "
                                      "its own result"));
  graph.nodes = {{"Relu", "a", {"x"}, {"y"}, {}}};
  const nn::network network(graph);
  CHECK_THROWS_MATCHES(network.steps({1, 2, 4, 4}), gpuimg::argument_error,
                       Catch::Message("the network takes x of 1x1x4x4, got 1x2x4x4"));
}

TEST_CASE("network: attributes that cannot be meant are refused", "[nn]") {
  const auto refusal_of = [](const std::string& op,
                             std::map<std::string, nn::attribute> attributes) {
    nn::graph graph;
    graph.opset = 10;
    graph.inputs = {{"x", nn::element::f32, {1, 1, 4, 4}}};
    graph.outputs = {{"y", nn::element::f32, {}}};
    graph.constants["w"] = nn::host_tensor(nn::element::f32, {1, 1, 3, 3});
    graph.constants["none"] = nn::host_tensor(nn::element::f32, {0, 1, 3, 3});
    graph.nodes = {{op, "n", {"x"}, {"y"}, std::move(attributes)}};
    if (op.starts_with("Conv")) graph.nodes[0].inputs.push_back("w");
    if (op == "ConvEmpty") graph.nodes = {{"Conv", "n", {"x", "none"}, {"y"}, {}}};
    try {
      (void)nn::network(graph).steps({1, 1, 4, 4});
    } catch (const gpuimg::argument_error& e) {
      return std::string(e.what());
    }
    return std::string("none");
  };
  using integers = std::vector<std::int64_t>;
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  CHECK(refusal_of("Conv", {{"kernel_shape", integers{huge, huge}}}) ==
        "Conv (n): kernel_shape is not that of the weights, 1x1x3x3");
  CHECK(refusal_of("Conv", {{"strides", integers{huge, 1}}}) ==
        "Conv (n): kernel_shape, strides and dilations must be from 1 to 2^20");
  CHECK(refusal_of("MaxPool", {{"kernel_shape", integers{0, 2}}}) ==
        "MaxPool (n): kernel_shape, strides and dilations must be from 1 to 2^20");
  CHECK(refusal_of("MaxPool", {{"kernel_shape", integers{1 << 20, 1 << 20}}}) ==
        "MaxPool (n): kernel_shape must have at most 2^24 pixels");
  CHECK(refusal_of("MaxPool",
                   {{"kernel_shape", integers{2, 2}}, {"pads", integers{0, 0, huge, 0}}}) ==
        "MaxPool (n): pads must be from -2^24 to 2^24");
  CHECK(refusal_of("Pad", {{"pads", integers{0, 0, huge, huge, 0, 0, huge, huge}}}) ==
        "Pad (n): pads do not fit 1x1x4x4");
  CHECK(refusal_of("Conv", {{"group", huge}}) ==
        "Conv (n): cannot divide 1 channels into 9223372036854775807 groups");
  CHECK(refusal_of("ConvTranspose", {{"output_padding", integers{-huge, 0}}}) ==
        "ConvTranspose (n): output_padding and output_shape must be from 0 to 2^24");
  CHECK(refusal_of("ConvEmpty", {}) == "Conv (n): weights of shape 0x1x3x3 have no numbers");
  CHECK(refusal_of("DepthToSpace", {{"blocksize", huge}}) ==
        "DepthToSpace (n): takes tensors with 4 axes and a blocksize from 1 to 1024");
  CHECK(refusal_of("Relu", {{"alpha", std::string("much")}}) ==
        "Relu (n): the attribute alpha must be a number");
}

TEST_CASE("network: memory is known before, kept to, and refused", "[nn]") {
  nn::graph graph;
  graph.inputs = {{"x", nn::element::f32, {1, 1, -1, -1}}};
  graph.outputs = {{"y", nn::element::f32, {}}};
  graph.constants["w"] = nn::host_tensor(nn::element::f32, {16, 1, 3, 3});
  graph.constants["v"] = nn::host_tensor(nn::element::f32, {1, 16, 3, 3});
  const std::map<std::string, nn::attribute> same{{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}};
  graph.nodes = {{"Conv", "a", {"x", "w"}, {"many"}, same},
                 {"Sigmoid", "b", {"many"}, {"gate"}, {}},
                 {"Add", "c", {"many", "gate"}, {"sum"}, {}},
                 {"Conv", "d", {"sum", "v"}, {"y"}, same}};
  const nn::network network(graph);
  const nn::host_tensor input(nn::element::f32, {1, 1, 512, 256});
  for (const auto& shared : test::devices()) {
    INFO("on " << shared.name());
    const gpuimg::device device = test::another(shared);
    const auto& budget =
        device.is_reference() ? device.reference_side().budget() : device.opencl().budget();
    const auto before = budget.used();
    const nn::prepared_network ready = network.prepare(device, input.shape());
    (void)ready(nn::push(device, input));
    const auto peak = static_cast<double>(budget.peak() - before);
    CHECK(static_cast<double>(ready.memory().peak()) == Approx(peak).epsilon(0.05));
    CHECK(peak > 8e6);  // sixteen channels, once or twice
    device.limit_memory(1 << 20);
    CHECK_THROWS_AS(network.prepare(device, input.shape()), gpuimg::memory_error);
  }
}

TEST_CASE("network: where memory lacks, the largest input of these proportions that fits is named",
          "[nn]") {
  // Two levels: sizes must be even.
  nn::graph graph;
  graph.inputs = {{"x", nn::element::f32, {1, 1, -1, -1}}};
  graph.outputs = {{"y", nn::element::f32, {}}};
  graph.constants["w"] = nn::host_tensor(nn::element::f32, {16, 1, 3, 3});
  graph.constants["scales"] = {nn::tensor_shape{4}, std::vector<float>{1, 1, 2, 2}};
  using integers = std::vector<std::int64_t>;
  graph.nodes = {
      {"Conv", "a", {"x", "w"}, {"many"}, {{"pads", integers{1, 1, 1, 1}}}},
      {"MaxPool",
       "b",
       {"many"},
       {"half"},
       {{"kernel_shape", integers{2, 2}}, {"strides", integers{2, 2}}}},
      {"Resize", "c", {"half", "", "scales"}, {"again"}, {{"mode", std::string("nearest")}}},
      {"Concat", "d", {"many", "again"}, {"y"}, {{"axis", std::int64_t{1}}}}};
  const nn::network network(graph);
  for (const auto& shared : test::devices()) {
    INFO("on " << shared.name());
    const gpuimg::device device = test::another(shared);
    const auto reason = [&](const nn::tensor_shape& shape) {
      try {
        (void)network.prepare(device, shape);
      } catch (const gpuimg::memory_error& e) {
        return std::string(e.what());
      }
      return std::string("fits");
    };
    device.limit_memory(2 << 20);
    for (const std::int64_t wide : {256, 128}) {
      const std::string refusal = reason({1, 1, 256, wide});
      const auto comma = refusal.find("; 1x1x");
      REQUIRE(comma != std::string::npos);
      std::int64_t y = 0, x = 0;
      REQUIRE(std::sscanf(refusal.c_str() + comma, "; 1x1x%ldx%ld would fit", &y, &x) == 2);
      CHECK(y % 2 == 0);
      CHECK(std::abs(y * wide - 256 * x) <= 4 * wide);
      CHECK(reason({1, 1, y, x}) == "fits");
      CHECK(reason({1, 1, y + 2, x + 2}) != "fits");
    }
    device.limit_memory(100);
    CHECK_THAT(reason({1, 1, 256, 128}), Catch::EndsWith("; no smaller input would fit"));
  }
}

TEST_CASE("network: positions are exact where the rest is stored in 16 bits", "[nn]") {
  nn::graph graph;
  graph.inputs = {{"x", nn::element::f32, {1, 1, 5000}}};
  graph.outputs = {{"y", nn::element::f32, {}}};
  graph.constants["one"] = {nn::tensor_shape{1}, std::vector<float>{1}};
  graph.constants["axes"] = {nn::tensor_shape{1}, std::vector<std::int64_t>{0}};
  graph.nodes = {{"Relu", "", {"x"}, {"a"}, {}},
                 {"ArgMax", "", {"a"}, {"b"}, {{"axis", std::int64_t{2}}}},
                 {"Unsqueeze", "", {"b", "axes"}, {"c"}, {}},
                 {"Add", "", {"c", "one"}, {"y"}, {}}};
  const nn::network network(graph);
  std::vector<float> numbers(5000, 0);
  numbers[4097] = 1;
  const nn::host_tensor input(nn::tensor_shape{1, 1, 5000}, std::span<const float>(numbers));
  for (const auto& device : test::devices())
    CHECK(run(network, device, {input}, {.storage = nn::element::f16}).front().values<float>() ==
          std::vector<float>{4098});
}

TEST_CASE("network: constants that cannot be meant are refused", "[nn]") {
  const auto refusal_of = [](nn::graph_node node, const nn::host_tensor& constant) {
    nn::graph graph;
    graph.inputs = {{"x", nn::element::f32, {1, 4}}};
    graph.outputs = {{"y", nn::element::f32, {}}};
    graph.constants["c"] = constant;
    graph.nodes = {std::move(node), {"Add", "sum", {"x", "k"}, {"y"}, {}}};
    try {
      (void)nn::network(graph).steps({1, 4});
    } catch (const gpuimg::argument_error& e) {
      return std::string(e.what());
    }
    return std::string("none");
  };
  const nn::host_tensor two(nn::tensor_shape{2}, std::vector<float>{1, 2});
  const nn::host_tensor ones(nn::tensor_shape{1}, std::vector<std::int64_t>{4});
  CHECK(refusal_of({"ConstantOfShape", "n", {"c"}, {"k"}, {{"value", two}}}, ones) ==
        "ConstantOfShape (n): a constant of shape 2 has no shape 1");
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  CHECK(nn::slice_of(0, 9, huge, 4).count == 1);
  CHECK(nn::slice_of(0, 9, huge, 4).step == 1);
  CHECK(nn::slice_of(3, -9, -huge, 4).step == 1);
  const nn::host_tensor many(nn::tensor_shape{100}, std::vector<std::int64_t>(100, 1));
  CHECK(refusal_of({"ConstantOfShape", "n", {"c"}, {"k"}, {}}, many) ==
        "ConstantOfShape (n): a tensor may have 64 axes at most, got 100");
}
