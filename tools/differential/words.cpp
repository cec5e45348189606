// Words of the hook: those that a test run shows, read and assigned.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/word_plan.h"
#include "tools/differential/body.h"
#include "tools/differential/context.h"

namespace netc::differential {
namespace {

constexpr hooks::KernelVersion kFloor{6, 1};

std::optional<Type> TypeOf(hooks::WordType type) {
  switch (type) {
    case hooks::WordType::kU8:
      return Unsigned(8);
    case hooks::WordType::kU16:
      return Unsigned(16);
    case hooks::WordType::kU32:
      return Unsigned(32);
    case hooks::WordType::kU64:
      return Unsigned(64);
    case hooks::WordType::kPort:
      return Plain(Kind::kPort);
    case hooks::WordType::kIp:
      return Plain(Kind::kIp);
    case hooks::WordType::kDuration:
      return Plain(Kind::kDuration);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::vector<Body::Word> Body::Words() const {
  std::vector<Word> words;
  if (!hook_) return words;
  auto add = [&](std::string_view word, bool assignable) {
    hooks::WordPlan plan = hooks::PlanRead(hook_->id, word, kFloor);
    auto type = plan.allowed() ? TypeOf(plan.type) : std::nullopt;
    if (type) words.push_back({std::string(word), *type, plan.source.has, assignable, 0});
  };
  for (const hooks::Field& field : hook_->fields) {
    if (field.word.empty() || !ContextMaker::Knows(*hook_, field)) continue;
    bool numbers = field.c_type.find('[') != std::string_view::npos;
    for (uint32_t i = 0; numbers && field.word == "packet.cb" && i < field.size / 4; ++i) {
      words.push_back({fmt::format("{}[{}]", field.word, i), Unsigned(32), hooks::Needs::kNothing,
                       field.writes.allows(4, i * 4), 0});
    }
    // The kernel keeps 16 bits of some.
    hooks::WordWrite write = hooks::PlanWrite(hook_->id, field.word, kFloor);
    size_t before = words.size();
    if (!numbers) add(field.word, write.allowed() && write.field == &field);
    bool narrow =
        field.name == "queue_mapping" || field.name == "tc_index" || field.name == "tc_classid";
    if (words.size() > before && narrow) words.back().mask = 0x7fff;
  }
  for (std::string_view word : ContextMaker::OtherWords(*hook_)) add(word, false);
  if (hook_->packet.start != hooks::PacketStart::kNone)
    words.push_back({"packet.length", Unsigned(32), hooks::Needs::kNothing, false, 0});
  return words;
}

// Whether it has a value here for certain.
bool Body::IsSure(const Word& word) const {
  hooks::Needs known = std::max(facts_.socket(), hooks::SocketModelOf(hook_->id).least);
  return word.has <= hooks::Needs::kTcp && known >= word.has;
}

// One that may be absent: for `if let`, and for comparisons.
std::optional<Body::Word> Body::UnsureWord() {
  std::vector<Word> words = Words();
  std::erase_if(words, [&](const Word& word) { return IsSure(word); });
  if (words.empty()) return std::nullopt;
  return choices_.Of(words);
}

std::optional<Body::Condition> Body::SocketPresence() {
  bool asks = hook_ && hooks::SocketModelOf(hook_->id).full != hooks::Needs::kNothing;
  if (!asks) return std::nullopt;
  bool tcp = choices_.Chance(25);
  Condition made{{tcp ? "sk.tcp" : "sk"}, facts_, facts_, true};
  made.yes.AddSocket(tcp ? hooks::Needs::kTcp : hooks::Needs::kFull);
  return made;
}

void Body::AssignWord() {
  std::vector<Word> words = Words();
  std::erase_if(words, [](const Word& word) { return !word.assignable; });
  if (words.empty()) return Assign();
  const Word& word = choices_.Of(words);
  Text value = Value(word.type, 2, word.mask ? Place::kAlone : Place::kWanted);
  if (word.mask)
    value = Binary("&", Text::kBitAnd, {std::move(value), {std::to_string(word.mask)}});
  const char* op = "=";
  if (!word.mask && choices_.Chance(40))
    op = choices_.OneOf({"+=", "-=", "|=", "&=", "^=", "<<=", ">>=", "*="});
  Conditional(fmt::format("{} {} {}", word.name, op, value.s));
}

}  // namespace netc::differential
