#include "runtime/verifier_log.h"

#include <gtest/gtest.h>

#include "runtime/line_info.h"
#include "runtime/permission.h"
#include "runtime/read_file.h"
#include "runtime/test_world.h"

namespace netc::runtime {
namespace {

// The lines that libbpf 1.4 puts around a verifier's log; the log itself is made
// up in the verifier's form.
std::string Log(const std::string& verifier) {
  return "libbpf: prog 'guard': BPF program load failed: Permission denied\n"
         "libbpf: prog 'guard': -- BEGIN PROG LOAD LOG --\n" +
         verifier +
         "processed 5 insns (limit 1000000) max_states_per_insn 0\n"
         "-- END PROG LOAD LOG --\n"
         "libbpf: prog 'guard': failed to load: -13\n";
}

TEST(VerifierLog, FindsMessageAndLine) {
  auto rejection =
      FindRejection(Log("0: R1=ctx() R10=fp0\n"
                        "; int guard() @ edge.bpf.c:8\n"
                        "0: (b4) w0 = 2\n"
                        "from 0 to 4: R1=ctx()\n"
                        "; return x ? 1 : 2; @ edge.bpf.c:12\n"
                        "4: (71) r1 = *(u8 *)(r1 +3)\n"
                        "made-up complaint\nwith a second line\n"));
  ASSERT_TRUE(rejection);
  EXPECT_EQ(rejection->program, "guard");
  EXPECT_EQ(rejection->message, "made-up complaint");
  EXPECT_EQ(rejection->c_line, 12u);
  EXPECT_EQ(rejection->c_text, "return x ? 1 : 2;");
}

TEST(VerifierLog, KnowsOlderKernelsWithoutLineNumbers) {
  auto rejection = FindRejection(Log("; return a ? 1 : 2;\n4: (71) r1 = 0\nmade-up complaint\n"));
  ASSERT_TRUE(rejection);
  EXPECT_EQ(rejection->c_line, 0u);
  EXPECT_EQ(rejection->c_text, "return a ? 1 : 2;");
}

TEST(VerifierLog, IsSilentWithoutALog) {
  EXPECT_FALSE(FindRejection(""));
  EXPECT_FALSE(FindRejection("libbpf: something else\n"));
}

TEST(VerifierLog, MapsLines) {
  std::vector<object::LineMapping> lines = {{10, {"a.np", 3, 1}}, {20, {"a.np", 5, 1}}};
  EXPECT_FALSE(SourceOf(lines, 9));
  EXPECT_FALSE(SourceOf(lines, 0));
  EXPECT_EQ(SourceOf(lines, 10)->line, 3u);
  EXPECT_EQ(SourceOf(lines, 19)->line, 3u);
  EXPECT_EQ(SourceOf(lines, 99)->line, 5u);
}

TEST(LineInfo, FindsALineByItsText) {
  ObjectFile file = Fixture("refused");
  uint32_t line = FindLine(file.bytes, "return data[3] ? XDP_DROP : XDP_PASS;  // np: 13");
  EXPECT_EQ(SourceOf(file.info.lines, line)->line, 13u);
  EXPECT_EQ(FindLine(file.bytes, "no such line"), 0u);
  // Damaged objects must not be read beyond their end.
  for (size_t size = 0; size < file.bytes.size(); size += 97) {
    FindLine(std::span(file.bytes).first(size), "return");
  }
}

TEST(Permission, NamesWhatIsMissing) {
  EXPECT_EQ(MissingCapabilities(0), "CAP_BPF, CAP_PERFMON, CAP_NET_ADMIN");
  EXPECT_EQ(MissingCapabilities(~0ull), "");
  EXPECT_EQ(MissingCapabilities(1ull << 21), "CAP_NET_ADMIN");  // CAP_SYS_ADMIN alone
  EXPECT_EQ(MissingCapabilities(1ull << 39 | 1ull << 12), "CAP_PERFMON");
}

}  // namespace
}  // namespace netc::runtime
