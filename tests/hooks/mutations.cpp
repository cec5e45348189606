// Twenty rows made wrong on purpose.
#include <algorithm>

#include "tests/hooks/tables.h"

namespace netc::prove {
namespace {

using hooks::Args;
using hooks::Call;
using hooks::Field;
using hooks::HookId;
using hooks::Widths;

HookFacts& Hook(Tables& tables, HookId id) {
  return tables.hooks[static_cast<size_t>(id)];
}

Field& FieldOf(Tables& tables, HookId id, std::string_view name) {
  auto& fields = Hook(tables, id).fields;
  return *std::find_if(fields.begin(), fields.end(),
                       [&](const Field& f) { return f.name == name; });
}

HelperFacts& Helper(Tables& tables, std::string_view name) {
  return *std::find_if(tables.helpers.begin(), tables.helpers.end(),
                       [&](const HelperFacts& h) { return h.helper.name == name; });
}

KfuncFacts& Kfunc(Tables& tables, std::string_view name) {
  return *std::find_if(tables.kfuncs.begin(), tables.kfuncs.end(),
                       [&](const KfuncFacts& k) { return k.kfunc.name == name; });
}

MapFacts& Map(Tables& tables, std::string_view name) {
  return *std::find_if(tables.maps.begin(), tables.maps.end(),
                       [&](const MapFacts& m) { return m.map.name == name; });
}

Call& CallIn(std::vector<Call>& calls, HookId id) {
  return *std::find_if(calls.begin(), calls.end(), [&](const Call& c) { return c.hooks.has(id); });
}

const std::vector<Mutation> kMutations = {
    {"a helper allowed in one hook too many", "helper", "sockops",
     "helper bpf_sk_cgroup_id in sockops",
     [](Tables& t) {
       Call& call = Helper(t, "bpf_sk_cgroup_id").calls.front();
       call.hooks = call.hooks | HookId::kSockops;
     }},
    {"a helper missing in one hook", "helper", "xdp", "helper bpf_fib_lookup in xdp",
     [](Tables& t) {
       Call& call = CallIn(Helper(t, "bpf_fib_lookup").calls, HookId::kXdp);
       call.hooks = call.hooks - HookId::kXdp;
     }},
    {"a helper said to be newer than it is", "helper", "sk_lookup",
     "helper bpf_sk_assign in sk_lookup",
     [](Tables& t) { CallIn(Helper(t, "bpf_sk_assign").calls, HookId::kSkLookup).since = {9, 0}; }},
    {"a helper with a wrong number", "helper", "", "helper bpf_bind has the number 60",
     [](Tables& t) { Helper(t, "bpf_bind").helper.number = 60; }},
    {"a helper said to need a licence", "licence", "", "licence bpf_redirect",
     [](Tables& t) { Helper(t, "bpf_redirect").helper.flags = hooks::CallFlags::kGpl; }},
    {"setsockopt said to take the context in setsockopt", "object", "cgroup.setsockopt",
     "object bpf_setsockopt argument 1 ctx in cgroup.setsockopt",
     [](Tables& t) {
       Call& call = CallIn(Helper(t, "bpf_setsockopt").calls, HookId::kSetsockopt);
       call.arguments[0] = call.arguments[0] | Args::kCtx;
     }},
    {"setsockopt said to take ctx->sk in connect4", "object", "cgroup.connect4",
     "object bpf_setsockopt argument 1 ctx in cgroup.connect4",
     [](Tables& t) {
       CallIn(Helper(t, "bpf_setsockopt").calls, HookId::kConnect4).arguments[0] = Args::kCtxSk;
     }},
    {"a socket cookie said to take a looked-up socket", "object", "tc.ingress",
     "object bpf_get_socket_cookie argument 1 looked-up socket in tc.ingress",
     [](Tables& t) {
       Call& call = CallIn(Helper(t, "bpf_get_socket_cookie").calls, HookId::kTcIngress);
       call.arguments[0] = call.arguments[0] | Args::kAcquiredSk;
     }},
    {"a kfunc allowed in one hook too many", "kfunc", "sk_lookup",
     "kfunc bpf_sock_destroy in sk_lookup",
     [](Tables& t) {
       Call& call = Kfunc(t, "bpf_sock_destroy").calls.front();
       call.hooks = call.hooks | HookId::kSkLookup;
     }},
    {"a kfunc missing in one hook", "kfunc", "cc.init", "kfunc tcp_slow_start in cc.init",
     [](Tables& t) {
       Call& call = Kfunc(t, "tcp_slow_start").calls.front();
       call.hooks = call.hooks - HookId::kCcInit;
     }},
    {"a field at a wrong offset", "field", "xdp", "field rx_queue_index read 4 bytes at 20 in xdp",
     [](Tables& t) { FieldOf(t, HookId::kXdp, "rx_queue_index").offset = 20; }},
    {"a read-only field said to be writable", "field", "tc.egress", "field len write",
     [](Tables& t) {
       Field& field = FieldOf(t, HookId::kTcEgress, "len");
       field.writes = field.reads;
     }},
    {"a writable field said to be read-only", "field", "cgroup.egress", "field priority write",
     [](Tables& t) { FieldOf(t, HookId::kCgroupEgress, "priority").writes = Widths{}; }},
    {"a field with one width too many", "field", "xdp", "field rx_queue_index read 2 bytes",
     [](Tables& t) { FieldOf(t, HookId::kXdp, "rx_queue_index").reads.offsets[1] = 1; }},
    {"a field missing", "field", "reuseport", "read 4 bytes at 28 in reuseport",
     [](Tables& t) {
       auto& fields = Hook(t, HookId::kReuseport).fields;
       std::erase_if(fields, [](const Field& f) { return f.name == "bind_inany"; });
     }},
    {"a field behind a socket pointer that can't be read", "pointee", "tc.ingress",
     "pointee mark read 4 bytes",
     [](Tables& t) {
       for (auto& row : t.pointees) {
         if (row.pointer == hooks::Pointer::kSock && row.field.name == "mark") row.field.reads = {};
       }
     }},
    {"a return range too wide", "return", "cgroup.recvmsg4", "return 0 in cgroup.recvmsg4",
     [](Tables& t) { Hook(t, HookId::kRecvmsg4).hook.returns = {0, 1, true}; }},
    {"a verdict with a wrong code", "return", "cgroup.ingress", "return drop in cgroup.ingress",
     [](Tables& t) { Hook(t, HookId::kCgroupIngress).verdicts[1].code = 2; }},
    {"a map use in one hook too few", "map", "reuseport", "map Sockmap bpf_sk_select_reuseport",
     [](Tables& t) {
       for (auto& use : Map(t, "Sockmap").uses) {
         if (use.helper == "bpf_sk_select_reuseport") use.hooks = {};
       }
     }},
    {"a map said to be shared by all", "owner", "xdp", "owner Devmap of xdp used by tc.ingress",
     [](Tables& t) { Map(t, "Devmap").map.owner = hooks::MapOwner::kNobody; }},
    {"two cgroup storages said to fit in one program", "maplimit", "cgroup.connect4",
     "maplimit CgroupStorage twice in cgroup.connect4",
     [](Tables& t) { Map(t, "CgroupStorage").map.most = 0; }},
    {"a member of a connection said to be writable", "cc", "", "cc mss write",
     [](Tables& t) {
       for (auto& field : t.cc_fields) {
         if (field.word == "mss") field.writable_since = {5, 6};
       }
     }},
    {"a socket option that can't be read said to be readable", "option", "",
     "option TCP_BPF_IW get",
     [](Tables& t) {
       for (auto& option : t.options) {
         if (option.c_name == "TCP_BPF_IW") option.read_since = {4, 13};
       }
     }},
    {"a socket option missing", "option", "", "option 6/1 set",
     [](Tables& t) {
       std::erase_if(t.options, [](const auto& o) { return o.c_name == "TCP_NODELAY"; });
     }},
    {"a hook said to be older than it is", "hook", "", "hook cgroup.connect_unix",
     [](Tables& t) { Hook(t, HookId::kConnectUnix).hook.since = {9, 0}; }},
};

}  // namespace

const std::vector<Mutation>& AllMutations() {
  return kMutations;
}

}  // namespace netc::prove
