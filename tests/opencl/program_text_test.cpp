// SPDX-License-Identifier: BSD-3-Clause
// What of a kernel file a kernel needs.
#include "gpuimg/opencl/program_text.hpp"

#include <catch2/catch.hpp>
#include <string>

using gpuimg::opencl::program_text;

namespace {

const std::string file =
    "// What it computes { (\n"
    "#pragma OPENCL FP_CONTRACT OFF\n"
    "\n"
    "#ifndef SRC_T\n"
    "#define SRC_T float\n"
    "#endif\n"
    "#define WIDE(type) \\\n"
    "  PASTE(type, VEC)\n"
    "#if defined(IS_SUM)\n"
    "#define COMBINE(a, b) ((a) + (b))\n"
    "#else\n"
    "#define COMBINE(a, b) max(a, b)\n"
    "#endif\n"
    "\n"
    "WIDE(int) helper(global const SRC_T* src,\n"
    "                 const int n) {  // of } one\n"
    "#ifdef INSIDE\n"
    "  return 0;\n"
    "#endif\n"
    "  return src[n];\n"
    "}\n"
    "int twice(int a) { return 2 * a; }\n"
    "\n"
    "kernel void file__one(global SRC_T* a) {\n"
    "  a[0] = helper(a, 1);\n"
    "}\n"
    "kernel __attribute__((reqd_work_group_size(1, 1, 1))) void file__two(global int* a) {\n"
    "  a[0] = COMBINE(a[1], twice(a[2]));\n"
    "}\n";

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("program text: a kernel brings its helpers and macros along, not other kernels",
          "[opencl]") {
  const program_text all({{"SRC_T", "uchar"}, {"VEC", "4"}, {"IS_SUM", ""}, {"OTHER", "1"}}, file);
  CHECK(
      all.of_kernel("file__one") ==
      "#define SRC_T uchar\n#define VEC 4\n#pragma OPENCL FP_CONTRACT OFF\n" +
          file.substr(file.find("#ifndef"), file.find("#if defined") - file.find("#ifndef")) +
          file.substr(file.find("WIDE(int)"), file.find("int twice") - file.find("WIDE(int)")) +
          file.substr(file.find("kernel void"), file.find("kernel __") - file.find("kernel void")));
  CHECK(all.of_kernel("file__two") ==
        "#define IS_SUM \n#pragma OPENCL FP_CONTRACT OFF\n" +
            file.substr(file.find("#if defined"), file.find("\nWIDE") - file.find("#if defined")) +
            file.substr(file.find("int twice"), file.find("\nkernel") - file.find("int twice")) +
            file.substr(file.find("kernel __")));
}

TEST_CASE("program text: a macro that is not mentioned makes no other program", "[opencl]") {
  const auto of = [](const gpuimg::opencl::defines& macros) {
    return program_text(macros, file).of_kernel("file__two");
  };
  CHECK(of({{"SRC_T", "uchar"}}) == of({{"SRC_T", "int"}, {"INSIDE", "1"}}));
  CHECK(of({{"IS_SUM", ""}}) != of({}));
  const auto whole = program_text({{"OTHER", "1"}, {"VEC", "4"}}, file).of_file();
  CHECK_FALSE(has(whole, "OTHER"));
  CHECK(has(whole, "#define VEC 4\n"));
  CHECK(has(whole, "file__one"));
  CHECK(has(whole, "file__two"));
}

TEST_CASE("program text: a macro of the host's may mention others", "[opencl]") {
  const program_text all({{"SRC_T", "PIXEL"}, {"PIXEL", "uchar"}, {"TWO", "2"}}, file);
  CHECK(has(all.of_kernel("file__one"), "#define PIXEL uchar\n"));
  CHECK_FALSE(has(all.of_kernel("file__one"), "TWO"));
}

TEST_CASE("program text: what is written otherwise is kept whole", "[opencl]") {
  for (const std::string text :
       {"/* a comment\nkernel void */ kernel void one() {}\n", "  kernel void one() {}\n",
        "kernel void one() {\n", "#if 1\nkernel void one() {}\n"}) {
    INFO(text);
    CHECK(program_text({{"A", "1"}}, text).of_kernel("one") == "#define A 1\n" + text);
    CHECK(program_text({{"A", "1"}}, text).of_file() == "#define A 1\n" + text);
  }
  CHECK(has(program_text({}, file).of_kernel("no_such"), "file__one"));
  CHECK(has(program_text({}, "kernel void one() {}").of_kernel("one"), "one"));
}
