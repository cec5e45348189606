#include "runtime/entries_file.h"

#include <gtest/gtest.h>

#include "compiler/object/value.h"
#include "runtime/csv.h"

namespace netc::runtime {
namespace {

using object::Form;
using object::State;
using object::TypeInfo;

TypeInfo Type(Form form, uint32_t size) {
  TypeInfo type;
  type.form = form;
  type.size = size;
  return type;
}

TypeInfo Struct(std::vector<TypeInfo::Field> fields) {
  TypeInfo type = Type(Form::kStruct, 0);
  for (auto& field : fields) {
    field.offset = type.size;
    type.size += field.type.size;
  }
  type.fields = std::move(fields);
  return type;
}

State Vips() {
  State state;
  state.name = "vips";
  state.key = Struct({{"addr", 0, Type(Form::kIpv4, 4)}, {"port", 0, Type(Form::kPort, 2)}});
  state.value =
      Struct({{"real", 0, Type(Form::kIpv4, 4)}, {"weight", 0, Type(Form::kUnsigned, 4)}});
  return state;
}

State Set() {
  State state;
  state.name = "allowed";
  state.key = Type(Form::kIpv4, 4);
  return state;
}

// Entries as text, or the message.
std::string Read(const State& state, const std::string& path, std::string_view text) {
  auto entries = ParseEntries(state, path, text);
  if (!entries) return "error: " + entries.failure().message;
  std::string shown;
  for (const object::Entry& entry : *entries) {
    if (!shown.empty()) shown += "; ";
    shown += object::FormatValue(*state.key, entry.key.data());
    if (state.value) shown += "=" + object::FormatValue(*state.value, entry.value.data());
  }
  return shown;
}

TEST(Entries, Csv) {
  EXPECT_EQ(Read(Set(), "a.csv", "# resolvers\r\nkey\r\n10.0.0.1\n\n 10.0.0.2 \n"),
            "10.0.0.1; 10.0.0.2");
  EXPECT_EQ(Read(Vips(), "a.csv", "addr,port,real,weight\n10.0.0.1,80,10.1.0.1,5\n"),
            "{ addr: 10.0.0.1, port: 80 }={ real: 10.1.0.1, weight: 5 }");
  EXPECT_EQ(Read(Vips(), "a.csv", "value,key\n\"(10.1.0.1, 5)\",\"(10.0.0.1, 80)\"\n"),
            "{ addr: 10.0.0.1, port: 80 }={ real: 10.1.0.1, weight: 5 }");
  EXPECT_EQ(Read(Vips(), "a.csv",
                 "key.addr,key.port,value\n10.0.0.1,80,\"{ real: 10.1.0.1, weight: 5 }\""),
            "{ addr: 10.0.0.1, port: 80 }={ real: 10.1.0.1, weight: 5 }");
  EXPECT_EQ(Read(Set(), "a.csv", ""), "");
}

TEST(Entries, CsvErrors) {
  EXPECT_EQ(Read(Set(), "a.csv", "10.0.0.1\n"),
            "error: `a.csv`: state `allowed` has no column `10.0.0.1`");
  EXPECT_EQ(Read(Set(), "a.csv", "key\n10.0.0.1\n10.0.0\n"),
            "error: `a.csv`: line 3: `10.0.0` is no ipv4");
  EXPECT_EQ(Read(Set(), "a.csv", "key\n\"10.0.0.1\n"),
            "error: `a.csv`: line 2: a quote is not closed");
  EXPECT_EQ(Read(Vips(), "a.csv", "addr,port,real\n"), "error: `a.csv`: no column gives `weight`");
  EXPECT_EQ(Read(Vips(), "a.csv", "key,addr,value\n"), "error: `a.csv`: the key is given twice");
  EXPECT_EQ(Read(Vips(), "a.csv", "key,value\n1\n"),
            "error: `a.csv`: line 2 has 1 cells, the first row 2");
}

TEST(Entries, Json) {
  std::string vip = "{ addr: 10.0.0.1, port: 80 }={ real: 10.1.0.1, weight: 5 }";
  EXPECT_EQ(Read(Set(), "a.json", R"(["10.0.0.1", {"key": "10.0.0.2"}])"), "10.0.0.1; 10.0.0.2");
  EXPECT_EQ(
      Read(Vips(), "a.json", R"([{"addr":"10.0.0.1","port":80,"real":"10.1.0.1","weight":5}])"),
      vip);
  EXPECT_EQ(
      Read(Vips(), "a.json", R"([{"key":["10.0.0.1",80],"value":{"real":"10.1.0.1","weight":5}}])"),
      vip);
  EXPECT_EQ(Read(Vips(), "a.json", R"-({"(10.0.0.1, 80)": ["10.1.0.1", 5]})-"), vip);
  EXPECT_EQ(Read(Set(), "a.json", "{"), "error: `a.json`: line 1: is not JSON");
  EXPECT_EQ(Read(Set(), "a.json", "[\n\"10.0.0.1\",\n]"), "error: `a.json`: line 3: is not JSON");
  EXPECT_EQ(Read(Set(), "a.json", "7"),
            "error: `a.json`: is neither a list of entries nor an object from key to value");
  EXPECT_EQ(Read(Vips(), "a.json", R"([{"addr":"10.0.0.1"}])"),
            "error: `a.json`: line 1: entry 1: field `port` is missing");
  EXPECT_EQ(Read(Set(), "a.json", "[\n\"10.0.0.1\",\n {\"key\": \"[,\\\",\"},\n\"10.0.0.2\"]"),
            "error: `a.json`: line 3: entry 2: `[,\",` is no ipv4");
}

TEST(Entries, OneEntry) {
  auto entry = ParseEntry(Vips(), "(10.0.0.1, 80)=(10.1.0.1, 5)");
  ASSERT_TRUE(entry);
  EXPECT_EQ(object::FormatValue(*Vips().value, entry->value.data()),
            "{ real: 10.1.0.1, weight: 5 }");
  EXPECT_EQ(ParseEntry(Vips(), "(10.0.0.1, 80)").failure().message, "state `vips` takes KEY=VALUE");
  EXPECT_TRUE(ParseEntry(Set(), "10.0.0.1"));
}

TEST(Csv, KeepsQuotedText) {
  auto rows = std::get<0>(ParseCsv("a,\"b\"\"c,\nd\" ,\ne"));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].cells, (std::vector<std::string>{"a", "b\"c,\nd", ""}));
  EXPECT_EQ(rows[1].line, 3u);
}

}  // namespace
}  // namespace netc::runtime
