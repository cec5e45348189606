#include "runtime/load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>

#include "compiler/object/host_order.h"
#include "compiler/object/value.h"
#include "runtime/test_world.h"

namespace netc::runtime {
namespace {

std::vector<std::string> Keys(const Loaded& loaded, const std::string& name) {
  std::vector<std::string> keys;
  for (const object::State& state : loaded.info().states) {
    if (state.name != name) continue;
    auto map = loaded.OpenState(state);
    auto entries = map->List();
    for (const object::Entry& entry : *entries) {
      keys.push_back(object::FormatValue(*state.key, entry.key.data()));
    }
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text)
      : path_(testing::TempDir() + "/netc-runtime-test-" + std::to_string(getpid()) + ".csv") {
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Load, RefusesWhatIsNoObject) {
  EXPECT_EQ(ReadObject({}).failure().message, "is not an object that netc compiled");
  EXPECT_EQ(ReadObject({0x7f, 'E', 'L', 'F'}).failure().exit, Exit::kPipeline);
  object::Bytes good = Fixture("firewall").bytes;
  std::mt19937 random(3);
  for (int run = 0; run < 500; ++run) {
    object::Bytes bad(good.begin(), good.begin() + random() % good.size());
    if (run % 2) bad = good;
    for (int hits = 0; hits < 20 && !bad.empty(); ++hits) {
      bad[random() % bad.size()] = static_cast<uint8_t>(random());
    }
    ReadObject(std::move(bad));
  }
}

TEST(Load, FillsStatesAndParameters) {
  NETC_NEEDS_BPF();
  ObjectFile file = Fixture("firewall");
  TemporaryFile list("key\n10.0.0.0/8\n192.0.2.0/24\n");
  LoadOptions options;
  options.set = {{"allowed_syns", "5/s"}};
  options.load = {{"blocked", list.path()}};
  auto loaded = Load(file, options);
  ASSERT_TRUE(loaded) << loaded.failure().message;
  EXPECT_EQ(Keys(*loaded, "blocked"),
            (std::vector<std::string>{"10.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24"}));
  EXPECT_EQ(Keys(*loaded, "resolvers"), std::vector<std::string>{"192.0.2.53"});
  EXPECT_EQ(loaded->ParameterValue(file.info.parameters[0]), object::StoreInteger(5'000'000, 8));
  // A live parameter is the memory that the program reads.
  ASSERT_FALSE(loaded->SetParameter(file.info.parameters[1], object::StoreInteger(2222, 2)));
  EXPECT_EQ(loaded->ParameterValue(file.info.parameters[1]), object::StoreInteger(2222, 2));
}

TEST(Load, FillsManyEntriesInBatches) {
  NETC_NEEDS_BPF();
  ObjectFile file = Fixture("firewall");
  std::string text = "key\n";
  for (int i = 0; i < 10'000; ++i) {
    text += "10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24\n";
  }
  TemporaryFile list(text);
  LoadOptions options;
  options.load = {{"blocked", list.path()}};
  auto loaded = Load(file, options);
  ASSERT_TRUE(loaded) << loaded.failure().message;
  EXPECT_EQ(Keys(*loaded, "blocked").size(), 10'001u);
}

TEST(Load, SaysWhatIsWrongWithOptions) {
  NETC_NEEDS_BPF();
  ObjectFile file = Fixture("firewall");
  auto failure = [&](LoadOptions options) {
    auto loaded = Load(file, options);
    return loaded ? Failure{Exit::kDone, "(loaded)"} : loaded.failure();
  };
  Failure name = failure({.set = {{"alowed_syns", "5/s"}}});
  EXPECT_EQ(name.message, "the pipeline has no parameter `alowed_syns`");
  EXPECT_EQ(name.details, std::vector<std::string>{"did you mean `allowed_syns`?"});
  EXPECT_EQ(name.exit, Exit::kUsage);
  EXPECT_EQ(failure({.set = {{"ssh_port", "70000"}}}).message,
            "--set ssh_port: `70000` is more than port holds");
  EXPECT_EQ(failure({.load = {{"blocked", "/nonexistent"}}}).message,
            "`/nonexistent` cannot be read: No such file or directory");
  EXPECT_EQ(failure({.load = {{"blocked", "/"}}}).message, "`/` cannot be read: Is a directory");
  std::string text = "key\n";
  for (int i = 0; i < 65; ++i) text += "10.0.0." + std::to_string(i) + "\n";
  TemporaryFile list(text);
  EXPECT_EQ(failure({.load = {{"resolvers", list.path()}}}).message,
            "`" + list.path() + "` has 65 entries, state `resolvers` holds 64");
}

TEST(Load, LeadsARejectionToItsLine) {
  NETC_NEEDS_BPF();
  ObjectFile file = Fixture("refused");
  auto loaded = Load(file, {});
  ASSERT_FALSE(loaded);
  const Failure& failure = loaded.failure();
  EXPECT_EQ(failure.exit, Exit::kRefused);
  EXPECT_TRUE(failure.message.starts_with(
      "the kernel's verifier refused `guard` (xdp): invalid access to packet"))
      << failure.message;
  ASSERT_TRUE(failure.place);
  EXPECT_EQ(failure.place->file, "edge.np");
  EXPECT_EQ(failure.place->line, 13u);
  EXPECT_TRUE(failure.details.back().starts_with("this is a bug in netc"))
      << failure.details.back();
  EXPECT_NE(failure.log.find("processed "), std::string::npos);
  file.info.beyond_guarantee = true;
  auto again = Load(file, {});
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.failure().details.back().starts_with("the pipeline calls"));
}

TEST(StateMap, AddsRemovesAndCounts) {
  NETC_NEEDS_BPF();
  ObjectFile file = Fixture("firewall");
  auto loaded = Load(file, {});
  ASSERT_TRUE(loaded) << loaded.failure().message;
  auto dropped = loaded->OpenState(file.info.states[3]);
  ASSERT_TRUE(dropped);
  object::Bytes key = {10, 0, 0, 1};
  ASSERT_FALSE(dropped->Put({{key, object::StoreInteger(7, 8)}}));
  auto value = dropped->Get(key);
  ASSERT_TRUE(value && *value);
  EXPECT_EQ(**value, object::StoreInteger(7, 8)) << "a value per CPU counts once";
  EXPECT_TRUE(*dropped->Remove(key));
  EXPECT_FALSE(*dropped->Remove(key));
  EXPECT_FALSE(*dropped->Get(key));
  auto seen = loaded->OpenState(file.info.states[4]);
  ASSERT_TRUE(seen);
  EXPECT_EQ(**seen->Get({}), object::StoreInteger(0, 8));
  auto resolvers = loaded->OpenState(file.info.states[1]);
  std::vector<object::Entry> many;
  for (uint8_t i = 0; i < 70; ++i) many.push_back({{10, 0, 0, i}, {}});
  auto failure = resolvers->Put(many);
  ASSERT_TRUE(failure);
  EXPECT_NE(failure->message.find("in state `resolvers`, which holds 64 entries"),
            std::string::npos)
      << failure->message;
}

TEST(StateMap, AddsUpNumbersAndKeepsTheRest) {
  object::TypeInfo word{.form = object::Form::kUnsigned, .size = 8};
  object::TypeInfo address{.form = object::Form::kIpv4, .size = 4};
  object::TypeInfo pair{.form = object::Form::kStruct, .size = 12};
  pair.fields = {{"n", 0, word}, {"a", 8, address}};
  object::Bytes slices(32);
  slices[0] = 250;
  slices[16] = 10;
  slices[24] = 9;
  object::Bytes sum = AddUp(pair, slices, 16);
  EXPECT_EQ(object::FormatValue(pair, sum.data()), "{ n: 260, a: 9.0.0.0 }");
}

}  // namespace
}  // namespace netc::runtime
