// SPDX-License-Identifier: BSD-3-Clause
// Networks from ONNX files, on libonnx and protobuf 3 (link with -lonnx_proto -lprotobuf).
#pragma once

#include "gpuimg/core/push_macros.def"

// As Debian's libonnx was built.
#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif
#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx/onnx_pb.h>

#include <array>
#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "gpuimg/core/error.hpp"
#include "gpuimg/core/text.hpp"
#include "gpuimg/io/file.hpp"
#include "gpuimg/io/tensor_file.hpp"
#include "gpuimg/nn/graph.hpp"
#include "gpuimg/nn/host_tensor.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::io {

namespace detail {

namespace onnx_file = ONNX_NAMESPACE;

constexpr std::int64_t oldest_opset = 9, newest_opset = 20;

/// What TensorProto.DataType calls its types, and which of them are elements here.
struct onnx_type {
  std::string_view name;
  std::optional<nn::element> element{};
};
inline constexpr std::array<onnx_type, 24> onnx_types{{{"no type"},
                                                       {"float", nn::element::f32},
                                                       {"uint8", nn::element::u8},
                                                       {"int8", nn::element::i8},
                                                       {"uint16", nn::element::u16},
                                                       {"int16", nn::element::i16},
                                                       {"int32", nn::element::i32},
                                                       {"int64", nn::element::i64},
                                                       {"string"},
                                                       {"bool", nn::element::boolean},
                                                       {"float16", nn::element::f16},
                                                       {"double", nn::element::f64},
                                                       {"uint32", nn::element::u32},
                                                       {"uint64", nn::element::u64},
                                                       {"complex64"},
                                                       {"complex128"},
                                                       {"bfloat16", nn::element::bf16},
                                                       {"float8e4m3fn"},
                                                       {"float8e4m3fnuz"},
                                                       {"float8e5m2"},
                                                       {"float8e5m2fnuz"},
                                                       {"uint4"},
                                                       {"int4"},
                                                       {"float4e2m1"}}};

/// Makes a graph from the messages of one file.
class onnx_reader {
 public:
  explicit onnx_reader(const std::string& path) : path_(path) {
    input_file file(path);
    if (file.bytes() >= std::uint64_t{1} << 31)
      fail("has 2 GiB or more, which protobuf does not read; save it with external data");
    google::protobuf::io::IstreamInputStream stream(&file.stream(), 1 << 16);
    if (!model_.ParsePartialFromZeroCopyStream(&stream)) fail("is no ONNX file, or damaged");
    if (!model_.has_graph()) fail("holds no graph; it may not be an ONNX file");
  }

  nn::graph read() {
    onnx_file::GraphProto& from = *model_.mutable_graph();
    graph_.name = from.name();
    graph_.opset = opset();
    for (const auto& function : model_.functions())
      refused_.add("local function " + in_quotes(function.name()));
    for (const auto& sparse : from.sparse_initializer())
      refused_.add("sparse initializer " + in_quotes(sparse.values().name()));

    for (auto& initializer : *from.mutable_initializer())
      add_constant(initializer.name(),
                   tensor(initializer, "initializer " + in_quotes(initializer.name())));
    for (const auto& value : from.input())
      if (!graph_.constants.contains(value.name())) add_value(graph_.inputs, value, "input");
    for (const auto& value : from.output()) add_value(graph_.outputs, value, "output");
    for (auto& node : *from.mutable_node()) add_node(node);

    refused_.check(path_,
                   "Operators with numbers, texts and dense tensors of integers, floats and bool "
                   "as attributes are read");
    check_names();
    check_order();
    return std::move(graph_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { throw io_error(path_, -1, reason); }

  [[nodiscard]] std::int64_t opset() const {
    std::optional<std::int64_t> found;
    for (const auto& set : model_.opset_import()) {
      if (!is_of_onnx(set.domain())) continue;
      if (found && *found != set.version()) fail("names two versions of ONNX's operator set");
      found = set.version();
    }
    if (!found) fail("names no version of ONNX's operator set");
    if (*found < oldest_opset || *found > newest_opset)
      fail("uses version " + std::to_string(*found) + " of ONNX's operator set; " +
           std::to_string(oldest_opset) + " to " + std::to_string(newest_opset) + " are read");
    return *found;
  }

  static bool is_of_onnx(const std::string& domain) {
    return domain.empty() || domain == "ai.onnx";
  }

  // ---- tensors

  /// The element for a number of TensorProto.DataType; nothing, and a refusal, where there is none.
  std::optional<nn::element> element_of(std::int32_t type, const std::string& what) {
    const bool is_known = type >= 0 && static_cast<std::size_t>(type) < onnx_types.size();
    if (is_known && onnx_types[static_cast<std::size_t>(type)].element)
      return onnx_types[static_cast<std::size_t>(type)].element;
    refused_.add(what + " of " +
                 (is_known ? std::string(onnx_types[static_cast<std::size_t>(type)].name)
                           : "the type with the number " + std::to_string(type)));
    return std::nullopt;
  }

  /// Takes the numbers out of `from`, so that they are not in memory twice.
  nn::host_tensor tensor(onnx_file::TensorProto& from, const std::string& what) {
    const std::optional<nn::element> type = element_of(from.data_type(), what);
    if (from.has_segment()) refused_.add(what + " in segments");
    if (!type || from.has_segment()) return {};
    std::vector<std::int64_t> sizes(from.dims().begin(), from.dims().end());
    if (from.data_location() == onnx_file::TensorProto::EXTERNAL)
      return external_tensor(from, what, *type, std::move(sizes));
    if (from.has_raw_data()) {
      const std::unique_ptr<std::string> raw(from.release_raw_data());
      nn::host_tensor result = tensor_of(path_, what, *type, std::move(sizes), raw->size());
      if (!raw->empty()) std::memcpy(result.bytes().data(), raw->data(), raw->size());
      change_byte_order(result.bytes(), nn::size_of(*type), std::endian::little);
      return result;
    }
    const auto from_numbers = [&]<class T>(T, const auto& numbers) {
      nn::host_tensor result = tensor_of(path_, what, *type, sizes,
                                         sizeof(T) * static_cast<std::size_t>(numbers.size()));
      T* to = result.as<T>().data();
      for (const auto number : numbers) {
        *to = static_cast<T>(number);
        if constexpr (std::integral<T>)
          if (static_cast<std::int64_t>(*to) != static_cast<std::int64_t>(number))
            fail(what + " of " + std::string(nn::name_of(*type)) + " holds " +
                 std::to_string(number));
        ++to;
      }
      return result;
    };
    switch (*type) {
      case nn::element::f32:
        return from_numbers(float{}, from.float_data());
      case nn::element::f64:
        return from_numbers(double{}, from.double_data());
      case nn::element::i64:
        return from_numbers(std::int64_t{}, from.int64_data());
      case nn::element::u64:
        return from_numbers(std::uint64_t{}, from.uint64_data());
      case nn::element::u32:
        return from_numbers(std::uint32_t{}, from.uint64_data());
      case nn::element::i32:
        return from_numbers(std::int32_t{}, from.int32_data());
      case nn::element::i16:
        return from_numbers(std::int16_t{}, from.int32_data());
      case nn::element::i8:
        return from_numbers(std::int8_t{}, from.int32_data());
      case nn::element::u16:
      case nn::element::f16:  // bits
      case nn::element::bf16:
        return from_numbers(std::uint16_t{}, from.int32_data());
      case nn::element::u8:
      case nn::element::boolean:
        return from_numbers(std::uint8_t{}, from.int32_data());
    }
    return {};
  }

  /// A tensor whose numbers are in a file of their own, in the folder of the model.
  nn::host_tensor external_tensor(const onnx_file::TensorProto& from, const std::string& what,
                                  nn::element type, std::vector<std::int64_t> sizes) const {
    std::string location;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length;
    const auto number_of = [&](const std::string& text) {
      std::uint64_t number = 0;
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (failure != std::errc{} || end != text.data() + text.size())
        fail(what + ": " + in_quotes(text) + " is no number of bytes");
      return number;
    };
    for (const auto& item : from.external_data()) {
      if (item.key() == "location") location = item.value();
      if (item.key() == "offset") offset = number_of(item.value());
      if (item.key() == "length") length = number_of(item.value());
    }
    const auto path = path_inside(std::filesystem::path(path_).parent_path(), location);
    if (!path)
      fail(what + ": its numbers are in " + in_quotes(location) +
           "; they must be in the folder of the model");
    input_file file(*path);
    if (offset > file.bytes() || length.value_or(0) > file.bytes() - offset)
      file.fail("ends before the numbers of " + what);
    nn::host_tensor result =
        tensor_of(path_, what, type, std::move(sizes), length.value_or(file.bytes() - offset));
    file.skip_to(offset);
    file.read(result.bytes());
    change_byte_order(result.bytes(), nn::size_of(type), std::endian::little);
    return result;
  }

  void add_constant(const std::string& name, nn::host_tensor tensor) {
    if (!graph_.constants.emplace(name, std::move(tensor)).second)
      fail("has two constants with the name " + in_quotes(name));
  }

  // ---- inputs and outputs

  void add_value(std::vector<nn::graph_value>& values, const onnx_file::ValueInfoProto& from,
                 const std::string& role) {
    const std::string what = role + " " + in_quotes(from.name());
    if (!from.type().has_tensor_type()) {
      refused_.add(what + " that is no tensor");
      return;
    }
    const auto& tensor_type = from.type().tensor_type();
    nn::graph_value value{.name = from.name(), .sizes = {}};
    const auto element = element_of(tensor_type.elem_type(), what);
    if (!element) return;
    value.type = *element;
    if (!tensor_type.has_shape()) fail(what + " has no shape");
    for (const auto& size : tensor_type.shape().dim()) {
      if (size.dim_value() < 0) fail(what + " has the size " + std::to_string(size.dim_value()));
      value.sizes.push_back(size.has_dim_value() ? size.dim_value() : -1);
    }
    values.push_back(std::move(value));
  }

  // ---- operators

  static std::string text_of(const nn::graph_node& node) {
    return one_line(node.op.substr(0, 80)) +
           (node.name.empty() ? std::string{} : " " + in_quotes(node.name));
  }

  void add_node(onnx_file::NodeProto& from) {
    nn::graph_node node{
        .op = is_of_onnx(from.domain()) ? from.op_type() : from.domain() + "::" + from.op_type(),
        .name = from.name(),
        .inputs = {from.input().begin(), from.input().end()},
        .outputs = {from.output().begin(), from.output().end()},
        .attributes = {}};
    if (from.op_type().empty()) fail("has an operator without a name of what it does");
    for (auto& attribute : *from.mutable_attribute()) {
      const std::string what = text_of(node) + ": attribute " + in_quotes(attribute.name());
      std::optional<nn::attribute> value = attribute_of(attribute, what);
      if (!value) continue;
      if (!node.attributes.emplace(attribute.name(), std::move(*value)).second)
        fail(what + " is there twice");
    }
    if (node.op == "Constant")
      add_constant_node(node);
    else
      graph_.nodes.push_back(std::move(node));
  }

  /// Files of the first versions of the format say only by the field what an attribute is.
  static onnx_file::AttributeProto::AttributeType type_of(const onnx_file::AttributeProto& from) {
    using proto = onnx_file::AttributeProto;
    if (from.type() != proto::UNDEFINED) return from.type();
    if (from.has_f()) return proto::FLOAT;
    if (from.has_i()) return proto::INT;
    if (from.has_s()) return proto::STRING;
    if (from.has_t()) return proto::TENSOR;
    if (from.has_g()) return proto::GRAPH;
    if (from.floats_size() > 0) return proto::FLOATS;
    if (from.ints_size() > 0) return proto::INTS;
    if (from.strings_size() > 0) return proto::STRINGS;
    return proto::UNDEFINED;
  }

  std::optional<nn::attribute> attribute_of(onnx_file::AttributeProto& from,
                                            const std::string& what) {
    using proto = onnx_file::AttributeProto;
    switch (type_of(from)) {
      case proto::FLOAT:
        return from.f();
      case proto::INT:
        return std::int64_t{from.i()};
      case proto::STRING:
        return from.s();
      case proto::TENSOR:
        return tensor(*from.mutable_t(), what);
      case proto::FLOATS:
        return std::vector<float>(from.floats().begin(), from.floats().end());
      case proto::INTS:
        return std::vector<std::int64_t>(from.ints().begin(), from.ints().end());
      case proto::STRINGS:
        return std::vector<std::string>(from.strings().begin(), from.strings().end());
      case proto::GRAPH:
      case proto::GRAPHS:
        refused_.add(what + " is a graph");
        return std::nullopt;
      case proto::SPARSE_TENSOR:
      case proto::SPARSE_TENSORS:
        refused_.add(what + " is a sparse tensor");
        return std::nullopt;
      default:
        refused_.add(what + " is of a type that is not known");
        return std::nullopt;
    }
  }

  void add_constant_node(nn::graph_node& node) {
    if (node.outputs.size() != 1 || !node.inputs.empty())
      fail(text_of(node) + " must have one output and no input");
    if (node.attributes.size() != 1) {
      if (!node.attributes.empty()) fail(text_of(node) + " has more than one value");
      refused_.add(text_of(node) + " without a value of a known type");
      return;
    }
    const auto& [name, value] = *node.attributes.begin();
    const auto make = [](nn::element type, auto sizes, const auto* numbers) {
      nn::host_tensor tensor(type, nn::tensor_shape(std::move(sizes)));
      if (!tensor.bytes().empty())
        std::memcpy(tensor.bytes().data(), numbers, tensor.bytes().size());
      return tensor;
    };
    using list = std::vector<std::int64_t>;
    const auto length = [](const auto& values) {
      return list{static_cast<std::int64_t>(values.size())};
    };
    std::optional<nn::host_tensor> tensor;
    if (const auto* whole = std::get_if<nn::host_tensor>(&value); whole && name == "value")
      tensor = *whole;
    else if (const auto* f = std::get_if<float>(&value); f && name == "value_float")
      tensor = make(nn::element::f32, list{}, f);
    else if (const auto* i = std::get_if<std::int64_t>(&value); i && name == "value_int")
      tensor = make(nn::element::i64, list{}, i);
    else if (const auto* fs = std::get_if<std::vector<float>>(&value); fs && name == "value_floats")
      tensor = make(nn::element::f32, length(*fs), fs->data());
    else if (const auto* is = std::get_if<list>(&value); is && name == "value_ints")
      tensor = make(nn::element::i64, length(*is), is->data());
    if (!tensor) {
      refused_.add(text_of(node) + " with " + in_quotes(name));
      return;
    }
    add_constant(node.outputs.front(), std::move(*tensor));
  }

  // ---- the form of the graph

  /// Every name stands for one tensor, and every tensor that is used is there.
  void check_names() {
    std::set<std::string_view> names;
    const auto add = [&](const std::string& name, const char* role) {
      if (name.empty()) fail(gpuimg::detail::text({"has ", role, " without a name"}));
      if (!names.insert(name).second) fail("makes " + in_quotes(name) + " twice");
    };
    for (const auto& [name, tensor] : graph_.constants) add(name, "a constant");
    for (const auto& input : graph_.inputs) add(input.name, "an input");
    for (const auto& node : graph_.nodes)
      for (const auto& output : node.outputs)
        if (!output.empty()) add(output, "an output");
    for (const auto& node : graph_.nodes)
      for (const auto& input : node.inputs)
        if (!input.empty() && !names.contains(input))
          fail(text_of(node) + " reads " + in_quotes(input) + ", which nothing makes");
    std::set<std::string_view> outputs;
    for (const auto& output : graph_.outputs) {
      if (!names.contains(output.name))
        fail("gives " + in_quotes(output.name) + ", which nothing makes");
      if (!outputs.insert(output.name).second) fail("gives " + in_quotes(output.name) + " twice");
    }
  }

  /// No operator waits for itself: one after the other becomes ready until none is left.
  void check_order() const {
    std::map<std::string_view, std::size_t> maker;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      for (const auto& output : graph_.nodes[i].outputs)
        if (!output.empty()) maker.emplace(output, i);
    std::vector<std::vector<std::size_t>> readers(graph_.nodes.size());
    std::vector<std::size_t> waits_for(graph_.nodes.size(), 0), ready;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (const auto& input : graph_.nodes[i].inputs) {
        const auto found = maker.find(input);
        if (found == maker.end()) continue;
        readers[found->second].push_back(i);
        ++waits_for[i];
      }
      if (waits_for[i] == 0) ready.push_back(i);
    }
    while (!ready.empty()) {
      const std::size_t done = ready.back();
      ready.pop_back();
      for (const std::size_t reader : readers[done])
        if (--waits_for[reader] == 0) ready.push_back(reader);
    }
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i)
      if (waits_for[i] > 0)
        fail(text_of(graph_.nodes[i]) + " waits for its own result: the graph has a cycle");
  }

  std::string path_;
  onnx_file::ModelProto model_;
  nn::graph graph_;
  refusals refused_;
};

}  // namespace detail

/// Reads a network from an ONNX file, with the operator sets 9 to 20 of ONNX.
///
/// Initializers and the results of Constant nodes become constants; an input that is an initializer
/// too is a constant. Weights may be in files of their own in the folder of the model. Whether the
/// operators are known and fit together is not looked at, but each name stands for one tensor,
/// everything that is read is made, and nothing waits for itself. Throws io_error, with the file
/// and the reason: for a damaged file; sizes that do not fit the numbers; 2 GiB or more in one
/// file; and, all of them in one error, for what a graph cannot hold: sparse tensors, graphs as
/// attributes (If, Loop, Scan), local functions, texts, complex numbers and floats of 8 bits.
/// Memory: a few times the file, tensors hardly more than once. Prints nothing.
inline nn::graph read_onnx(const std::string& path) { return detail::onnx_reader(path).read(); }

}  // namespace gpuimg::io

#include "gpuimg/core/pop_macros.def"
