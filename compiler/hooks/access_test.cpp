#include "compiler/hooks/access.h"

#include <gtest/gtest.h>

namespace netc::hooks {
namespace {

constexpr KernelVersion k61{6, 1};
constexpr KernelVersion k66{6, 6};

Access Of(HookId id, std::string_view helper, KernelVersion floor) {
  return AccessHelper(id, *FindHelper(helper), floor);
}

TEST(Access, SocketCgroupIdIsForCgroupPackets) {
  const Access access = Of(HookId::kSockops, "bpf_sk_cgroup_id", k61);
  EXPECT_EQ(access.refusal, Refusal::kNotHere);
  EXPECT_EQ(access.available, HookId::kCgroupIngress | HookId::kCgroupEgress);
}

TEST(Access, SetsockoptTakesAnotherObjectInEachHook) {
  const auto object = [](HookId id) { return Of(id, "bpf_setsockopt", k61).call->arguments[0]; };
  EXPECT_EQ(object(HookId::kConnect4), Args::kCtx);
  EXPECT_EQ(object(HookId::kSockops), Args::kCtx);
  EXPECT_TRUE(Takes(object(HookId::kSetsockopt), Args::kCtxSk));
  EXPECT_FALSE(Takes(object(HookId::kSetsockopt), Args::kCtx));
  EXPECT_TRUE(Takes(object(HookId::kSweep), Args::kBtfSk));
  EXPECT_FALSE(Of(HookId::kCcRelease, "bpf_setsockopt", k61).allowed());
  EXPECT_TRUE(Of(HookId::kCcInit, "bpf_setsockopt", k61).allowed());
}

TEST(Access, CgroupStorageCameWith62) {
  const Access access = Of(HookId::kXdp, "bpf_cgrp_storage_get", k61);
  EXPECT_EQ(access.refusal, Refusal::kTooNew);
  EXPECT_EQ(access.since, (KernelVersion{6, 2}));
  EXPECT_TRUE(Of(HookId::kXdp, "bpf_cgrp_storage_get", k66).allowed());
}

TEST(Access, AHookIsNotOlderThanItself) {
  EXPECT_EQ(Of(HookId::kConnectUnix, "bpf_map_lookup_elem", k61).refusal, Refusal::kTooNew);
  EXPECT_EQ(Of(HookId::kConnectUnix, "bpf_map_lookup_elem", k61).since, (KernelVersion{6, 7}));
}

TEST(Access, AKfuncThatOnlyResolvesIsRefused) {
  const Kfunc* lookup = FindKfunc("bpf_xdp_ct_lookup");
  EXPECT_TRUE(AccessKfunc(HookId::kXdp, *lookup, k61).allowed());
  EXPECT_EQ(AccessKfunc(HookId::kTcIngress, *lookup, k61).refusal, Refusal::kNoObject);
  EXPECT_EQ(AccessKfunc(HookId::kSockops, *lookup, k61).refusal, Refusal::kNotHere);
}

TEST(Access, SleepableCallsAreForNobody) {
  const Access access = Of(HookId::kSweep, "bpf_copy_from_user", {6, 18});
  EXPECT_EQ(access.refusal, Refusal::kSleepable);
  EXPECT_TRUE(access.available.empty());
}

}  // namespace
}  // namespace netc::hooks
