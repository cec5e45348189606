#include "compiler/emit/statement.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/emit/context_struct.h"
#include "compiler/ir/visit.h"

namespace netc::emit {

namespace {

template <typename... F>
struct Overload : F... {
  using F::operator()...;
};

template <typename Node>
bool Has(const ir::Block& block) {
  bool found = false;
  // Walk gives mutable access; nothing is changed here.
  ir::Walk(
      const_cast<ir::Block&>(block),
      [&](ir::Statement& s) { found = found || std::holds_alternative<Node>(s.node); },
      [](ir::ExprPtr&) {});
  return found;
}

// Whether some Exit but the block's last statement is there.
bool LeavesEarly(const ir::Block& block) {
  size_t exits = 0;
  ir::Walk(
      const_cast<ir::Block&>(block),
      [&](ir::Statement& s) { exits += std::holds_alternative<ir::Exit>(s.node); },
      [](ir::ExprPtr&) {});
  bool last = !block.empty() && std::holds_alternative<ir::Exit>(block.back().node);
  return exits > (last ? 1u : 0u);
}

// Whether some Exit says what the call fails with.
bool FailsWith(const ir::Block& block) {
  bool fails = false;
  ir::Walk(
      const_cast<ir::Block&>(block),
      [&](ir::Statement& s) {
        const auto* exit = std::get_if<ir::Exit>(&s.node);
        fails = fails || (exit && exit->error != 0);
      },
      [](ir::ExprPtr&) {});
  return fails;
}

}  // namespace

void Statements::Print(const ir::Hook& hook, uint32_t index) {
  hook_ = &hook;
  expressions_.Enter(hook_, &hook.main, "packet.");
  if (!hook.packet.slots.empty()) PrintPacketStruct();
  for (const ir::Function& walk : hook.packet.walks) PrintWalk(walk);
  for (const ir::OptionsWalk& walk : hook.packet.options) PrintOptionsWalk(walk);
  if (hook.packet.parse) PrintParser(*hook.packet.parse);
  for (const ir::Function& parser : hook.packet.reparsers) PrintParser(parser);
  if (hook.is_member) return PrintMember();
  frame_ = hook.parts.empty() ? "" : "frame->";
  if (!hook.parts.empty()) PrintFrame();
  // A part runs only those that were made before it.
  for (uint32_t i = 0; i < hook.parts.size(); ++i) PrintPart(i);
  PrintMain(index);
}

void Statements::PrintPacketStruct() {
  const std::string& name = hook_->main.name;
  out_.Line("/* Headers of the packet, and which of them are there. */");
  out_.Open("struct " + name + "_packet {");
  for (const ir::Slot& slot : hook_->packet.slots) {
    if (slot.is_option || hook_->packet.by_offset) continue;
    out_.Line("struct " + program_.structs[slot.layout].name + " *" + slot.name + ";");
  }
  // Words of 64 bits: the verifier loses what it knows of a smaller one when Clang
  // spills it beside another. Of what is found by offset it knows nothing.
  std::string word = hook_->packet.by_offset ? "__u32 " : "__u64 ";
  for (const ir::Slot& slot : hook_->packet.slots) {
    if (slot.keep_offset) out_.Line(word + slot.name + "_at;");
    if (slot.keep_end) out_.Line(word + slot.name + "_end;");
    if (slot.beside) {
      out_.Line("struct " + program_.structs[slot.layout].name + " " + slot.name + "_beside;");
    }
  }
  if (hook_->packet.by_offset) out_.Line("__u32 passing;");
  out_.Line("__u64 present;");
  out_.Line("__u64 unreadable;");
  out_.Close("};");
  out_.Line("");
  if (!hook_->packet.keeps_copies()) return;
  out_.Line("/* Copies of headers that pointers don't reach. */");
  out_.Open("struct " + name + "_copies {");
  for (const ir::Slot& slot : hook_->packet.slots) {
    if (!slot.copied) continue;
    out_.Line("struct " + program_.structs[slot.layout].name + " " + slot.name + ";");
  }
  out_.Close("};");
  out_.Line("");
}

void Statements::PrintData() {
  out_.Line("void *data_end = " + PointerField(*hook_, "data_end") + ";");
  out_.Line("void *data = " + PointerField(*hook_, "data") + ";");
}

void Statements::PrintWalk(const ir::Function& walk) {
  expressions_.Enter(hook_, &walk, "");
  const ir::Var& state = walk.vars[static_cast<size_t>(walk.parameters[0])];
  const ir::Struct& layout = program_.structs[state.type.decl];
  out_.Open("struct " + layout.name + " {");
  for (const ir::StructMember& member : layout.members) out_.Line("__u32 " + member.name + ";");
  out_.Close("};");
  out_.Line("");
  out_.Line("/* Passes over headers up to one that is none of them: 0 it came there, 1 nothing");
  out_.Line(" * is behind, 2 it can't be read. The verifier checks this function alone.");
  out_.Line(" */");
  out_.Line("__noinline int " + walk.name + "(struct " + std::string(hook_->hook->context) +
            " *ctx, " + expressions_.Declarator(state.type, state.name) + ")");
  out_.Open("{");
  PrintData();
  out_.Line("");
  in_parser_ = false;
  copies_.clear();
  Print(walk.body);
  out_.Close("}");
  out_.Line("");
}

void Statements::PrintOptionsWalk(const ir::OptionsWalk& walk) {
  const ir::Struct& layout = program_.structs[walk.layout];
  std::string context = "struct " + std::string(hook_->hook->context);
  out_.Open("struct " + walk.name + "_loop {");
  out_.Line(context + " *ctx;");
  out_.Line("struct " + layout.name + " *walk;");
  out_.Close("};");
  out_.Line("");
  expressions_.Enter(hook_, &walk.step, "");
  out_.Line("/* One option: 1 where the walk is over. */");
  out_.Line(
      fmt::format("static long {}_step(__u32 round, struct {}_loop *loop)", walk.name, walk.name));
  out_.Open("{");
  out_.Line("struct " + layout.name + " *walk = loop->walk;");
  out_.Line(context + " *ctx = loop->ctx;");
  PrintData();
  out_.Line("");
  in_parser_ = false;
  copies_.clear();
  Print(walk.step.body);
  out_.Close("}");
  out_.Line("");
  out_.Line("/* Finds options: offsets, 0 where there is none. The verifier checks this function");
  out_.Line(" * alone.");
  out_.Line(" */");
  out_.Line(
      fmt::format("__noinline int {}({} *ctx, struct {} *walk)", walk.name, context, layout.name));
  out_.Open("{");
  out_.Line(fmt::format("struct {}_loop loop = {{ctx, walk}};", walk.name));
  out_.Line("");
  out_.Open("if (!walk)");
  out_.Line("return 1;");
  out_.Close("");
  out_.Line(fmt::format("bpf_loop({}, {}_step, &loop, 0);", walk.rounds, walk.name));
  out_.Open("if (walk->lost) {");
  for (size_t i = ir::OptionsWalk::kFirstOption; i < layout.members.size(); ++i) {
    const std::string& name = layout.members[i].name;
    out_.Open(fmt::format("if (!walk->{})", name));
    out_.Line(fmt::format("walk->{} = ~0U;", name));
    out_.Close("");
  }
  out_.Close("}");
  out_.Line("return 0;");
  out_.Close("}");
  out_.Line("");
}

void Statements::PrintParser(const ir::Function& parse) {
  expressions_.Enter(hook_, &parse, "packet->");
  in_parser_ = true;
  copies_ = "copies->";
  const std::string& name = hook_->main.name;
  std::string copies =
      hook_->packet.parser_keeps_copies() ? ", struct " + name + "_copies *copies" : "";
  bool by_offset = hook_->packet.by_offset;
  if (by_offset) out_.Line("/* The verifier checks this function alone. */");
  out_.Line(fmt::format("{} {}(struct {} *ctx, struct {}_packet *packet{})",
                        by_offset ? "__noinline int" : "static __always_inline void", parse.name,
                        hook_->hook->context, name, copies));
  out_.Open("{");
  PrintData();
  if (by_offset) {
    out_.Line("");
    out_.Open("if (!packet)");
    out_.Line("return 0;");
    out_.Close("");
  }
  Print(parse.body);
  if (by_offset) out_.Line("return 0;");
  out_.Close("}");
  out_.Line("");
  in_parser_ = false;
}

void Statements::PrintPull() {
  std::string data = PointerField(*hook_, "data"), end = PointerField(*hook_, "data_end");
  out_.Line("/* Headers may lie beyond the linear part. */");
  out_.Line(fmt::format("if ({} - {} < {} && ctx->len > {} - {})", end, data, hook_->packet.need,
                        end, data));
  out_.Line(fmt::format("\t{}(ctx, ctx->len < {} ? ctx->len : {});", hook_->packet.pull_helper,
                        hook_->packet.need, hook_->packet.need));
}

void Statements::PrintParse(const ir::Function& parser) {
  bool copies = hook_->packet.parser_keeps_copies();
  out_.Line(fmt::format("{}(ctx, &{}packet{});", parser.name, frame_,
                        copies ? ", &" + frame_ + "copies" : ""));
  // Else Clang may test what led to a header instead of its bit; the verifier follows
  // the bit.
  PrintOpaque(expressions_.packet() + "present");
}

void Statements::PrintOpaque(const std::string& value) {
  out_.Line("NETC_OPAQUE(" + value + ");");
}

void Statements::PrintMain(uint32_t index) {
  const ir::Function& main = hook_->main;
  expressions_.Enter(hook_, &main, frame_ + "packet.");
  copies_ = frame_ + "copies.";
  fails_unreadable_ = Has<ir::FailUnreadable>(main.body);
  goes_to_end_ = LeavesEarly(main.body);
  for (const ir::HookPart& part : hook_->parts) {
    fails_unreadable_ |= part.fails_unreadable;
    goes_to_end_ |= part.exits;
  }
  goes_to_end_ |= fails_unreadable_;
  bool parses = hook_->packet.parse.has_value();

  out_.From(hook_->origin);
  out_.Comment(hook_->documentation);
  out_.Line("SEC(\"" + SectionName(*hook_) + "\")");
  out_.Line(fmt::format("int {}({} *ctx)", main.name, ContextType(*hook_)));
  out_.Open("{");
  bool fails = FailsWith(main.body);
  for (const ir::HookPart& part : hook_->parts) fails |= FailsWith(part.body);
  PrintHead(parses, fails);
  if (parses && hook_->packet.method == ir::AccessMethod::kPull) PrintPull();
  if (parses) PrintParse(*hook_->packet.parse);
  has_data_ = Has<ir::Access>(main.body) || Has<ir::Reload>(main.body);
  if (has_data_) PrintData();
  for (size_t i = 0; i < main.body.size(); ++i) {
    const ir::Statement& statement = main.body[i];
    out_.From(statement.origin);
    bool last = i + 1 == main.body.size();
    if (const auto* exit = std::get_if<ir::Exit>(&statement.node); exit && last) {
      Print(*exit, !fails_unreadable_);
    } else {
      Print(statement);
    }
  }
  out_.From(hook_->origin);
  if (fails_unreadable_) {
    needs_.calls.insert("netc_fault");
    out_.Line("");
    out_.Label("unreadable:");
    out_.Line(fmt::format("netc_fault({});", hook_->unreadable_fault));
    out_.Line(fmt::format("{}verdict = {};", frame_, hook_->unreadable->c_name));
  }
  if (goes_to_end_) out_.Label("end:");
  PrintAudit(index);
  PrintAnswer(fails);
  const hooks::Returns& returns = hook_->hook->returns;
  if (goes_to_end_ && returns.checked && returns.least == 0) {
    needs_.calls.insert("netc_code");
    out_.Line(fmt::format("NETC_CODE({}verdict, {});", frame_, returns.most));
  }
  if (hook_->tells_verdict) {
    needs_.calls.insert("netc_told");
    out_.Line("netc_told(" + frame_ + "verdict);");
  }
  out_.Line("return " + frame_ + "verdict;");
  out_.Close("}");
  out_.Line("");
}

// What goes with the verdict: an error, and what of a large value stays as it was.
void Statements::PrintAnswer(bool fails) {
  if (fails) {
    out_.Open("if (" + frame_ + "error && !" + frame_ + "verdict)");
    out_.Line("bpf_set_retval(-" + frame_ + "error);");
    out_.Close("");
  }
  if (hook_->hook->packet.start != hooks::PacketStart::kOption) return;
  // 0: user space's own bytes (kernel/bpf/cgroup.c, 6.1); else the call fails with EFAULT.
  out_.Line("/* Programs see a page of a value: of a longer one nothing is changed. */");
  out_.Open("if (ctx->optlen > 4096) {");
  out_.Line("__s32 length = 0;");
  out_.Line("");
  PrintOpaque("length");
  out_.Line("ctx->optlen = length;");
  out_.Close("}");
}

// What the hook's function keeps: in itself, or in the frame of its parts.
void Statements::PrintHead(bool parses, bool fails) {
  const std::string& name = hook_->main.name;
  if (!hook_->parts.empty()) {
    out_.Line("struct " + name + "_frame kept = {};");
    out_.Line("struct " + name + "_frame *frame = &kept;");
    out_.Line("int came;");
    out_.Line("");
    if (hook_->rule_count > 0) out_.Line("frame->rule = NETC_NO_RULE;");
    return;
  }
  bool copies = parses && hook_->packet.keeps_copies();
  if (parses) out_.Line("struct " + name + "_packet packet = {};");
  if (copies) out_.Line("struct " + name + "_copies copies;");
  if (hook_->rule_count > 0) out_.Line("__u32 rule = NETC_NO_RULE;");
  // Never undefined: where it is, Clang spills whatever a register holds.
  out_.Line("int verdict = 0;");
  if (fails) out_.Line("int error = 0;");
  out_.Line("");
}

void Statements::PrintAudit(uint32_t index) {
  if (hook_->rule_count > 0) {
    needs_.calls.insert("netc_matched");
    out_.Line("netc_matched(" + frame_ + "rule);");
  }
  std::string denies;
  for (const hooks::Verdict& verdict : hook_->hook->verdicts) {
    if (!Denies(verdict)) continue;
    denies +=
        fmt::format("{}{}verdict == {}", denies.empty() ? "" : " || ", frame_, verdict.c_name);
  }
  if (denies.empty() || !hook_->audit_pass) return;
  needs_.calls.insert("netc_denied");
  bool one = denies.find("||") == std::string::npos;
  out_.Open("if (netc_audit && " + (one ? denies : "(" + denies + ")") + ") {");
  out_.Line(fmt::format("netc_denied({}, {}, {}verdict);", index,
                        hook_->rule_count > 0 ? frame_ + "rule" : "NETC_NO_RULE", frame_));
  out_.Line(fmt::format("{}verdict = {};", frame_, hook_->audit_pass->c_name));
  out_.Close("}");
}

// --- Statements ------------------------------------------------------------------

void Statements::Print(const ir::Block& block) {
  for (const ir::Statement& statement : block) {
    out_.From(statement.origin);
    Print(statement);
  }
}

void Statements::Print(const ir::Statement& statement) {
  std::visit(
      Overload{
          [&](const ir::Declare& n) { Print(n); },
          [&](const ir::Assign& n) {
            std::string target = expressions_.Text(*n.target);
            std::string value =
                n.target->type.kind == ir::TypeKind::kBool && !n.target->type.is_pointer()
                    ? expressions_.Truth(*n.value)
                    : expressions_.Text(*n.value);
            const auto* sum = std::get_if<ir::Binary>(&n.value->node);
            if (sum && sum->op == ir::BinaryOp::kAdd && n.target->type.bits >= 32 &&
                expressions_.Text(*sum->left) == target) {
              out_.Line(target + " += " + expressions_.Text(*sum->right) + ";");
            } else {
              out_.Line(target + " = " + value + ";");
            }
          },
          [&](const ir::If& n) { Print(n); },
          [&](const ir::Loop& n) { Print(n); },
          [&](const ir::Break&) { out_.Line("break;"); },
          [&](const ir::Continue&) { out_.Line("continue;"); },
          [&](const ir::Held& n) { Print(n.body); },  // none is left: ReleaseHeld
          [&](const ir::Labeled& n) {
            out_.Open("{");
            Print(n.body);
            out_.Close("}");
            if (!n.label.empty()) out_.Label(n.label + ":;");
          },
          [&](const ir::Leave& n) { Leave(n.label); },
          [&](const ir::Do& n) { out_.Line(expressions_.Text(*n.call) + ";"); },
          [&](const ir::Comment& n) { Print(n, statement.origin); },
          [&](const ir::Barrier&) { out_.Line("asm volatile(\"\" ::: \"memory\");"); },
          [&](const ir::Opaque& n) { Print(n); },
          [&](const ir::OpaquePresent&) { PrintOpaque(expressions_.packet() + "present"); },
          [&](const ir::Return& n) { Print(n); },
          [&](const ir::Exit& n) { Print(n, false); },
          [&](const ir::FailUnreadable&) { out_.Line(part_ ? "return 2;" : "goto unreadable;"); },
          [&](const ir::MarkPresent& n) {
            const ir::Slot& slot = hook_->packet.slots[static_cast<size_t>(n.slot)];
            out_.Line(expressions_.packet() + "present |= " + expressions_.Bit(slot) + ";");
          },
          [&](const ir::MarkUnreadable& n) {
            out_.Line(expressions_.packet() + "unreadable |= " + expressions_.HeaderBits(n.mask) +
                      ";");
          },
          [&](const ir::Access& n) { Print(n); },
          [&](const ir::Reload& n) { Print(n); },
          [&](const ir::Reparse& n) { Print(n); },
          [&](const ir::RunPart& n) { Print(n); },
          [&](const ir::Record& n) { Print(n); },
      },
      statement.node);
}

void Statements::Print(const ir::Opaque& node) {
  if (!node.for_verifier) return PrintOpaque(expressions_.VarName(node.var));
  needs_.calls.insert("netc_forget");
  out_.Line(fmt::format("NETC_FORGET({}, {}passing);", expressions_.VarName(node.var),
                        expressions_.packet()));
}

void Statements::Print(const ir::Return& node) {
  bool global = in_parser_ && hook_->packet.by_offset;
  out_.Line(node.value ? "return " + expressions_.Text(*node.value) + ";"
            : global   ? "return 0;"
                       : "return;");
}

void Statements::Print(const ir::Comment& node, ir::Origin origin) {
  out_.Line("");
  out_.Line(fmt::format("/* {}:{}: {} */", program_.files[origin.file], origin.line, node.text));
}

void Statements::Print(const ir::Declare& node) {
  const ir::Var& var = expressions_.Var(node.var);
  if (var.shared) {
    if (!node.value) return;
    bool truth = var.type.kind == ir::TypeKind::kBool && !var.type.is_pointer();
    std::string value = truth ? expressions_.Truth(*node.value) : expressions_.Text(*node.value);
    out_.Line(expressions_.VarName(node.var) + " = " + value + ";");
    return;
  }
  std::string text = expressions_.Declarator(var.type, var.name);
  if (node.value) text += " = " + expressions_.Initializer(*node.value);
  out_.Line(text + ";");
}

void Statements::Print(const ir::If& node, const std::string& head) {
  std::string test = expressions_.Truth(*node.condition);
  auto single = [](const ir::Block& block) {
    if (block.size() != 1) return false;
    const auto& n = block[0].node;
    return std::holds_alternative<ir::Return>(n) || std::holds_alternative<ir::Break>(n) ||
           std::holds_alternative<ir::FailUnreadable>(n) || std::holds_alternative<ir::Leave>(n) ||
           std::holds_alternative<ir::MarkUnreadable>(n) || std::holds_alternative<ir::Assign>(n) ||
           std::holds_alternative<ir::Do>(n) || std::holds_alternative<ir::Continue>(n);
  };
  if (node.then.empty() && !node.otherwise.empty()) {
    out_.Open(head + " (!(" + test + ")) {");
    Print(node.otherwise);
    out_.Close("}");
    return;
  }
  if (node.otherwise.empty() && single(node.then)) {
    out_.Open(head + " (" + test + ")");
    Print(node.then);
    out_.Close("");
    return;
  }
  out_.Open(head + " (" + test + ") {");
  Print(node.then);
  if (node.otherwise.empty()) {
    out_.Close("}");
    return;
  }
  const auto* chain =
      node.otherwise.size() == 1 ? std::get_if<ir::If>(&node.otherwise[0].node) : nullptr;
  if (chain && !chain->then.empty() && !(chain->otherwise.empty() && single(chain->then))) {
    out_.Depth(-1);
    Print(*chain, "} else if");
    return;
  }
  out_.Depth(-1);
  out_.Open("} else {");
  Print(node.otherwise);
  out_.Close("}");
}

void Statements::Print(const ir::Loop& node) {
  const ir::Var& var = expressions_.Var(node.var);
  if (node.unroll) out_.Label("#pragma clang loop unroll(full)");
  out_.Open(fmt::format("for ({} = {}; {} < {}; {}++) {{",
                        expressions_.Declarator(var.type, var.name), expressions_.Text(*node.first),
                        var.name, expressions_.Tight(*node.last), var.name));
  Print(node.body);
  out_.Close("}");
}

void Statements::Print(const ir::Exit& node, bool last) {
  if (node.rule) out_.Line(fmt::format("{}rule = {};", frame_, *node.rule));
  if (node.error) out_.Line(fmt::format("{}error = {};", frame_, node.error));
  out_.Line(fmt::format("{}verdict = {};", frame_, node.verdict->c_name));
  if (!last) out_.Line(part_ ? "return 1;" : "goto end;");
}

void Statements::Print(const ir::Record& node) {
  const ir::Event& event = program_.events[node.event];
  const ir::Struct& record = program_.structs[event.record];
  needs_.calls.insert("netc_lost");
  out_.Open("{");
  out_.Line(fmt::format("struct {} *event = bpf_ringbuf_reserve(&netc_events, sizeof(*event), 0);",
                        record.name));
  out_.Line("");
  out_.Open("if (event) {");
  size_t field = 0;
  for (const ir::StructMember& member : record.members) {
    if (member.name == "netc_id") {
      out_.Line(fmt::format("event->netc_id = {};", event.id));
    } else if (member.name == "netc_size") {
      out_.Line("event->netc_size = sizeof(*event);");
    } else if (member.count > 0) {
      out_.Line(fmt::format("__builtin_memset(event->{}, 0, sizeof(event->{}));", member.name,
                            member.name));
    } else {
      out_.Line(
          fmt::format("event->{} = {};", member.name, expressions_.Text(*node.fields[field++])));
    }
  }
  out_.Line("bpf_ringbuf_submit(event, 0);");
  out_.Depth(-1);
  out_.Open("} else {");
  out_.Line(fmt::format("netc_lost({});", event.id));
  out_.Close("}");
  out_.Close("}");
}

}  // namespace netc::emit
