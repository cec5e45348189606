#include "compiler/hooks/words.h"

#include <gtest/gtest.h>

#include <set>

#include "compiler/hooks/cc.h"
#include "compiler/hooks/setsockopt.h"
#include "compiler/hooks/sockops.h"

namespace netc::hooks {
namespace {

constexpr KernelVersion k61{6, 1};
constexpr KernelVersion kNewest{6, 18};

WordAccess Of(HookId id, std::string_view word, KernelVersion floor = k61) {
  return AccessWord(id, *FindWord(word), floor);
}

// What a row promises must follow from the rows that the kernel has proved.
TEST(Words, EverySourceIsLegalWhereItStands) {
  for (const Word& word : AllWords()) {
    EXPECT_FALSE(word.sources.empty()) << word.name;
    for (const WordSource& source : word.sources) {
      for (HookId id : source.hooks) {
        SCOPED_TRACE(std::string(word.name) + " in " + std::string(Get(id).name));
        const Call* call = nullptr;
        switch (source.kind) {
          case SourceKind::kHelper:
          case SourceKind::kHelperHigh:
          case SourceKind::kHelperText:
            call = FindHelper(source.what)->In(id);
            break;
          case SourceKind::kOption:
            call = FindHelper("bpf_getsockopt")->In(id);
            EXPECT_NE(FindSocketOption(source.what), nullptr);
            break;
          case SourceKind::kPointee:
            if (source.object == Args::kCtxSk) {
              EXPECT_NE(Get(id).FindField("sk"), nullptr);
            } else {
              const char* through =
                  source.object == Args::kTcpSock ? "bpf_tcp_sock" : "bpf_sk_fullsock";
              EXPECT_NE(FindHelper(through)->In(id), nullptr);
            }
            continue;
          case SourceKind::kField:
          case SourceKind::kByFamily:
            EXPECT_NE(Get(id).FindField(source.what.substr(0, source.what.find(' '))), nullptr);
            continue;
        }
        ASSERT_NE(call, nullptr) << source.what;
        if (source.object == Args::kNone) continue;
        const bool second = source.what.ends_with("_storage_get");
        EXPECT_TRUE(Takes(call->arguments[second ? 1 : 0], source.object));
      }
    }
  }
}

TEST(Words, TheSocketCookieTakesTheObjectOfTheHook) {
  EXPECT_EQ(Of(HookId::kTcIngress, "sk.cookie").source->object, Args::kCtx);
  EXPECT_EQ(Of(HookId::kReuseport, "sk.cookie").source->object, Args::kCtxSk);
  EXPECT_EQ(Of(HookId::kXdp, "sk.cookie").refusal, Refusal::kNotHere);
}

TEST(Words, TheSocketsCgroupIsNotThatOfSockops) {
  const WordAccess access = Of(HookId::kSockops, "sk.cgroup_id");
  EXPECT_EQ(access.refusal, Refusal::kNotHere);
  EXPECT_EQ(access.needs, "bpf_sk_cgroup_id");
  EXPECT_TRUE(access.available.has(HookId::kCgroupEgress));
  EXPECT_FALSE(access.instead.empty());
}

TEST(Words, CgroupStorageTakesWhatTheKernelHas) {
  EXPECT_EQ(Of(HookId::kConnect4, "storage.cgroup").source->what, "bpf_get_local_storage");
  EXPECT_EQ(Of(HookId::kTcIngress, "storage.cgroup").refusal, Refusal::kTooNew);
  EXPECT_EQ(Of(HookId::kTcIngress, "storage.cgroup", {6, 2}).source->what, "bpf_cgrp_storage_get");
}

TEST(Words, CongestionIsSetThroughTheObjectOfTheHook) {
  EXPECT_EQ(Of(HookId::kConnect4, "sk.congestion").source->object, Args::kCtx);
  EXPECT_EQ(Of(HookId::kSetsockopt, "sk.congestion").source->object, Args::kCtxSk);
  EXPECT_EQ(Of(HookId::kSweep, "sk.congestion").source->object, Args::kCtxSk);
  EXPECT_FALSE(Of(HookId::kCcRelease, "sk.congestion", kNewest).allowed());
}

TEST(Options, EachHasOneNumber) {
  std::set<std::pair<int32_t, int32_t>> numbers;
  std::set<std::string_view> words;
  for (const SocketOption& option : AllSocketOptions()) {
    EXPECT_TRUE(numbers.emplace(option.level, option.number).second) << option.c_name;
    EXPECT_TRUE(words.insert(option.word).second) << option.word;
  }
}

TEST(Options, NewerOnesAreRefusedBelowTheirKernel) {
  const SocketOption& rto_max = *FindSocketOption("sk.rto_max");
  EXPECT_EQ(AccessOption(HookId::kSockops, rto_max, k61).refusal, Refusal::kTooNew);
  EXPECT_TRUE(AccessOption(HookId::kSockops, rto_max, kNewest).allowed());
  EXPECT_EQ(AccessOption(HookId::kTcEgress, rto_max, kNewest).refusal, Refusal::kNotHere);
}

TEST(Callbacks, FlagsAreThoseOfTheKernel) {
  for (const Callback& callback : AllCallbacks()) {
    EXPECT_EQ(FlagValue(callback) == 0, callback.flag.empty()) << callback.c_name;
  }
}

TEST(CongestionControl, EachMemberHasItsHook) {
  EXPECT_EQ(AllCcMembers().size(), 12u);
  for (const CcMember& member : AllCcMembers()) {
    EXPECT_EQ(FindCcMember(member.hook), &member);
    EXPECT_EQ(Get(member.hook).section, "struct_ops/" + std::string(member.name));
  }
}

}  // namespace
}  // namespace netc::hooks
