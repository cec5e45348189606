// What a running pipeline tells, as text or as JSON lines.
#pragma once

#include "runtime/session.h"

namespace netc::cli {

// guard: xdp on eth0, native
// 12:00:01.250 SynFlood src=10.0.0.1 dport=443
// Warnings go to standard error.
runtime::ReportSink TextReports();

// {"type":"attached","program":…,"hook":…,"where":…,"mode":…,"program_id":N}
// {"type":"event","time":…,"name":…,"fields":{…}}
// {"type":"counters","time":…,"last":false,"rules":[…],"faults":{…},"lost_events":{…},"totals":{…},"histograms":{…}}
// {"type":"warning","message":…}
// {"type":"detached","program":…,"hook":…,"where":…,"reason":…}
// Times are UTC, RFC 3339, microseconds.
runtime::ReportSink JsonReports();

}  // namespace netc::cli
