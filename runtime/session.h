// `netc run`: attaches a loaded pipeline, tells what comes, and leaves nothing.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "runtime/attach.h"
#include "runtime/counters.h"

namespace netc::runtime {

struct SessionOptions {
  AttachOptions attach;
  std::optional<std::chrono::nanoseconds> duration;              // absent: until a signal
  std::chrono::nanoseconds interval = std::chrono::seconds(10);  // between counters
  bool once = false;                                             // end when each sweep has run once
  std::string source;        // file that is run, for `netc state list`
  bool count_rules = false;  // it was loaded so: report rules too
};

// What happens, in the order in which it does. Pointers live for the call.
struct AttachedReport {
  const Attachment* attachment;
};
// A verdict that audit mode did not carry out.
struct Audited {
  const object::Program* program;
  const object::Rule* rule;  // null: none decided
  std::string verdict;       // word of the hook
  std::string where;         // it is attached; empty if at several places
};
struct EventReport {
  const object::Event* event;
  const uint8_t* record;
  std::chrono::system_clock::time_point time;  // of reading it
  const Audited* audited = nullptr;            // in the place of `event`
};
struct CountersReport {
  const object::ObjectInfo* info;
  const Counters* counters;
  bool last;  // read after everything was detached
};
struct WarningReport {
  std::string text;
};
struct DetachedReport {
  std::string block, hook, where;
  std::string reason;  // "signal", "duration", "output closed", "interface gone", "failure"
};
using Report =
    std::variant<AttachedReport, EventReport, CountersReport, WarningReport, DetachedReport>;

// Returns false when nobody reads any more; the session then ends.
using ReportSink = std::function<bool(const Report&)>;

// Attaches, reports until SIGINT, SIGTERM, SIGHUP, the end of `duration`, or the
// loss of the last interface (Exit::kAttach), and detaches. Blocks those signals in
// the calling thread, and SIGPIPE.
Status RunSession(Loaded& loaded, const SessionOptions& options, const ReportSink& sink);

}  // namespace netc::runtime
