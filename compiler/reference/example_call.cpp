// Calls by a kernel name, to try as examples: each argument the plainest that serves.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/access.h"
#include "compiler/hooks/c_text.h"
#include "compiler/hooks/cc.h"
#include "compiler/hooks/kernel_struct.h"
#include "compiler/hooks/signature.h"
#include "compiler/reference/example.h"

namespace netc::reference {

using namespace hooks;

namespace {

// How objects come about: a call that binds one.
struct Source {
  Args kind;
  std::string_view c_struct;
  std::string_view before;  // what must be declared for it
  std::string_view call, arguments;
};
constexpr std::string_view kLookup = "var tuple: bpf_sock_tuple_ipv4;\nvar opts: bpf_ct_opts;\n";
constexpr Source kSources[] = {
    {Args::kAcquiredSk, "bpf_sock", "", "find_socket", "tcp, to: (192.0.2.1, 80)"},
    {Args::kTask, "task_struct", "", "bpf_task_from_pid", "1"},
    {Args::kCgroupPtr, "cgroup", "", "bpf_cgroup_from_id", "1"},
    {Args::kBtf, "bpf_key", "", "bpf_lookup_system_key", "0"},
    {Args::kBtf, "bpf_cpumask", "", "bpf_cpumask_create", ""},
    {Args::kBtf, "nf_conn", kLookup, "bpf_skb_ct_lookup", "tuple, opts"},
    {Args::kBtf, "nf_conn", kLookup, "bpf_xdp_ct_lookup", "tuple, opts"},
    {Args::kBtf, "xfrm_state", "var opts: bpf_xfrm_state_opts;\n", "bpf_xdp_get_xfrm_state",
     "opts"},
};

bool Gives(const Source& source, const ObjectKind& kind) {
  return source.kind == kind.kind && source.c_struct == kind.c_struct && !kind.release.empty();
}

// First kernel on which the hook may make the call that binds it.
KernelVersion SinceOf(const Source& source, HookId hook) {
  const Kfunc* kfunc = FindKfunc(source.call);
  const Call* call = kfunc ? kfunc->In(hook) : nullptr;
  return call ? Since(hook, *call) : KernelVersion{};
}

std::string Binding(const Source& source, std::string_view name) {
  return fmt::format("{}if let {} = {}({})", source.before, name, source.call, source.arguments);
}

constexpr std::string_view kStates[] = {
    "state seen: hash<u32, u64>(16);\n",
    "state seen: sockets(16);\n",
    "state seen: reuseport_sockets(16);\n",
    "state seen: devices(16);\n",
    "state seen: per cpu hash<u32, u64>(16);\n",
    "state seen: queue<u64>(16);\n",
    "state seen: per socket u64;\n",
    "state seen: per task u64;\n",
    "state seen: per cgroup u64;\n",
};

std::string MemoryType(const CallParameter& parameter) {
  for (const KernelStruct& each : AllKernelStructs()) {
    if (each.c_struct == parameter.pointee) return std::string(each.name);
  }
  if (parameter.name == "key") return "u32";
  if (parameter.name == "value") return "u64";
  std::string_view behind = parameter.pointee;
  if (behind == "__u32" || behind == "u32" || behind.starts_with("enum ")) return "u32";
  if (behind == "u64" || behind == "long" || behind == "unsigned long" || behind == "__u64")
    return "u64";
  if (behind == "u16" || behind == "__be16") return "u16";
  return "[u8; 40]";
}

// Writes one call; what must stand before it is collected.
class Writer {
 public:
  Writer(std::string_view name, const Signature& signature, HookId hook)
      : name_(name), signature_(signature), hook_(hook) {}

  std::vector<Sketch> Run() {
    Try({});
    bool maps = false;
    for (const CallParameter& parameter : signature_.parameters) {
      maps = maps || parameter.pass == Pass::kMap;
    }
    if (!maps) return std::move(made_);
    made_.clear();
    for (std::string_view state : kStates) Try(std::string(state));
    return std::move(made_);
  }

 private:
  void Try(const std::string& items) {
    std::string before, arguments;
    Ways ways{{}};
    int index = 0;
    for (const CallParameter& parameter : signature_.parameters) {
      if (!parameter.given() || parameter.optional()) continue;
      std::string local = fmt::format("{}{}", static_cast<char>('a' + index), index);
      ++index;
      std::string argument = "0";
      if (parameter.pass == Pass::kMap) argument = "seen";
      if (parameter.pass == Pass::kText) argument = "\"netc\"";
      if (parameter.pass == Pass::kMemory && !parameter.may_be_null) {
        before += fmt::format("var {}: {};\n", local, MemoryType(parameter));
        argument = local;
      }
      const std::string_view own = OfMember(parameter);
      if (!own.empty()) {
        argument = own;
      } else if (parameter.pass == Pass::kObject && !parameter.may_be_null) {
        argument = local;
        ways = EachWith(ways, Bindings(parameter, local));
      }
      arguments += (arguments.empty() ? "" : ", ") + argument;
    }
    std::string call = fmt::format("{}({})", name_, arguments);
    std::string text = signature_.gives == Gives::kNothing ? call + ";\n"
                       : signature_.may_be_absent || signature_.gives == Gives::kMapValue
                           ? fmt::format("if let found = {} {{\n}}\n", call)
                           : fmt::format("let result = {};\n", call);
    for (const Way& way : ways) {
      std::string body = text;
      KernelVersion since{};
      for (auto binding = way.rbegin(); binding != way.rend(); ++binding) {
        body = binding->head + " {\n" + Indented(body) + "}\n";
        since = std::max(since, binding->since);
      }
      made_.push_back({items, before + body, since});
    }
  }

  // The argument of a congestion control's member that is handed on.
  std::string_view OfMember(const CallParameter& parameter) const {
    const CcMember* member = FindCcMember(hook_);
    if (!member) return {};
    const bool sample = !PointedStruct(parameter.type).empty();
    for (const CParameter& each : SplitParameters(member->parameters)) {
      if (each.type == parameter.type && (sample || each.name == parameter.name)) return each.name;
    }
    return {};
  }

  struct Bound {
    std::string head;
    KernelVersion since;
  };
  // The bindings of the objects that a call takes, the outermost first.
  using Way = std::vector<Bound>;
  using Ways = std::vector<Way>;

  static Ways EachWith(const Ways& ways, const std::vector<Bound>& bindings) {
    Ways longer;
    for (const Way& way : ways) {
      for (const Bound& binding : bindings) {
        longer.push_back(way);
        longer.back().push_back(binding);
      }
    }
    return longer;
  }

  static std::string Indented(const std::string& lines) {
    std::string text;
    for (size_t at = 0; at < lines.size();) {
      size_t end = lines.find('\n', at);
      text += "    " + lines.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return text;
  }

  std::vector<Bound> Bindings(const CallParameter& parameter, const std::string& local) const {
    std::vector<Bound> bindings;
    for (const Source& source : kSources) {
      bool gives = false;
      for (const ObjectKind& kind : AllObjectKinds()) {
        gives = gives || (Gives(source, kind) && Fits(kind, parameter));
      }
      if (gives) bindings.push_back({Binding(source, local), SinceOf(source, hook_)});
    }
    return bindings;
  }

  std::string_view name_;
  const Signature& signature_;
  HookId hook_;
  std::vector<Sketch> made_;
};

std::vector<Sketch> ReleaseSketches(std::string_view name, HookId hook) {
  std::vector<Sketch> sketches;
  for (const Source& source : kSources) {
    for (const ObjectKind& kind : AllObjectKinds()) {
      if (kind.release != name || !Gives(source, kind)) continue;
      sketches.push_back({"", Binding(source, "held") + " {\n}\n", SinceOf(source, hook)});
    }
  }
  return sketches;
}

}  // namespace

std::vector<Sketch> CallSketches(const Helper& helper, HookId hook) {
  Signature signature = SignatureOf(helper, *helper.In(hook));
  return signature.why_not.empty() ? Writer(helper.name, signature, hook).Run()
                                   : std::vector<Sketch>{};
}

std::vector<Sketch> CallSketches(const Kfunc& kfunc, HookId hook) {
  // netc gives back what a block binds.
  if (IsRelease(kfunc.name)) return ReleaseSketches(kfunc.name, hook);
  Signature signature = SignatureOf(kfunc, *kfunc.In(hook));
  return signature.why_not.empty() ? Writer(kfunc.name, signature, hook).Run()
                                   : std::vector<Sketch>{};
}

HookSet HooksThatHandOn(const Kfunc& kfunc) {
  HookSet hooks;
  for (const CParameter& parameter : SplitParameters(kfunc.parameters)) {
    if (PointedStruct(parameter.type).empty()) continue;
    for (const CcMember& member : AllCcMembers()) {
      for (const CParameter& each : SplitParameters(member.parameters)) {
        if (each.type == parameter.type) hooks = hooks | member.hook;
      }
    }
  }
  return hooks;
}

}  // namespace netc::reference
