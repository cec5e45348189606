#include "compiler/object/object_info.h"

#include <gtest/gtest.h>

#include <random>

#include "compiler/object/host_order.h"

namespace netc::object {
namespace {

TypeInfo Scalar(Form form, std::string name, uint32_t size, uint32_t bits = 0) {
  TypeInfo type;
  type.form = form;
  type.name = std::move(name);
  type.size = size;
  type.bits = bits;
  return type;
}

TypeInfo Prefix(const TypeInfo& address) {
  TypeInfo type = Scalar(Form::kPrefix, "prefix", 4 + address.size);
  type.element = {address};
  return type;
}

ObjectInfo Firewall() {
  ObjectInfo info;
  info.pipeline = "edge_firewall";
  info.netc_version = "0.1.0";
  Program guard;
  guard.name = "guard";
  guard.function = "guard";
  guard.hook = "xdp";
  guard.place = {"edge.np", 12, 1};
  guard.attributes = {{"dev", "eth0", false}, {"mode", "xdp_mode", true}};
  guard.verdicts = {{"drop", 1}, {"pass", 2}, {"abort", -1}};
  guard.rules = {{0, {"edge.np", 13, 5}, "drop when ipv4.src in blocked", "drop"}};
  info.programs = {guard};
  State blocked;
  blocked.name = "blocked";
  blocked.map = "blocked";
  blocked.kind = "prefix_set";
  blocked.key = Prefix(Scalar(Form::kIpv4, "ipv4_addr", 4));
  blocked.capacity = 65536;
  blocked.expires = 5'000'000'000;
  blocked.idle = 1;
  blocked.swappable = true;
  blocked.initial = {{{24, 0, 0, 0, 198, 51, 100, 0}, {}}};
  info.states = {blocked};
  Parameter syns;
  syns.name = "allowed_syns";
  syns.documentation = "SYNs a second that one source may send";
  syns.type = Scalar(Form::kFrequency, "frequency", 8);
  syns.initial = StoreInteger(200'000'000, 8);
  syns.symbol = "allowed_syns";
  info.parameters = {syns};
  Event flood;
  flood.id = 1;
  flood.name = "SynFlood";
  flood.size = 12;
  flood.fields = {{"src", 4, Scalar(Form::kIpv4, "ipv4_addr", 4)},
                  {"dport", 8, Scalar(Form::kPort, "port", 2)}};
  info.events = {flood};
  info.lines = {{10, {"edge.np", 13, 5}}, {22, {"edge.np", 14, 5}}};
  info.faults = {"unreadable in guard"};
  info.rule_counters = "netc_rules";
  info.event_ring = "netc_events";
  return info;
}

TEST(ObjectInfo, ReadsBackWhatItWrote) {
  std::string json = Serialize(Firewall());
  ParseResult result = Parse(json);
  ASSERT_TRUE(result.info) << result.error;
  EXPECT_EQ(Serialize(*result.info), json);
  const ObjectInfo& info = *result.info;
  EXPECT_EQ(info.programs.at(0).attributes.at(1).is_param, true);
  EXPECT_EQ(info.programs.at(0).verdicts.at(2).code, -1);
  EXPECT_EQ(info.states.at(0).initial.at(0).key, Firewall().states[0].initial[0].key);
  EXPECT_EQ(info.states.at(0).expires, 5'000'000'000u);
  EXPECT_EQ(info.states.at(0).idle, 1u);
  EXPECT_TRUE(info.states.at(0).swappable);
  EXPECT_EQ(info.events.at(0).fields.at(1).type.form, Form::kPort);
  EXPECT_EQ(info.lines.at(1).place.line, 14u);
  EXPECT_EQ(info.rule_counters, "netc_rules");
}

TEST(ObjectInfo, SaysWhyItRefuses) {
  EXPECT_EQ(Parse("").error, "its metadata is not JSON");
  EXPECT_EQ(Parse("[]").error, "its metadata is broken: `format` is missing");
  EXPECT_EQ(Parse(R"({"format":99})").error,
            "its metadata is broken: format 99 is not the one that this netc reads, 1");
}

TEST(ObjectInfo, RefusesWhatDoesNotFitTogether) {
  ObjectInfo entry = Firewall();
  entry.states[0].initial[0].key.pop_back();
  EXPECT_EQ(Parse(Serialize(entry)).error,
            "its metadata describes state `blocked` has an entry of another size");
  ObjectInfo parameter = Firewall();
  parameter.states[0].initial[0].param = "allowed_syns";
  EXPECT_EQ(Parse(Serialize(parameter)).error,
            "its metadata describes state `blocked` has an entry of a parameter that is no text");
  ObjectInfo buckets = Firewall();
  buckets.states[0].kind = "histogram";
  EXPECT_EQ(Parse(Serialize(buckets)).error,
            "its metadata describes histogram `blocked` has no buckets");
  ObjectInfo field = Firewall();
  field.events[0].fields[1].offset = 11;
  EXPECT_NE(Parse(Serialize(field)).error.find("field `dport` ends beyond"), std::string::npos);
  ObjectInfo offset = Firewall();
  offset.events[0].fields[1].offset = 0xfffffffe;
  EXPECT_FALSE(Parse(Serialize(offset)).info);
  ObjectInfo array = Firewall();
  array.parameters[0].type = Scalar(Form::kArray, "", 16);
  array.parameters[0].type.count = 0x40000001;
  array.parameters[0].type.element = {Scalar(Form::kUnsigned, "u32", 4)};
  array.parameters[0].initial.resize(16);
  EXPECT_FALSE(Parse(Serialize(array)).info);
  ObjectInfo order = Firewall();
  std::swap(order.lines[0], order.lines[1]);
  EXPECT_FALSE(Parse(Serialize(order)).info);
}

TEST(ObjectInfo, RefusesNestingWithoutEnd) {
  std::string deep(200'000, '[');
  EXPECT_FALSE(Parse(deep).info);
  std::string type = R"({"form":"array","size":1,"count":1,"element":[)";
  std::string json;
  for (int i = 0; i < 50'000; ++i) json += type;
  EXPECT_FALSE(Parse(json).info);
  ObjectInfo info = Firewall();
  TypeInfo nested = Scalar(Form::kUnsigned, "u8", 1);
  for (int i = 0; i < 40; ++i) {
    TypeInfo outer = Scalar(Form::kArray, "", 1);
    outer.count = 1;
    outer.element = {nested};
    nested = outer;
  }
  info.parameters[0].type = nested;
  info.parameters[0].initial = {0};
  EXPECT_FALSE(Parse(Serialize(info)).info);
}

// Each run damages a good text in a few places: whatever comes out must be an
// error or an info that can be written again.
TEST(ObjectInfo, SurvivesDamage) {
  std::string good = Serialize(Firewall());
  std::mt19937 random(1);
  int accepted = 0;
  for (int run = 0; run < 20'000; ++run) {
    std::string bad = good;
    for (int hits = 1 + run % 3; hits > 0; --hits) {
      size_t at = random() % bad.size();
      switch (random() % 3) {
        case 0:
          bad[at] = static_cast<char>(random());
          break;
        case 1:
          bad.erase(at, 1 + random() % 8);
          break;
        default:
          bad.insert(at, 1, "0123456789{}[],\""[random() % 16]);
      }
    }
    ParseResult result = Parse(bad);
    ASSERT_EQ(result.info.has_value(), result.error.empty());
    if (!result.info) continue;
    ++accepted;
    ASSERT_TRUE(Parse(Serialize(*result.info)).info);
  }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace netc::object
