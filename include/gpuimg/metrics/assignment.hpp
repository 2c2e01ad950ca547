// SPDX-License-Identifier: BSD-3-Clause
// The heaviest one-to-one assignment between two sets that few edges connect.
#pragma once

#include "gpuimg/core/push_macros.def"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

#include "gpuimg/core/version.hpp"

namespace gpuimg::inline GPUIMG_VERSION_NAMESPACE::metrics::detail {

struct edge {
  std::size_t left = 0, right = 0;
  double weight = 0;  // > 0
};

constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();

/// Each node's partner on the right, or `nobody`, so that the sum of weights is as great as can be.
///
/// One after the other, each left node takes the shortest augmenting path in reduced costs (Jonker
/// and Volgenant, Computing 1987; 38: 325), which also may end by leaving a node alone. Paths are
/// short where edges connect neighbours, so the time grows about with the number of edges.
inline std::vector<std::size_t> heaviest_assignment(std::size_t left_count, std::size_t right_count,
                                                    std::vector<edge> edges) {
  std::sort(edges.begin(), edges.end(), [](const edge& a, const edge& b) {
    return std::pair(a.left, a.right) < std::pair(b.left, b.right);
  });
  std::vector<std::size_t> first_edge(left_count + 1, edges.size());
  for (std::size_t e = edges.size(); e-- > 0;) first_edge[edges[e].left] = e;
  for (std::size_t u = left_count; u-- > 0;)
    first_edge[u] = std::min(first_edge[u], first_edge[u + 1]);

  // Prices keep left_price + right_price >= weight along every edge, and equal in the assignment.
  std::vector<double> left_price(left_count), right_price(right_count);
  for (const edge& e : edges) left_price[e.left] = std::max(left_price[e.left], e.weight);
  std::vector<std::size_t> partner_of_left(left_count, nobody),
      partner_of_right(right_count, nobody);

  constexpr double infinite = std::numeric_limits<double>::infinity();
  std::vector<double> left_distance(left_count, infinite), right_distance(right_count, infinite);
  std::vector<std::size_t> comes_from(right_count, nobody);
  using entry = std::pair<double, std::size_t>;
  for (std::size_t start = 0; start < left_count; ++start) {
    std::priority_queue<entry, std::vector<entry>, std::greater<>> open;
    std::vector<std::size_t> lefts{start}, rights;  // whose distances are known
    left_distance[start] = 0;
    open.emplace(0.0, start);
    double shortest = infinite;
    std::size_t free_right = nobody, lonely_left = nobody;  // where the path ends
    while (!open.empty() && open.top().first < shortest) {
      const auto [distance, u] = open.top();
      open.pop();
      if (distance > left_distance[u]) continue;
      if (distance + left_price[u] < shortest) {
        shortest = distance + left_price[u];
        lonely_left = u;
        free_right = nobody;
      }
      for (std::size_t e = first_edge[u]; e < first_edge[u + 1]; ++e) {
        const std::size_t v = edges[e].right;
        // what an edge costs is below 0 by rounding only
        const double cost = left_price[u] + right_price[v] - edges[e].weight;
        const double to_v = distance + std::max(cost, 0.0);
        if (to_v >= std::min(shortest, right_distance[v])) continue;
        if (right_distance[v] == infinite) rights.push_back(v);
        right_distance[v] = to_v;
        comes_from[v] = u;
        const std::size_t next = partner_of_right[v];
        if (next == nobody) {
          shortest = to_v;
          free_right = v;
          lonely_left = nobody;
        } else {
          if (left_distance[next] == infinite) lefts.push_back(next);
          left_distance[next] = to_v;
          open.emplace(to_v, next);
        }
      }
    }
    // Along the path everybody takes over the partner of the next.
    std::size_t v = free_right;
    if (lonely_left != nobody) v = std::exchange(partner_of_left[lonely_left], nobody);
    while (v != nobody) {
      const std::size_t u = comes_from[v];
      partner_of_right[v] = u;
      v = std::exchange(partner_of_left[u], v);
    }
    for (const std::size_t u : lefts) {
      left_price[u] -= std::max(shortest - left_distance[u], 0.0);
      left_distance[u] = infinite;
    }
    for (const std::size_t w : rights) {
      right_price[w] += std::max(shortest - right_distance[w], 0.0);
      right_distance[w] = infinite;
    }
  }
  return partner_of_left;
}

}  // namespace gpuimg::metrics::detail

#include "gpuimg/core/pop_macros.def"
