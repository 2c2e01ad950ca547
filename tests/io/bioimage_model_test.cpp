// SPDX-License-Identifier: BSD-3-Clause
// io/bioimage_model.hpp: formats 0.4 and 0.5, what is refused, and files made to be expensive.
#include "gpuimg/io/bioimage_model.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "support/files.hpp"
#include "support/reasons.hpp"

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using gpuimg::io::read_bioimage_model;
using gpuimg::nn::axis_description;
using gpuimg::nn::axis_kind;
using gpuimg::nn::element;
using gpuimg::nn::fixed_size;
using gpuimg::nn::model_description;
using gpuimg::nn::referred_size;
using gpuimg::nn::stepped_size;
using gpuimg::nn::tensor_description;
namespace steps = gpuimg::nn::steps;

using texts = std::vector<std::string>;
using values = std::vector<double>;

std::string example(const std::string& version) {
  const auto bytes =
      test::bytes_of(test::source_file("io/data/bioimage_model_" + version + ".yaml"));
  return {bytes.begin(), bytes.end()};
}

/// A folder with a description and weights.
class package {
 public:
  explicit package(const std::string& description) {
    write(description);
    test::write_bytes(folder_.file("weights.onnx"), {'a', 'b', 'c'});
  }
  void write(const std::string& description) const {
    test::write_bytes(path(), {description.begin(), description.end()});
  }
  [[nodiscard]] std::string path() const { return folder_.file("rdf.yaml"); }
  [[nodiscard]] std::string folder() const { return folder_.path().string(); }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] std::string reason() const { return test::reason_of(read_bioimage_model, path()); }

 private:
  test::temporary_folder folder_;
};

/// Why the example is refused once `from`, which must be in it, became `to`.
std::string reason_after(const std::string& version, const std::string& from,
                         const std::string& to) {
  std::string text = example(version);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return package(text.replace(at, from.size(), to)).reason();
}
std::string reason_after(const std::string& from, const std::string& to) {
  return reason_after("0_5", from, to);
}

template <class T>
T step(const tensor_description& tensor, std::size_t number) {
  return std::get<T>(tensor.processing.at(number));
}

void check_reference(const axis_description& axis, const referred_size& expected) {
  const auto& size = std::get<referred_size>(axis.size);
  CHECK(size.tensor == expected.tensor);
  CHECK(size.axis == expected.axis);
  CHECK(size.scale == expected.scale);
  CHECK(size.offset == expected.offset);
}

}  // namespace

TEST_CASE("read_bioimage_model: axes of format 0.5 have kinds, sizes, scales, units and halos",
          "[io]") {
  const package package(example("0_5"));
  for (const std::string& path : {package.path(), package.folder()}) {
    const model_description model = read_bioimage_model(path);
    CHECK(model.name == "Two tensors");
    CHECK(model.weights == package.file("weights.onnx"));
    REQUIRE(model.inputs.size() == 2);
    const tensor_description& image = model.inputs[0];
    CHECK(image.id == "image");
    CHECK(image.type == element::u16);
    CHECK(image.test_tensor == package.file("test_input.npy"));
    REQUIRE(image.axes.size() == 5);
    CHECK(image.axes[0].kind == axis_kind::batch);
    CHECK(image.axes[0].id == "batch");
    CHECK(std::holds_alternative<gpuimg::nn::any_size>(image.axes[0].size));
    CHECK(image.axes[1].kind == axis_kind::channel);
    CHECK(image.axes[1].channel_names == texts{"red", "green", "blue"});
    CHECK(std::get<fixed_size>(image.axes[1].size).size == 3);
    CHECK(std::get<fixed_size>(image.axes[2].size).size == 16);
    CHECK(image.axes[2].scale == 2.5);
    CHECK(image.axes[2].unit == "micrometer");
    CHECK(std::get<stepped_size>(image.axes[3].size).min == 64);
    CHECK(std::get<stepped_size>(image.axes[3].size).step == 16);
    CHECK(image.axes[4].id == "x");
    check_reference(image.axes[4], {"image", "y", 2, 4});

    CHECK(std::get<fixed_size>(model.inputs[1].axes[0].size).size == 1);
    CHECK(model.inputs[1].axes[1].kind == axis_kind::time);
    CHECK(model.inputs[1].axes[2].kind == axis_kind::index);
    CHECK(model.inputs[1].axes[2].id == "feature");

    REQUIRE(model.outputs.size() == 2);
    check_reference(model.outputs[0].axes[2], {"image", "z", 1, 0});
    check_reference(model.outputs[0].axes[3], {"image", "y", 0.5, 0});
    CHECK(model.outputs[0].axes[3].halo == 8);
    CHECK(model.outputs[1].type == element::u8);
    CHECK(std::holds_alternative<gpuimg::nn::any_size>(model.outputs[1].axes[0].size));
  }
}

TEST_CASE("read_bioimage_model: steps of format 0.5 are typed", "[io]") {
  const model_description model = read_bioimage_model(package(example("0_5")).path());
  const tensor_description& image = model.inputs[0];
  CHECK(step<steps::ensure_dtype>(image, 0).type == element::f32);
  CHECK(step<steps::zero_mean_unit_variance>(image, 1).axes == texts{"y", "x"});
  CHECK(step<steps::zero_mean_unit_variance>(image, 1).eps == 1e-5);
  const auto range = step<steps::scale_range>(image, 2);
  CHECK(range.axes == texts{"z", "y", "x"});
  CHECK(range.min_percentile == 1);
  CHECK(range.max_percentile == 99.8);
  CHECK(range.eps == 1e-6);
  CHECK(range.reference_tensor.empty());
  const auto clip = step<steps::clip>(image, 3);
  CHECK(clip.min == 0.0);
  CHECK(!clip.max);
  CHECK(!clip.min_percentile);
  CHECK(clip.max_percentile == 99.0);
  CHECK(clip.axes == texts{"batch", "channel", "z", "y", "x"});
  const auto fixed = step<steps::fixed_zero_mean_unit_variance>(image, 4);
  CHECK(fixed.mean == values{0.5, 0.25, 0.125});
  CHECK(fixed.std == values{1, 2, 3});
  CHECK(fixed.axis == "channel");
  CHECK(step<steps::scale_linear>(image, 5).gain == values{2});
  CHECK(step<steps::scale_linear>(image, 5).offset == values{-1});
  CHECK(step<steps::scale_linear>(image, 5).axis.empty());

  const tensor_description& probability = model.outputs[0];
  step<steps::sigmoid>(probability, 0);
  CHECK(step<steps::softmax>(probability, 1).axis == "channel");
  CHECK(step<steps::binarize>(probability, 2).threshold == values{0.25, 0.75});
  CHECK(step<steps::binarize>(probability, 2).axis == "channel");
  CHECK(step<steps::scale_mean_variance>(probability, 3).reference_tensor == "image");
  CHECK(step<steps::scale_range>(probability, 4).reference_tensor == "image");
}

TEST_CASE("read_bioimage_model: format 0.4 gives the same as 0.5", "[io]") {
  const package package(example("0_4"));
  const model_description model = read_bioimage_model(package.path());
  const tensor_description& raw = model.inputs.at(0);
  CHECK(raw.id == "raw");
  CHECK(raw.type == element::u8);
  CHECK(raw.test_tensor == package.file("a.npy"));
  texts ids;
  for (const auto& axis : raw.axes) ids.push_back(axis.id);
  CHECK(ids == texts{"batch", "channel", "z", "y", "x"});
  CHECK(std::get<fixed_size>(raw.axes[1].size).size == 3);
  CHECK(std::get<fixed_size>(raw.axes[2].size).size == 8);
  CHECK(std::get<stepped_size>(raw.axes[3].size).min == 32);
  CHECK(std::get<stepped_size>(raw.axes[3].size).step == 16);
  CHECK(step<steps::zero_mean_unit_variance>(raw, 0).axes == texts{"y", "x"});
  CHECK(step<steps::zero_mean_unit_variance>(raw, 0).eps == 1e-4);
  CHECK(step<steps::scale_range>(raw, 1).axes == texts{"channel", "z", "y", "x"});
  const auto fixed = step<steps::fixed_zero_mean_unit_variance>(raw, 2);
  CHECK(fixed.mean == values{1, 2, 3});
  CHECK(fixed.std == values{4 + 0.1, 5 + 0.1, 6 + 0.1});
  CHECK(fixed.axis == "channel");
  const auto linear = step<steps::scale_linear>(raw, 3);
  CHECK(linear.gain == values{1, 2, 3});
  CHECK(linear.offset == values{0.5, 0.5, 0.5});
  CHECK(linear.axis == "channel");
  CHECK(model.inputs[1].axes[1].kind == axis_kind::index);
  CHECK(model.inputs[1].axes[2].kind == axis_kind::time);

  const tensor_description& probability = model.outputs.at(0);
  CHECK(std::get<fixed_size>(probability.axes[1].size).size == 2);
  check_reference(probability.axes[2], {"raw", "z", 1, 0});
  check_reference(probability.axes[3], {"raw", "y", 0.5, -8});
  check_reference(probability.axes[4], {"raw", "x", 2, 1});
  CHECK(probability.axes[4].halo == 8);
  CHECK(probability.test_tensor == package.file("c.npy"));
  CHECK(step<steps::clip>(probability, 1).max == 1.0);
  CHECK(step<steps::scale_mean_variance>(probability, 3).axes == texts{"channel", "z", "y", "x"});
}

TEST_CASE("read_bioimage_model: a package of bioimage.io is read, and its weights are the promised",
          "[io]") {
  const char* data = std::getenv("GPUIMG_TEST_DATA");
  const std::string folder =
      std::string(data == nullptr ? "" : data) + "/models/unet2d_nuclei_broad";
  if (!std::filesystem::exists(folder)) {
    WARN("left out: no " + folder);
    return;
  }
  const model_description model = read_bioimage_model(folder);
  CHECK(model.name == "UNet 2D Nuclei Broad");
  CHECK(model.weights == folder + "/weights.onnx");
  const tensor_description& raw = model.inputs.at(0);
  CHECK(raw.id == "raw");
  CHECK(std::get<fixed_size>(raw.axes.at(2).size).size == 512);
  CHECK(step<steps::zero_mean_unit_variance>(raw, 1).axes == texts{"x", "y"});
  CHECK(raw.test_tensor == folder + "/test_input.npy");
  const tensor_description& probability = model.outputs.at(0);
  check_reference(probability.axes.at(3), {"raw", "x", 1, 0});
  CHECK(probability.axes[3].halo == 32);
  step<steps::sigmoid>(probability, 0);
}

TEST_CASE("read_bioimage_model: what is not supported is named all at once", "[io]") {
  std::string text = example("0_5");
  const auto replace = [&](const std::string& from, const std::string& to) {
    text.replace(text.find(from), from.size(), to);
  };
  replace("id: sigmoid", "id: cellpose_flow_dynamics");
  replace("eps: 1e-5", "eps: 1e-5, mode: odd");
  replace("type: uint16", "type: complex64");
  replace("source: test_input.npy", "source: https://example.org/test_input.npy");
  replace("  onnx: {source: weights.onnx, opset_version: 17}\n", "");
  CHECK(package(text).reason() ==
        "holds what is not supported: inputs[0].data.type 'complex64'; inputs[0].preprocessing[1] "
        "with the argument 'mode'; inputs[0].test_tensor.source on the web, "
        "'https://example.org/test_input.npy'; outputs[0].postprocessing[0] "
        "'cellpose_flow_dynamics'; weights as 'torchscript'. ONNX weights, and files that are in "
        "the folder of the description, are read");
  CHECK_THAT(reason_after("0_4", "mode: per_sample, axes: yx", "mode: per_dataset, axes: yx"),
             Contains("'zero_mean_unit_variance' with the mode 'per_dataset'"));
  CHECK_THAT(reason_after("source: weights.onnx", "source: 'http://x.org/weights.onnx'"),
             Contains("weights.onnx.source on the web, 'http://x.org/weights.onnx'"));
}

TEST_CASE("read_bioimage_model: files must be in the folder, and what the description says",
          "[io]") {
  for (const std::string path : {"../weights.onnx", "/etc/passwd", "a/../../b", "''", "\"a\\nb\""})
    CHECK_THAT(reason_after("source: weights.onnx", "source: " + path),
               StartsWith("weights.onnx.source must be in the folder of the description, got"));
  CHECK_THAT(reason_after("source: test_input.npy", "source: ../test_input.npy"),
             StartsWith("inputs[0].test_tensor.source must be in the folder"));
  const package missing(example("0_5"));
  std::filesystem::remove(missing.file("weights.onnx"));
  CHECK(test::reason_of([&](const std::string&) { read_bioimage_model(missing.path()); },
                        missing.file("weights.onnx")) == "there is no such file");
  // printf abc | sha256sum
  const std::string digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(reason_after("weights.onnx,", "weights.onnx, sha256: " + digest + ",") == "no error");
  CHECK(reason_after("weights.onnx,", "weights.onnx, sha256: abc,") ==
        "weights.onnx.sha256 is 'abc', but that of the file is '" + digest + "'");
  const test::temporary_folder folder;
  CHECK(test::reason_of(read_bioimage_model, folder.path().string()) ==
        "has no bioimageio.yaml, rdf.yaml or model.yaml");
  CHECK(test::reason_of(read_bioimage_model, folder.file("x")) == "there is no such file");
}

TEST_CASE("read_bioimage_model: every mistake is said with its place", "[io]") {
  CHECK(reason_after("0.5.4", "0.3.6") == "has the format_version '0.3.6'; 0.4 and 0.5 are read");
  CHECK(reason_after("type: model", "type: dataset") == "describes a 'dataset', not a model");
  CHECK(reason_after("name: Two tensors", "title: x") == "the description has no 'name'");
  CHECK(reason_after("size: 16", "size: 0") ==
        "inputs[0].axes[2].size must be a whole number from 1 on, got '0'");
  CHECK_THAT(reason_after("size: 16", "size: 99999999999999999999"), Contains("whole number"));
  CHECK_THAT(reason_after("size: 16", "size: 16.5"), Contains("got '16.5'"));
  CHECK_THAT(reason_after("size: 16", "size: {}"),
             Contains("must be a number, or have min and step, or tensor_id and axis_id"));
  CHECK_THAT(reason_after("size: 16, ", ""), Contains("inputs[0].axes[2] has no 'size'"));
  CHECK_THAT(reason_after("scale: 2.5", "scale: .inf"), Contains("scale must be a number"));
  CHECK_THAT(reason_after("scale: 2.5", "scale: 0"), Contains("must have a scale above 0"));
  CHECK_THAT(reason_after("step: 16", "step: 0"), Contains("step must be a whole number from 1"));
  CHECK_THAT(reason_after("type: batch", "type: angle"), Contains("has the type 'angle'; there"));
  CHECK_THAT(reason_after("id: z", "id: x"), Contains("inputs[0] has two axes 'x'"));
  CHECK_THAT(reason_after("id: count", "id: image"), Contains("has two tensors 'image'"));
  CHECK_THAT(reason_after("tensor_id: image, axis_id: z", "tensor_id: image, axis_id: q"),
             Contains("follows axis 'q' of 'image', which is not there"));
  CHECK_THAT(reason_after("tensor_id: image, axis_id: z", "tensor_id: image, axis_id: x"),
             Contains("or has no size of its own"));
  CHECK_THAT(reason_after("axes: [y, x]", "axes: [y, q]"), Contains("names the axis 'q'"));
  CHECK_THAT(reason_after("axes: [y, x]", "axes: []"), Contains("needs axes"));
  CHECK_THAT(reason_after("axes: [y, x]", "axes: yx"), Contains("axes must be a list"));
  CHECK_THAT(reason_after("dtype: float32", "x: 1"), Contains("needs the argument 'dtype'"));
  CHECK_THAT(reason_after("max_percentile: 99.8", "max_percentile: 0.5"),
             Contains("must have a min_percentile below its max_percentile"));
  CHECK_THAT(reason_after("max_percentile: 99.8", "max_percentile: 101"),
             Contains("has a max_percentile that is out of range: 101"));
  CHECK_THAT(reason_after("eps: 1e-5", "eps: 0"), Contains("has a eps that is out of range"));
  CHECK_THAT(reason_after("std: [1, 2, 3]", "std: [1, 2]"), Contains("not equally long"));
  CHECK_THAT(reason_after("std: [1, 2, 3]", "std: [1, 0, 3]"), Contains("must have a std above 0"));
  CHECK_THAT(reason_after(", axis: channel}", "}"), Contains("has lists of numbers, but no axis"));
  CHECK_THAT(reason_after("min: 0, max_p", "min: 0, max: 1, max_p"), Contains("each once"));
  CHECK_THAT(reason_after("reference_tensor: image}}", "reference_tensor: q}}"),
             Contains("needs the tensor 'q', which is not there"));
  CHECK_THAT(reason_after("channel_names: [red, green, blue]", "channel_names: red"),
             Contains("inputs[0].axes[1].channel_names must be a list"));
  CHECK_THAT(reason_after("inputs:", "inputs: []\nothers:"), Contains("has no inputs"));
  CHECK_THAT(reason_after("outputs:", "outputs: x\nothers:"), Contains("outputs must be a list"));

  CHECK_THAT(reason_after("0_4", "axes: bczyx", "axes: bczyq"), Contains("letters of bitczyx"));
  CHECK_THAT(reason_after("0_4", "axes: bczyx", "axes: bccyx"), Contains("two axes 'channel'"));
  CHECK_THAT(reason_after("0_4", "halo: [0, 0, 2, 8, 8]", "halo: [0, 0]"),
             Contains("outputs[0].halo must have a number for each axis"));
  CHECK_THAT(reason_after("0_4", "offset: [0, 1,", "offset: [0, 0,"),
             Contains("must be 0.5 or more where scale is 0"));
  CHECK_THAT(reason_after("0_4", "axes: zyx, mean", "axes: yx, mean"),
             Contains("but not one axis for them"));
  CHECK_THAT(reason_after("0_4", "[a.npy, b.npy]", "[a.npy]"),
             Contains("test_inputs must be as many as inputs"));
}

TEST_CASE("read_bioimage_model: a file that ends early or has a flipped bit is an error or a model",
          "[io]") {
  const std::string whole = example("0_4");
  const package package(whole);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    package.write(whole.substr(0, i));
    CHECK((package.reason() != "no error" || i + 2 > whole.size()));
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
    package.write(flipped);
    try {
      read_bioimage_model(package.path());
    } catch (const gpuimg::io_error&) {
    }
  }
}

TEST_CASE("read_bioimage_model: aliases, deep nesting and hostile texts cost little", "[io]") {
  const auto start = std::chrono::steady_clock::now();
  std::string bomb = "format_version: 0.5.0\ntype: model\nname: bomb\n";
  bomb += "names: &names [a" + std::string(20000, ' ');
  for (int i = 0; i < 2000; ++i) bomb += ",a";
  bomb += "]\naxis: &axis {type: channel, channel_names: *names}\naxes: &axes [*axis";
  for (int i = 0; i < 2000; ++i) bomb += ",*axis";
  bomb += "]\ninputs: [{id: a, axes: *axes}";
  for (int i = 0; i < 2000; ++i) bomb += ",{axes: *axes}";
  bomb += "]\n";
  CHECK(package(bomb).reason() == "has aliases that stand for too many values");
  CHECK_THAT(package("a: &a [*a, *a]\nformat_version: *a").reason(),
             Contains("format_version must be a text"));
  for (const std::string piece : {"[", "{a: ", "- ", "? ", "!!a ", "\"", "&a ", "a: [", "{", "*"}) {
    std::string deep;
    while (deep.size() < 200000) deep += piece;
    INFO(piece);
    CHECK(package(deep).reason() != "no error");
  }
  CHECK(package(std::string((1 << 20) + 1, ' ')).reason() ==
        "is larger than a description may be, which is 1 MiB");
  const std::string reason =
      reason_after("id: sigmoid", "id: \"\\e[31m" + std::string(9999, 'x') + '"');
  CHECK(reason.size() < 400);
  CHECK_THAT(reason, Contains("outputs[0].postprocessing[0] ' [31mxxx"));
  CHECK_THAT(package(std::string("a: [\0\xff", 6)).reason(), StartsWith("is no YAML: line"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}
