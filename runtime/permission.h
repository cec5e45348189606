// Why the kernel says EPERM, in words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/failure.h"

namespace netc::runtime {

// What this process lacks to load and attach BPF programs, one line each; empty
// if nothing is known to be missing.
std::vector<std::string> MissingPermissions();

// The failure for an EPERM while doing `what` ("loading `guard`").
Failure NotPermitted(const std::string& what);

// "CAP_BPF, CAP_NET_ADMIN" and the like that an effective set (bits as in
// /proc/PID/status, CapEff) lacks; empty if it has all.
std::string MissingCapabilities(uint64_t effective);

}  // namespace netc::runtime
