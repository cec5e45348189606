// The attach rows of compiler/hooks against the running kernel: what the rows say can be
// attached can, in the way and since the kernel that they say, and nothing else can.
#include "runtime/doctor.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace netc::runtime {
namespace {

struct Count {
  size_t asked = 0;
  size_t wrong = 0;
};

void Compare(const HookHealth& health, const char* way, const ProbeAnswer& answer,
             hooks::KernelVersion since, const Machine& machine, Count& count) {
  if (!answer.asked) return;
  ++count.asked;
  const bool row = since != hooks::KernelVersion{} && since <= machine.version;
  if (answer.works() == row) return;
  ++count.wrong;
  ADD_FAILURE() << hooks::Get(health.id).name << " through " << way << ": the row says "
                << (row ? "yes" : "no") << ", the kernel " << (answer.works() ? "yes" : "no")
                << ", errno " << answer.error;
}

TEST(Doctor, FindsWhatTheAttachRowsSay) {
  const Profile profile = ExamineMachine();
  const Machine& machine = profile.machine;
  if (!machine.missing.empty()) GTEST_SKIP() << machine.missing.front();
  if (!machine.netns) GTEST_SKIP() << "no network namespace can be made";
  ASSERT_EQ(profile.hooks.size(), hooks::kHookCount);
  Count count;
  for (const HookHealth& health : profile.hooks) {
    const hooks::Hook& hook = hooks::Get(health.id);
    const bool there = hook.since <= machine.version;
    // A kernel may be built without a program type, or forbid it; then EPERM says so.
    if (health.load.error == EPERM) {
      std::printf("not asked: %s: %s\n", std::string(hook.name).c_str(),
                  Verdict(health, machine).c_str());
      continue;
    }
    EXPECT_EQ(health.load.works(), there) << hook.name << ": errno " << health.load.error;
    if (!health.load.works()) continue;
    Compare(health, "a link", health.link, hook.attach.link_since, machine, count);
    Compare(health, "the older way", health.legacy, hook.attach.legacy_since, machine, count);
    EXPECT_GT(health.helpers.size(), 40u) << hook.name;
  }
  std::printf("attach rows: %zu asked, %zu wrong\n", count.asked, count.wrong);
  EXPECT_GT(count.asked, 40u);
}

TEST(Doctor, MeasuresTheClockAndTheMaps) {
  const Profile profile = ExamineMachine();
  if (!profile.machine.missing.empty()) GTEST_SKIP() << profile.machine.missing.front();
  EXPECT_TRUE(profile.machine.hz == 100 || profile.machine.hz == 250 || profile.machine.hz == 300 ||
              profile.machine.hz == 1000)
      << profile.machine.hz;
  size_t works = 0;
  for (const MapHealth& map : profile.maps) works += map.create.works();
  EXPECT_GT(works, 20u);
}

TEST(Verdict, SaysWhatIsNeeded) {
  Machine old;
  old.version = {6, 1};
  old.btf = true;
  HookHealth unix_connect{hooks::HookId::kConnectUnix, {true, EINVAL, {}}, {}, {}, {}};
  EXPECT_EQ(Verdict(unix_connect, old), "needs Linux 6.7");
  HookHealth tc{hooks::HookId::kTcIngress, {true, 0, {}}, {true, EINVAL, {}}, {true, 0, {}}, {}};
  EXPECT_EQ(Verdict(tc, old), "works, without links");
  HookHealth cgroup{
      hooks::HookId::kConnect4, {true, 0, {}}, {false, 0, "no cgroup can be made"}, {}, {}};
  EXPECT_EQ(Verdict(cgroup, old), "needs cgroup v2: mount -t cgroup2 none /sys/fs/cgroup");
  old.missing = {"this process lacks CAP_BPF"};
  HookHealth refused{hooks::HookId::kXdp, {true, EPERM, {}}, {}, {}, {}};
  EXPECT_EQ(Verdict(refused, old), "needs more rights: this process lacks CAP_BPF");
}

}  // namespace
}  // namespace netc::runtime
