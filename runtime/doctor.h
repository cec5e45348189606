// What the running kernel really supports, found out by trying.
//
// Version numbers lie (distributions port features back), so every answer here is
// that of a system call. What is tried is tried in a network namespace and a cgroup
// of its own, and removed.
#pragma once

#include <string>
#include <vector>

#include "compiler/hooks/hooks.h"
#include "runtime/failure.h"

namespace netc::runtime {

// What a system call said; `error` is an errno.
struct ProbeAnswer {
  bool asked = false;  // false: there is no such way, or it could not be tried
  int error = 0;
  std::string note;  // what else is known

  bool works() const { return asked && error == 0; }
};

struct HookHealth {
  hooks::HookId id{};
  ProbeAnswer load;
  ProbeAnswer link;    // attaching through a link
  ProbeAnswer legacy;  // attaching as before there were links
  // Helpers that the kernel knows in this hook, out of the tables'; by name.
  std::vector<std::string> helpers;

  bool works() const { return load.works() && (link.works() || legacy.works()); }
};

struct MapHealth {
  std::string name;  // as in compiler/hooks/maps.def
  ProbeAnswer create;
};

struct Machine {
  std::string release;  // "6.1.0-39-amd64"
  hooks::KernelVersion version;
  std::string architecture;
  std::string libbpf;
  std::string jit;           // "on", "off", "unknown"
  std::string unprivileged;  // who may use bpf(): "everyone", "privileged processes"
  std::string lockdown;      // mode; empty if the kernel has none
  unsigned hz = 0;           // ticks a second, measured; 0: unknown
  bool btf = false;
  bool netns = false;  // a network namespace can be made
  std::string bpffs;   // where it is mounted; empty: nowhere
  std::string cgroup2;
  std::vector<std::string> missing;  // permissions, a line each
};

struct Profile {
  Machine machine;
  std::vector<HookHealth> hooks;  // in the order of hooks.def
  std::vector<MapHealth> maps;

  const HookHealth* Find(std::string_view hook) const;  // by the row's name; or null
};

// Takes a second or two. Never fails: what can't be tried is said so.
Profile ExamineMachine();

// What a hook's health means, in words: "works", "works, without links", or what it
// needs or why it is refused.
std::string Verdict(const HookHealth& health, const Machine& machine);

// What a program's attributes need and this machine lacks, a line each: interfaces,
// cgroups, namespaces. Attributes that are parameters are left out.
std::vector<std::string> MissingPlaces(const object::Program& program);

}  // namespace netc::runtime
