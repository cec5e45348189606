// Pieces of a hook that are functions of their own: each says how control came out of it.
#include <fmt/format.h>

#include "compiler/emit/context_struct.h"
#include "compiler/emit/statement.h"
#include "compiler/ir/visit.h"

namespace netc::emit {

namespace {

bool AccessesPacket(const ir::Block& block) {
  bool found = false;
  // Walk gives mutable access; nothing is changed here.
  ir::Walk(
      const_cast<ir::Block&>(block),
      [&](ir::Statement& s) {
        found = found || std::holds_alternative<ir::Access>(s.node) ||
                std::holds_alternative<ir::Reload>(s.node);
      },
      [](ir::ExprPtr&) {});
  return found;
}

bool RunsParts(const ir::Block& block) {
  bool found = false;
  ir::Walk(
      const_cast<ir::Block&>(block),
      [&](ir::Statement& s) { found = found || std::holds_alternative<ir::RunPart>(s.node); },
      [](ir::ExprPtr&) {});
  return found;
}

}  // namespace

std::string Statements::PartName(uint32_t index) const {
  return fmt::format("{}_part{}", hook_->main.name, index + 1);
}

void Statements::PrintFrame() {
  const std::string& name = hook_->main.name;
  expressions_.Enter(hook_, &hook_->main, "");
  out_.Line("/* What the parts of the hook share. */");
  out_.Open("struct " + name + "_frame {");
  if (hook_->packet.parse) {
    out_.Line("struct " + name + "_packet packet;");
    if (hook_->packet.keeps_copies()) out_.Line("struct " + name + "_copies copies;");
  }
  for (const ir::Var& var : hook_->main.vars) {
    ir::Type type = var.copied ? var.type.Pointee() : var.type;
    if (var.shared && !var.copy_of) out_.Line(expressions_.Declarator(type, var.name) + ";");
  }
  if (hook_->rule_count > 0) out_.Line("__u32 rule;");
  out_.Line("int verdict;");
  out_.Line("int error;");
  out_.Close("};");
  out_.Line("");
}

void Statements::PrintPart(uint32_t index) {
  part_ = &hook_->parts[index];
  expressions_.Enter(hook_, &hook_->main, "frame->packet.");
  copies_ = "frame->copies.";
  has_data_ = AccessesPacket(part_->body);
  if (index == 0) {
    out_.Line(
        "/* 0: goes on behind it, 1: the hook ends, 2: a header can't be read, 3: leaves the");
    out_.Line(" * block around it.");
    out_.Line(" */");
  }
  out_.Line(fmt::format("static __noinline int {}({} *ctx, struct {}_frame *frame)",
                        PartName(index), ContextType(*hook_), hook_->main.name));
  out_.Open("{");
  if (RunsParts(part_->body)) out_.Line("int came;");
  if (has_data_) PrintData();
  Print(part_->body);
  out_.Line("return 0;");
  out_.Close("}");
  out_.Line("");
  part_ = nullptr;
}

void Statements::Leave(const std::string& label) {
  bool outside = part_ && label == part_->leave;
  out_.Line(outside ? "return 3;" : "goto " + label + ";");
}

void Statements::Print(const ir::RunPart& node) {
  const ir::HookPart& part = hook_->parts[node.part];
  out_.Line(fmt::format("came = {}(ctx, frame);", PartName(node.part)));
  auto on = [&](bool possible, int answer, auto go) {
    if (!possible) return;
    out_.Open(fmt::format("if (came == {})", answer));
    go();
    out_.Close("");
  };
  on(part.exits, 1, [&] { out_.Line(part_ ? "return 1;" : "goto end;"); });
  on(part.fails_unreadable, 2, [&] { out_.Line(part_ ? "return 2;" : "goto unreadable;"); });
  on(!part.leave.empty(), 3, [&] { Leave(part.leave); });
  if (part.moves_packet && has_data_) RefreshData();
}

}  // namespace netc::emit
