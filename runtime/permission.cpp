#include "runtime/permission.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace netc::runtime {

namespace {

std::string ReadText(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Value of a line "Name:\tvalue" of /proc/self/status.
std::string StatusField(const std::string& status, const std::string& name) {
  size_t at = status.find("\n" + name + ":\t");
  if (at == std::string::npos) return {};
  at += name.size() + 3;
  return status.substr(at, status.find('\n', at) - at);
}

// BPF capabilities count only in the first user namespace, whose map is the
// identity over all ids (user_namespaces(7)).
bool InFirstUserNamespace() {
  std::istringstream map(ReadText("/proc/self/uid_map"));
  uint64_t inside = 0, outside = 0, count = 0;
  if (!(map >> inside >> outside >> count)) return true;
  return inside == 0 && outside == 0 && count == 4294967295;
}

std::string LockdownMode() {
  std::string text = ReadText("/sys/kernel/security/lockdown");
  size_t open = text.find('[');
  size_t close = text.find(']');
  if (open == std::string::npos || close == std::string::npos) return {};
  return text.substr(open + 1, close - open - 1);
}

}  // namespace

std::string MissingCapabilities(uint64_t effective) {
  struct Needed {
    int bit;
    const char* name;
  };
  // CAP_SYS_ADMIN still implies CAP_BPF and CAP_PERFMON (kernel/capability.c since 5.8).
  static constexpr Needed kNeeded[] = {
      {CAP_BPF, "CAP_BPF"}, {CAP_PERFMON, "CAP_PERFMON"}, {CAP_NET_ADMIN, "CAP_NET_ADMIN"}};
  bool admin = effective >> CAP_SYS_ADMIN & 1;
  std::string missing;
  for (const Needed& needed : kNeeded) {
    bool has = effective >> needed.bit & 1;
    if (has || (admin && needed.bit != CAP_NET_ADMIN)) continue;
    missing += missing.empty() ? needed.name : std::string(", ") + needed.name;
  }
  return missing;
}

std::vector<std::string> MissingPermissions() {
  std::vector<std::string> lines;
  std::string status = ReadText("/proc/self/status");
  std::string effective = StatusField(status, "CapEff");
  std::string missing =
      effective.empty() ? "" : MissingCapabilities(std::strtoull(effective.c_str(), nullptr, 16));
  if (!missing.empty()) {
    lines.push_back(fmt::format("this process lacks {}", missing));
    std::string policy = ReadText("/proc/sys/kernel/unprivileged_bpf_disabled");
    if (policy.starts_with('1') || policy.starts_with('2')) {
      lines.push_back(
          "the machine allows BPF to privileged processes only "
          "(kernel.unprivileged_bpf_disabled)");
    }
    lines.push_back("run it as root: sudo netc …");
  }
  if (!InFirstUserNamespace()) {
    lines.push_back("this process runs in a user namespace, where capabilities do not reach BPF");
  }
  if (StatusField(status, "Seccomp") == "2") {
    lines.push_back(
        "a seccomp filter is active, which may forbid the bpf system call, as "
        "containers do by default");
  }
  return lines;
}

Failure NotPermitted(const std::string& what) {
  Failure failure{Exit::kPermission, fmt::format("{} is not permitted", what),
                  MissingPermissions()};
  if (failure.details.empty()) {
    std::string lockdown = LockdownMode();
    failure.details.push_back(
        "all needed capabilities are there: this kernel's own policy refuses");
    if (!lockdown.empty()) failure.details.push_back(fmt::format("kernel lockdown: {}", lockdown));
  }
  return failure;
}

}  // namespace netc::runtime
