#include "runtime/session.h"

#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <utility>

#include "compiler/object/host_order.h"
#include "runtime/event_loop.h"
#include "runtime/events.h"
#include "runtime/netlink.h"
#include "runtime/registry.h"

namespace netc::runtime {

namespace {

class Session {
 public:
  Session(Loaded& loaded, const SessionOptions& options, const ReportSink& sink)
      : loaded_(loaded), options_(options), sink_(sink) {}

  Status Run();

 private:
  void Tell(const Report& report);
  void TellCounters(bool last);
  void End(const std::string& reason);
  Status Begin(EventReader& events);
  std::optional<Audited> AuditedBy(const object::Event& event, const uint8_t* record) const;
  void Announce();
  void WatchInterfaces();
  void InterfaceGone(uint32_t ifindex);
  void StartSweeps();
  void SweepStates();
  void Detach();

  Loaded& loaded_;
  const SessionOptions& options_;
  const ReportSink& sink_;
  EventLoop loop_;
  Attachments attachments_;
  Cleanup registered_;
  Fd interfaces_;
  std::string reason_;
  Status failure_;
};

void Session::Tell(const Report& report) {
  if (!sink_(report)) End("output closed");
}

void Session::TellCounters(bool last) {
  Counters counters = ReadCounters(loaded_);
  if (!options_.count_rules) counters.rules.clear();
  Tell(CountersReport{&loaded_.info(), &counters, last});
}

// The first reason counts.
void Session::End(const std::string& reason) {
  if (reason_.empty()) reason_ = reason;
  loop_.Stop();
}

Status Session::Begin(EventReader& events) {
  // Before attaching, so that no signal can come between a filter without a link
  // and its removal.
  loop_.OnSignals({SIGINT, SIGTERM, SIGHUP}, [this] { End("signal"); });
  std::signal(SIGPIPE, SIG_IGN);
  auto reader =
      EventReader::Open(loaded_, [this](const object::Event& event, const uint8_t* record) {
        EventReport report{&event, record, std::chrono::system_clock::now()};
        std::optional<Audited> audited = AuditedBy(event, record);
        if (audited) report.audited = &*audited;
        Tell(report);
      });
  if (!reader) return reader.failure();
  events = std::move(*reader);
  // Before attaching as well: an interface may go right after.
  WatchInterfaces();
  auto attached = AttachAll(loaded_, options_.attach);
  if (!attached) return attached.failure();
  attachments_ = std::move(*attached);
  loaded_.CloseSockets();
  auto registered = Register(loaded_, attachments_, options_.source);
  if (registered) {
    registered_ = std::move(*registered);
  } else {
    Tell(
        WarningReport{registered.failure().message + "; `netc state` will not find this pipeline"});
  }
  return std::nullopt;
}

// The record has numbers alone: of the program, the rule and the verdict.
std::optional<Audited> Session::AuditedBy(const object::Event& event, const uint8_t* record) const {
  const object::ObjectInfo& info = loaded_.info();
  bool audit =
      !info.audit_flag.empty() && &event == &info.events.back() && event.fields.size() == 3;
  if (!audit) return std::nullopt;
  auto number = [&](size_t field) {
    return object::LoadAs<uint32_t>(record + event.fields[field].offset);
  };
  if (number(0) >= info.programs.size()) return std::nullopt;
  Audited audited{&info.programs[number(0)], nullptr, {}, {}};
  for (const object::Rule& rule : audited.program->rules) {
    if (rule.index == number(1)) audited.rule = &rule;
  }
  auto code = static_cast<int32_t>(number(2));
  audited.verdict = fmt::format("end with {}", code);
  for (const object::Verdict& verdict : audited.program->verdicts) {
    bool same = verdict.code == code;
    if (same) audited.verdict = verdict.word;
    if (same && audited.rule && audited.rule->verdict == verdict.word) break;
  }
  size_t places = 0;
  for (const Attachment& attachment : attachments_.all()) {
    if (attachment.block != audited.program->name) continue;
    audited.where = fmt::format("{} on {}", attachment.hook, attachment.where);
    ++places;
  }
  if (places != 1) audited.where.clear();
  return audited;
}

void Session::Announce() {
  for (const Attachment& attachment : attachments_.all()) {
    Tell(AttachedReport{&attachment});
    for (const std::string& note : attachment.notes) Tell(WarningReport{note});
  }
}

// An interface that goes takes its programs with it; nobody else would say so.
void Session::WatchInterfaces() {
  interfaces_ = OpenRouteSocket(RTMGRP_LINK);
  loop_.OnReadable(interfaces_.get(), [this] {
    ReadNotices(interfaces_, [this](const nlmsghdr& message) {
      auto* link = static_cast<const ifinfomsg*>(NLMSG_DATA(&message));
      // A port that leaves its bridge sends the same message in AF_BRIDGE.
      bool gone = message.nlmsg_type == RTM_DELLINK && link->ifi_family != AF_BRIDGE;
      if (gone) InterfaceGone(static_cast<uint32_t>(link->ifi_index));
    });
  });
}

void Session::InterfaceGone(uint32_t ifindex) {
  for (const Attachment& lost : attachments_.DropInterface(ifindex)) {
    Tell(DetachedReport{lost.block, lost.hook, lost.where, "interface gone"});
  }
  if (!attachments_.all().empty()) return;
  failure_ = Failure{Exit::kAttach, "the last interface is gone: nothing is attached any more"};
  End("interface gone");
}

void Session::StartSweeps() {
  for (const Attachment& attachment : attachments_.all()) {
    if (!attachment.sweep) continue;
    if (auto failure = attachment.sweep()) {
      failure_ = std::move(failure);
      return End("failure");
    }
    if (attachment.every.count() == 0) continue;
    loop_.OnTimer(attachment.every, true, [this, sweep = attachment.sweep] {
      if (auto failure = sweep()) {
        failure_ = std::move(failure);
        End("failure");
      }
    });
  }
}

// What has expired takes room until somebody puts its key again, or it is freed here.
void Session::SweepStates() {
  for (const object::State& state : loaded_.info().states) {
    if (!state.expires && !state.idle) continue;
    uint64_t shortest = std::min(state.expires.value_or(~0ull), state.idle.value_or(~0ull));
    constexpr uint64_t kSecond = 1'000'000'000;
    std::chrono::nanoseconds period(std::clamp(shortest / 2, kSecond / 10, 60 * kSecond));
    loop_.OnTimer(period, true, [this, &state] {
      if (auto map = loaded_.OpenState(state)) map->Sweep();
    });
  }
}

void Session::Detach() {
  std::vector<DetachedReport> reports;
  for (const Attachment& attachment : attachments_.all()) {
    reports.push_back({attachment.block, attachment.hook, attachment.where, reason_});
  }
  attachments_.DetachAll();
  registered_ = Cleanup();
  for (DetachedReport& report : reports) Tell(std::move(report));
}

Status Session::Run() {
  EventReader events;
  if (auto failure = Begin(events)) return failure;
  Announce();
  StartSweeps();
  SweepStates();
  loop_.OnReadable(events.fd(), [&] { events.Read(); });
  loop_.OnTimer(options_.interval, true, [this] { TellCounters(false); });
  if (options_.once) End("once");
  if (options_.duration) loop_.OnTimer(*options_.duration, false, [this] { End("duration"); });
  loop_.Run();
  // What was sent before the programs were detached is still in the ring.
  Detach();
  events.Read();
  TellCounters(true);
  return failure_;
}

}  // namespace

Status RunSession(Loaded& loaded, const SessionOptions& options, const ReportSink& sink) {
  return Session(loaded, options, sink).Run();
}

}  // namespace netc::runtime
