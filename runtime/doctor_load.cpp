#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "compiler/hooks/cc.h"
#include "compiler/hooks/lsm.h"
#include "compiler/hooks/maps.h"
#include "runtime/doctor_probe.h"
#include "runtime/libbpf_options.h"

namespace netc::runtime {

namespace {

constexpr bpf_insn kExit = {BPF_JMP | BPF_EXIT, 0, 0, 0, 0};

constexpr bpf_insn SetResult(int32_t code) {
  return {BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, code};
}

int TypeId(const btf* types, const std::string& name, uint32_t kind) {
  return types == nullptr ? -ENOENT : btf__find_by_name_kind(types, name.c_str(), kind);
}

int MemberIndex(const btf* types, int structure, std::string_view name) {
  const btf_type* type = btf__type_by_id(types, static_cast<uint32_t>(structure));
  const btf_member* members = btf_members(type);
  for (int i = 0; i < btf_vlen(type); ++i) {
    if (name == btf__name_by_offset(types, members[i].name_off)) return i;
  }
  return -ENOENT;
}

// What the kernel wants to know of a program besides its type: the function or the
// member that it stands for, as a number that only BTF tells.
struct Target {
  int btf_id = 0;
  int attach_type = 0;
};

Target TargetOf(const hooks::Hook& hook, const btf* types) {
  Target target{0, static_cast<int>(hook.attach_type)};
  switch (hook.prog_type) {
    case hooks::ProgType::kStructOps:
      target.btf_id = TypeId(types, "tcp_congestion_ops", BTF_KIND_STRUCT);
      if (target.btf_id > 0) {
        target.attach_type = MemberIndex(types, target.btf_id, hooks::FindCcMember(hook.id)->name);
      }
      break;
    case hooks::ProgType::kTracing:
      target.btf_id = TypeId(types, "bpf_iter_tcp", BTF_KIND_FUNC);
      break;
    case hooks::ProgType::kLsm:
      for (const hooks::LsmHook& lsm : hooks::AllLsmHooks()) {
        if (lsm.hook != hook.id || !lsm.can_refuse) continue;
        target.btf_id = TypeId(types, "bpf_lsm_" + std::string(lsm.name), BTF_KIND_FUNC);
        break;
      }
      break;
    default:
      break;
  }
  return target;
}

}  // namespace

void FreeBtf::operator()(btf* types) const {
  btf__free(types);
}

KernelTypes LoadKernelTypes() {
  return KernelTypes(btf__load_vmlinux_btf());
}

Fd LoadSmallest(const hooks::Hook& hook, const btf* types, ProbeAnswer& answer, uint32_t helper,
                std::vector<char>* log) {
  answer.asked = true;
  const Target target = TargetOf(hook, types);
  if (target.btf_id < 0 || target.attach_type < 0) {
    answer.error = ENOENT;
    answer.note = "this kernel's types don't have it";
    return Fd();
  }
  const int32_t code = hook.at_end == nullptr ? 0 : hook.at_end->code;
  const bpf_insn program[] = {
      {BPF_JMP | BPF_CALL, 0, 0, 0, static_cast<int32_t>(helper)}, SetResult(code), kExit};
  const size_t skip = helper == 0 ? 1 : 0;
  auto options = Options<bpf_prog_load_opts>();
  options.expected_attach_type = static_cast<bpf_attach_type>(target.attach_type);
  options.attach_btf_id = static_cast<uint32_t>(target.btf_id);
  if (log != nullptr) {
    options.log_buf = log->data();
    options.log_size = static_cast<uint32_t>(log->size());
    options.log_level = 1;
  }
  Fd fd(bpf_prog_load(static_cast<bpf_prog_type>(hook.prog_type), "netc_doctor", "Dual MIT/GPL",
                      program + skip, std::size(program) - skip, &options));
  if (!fd) answer.error = errno;
  return fd;
}

// The verifier looks whether it knows a helper before it looks at the arguments. That
// a call without arguments is refused for another reason therefore says that it does.
std::vector<std::string> KnownHelpers(const hooks::Hook& hook, const btf* types) {
  std::vector<std::string> known;
  std::vector<char> log(1 << 14);
  for (const hooks::Helper& helper : hooks::AllHelpers()) {
    if (helper.In(hook.id) == nullptr) continue;
    log[0] = '\0';
    ProbeAnswer answer;
    LoadSmallest(hook, types, answer, helper.number, &log);
    const std::string_view said(log.data());
    const bool denied = said.find("cannot use helper") != said.npos ||
                        said.find("unknown func") != said.npos ||
                        said.find("invalid func") != said.npos;
    if (!denied) known.emplace_back(helper.name);
  }
  return known;
}

std::vector<MapHealth> ProbeMaps() {
  std::vector<MapHealth> maps;
  for (const hooks::MapType& type : hooks::AllMapTypes()) {
    const int answer = libbpf_probe_bpf_map_type(static_cast<bpf_map_type>(type.number), nullptr);
    ProbeAnswer create{true, answer == 1 ? 0 : answer == 0 ? EINVAL : -answer, {}};
    maps.push_back({std::string(type.name), std::move(create)});
  }
  return maps;
}

}  // namespace netc::runtime
