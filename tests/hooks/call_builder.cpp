#include "tests/hooks/call_builder.h"

#include <unistd.h>

namespace netc::prove {
namespace {

using hooks::Args;
using hooks::ProgType;
using hooks::Yields;

constexpr int16_t kMemory = -64;    // 64 zeroed bytes below the frame pointer
constexpr int16_t kObjects = -128;  // spilled objects, one for each argument

const hooks::Field* SocketField(const HookFacts& facts) {
  for (const hooks::Field& field : facts.fields) {
    if (field.word == "sk") return &field;
  }
  return nullptr;
}

bool IsObject(Args kind) {
  return kind == Args::kCtxSk || kind == Args::kFullSock || kind == Args::kTcpSock ||
         kind == Args::kListener || kind == Args::kBtfSk || kind == Args::kAcquiredSk ||
         kind == Args::kTask || kind == Args::kCgroupPtr;
}

}  // namespace

MapSpec SpecOf(uint32_t map_type) {
  MapSpec spec{.type = map_type};
  switch (map_type) {
    case BPF_MAP_TYPE_PROG_ARRAY:
    case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
    case BPF_MAP_TYPE_CGROUP_ARRAY:
    case BPF_MAP_TYPE_ARRAY_OF_MAPS:
    case BPF_MAP_TYPE_HASH_OF_MAPS:
    case BPF_MAP_TYPE_DEVMAP:
    case BPF_MAP_TYPE_DEVMAP_HASH:
    case BPF_MAP_TYPE_CPUMAP:
    case BPF_MAP_TYPE_XSKMAP:
    case BPF_MAP_TYPE_SOCKMAP:
    case BPF_MAP_TYPE_SOCKHASH:
    case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
      spec.value_size = 4;
      break;
    case BPF_MAP_TYPE_LPM_TRIE:
      spec.key_size = 8, spec.flags = BPF_F_NO_PREALLOC;
      break;
    case BPF_MAP_TYPE_CGROUP_STORAGE:
    case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
      spec.key_size = 8, spec.entries = 0;
      break;
    case BPF_MAP_TYPE_QUEUE:
    case BPF_MAP_TYPE_STACK:
    case BPF_MAP_TYPE_BLOOM_FILTER:
      spec.key_size = 0;
      break;
    case BPF_MAP_TYPE_RINGBUF:
    case 31:  // BPF_MAP_TYPE_USER_RINGBUF
      spec.key_size = 0, spec.value_size = 0, spec.entries = 4096;
      break;
    case BPF_MAP_TYPE_SK_STORAGE:
    case BPF_MAP_TYPE_INODE_STORAGE:
    case BPF_MAP_TYPE_TASK_STORAGE:
    case 32:  // BPF_MAP_TYPE_CGRP_STORAGE
      spec.value_size = 4, spec.entries = 0, spec.flags = BPF_F_NO_PREALLOC, spec.typed = true;
      break;
    default:
      break;
  }
  return spec;
}

MapSpec MapFor(std::string_view helper) {
  static constexpr struct {
    std::string_view part;
    uint32_t type;
  } kMaps[] = {
      {"task_storage", BPF_MAP_TYPE_TASK_STORAGE},
      {"sk_storage", BPF_MAP_TYPE_SK_STORAGE},
      {"inode_storage", BPF_MAP_TYPE_INODE_STORAGE},
      {"cgrp_storage", 32},
      {"local_storage", BPF_MAP_TYPE_CGROUP_STORAGE},
      {"perf_event", BPF_MAP_TYPE_PERF_EVENT_ARRAY},
      {"skb_output", BPF_MAP_TYPE_PERF_EVENT_ARRAY},
      {"xdp_output", BPF_MAP_TYPE_PERF_EVENT_ARRAY},
      {"tail_call", BPF_MAP_TYPE_PROG_ARRAY},
      {"sk_select_reuseport", BPF_MAP_TYPE_REUSEPORT_SOCKARRAY},
      {"sock_map_update", BPF_MAP_TYPE_SOCKMAP},
      {"sock_hash_update", BPF_MAP_TYPE_SOCKHASH},
      {"redirect_map", BPF_MAP_TYPE_DEVMAP},
      {"under_cgroup", BPF_MAP_TYPE_CGROUP_ARRAY},
      {"ringbuf", BPF_MAP_TYPE_RINGBUF},
      {"stackid", BPF_MAP_TYPE_STACK_TRACE},
      {"percpu_elem", BPF_MAP_TYPE_PERCPU_ARRAY},
      {"map_push", BPF_MAP_TYPE_QUEUE},
      {"map_pop", BPF_MAP_TYPE_QUEUE},
      {"map_peek", BPF_MAP_TYPE_QUEUE},
  };
  for (const auto& map : kMaps) {
    if (helper.find(map.part) != std::string_view::npos) return SpecOf(map.type);
  }
  return SpecOf(BPF_MAP_TYPE_HASH);
}

bool Taken(const Answer& answer) {
  return answer.loaded() || answer.says("Unreleased reference") || answer.says("reference leak");
}

CallBuilder::~CallBuilder() {
  for (const auto& [type, fd] : owned_maps_) close(fd);
}

// Maps that the first program to use them owns can't be shared between hooks.
int CallBuilder::Map(const MapSpec& spec) {
  const hooks::MapType* type = hooks::FindMapType(spec.type);
  if (type == nullptr || type->owner == hooks::MapOwner::kNobody) return kernel_.Map(spec);
  auto [entry, is_new] = owned_maps_.try_emplace(spec.type, -1);
  if (is_new) entry->second = kernel_.NewMap(spec);
  return entry->second;
}

bool CallBuilder::MayCall(std::string_view helper) const {
  const hooks::Call* call = hooks::FindHelper(helper)->In(variant_.id());
  return call != nullptr && call->since <= kernel_.version();
}

bool CallBuilder::CanMake(Args kind) const {
  const bool socket = SocketField(*variant_.facts) != nullptr ||
                      variant_.form.prog_type == static_cast<uint32_t>(ProgType::kStructOps) ||
                      variant_.form.prog_type == static_cast<uint32_t>(ProgType::kLsm);
  switch (kind) {
    case Args::kCtx:
    case Args::kAny:
    case Args::kMem:
    case Args::kSize:
    case Args::kSizeOrZero:
    case Args::kNull:
    case Args::kMap:
      return true;
    case Args::kCtxSk:
      return socket;
    case Args::kFullSock:
      return socket && MayCall("bpf_sk_fullsock");
    case Args::kTcpSock:
      return socket && MayCall("bpf_tcp_sock");
    case Args::kListener:
      return socket && MayCall("bpf_get_listener_sock");
    case Args::kBtfSk:
      return socket && MayCall("bpf_skc_to_tcp_sock");
    case Args::kAcquiredSk:
      return MayCall("bpf_sk_lookup_tcp") || MayCall("bpf_map_lookup_elem");
    case Args::kTask:
      return MayCall("bpf_get_current_task_btf");
    default:
      return false;
  }
}

std::optional<Args> CallBuilder::Choose(Args set) const {
  static constexpr Args kOrder[] = {Args::kMap,        Args::kMem,   Args::kSize, Args::kSizeOrZero,
                                    Args::kAny,        Args::kCtx,   Args::kTask, Args::kCtxSk,
                                    Args::kAcquiredSk, Args::kBtfSk, Args::kNull};
  for (Args kind : kOrder) {
    if (Takes(set, kind) && CanMake(kind)) return kind;
  }
  return std::nullopt;
}

void CallBuilder::MakeContextSocket(Assembler& code) {
  if (const hooks::Field* field = SocketField(*variant_.facts)) {
    code.LoadFrom(8, 0, 6, static_cast<int16_t>(field->offset));
    if (field->yields != Yields::kSock) code.LeaveIfZero(0);
    return;
  }
  code.LoadFrom(8, 0, 6, 0);
  if (variant_.form.prog_type == static_cast<uint32_t>(ProgType::kLsm)) {
    const auto sk = kernel_.FindMember("socket", "sk");
    code.LoadFrom(8, 0, 0, static_cast<int16_t>(sk ? sk->offset : 0));
    code.LeaveIfZero(0);
  }
}

void CallBuilder::Make(Assembler& code, Args kind) {
  const auto through = [&](std::string_view helper) {
    MakeContextSocket(code);
    code.Copy(1, 0).Call(hooks::FindHelper(helper)->number).LeaveIfZero(0);
  };
  switch (kind) {
    case Args::kCtxSk:
      return MakeContextSocket(code);
    case Args::kFullSock:
      return through("bpf_sk_fullsock");
    case Args::kTcpSock:
      return through("bpf_tcp_sock");
    case Args::kListener:
      return through("bpf_get_listener_sock");
    case Args::kBtfSk:
      return through("bpf_skc_to_tcp_sock");
    case Args::kTask:
      code.Call(hooks::FindHelper("bpf_get_current_task_btf")->number);
      return;
    case Args::kAcquiredSk:
      code.Copy(2, 10).AddNumber(2, kMemory);
      if (MayCall("bpf_sk_lookup_tcp")) {
        code.Copy(1, 6).Move(3, 12).Move(4, 0).Move(5, 0);
        code.Call(hooks::FindHelper("bpf_sk_lookup_tcp")->number);
      } else {
        code.MapFd(1, kernel_.Map(SpecOf(BPF_MAP_TYPE_SOCKMAP))).Call(1);
      }
      code.LeaveIfZero(0);
      return;
    default:
      return;
  }
}

std::optional<Program> CallBuilder::Build(const hooks::Helper& helper,
                                          const std::vector<Args>& kinds,
                                          std::optional<uint32_t> map_type) {
  Assembler code;
  code.Copy(6, 1);
  for (int16_t at = kMemory; at < 0; at = static_cast<int16_t>(at + 8))
    code.StoreNumber(8, 10, at, 0);
  const auto slot = [](size_t i) {
    return static_cast<int16_t>(kObjects + 8 * static_cast<int>(i));
  };
  for (size_t i = 0; i < kinds.size(); ++i) {
    if (!CanMake(kinds[i])) return std::nullopt;
    if (!IsObject(kinds[i])) continue;
    Make(code, kinds[i]);
    code.StoreTo(8, 10, slot(i), 0);
  }
  for (size_t i = 0; i < kinds.size(); ++i) {
    const auto to = static_cast<Register>(i + 1);
    if (IsObject(kinds[i])) {
      code.LoadFrom(8, to, 10, slot(i));
    } else if (kinds[i] == Args::kCtx) {
      code.Copy(to, 6);
    } else if (kinds[i] == Args::kMap) {
      const int fd = Map(map_type ? SpecOf(*map_type) : MapFor(helper.name));
      if (fd < 0) return std::nullopt;
      code.MapFd(to, fd);
    } else if (kinds[i] == Args::kMem) {
      code.Copy(to, 10).AddNumber(to, kMemory);
    } else {
      code.Move(to, kinds[i] == Args::kSize || kinds[i] == Args::kSizeOrZero ? 16 : 0);
    }
  }
  return code.Call(helper.number).Finish(variant_.result);
}

}  // namespace netc::prove
