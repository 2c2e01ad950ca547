// SPDX-License-Identifier: BSD-3-Clause
// The attributes of one operator of a graph, with their defaults, and errors that name the
// operator.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gpuimg/nn/graph.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// Reads one operator; the graph must outlive it.
class node_reader {
 public:
  node_reader(const graph_node& node, std::int64_t opset) : node_(node), opset_(opset) {}

  [[nodiscard]] const graph_node& node() const { return node_; }
  [[nodiscard]] const std::string& op() const { return node_.op; }
  [[nodiscard]] std::int64_t opset() const { return opset_; }
  [[nodiscard]] bool has(const char* name) const { return node_.attributes.count(name) != 0; }

  /// What an attribute says, or what is meant where it is left out. Throws argument_error where it
  /// is of another type.
  [[nodiscard]] std::int64_t integer(const char* name, std::int64_t otherwise) const {
    return get(name, otherwise, "an integer");
  }
  [[nodiscard]] float number(const char* name, float otherwise) const {
    return get(name, otherwise, "a number");
  }
  [[nodiscard]] std::string word(const char* name, std::string otherwise) const {
    return get(name, std::move(otherwise), "a word");
  }
  [[nodiscard]] std::vector<std::int64_t> integers(const char* name,
                                                   std::vector<std::int64_t> otherwise = {}) const {
    return get(name, std::move(otherwise), "integers");
  }
  [[nodiscard]] std::vector<float> numbers(const char* name) const {
    return get(name, std::vector<float>{}, "numbers");
  }
  [[nodiscard]] host_tensor tensor(const char* name, host_tensor otherwise = {}) const {
    return get(name, std::move(otherwise), "a tensor");
  }

  /// Throws argument_error: "Conv (down.0): `text`".
  [[noreturn, gnu::cold]] void fail(std::string_view text) const {
    throw argument_error(gpuimg::detail::text({who(), ": ", text}));
  }
  /// "Conv (down.0)"; the operator's first result stands for a name that it lacks.
  [[nodiscard]] std::string who() const {
    const std::string& name = !node_.name.empty()     ? node_.name
                              : node_.outputs.empty() ? node_.op
                                                      : node_.outputs.front();
    return gpuimg::detail::text({node_.op, " (", name, ")"});
  }

 private:
  template <class T>
  T get(const char* name, T otherwise, const char* wanted) const {
    const auto found = node_.attributes.find(name);
    if (found == node_.attributes.end()) return otherwise;
    if (const T* value = std::get_if<T>(&found->second)) return *value;
    fail(gpuimg::detail::text({"the attribute ", name, " must be ", wanted}));
  }

  const graph_node& node_;
  std::int64_t opset_;
};

/// An axis as files count it, from -rank to rank - 1, as a number from 0 on. Throws argument_error.
inline std::size_t axis_of(const node_reader& node, std::int64_t axis, std::size_t rank) {
  const auto axes = static_cast<std::int64_t>(rank);
  if (axis < -axes || axis >= axes)
    node.fail(gpuimg::detail::text(
        {"axis ", std::to_string(axis), " of a tensor with ", std::to_string(axes), " axes"}));
  return static_cast<std::size_t>(axis < 0 ? axis + axes : axis);
}

}  // namespace gpuimg::nn
