// Calls by a kernel name, to try as examples: each argument the plainest that serves.
#include <fmt/format.h>

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
  std::string_view binding;  // "if let NAME = CALL"
};
constexpr Source kSources[] = {
    {Args::kAcquiredSk, "bpf_sock", "if let {} = find_socket(tcp, to: (192.0.2.1, 80))"},
    {Args::kTask, "task_struct", "if let {} = bpf_task_from_pid(1)"},
    {Args::kCgroupPtr, "cgroup", "if let {} = bpf_cgroup_from_id(1)"},
    {Args::kBtf, "bpf_key", "if let {} = bpf_lookup_system_key(0)"},
    {Args::kBtf, "bpf_cpumask", "if let {} = bpf_cpumask_create()"},
    {Args::kBtf, "nf_conn",
     "var tuple: bpf_sock_tuple_ipv4;\nvar opts: bpf_ct_opts;\nif let {} = "
     "bpf_skb_ct_lookup(tuple, "
     "opts)"},
    {Args::kBtf, "nf_conn",
     "var tuple: bpf_sock_tuple_ipv4;\nvar opts: bpf_ct_opts;\nif let {} = "
     "bpf_xdp_ct_lookup(tuple, "
     "opts)"},
    {Args::kBtf, "xfrm_state",
     "var opts: bpf_xfrm_state_opts;\nif let {} = bpf_xdp_get_xfrm_state(opts)"},
};

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
  Writer(std::string_view name, const Signature& signature) : name_(name), signature_(signature) {}

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
      if (parameter.pass == Pass::kObject && !parameter.may_be_null) {
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
      for (auto binding = way.rbegin(); binding != way.rend(); ++binding) {
        body = *binding + " {\n" + Indented(body) + "}\n";
      }
      made_.push_back({items, before + body});
    }
  }

  // The bindings of the objects that a call takes, the outermost first.
  using Way = std::vector<std::string>;
  using Ways = std::vector<Way>;

  static Ways EachWith(const Ways& ways, const std::vector<std::string>& bindings) {
    Ways longer;
    for (const Way& way : ways) {
      for (const std::string& binding : bindings) {
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

  static std::vector<std::string> Bindings(const CallParameter& parameter,
                                           const std::string& local) {
    std::vector<std::string> bindings;
    for (const Source& source : kSources) {
      bool by_kind = Takes(parameter.takes, source.kind) && source.kind != Args::kBtf;
      if (!by_kind && source.c_struct != parameter.pointee) continue;
      std::string binding(source.binding);
      binding.replace(binding.find("{}"), 2, local);
      bindings.push_back(std::move(binding));
    }
    return bindings;
  }

  std::string_view name_;
  const Signature& signature_;
  std::vector<Sketch> made_;
};

}  // namespace

std::vector<Sketch> CallSketches(const Helper& helper, HookId hook) {
  Signature signature = SignatureOf(helper, *helper.In(hook));
  return signature.why_not.empty() ? Writer(helper.name, signature).Run() : std::vector<Sketch>{};
}

std::vector<Sketch> CallSketches(const Kfunc& kfunc, HookId hook) {
  Signature signature = SignatureOf(kfunc, *kfunc.In(hook));
  return signature.why_not.empty() ? Writer(kfunc.name, signature).Run() : std::vector<Sketch>{};
}

}  // namespace netc::reference
