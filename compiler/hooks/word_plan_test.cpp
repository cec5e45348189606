#include "compiler/hooks/word_plan.h"

#include <gtest/gtest.h>

#include <set>

#include "compiler/hooks/verdict_notes.h"

namespace netc::hooks {
namespace {

constexpr KernelVersion k61{6, 1};

TEST(Plans, AWordIsReadThroughTheSocketThatTheHookHas) {
  const WordPlan tc = PlanRead(HookId::kTcIngress, "sk.mark", k61);
  EXPECT_EQ(tc.source.object, Args::kFullSock);
  EXPECT_EQ(tc.source.has, Needs::kFull);
  const WordPlan connect = PlanRead(HookId::kConnect4, "sk.mark", k61);
  EXPECT_EQ(connect.source.object, Args::kCtxSk);
  EXPECT_EQ(SocketModelOf(HookId::kConnect4).least, Needs::kFull);
  EXPECT_EQ(SocketModelOf(HookId::kTcEgress).least, Needs::kNothing);
}

TEST(Plans, WhatTcpHasNeedsATcpSocket) {
  EXPECT_EQ(PlanRead(HookId::kSockops, "sk.cwnd", k61).source.kind, SourceKind::kField);
  EXPECT_EQ(PlanRead(HookId::kSockops, "sk.cwnd", k61).source.has, Needs::kTcp);
  EXPECT_EQ(PlanRead(HookId::kTcEgress, "sk.total_retrans", k61).source.object, Args::kTcpSock);
  EXPECT_EQ(PlanRead(HookId::kSockops, "sk.srtt", k61).scale, 125u);
}

TEST(Plans, AnAddressIsOfTheFamiliesThatTheHookSees) {
  EXPECT_EQ(PlanRead(HookId::kConnect4, "remote.addr", k61).type, WordType::kIpv4);
  EXPECT_EQ(PlanRead(HookId::kConnect6, "remote.addr", k61).type, WordType::kIpv6);
  EXPECT_EQ(PlanRead(HookId::kSockops, "remote.addr", k61).type, WordType::kIp);
  EXPECT_EQ(PlanRead(HookId::kSkLookup, "remote.port", k61).type, WordType::kPort);
}

TEST(Plans, AFieldIsWrittenRatherThanAnOptionSet) {
  EXPECT_NE(PlanWrite(HookId::kSockCreate, "sk.mark", k61).field, nullptr);
  EXPECT_NE(PlanWrite(HookId::kSockops, "sk.mark", k61).option, nullptr);
  EXPECT_EQ(PlanWrite(HookId::kSockops, "sk.mark", k61).object, Args::kCtx);
  EXPECT_EQ(PlanWrite(HookId::kSetsockopt, "sk.mark", k61).object, Args::kCtxSk);
  EXPECT_EQ(PlanWrite(HookId::kTcEgress, "packet.length", k61).refusal, Refusal::kNotHere);
  EXPECT_EQ(PlanWrite(HookId::kSockops, "sk.rto_max", k61).refusal, Refusal::kTooNew);
}

TEST(Plans, WhereAWordCanBeHadIsSaidByKernel) {
  const std::string hooks = HooksThatRead("sk.cgroup_id");
  EXPECT_NE(hooks.find("cgroup.ingress"), std::string::npos);
  EXPECT_NE(hooks.find("(since "), std::string::npos);
  EXPECT_EQ(hooks.find("sockops"), std::string::npos);
}

TEST(Plans, EachKnownWordIsAWord) {
  for (const std::string& word : WordsOf(HookId::kTcEgress)) EXPECT_TRUE(IsWord(word)) << word;
  EXPECT_FALSE(IsWord("sk.cokie"));
}

TEST(OptionNames, EachIsThereOnce) {
  std::set<std::string_view> names;
  for (const OptionName& row : AllOptionNames()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
  EXPECT_TRUE(names.contains("IPV6_TCLASS"));
}

// What can be set has one number, whichever table says it.
TEST(OptionNames, AgreeWithTheOptionsThatCanBeSet) {
  for (const SocketOption& option : AllSocketOptions()) {
    for (const OptionName& row : AllOptionNames()) {
      if (row.name != option.c_name) continue;
      EXPECT_EQ(row.level, option.level) << row.name;
      EXPECT_EQ(row.number, option.number) << row.name;
    }
  }
}

TEST(Errors, HaveTheKernelsNumbers) {
  EXPECT_EQ(ErrorNumber("EPERM"), 1);
  EXPECT_EQ(ErrorNumber("EACCES"), 13);
  EXPECT_EQ(ErrorNumber("ECONNREFUSED"), 111);
  EXPECT_FALSE(ErrorNumber("EACCESS").has_value());
}

TEST(Verdicts, ThatSetSomethingNameAMember) {
  for (const Hook& hook : AllHooks()) {
    for (const Verdict& verdict : hook.verdicts) {
      const VerdictSet* set = FindVerdictSet(hook.id, verdict.word);
      if (set == nullptr) continue;
      const Field* field = hook.FindField(set->member);
      ASSERT_NE(field, nullptr) << hook.name;
      EXPECT_TRUE(field->writable()) << hook.name;
    }
  }
  EXPECT_NE(FindVerdictSet(HookId::kSetsockopt, "handled"), nullptr);
}

}  // namespace
}  // namespace netc::hooks
