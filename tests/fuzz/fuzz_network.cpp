// SPDX-License-Identifier: BSD-3-Clause
// Networks whose files can be read but mean something odd: other attributes, shapes, numbers,
// operators and edges. They are made ready and run on the reference.
#define GPUIMG_FUZZ_OPTIONS "max_allocation_size_mb=512"  // tables for axes of 2^24
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include "fuzz/driver.hpp"
#include "gpuimg/io/onnx.hpp"
#include "gpuimg/io/safetensors.hpp"
#include "gpuimg/nn/layers/pooling.hpp"
#include "gpuimg/nn/network.hpp"
#include "gpuimg/nn/summary.hpp"

namespace nn = gpuimg::nn;

namespace {

/// Changes one thing about the graph of an ONNX file.
class graph_damager final : public fuzz::damager {
 public:
  using damager::damager;

  /// ONNX files, and tensors of .safetensors files that hold such.
  bool add_file(const std::string& path) override {
    if (!path.ends_with(".safetensors")) return damager::add_file(path);
    for (const auto& [name, tensor] : gpuimg::io::read_safetensors(path).tensors)
      if (name.ends_with("/model")) {
        const auto bytes = tensor.as<char>();
        add_good({bytes.begin(), bytes.end()});
      }
    return true;
  }

 private:
  void change(std::string& bytes) override {
    onnx::ModelProto model, other;
    model.ParsePartialFromString(bytes);
    other.ParsePartialFromString(any_file());
    if (model.graph().node_size() == 0) return;
    change(model, other);
    if (model.ByteSizeLong() < longest) model.SerializePartialToString(&bytes);
  }

  void change(onnx::ModelProto& model, const onnx::ModelProto& other) {
    onnx::GraphProto& graph = *model.mutable_graph();
    onnx::NodeProto& node = *any(graph.mutable_node());
    switch (below(16)) {
      case 0:
      case 1:
      case 2:
        if (node.attribute_size() > 0) change(*any(node.mutable_attribute()));
        break;
      case 3:  // an attribute less
        if (node.attribute_size() > 0) remove(*node.mutable_attribute());
        break;
      case 4:  // an attribute of another operator
        if (other.graph().node_size() > 0)
          if (const auto& from = any(other.graph().node()); from.attribute_size() > 0)
            *node.add_attribute() = any(from.attribute());
        break;
      case 5:  // another operator
        if (other.graph().node_size() > 0) {
          const auto& from = any(other.graph().node());
          node.set_op_type(from.op_type());
          if (below(2) == 0) *node.mutable_attribute() = from.attribute();
        }
        break;
      case 6:  // other inputs
      case 7:
        change_inputs(graph, node);
        break;
      case 8:  // a result more, or another result of the network
        if (below(2) == 0 || graph.output_size() == 0)
          node.add_output(new_name());
        else
          any(graph.mutable_output())->set_name(any_name(graph));
        break;
      case 9:  // an operator less; who reads it reads what it read
        remove(graph, below(graph.node_size()));
        break;
      case 10:  // an operator more, between two
        if (other.graph().node_size() > 0) insert(graph, node, any(other.graph().node()));
        break;
      case 11:  // a constant of another shape
      case 12:
        if (graph.initializer_size() > 0) change_shape(*any(graph.mutable_initializer()));
        break;
      case 13:  // other numbers
        if (graph.initializer_size() > 0) change_numbers(*any(graph.mutable_initializer()));
        break;
      case 14:  // an input of another shape
        if (graph.input_size() > 0) change_shape(*any(graph.mutable_input()));
        break;
      default:
        if (model.opset_import_size() > 0)
          model.mutable_opset_import(0)->set_version(9 + below(12));
        break;
    }
  }

  // ---- what a field holds

  template <class T>
  using fields = google::protobuf::RepeatedPtrField<T>;

  int below(int end) { return static_cast<int>(damager::below(static_cast<std::size_t>(end))); }
  template <class T>
  T* any(fields<T>* of) {
    return of->Mutable(below(of->size()));
  }
  template <class T>
  const T& any(const fields<T>& of) {
    return of.Get(below(of.size()));
  }
  template <class T>
  void remove(fields<T>& from) {
    from.DeleteSubrange(below(from.size()), 1);
  }
  /// Small as a rule.
  std::int64_t whole() {
    return below(4) == 0 ? static_cast<std::int64_t>(number()) : below(12) - 3;
  }
  float fraction() {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    static constexpr std::array<float, 10> odd{0,      -1,      0.5f,     3,         1e30f,
                                               1e-30f, 0x1p24f, infinity, -infinity, NAN};
    return odd[damager::below(odd.size())];
  }
  std::string word() {
    static constexpr std::array<const char*, 24> all{"NOTSET",
                                                     "SAME_UPPER",
                                                     "SAME_LOWER",
                                                     "VALID",
                                                     "nearest",
                                                     "linear",
                                                     "cubic",
                                                     "half_pixel",
                                                     "half_pixel_symmetric",
                                                     "pytorch_half_pixel",
                                                     "align_corners",
                                                     "asymmetric",
                                                     "floor",
                                                     "ceil",
                                                     "round_prefer_ceil",
                                                     "not_larger",
                                                     "not_smaller",
                                                     "constant",
                                                     "reflect",
                                                     "edge",
                                                     "wrap",
                                                     "CRD",
                                                     "tanh",
                                                     ""};
    return all[damager::below(all.size())];
  }
  std::string new_name() { return "new " + std::to_string(below(1 << 30)); }
  std::string any_name(const onnx::GraphProto& graph) {
    if (below(3) == 0 && graph.initializer_size() > 0) return any(graph.initializer()).name();
    if (below(4) == 0 && graph.input_size() > 0) return any(graph.input()).name();
    const auto& from = any(graph.node());
    return from.output_size() == 0 || below(20) == 0 ? std::string{} : any(from.output());
  }

  // ---- changes

  void change(onnx::AttributeProto& attribute) {
    switch (attribute.type()) {
      case onnx::AttributeProto::INT:
        attribute.set_i(whole());
        break;
      case onnx::AttributeProto::FLOAT:
        attribute.set_f(fraction());
        break;
      case onnx::AttributeProto::STRING:
        attribute.set_s(word());
        break;
      case onnx::AttributeProto::TENSOR:
        if (below(2) == 0)
          change_shape(*attribute.mutable_t());
        else
          change_numbers(*attribute.mutable_t());
        break;
      case onnx::AttributeProto::INTS: {
        auto& all = *attribute.mutable_ints();
        if (below(4) == 0)
          all.Add(whole());
        else if (all.empty() || below(6) == 0)
          all.Clear();
        else
          all.Set(below(all.size()), whole());
        break;
      }
      default:
        break;
    }
  }

  void change_inputs(const onnx::GraphProto& graph, onnx::NodeProto& node) {
    if (node.input_size() == 0 || below(5) == 0)
      node.add_input(any_name(graph));
    else if (below(5) == 0)
      remove(*node.mutable_input());
    else if (below(5) == 0)
      node.mutable_input()->SwapElements(0, below(node.input_size()));
    else
      *any(node.mutable_input()) = any_name(graph);
  }

  void remove(onnx::GraphProto& graph, int number) {
    const onnx::NodeProto gone = graph.node(number);
    graph.mutable_node()->DeleteSubrange(number, 1);
    if (gone.input_size() == 0) return;
    for (auto& node : *graph.mutable_node())
      for (auto& input : *node.mutable_input())
        for (const auto& output : gone.output())
          if (input == output) input = gone.input(0);
    for (auto& value : *graph.mutable_output())
      if (gone.output_size() > 0 && value.name() == gone.output(0)) value.set_name(gone.input(0));
  }

  void insert(onnx::GraphProto& graph, onnx::NodeProto& before, const onnx::NodeProto& from) {
    onnx::NodeProto made = from;
    for (auto& input : *made.mutable_input()) input = any_name(graph);
    made.clear_output();
    made.add_output(new_name());
    if (before.input_size() > 0) {
      std::string& edge = *any(before.mutable_input());
      if (made.input_size() > 0) made.set_input(0, edge);
      edge = made.output(0);
    }
    *graph.add_node() = std::move(made);
  }

  void change_shape(onnx::TensorProto& tensor) {
    auto& sizes = *tensor.mutable_dims();
    if (below(5) == 0)
      sizes.Add(1 + below(3));
    else if (!sizes.empty() && below(5) == 0)
      sizes.RemoveLast();
    else if (!sizes.empty())
      sizes.Set(below(sizes.size()), below(10));
    std::size_t count = 1;
    for (const std::int64_t size : sizes) count *= static_cast<std::size_t>(size);
    if (count > 1u << 14) return;
    const bool is_wide = tensor.data_type() == onnx::TensorProto::INT64;
    fill(tensor, is_wide ? 8 : 4, count);
  }
  void fill(onnx::TensorProto& tensor, std::size_t size, std::size_t count) {
    if (!tensor.has_raw_data()) return;
    std::string& bytes = *tensor.mutable_raw_data();
    const std::string pattern = bytes.empty() ? std::string(size, '\0') : bytes;
    while (bytes.size() < size * count) bytes += pattern;
    bytes.resize(size * count);
  }
  void change_numbers(onnx::TensorProto& tensor) {
    if (!tensor.has_raw_data() || tensor.raw_data().size() < 8) return;
    std::string& bytes = *tensor.mutable_raw_data();
    if (tensor.data_type() == onnx::TensorProto::INT64) {
      const std::int64_t value = whole();
      std::memcpy(bytes.data() + damager::below(bytes.size() / 8) * 8, &value, sizeof value);
    } else {
      const float value = fraction();
      std::memcpy(bytes.data() + damager::below(bytes.size() / 4) * 4, &value, sizeof value);
    }
  }

  void change_shape(onnx::ValueInfoProto& input) {
    auto& sizes = *input.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim();
    if (sizes.empty() || below(8) == 0)
      sizes.Add()->set_dim_value(1);
    else if (below(8) == 0)
      sizes.RemoveLast();
    else
      any(&sizes)->set_dim_value(below(40));
  }
};

/// What the reference has to do, about.
double work_of(const nn::network_steps& steps) {
  double all = static_cast<double>(nn::summary_of(steps).flops);
  for (const nn::network_step& step : steps.steps) {
    const auto size = static_cast<double>(steps.tensors[step.dst].elements());
    const auto* pooling = dynamic_cast<const nn::pooling*>(step.what.get());
    all += pooling == nullptr ? size : size * static_cast<double>(pooling->get().window.taps());
  }
  return all;
}

void run_network(const std::string& path) {
  const gpuimg::device device = gpuimg::device::reference();
  device.limit_memory(std::uint64_t{32} << 20);
  const nn::network network(gpuimg::io::read_onnx(path));
  std::vector<nn::tensor_shape> shapes;
  for (const auto& input : network.description().inputs) {
    std::vector<std::int64_t> sizes;
    for (const std::int64_t size : input.sizes) sizes.push_back(size < 0 ? 8 : size);
    shapes.emplace_back(std::move(sizes));
    if (shapes.back().elements() > 1 << 16) return;
  }
  const nn::prepared_network ready = network.prepare(device, shapes);
  if (work_of(ready.steps()) > 3e6) return;
  std::vector<nn::tensor> inputs;
  for (const auto& shape : shapes) {
    std::vector<float> numbers(static_cast<std::size_t>(shape.elements()));
    for (std::size_t i = 0; i < numbers.size(); ++i)
      numbers[i] = static_cast<float>(i % 17) / 8 - 1;
    inputs.push_back(nn::push(device, {shape, std::span<const float>(numbers)}));
  }
  for (const auto& result : ready(inputs)) (void)nn::pull(result);
}

}  // namespace

int main(int argc, char** argv) {
  return fuzz::run<graph_damager>(argc, argv, "network.onnx", run_network);
}
