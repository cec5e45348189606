// The parts of the interpreter that no source text reaches alone.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "compiler/interpret/arithmetic.h"
#include "compiler/interpret/limiter.h"
#include "compiler/interpret/packet.h"
#include "compiler/interpret/prefixes.h"
#include "compiler/interpret/table.h"

namespace netc::interpret {
namespace {

using Key = std::vector<uint8_t>;

TEST(MulDiv, HasTheProductIn128Bits) {
  constexpr uint64_t kMost = ~uint64_t{0};
  EXPECT_EQ(MulDiv(kMost, kMost, kMost), kMost);
  EXPECT_EQ(MulDiv(kMost, 2, 4), kMost / 2);
  EXPECT_EQ(MulDiv(kMost, 2, 1), kMost);  // more than 64 bits hold
  EXPECT_EQ(MulDiv(7, 3, 2), 10u);
  EXPECT_EQ(MulDiv(7, 3, 0), 0u);
}

// Of the FNV-1a of "" and "a", with the finalizer of the language.
TEST(Hash, IsTheOneOfTheReference) {
  EXPECT_EQ(Hash(nullptr, 0), [] {
    uint32_t h = 0x811c9dc5;
    h = (h ^ h >> 16) * 0x85ebca6b;
    h = (h ^ h >> 13) * 0xc2b2ae35;
    return h ^ h >> 16;
  }());
  constexpr uint8_t kA = 'a';
  uint32_t h = 0xe40c292c;  // FNV-1a of "a"
  h = (h ^ h >> 16) * 0x85ebca6b;
  h = (h ^ h >> 13) * 0xc2b2ae35;
  EXPECT_EQ(Hash(&kA, 1), h ^ h >> 16);
}

TEST(Numbers, WrapAtTheirOwnWidth) {
  sema::TypeTable types;
  auto u4 = types.Unsigned(4), i4 = types.Integer(4, true), i64 = types.Integer(64, true);
  using enum sema::BinaryOp;
  auto number = [](int64_t value) { return static_cast<uint64_t>(value); };
  EXPECT_EQ(Binary(types, u4, kAdd, 15, 1), 0u);
  EXPECT_EQ(Binary(types, i4, kAdd, 7, 1), number(-8));
  EXPECT_EQ(Binary(types, i4, kDiv, number(-8), number(-1)), number(-8));
  EXPECT_EQ(Binary(types, i64, kDiv, number(INT64_MIN), number(-1)), number(INT64_MIN));
  EXPECT_EQ(Binary(types, i64, kRem, number(INT64_MIN), number(-1)), 0u);
  EXPECT_EQ(Binary(types, i64, kDiv, number(-7), 2), number(-3));
  EXPECT_EQ(Binary(types, i64, kRem, number(-7), 2), number(-1));
  EXPECT_EQ(Binary(types, i64, kDiv, 5, 0), 0u);
  EXPECT_EQ(Binary(types, i64, kRem, number(-5), 0), number(-5));
  EXPECT_EQ(Binary(types, i64, kShr, number(-8), 65), number(-4));
  EXPECT_EQ(Binary(types, u4, kShl, 3, 5), 6u);
  EXPECT_EQ(Unary(types, i4, sema::UnaryOp::kNegate, number(-8)), number(-8));
  EXPECT_EQ(Unary(types, u4, sema::UnaryOp::kComplement, 5), 10u);
}

// Ten a second: 100 ms each, and three at once.
TEST(Limiter, SavesUpToItsBurst) {
  constexpr uint64_t kRate = 10'000'000, kMs = 1'000'000, kNow = 1'000'000 * kMs;
  std::optional<uint64_t> t = 0;
  for (int i = 0; i < 3; ++i) {
    t = Take(*t, kNow, kRate, 3, 1);
    ASSERT_TRUE(t) << i;
  }
  EXPECT_EQ(*t, kNow + 300 * kMs);
  EXPECT_FALSE(Take(*t, kNow, kRate, 3, 1));
  EXPECT_FALSE(Take(*t, kNow + 99 * kMs, kRate, 3, 1));
  EXPECT_TRUE(Take(*t, kNow + 100 * kMs, kRate, 3, 1));
  EXPECT_FALSE(Take(*t, kNow + 100 * kMs, kRate, 3, 2));
  EXPECT_EQ(Take(*t, kNow + 10'000 * kMs, kRate, 3, 3), kNow + 10'300 * kMs);
}

TEST(Limiter, RefusesWhatCanNeverBe) {
  EXPECT_FALSE(Take(0, 5, 0, 10, 1));          // no rate
  EXPECT_FALSE(Take(0, 5, 1'000'000, 3, 4));   // more than the burst
  EXPECT_FALSE(Take(0, 5, 1, ~0ull, 5000));    // longer than 2^62 ns
  EXPECT_EQ(Take(0, 5, ~0ull, 10, 3), 8u);     // the interval is at least 1 ns
  EXPECT_EQ(Take(0, 5, 1'000'000, 3, 0), 5u);  // nothing costs nothing
}

// A megabit a second: a byte is 8 microseconds, or 128,000 sixteenths of nanoseconds.
TEST(Limiter, CountsBytesInBits) {
  constexpr uint64_t kRate = 1'000'000, kByte = 128'000, kNow = 5'000'000'000;
  auto t = TakeBytes(0, kNow, kRate, 1500, 1000);
  EXPECT_EQ(t, 16 * kNow + 1000 * kByte);
  EXPECT_FALSE(TakeBytes(*t, kNow, kRate, 1500, 501));
  EXPECT_EQ(TakeBytes(*t, kNow, kRate, 1500, 500), 16 * kNow + 1500 * kByte);
  EXPECT_TRUE(TakeBytes(*t, kNow + 8000, kRate, 1500, 501));
  EXPECT_FALSE(TakeBytes(0, kNow, 0, 1500, 1));
  EXPECT_FALSE(TakeBytes(0, kNow, kRate, 1500, 1501));
  EXPECT_EQ(TakeBytes(0, 0, 3, 10, 1), 42'666'666'667u);  // rounded up
}

// A megabit a second: 1,000 bytes take 8 ms.
TEST(Pacer, DepartsWhenTheLineIsFree) {
  constexpr uint64_t kRate = 1'000'000, kMs = 1'000'000, kNow = 5'000 * kMs;
  auto first = Pace(0, kNow, kRate, 1000, 10 * kMs);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at, kNow);
  EXPECT_EQ(first->free, 16 * (kNow + 8 * kMs));
  auto second = Pace(first->free, kNow, kRate, 1000, 10 * kMs);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->at, kNow + 8 * kMs);
  EXPECT_FALSE(Pace(second->free, kNow, kRate, 1, 10 * kMs));           // 16 ms from now
  EXPECT_TRUE(Pace(second->free, kNow + 6 * kMs, kRate, 1, 10 * kMs));  // just 10 ms
  EXPECT_EQ(Pace(second->free, kNow + 20 * kMs, kRate, 1, 1)->at, kNow + 20 * kMs);
  EXPECT_FALSE(Pace(0, kNow, 0, 1, 10 * kMs));
  EXPECT_EQ(Pace(33, 2, kRate, 1, 10 * kMs)->at, 3u);  // rounded up
}

TEST(Table, RefusesWhereItIsFull) {
  Table table(1, 2, 2, false);
  Table::Entry* first = table.Insert(Key{1});
  ASSERT_TRUE(first);
  EXPECT_TRUE(table.Insert(Key{2}));
  EXPECT_FALSE(table.Insert(Key{3}));
  EXPECT_EQ(table.Find(Key{1}), first);
  EXPECT_TRUE(table.Remove(Key{1}));
  EXPECT_FALSE(table.Remove(Key{1}));
  EXPECT_EQ(first->version, 1u);
  EXPECT_TRUE(table.Insert(Key{3}));
  EXPECT_EQ(table.size(), 2u);
  EXPECT_FALSE(table.gave_way());
}

TEST(Table, LetsTheLeastRecentlyUsedGiveWay) {
  Table table(1, 0, 3, true);
  for (uint8_t key : {1, 2, 3}) table.Insert(Key{key});
  table.Find(Key{1});
  table.Insert(Key{4});
  EXPECT_FALSE(table.Peek(Key{2}));
  EXPECT_TRUE(table.Peek(Key{1}));
  EXPECT_TRUE(table.Remove(Key{3}));
  table.Insert(Key{5});
  table.Insert(Key{6});
  EXPECT_FALSE(table.Peek(Key{1}));
  EXPECT_TRUE(table.gave_way());
}

TEST(Table, GrowsAndKeepsItsEntriesInPlace) {
  Table table(2, 8, 1000, false);
  std::vector<Table::Entry*> entries;
  for (uint32_t i = 0; i < 1000; ++i) {
    entries.push_back(table.Insert(Key{static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)}));
  }
  for (uint32_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(table.Find(Key{static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)}), entries[i]);
  }
}

Key Prefix(uint32_t length, std::initializer_list<uint8_t> address) {
  Key key{static_cast<uint8_t>(length), 0, 0, 0};
  key.insert(key.end(), address);
  return key;
}

TEST(Prefixes, FindsTheLongestThatCovers) {
  Prefixes prefixes(4, 1, 10);
  auto put = [&](const Key& prefix, uint8_t value) {
    Table::Entry* entry = prefixes.Insert(prefix);
    ASSERT_TRUE(entry);
    *prefixes.table().ValueOf(*entry) = value;
  };
  auto longest = [&](Key address) -> int {
    Table::Entry* entry = prefixes.Longest(address);
    return entry ? *prefixes.table().ValueOf(*entry) : -1;
  };
  put(Prefix(8, {10, 0, 0, 0}), 1);
  put(Prefix(19, {10, 1, 32, 0}), 2);
  put(Prefix(32, {10, 1, 33, 7}), 3);
  EXPECT_EQ(longest({11, 0, 0, 0}), -1);
  EXPECT_EQ(longest({10, 1, 64, 0}), 1);
  EXPECT_EQ(longest({10, 1, 63, 255}), 2);
  EXPECT_EQ(longest({10, 1, 33, 7}), 3);
  EXPECT_EQ(longest({10, 1, 33, 6}), 2);
  EXPECT_TRUE(prefixes.Remove(Prefix(19, {10, 1, 32, 0})));
  EXPECT_EQ(longest({10, 1, 33, 6}), 1);
  put(Prefix(0, {0, 0, 0, 0}), 4);
  EXPECT_EQ(longest({11, 0, 0, 0}), 4);
}

TEST(Prefixes, ForgetsBitsBehindTheLength) {
  Prefixes prefixes(4, 0, 10);
  ASSERT_TRUE(prefixes.Insert(Prefix(12, {10, 0xff, 3, 4})));
  EXPECT_TRUE(prefixes.Peek(Prefix(12, {10, 0xf0, 0, 0})));
  EXPECT_FALSE(prefixes.Peek(Prefix(13, {10, 0xf0, 0, 0})));
  EXPECT_TRUE(prefixes.Longest(Key{10, 0xf1, 2, 3}));
  EXPECT_FALSE(prefixes.Longest(Key{10, 0xe1, 2, 3}));
}

TEST(Bits, StandFromTheMostSignificantOn) {
  std::array<uint8_t, 4> bytes{0x45, 0x12, 0x34, 0x56};
  EXPECT_EQ(ReadBits(bytes.data(), 0, 4), 4u);
  EXPECT_EQ(ReadBits(bytes.data(), 4, 4), 5u);
  EXPECT_EQ(ReadBits(bytes.data(), 3, 13), 0x512u);
  EXPECT_EQ(ReadBits(bytes.data(), 0, 32), 0x45123456u);
  WriteBits(bytes.data(), 3, 13, 0x1fff);
  EXPECT_EQ(bytes, (std::array<uint8_t, 4>{0x5f, 0xff, 0x34, 0x56}));
  WriteBits(bytes.data(), 20, 9, 0);
  EXPECT_EQ(bytes, (std::array<uint8_t, 4>{0x5f, 0xff, 0x30, 0x06}));
}

TEST(Packet, MovesItsEnds) {
  constexpr uint8_t kBytes[] = {1, 2, 3, 4, 5, 6};
  Packet packet;
  packet.Set(kBytes, 2);
  auto bytes = [&] { return Key(packet.whole().begin(), packet.whole().end()); };
  EXPECT_EQ(packet.size(), 4u);
  EXPECT_EQ(*packet.data(), 3);
  packet.Set(kBytes, 0);
  packet.PushFront(2);
  packet.PushBack(1);
  EXPECT_EQ(bytes(), (Key{0, 0, 1, 2, 3, 4, 5, 6, 0}));
  EXPECT_EQ(packet.moved(), 2);
  EXPECT_EQ(packet.reach(), 7u);
  packet.PopFront(3);
  packet.PopBack(2);
  EXPECT_EQ(bytes(), (Key{2, 3, 4, 5}));
  packet.Insert(1, 2);
  EXPECT_EQ(bytes(), (Key{2, 0, 0, 3, 4, 5}));
  packet.Erase(1, 3);
  EXPECT_EQ(bytes(), (Key{2, 4, 5}));
}

}  // namespace
}  // namespace netc::interpret
