// Statements that change state.
#include <fmt/format.h>

#include <algorithm>

#include "tools/differential/body.h"

namespace netc::differential {

std::vector<uint32_t> Body::StatesOf(std::initializer_list<StateForm> forms) const {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < pipeline_.states.size(); ++i) {
    bool wanted = std::find(forms.begin(), forms.end(), pipeline_.states[i].form) != forms.end();
    if (wanted) found.push_back(i);
  }
  return found;
}

std::vector<uint32_t> Body::Insertable(std::initializer_list<StateForm> forms) const {
  std::vector<uint32_t> states = StatesOf(forms);
  std::erase_if(states, [&](uint32_t index) { return pipeline_.states[index].swappable; });
  return states;
}

void Body::Counters() {
  std::vector<uint32_t> counters = StatesOf({StateForm::kCounter, StateForm::kCounterBy});
  if (counters.empty()) return WriteState();
  uint32_t index = choices_.Of(counters);
  const StateDecl& state = pipeline_.states[index];
  std::string place = state.name;
  if (state.form == StateForm::kCounterBy) place += "[" + Key(index, 2) + "]";
  std::string amount = choices_.Chance(40) ? Value(Unsigned(64), 2).s : "1";
  Conditional(fmt::format("{} += {}", place, amount));
}

void Body::WriteState() {
  std::vector<uint32_t> states;
  for (uint32_t index :
       Insertable({StateForm::kHash, StateForm::kLru, StateForm::kArray, StateForm::kPrefixes,
                   StateForm::kSet, StateForm::kPrefixSet})) {
    if (!bound_.contains(index) && !pipeline_.IsLarge(pipeline_.states[index].value))
      states.push_back(index);
  }
  if (states.empty()) return Bind();
  uint32_t index = choices_.Of(states);
  const StateDecl& state = pipeline_.states[index];
  bool set = state.form == StateForm::kSet || state.form == StateForm::kPrefixSet;
  if (function_ && state.form != StateForm::kArray) function_->changes.insert(index);
  std::string key = Key(index, 2);
  std::string text = set ? fmt::format("{}.add({})", state.name, key)
                         : fmt::format("{}[{}] = {}", state.name, key, Value(state.value, 2).s);
  WithElse(text, choices_.Chance(30));
}

// A statement that may fail, with its `when` and what runs where it failed.
void Body::WithElse(std::string text, bool with_else) {
  if (!with_else) return Conditional(std::move(text));
  bool conditional = false;
  Facts yes = facts_, no = facts_;
  text += When(&conditional, &yes, &no);
  Facts succeeded = conditional ? yes : facts_;
  facts_ = succeeded;
  Line(text + " else {");
  Block(2);
  Line("}");
  Facts after = ended_ ? succeeded : Facts::Either(facts_, succeeded);
  ended_ = false;
  // What the checker knows behind an `else` that ends is what it ended with: be modest.
  facts_ = conditional ? Facts::Either(after, no) : after;
}

void Body::Remove() {
  std::vector<uint32_t> states;
  for (uint32_t index :
       Insertable({StateForm::kHash, StateForm::kLru, StateForm::kPrefixes, StateForm::kSet,
                   StateForm::kPrefixSet, StateForm::kCounterBy, StateForm::kLimiterBy,
                   StateForm::kPacerBy, StateForm::kHistogramBy})) {
    if (!bound_.contains(index)) states.push_back(index);
  }
  if (states.empty()) return Counters();
  uint32_t index = choices_.Of(states);
  if (function_) function_->changes.insert(index);
  Conditional(fmt::format("{}.remove({})", pipeline_.states[index].name, Key(index, 2)));
}

// `s[key].part op= v`: of numbers and flags that a processor changes at once.
void Body::UpdateState() {
  std::vector<std::pair<uint32_t, Part>> places;
  for (uint32_t index :
       StatesOf({StateForm::kHash, StateForm::kLru, StateForm::kArray, StateForm::kPrefixes})) {
    for (Part& part : PartsOf("", pipeline_.states[index].value)) {
      const Type& type = part.type;
      bool counts = (type.kind == Kind::kInteger || type.kind == Kind::kFlags) && type.bits > 16;
      bool quantity = type.kind == Kind::kDuration || type.kind == Kind::kSize ||
                      type.kind == Kind::kBitrate || type.kind == Kind::kFrequency;
      if (counts || quantity) places.emplace_back(index, std::move(part));
    }
  }
  if (places.empty()) return WriteState();
  auto [index, part] = choices_.Of(places);
  const StateDecl& state = pipeline_.states[index];
  bool array = state.form == StateForm::kArray;
  std::string key = Key(index, 2);
  if (array) {
    // A constant beyond the end is refused.
    key = choices_.Chance(70) ? IndexBelow(state.capacity, 2)
                              : fmt::format("random() % {}", state.capacity + 2);
  }
  part.base = fmt::format("{}[{}]", state.name, key);
  std::string place = TextOf(part, 2);
  std::string op;
  bool shift = false;
  if (part.type.kind == Kind::kInteger) {
    op = choices_.OneOf({"+=", "-=", "*=", "&=", "|=", "^=", "<<=", ">>="});
    shift = op.size() == 3;
  } else if (part.type.kind == Kind::kFlags) {
    op = choices_.OneOf({"|=", "&=", "^="});
  } else {
    op = choices_.OneOf({"+=", "-="});
  }
  Text value =
      shift && choices_.Chance(50) ? Value(Unsigned(8), 2, Place::kAlone) : Value(part.type, 2);
  WithElse(fmt::format("{} {} {}", place, op, value.s), !array || choices_.Chance(40));
}

void Body::Push() {
  std::vector<uint32_t> queues = StatesOf({StateForm::kQueue, StateForm::kStack});
  if (queues.empty()) return WriteState();
  const StateDecl& state = pipeline_.states[choices_.Of(queues)];
  std::string text = fmt::format("{}.push({})", state.name, Value(state.value, 2).s);
  WithElse(std::move(text), choices_.Chance(40));
}

void Body::Record() {
  std::vector<uint32_t> histograms = StatesOf({StateForm::kHistogram, StateForm::kHistogramBy});
  if (histograms.empty()) return Counters();
  uint32_t index = choices_.Of(histograms);
  const StateDecl& state = pipeline_.states[index];
  Type type = choices_.OneOf({Unsigned(32), Unsigned(64), Unsigned(8), Unsigned(16), Unsigned(20),
                              Plain(Kind::kDuration), Plain(Kind::kSize), Plain(Kind::kBitrate),
                              Plain(Kind::kFrequency)});
  std::string key = state.form == StateForm::kHistogramBy ? Key(index, 2) + ", " : "";
  Conditional(fmt::format("{}.record({}{})", state.name, key, Value(type, 2, Place::kAlone).s));
}

}  // namespace netc::differential
