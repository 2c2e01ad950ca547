// SPDX-License-Identifier: BSD-3-Clause
// The catalogue, put together from parts that CMake writes from operations.def.
#include "registry/catalogue.hpp"

#include <algorithm>
#include <string_view>

namespace gpuimg {

#define GPUIMG_PART(name) void name(std::vector<registry_entry>& all);
#include "catalogue_parts.inc"
#undef GPUIMG_PART

namespace {

std::string_view name_of_entry(const registry_entry& entry) { return entry.about->name; }

std::vector<registry_entry> make_catalogue() {
  std::vector<registry_entry> all;
#define GPUIMG_PART(name) name(all);
#include "catalogue_parts.inc"
#undef GPUIMG_PART
  std::ranges::sort(all, {}, name_of_entry);
  return all;
}

}  // namespace

const std::vector<registry_entry>& catalogue() {
  static const auto all = make_catalogue();
  return all;
}

const registry_entry* find_operation(const std::string& name) {
  const auto& all = catalogue();
  const auto found = std::ranges::lower_bound(all, name, {}, name_of_entry);
  return found != all.end() && name == found->about->name ? &*found : nullptr;
}

}  // namespace gpuimg
