#include "runtime/doctor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <net/if.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "runtime/doctor_probe.h"

namespace netc::runtime {

namespace {

HookHealth ProbeHook(const hooks::Hook& hook, const btf* types, const ScratchPlaces& places) {
  HookHealth health{hook.id, {}, {}, {}, {}};
  const Fd program = LoadSmallest(hook, types, health.load);
  if (program) {
    ProbeAttach(hook, program.get(), types, places, health);
    health.helpers = KnownHelpers(hook, types);
  }
  return health;
}

// All at once, a thread each: every detaching waits until no processor can be in the
// program any more, and those that wait together wait once.
void ProbeHooks(Profile& profile) {
  const KernelTypes types = LoadKernelTypes();
  const ScratchPlaces places(profile.machine.cgroup2);
  profile.machine.netns = places.own_netns();
  profile.hooks.resize(hooks::kHookCount);
  std::vector<std::thread> threads;
  for (const hooks::Hook& hook : hooks::AllHooks()) {
    HookHealth& health = profile.hooks[static_cast<size_t>(hook.id)];
    threads.emplace_back([&] { health = ProbeHook(hook, types.get(), places); });
  }
  for (std::thread& thread : threads) thread.join();
}

std::string Why(const ProbeAnswer& answer) {
  const std::string reason = answer.error == 0 ? "" : std::strerror(answer.error);
  if (answer.note.empty()) return reason;
  return reason.empty() ? answer.note : fmt::format("{} ({})", answer.note, reason);
}

std::string RefusedLoad(const HookHealth& health, const Machine& machine) {
  const hooks::Hook& hook = hooks::Get(health.id);
  if (machine.version < hook.since) {
    return fmt::format("needs Linux {}.{}", hook.since.major, hook.since.minor);
  }
  if (!machine.btf && health.load.error == ENOENT)
    return "needs a kernel with BTF (CONFIG_DEBUG_INFO_BTF)";
  if (health.load.error == EPERM && !machine.missing.empty()) {
    return "needs more rights: " + machine.missing.front();
  }
  if (health.load.error == EPERM)
    return "refused: this kernel's own policy forbids the program type";
  return "refused: " + Why(health.load);
}

std::optional<std::string> PlaceProblem(hooks::AttributeType type, const std::string& value) {
  if (type == hooks::AttributeType::kInterface) {
    if (if_nametoindex(value.c_str()) != 0) return std::nullopt;
    return fmt::format("there is no interface `{}`", value);
  }
  if (type == hooks::AttributeType::kCgroup && value.starts_with('/')) {
    struct statfs info = {};
    if (statfs(value.c_str(), &info) != 0) return fmt::format("there is no cgroup `{}`", value);
    if (info.f_type != CGROUP2_SUPER_MAGIC)
      return fmt::format("`{}` is no cgroup of version 2", value);
  }
  if (type == hooks::AttributeType::kNetns && value != "self") {
    const std::string path = value.find('/') == std::string::npos ? "/run/netns/" + value : value;
    struct stat info = {};
    if (stat(path.c_str(), &info) != 0)
      return fmt::format("there is no network namespace `{}`", value);
  }
  return std::nullopt;
}

}  // namespace

const HookHealth* Profile::Find(std::string_view hook) const {
  const auto found = std::find_if(hooks.begin(), hooks.end(), [&](const HookHealth& health) {
    return hooks::Get(health.id).name == hook;
  });
  return found == hooks.end() ? nullptr : &*found;
}

Profile ExamineMachine() {
  Profile profile{DescribeMachine(), {}, {}};
  profile.maps = ProbeMaps();
  profile.machine.hz = MeasureHz();
  // A thread of its own, since it leaves the network namespace for good.
  std::thread([&profile] { ProbeHooks(profile); }).join();
  return profile;
}

std::string Verdict(const HookHealth& health, const Machine& machine) {
  if (!health.load.works()) return RefusedLoad(health, machine);
  const hooks::AttachModel& attach = hooks::Get(health.id).attach;
  if (health.link.works()) return "works";
  if (health.legacy.works()) {
    return attach.link_since == hooks::KernelVersion{} ? "works" : "works, without links";
  }
  if (attach.scope == hooks::AttachScope::kCgroup && machine.cgroup2.empty()) {
    return "needs cgroup v2: mount -t cgroup2 none /sys/fs/cgroup";
  }
  const ProbeAnswer& answer = health.link.asked ? health.link : health.legacy;
  return answer.asked ? "loads, but can't be attached: " + Why(answer)
                      : "loads; attaching was not tried: " + Why(answer);
}

std::vector<std::string> MissingPlaces(const object::Program& program) {
  std::vector<std::string> missing;
  const hooks::Hook* hook = hooks::FindHook(program.hook);
  if (hook == nullptr) return missing;
  for (const object::Attribute& given : program.attributes) {
    for (const hooks::AttachAttribute& attribute : hook->attributes) {
      if (given.is_param || given.name != attribute.name) continue;
      if (auto problem = PlaceProblem(attribute.type, given.value)) missing.push_back(*problem);
    }
  }
  return missing;
}

}  // namespace netc::runtime
