// Declarations of state: each kind with what can be said of it, and entries from the begin.
#include <fmt/format.h>

#include <algorithm>

#include "tools/differential/pipeline.h"

namespace netc::differential {
namespace {

std::string Entries(Pipeline& pipeline, const StateDecl& state, bool with_key, bool with_value) {
  Choices& choices = pipeline.choices;
  bool prefixes = state.form == StateForm::kPrefixes || state.form == StateForm::kPrefixSet;
  std::set<std::string> keys;
  std::string list;
  uint32_t count = std::min(choices.Below(4), state.capacity);
  for (uint32_t i = 0; i < count; ++i) {
    std::string entry;
    if (with_key) {
      entry = prefixes ? PrefixText(choices, state.key.kind) : Literal(pipeline, state.key).s;
      // The same number can be written in several ways; a tuple's parts as well.
      bool plain = state.key.kind == Kind::kIpv4 || state.key.kind == Kind::kMac || prefixes;
      if (!plain && i > 0) break;
      if (!keys.insert(entry).second) continue;
      if (state.key.kind == Kind::kIp && i > 0) break;
    }
    if (with_value) entry += (with_key ? ": " : "") + Literal(pipeline, state.value).s;
    list += (list.empty() ? "" : ", ") + entry;
  }
  return list.empty() ? "" : " = { " + list + " }";
}

// The kinds, plainest first, with how often each is written.
struct FormRow {
  StateForm form;
  uint32_t weight;
  bool per_cpu, expires, swappable;  // whether it can be said of them
};
constexpr FormRow kForms[] = {
    {StateForm::kHash, 5, true, true, true},
    {StateForm::kLru, 2, true, true, false},
    {StateForm::kArray, 3, true, false, false},
    {StateForm::kSet, 3, true, true, true},
    {StateForm::kPrefixSet, 3, false, false, true},
    {StateForm::kPrefixes, 3, false, false, true},
    {StateForm::kCounter, 2, true, false, false},
    {StateForm::kCounterBy, 3, true, true, false},
    {StateForm::kLimiter, 2, true, false, false},
    {StateForm::kLimiterBy, 2, true, false, false},
    {StateForm::kPacer, 1, false, false, false},
    {StateForm::kPacerBy, 1, false, false, false},
    {StateForm::kQueue, 2, false, false, false},
    {StateForm::kStack, 1, false, false, false},
    {StateForm::kHistogram, 1, true, false, false},
    {StateForm::kHistogramBy, 2, true, false, false},
    {StateForm::kRing, 2, false, false, false},
    {StateForm::kRingBy, 2, false, false, false},
};

class StateWriter {
 public:
  explicit StateWriter(Pipeline& pipeline) : pipeline_(pipeline), choices_(pipeline.choices) {}

  void Write() {
    std::vector<uint32_t> weights;
    for (const FormRow& row : kForms) weights.push_back(row.weight);
    const FormRow& row = kForms[choices_.Weighted(weights)];
    made_.name = pipeline_.Name("s");
    made_.form = row.form;
    made_.capacity = choices_.OneOf({64u, 2u, 1000u, 1u, 3u, 7u});
    made_.key = choices_.Chance(25) ? AnyType(pipeline_) : AnyScalar(pipeline_);
    made_.value = choices_.Chance(30) ? AnyType(pipeline_) : AnyScalar(pipeline_);
    bool per_cpu = row.per_cpu && choices_.Chance(15);
    timed_ = row.expires && !per_cpu && choices_.Chance(25);
    made_.swappable = row.swappable && !per_cpu && !timed_ && choices_.Chance(12);
    std::string kind = Kind();
    std::string entries;
    if (fill_key_ || fill_value_) entries = Entries(pipeline_, made_, fill_key_, fill_value_);
    if (!ring_entries_.empty()) entries = " = { " + ring_entries_ + " }";
    pipeline_.items +=
        fmt::format("state {}: {}{}{};\n", made_.name, per_cpu ? "per cpu " : "", kind, entries);
    pipeline_.states.push_back(std::move(made_));
  }

 private:
  // Which entry gives way is the kernel's affair: there is room for all.
  static constexpr uint32_t kRoom = 16384;

  std::string Kind() {
    std::string key = pipeline_.TypeName(made_.key), value = pipeline_.TypeName(made_.value);
    switch (made_.form) {
      case StateForm::kHash:
        fill_key_ = fill_value_ = true;
        return fmt::format("hash<{}, {}>({})", key, value, Size());
      case StateForm::kLru:
        made_.capacity = kRoom;
        fill_key_ = fill_value_ = true;
        return fmt::format("lru<{}, {}>({}{})", key, value, kRoom, Times());
      case StateForm::kArray:
        return Array();
      case StateForm::kSet:
        fill_key_ = true;
        return fmt::format("set<{}>({})", key, Size());
      case StateForm::kPrefixSet:
      case StateForm::kPrefixes:
        made_.key = Plain(choices_.OneOf({Kind::kIpv4, Kind::kIp, Kind::kIpv6}));
        fill_key_ = true;
        fill_value_ = made_.form == StateForm::kPrefixes;
        return fmt::format("prefixes<{}{}>({}{})", pipeline_.TypeName(made_.key),
                           fill_value_ ? ", " + value : "", made_.capacity, Swappable());
      case StateForm::kCounter:
        made_.value = Unsigned(64);
        return "counter";
      case StateForm::kCounterBy:
        made_.value = Unsigned(64);
        return fmt::format("counter<{}>({})", key, Size());
      case StateForm::kLimiter:
        return fmt::format("limiter({})", Rate());
      case StateForm::kLimiterBy: {
        std::string rate = Rate();
        return fmt::format("limiter<{}>({}, {})", key, rate, Size());
      }
      case StateForm::kPacer:
        return fmt::format("pacer({})", Horizon());
      case StateForm::kPacerBy: {
        std::string size = Size();
        return fmt::format("pacer<{}>({}, {})", key, size, Horizon());
      }
      case StateForm::kQueue:
      case StateForm::kStack:
        fill_value_ = true;
        return fmt::format("{}<{}>({})", made_.form == StateForm::kQueue ? "queue" : "stack", value,
                           made_.capacity);
      case StateForm::kHistogram: {
        std::string buckets = Buckets();
        return buckets.empty() ? "histogram" : fmt::format("histogram({})", buckets.substr(2));
      }
      case StateForm::kHistogramBy: {
        std::string size = Size();
        return fmt::format("histogram<{}>({}{})", key, size, Buckets());
      }
      case StateForm::kRing:
      case StateForm::kRingBy:
        return Ring();
      case StateForm::kSlots:
        break;
    }
    return "";
  }

  // Of keys that packets hit, and members of few bytes.
  std::string Ring() {
    bool by_key = made_.form == StateForm::kRingBy;
    if (choices_.Chance(70)) made_.key = Plain(Kind::kBool);
    made_.value = AnyScalar(pipeline_);
    std::string member = pipeline_.TypeName(made_.value);
    std::string kind = by_key ? fmt::format("ring<{}, {}>", pipeline_.TypeName(made_.key), member)
                              : fmt::format("ring<{}>", member);
    // The same member can be written in several ways, but for these.
    bool plain = made_.value.kind == Kind::kIpv4 || made_.value.kind == Kind::kMac;
    std::set<std::string> keys;
    uint32_t count = std::min(plain ? 3u : 1u, made_.capacity);
    for (uint32_t i = 0; i < count && choices_.Chance(80); ++i) {
      std::string key = Literal(pipeline_, made_.value).s;
      if (!keys.insert(key).second) continue;
      if (by_key) key = fmt::format("({}, {})", ring_key_.empty() ? Key() : ring_key_, key);
      ring_entries_ += fmt::format("{}{}: {}", ring_entries_.empty() ? "" : ", ", key,
                                   choices_.OneOf({1u, 100u, 0u, 3u}));
    }
    return fmt::format("{}({}, buckets: {})", kind, made_.capacity,
                       choices_.OneOf({101u, 2u, 5u, 1009u}));
  }
  std::string Key() { return ring_key_ = Literal(pipeline_, made_.key).s; }

  std::string Array() {
    made_.key = Unsigned(32);
    made_.capacity = std::min(made_.capacity, 64u);
    fill_value_ = true;
    if (choices_.Chance(15)) {
      // What no block could hold: changed in its place alone.
      Type element = Unsigned(choices_.OneOf<uint8_t>({64, 32, 16}));
      made_.value = pipeline_.ArrayOf(element, choices_.OneOf({128u, 200u, 300u}));
      fill_value_ = false;
    }
    return fmt::format("array<{}>({})", pipeline_.TypeName(made_.value), made_.capacity);
  }

  std::string Size() {
    if (made_.swappable || !choices_.Chance(25))
      return fmt::format("{}{}{}", made_.capacity, Times(), Swappable());
    made_.capacity = kRoom;
    return fmt::format("lru: {}{}", kRoom, Times());
  }
  std::string Swappable() const { return made_.swappable ? ", swappable: true" : ""; }

  // Times pass by milliseconds to seconds between two packets.
  std::string Times() {
    if (!timed_) return "";
    const char* const kTimes[] = {"1s", "3s", "100ms", "20s", "1ns", "5min"};
    std::string times;
    bool idle = choices_.Chance(40);
    if (!idle || choices_.Chance(40)) times += fmt::format(", expires: {}", choices_.Of(kTimes));
    if (idle) times += fmt::format(", idle: {}", choices_.Of(kTimes));
    return times;
  }

  std::string Rate() {
    made_.in_bits = choices_.Chance(30);
    Type rate_type = Plain(made_.in_bits ? Kind::kBitrate : Kind::kFrequency);
    Type burst_type = made_.in_bits ? Plain(Kind::kSize) : Unsigned(64);
    std::string rate = Literal(pipeline_, rate_type).s;
    std::string burst =
        made_.in_bits ? Literal(pipeline_, burst_type).s : std::to_string(choices_.Below(12));
    for (const Variable& param : pipeline_.params) {
      if (param.type == rate_type && choices_.Chance(40)) rate = param.name;
      if (param.type == burst_type && choices_.Chance(40)) burst = param.name;
    }
    if (!made_.in_bits && choices_.Chance(30)) return rate;
    return fmt::format("{}, burst: {}", rate, burst);
  }

  std::string Horizon() {
    return fmt::format("horizon: {}", choices_.OneOf<std::string>({"2s", "1ns", "20ms", "10s"}));
  }

  std::string Buckets() {
    uint32_t count = 65;
    std::string text;
    if (choices_.Chance(50)) {
      count = 32;
      text += ", step: " + choices_.OneOf<std::string>({"100", "1", "1500", "10ms", "3KiB"});
    }
    if (choices_.Chance(50)) {
      count = choices_.OneOf({4u, 1u, 16u, 40u});
      text += fmt::format(", buckets: {}", count);
    }
    made_.value = pipeline_.ArrayOf(Unsigned(64), count);
    return text;
  }

  Pipeline& pipeline_;
  Choices& choices_;
  StateDecl made_;
  std::string ring_key_, ring_entries_;
  bool timed_ = false, fill_key_ = false, fill_value_ = false;
};

}  // namespace

void WriteState(Pipeline& pipeline) {
  StateWriter(pipeline).Write();
}

void WriteSlots(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  StateDecl made;
  made.name = pipeline.Name("s");
  made.form = StateForm::kSlots;
  made.word = choices.OneOf({"devices", "interfaces", "cpus", "sockets"});
  made.capacity = made.word == "cpus" ? 1 : 4;
  std::string entries;
  if (made.word == "interfaces") entries = choices.OneOf({" = { \"lo\" }", ""});
  if (made.word == "devices") entries = choices.OneOf({" = { \"lo\" }", "", " = { 2: \"lo\" }"});
  if (made.word == "cpus") entries = choices.OneOf({" = { 0 }", ""});
  pipeline.items +=
      fmt::format("state {}: {}({}){};\n", made.name, made.word, made.capacity, entries);
  pipeline.states.push_back(std::move(made));
}

}  // namespace netc::differential
