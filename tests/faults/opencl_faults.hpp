// SPDX-License-Identifier: BSD-3-Clause
// What a program that is linked with opencl_faults.cpp can ask of it.
#pragma once

#include <string>

namespace faults {

/// Counts from 0 again; the given call, from 1 on, answers `code` and does nothing. 0: none does.
void fail(unsigned long call, int code);
/// How many calls there were since then.
unsigned long count();
/// The name of the function that failed since then; empty if none did.
std::string failed_function();

}  // namespace faults
