// SPDX-License-Identifier: BSD-3-Clause
// What a program that is linked with opencl_faults.cpp can ask of it.
#pragma once

#include <string>

namespace faults {

/// Counts from 0 again. The given call, from 1 on, and those after it, `times` in all, answer
/// `code` and do nothing; none does where `call` is 0.
void fail(unsigned long call, int code, unsigned long times = 1);
/// How many calls there were since then.
unsigned long count();
/// How many of one function.
unsigned long count(const std::string& function);
/// The name of the function that failed since then; empty if none did.
std::string failed_function();

}  // namespace faults
