// Pointers to what stands in the packet.
#include <fmt/format.h>

#include "compiler/emit/context_struct.h"
#include "compiler/emit/statement.h"

namespace netc::emit {

void Statements::Print(const ir::Access& node) {
  const ir::Var& var = expressions_.Var(node.pointer);
  std::string name = expressions_.VarName(node.pointer);
  std::string at = expressions_.Tight(*node.at);
  bool zero = at == "0";
  std::string short_of = fmt::format("(void *)({} + 1) > data_end", name);
  std::string over;
  if (node.limit)
    over = fmt::format("{} + {} > {}", at, node.bytes, expressions_.Tight(*node.limit));
  std::string copy;
  if (node.read_through_helper && !(var.shared && var.copied)) {
    bool kept = node.slot && !(in_parser_ && hook_->packet.by_offset);
    copy = kept ? copies_ + hook_->packet.slots[static_cast<size_t>(*node.slot)].name
                : var.name + "_bytes";
    if (!kept) out_.Line(expressions_.Declarator(var.type.Pointee(), copy) + ";");
  }
  if (node.optional || node.bound) out_.Line("NETC_BOUND(" + at + ");");
  if (var.shared && var.copied) return PrintShared(node, at, over);
  std::string value = "data" + (zero ? "" : " + " + at);
  // One that several parts of the hook use is declared in their frame.
  std::string made = var.shared ? name : expressions_.Declarator(var.type, var.name);
  if (node.beside) {
    const std::string& slot = hook_->packet.slots[static_cast<size_t>(*node.beside)].name;
    out_.Line(made + fmt::format(" = &{}{}_beside;", expressions_.packet(), slot));
    out_.Open("if (" + at + ") {");
    out_.Line(fmt::format("{} = {};", name, value));
  } else {
    out_.Line(made + " = " + value + ";");
  }
  if (node.read_through_helper) {
    out_.Open("if (" + short_of + ")");
    out_.Line(fmt::format("{} = {}(ctx, {}, &{}, sizeof({})) ? NULL : &{};", name,
                          hook_->packet.load_helper, at, copy, copy, copy));
    out_.Close("");
    short_of = "!" + name;
  }
  std::string test = short_of + (over.empty() ? "" : " || " + over);
  if (node.optional) {
    if (node.read_through_helper && over.empty()) return;
    out_.Open("if (" + test + ")");
    out_.Line(name + " = NULL;");
    out_.Close("");
    return;
  }
  out_.Open("if (" + test + ") {");
  Print(node.fail);
  out_.Close("}");
  if (node.beside) out_.Close("}");
}

// Into the frame's copy, wherever the bytes lie.
void Statements::PrintShared(const ir::Access& node, const std::string& at,
                             const std::string& over) {
  std::string copy = expressions_.SharedCopy(expressions_.Var(node.pointer));
  std::string load =
      fmt::format("{}(ctx, {}, &{}, sizeof({}))", hook_->packet.load_helper, at, copy, copy);
  if (!over.empty()) load += " || " + over;
  if (node.beside) {
    const std::string& slot = hook_->packet.slots[static_cast<size_t>(*node.beside)].name;
    out_.Open("if (!" + at + ") {");
    out_.Line(fmt::format("{} = {}{}_beside;", copy, expressions_.packet(), slot));
    out_.Close("}");
    load = at + " && (" + load + ")";
  }
  out_.Open("if (" + load + ") {");
  Print(node.fail);
  out_.Close("}");
}

void Statements::Print(const ir::Reparse& node) {
  out_.Line(frame_ + "packet = (struct " + hook_->main.name + "_packet){};");
  if (hook_->packet.method == ir::AccessMethod::kPull) PrintPull();
  PrintParse(hook_->packet.reparsers[node.parser]);
  if (has_data_) RefreshData();
}

void Statements::RefreshData() {
  out_.Line("data_end = " + PointerField(*hook_, "data_end") + ";");
  out_.Line("data = " + PointerField(*hook_, "data") + ";");
  // Else Clang lets the ways here meet in the context's 32 bits, and makes the pointer of a copy
  // of these, which to the verifier is a number.
  PrintOpaque("data");
}

void Statements::Print(const ir::Reload& node) {
  RefreshData();
  for (ir::SlotId id : node.keep) {
    const ir::Slot& slot = hook_->packet.slots[static_cast<size_t>(id)];
    std::string name = expressions_.packet() + slot.name;
    std::string in_packet = slot.beside ? fmt::format(" && {}_at", name) : "";
    std::string present =
        fmt::format("{}present & {}", expressions_.packet(), expressions_.Bit(slot));
    if (slot.beside) present = "(" + present + ")";
    out_.Open("if (" + present + in_packet + ") {");
    out_.Line(fmt::format("NETC_BOUND({}_at);", name));
    out_.Line(fmt::format("{} = data + {}_at;", name, name));
    out_.Open(fmt::format("if ((void *)({} + 1) > data_end) {{", name));
    Print(node.fail);
    out_.Close("}");
    out_.Close("}");
  }
}

}  // namespace netc::emit
