#include "runtime/ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace netc::runtime {
namespace {

constexpr uint32_t kBuckets = 65'537;

RingMember Member(uint32_t number, uint32_t weight = 1) {
  object::Bytes bytes(sizeof number);
  for (uint32_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(number >> 8 * i);
  return {bytes, weight};
}

std::vector<RingMember> Members(uint32_t count) {
  std::vector<RingMember> members;
  for (uint32_t i = 0; i < count; ++i) members.push_back(Member(i));
  return members;
}

std::vector<uint32_t> Owned(const std::vector<uint32_t>& table, size_t members) {
  std::vector<uint32_t> owned(members);
  for (uint32_t owner : table) ++owned.at(owner);
  return owned;
}

TEST(Ring, EveryBucketBelongsToSomebody) {
  std::vector<uint32_t> table = FillRing(Members(7), 101);
  EXPECT_EQ(table.size(), 101u);
  std::vector<uint32_t> owned = Owned(table, 7);
  EXPECT_EQ(std::accumulate(owned.begin(), owned.end(), 0u), 101u);
}

// Turns are taken in rounds, so nobody is more than one bucket ahead.
TEST(Ring, EqualWeightsHaveEqualShares) {
  for (uint32_t count : {1u, 2u, 10u, 100u, 1000u}) {
    std::vector<uint32_t> owned = Owned(FillRing(Members(count), kBuckets), count);
    auto [least, most] = std::minmax_element(owned.begin(), owned.end());
    EXPECT_LE(*most - *least, 1u) << count << " members";
  }
}

TEST(Ring, SharesFollowWeights) {
  std::vector<RingMember> members;
  std::vector<uint32_t> weights = {1, 2, 3, 10, 100, 84};
  for (uint32_t i = 0; i < weights.size(); ++i) members.push_back(Member(i, weights[i]));
  std::vector<uint32_t> owned = Owned(FillRing(members, kBuckets), members.size());
  double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (uint32_t i = 0; i < weights.size(); ++i) {
    double share = owned[i] / double{kBuckets}, wanted = weights[i] / sum;
    EXPECT_NEAR(share / wanted, 1, 0.01) << "member " << i;
  }
}

// What one that leaves had is divided; of the others' buckets few change hands.
TEST(Ring, LeavingDisturbsFew) {
  for (uint32_t count : {5u, 20u, 100u}) {
    std::vector<RingMember> members = Members(count);
    std::vector<uint32_t> before = FillRing(members, kBuckets);
    for (uint32_t gone : {0u, count / 2, count - 1}) {
      std::vector<RingMember> rest = members;
      rest[gone].weight = 0;
      std::vector<uint32_t> after = FillRing(rest, kBuckets);
      uint32_t moved = 0;
      for (uint32_t i = 0; i < kBuckets; ++i) {
        EXPECT_NE(after[i], gone);
        if (before[i] != gone && before[i] != after[i]) ++moved;
      }
      // A table that is filled by hash % count moves (count - 1) / count of all.
      EXPECT_LT(moved, kBuckets / 20) << count << " members, without " << gone;
    }
  }
}

TEST(Ring, OneThatComesBackHasItsBucketsAgain) {
  std::vector<RingMember> members = Members(9);
  std::vector<uint32_t> before = FillRing(members, kBuckets);
  members[4].weight = 0;
  EXPECT_NE(FillRing(members, kBuckets), before);
  members[4].weight = 1;
  EXPECT_EQ(FillRing(members, kBuckets), before);
}

TEST(Ring, OnlyRatiosOfWeightsCount) {
  std::vector<RingMember> members = {Member(1, 1), Member(2, 3), Member(3, 2)};
  std::vector<uint32_t> before = FillRing(members, 1009);
  for (RingMember& member : members) member.weight *= 1'000'000'000;
  EXPECT_EQ(FillRing(members, 1009), before);
}

// Computed from the language's page by hand: two members of one byte, five buckets.
TEST(Ring, IsTheDocumentsTable) {
  std::vector<RingMember> members = {{{'a'}, 2}, {{'b'}, 1}};
  EXPECT_EQ(FillRing(members, 5), (std::vector<uint32_t>{0, 1, 0, 0, 0}));
}

TEST(Ring, NobodyHasAWeight) {
  EXPECT_TRUE(FillRing({}, 101).empty());
  EXPECT_TRUE(FillRing({Member(1, 0), Member(2, 0)}, 101).empty());
}

TEST(Ring, TwoBuckets) {
  std::vector<uint32_t> owned = Owned(FillRing(Members(2), 2), 2);
  EXPECT_EQ(owned, (std::vector<uint32_t>{1, 1}));
}

TEST(Ring, KeyOfATable) {
  object::State ring;
  EXPECT_TRUE(TableOf(ring, {1, 2, 3}).empty());
  ring.by_key = true;
  ring.key.emplace();
  object::TypeInfo two;
  two.size = 2;
  ring.key->fields = {{"0", 0, two}, {"1", 4, two}};
  EXPECT_EQ(TableOf(ring, {1, 2, 0, 0, 7, 8}), (object::Bytes{1, 2}));
}

}  // namespace
}  // namespace netc::runtime
