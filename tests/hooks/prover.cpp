#include "tests/hooks/prover.h"

#include <linux/btf.h>
#include <string.h>

#include "compiler/hooks/cc.h"
#include "compiler/hooks/lsm.h"

namespace netc::prove {
namespace {

using hooks::Hook;
using hooks::HookId;
using hooks::ProgType;

// Include/uapi/linux/bpf.h; newer than Debian 12's header or absent from it.
constexpr uint32_t kXdpHasFrags = 1u << 5;  // BPF_F_XDP_HAS_FRAGS

LoadForm FormOf(const Kernel& kernel, const Hook& hook) {
  LoadForm form{.prog_type = static_cast<uint32_t>(hook.prog_type),
                .attach_type = static_cast<uint32_t>(hook.attach_type)};
  if (hook.prog_type == ProgType::kStructOps) {
    const auto* member = hooks::FindCcMember(hook.id);
    form.attach_btf_id = kernel.TypeId("tcp_congestion_ops", BTF_KIND_STRUCT).value_or(0);
    form.attach_type = kernel.MemberIndex("tcp_congestion_ops", member->name).value_or(~0u);
  } else if (hook.prog_type == ProgType::kTracing) {
    form.attach_btf_id = kernel.TypeId("bpf_iter_tcp", BTF_KIND_FUNC).value_or(0);
  } else if (hook.id == HookId::kLsmCgroup) {
    return LsmForm(kernel, "socket_bind");
  } else if (hook.id == HookId::kLsmCgroupSockopt) {
    return LsmForm(kernel, "socket_post_create");
  }
  return form;
}

}  // namespace

LoadForm LsmForm(const Kernel& kernel, std::string_view name) {
  return {
      .prog_type = static_cast<uint32_t>(ProgType::kLsm),
      .attach_type = static_cast<uint32_t>(hooks::AttachType::kLsmCgroup),
      .attach_btf_id = kernel.TypeId("bpf_lsm_" + std::string(name), BTF_KIND_FUNC).value_or(0)};
}

std::vector<Variant> MakeVariants(const Kernel& kernel, const Tables& tables) {
  std::vector<Variant> variants;
  for (const HookFacts& facts : tables.hooks) {
    const Hook& hook = facts.hook;
    const int32_t result = facts.verdicts.empty() ? 0 : facts.verdicts.front().code;
    const LoadForm form = FormOf(kernel, hook);
    variants.push_back({&facts, std::string(hook.name), form, result});
    if (hook.id == HookId::kXdp) {
      LoadForm frags = form;
      frags.flags = kXdpHasFrags;
      variants.push_back({&facts, "xdp (frags)", frags, result});
    }
    if (hook.prog_type == ProgType::kSchedCls && hook.id == HookId::kTcIngress) {
      LoadForm clsact = form;
      clsact.attach_type = 0;
      variants.push_back({&facts, "tc (clsact)", clsact, result});
    }
  }
  return variants;
}

std::string Reason(const Answer& answer) {
  std::string_view log = answer.log;
  std::string_view last;
  // The verifier ends with counts; the reason is the last line before them.
  while (!log.empty()) {
    const size_t end = log.find('\n');
    const std::string_view line = log.substr(0, end);
    log.remove_prefix(end == std::string_view::npos ? log.size() : end + 1);
    if (!line.empty() && !line.starts_with("processed ") &&
        !line.starts_with("verification time") && !line.starts_with("stack depth")) {
      last = line;
    }
  }
  if (answer.loaded()) return "loaded";
  return std::string(last) + " (" + strerror(answer.error) + ")";
}

Prover::Prover(Kernel& kernel, const Tables& tables, Report& report, Filter filter)
    : kernel_(kernel),
      tables_(tables),
      report_(report),
      filter_(std::move(filter)),
      variants_(MakeVariants(kernel, tables)) {}

bool Prover::Wants(const std::string& family) const {
  return filter_.family.empty() || filter_.family == family;
}

bool Prover::Wants(const Variant& variant) const {
  const size_t index = static_cast<size_t>(&variant - variants_.data());
  if (index % filter_.parts + 1 != filter_.part) return false;
  return filter_.hook.empty() || filter_.hook == variant.facts->hook.name;
}

void Prover::Run() {
  struct Family {
    const char* name;
    void (Prover::*prove)();
    bool of_hooks = true;  // asks for each way to load programs
  };
  const Family families[] = {
      {"hook", &Prover::ProveHooks},         {"lsm", &Prover::ProveLsmHooks, false},
      {"helper", &Prover::ProveHelpers},     {"licence", &Prover::ProveHelperLicences, false},
      {"object", &Prover::ProveObjects},     {"kfunc", &Prover::ProveKfuncs},
      {"field", &Prover::ProveFields},       {"pointee", &Prover::ProvePointees},
      {"return", &Prover::ProveReturns},     {"map", &Prover::ProveMaps},
      {"maplimit", &Prover::ProveMapLimits}, {"owner", &Prover::ProveOwners},
      {"packet", &Prover::ProvePackets},     {"testrun", &Prover::ProveTestRuns},
      {"cc", &Prover::ProveCc, false},       {"option", &Prover::ProveOptions, false},
  };
  for (const Family& family : families) {
    if (!family.of_hooks && filter_.part != 1) continue;
    if (Wants(family.name)) (this->*family.prove)();
  }
}

void Prover::ForEach(const std::function<void(const Variant&)>& ask) {
  for (const Variant& variant : variants_) {
    if (!Wants(variant)) continue;
    if (!Reached(variant.facts->hook.since)) continue;
    if (!kernel_.Load(variant.form, Assembler().Finish(variant.result)).loaded()) {
      report_.Skip("the kernel loads no program for " + variant.name);
      continue;
    }
    ask(variant);
  }
}

// A hook exists from its kernel on, and not before.
void Prover::ProveHooks() {
  for (const Variant& variant : variants_) {
    if (!Wants(variant)) continue;
    const Answer answer = kernel_.Load(variant.form, Assembler().Finish(variant.result));
    report_.Check("hook " + variant.name, Reached(variant.facts->hook.since), answer.loaded(),
                  Reason(answer));
  }
}

// Each LSM hook can be loaded for, and refuses where the row says so.
void Prover::ProveLsmHooks() {
  for (const hooks::LsmHook& lsm : hooks::AllLsmHooks()) {
    const std::string fact = "lsm " + std::string(lsm.name);
    const LoadForm form = LsmForm(kernel_, lsm.name);
    const Answer pass = kernel_.Load(form, Assembler().Finish(1));
    report_.Check(fact + " can pass",
                  form.attach_btf_id != 0 && Reached(hooks::Get(lsm.hook).since), pass.loaded(),
                  Reason(pass));
    if (!pass.loaded()) continue;
    report_.Check(fact + " can refuse", lsm.can_refuse,
                  kernel_.Load(form, Assembler().Finish(0)).loaded());
    const Answer answer = kernel_.Load(form, Assembler().Call(49).Finish(1));  // bpf_setsockopt
    report_.Check(fact + " may set options", lsm.hook == HookId::kLsmCgroupSockopt,
                  !answer.says("cannot use helper") && !answer.says("unknown func"),
                  Reason(answer));
  }
}

}  // namespace netc::prove
