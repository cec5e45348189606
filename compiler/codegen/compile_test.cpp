#include "compiler/codegen/compile.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>

#include "compiler/codegen/plugin_file.h"
#include "compiler/codegen/test_sources.h"

namespace netc::codegen {
namespace {

struct ElfSection {
  Elf64_Shdr header;
  std::vector<uint8_t> bytes;
};

std::map<std::string, ElfSection> Sections(const std::vector<uint8_t>& object) {
  Elf64_Ehdr elf;
  std::memcpy(&elf, object.data(), sizeof elf);
  auto header = [&](size_t index) {
    Elf64_Shdr section;
    std::memcpy(&section, object.data() + elf.e_shoff + index * sizeof section, sizeof section);
    return section;
  };
  const char* names =
      reinterpret_cast<const char*>(object.data()) + header(elf.e_shstrndx).sh_offset;
  std::map<std::string, ElfSection> sections;
  for (size_t i = 1; i < elf.e_shnum; ++i) {
    Elf64_Shdr found = header(i);
    auto begin = object.begin() + static_cast<ptrdiff_t>(found.sh_offset);
    sections[names + found.sh_name] = {found,
                                       {begin, begin + static_cast<ptrdiff_t>(found.sh_size)}};
  }
  return sections;
}

std::string Errors(const CompileResult& result) {
  std::string all = result.reason + "\n";
  for (const CompileMessage& message : result.messages) {
    all += std::to_string(message.c_line) + ": " + message.text + "\n";
  }
  return all;
}

TEST(Compile, GivesABpfObjectAndTheSizeOfItsFunctions) {
  CompileRequest request =
      Program("return helper(ctx->data);",
              "static __attribute__((noinline)) int helper(int a) { return a * 3; }\n");
  CompileResult result = Compile(request);
  ASSERT_TRUE(result.ok) << Errors(result);
  EXPECT_TRUE(result.messages.empty()) << Errors(result);
  auto sections = Sections(result.object);
  ASSERT_EQ(result.functions.size(), 2u);
  for (const FunctionSize& function : result.functions) {
    EXPECT_EQ(function.instructions * 8, sections[function.section].bytes.size());
    EXPECT_EQ(function.section, function.function == "guard" ? "xdp" : ".text");
  }
}

TEST(Compile, CountsTheStackOfTheDeepestChainOfCalls) {
  CompileRequest request;
  request.c_name = "stack.c";
  request.c_source = R"(
    #define SEC(name) __attribute__((section(name), used))
    long (*helper)(void *) = (void *)6;
    static __attribute__((noinline)) int deepest(int n) {
      char bytes[200];
      *(volatile int *)bytes = n;
      return helper(bytes);
    }
    static __attribute__((noinline)) int other(int n) {
      char bytes[240];
      *(volatile int *)bytes = n;
      return helper(bytes);
    }
    static __attribute__((noinline)) int middle(int n) {
      char bytes[100];
      *(volatile int *)bytes = n;
      return helper(bytes) + deepest(n);
    }
    SEC("xdp") int both(void *ctx) { return middle(1) + other(2); }
    SEC("xdp") int alone(void *ctx) { return 1; }
  )";
  CompileResult result = Compile(request);
  ASSERT_TRUE(result.ok) << Errors(result);
  // 32 + 128 + 224: each in steps of 32.
  EXPECT_EQ(result.stack_bytes, 384u);
  request.c_source.replace(request.c_source.find("bytes[200]"), 10, "bytes[400]");
  result = Compile(request);
  EXPECT_EQ(result.failure, Failure::kStack) << result.reason;
  EXPECT_EQ(result.stack_bytes, 576u);
  EXPECT_TRUE(result.object.empty());
}

TEST(Compile, KeepsBtfAndDropsDwarf) {
  CompileResult result = Compile(SmallProgram());
  ASSERT_TRUE(result.ok) << Errors(result);
  auto sections = Sections(result.object);
  for (const char* name : {".BTF", ".BTF.ext", ".rel.BTF.ext", "xdp", "license"}) {
    EXPECT_TRUE(sections.contains(name)) << name;
  }
  for (const auto& [name, section] : sections) {
    EXPECT_EQ(name.find(".debug"), std::string::npos) << name;
  }
  // The verifier's log quotes source lines out of BTF.
  const std::vector<uint8_t>& btf = sections[".BTF"].bytes;
  std::string text(btf.begin(), btf.end());
  EXPECT_NE(text.find("return ctx->data & 1 ? 1 : 2;"), std::string::npos);
  EXPECT_NE(text.find("sample.bpf.c"), std::string::npos);
}

TEST(Compile, LeavesBtfOutWhereNoDebugInfoIsAskedFor) {
  CompileRequest request = SmallProgram();
  request.debug_info = false;
  CompileResult result = Compile(request);
  ASSERT_TRUE(result.ok) << Errors(result);
  EXPECT_FALSE(Sections(result.object).contains(".BTF"));
}

TEST(Compile, AddsSectionsThatAreNotAllocated) {
  CompileRequest request = SmallProgram();
  request.extra_sections = {{".netc", {'{', 0, 255, '}'}}, {".netc.empty", {}}};
  CompileResult result = Compile(request);
  ASSERT_TRUE(result.ok) << Errors(result);
  auto sections = Sections(result.object);
  EXPECT_EQ(sections[".netc"].bytes, request.extra_sections[0].bytes);
  EXPECT_EQ(sections[".netc"].header.sh_type, static_cast<Elf64_Word>(SHT_PROGBITS));
  EXPECT_EQ(sections[".netc"].header.sh_flags & SHF_ALLOC, 0u);
  EXPECT_TRUE(sections.contains(".netc.empty"));
}

TEST(Compile, GivesTheSameBytesInEveryDirectory) {
  std::filesystem::path before = std::filesystem::current_path();
  CompileResult here = Compile(SmallProgram());
  std::filesystem::current_path("/");
  CompileResult there = Compile(SmallProgram());
  std::filesystem::current_path(before);
  ASSERT_TRUE(here.ok) << Errors(here);
  EXPECT_EQ(here.object, there.object);
}

// LLVM 19 by itself crashes in the second compilation: see llvm_state.h.
TEST(Compile, CompilesTheSameRelocatedAccessAgain) {
  CompileRequest request =
      Program("return ((struct task *)(long)ctx->data)->pid;",
              "struct task { int flags; int pid; } __attribute__((preserve_access_index));\n");
  CompileResult first = Compile(request);
  ASSERT_TRUE(first.ok) << Errors(first);
  for (int i = 0; i < 3; ++i) {
    CompileResult again = Compile(request);
    ASSERT_TRUE(again.ok) << Errors(again);
    EXPECT_EQ(again.object, first.object);
  }
}

TEST(Compile, ReportsErrorsWithTheirPlace) {
  CompileRequest request;
  request.c_name = "broken.bpf.c";
  request.c_source = "int a = ;\n#error \"no\"\n  b c;\n";
  CompileResult result = Compile(request);
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.failure, Failure::kClangErrors);
  EXPECT_TRUE(result.object.empty());
  ASSERT_EQ(result.messages.size(), 3u) << Errors(result);
  EXPECT_EQ(result.messages[0].text, "expected expression");
  EXPECT_EQ(result.messages[0].c_line, 1u);
  EXPECT_EQ(result.messages[0].c_column, 9u);
  EXPECT_EQ(result.messages[1].text, "\"no\"");
  EXPECT_EQ(result.messages[1].c_line, 2u);
  EXPECT_EQ(result.messages[2].c_line, 3u);
  EXPECT_TRUE(Compile(SmallProgram()).ok);
}

TEST(Compile, ReportsWarningsAndStillCompiles) {
  CompileResult result = Compile(Program("int *p = 7; return p != 0;"));
  EXPECT_FALSE(result.ok);
  result = Compile(Program("return 2; ;", "int f(void) { }\n"));
  ASSERT_TRUE(result.ok) << Errors(result);
  ASSERT_EQ(result.messages.size(), 1u);
  EXPECT_EQ(result.messages[0].severity, Severity::kWarning);
}

TEST(Compile, ReadsNothingOfTheMachine) {
  for (const char* include : {"<linux/bpf.h>", "<stddef.h>", "\"/etc/passwd\""}) {
    CompileRequest request = SmallProgram();
    request.c_source = std::string("#include ") + include + "\n" + request.c_source;
    CompileResult result = Compile(request);
    EXPECT_EQ(result.failure, Failure::kClangErrors) << include;
    ASSERT_FALSE(result.messages.empty());
    EXPECT_NE(result.messages[0].text.find("file not found"), std::string::npos);
  }
}

// With no descriptor to be had, each open() fails; source lines in BTF would be
// missing first.
TEST(Compile, OpensNoFile) {
  CompileResult before = Compile(SmallProgram());
  rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  rlimit none = {0, limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  CompileResult without = Compile(SmallProgram());
  setrlimit(RLIMIT_NOFILE, &limit);
  ASSERT_TRUE(without.ok) << Errors(without);
  EXPECT_EQ(before.object, without.object);
}

TEST(Compile, IncludesTheHeadersOfTheRequest) {
  CompileRequest request = Program("return twice(ctx->data);", "#include \"user/twice.h\"\n");
  request.headers = {{"user/twice.h", "static int twice(int a) { return 2 * a; }\n"}};
  CompileResult result = Compile(request);
  EXPECT_TRUE(result.ok) << Errors(result);
  request.headers = {{"user/twice.h", "\n\nstatic int twice(int a) { return b; }\n"}};
  result = Compile(request);
  ASSERT_EQ(result.messages.size(), 1u);
  EXPECT_EQ(result.messages[0].text, "use of undeclared identifier 'b'");
  EXPECT_EQ(result.messages[0].file, "user/twice.h");
  EXPECT_EQ(result.messages[0].c_line, 3u);
}

TEST(Compile, DoesNotDependOnTimeOrEnvironment) {
  CompileRequest request =
      Program("return date[ctx->data & 7];", "const volatile char date[] = __DATE__ __TIME__;\n");
  CompileResult before = Compile(request);
  setenv("SOURCE_DATE_EPOCH", "not a date", 1);
  CompileResult after = Compile(request);
  unsetenv("SOURCE_DATE_EPOCH");
  ASSERT_TRUE(before.ok) << Errors(before);
  EXPECT_EQ(before.object, after.object);
  auto sections = Sections(before.object);
  std::string date(sections[".rodata"].bytes.begin(), sections[".rodata"].bytes.end());
  EXPECT_NE(date.find("Jan  1 1970"), std::string::npos) << date;
}

TEST(Compile, HasLibbpfsHeaders) {
  for (const char* header : {"bpf_core_read.h", "bpf_tracing.h", "bpf_endian.h"}) {
    CompileRequest request = Program("return 2;", std::string("#include <bpf/") + header + ">\n");
    CompileResult result = Compile(request);
    EXPECT_TRUE(result.ok) << header << Errors(result);
  }
}

TEST(Compile, RefusesAnUnknownCpu) {
  CompileRequest request = SmallProgram();
  request.cpu = "v99";
  CompileResult result = Compile(request);
  EXPECT_EQ(result.failure, Failure::kClangErrors) << Errors(result);
}

TEST(Compile, ToleratesAnySource) {
  CompileRequest request;
  request.c_name = "odd.bpf.c";
  for (const std::string& source :
       {std::string(), std::string("\0\0\0", 3), std::string("\xFF\xFE{"), std::string("/*"),
        std::string("#include <bpf/bpf_helpers.h>"), Repeat("(", 100'000)}) {
    request.c_source = source;
    CompileResult result = Compile(request);
    EXPECT_NE(result.failure, Failure::kCrashed) << Errors(result);
  }
  EXPECT_TRUE(Compile(SmallProgram()).ok);
}

TEST(Plugin, IsRefusedWhereItIsNotNetcs) {
  Plugin missing = OpenPlugin("/nowhere/libnetc_codegen.so");
  EXPECT_EQ(missing.compile, nullptr);
  EXPECT_NE(missing.error.find("/nowhere/libnetc_codegen.so"), std::string::npos);
  Plugin other = OpenPlugin("libm.so.6");
  EXPECT_EQ(other.compile, nullptr);
  EXPECT_EQ(other.error, "libm.so.6 is not netc's code generator");
}

}  // namespace
}  // namespace netc::codegen
