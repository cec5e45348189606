#include "compiler/reference/example.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/cc.h"
#include "compiler/hooks/names.h"
#include "compiler/reference/page_parts.h"
#include "compiler/reference/phrases.h"

namespace netc::reference {

using namespace hooks;

namespace {

struct Attributes {
  std::string items;
  std::string list;  // "(dev: \"eth0\")", empty if none is needed
};

// The state that an attribute of this type names; empty for others.
std::string_view StateOf(AttributeType type) {
  switch (type) {
    case AttributeType::kDevices:
      return "devices(16)";
    case AttributeType::kCpus:
      return "cpus(16)";
    case AttributeType::kSockets:
      return "reuseport_sockets(16)";
    default:
      return {};
  }
}

std::string Value(const AttachAttribute& attribute) {
  switch (attribute.type) {
    case AttributeType::kInterface:
      return "\"eth0\"";
    case AttributeType::kCgroup:
      return "\"/sys/fs/cgroup/example\"";
    case AttributeType::kMode:
      return "native";
    case AttributeType::kNetns:
      return "self";
    case AttributeType::kNumber:
      return "1";
    case AttributeType::kFlag:
      return "yes";
    case AttributeType::kDevices:
    case AttributeType::kCpus:
    case AttributeType::kSockets:
      return "members";
  }
  return {};
}

Attributes Required(const Hook& hook) {
  Attributes attributes;
  for (const AttachAttribute& attribute : hook.attributes) {
    if (!attribute.required) continue;
    attributes.list += fmt::format("{}{}: {}", attributes.list.empty() ? "" : ", ", attribute.name,
                                   Value(attribute));
    const std::string_view state = StateOf(attribute.type);
    if (!state.empty()) attributes.items += fmt::format("state members: {};\n", state);
  }
  if (!attributes.list.empty()) attributes.list = " (" + attributes.list + ")";
  return attributes;
}

std::string Indented(const std::string& lines) {
  std::string text;
  for (size_t at = 0; at < lines.size();) {
    const size_t end = lines.find('\n', at);
    text += "    " + lines.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return text;
}

// What a pipeline begins with.
std::string Begin(KernelVersion since, bool imports) {
  std::string text = "pipeline example;\n";
  if (kOldestKernel < since) text += fmt::format("kernel {};\n", Version(since));
  if (imports) text += "import net;\n";
  return text + "\n";
}

// Names of a member's arguments but for the connection: "ack, acked".
std::string ArgumentNames(std::string_view parameters) {
  std::string names;
  size_t comma = parameters.find(',');
  while (comma != std::string_view::npos) {
    const size_t end = parameters.find(',', comma + 1);
    const std::string_view parameter = parameters.substr(0, end);
    const size_t name = parameter.find_last_of(" *") + 1;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", parameter.substr(name));
    comma = end;
  }
  return names;
}

// One member, with these statements.
std::string MemberText(const CcMember& member, const std::string& body) {
  const std::string_view name = Get(member.hook).name;
  const bool asked = member.result != "void";
  const std::string end = asked ? "return max(cwnd / 2, 2);\n" : "";
  return fmt::format("{}({}){} {{\n{}}}\n", name.substr(name.find('.') + 1),
                     ArgumentNames(member.parameters), asked ? " -> u32" : "",
                     Indented(body + end));
}

// A member stands in a congestion control that is whole: with those that must be
// there, and one of those that may stand for each other.
std::string CongestionControl(const CcMember& wanted, KernelVersion since, const Sketch& sketch) {
  std::string members;
  bool one_of = wanted.need == CcNeed::kOneOf;
  for (const CcMember& member : AllCcMembers()) {
    if (member.hook == wanted.hook) {
      members += MemberText(member, sketch.body);
    } else if (member.need == CcNeed::kAlways) {
      members += MemberText(member, "");
    } else if (member.need == CcNeed::kOneOf && !one_of) {
      members += MemberText(member, "cwnd += 1;\n");
      one_of = true;
    }
  }
  if (!wanted.parameters_before_6_10.empty()) since = std::max(since, KernelVersion{6, 10});
  return Begin(since, false) + sketch.items + "cc example {\n" + Indented(members) + "}\n";
}

}  // namespace

std::string Pipeline(std::string_view name, KernelVersion since, const Sketch& sketch) {
  const auto resolved = ResolveName(name);
  if (!resolved) return {};
  const Hook& hook = Get(*resolved->hooks.begin());
  since = std::max({since, hook.since, sketch.since});
  if (const CcMember* member = FindCcMember(hook.id)) {
    return CongestionControl(*member, since, sketch);
  }
  const Attributes attributes = Required(hook);
  // Names of protocols are all that the sketches take from modules.
  const bool imports = sketch.body.find("ip") != std::string::npos ||
                       sketch.body.find("udp") != std::string::npos ||
                       sketch.body.find("vlan") != std::string::npos ||
                       sketch.body.find("encap") != std::string::npos;
  std::string text = Begin(since, imports);
  const std::string items = attributes.items + sketch.items;
  if (!items.empty()) text += items + "\n";
  const std::string head =
      hook.attach.scope == AttachScope::kReader
          ? fmt::format("{} guard over tcp_sockets{} every 10s", name, attributes.list)
          : fmt::format("on {} guard{}", name, attributes.list);
  return text + fmt::format("{} {{\n{}}}\n", head, Indented(sketch.body));
}

std::span<const FieldUse> AllFieldUses() {
#define FIELD_USE(field, meaning, statements) {field, meaning, statements},
  static constexpr FieldUse kUses[] = {
#include "compiler/reference/field_uses.def"
  };
#undef FIELD_USE
  return kUses;
}

bool HasProgramOf(const Hook& hook, const std::string& c) {
  const std::string_view family = hook.section.substr(0, hook.section.find('/'));
  return c.find(fmt::format("SEC(\"{}", family)) != std::string::npos;
}

std::string FirstAccepted(HookSet hooks, KernelVersion since, const std::vector<Sketch>& sketches,
                          const Translate& translate, const Shows& shows) {
  for (const Sketch& sketch : sketches) {
    for (HookId id : hooks) {
      const std::string pipeline = Pipeline(ExampleName(Get(id)), since, sketch);
      const std::optional<std::string> c = translate(pipeline);
      if (c && HasProgramOf(Get(id), *c) && (!shows || shows(*c))) return pipeline;
    }
  }
  return {};
}

std::vector<Sketch> ReadSketches(std::string_view word) {
  const auto when = [&](std::string_view condition) {
    return Sketch{"", fmt::format("pass when {}{};\n", word, condition)};
  };
  std::vector<Sketch> sketches;
  for (std::string_view condition :
       {" == 1", " > 1ms", " in 10.0.0.0/8", " in 2001:db8::/32", " > 4KiB", " > 1mbit",
        " is \"bbr\"", ".u32 == 1", "[0] == 1", "() > 1s", "() == 1", ""}) {
    sketches.push_back(when(condition));
  }
  sketches.push_back({"", fmt::format("pass when hash({}()) == 1;\n", word)});
  // In a congestion control, which has no verdicts.
  sketches.push_back({"", fmt::format("cwnd += 1 when {} > 1;\n", word)});
  if (word.starts_with("storage.")) {
    const std::string_view owner = word.substr(8);
    const std::string_view key = owner == "socket" ? "sk" : owner;
    const auto kept = [&](std::string_view type, const std::string& body) {
      sketches.push_back({fmt::format("state seen: per {} {};\n", owner, type), body});
    };
    kept("counter", fmt::format("seen[{}] += 1;\n", key));
    kept("u64", fmt::format("seen[{}] = 1;\n", key));
    kept("u64", fmt::format("seen.remove({});\n", key));
  }
  return sketches;
}

std::vector<Sketch> SetSketches(std::string_view word) {
  std::vector<Sketch> sketches;
  for (std::string_view value : {"\"bbr\"", "20ms", "10s", "64KiB", "10mbit", "true", "1"}) {
    sketches.push_back({"", fmt::format("{} = {};\npass;\n", word, value)});
  }
  return sketches;
}

std::vector<Sketch> VerdictSketches(const Verdict& verdict) {
  const std::string word(verdict.word);
  const auto rule = [&](std::string_view argument) {
    return Sketch{"", fmt::format("{}{} when cpu == 0;\n", word, argument)};
  };
  std::vector<Sketch> sketches;
  switch (verdict.form) {
    case VerdictForm::kPlain:
      break;
    case VerdictForm::kErrno:
      sketches.push_back(rule(" EACCES"));
      break;
    case VerdictForm::kTarget:
      sketches.push_back(rule(" \"eth1\""));
      sketches.push_back({"state ports: devices(16);\n", word + " ports[cpu];\n"});
      break;
    case VerdictForm::kSocket:
      sketches.push_back(rule(" members[0]"));
      sketches.push_back({"state workers: sockets(16);\n", word + " workers[0] when cpu == 0;\n"});
      break;
    case VerdictForm::kValue:
      sketches.push_back({"", fmt::format("case syn_timeout {{\n    {} 200ms;\n}}\n", word)});
      break;
  }
  sketches.push_back(rule(""));
  return sketches;
}

std::vector<Sketch> EffectSketches(const Effect& effect) {
  const std::string act = effect.kind.empty() ? std::string(effect.word)
                                              : fmt::format("{} {}", effect.word, effect.kind);
  std::vector<Sketch> sketches;
  for (std::string_view argument :
       {" { id: 7 }", " \"eth1\"", " 4", "", " { src: 192.0.2.1, dst: 192.0.2.2 }",
        " { src: 2001:db8::1, dst: 2001:db8::2 }", " { src: 192.0.2.1, dst: 192.0.2.2, vni: 7 }",
        " { src: 192.0.2.1, dst: 192.0.2.2, port: 6080 }"}) {
    sketches.push_back({"", fmt::format("{}{};\npass;\n", act, argument)});
  }
  // A tunnel takes an IP packet, and what comes out must be known to be inside.
  for (std::string_view argument :
       {" { src: 192.0.2.1, dst: 192.0.2.2 }", " { src: 2001:db8::1, dst: 2001:db8::2 }"}) {
    sketches.push_back({"", fmt::format("if ip {{\n    {}{};\n}}\npass;\n", act, argument)});
  }
  sketches.push_back({"", fmt::format("if inner.ip {{\n    {};\n}}\npass;\n", act)});
  // Options are set by their own names.
  if (effect.helper == "bpf_setsockopt") {
    for (Sketch& sketch : SetSketches("sk.congestion")) sketches.push_back(std::move(sketch));
  }
  sketches.push_back({"", fmt::format("if ipv4 and tcp {{\n    if let listener = find_socket(tcp, "
                                      "to: (ipv4.dst, 8080)) {{\n        {} listener else {{ "
                                      "drop; }}\n    }}\n}}\n",
                                      effect.word)});
  sketches.push_back(
      {"state lines: pacer<ipv4_addr>(lru: 65_536, horizon: 2s);\n",
       fmt::format("if ipv4 {{\n    {} lines[ipv4.dst], 10mbit else {{ drop; }}\n}}\n",
                   effect.word)});
  // A frame that is made answers the one that came.
  sketches.push_back(
      {"", fmt::format("if ipv4 and icmp {{\n    {} ethernet {{ dst: ethernet.src, src: "
                       "ethernet.dst }}, ipv4 {{ src: ipv4.dst, dst: ipv4.src }}, "
                       "icmp;\n}}\n",
                       effect.word)});
  // A kind that is any header is shown with one.
  sketches.push_back({"", fmt::format("if ipv4 {{\n    {} vlan {{ id: 7 }};\n}}\n", effect.word)});
  sketches.push_back({"", fmt::format("if ipv4 and vlan {{\n    {} vlan;\n}}\n", effect.word)});
  return sketches;
}

std::vector<Sketch> StorageSketches() {
  std::vector<Sketch> sketches = {
      {"state seen: hash<u32, u64>(1_000);\n", "seen[cpu] = 1;\n"},
      {"state seen: hash<u32, u64>(1_000);\n", "if let count = seen[cpu] {\n    count += 1;\n}\n"},
      {"state seen: hash<u32, u64>(1_000);\n", "seen.remove(cpu);\n"},
      {"state seen: lru<u32, u64>(1_000);\n", "seen[cpu] = 1;\n"},
      {"state sizes: array<u32>(4);\n", "pass when sizes[3] == 0;\n"},
      {"state blocked: prefixes<ipv4_addr>(1_000);\n", "pass when 192.0.2.1 in blocked;\n"},
      {"state all: per cpu counter;\n", "all += 1;\n"},
      {"state seen: per cpu hash<u32, u64>(1_000);\n", "seen[cpu] = 1;\n"},
      {"state seen: per cpu lru<u32, u64>(1_000);\n", "seen[cpu] = 1;\n"},
      {"state all: counter<u32>(1_000);\n", "all[cpu] += 1;\n"},
      {"state budget: limiter(200/s, burst: 400);\n", "pass when budget.take();\n"},
      {"event Seen { at: time }\n", "emit Seen { at: now() };\n"},
      {"state waiting: queue<u32>(1_000);\n", "waiting.push(cpu);\n"},
      {"state waiting: stack<u32>(1_000);\n", "waiting.push(cpu);\n"},
      {"state workers: sockets(16);\n", "select workers[0] when cpu == 0;\n"},
      {"", "select members[0] when cpu == 0;\n"},
      {"state ports: devices(16);\n", "redirect ports[cpu];\n"},
      {"state processors: cpus(16);\n", "redirect processors[0];\n"},
      {"", "redirect \"eth1\" when cpu == 0;\n"},
      {"", "redirect peer(\"eth1\") when cpu == 0;\n"},
      {"", "redirect neigh(\"eth1\", via: 192.0.2.1) when cpu == 0;\n"},
      {"", "ipv4.ttl -= 1 when ipv4 and ipv4.ttl > 1;\n"},
      {"", "ipv4.dst = 192.0.2.1 when ipv4;\n"},
      {"", "pass when udp and payload.u16(0) == 1;\npass when ipv4 and ipv4.ttl == 1;\n"},
      {"", "pass when packet.length > 1500;\n"},
      {"", "refuse when cpu == 0;\n"},
      {"", "refuse EACCES when cpu == 0;\n"},
      {"", "for i in 0..<100_000 {\n    pass when i == random();\n}\n"},
  };
  sketches.push_back({"state seen: per cgroup u64;\n",
                      "if let group = bpf_cgroup_from_id(1) {\n    seen[group] = 1;\n}\n",
                      KernelVersion{6, 4}});
  for (std::string_view owner : {"socket", "cgroup", "task"}) {
    for (Sketch& sketch : ReadSketches(fmt::format("storage.{}", owner))) {
      if (!sketch.items.empty()) sketches.push_back(std::move(sketch));
    }
  }
  return sketches;
}

}  // namespace netc::reference
