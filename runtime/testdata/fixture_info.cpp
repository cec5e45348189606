#include "runtime/testdata/fixture_info.h"

#include <stdexcept>

#include "compiler/object/host_order.h"

namespace netc::runtime::fixture {

using object::Form;
using object::ObjectInfo;
using object::TypeInfo;

namespace {

constexpr const char* kFile = "edge.np";

TypeInfo Type(Form form, std::string name, uint32_t size) {
  TypeInfo type;
  type.form = form;
  type.name = std::move(name);
  type.size = size;
  return type;
}

TypeInfo Ipv4() {
  return Type(Form::kIpv4, "ipv4_addr", 4);
}
TypeInfo Word() {
  return Type(Form::kUnsigned, "u64", 8);
}

TypeInfo Ipv4Prefix() {
  TypeInfo type = Type(Form::kPrefix, "prefix<ipv4_addr>", 8);
  type.element = {Ipv4()};
  return type;
}

object::State State(std::string name, std::string kind, std::optional<TypeInfo> key,
                    std::optional<TypeInfo> value, uint32_t capacity, bool per_cpu = false) {
  object::State state;
  state.map = name;
  state.name = std::move(name);
  state.kind = std::move(kind);
  state.key = std::move(key);
  state.value = std::move(value);
  state.capacity = capacity;
  state.per_cpu = per_cpu;
  return state;
}

std::vector<object::LineMapping> Lines(const std::string& c_source) {
  std::vector<object::LineMapping> lines;
  uint32_t number = 1;
  for (size_t begin = 0; begin < c_source.size(); ++number) {
    size_t end = std::min(c_source.find('\n', begin), c_source.size());
    size_t mark = c_source.find("// np: ", begin);
    if (mark < end) {
      uint32_t line = static_cast<uint32_t>(std::stoul(c_source.substr(mark + 7)));
      lines.push_back({number, {kFile, line, 5}});
    }
    begin = end + 1;
  }
  return lines;
}

object::Program Program(std::string name, std::string function, std::string hook) {
  object::Program program;
  program.name = std::move(name);
  program.function = std::move(function);
  program.hook = std::move(hook);
  program.place = {kFile, 11, 1};
  return program;
}

object::Program Guard() {
  object::Program guard = Program("guard", "guard", "xdp");
  guard.attributes = {{"dev", "eth0", false}, {"mode", "native", false}};
  guard.verdicts = {{"abort", 0}, {"drop", 1}, {"pass", 2}, {"tx", 3}};
  guard.rules = {{0, {kFile, 12, 5}, "drop when ipv4.src in blocked", "drop"},
                 {1,
                  {kFile, 13, 5},
                  "drop when ipv4 and udp.sport in {53} and ipv4.src not in resolvers",
                  "drop"},
                 {2, {kFile, 17, 9}, "drop", "drop"}};
  return guard;
}

object::Event SynFlood() {
  object::Event event;
  event.id = 1;
  event.name = "SynFlood";
  event.size = 12;
  event.fields = {{"src", 4, Ipv4()}, {"dport", 8, Type(Form::kPort, "port", 2)}};
  return event;
}

void DescribeFirewall(ObjectInfo& info) {
  info.programs = {Guard()};
  info.states = {State("blocked", "prefix_set", Ipv4Prefix(), std::nullopt, 65536),
                 State("resolvers", "set", Ipv4(), std::nullopt, 64),
                 State("syn_limit", "limiter", Ipv4(), Word(), 1024),
                 State("dropped", "counter", Ipv4(), Word(), 1024, true),
                 State("seen", "counter", std::nullopt, Word(), 1, true)};
  info.states[0].initial = {{{24, 0, 0, 0, 198, 51, 100, 0}, {}}};
  info.states[1].initial = {{{192, 0, 2, 53}, {}}};
  info.parameters = {
      {"allowed_syns", "SYNs a second from one source", Type(Form::kFrequency, "frequency", 8),
       object::StoreInteger(200'000'000, 8), "allowed_syns"},
      {"ssh_port", "never limited", Type(Form::kPort, "port", 2), object::StoreInteger(22, 2),
       "ssh_port"}};
  info.events = {SynFlood()};
  info.event_ring = "netc_events";
  info.lost_events = "netc_lost";
  info.rule_counters = "netc_rules";
  info.fault_counters = "netc_faults";
  info.faults = {"unreadable in guard"};
  info.count_rules_flag = "netc_count_rules";
  info.audit_flag = "netc_audit";
  info.test_flag = "netc_test";
  info.test_world = "netc_world";
}

void DescribeHook(ObjectInfo& info, const std::string& name) {
  info.states = {State("calls", "counter", Type(Form::kUnsigned, "u32", 4), Word(), 8)};
  object::Attribute cgroup = {"cgroup", "runtime-test", false};
  if (name == "xdp") {
    info.programs = {Program("drop_all", "drop_all", "xdp")};
  } else if (name == "tc") {
    info.programs = {Program("in", "in", "tc.ingress"), Program("out", "out", "tc.egress")};
  } else if (name == "cgroup") {
    info.programs = {Program("refuse_connect", "refuse_connect", "cgroup.connect4"),
                     Program("policy", "policy", "sockops")};
    for (auto& program : info.programs) program.attributes = {cgroup};
  } else if (name == "sk_lookup") {
    info.programs = {Program("anyport", "anyport", "sk_lookup")};
  } else if (name == "cc") {
    info.programs = {Program("netc_plain", "netc_plain_ssthresh", "cc"),
                     Program("netc_plain", "netc_plain_cong_avoid", "cc"),
                     Program("netc_plain", "netc_plain_undo_cwnd", "cc")};
  } else if (name == "sweep") {
    info.programs = {Program("visit", "visit", "sweep")};
    info.programs[0].attributes = {{"every", "50ms", false}};
  } else {
    throw std::invalid_argument(name);
  }
}

}  // namespace

ObjectInfo Info(const std::string& name, const std::string& c_source) {
  ObjectInfo info;
  info.pipeline = name == "firewall" ? "edge_firewall" : name;
  info.netc_version = "0.1.0";
  info.lines = Lines(c_source);
  if (name == "firewall") {
    DescribeFirewall(info);
  } else if (name == "refused") {
    info.programs = {Guard()};
    info.programs[0].rules.clear();
  } else {
    DescribeHook(info, name);
  }
  return info;
}

}  // namespace netc::runtime::fixture
