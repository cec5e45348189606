#include "compiler/reference/subject.h"

#include <gtest/gtest.h>

#include <set>

#include "compiler/reference/page.h"
#include "compiler/reference/word.h"

namespace netc::reference {
namespace {

std::vector<std::string> Names(std::string_view word) {
  std::vector<std::string> names;
  for (const Subject* subject : Find(word)) {
    names.push_back(std::string(Name(subject->category)) + " " + subject->name);
  }
  return names;
}

TEST(Subjects, AreFoundByNameAndAlias) {
  EXPECT_EQ(Names("xdp"), std::vector<std::string>{"hook xdp"});
  EXPECT_EQ(Names("XDP_TX"), std::vector<std::string>{"verdict tx"});
  EXPECT_EQ(Names("BPF_MAP_TYPE_LPM_TRIE"), std::vector<std::string>{"storage lpm_trie"});
  EXPECT_EQ(Names("per socket"), std::vector<std::string>{"word storage.socket"});
  EXPECT_EQ(Names("packet.mark"), std::vector<std::string>{"word packet.mark"});
  EXPECT_TRUE(Names("nothing").empty());
}

TEST(Subjects, OfOneWordAreSeveral) {
  const std::vector<std::string> ssthresh{"hook cc.ssthresh", "word ssthresh"};
  EXPECT_EQ(Names("ssthresh"), ssthresh);
  EXPECT_EQ(Find("ssthresh", Category::kWord).size(), 1u);
}

TEST(Subjects, HaveNamesOfTheirOwn) {
  std::set<std::pair<Category, std::string>> seen;
  for (const Subject& subject : AllSubjects()) {
    EXPECT_TRUE(seen.emplace(subject.category, subject.name).second) << subject.name;
    EXPECT_FALSE(subject.summary.empty()) << subject.name;
    const auto found = Find(subject.name, subject.category);
    ASSERT_EQ(found.size(), 1u) << subject.name;
    EXPECT_EQ(found[0], &subject);
  }
}

TEST(Subjects, HavePagesThatSaySomething) {
  const Makings none{[](const std::string&) { return std::nullopt; }, {}};
  for (const Subject& subject : AllSubjects()) {
    if (subject.category == Category::kDiagnostic) continue;
    EXPECT_GE(PageOf(subject, none).blocks.size(), 2u) << subject.name;
  }
}

TEST(Words, SayWhatToWriteInstead) {
  EXPECT_EQ(UseOf("sk.cgroup_id", hooks::HookId::kCgroupIngress).made_of,
            "`bpf_sk_cgroup_id` of `ctx->sk` (socket, tested for null)");
  const WordUse use = UseOf("sk.cgroup_id", hooks::HookId::kSockops);
  EXPECT_TRUE(use.made_of.empty());
  EXPECT_EQ(use.instead, "attach the pipeline to that cgroup instead, or key by `sk.cookie`");
}

}  // namespace
}  // namespace netc::reference
