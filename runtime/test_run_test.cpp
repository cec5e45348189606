#include "runtime/test_run.h"

#include <gtest/gtest.h>

#include "compiler/object/host_order.h"
#include "compiler/object/test_report.h"
#include "runtime/test_world.h"

namespace netc::runtime {
namespace {

using namespace netc::object;  // the steps

constexpr uint8_t kTcp = 6, kUdp = 17, kIcmp = 1;

class RunTestTest : public testing::Test {
 protected:
  void SetUp() override { NETC_NEEDS_BPF(); }

  // The outcome of a test of these steps: "passed", or its problems.
  template <typename... Steps>
  std::string Run(Steps... steps) {
    TestPlan plan;
    plan.name = "made up";
    (plan.steps.push_back(
         {{"edge.np", static_cast<uint32_t>(plan.steps.size() + 1), 1}, "", steps}),
     ...);
    auto outcome = RunTest(file_, plan);
    if (!outcome) return "failure: " + outcome.failure().message;
    if (outcome->result == TestResult::kSkipped) return "skipped: " + outcome->reason;
    std::string text;
    for (const Problem& problem : outcome->problems) {
      text += std::to_string(problem.place.line) + ": " + problem.message;
      for (const std::string& detail : problem.details) text += " | " + detail;
      text += "\n";
    }
    EXPECT_EQ(outcome->result == TestResult::kPassed, text.empty());
    return text.empty() ? "passed" : text;
  }

  ObjectFile file_ = Fixture("firewall");
  ExpectVerdict pass_{"pass", {2}};
  ExpectVerdict drop_{"drop", {1}};
};

TEST_F(RunTestTest, Verdicts) {
  Bytes tcp = Frame(1, kTcp, 1000, 80);
  EXPECT_EQ(Run(Send{tcp}, pass_), "passed");
  EXPECT_EQ(Run(Send{tcp}, drop_),
            "2: expected `drop`, got `pass` | no rule decided: this is what the block ends with\n");
  ChangeState block{0, false, {8, 0, 0, 0, 10, 0, 0, 0}, {}};
  EXPECT_EQ(Run(block, Send{tcp}, drop_), "passed");
  EXPECT_EQ(
      Run(block, Send{tcp}, pass_),
      "3: expected `pass`, got `drop` | edge.np:12:5 decided: drop when ipv4.src in blocked\n");
  ChangeState unblock{0, true, {8, 0, 0, 0, 10, 0, 0, 0}, {}};
  EXPECT_EQ(Run(block, unblock, Send{tcp}, pass_), "passed");
  EXPECT_EQ(Run(Send{Bytes(20)}, pass_),
            "2: expected `pass`, got `drop` | counted: unreadable in guard\n");
  EXPECT_EQ(Run(Send{Bytes(5)}, pass_).find("1: the kernel does not take this packet of 5 bytes"),
            0u);
}

TEST_F(RunTestTest, WorldAndParameters) {
  Bytes tcp = Frame(1, kTcp, 1000, 80);
  SetWorld start{SetWorld::What::kNow, 1'000'000'000};
  SetParameter slow{0, StoreInteger(1'000'000, 8)};
  // Two tokens, one a second, and a clock that stands.
  EXPECT_EQ(Run(slow, start, Send{tcp, 2}, pass_, Send{tcp}, drop_), "passed");
  SetWorld later{SetWorld::What::kNow, 2'100'000'000};
  EXPECT_EQ(Run(slow, start, Send{tcp, 3}, drop_, later, Send{tcp}, pass_), "passed");
}

TEST_F(RunTestTest, StatesAndEvents) {
  Bytes tcp = Frame(1, kTcp, 1000, 80);
  SetParameter slow{0, StoreInteger(1'000'000, 8)};
  SetWorld start{SetWorld::What::kNow, 1'000'000'000};
  Bytes key = {10, 0, 0, 1};
  ExpectState two{3, key, StoreInteger(2, 8)};
  ExpectState three{3, key, StoreInteger(3, 8)};
  ExpectState absent{3, key, std::nullopt, false};
  ExpectEvent flood{0, {{0, key}, {1, StoreInteger(80, 2)}}};
  ExpectEvent other{0, {{1, StoreInteger(81, 2)}}};
  EXPECT_EQ(Run(slow, start, absent, Send{tcp, 4}, two, flood, flood, ExpectNoEvent{}), "passed");
  EXPECT_EQ(
      Run(slow, start, two, Send{tcp, 4}, three, absent, other, ExpectNoEvent{}, flood, flood),
      "3: `dropped[10.0.0.1]` is not there\n"
      "5: `dropped[10.0.0.1]`: expected 3, got 2\n"
      "6: `dropped[10.0.0.1]` is there\n"
      "7: event `SynFlood` is not as expected | `dport`: expected 81, got 80\n"
      "8: expected no event, got `SynFlood src=10.0.0.1 dport=80`\n"
      "10: expected event `SynFlood`, none came\n");
  EXPECT_EQ(Run(Send{tcp}, ExpectState{4, {}, StoreInteger(1, 8)}), "passed");
  EXPECT_EQ(Run(Send{Frame(1, kUdp, 53, 9)}, drop_), "passed")
      << "tests do not see each other's state";
}

TEST_F(RunTestTest, Packets) {
  Bytes ping = Frame(1, kIcmp, 0, 0);
  ExpectPacket same{ping, Bytes(ping.size(), 0xff), {}};
  same.fields = {{"ipv4.ttl", 22 * 8, 8, {.form = Form::kUnsigned, .name = "u8", .size = 1}},
                 {"ipv4.src", 26 * 8, 32, {.form = Form::kIpv4, .size = 4}}};
  EXPECT_EQ(Run(Send{ping}, same),
            "2: the packet is not as expected | `ipv4.ttl`: expected 64, got 7\n");
  ExpectPacket rewritten = same;
  rewritten.packet[22] = 7;
  EXPECT_EQ(Run(Send{ping}, rewritten), "passed");
  rewritten.packet[30] = 9;  // no field stands there
  EXPECT_EQ(Run(Send{ping}, rewritten),
            "2: the packet is not as expected | byte 30: expected 0x09, got 0x0a\n");
  rewritten.mask[30] = 0;
  EXPECT_EQ(Run(Send{ping}, rewritten), "passed");
}

TEST_F(RunTestTest, RefusesAPlanOfAnotherObject) {
  EXPECT_EQ(Run(ChangeState{9, false, {}, {}}),
            "failure: test \"made up\" does not fit its object");
  EXPECT_EQ(Run(ExpectEvent{0, {{7, {}}}}), "failure: test \"made up\" does not fit its object");
}

TEST_F(RunTestTest, SaysWhatTheKernelCannotTest) {
  file_ = Fixture("cgroup");
  EXPECT_EQ(Run(Send{Frame(1, kTcp, 1, 2)}, pass_),
            "skipped: the kernel can't run cgroup.connect4 programs on a test's packets");
}

TEST(ComparePackets, ShowsBitFieldsAndLengths) {
  ExpectPacket expected{{0x45, 0x00}, {0xff, 0xff}, {}};
  expected.fields = {{"ipv4.ihl", 4, 4, {.form = Form::kUnsigned, .size = 1}}};
  EXPECT_EQ(ComparePackets(expected, {0x46, 0x00, 0x00}),
            (std::vector<std::string>{"expected 2 bytes, got 3", "`ipv4.ihl`: expected 5, got 6"}));
  EXPECT_TRUE(ComparePackets(expected, {0x45, 0x00}).empty());
}

}  // namespace
}  // namespace netc::runtime
