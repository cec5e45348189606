// Programs at and beyond the limits of Clang's BPF backend: each is an error of
// netc, none ends the process.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "compiler/codegen/compile.h"
#include "compiler/codegen/test_sources.h"

#ifdef __SANITIZE_ADDRESS__
// What a compilation allocated that did not finish is lost: see recovery.h.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libnetc_codegen.so\n";
}
#endif

namespace netc::codegen {
namespace {

class CompileLarge : public testing::Test {
 protected:
  // The process is fit to compile after each of these.
  void TearDown() override {
    CompileResult result = Compile(SmallProgram());
    EXPECT_TRUE(result.ok) << result.reason;
  }
};

// One statement of `count` instructions.
std::string Instructions(int count) {
  return "asm volatile(\".rept " + std::to_string(count) + "\\n%0 += 1\\n.endr\" : \"+r\"(x));\n";
}

TEST_F(CompileLarge, ABranchOver32767InstructionsIsTooLarge) {
  CompileResult result =
      Compile(Program("__u64 x = 0;\nif (ctx->data) {\n" + Instructions(33'000) + "}\nreturn x;"));
  EXPECT_EQ(result.failure, Failure::kTooLarge) << result.reason;
  EXPECT_TRUE(result.object.empty());
  EXPECT_NE(result.reason.find("insn range"), std::string::npos) << result.reason;
}

TEST_F(CompileLarge, ALongProgramWithoutLongBranchesIsNot) {
  CompileResult result =
      Compile(Program("__u64 x = ctx->data;\n" + Instructions(33'000) + "return x;"));
  ASSERT_TRUE(result.ok) << result.reason;
  EXPECT_GT(result.functions.at(0).instructions, 33'000u);
}

TEST_F(CompileLarge, ManyValuesAtOnceAreTooLargeAndFewMessages) {
  std::string declare, use;
  for (int i = 0; i < 400; ++i) {
    std::string name = "v" + std::to_string(i);
    declare += "__u64 " + name + " = *(volatile __u64 *)ctx;\n";
    use += "asm volatile(\"%0 += 1\" : \"+r\"(" + name + "));\n";
  }
  CompileResult result = Compile(Program(declare + use + "return 2;"));
  EXPECT_EQ(result.failure, Failure::kStack) << result.reason;
  EXPECT_LE(result.messages.size(), 100u);
}

TEST_F(CompileLarge, AStackOver512BytesIsTooLarge) {
  CompileResult result =
      Compile(Program("volatile char stack[8192];\nstack[ctx->data & 8191] = 1;\n"
                      "return stack[ctx->data_end & 8191];"));
  EXPECT_EQ(result.failure, Failure::kStack) << result.reason;
  EXPECT_NE(result.reason.find("512 bytes of stack"), std::string::npos) << result.reason;
}

TEST_F(CompileLarge, MoreThanFiveArgumentsAreAnError) {
  CompileResult result =
      Compile(Program("return f(1, 2, 3, 4, 5, ctx->data);",
                      "__attribute__((noinline)) int f(int a, int b, int c, int d, int e, int g)"
                      "{ return a + b + c + d + e + g; }\n"));
  EXPECT_EQ(result.failure, Failure::kClangErrors) << result.reason;
  EXPECT_FALSE(result.messages.empty());
}

TEST_F(CompileLarge, FiveThousandNestedBlocksAreAnErrorOfClang) {
  CompileResult result =
      Compile(Program("__u32 x = ctx->data;\n" + Repeat("if (x++ & 7) {\n", 5'000) +
                      Repeat("}", 5'000) + "return x;"));
  EXPECT_EQ(result.failure, Failure::kClangErrors) << result.reason;
}

TEST_F(CompileLarge, FiveThousandNestedIfsCompile) {
  CompileResult result = Compile(Program("volatile __u32 *x = (void *)ctx;\n" +
                                         Repeat("if (*x & 7)\n", 5'000) + "return 1;\nreturn 2;"));
  EXPECT_TRUE(result.ok) << result.reason;
}

TEST_F(CompileLarge, AChainOfAThousandElseIfsCompiles) {
  CompileResult result =
      Compile(Program("volatile __u32 *x = (void *)ctx;\n" +
                      Repeat("if (*x == 3) return 1; else\n", 1'000) + "return 2;"));
  EXPECT_TRUE(result.ok) << result.reason;
}

// A signal leaves LLVM in an unknown state, so this runs in a process of its own.
TEST(CompileCrash, IsSurvivedAndRefusesFurtherWork) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  auto crash = [] {
    CompileResult crashed = Compile(Program("return " + Repeat("! ", 4'000'000) + "ctx->data;"));
    bool right = crashed.failure == Failure::kCrashed;
    CompileResult next = Compile(SmallProgram());
    right = right && next.failure == Failure::kCrashed && !next.reason.empty();
    std::fprintf(stderr, "%s\n", crashed.reason.c_str());
    std::exit(right ? 0 : 1);
  };
  EXPECT_EXIT(crash(), testing::ExitedWithCode(0), "Clang crashed: Segmentation fault");
}

// Bytes of address space that this process uses.
rlim_t AddressSpace() {
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

TEST(CompileCrash, WantOfMemoryIsSurvived) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer does not live with a limit on address space";
#endif
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  auto starve = [] {
    bool right = Compile(SmallProgram()).ok;
    rlim_t limit = AddressSpace() + (100 << 20);  // less than the compiling thread's stack
    rlimit limits = {limit, limit};
    setrlimit(RLIMIT_AS, &limits);
    CompileResult starved = Compile(SmallProgram());
    right = right && starved.failure == Failure::kCrashed;
    std::fprintf(stderr, "%s\n", starved.reason.c_str());
    std::exit(right ? 0 : 1);
  };
  EXPECT_EXIT(starve(), testing::ExitedWithCode(0), "LLVM gave up: pthread_create failed");
}

}  // namespace
}  // namespace netc::codegen
