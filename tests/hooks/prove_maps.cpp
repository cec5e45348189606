// (hook, map type, helper), how many of a type a program may have, and who may share.
#include <unistd.h>

#include <algorithm>
#include <set>

#include "tests/hooks/call_builder.h"
#include "tests/hooks/prover.h"

namespace netc::prove {
namespace {

using hooks::Args;
using hooks::Call;
using hooks::HookId;

const hooks::MapUse* UseOf(const MapFacts& facts, std::string_view helper) {
  for (const hooks::MapUse& use : facts.uses) {
    if (use.helper == helper) return &use;
  }
  return nullptr;
}

bool HoldsSockets(uint32_t type) {
  return type == BPF_MAP_TYPE_SOCKMAP || type == BPF_MAP_TYPE_SOCKHASH;
}

}  // namespace

void Prover::ProveMaps() {
  std::set<std::string_view> helpers;
  for (const MapFacts& facts : tables_.maps) {
    for (const hooks::MapUse& use : facts.uses) helpers.insert(use.helper);
  }
  for (const MapFacts& facts : tables_.maps) {
    int error = 0;
    kernel_.Map(SpecOf(facts.map.number), &error);
    report_.Check("map " + std::string(facts.map.name) + " exists", Reached(facts.map.since),
                  error == 0, "errno " + std::to_string(error));
  }
  ForEach([&](const Variant& variant) {
    CallBuilder builder(kernel_, variant);
    for (const MapFacts& facts : tables_.maps) {
      if (kernel_.Map(SpecOf(facts.map.number)) < 0) continue;
      for (std::string_view name : helpers) {
        const hooks::MapUse* use = UseOf(facts, name);
        // Which helper suits which map is the same in all hooks: asked once.
        if (use == nullptr && variant.id() != HookId::kTcIngress) continue;
        const hooks::Helper& helper = *hooks::FindHelper(name);
        const Call* call = helper.In(variant.id());
        if (call == nullptr || !Reached(call->since)) continue;
        std::vector<Args> kinds;
        for (size_t i = 0; i < call->arity; ++i) {
          // A socket map is given the socket itself.
          const bool socket =
              HoldsSockets(facts.map.number) && name == "bpf_map_update_elem" && i == 2;
          const auto kind =
              builder.Choose(socket ? Args::kCtxSk | Args::kAcquiredSk : call->arguments[i]);
          if (kind) kinds.push_back(*kind);
        }
        const auto program = kinds.size() == call->arity
                                 ? builder.Build(helper, kinds, facts.map.number)
                                 : std::nullopt;
        if (!program) {
          report_.Skip("arguments that the proof can't make (callbacks, dynptrs, kernel objects)");
          continue;
        }
        const Answer answer = kernel_.Load(variant.form, *program);
        const bool table = use != nullptr && use->hooks.has(variant.id()) && Reached(use->since);
        report_.Check(
            "map " + std::string(facts.map.name) + " " + std::string(name) + " in " + variant.name,
            table, Taken(answer), Reason(answer));
      }
    }
  });
}

// Two maps of one type in one program: refused only for the old cgroup storage.
void Prover::ProveMapLimits() {
  ForEach([&](const Variant& variant) {
    for (const MapFacts& facts : tables_.maps) {
      const MapSpec spec = SpecOf(facts.map.number);
      const int inner = kernel_.Map(SpecOf(BPF_MAP_TYPE_ARRAY));
      const bool of_maps = facts.map.number == BPF_MAP_TYPE_ARRAY_OF_MAPS ||
                           facts.map.number == BPF_MAP_TYPE_HASH_OF_MAPS;
      const int first = kernel_.NewMap(spec, of_maps ? inner : -1);
      if (first < 0) continue;
      const Answer alone =
          kernel_.Load(variant.form, Assembler().MapFd(1, first).Finish(variant.result));
      const int second = kernel_.NewMap(spec, of_maps ? inner : -1);
      const Answer both = kernel_.Load(
          variant.form, Assembler().MapFd(1, first).MapFd(1, second).Finish(variant.result));
      close(second);
      close(first);
      report_.Check("maplimit " + std::string(facts.map.name) + " twice in " + variant.name,
                    facts.map.most == 0, both.loaded(), Reason(both));
    }
  });
}

void Prover::ProveOwners() {
  static constexpr HookId kKinds[] = {
      HookId::kXdp,           HookId::kXdpDevmap,    HookId::kXdpCpumap,  HookId::kTcIngress,
      HookId::kTcEgress,      HookId::kSkLookup,     HookId::kReuseport,  HookId::kReuseportMigrate,
      HookId::kCgroupIngress, HookId::kCgroupEgress, HookId::kSockCreate, HookId::kBind4,
      HookId::kConnect4,      HookId::kSetsockopt,   HookId::kSockops,    HookId::kSweep,
      HookId::kCcCongAvoid,   HookId::kCcInit};
  std::vector<const Variant*> kinds;
  for (const Variant& variant : variants_) {
    if (std::find(std::begin(kKinds), std::end(kKinds), variant.id()) == std::end(kKinds)) continue;
    if (variant.name == "tc (clsact)") continue;  // the row speaks of tcx
    kinds.push_back(&variant);
  }
  for (const MapFacts& facts : tables_.maps) {
    if (facts.map.number != BPF_MAP_TYPE_PROG_ARRAY && facts.map.number != BPF_MAP_TYPE_DEVMAP &&
        facts.map.number != BPF_MAP_TYPE_CPUMAP && facts.map.number != BPF_MAP_TYPE_DEVMAP_HASH &&
        facts.map.number != BPF_MAP_TYPE_HASH) {
      continue;
    }
    for (const Variant* owner : kinds) {
      if (!Wants(*owner)) continue;
      const int map = kernel_.NewMap(SpecOf(facts.map.number));
      if (map < 0) continue;
      const auto refer = [&](const Variant& variant) {
        return Assembler().MapFd(1, map).Finish(variant.result);
      };
      const int held = kernel_.LoadFd(owner->form, refer(*owner));
      for (const Variant* user : kinds) {
        if (held < 0) break;
        const Answer answer = kernel_.Load(user->form, refer(*user));
        report_.Check("owner " + std::string(facts.map.name) + " of " + owner->name + " used by " +
                          user->name,
                      hooks::CanShare(facts.map, owner->id(), user->id(), owner->form.flags != 0,
                                      user->form.flags != 0),
                      answer.loaded(), Reason(answer));
      }
      if (held >= 0) close(held);
      close(map);
    }
  }
}

}  // namespace netc::prove
