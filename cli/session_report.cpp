#include "cli/session_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>

#include "cli/histogram.h"
#include "cli/output.h"
#include "compiler/object/test_report.h"
#include "compiler/object/value.h"

namespace netc::cli {

using namespace runtime;  // reports

namespace {

using Clock = std::chrono::system_clock;

long Microseconds(Clock::time_point time) {
  auto since = time.time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count() % 1'000'000;
}

std::string LocalTime(Clock::time_point time) {
  return fmt::format("{:%H:%M:%S}.{:03}", fmt::localtime(Clock::to_time_t(time)),
                     Microseconds(time) / 1000);
}

std::string UtcTime(Clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(Clock::to_time_t(time)),
                     Microseconds(time));
}

// Of a counter by key, so many are told of each time.
constexpr size_t kMostKeys = 10;

uint64_t At(const std::vector<uint64_t>& counts, uint32_t index) {
  return index < counts.size() ? counts[index] : 0;
}

const object::State& StateNamed(const object::ObjectInfo& info, const std::string& name) {
  auto found = std::find_if(info.states.begin(), info.states.end(),
                            [&](const object::State& state) { return state.name == name; });
  return *found;  // whoever read the counters had it from there
}

class Text {
 public:
  bool operator()(const Report& report) {
    return std::visit([&](const auto& each) { return Tell(each); }, report);
  }

 private:
  bool Tell(const AttachedReport& report) {
    const Attachment& at = *report.attachment;
    return WriteLine(fmt::format("{}: {} on {}{}", at.block, at.hook, at.where,
                                 at.mode.empty() ? "" : ", " + at.mode));
  }
  bool Tell(const EventReport& report) {
    if (report.audited) return TellAudited(*report.audited, report.time);
    return WriteLine(LocalTime(report.time) + " " + DescribeEvent(*report.event, report.record));
  }
  // 12:00:01.250 would drop: guard: `drop when tcp.dport == 23;` (edge.np:7), xdp on eth0
  static bool TellAudited(const Audited& audited, Clock::time_point time) {
    std::string text =
        fmt::format("{} would {}: {}: ", LocalTime(time), audited.verdict, audited.program->name);
    text += audited.rule
                ? fmt::format("`{}` ({}:{})", audited.rule->text, audited.rule->place.file,
                              audited.rule->place.line)
                : std::string("no rule, but a packet that can't be read, or an effect that failed");
    if (!audited.where.empty()) text += ", " + audited.where;
    return WriteLine(text);
  }
  bool Tell(const WarningReport& report) {
    std::fprintf(stderr, "warning: %s\n", report.text.c_str());
    return true;
  }
  bool Tell(const DetachedReport& report) {
    return WriteLine(
        fmt::format("{}: detached from {} ({})", report.block, report.where, report.reason));
  }

  // What has changed since the last time; at the end everything that is not zero.
  bool Tell(const CountersReport& report) {
    const object::ObjectInfo& info = *report.info;
    const Counters& now = *report.counters;
    const Counters none;
    const Counters& then = report.last ? none : before_;
    std::string text;
    auto line = [&](uint64_t count, uint64_t earlier, const std::string& what) {
      if (count != earlier) text += fmt::format("{:>12}  {}\n", count, what);
    };
    for (const object::Program& program : info.programs) {
      for (const object::Rule& rule : program.rules) {
        line(At(now.rules, rule.index), At(then.rules, rule.index),
             fmt::format("{}  ({}:{})", rule.text, rule.place.file, rule.place.line));
      }
    }
    for (uint32_t i = 0; i < info.faults.size(); ++i) {
      line(At(now.faults, i), At(then.faults, i), info.faults[i]);
    }
    for (size_t i = 0; i < now.totals.size(); ++i) {
      line(now.totals[i].second, i < then.totals.size() ? then.totals[i].second : 0,
           now.totals[i].first);
    }
    for (size_t i = 0; i < now.histograms.size(); ++i) {
      const auto& [name, value] = now.histograms[i];
      if (value ==
          (i < then.histograms.size() ? then.histograms[i].second : object::Bytes(value.size()))) {
        continue;
      }
      text += fmt::format("{:>12}  {}\n", HistogramTotal(value), name);
      for (const std::string& bucket : BucketLines(StateNamed(info, name), value)) {
        text += "    " + bucket + "\n";
      }
    }
    for (const Counters::Keyed& keyed : now.keyed) text += KeyedLines(keyed, report.last);
    line(now.all_lost(), then.all_lost(), "events lost: the ring was full");
    before_ = now;
    if (text.empty()) return true;
    text.pop_back();
    return WriteLine(text);
  }

  // The keys that were counted most since the last time, at the end those of all.
  std::string KeyedLines(const Counters::Keyed& keyed, bool last) {
    struct Row {
      const object::Bytes* key;
      uint64_t count, more;
    };
    auto& earlier = keyed_[keyed.state->name];
    std::vector<Row> rows;
    for (const auto& [key, count] : keyed.counts) {
      auto found = earlier.find(key);
      uint64_t then = last || found == earlier.end() || found->second > count ? 0 : found->second;
      if (count != then) rows.push_back({&key, count, count - then});
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.more > b.more; });
    std::string text;
    for (size_t i = 0; i < rows.size() && i < kMostKeys; ++i) {
      text += fmt::format("{:>12}  {}[{}]\n", rows[i].count, keyed.state->name,
                          object::FormatValue(*keyed.state->key, rows[i].key->data()));
    }
    if (rows.size() > kMostKeys) {
      text += fmt::format("{:>12}  {}: {} more keys (netc state show {})\n", "", keyed.state->name,
                          rows.size() - kMostKeys, keyed.state->name);
    }
    earlier = std::map<object::Bytes, uint64_t>(keyed.counts.begin(), keyed.counts.end());
    return text;
  }

  Counters before_;
  std::map<std::string, std::map<object::Bytes, uint64_t>> keyed_;  // by state
};

Json KeyedJson(const Counters& counters) {
  Json all = Json::object();
  for (const Counters::Keyed& keyed : counters.keyed) {
    Json top = Json::array();
    for (size_t i = 0; i < keyed.counts.size() && i < kMostKeys; ++i) {
      const auto& [key, count] = keyed.counts[i];
      top.push_back({{"key", object::JsonValue(*keyed.state->key, key.data())}, {"count", count}});
    }
    all[keyed.state->name] = {
        {"keys", keyed.counts.size()}, {"total", keyed.total}, {"top", std::move(top)}};
  }
  return all;
}

Json RulesJson(const object::ObjectInfo& info, const Counters& counters) {
  Json rules = Json::array();
  if (counters.rules.empty()) return rules;
  for (const object::Program& program : info.programs) {
    for (const object::Rule& rule : program.rules) {
      Json json = {{"program", program.name},
                   {"index", rule.index},
                   {"file", rule.place.file},
                   {"line", rule.place.line},
                   {"rule", rule.text},
                   {"verdict", rule.verdict.empty() ? Json() : Json(rule.verdict)},
                   {"matches", At(counters.rules, rule.index)}};
      rules.push_back(std::move(json));
    }
  }
  return rules;
}

class JsonLines {
 public:
  bool operator()(const Report& report) {
    return std::visit([&](const auto& each) { return WriteJson(Describe(each)); }, report);
  }

 private:
  static Json Describe(const AttachedReport& report) {
    const Attachment& at = *report.attachment;
    return {{"type", "attached"},
            {"program", at.block},
            {"hook", at.hook},
            {"where", at.where},
            {"mode", at.mode.empty() ? Json() : Json(at.mode)},
            {"program_id", at.program_id}};
  }
  static Json Describe(const EventReport& report) {
    if (report.audited) return DescribeAudited(report);
    Json fields = Json::object();
    for (const auto& field : report.event->fields) {
      fields[field.name] = object::JsonValue(field.type, report.record + field.offset);
    }
    return {{"type", "event"},
            {"time", UtcTime(report.time)},
            {"name", report.event->name},
            {"fields", std::move(fields)}};
  }
  static Json DescribeAudited(const EventReport& report) {
    const Audited& audited = *report.audited;
    Json json = {{"type", "audit"},
                 {"time", UtcTime(report.time)},
                 {"program", audited.program->name},
                 {"hook", audited.program->hook},
                 {"where", audited.where.empty() ? Json() : Json(audited.where)},
                 {"verdict", audited.verdict}};
    json["rule"] = audited.rule ? Json(audited.rule->text) : Json();
    json["file"] = audited.rule ? Json(audited.rule->place.file) : Json();
    json["line"] = audited.rule ? Json(audited.rule->place.line) : Json();
    return json;
  }
  static Json Describe(const CountersReport& report) {
    const object::ObjectInfo& info = *report.info;
    const Counters& counters = *report.counters;
    Json faults = Json::object(), lost = Json::object(), totals = Json::object();
    for (uint32_t i = 0; i < info.faults.size(); ++i)
      faults[info.faults[i]] = At(counters.faults, i);
    for (const auto& event : info.events) lost[event.name] = At(counters.lost, event.id);
    for (const auto& [name, total] : counters.totals) totals[name] = total;
    Json histograms = Json::object();
    for (const auto& [name, value] : counters.histograms) {
      histograms[name] = BucketsJson(StateNamed(info, name), value);
    }
    return {{"type", "counters"},          {"time", UtcTime(Clock::now())},
            {"last", report.last},         {"rules", RulesJson(info, counters)},
            {"faults", std::move(faults)}, {"lost_events", std::move(lost)},
            {"totals", std::move(totals)}, {"histograms", std::move(histograms)},
            {"keyed", KeyedJson(counters)}};
  }
  static Json Describe(const WarningReport& report) {
    return {{"type", "warning"}, {"message", report.text}};
  }
  static Json Describe(const DetachedReport& report) {
    return {{"type", "detached"},
            {"program", report.block},
            {"hook", report.hook},
            {"where", report.where},
            {"reason", report.reason}};
  }
};

}  // namespace

ReportSink TextReports() {
  return Text();
}
ReportSink JsonReports() {
  return JsonLines();
}

}  // namespace netc::cli
