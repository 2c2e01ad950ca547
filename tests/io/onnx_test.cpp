// SPDX-License-Identifier: BSD-3-Clause
// io/onnx.hpp: files of other tools, every type of number, the graph's form, and damaged files.
#include "gpuimg/io/onnx.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "support/files.hpp"
#include "support/reasons.hpp"

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using gpuimg::io::read_onnx;
using gpuimg::nn::element;
using gpuimg::nn::graph;
using gpuimg::nn::graph_node;
using gpuimg::nn::host_tensor;
using gpuimg::nn::tensor_shape;

using names = std::vector<std::string>;
using numbers = std::vector<std::int64_t>;

std::string golden(const std::string& name) {
  return test::source_file("golden/nn/" + name + ".onnx");
}

std::string reason_of(const std::string& path) { return test::reason_of(read_onnx, path); }

/// A model that reads well: y = Relu(x), and a weight w that nothing uses.
onnx::ModelProto small_model() {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.set_name("small");
  for (auto* value : {graph.add_input(), graph.add_output()}) {
    value->set_name(value == &graph.input(0) ? "x" : "y");
    auto& type = *value->mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const int size : {1, 1, 8, 8}) type.mutable_shape()->add_dim()->set_dim_value(size);
  }
  onnx::NodeProto& node = *graph.add_node();
  node.set_op_type("Relu");
  node.add_input("x");
  node.add_output("y");
  onnx::TensorProto& weight = *graph.add_initializer();
  weight.set_name("w");
  weight.set_data_type(onnx::TensorProto::FLOAT);
  weight.add_dims(2);
  weight.add_dims(3);
  weight.set_raw_data(std::string(24, '\1'));
  return model;
}

using change = std::function<void(onnx::ModelProto&)>;

std::string written(const test::temporary_folder& folder, const change& change) {
  onnx::ModelProto model = small_model();
  change(model);
  const std::string bytes = model.SerializeAsString();
  test::write_bytes(folder.file("made.onnx"), {bytes.begin(), bytes.end()});
  return folder.file("made.onnx");
}

/// Why the small model is refused after a change.
std::string reason_after(const change& change) {
  const test::temporary_folder folder;
  return reason_of(written(folder, change));
}

onnx::NodeProto& add_node(onnx::ModelProto& model, const std::string& op, const names& inputs,
                          const names& outputs) {
  onnx::NodeProto& node = *model.mutable_graph()->add_node();
  node.set_op_type(op);
  for (const auto& name : inputs) node.add_input(name);
  for (const auto& name : outputs) node.add_output(name);
  return node;
}

template <class T>
T attribute(const graph_node& node, const std::string& name) {
  return std::get<T>(node.attributes.at(name));
}

/// What goes to standard error while this is there.
class printed {
 public:
  explicit printed(const std::string& path) : path_(path), before_(::dup(2)) {
    std::fflush(stderr);
    if (std::FILE* file = std::fopen(path.c_str(), "w")) {
      ::dup2(::fileno(file), 2);
      std::fclose(file);
    }
  }
  ~printed() {
    std::fflush(stderr);
    ::dup2(before_, 2);
    ::close(before_);
  }
  [[nodiscard]] std::string text() const {
    const std::vector<char> bytes = test::bytes_of(path_);
    return {bytes.begin(), bytes.end()};
  }

 private:
  std::string path_;
  int before_;
};

}  // namespace

TEST_CASE("read_onnx: all types are read, as raw bytes, as typed numbers and from another file",
          "[io]") {
  for (const char* name : {"types", "types_external"}) {
    INFO(name);
    const graph graph = read_onnx(golden(name));
    CHECK(graph.opset == 13);
    CHECK(graph.name == "types");
    CHECK(graph.constants.size() == 31);
    for (int i = 0; i <= static_cast<int>(element::boolean); ++i) {
      const auto type = static_cast<element>(i);
      const std::string code(gpuimg::nn::name_of(type));
      for (const std::string prefix : {"raw_", "typed_"}) {
        INFO(prefix + code);
        const host_tensor& tensor = graph.constants.at(prefix + code);
        CHECK(tensor.type() == type);
        CHECK(tensor.shape() == tensor_shape{2, 3});
        const std::vector<double> expected =
            type == element::boolean     ? std::vector<double>{0, 1, 0, 0, 1, 0}
            : gpuimg::nn::is_float(type) ? std::vector<double>{-6.25, -1.625, 3, -5, -0.375, 4.25}
            : code.front() == 'i'        ? std::vector<double>{-50, -13, 24, -40, -3, 34}
                                         : std::vector<double>{0, 37, 74, 10, 47, 84};
        CHECK(tensor.values<double>() == expected);
      }
    }
  }
}

TEST_CASE("read_onnx: every form of Constant is a constant", "[io]") {
  const auto constants = read_onnx(golden("types")).constants;
  CHECK(constants.at("c_value").values<int>() == std::vector{-50, -13, 24});
  CHECK(constants.at("c_float").shape() == tensor_shape{});
  CHECK(constants.at("c_float").values<float>() == std::vector{0.5F});
  CHECK(constants.at("c_floats").values<float>() == std::vector{0.5F, -0.25F});
  CHECK(constants.at("c_int").type() == element::i64);
  CHECK(constants.at("c_int").values<int>() == std::vector{-7});
  CHECK(constants.at("c_ints").values<int>() == std::vector{1, 2, 3});
}

TEST_CASE("read_onnx: inputs, outputs, operators and attributes are those of the file", "[io]") {
  const graph graph = read_onnx(golden("types"));
  REQUIRE(graph.inputs.size() == 1);
  CHECK(graph.inputs[0].name == "x");
  CHECK(graph.inputs[0].type == element::f32);
  CHECK(graph.inputs[0].sizes == numbers{-1, 3, -1, 5});
  REQUIRE(graph.outputs.size() == 1);
  CHECK(graph.outputs[0].type == element::f16);

  REQUIRE(graph.nodes.size() == 3);
  CHECK(graph.nodes[0].op == "Relu");
  CHECK(graph.nodes[0].name == "first");
  CHECK(graph.nodes[1].inputs == names{"y", "", "c_float"});
  const graph_node& fancy = graph.nodes[2];
  CHECK(fancy.op == "my.domain::Fancy");
  CHECK(fancy.outputs == names{"w"});
  CHECK(attribute<float>(fancy, "alpha") == 0.5F);
  CHECK(attribute<std::int64_t>(fancy, "count") == 3);
  CHECK(attribute<std::string>(fancy, "mode") == "linear");
  CHECK(attribute<numbers>(fancy, "sizes") == numbers{1, 2});
  CHECK(attribute<std::vector<float>>(fancy, "factors") == std::vector{0.5F, 2.0F});
  CHECK(attribute<names>(fancy, "names") == names{"a", "b"});
  CHECK(attribute<host_tensor>(fancy, "table").values<double>() == std::vector{-6.25, -1.625, 3.0});
}

TEST_CASE("read_onnx: an input that is an initializer too is a constant", "[io]") {
  const graph graph = read_onnx(golden("opset9"));
  CHECK(graph.opset == 9);
  REQUIRE(graph.inputs.size() == 1);
  CHECK(graph.inputs[0].name == "x");
  CHECK(graph.constants.at("w").shape() == tensor_shape{2, 1, 3, 3});
}

TEST_CASE("read_onnx: what PyTorch's two exporters write is read", "[io]") {
  for (const char* name : {"torch_opset11", "torch_opset17", "torch_dynamo"}) {
    INFO(name);
    const graph graph = read_onnx(golden(name));
    CHECK(graph.opset == (std::string(name) == "torch_opset11"   ? 11
                          : std::string(name) == "torch_opset17" ? 17
                                                                 : 20));
    names ops;
    for (const auto& node : graph.nodes) ops.push_back(node.op);
    CHECK(ops == names{"Conv", "Relu", "MaxPool", "Resize", "Concat", "Conv", "Sigmoid"});
    CHECK(graph.inputs.at(0).name == "image");
    CHECK(graph.outputs.at(0).name == "probability");
    CHECK(graph.inputs.at(0).sizes ==
          (graph.opset == 20 ? numbers{1, 1, 8, 8} : numbers{-1, 1, -1, -1}));
    const host_tensor& weight = graph.constants.at(graph.nodes[0].inputs.at(1));
    CHECK(weight.shape() == tensor_shape{2, 1, 3, 3});
    CHECK(weight.values<double>()[4] == (4 * 37 % 101 - 50) / 8.0);
    CHECK(attribute<std::string>(graph.nodes[3], "mode") == "linear");
  }
}

TEST_CASE("read_onnx: a U-Net of bioimage.io is read", "[io]") {
  const char* data = std::getenv("GPUIMG_TEST_DATA");
  const std::string path =
      std::string(data == nullptr ? "" : data) + "/models/unet2d_nuclei_broad/weights.onnx";
  if (!std::filesystem::exists(path)) {
    WARN("left out: no " + path);
    return;
  }
  const graph graph = read_onnx(path);
  CHECK(graph.opset == 20);
  CHECK(graph.inputs.at(0).sizes == numbers{1, 1, 512, 512});
  CHECK(graph.nodes.size() == 34);
  std::int64_t parameters = 0;
  for (const auto& node : graph.nodes)
    if (node.op == "Conv")
      parameters += graph.constants.at(node.inputs.at(1)).shape().elements() +
                    graph.constants.at(node.inputs.at(2)).shape().elements();
  CHECK(parameters == 449489);
}

TEST_CASE("read_onnx: what a graph cannot hold is named all at once", "[io]") {
  CHECK(reason_of(golden("refused")) ==
        "holds what is not supported: Constant with 'value_string'; If 'choose': attribute "
        "'else_branch' is a graph; If 'choose': attribute 'then_branch' is a graph; initializer "
        "'words' of string; input 'list' that is no tensor; input 's' of string; local function "
        "'Twice'; sparse initializer 'sparse_values'. Operators with numbers, texts and dense "
        "tensors of integers, floats and bool as attributes are read");
  CHECK_THAT(reason_after([](onnx::ModelProto& model) {
               model.mutable_graph()->mutable_initializer(0)->set_data_type(18);
               model.mutable_graph()
                   ->mutable_input(0)
                   ->mutable_type()
                   ->mutable_tensor_type()
                   ->set_elem_type(99);
             }),
             StartsWith("holds what is not supported: initializer 'w' of float8e4m3fnuz; input 'x' "
                        "of the type with the number 99. "));
  const std::string many = reason_after([](onnx::ModelProto& model) {
    for (int i = 0; i < 1000; ++i)
      add_node(model, "Op" + std::to_string(i), {}, {}).add_attribute()->set_name("unknown");
  });
  CHECK_THAT(many, Contains("; and 950 more. Operators with"));
}

TEST_CASE("read_onnx: operator sets 9 to 20 of ONNX are read", "[io]") {
  for (const int version : {9, 13, 20})
    CHECK(reason_after([&](auto& m) { m.mutable_opset_import(0)->set_version(version); }) ==
          "no error");
  for (const int version : {8, 21, -1, 0})
    CHECK(reason_after([&](auto& m) { m.mutable_opset_import(0)->set_version(version); }) ==
          "uses version " + std::to_string(version) + " of ONNX's operator set; 9 to 20 are read");
  CHECK(reason_after([](auto& m) { m.clear_opset_import(); }) ==
        "names no version of ONNX's operator set");
  CHECK(reason_after([](auto& m) { m.add_opset_import()->set_version(12); }) ==
        "names two versions of ONNX's operator set");
  CHECK(reason_after([](auto& m) { m.mutable_opset_import(0)->set_domain("ai.onnx"); }) ==
        "no error");
}

TEST_CASE("read_onnx: sizes that do not fit the numbers are refused before memory is taken",
          "[io]") {
  const auto with_sizes = [](const numbers& sizes, std::size_t bytes) {
    return reason_after([&](onnx::ModelProto& model) {
      auto& weight = *model.mutable_graph()->mutable_initializer(0);
      weight.clear_dims();
      for (const std::int64_t size : sizes) weight.add_dims(size);
      weight.set_raw_data(std::string(bytes, '\1'));
    });
  };
  CHECK(with_sizes({2, 3}, 24) == "no error");
  CHECK(with_sizes({0, 3}, 0) == "no error");
  CHECK(with_sizes({2, 3}, 23) ==
        "initializer 'w': the shape 2x3 of f32 does not take the 23 bytes that are there");
  CHECK_THAT(with_sizes({1 << 30, 1 << 30}, 24), Contains("does not take the 24 bytes"));
  CHECK_THAT(with_sizes({std::int64_t{1} << 62}, 0), Contains("does not take the 0 bytes"));
  CHECK_THAT(with_sizes({std::int64_t{1} << 62, 4}, 0), Contains("2^62 numbers at most"));
  CHECK_THAT(with_sizes({-2, -3}, 24), Contains("must have a size of 0 or more, got -2x-3"));

  const auto with_bytes = [](std::int32_t type, std::int32_t number) {
    return reason_after([&](onnx::ModelProto& model) {
      auto& weight = *model.mutable_graph()->mutable_initializer(0);
      weight.clear_raw_data();
      weight.set_data_type(type);
      for (int i = 0; i < 6; ++i) weight.add_int32_data(number);
    });
  };
  CHECK(with_bytes(onnx::TensorProto::INT8, -128) == "no error");
  CHECK(with_bytes(onnx::TensorProto::INT8, 128) == "initializer 'w' of i8 holds 128");
  CHECK(with_bytes(onnx::TensorProto::UINT8, -1) == "initializer 'w' of u8 holds -1");
  CHECK(with_bytes(onnx::TensorProto::FLOAT16, 65536) == "initializer 'w' of f16 holds 65536");
  CHECK_THAT(with_bytes(onnx::TensorProto::FLOAT, 1), Contains("does not take the 0 bytes"));
}

TEST_CASE("read_onnx: inputs and outputs have types and sizes", "[io]") {
  const auto type_of = [](onnx::ModelProto& model) {
    return model.mutable_graph()->mutable_input(0)->mutable_type()->mutable_tensor_type();
  };
  CHECK(reason_after([&](auto& m) { type_of(m)->clear_shape(); }) == "input 'x' has no shape");
  CHECK(reason_after([&](auto& m) {
          type_of(m)->mutable_shape()->mutable_dim(2)->set_dim_value(-1);
        }) == "input 'x' has the size -1");
  CHECK_THAT(reason_after([&](auto& m) { type_of(m)->clear_elem_type(); }),
             Contains("input 'x' of no type"));
  CHECK_THAT(reason_after([](auto& m) { m.mutable_graph()->mutable_output(0)->clear_type(); }),
             Contains("output 'y' that is no tensor"));
}

TEST_CASE("read_onnx: numbers in other files must lie in the folder of the model, and be there",
          "[io]") {
  const test::temporary_folder folder;
  std::filesystem::create_directory(folder.file("sub"));
  test::write_bytes(folder.file("data.bin"), std::vector<char>(100, '\0'));
  test::write_bytes(folder.file("sub/data.bin"), std::vector<char>(24, '\0'));
  using items = std::vector<std::pair<std::string, std::string>>;
  const auto reason = [&](const items& external, const std::string& in = "made.onnx") {
    return test::reason_of(
        [&](const std::string& path) {
          written(folder, [&](onnx::ModelProto& model) {
            auto& weight = *model.mutable_graph()->mutable_initializer(0);
            weight.clear_raw_data();
            weight.set_data_location(onnx::TensorProto::EXTERNAL);
            for (const auto& [key, value] : external) {
              auto& item = *weight.add_external_data();
              item.set_key(key);
              item.set_value(value);
            }
          });
          static_cast<void>(path);
          read_onnx(folder.file("made.onnx"));
        },
        folder.file(in));
  };
  CHECK(reason({{"location", "data.bin"}, {"offset", "76"}, {"length", "24"}}) == "no error");
  CHECK(reason({{"location", "data.bin"}, {"offset", "76"}}) == "no error");
  CHECK(reason({{"location", "sub/data.bin"}}) == "no error");
  CHECK_THAT(reason({{"location", "data.bin"}}), Contains("does not take the 100 bytes"));
  CHECK(reason({{"location", "data.bin"}, {"offset", "77"}, {"length", "24"}}, "data.bin") ==
        "ends before the numbers of initializer 'w'");
  CHECK(reason({{"location", "data.bin"}, {"offset", "18446744073709551615"}, {"length", "24"}},
               "data.bin") == "ends before the numbers of initializer 'w'");
  CHECK(reason({{"location", "data.bin"}, {"offset", "-1"}}) ==
        "initializer 'w': '-1' is no number of bytes");
  CHECK(reason({{"location", "none.bin"}}, "none.bin") == "there is no such file");
  CHECK(reason({{"location", "sub"}}, "sub") == "is not a file");
  for (const std::string& location :
       {std::string("/etc/passwd"), std::string("../data.bin"), std::string("sub/../data.bin"),
        std::string(".."), std::string(), std::string("data.bin\0x", 10), std::string("data\n.bin"),
        std::string(2000, 'x')})
    CHECK_THAT(reason({{"location", location}}),
               Contains("; they must be in the folder of the model"));
}

TEST_CASE("read_onnx: every name stands for one tensor, and all that is read is made", "[io]") {
  CHECK(reason_after([](auto& m) { add_node(m, "Relu", {"x"}, {"y"}); }) == "makes 'y' twice");
  CHECK(reason_after([](auto& m) { add_node(m, "Relu", {"x"}, {"x"}); }) == "makes 'x' twice");
  CHECK(reason_after([](auto& m) { add_node(m, "Relu", {"x"}, {"w"}); }) == "makes 'w' twice");
  CHECK(reason_after([](auto& m) {
          add_node(m, "Split", {"x"}, {"a", "a"});
        }) == "makes 'a' twice");
  CHECK(reason_after([](auto& m) {
          add_node(m, "Conv", {"x", "weight"}, {"z"}).set_name("n");
        }) == "Conv 'n' reads 'weight', which nothing makes");
  CHECK(reason_after([](auto& m) { m.mutable_graph()->mutable_output(0)->set_name("z"); }) ==
        "gives 'z', which nothing makes");
  CHECK(reason_after([](auto& m) { *m.mutable_graph()->add_output() = m.graph().output(0); }) ==
        "gives 'y' twice");
  CHECK(reason_after([](auto& m) {
          *m.mutable_graph()->add_initializer() = m.graph().initializer(0);
        }) == "has two constants with the name 'w'");
  CHECK(reason_after([](auto& m) { m.mutable_graph()->mutable_initializer(0)->clear_name(); }) ==
        "has a constant without a name");
  CHECK(reason_after([](auto& m) { add_node(m, "Relu", {"x", ""}, {"a", ""}); }) == "no error");
  CHECK(reason_after([](auto& m) {
          for (int i = 0; i < 2; ++i) {
            auto& axis = *m.mutable_graph()->mutable_node(0)->add_attribute();
            axis.set_name("axis");
            axis.set_type(onnx::AttributeProto::INT);
          }
        }) == "Relu: attribute 'axis' is there twice");
  CHECK(reason_after([](auto& m) {
          add_node(m, "Constant", {}, {"a", "b"});
        }) == "Constant must have one output and no input");
}

TEST_CASE("read_onnx: operators may come in any order, but not in a circle", "[io]") {
  CHECK(reason_after([](auto& m) {
          add_node(m, "Relu", {"b"}, {"c"});
          add_node(m, "Relu", {"a"}, {"b"});
          add_node(m, "Relu", {"x"}, {"a"});
        }) == "no error");
  CHECK(reason_after([](auto& m) {
          add_node(m, "Add", {"x", "a"}, {"a"});
        }) == "Add waits for its own result: the graph has a cycle");
  CHECK_THAT(reason_after([](auto& m) {
               for (int i = 0; i < 10000; ++i)
                 add_node(m, "Add", {"a" + std::to_string(i), "x"},
                          {"a" + std::to_string((i + 1) % 10000)});
             }),
             Contains("the graph has a cycle"));
}

TEST_CASE("read_onnx: names of a file cannot spoil a message", "[io]") {
  const std::string reason = reason_after([](auto& m) {
    add_node(m, std::string(100000, 'O'), {"\x1b[31m\n" + std::string(100000, 'x')}, {"z"})
        .set_name("n\n");
  });
  CHECK(reason.size() < 400);
  CHECK_THAT(reason, StartsWith("OOOO") && Contains("'n ' reads ' [31m xxx"));
}

TEST_CASE("read_onnx: graphs that nest deeply are refused", "[io]") {
  const test::temporary_folder folder;
  onnx::GraphProto inner;
  for (int depth = 0; depth < 120; ++depth) {
    onnx::GraphProto outer;
    outer.add_node()->add_attribute()->mutable_g()->Swap(&inner);
    inner.Swap(&outer);
  }
  const std::string path =
      written(folder, [&](auto& m) { m.mutable_graph()->mutable_node()->MergeFrom(inner.node()); });
  CHECK(reason_of(path) == "is no ONNX file, or damaged");
}

TEST_CASE(
    "read_onnx: a file that ends early or has a flipped bit is an error or a graph, and "
    "nothing is printed",
    "[io]") {
  const test::temporary_folder folder;
  const std::string path = folder.file("damaged.onnx");
  std::size_t errors = 0;
  std::string text;
  {
    const printed output(folder.file("printed"));
    for (const char* name : {"opset9", "torch_opset17", "refused"}) {
      const std::vector<char> whole = test::bytes_of(golden(name));
      for (std::size_t i = 0; i < whole.size(); ++i) {
        test::write_bytes(path, {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i)});
        errors += reason_of(path) != "no error" ? 1 : 0;
        std::vector<char> bytes = whole;
        for (int bit = 0; bit < 8; ++bit) {
          bytes[i] = static_cast<char>(whole[i] ^ 1 << bit);
          test::write_bytes(path, bytes);
          reason_of(path);
        }
      }
    }
    text = output.text();
  }
  CHECK(errors > 2000);
  CHECK(text.empty());
  CHECK(reason_of(folder.file("none.onnx")) == "there is no such file");
  test::write_bytes(path, {});
  CHECK(reason_of(path) == "holds no graph; it may not be an ONNX file");
}

TEST_CASE("read_onnx: a file of 2 GiB or more is refused with the way out", "[io]") {
  const test::temporary_folder folder;
  test::write_bytes(folder.file("large.onnx"), {'x'});
  std::filesystem::resize_file(folder.file("large.onnx"), std::uintmax_t{1} << 31);  // sparse
  CHECK(reason_of(folder.file("large.onnx")) ==
        "has 2 GiB or more, which protobuf does not read; save it with external data");
}
