#include "compiler/object/value.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "compiler/object/host_order.h"

namespace netc::object {
namespace {

TypeInfo Type(Form form, std::string name, uint32_t size, uint32_t bits = 0) {
  TypeInfo type;
  type.form = form;
  type.name = std::move(name);
  type.size = size;
  type.bits = bits;
  return type;
}

TypeInfo PrefixOf(Form form, uint32_t size) {
  TypeInfo type = Type(Form::kPrefix, "prefix", 4 + size);
  type.element = {Type(form, "", size)};
  return type;
}

TypeInfo Tuple() {
  TypeInfo type = Type(Form::kStruct, "", 8);
  type.fields = {{"0", 0, Type(Form::kIpv4, "ipv4_addr", 4)},
                 {"1", 4, Type(Form::kPort, "port", 2)}};
  return type;
}

TypeInfo Backend() {
  TypeInfo type = Type(Form::kStruct, "Backend", 24);
  type.fields = {{"addr", 0, Type(Form::kIpv4, "ipv4_addr", 4)},
                 {"label", 4, Type(Form::kString, "", 12)},
                 {"weight", 16, Type(Form::kUnsigned, "u64", 8)}};
  return type;
}

std::string Error(const TypeInfo& type, std::string_view text) {
  ValueResult result = ParseValue(type, text);
  if (auto* why = std::get_if<std::string>(&result)) return *why;
  return "(accepted)";
}

// Text → bytes → text; the text comes back in its canonical form.
std::string Through(const TypeInfo& type, std::string_view text) {
  ValueResult result = ParseValue(type, text);
  if (auto* why = std::get_if<std::string>(&result)) return "error: " + *why;
  const Bytes& bytes = std::get<Bytes>(result);
  EXPECT_EQ(bytes.size(), type.size);
  return FormatValue(type, bytes.data());
}

TEST(Value, Numbers) {
  TypeInfo u8 = Type(Form::kUnsigned, "u8", 1, 8);
  EXPECT_EQ(Through(u8, " 0x1f "), "31");
  EXPECT_EQ(Error(u8, "300"), "`300` is more than u8 holds");
  EXPECT_EQ(Error(u8, "-1"), "`-1` is negative, u8 is not");
  EXPECT_EQ(Error(u8, ""), "`` is no u8");
  EXPECT_EQ(Error(u8, "1_"), "`1_` is no u8");
  EXPECT_EQ(Through(Type(Form::kUnsigned, "u32", 4), "65_536"), "65536");
  EXPECT_EQ(Error(Type(Form::kUnsigned, "u12", 2, 12), "4096"), "`4096` is more than u12 holds");
  TypeInfo u64 = Type(Form::kUnsigned, "u64", 8);
  EXPECT_EQ(Through(u64, "18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(Error(u64, "18446744073709551616"), "`18446744073709551616` is no u64");
  TypeInfo i8 = Type(Form::kSigned, "i8", 1, 8);
  EXPECT_EQ(Through(i8, "-128"), "-128");
  EXPECT_EQ(Error(i8, "-129"), "`-129` is beyond what i8 holds");
  EXPECT_EQ(Error(i8, "128"), "`128` is beyond what i8 holds");
  EXPECT_EQ(Through(Type(Form::kSigned, "i64", 8), "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Through(Type(Form::kPort, "port", 2), "443"), "443");
}

TEST(Value, Quantities) {
  TypeInfo duration = Type(Form::kDuration, "duration", 8);
  EXPECT_EQ(Through(duration, "200ms"), "200ms");
  EXPECT_EQ(Through(duration, "1.5s"), "1500ms");
  EXPECT_EQ(Through(duration, "0s"), "0ns");
  EXPECT_EQ(Through(duration, "2min"), "120s");
  EXPECT_EQ(Error(duration, "10"), "`10` is no duration: one is written like `200ms`");
  EXPECT_EQ(Error(duration, "99999999999999h"), "`99999999999999h` is too large");
  TypeInfo frequency = Type(Form::kFrequency, "frequency", 8);
  EXPECT_EQ(std::get<Bytes>(ParseValue(frequency, "200/s")), StoreInteger(200'000'000, 8));
  EXPECT_EQ(Through(frequency, "0.5/s"), "0.5/s");
  EXPECT_EQ(Through(frequency, "3/ms"), "3000/s");
  EXPECT_EQ(std::get<Bytes>(ParseValue(frequency, "1/min")), StoreInteger(16667, 8));
  EXPECT_EQ(Through(Type(Form::kBitrate, "bitrate", 8), "10mbit"), "10mbit");
  EXPECT_EQ(Through(Type(Form::kSize, "size", 8), "4096"), "4KiB");
  EXPECT_EQ(Through(Type(Form::kSize, "size", 8), "1.5KiB"), "1536B");
}

TEST(Value, AddressesAndPrefixes) {
  TypeInfo ipv4 = PrefixOf(Form::kIpv4, 4);
  EXPECT_EQ(Through(ipv4, "10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(Through(ipv4, "0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(Through(ipv4, "192.0.2.7"), "192.0.2.7/32");
  EXPECT_EQ(Error(ipv4, "10.1.0.0/8"),
            "`10.1.0.0/8` has bits beyond its length; the prefix is `10.0.0.0/8`");
  EXPECT_EQ(Error(ipv4, "10.0.0.0/33"), "`10.0.0.0/33` has no length from 0 to 32");
  TypeInfo either = PrefixOf(Form::kIp, 16);
  EXPECT_EQ(Through(either, "10.0.0.0/8"), "10.0.0.0/8");
  EXPECT_EQ(LoadAs<uint32_t>(std::get<Bytes>(ParseValue(either, "10.0.0.0/8")).data()), 104u);
  EXPECT_EQ(Through(either, "fd00::/8"), "fd00::/8");
  EXPECT_EQ(Through(either, "::/0"), "::/0");
  EXPECT_EQ(Through(Type(Form::kMac, "mac", 6), "AA:bb:cc:dd:ee:0F"), "aa:bb:cc:dd:ee:0f");
  EXPECT_EQ(Error(Type(Form::kMac, "mac", 6), "aa:bb:cc:dd:ee"), "`aa:bb:cc:dd:ee` is no mac");
  EXPECT_EQ(Through(Type(Form::kIp, "ip_addr", 16), "192.0.2.1"), "192.0.2.1");
  std::string hidden("10.0.0.1\0x", 10);
  EXPECT_NE(Error(Type(Form::kIpv4, "ipv4_addr", 4), hidden), "(accepted)");
}

TEST(Value, StructsAndLists) {
  EXPECT_EQ(Through(Tuple(), "(10.0.0.1, 80)"), "(10.0.0.1, 80)");
  EXPECT_EQ(Error(Tuple(), "(10.0.0.1)"), "`(10.0.0.1)` has 1 values, struct has 2 fields");
  EXPECT_EQ(Through(Backend(), R"({ weight: 7, addr: 10.0.0.1, label: "a, \"b\"" })"),
            R"({ addr: 10.0.0.1, label: "a, \"b\"", weight: 7 })");
  EXPECT_EQ(Through(Backend(), "(10.0.0.1, plain, 7)"),
            R"({ addr: 10.0.0.1, label: "plain", weight: 7 })");
  EXPECT_EQ(Error(Backend(), "{ addr: 10.0.0.1 }"), "field `label` of Backend is missing");
  EXPECT_EQ(Error(Backend(), "{ addr: 1, addr: 2 }"), "field `addr` is given twice");
  EXPECT_EQ(Error(Backend(), "{ size: 1 }"), "`size: 1` is no field of Backend with its value");
  EXPECT_EQ(Error(Backend(), "7"),
            "`7` is no Backend: one is written { addr: ipv4_addr, label: string, weight: u64 }");
  EXPECT_EQ(Error(Backend(), "(10.0.0.1, thirteen_long, 7)"),
            "field `label`: text of 13 bytes, 12 fit");
  TypeInfo array = Type(Form::kArray, "", 4);
  array.count = 2;
  array.element = {Type(Form::kPort, "port", 2)};
  EXPECT_EQ(Through(array, "[80, 443,]"), "[80, 443]");
  EXPECT_EQ(Error(array, "[80]"), "`[80]` has 1 elements, 2 are needed");
}

TEST(Value, NamesAndBytes) {
  TypeInfo color = Type(Form::kEnum, "Color", 1);
  color.names = {{"red", 1}, {"green", 2}};
  EXPECT_EQ(Through(color, "green"), "green");
  EXPECT_EQ(Through(color, "7"), "7");
  EXPECT_EQ(Error(color, "blue"), "`blue` is no Color: it has red, green");
  TypeInfo bytes = Type(Form::kBytes, "", 3);
  EXPECT_EQ(Through(bytes, "0x0a0BfF"), "0x0a0bff");
  EXPECT_NE(Error(bytes, "0x0a0b_f"), "(accepted)");
  EXPECT_NE(Error(bytes, "0x0a0b"), "(accepted)");
}

nlohmann::json Json(const TypeInfo& type, std::string_view text) {
  return JsonValue(type, std::get<Bytes>(ParseValue(type, text)).data());
}

TEST(Value, Json) {
  EXPECT_EQ(Json(Tuple(), "(10.0.0.1, 80)").dump(), R"(["10.0.0.1",80])");
  EXPECT_EQ(Json(Backend(), "(10.0.0.1, x, 7)").dump(),
            R"({"addr":"10.0.0.1","label":"x","weight":7})");
  EXPECT_EQ(Json(Type(Form::kDuration, "", 8), "200ms").dump(), "200000000");
  EXPECT_EQ(Json(Type(Form::kFrequency, "", 8), "0.5/s").dump(), "0.5");
  EXPECT_EQ(Json(Type(Form::kFrequency, "", 8), "200/s").dump(), "200");
  auto error = [](const TypeInfo& type, const char* json) {
    ValueResult result = ParseJsonValue(type, nlohmann::json::parse(json));
    auto* why = std::get_if<std::string>(&result);
    return why ? *why : "(accepted)";
  };
  TypeInfo u8 = Type(Form::kUnsigned, "u8", 1, 8);
  EXPECT_EQ(error(u8, "255"), "(accepted)");
  EXPECT_EQ(error(u8, "256"), "`256` is more than u8 holds");
  EXPECT_EQ(error(u8, "1.5"), "`1.5` is no u8");
  EXPECT_EQ(error(u8, "null"), "`null` is no u8");
  EXPECT_EQ(error(u8, "[1]"), "a list is no u8");
  EXPECT_EQ(error(Type(Form::kFrequency, "", 8), "1e30"), "`1e+30` is no frequency");
  EXPECT_EQ(error(Backend(), R"({"addr":"10.0.0.1","label":"x","weight":7,"more":1})"),
            "Backend has no field `more`");
}

TypeInfo RandomType(std::mt19937& random, int depth) {
  static constexpr Form kLeaves[] = {Form::kBool,    Form::kPort, Form::kDuration, Form::kFrequency,
                                     Form::kBitrate, Form::kSize, Form::kTime,     Form::kIpv4,
                                     Form::kIpv6,    Form::kIp,   Form::kMac};
  static constexpr uint32_t kSizes[] = {1, 2, 8, 8, 8, 8, 8, 4, 16, 16, 6};
  uint32_t pick = random() % (depth > 2 ? 14 : 16);
  if (pick < 11) return Type(kLeaves[pick], "", kSizes[pick]);
  if (pick == 11) return Type(Form::kUnsigned, "", 1u << random() % 4);
  if (pick == 12) return Type(Form::kSigned, "", 1u << random() % 4);
  if (pick == 13) return Type(random() % 2 ? Form::kBytes : Form::kString, "", 1 + random() % 9);
  TypeInfo type = Type(pick == 14 ? Form::kArray : Form::kStruct, "", 0);
  if (pick == 14) {
    type.element = {RandomType(random, depth + 1)};
    type.count = 1 + random() % 3;
    type.size = type.count * type.element[0].size;
    return type;
  }
  bool tuple = random() % 2;
  for (uint32_t i = 0; i < 1 + random() % 3; ++i) {
    TypeInfo field = RandomType(random, depth + 1);
    std::string name = tuple ? std::to_string(i) : std::string(1, static_cast<char>('a' + i));
    type.fields.push_back({name, type.size, field});
    type.size += field.size;
  }
  return type;
}

// Any bytes of any type can be shown, and what is shown reads back to a value that
// is shown the same.
TEST(Value, RoundTrips) {
  std::mt19937 random(7);
  for (int run = 0; run < 20'000; ++run) {
    TypeInfo type = RandomType(random, 0);
    Bytes bytes(type.size);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    std::string text = FormatValue(type, bytes.data());
    ValueResult result = ParseValue(type, text);
    ASSERT_TRUE(std::holds_alternative<Bytes>(result)) << text << ": " << std::get<1>(result);
    ASSERT_EQ(FormatValue(type, std::get<Bytes>(result).data()), text);
    nlohmann::json json = JsonValue(type, bytes.data());
    ValueResult again = ParseJsonValue(type, json);
    ASSERT_TRUE(std::holds_alternative<Bytes>(again)) << json.dump() << ": " << std::get<1>(again);
    ASSERT_EQ(FormatValue(type, std::get<Bytes>(again).data()), text) << json.dump();
  }
}

TEST(Value, SurvivesAnyText) {
  std::mt19937 random(11);
  static constexpr char kAlphabet[] = "0123456789abcdefx.:/_-(){}[],\"\\ \tms";
  for (int run = 0; run < 50'000; ++run) {
    TypeInfo type = RandomType(random, 0);
    std::string text;
    for (uint32_t i = random() % 24; i > 0; --i)
      text += kAlphabet[random() % (sizeof kAlphabet - 1)];
    ValueResult result = ParseValue(type, text);
    if (auto* bytes = std::get_if<Bytes>(&result)) {
      ASSERT_EQ(bytes->size(), type.size) << text;
    }
  }
}

}  // namespace
}  // namespace netc::object
