// SPDX-License-Identifier: BSD-3-Clause
// Part 1 of 4 of the operations that the agreement tests run.
#include "agreement/operations.hpp"

void test::add_operations_1_of_4(std::vector<tested_operation>& all, const case_filter& filter) {
  add_part<0, 4>(all, filter);
}
