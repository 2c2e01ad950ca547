// SPDX-License-Identifier: BSD-3-Clause
// Functions of one number, which layers apply to their results.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::nn {

/// The order is that of kernels/nn/common.clh.
enum class activation_kind : std::uint8_t {
  identity,
  relu,        ///< max(x, 0)
  leaky_relu,  ///< x, alpha x below 0
  elu,         ///< x, alpha (exp(x) - 1) below 0
  sigmoid,     ///< 1 / (1 + exp(-x))
  tanh,
  gelu,          ///< x / 2 (1 + erf(x / sqrt(2)))
  gelu_tanh,     ///< x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
  silu,          ///< x sigmoid(x)
  hard_sigmoid,  ///< alpha x + beta, clamped to 0 and 1
  hard_swish,    ///< x clamp(x / 6 + 1 / 2, 0, 1)
  softplus,      ///< log(1 + exp(x))
  mish,          ///< x tanh(softplus(x))
  clip,          ///< clamped to alpha and beta
  exp,
  log,
  sqrt,
  reciprocal,
  negate,
  absolute,
  erf,
  floor,
  ceil
};

/// A function of one number with its constants.
struct activation {
  activation_kind kind = activation_kind::identity;
  float alpha = 0, beta = 0;

  bool operator==(const activation&) const = default;
  [[nodiscard]] float operator()(float x) const;
};

/// ONNX's names in lower case with underscores: "leaky_relu".
constexpr std::string_view name_of(activation_kind kind) {
  constexpr std::string_view names[] = {
      "identity", "relu",         "leaky_relu", "elu",      "sigmoid", "tanh",  "gelu", "gelu_tanh",
      "silu",     "hard_sigmoid", "hard_swish", "softplus", "mish",    "clip",  "exp",  "log",
      "sqrt",     "reciprocal",   "negate",     "absolute", "erf",     "floor", "ceil"};
  return names[static_cast<std::size_t>(kind)];
}

/// Whether the function is finite for every finite number.
constexpr bool is_finite(activation_kind kind) {
  return kind != activation_kind::exp && kind != activation_kind::log &&
         kind != activation_kind::sqrt && kind != activation_kind::reciprocal;
}

inline float activation::operator()(float x) const {
  const auto sigmoid = [](float v) { return 1 / (1 + std::exp(-v)); };
  const auto softplus = [](float v) { return v > 20 ? v : std::log1p(std::exp(v)); };
  switch (kind) {
    case activation_kind::identity:
      return x;
    case activation_kind::relu:
      return x < 0 ? 0 : x;
    case activation_kind::leaky_relu:
      return x < 0 ? alpha * x : x;
    case activation_kind::elu:
      return x < 0 ? alpha * std::expm1(x) : x;
    case activation_kind::sigmoid:
      return sigmoid(x);
    case activation_kind::tanh:
      return std::tanh(x);
    case activation_kind::gelu:
      return 0.5f * x * (1 + std::erf(x * 0.70710678f));
    case activation_kind::gelu_tanh:
      return 0.5f * x * (1 + std::tanh(0.79788456f * (x + 0.044715f * x * x * x)));
    case activation_kind::silu:
      return x * sigmoid(x);
    case activation_kind::hard_sigmoid:
      return std::fmin(std::fmax(alpha * x + beta, 0.f), 1.f);
    case activation_kind::hard_swish:
      return x * std::fmin(std::fmax(x / 6 + 0.5f, 0.f), 1.f);
    case activation_kind::softplus:
      return softplus(x);
    case activation_kind::mish:
      return x * std::tanh(softplus(x));
    case activation_kind::clip:
      return x < alpha ? alpha : x > beta ? beta : x;
    case activation_kind::exp:
      return std::exp(x);
    case activation_kind::log:
      return std::log(x);
    case activation_kind::sqrt:
      return std::sqrt(x);
    case activation_kind::reciprocal:
      return 1 / x;
    case activation_kind::negate:
      return -x;
    case activation_kind::absolute:
      return std::fabs(x);
    case activation_kind::erf:
      return std::erf(x);
    case activation_kind::floor:
      return std::floor(x);
    case activation_kind::ceil:
      return std::ceil(x);
  }
  return x;
}

}  // namespace gpuimg::nn
