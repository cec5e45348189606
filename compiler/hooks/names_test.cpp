#include "compiler/hooks/names.h"

#include <gtest/gtest.h>

#include "compiler/hooks/hooks.h"

namespace netc::hooks {
namespace {

TEST(Names, AGroupStandsForItsHooks) {
  EXPECT_EQ(ResolveName("cgroup.connect")->hooks, HookId::kConnect4 | HookId::kConnect6);
  EXPECT_EQ(ResolveName("cgroup.connect_unix")->hooks, HookSet(HookId::kConnectUnix));
  EXPECT_EQ(ResolveName("cc")->hooks.size(), 12u);
}

TEST(Names, LsmHooksAreResolvedByTheirOwnName) {
  EXPECT_EQ(ResolveName("lsm_cgroup.socket_bind")->hooks, HookSet(HookId::kLsmCgroup));
  EXPECT_EQ(ResolveName("lsm_cgroup.socket_bind")->lsm->name, "socket_bind");
  EXPECT_EQ(ResolveName("lsm_cgroup.socket_post_create")->hooks,
            HookSet(HookId::kLsmCgroupSockopt));
  EXPECT_FALSE(ResolveName("lsm_cgroup"));
  EXPECT_FALSE(ResolveName("lsm_cgroup.file_open"));
}

TEST(Names, EveryNameResolves) {
  for (const std::string& name : AllNames()) EXPECT_TRUE(ResolveName(name)) << name;
}

TEST(Names, NearMatchesAreCloseOnes) {
  EXPECT_EQ(Nearest("tc.ingres", AllNames()).front(), "tc.ingress");
  EXPECT_EQ(Nearest("cgroup.conect4", AllNames()).front(), "cgroup.connect4");
  EXPECT_TRUE(Nearest("qqqqqqqqqq", AllNames()).empty());
}

TEST(Names, ASetIsShownInFewWords) {
  EXPECT_EQ(NamesOf(HookId::kConnect4 | HookId::kConnect6 | HookId::kXdp),
            (std::vector<std::string>{"xdp", "cgroup.connect"}));
}

}  // namespace
}  // namespace netc::hooks
