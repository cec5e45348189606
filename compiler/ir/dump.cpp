// The IR as text: one statement a line, expressions in prefix form.
#include <fmt/format.h>

#include "compiler/ir/program.h"
#include "compiler/ir/visit.h"

namespace netc::ir {

namespace {

template <typename... F>
struct Overload : F... {
  using F::operator()...;
};

constexpr const char* kBinary[] = {"mul", "div", "rem", "add", "sub",  "shl",
                                   "shr", "and", "xor", "or",  "eq",   "ne",
                                   "lt",  "le",  "gt",  "ge",  "both", "either"};
constexpr const char* kUnary[] = {"negate", "complement", "not"};

class Dumper {
 public:
  explicit Dumper(const Program& program) : program_(program) {}

  void Dump(const Hook& hook) {
    hook_ = &hook;
    out += fmt::format("hook {} on {}\n", hook.name, hook.hook->name);
    for (const Slot& slot : hook.packet.slots) {
      out += fmt::format("  header {}: {} bytes, bit {:#x}\n", slot.name, slot.bytes, slot.bit);
    }
    for (const Function& walk : hook.packet.walks) Dump(walk);
    if (hook.packet.parse) Dump(*hook.packet.parse);
    for (const Function& parser : hook.packet.reparsers) Dump(parser);
    Dump(hook.main);
    for (size_t i = 0; i < hook.parts.size(); ++i) {
      out += fmt::format("  part {}\n", i + 1);
      Dump(hook.parts[i].body, 2);
    }
  }
  std::string out;

 private:
  void Dump(const Function& function) {
    function_ = &function;
    out += fmt::format("  function {}\n", function.name);
    Dump(function.body, 2);
  }

  std::string Name(VarId id) const { return function_->vars[static_cast<size_t>(id)].name; }
  std::string SlotName(SlotId id) const {
    return hook_->packet.slots[static_cast<size_t>(id)].name;
  }

  std::string Text(const ExprPtr& expr) {
    if (!expr) return "-";
    std::string head =
        std::visit(Overload{
                       [](const Number& n) { return fmt::format("{}", n.value); },
                       [](const Literal&) { return std::string("address"); },
                       [&](const Variable& n) { return Name(n.id); },
                       [](const Symbol& n) { return "@" + n.name; },
                       [&](const MapRef& n) { return "@" + program_.maps[n.map].name; },
                       [&](const HeaderPointer& n) { return "header " + SlotName(n.slot); },
                       [&](const HeaderOffset& n) { return "offset " + SlotName(n.slot); },
                       [&](const HeaderCopy& n) { return "copy " + SlotName(n.slot); },
                       [&](const HeaderEnd& n) { return "end " + SlotName(n.slot); },
                       [&](const HeaderPresent& n) { return "present " + SlotName(n.slot); },
                       [](const Unreadable& n) { return fmt::format("unreadable {:#x}", n.mask); },
                       [](const Member& n) { return fmt::format("member {}", n.index); },
                       [](const Part& n) { return fmt::format("part {}", n.index); },
                       [](const Element&) { return std::string("element"); },
                       [](const ContextMember& n) { return "context " + n.name; },
                       [](const KernelMember& n) { return "kernel " + n.name; },
                       [](const Deref&) { return std::string("deref"); },
                       [](const AddressOf&) { return std::string("address-of"); },
                       [](const Unary& n) { return std::string(kUnary[static_cast<int>(n.op)]); },
                       [](const Binary& n) { return std::string(kBinary[static_cast<int>(n.op)]); },
                       [](const Conditional&) { return std::string("choose"); },
                       [](const Cast&) { return std::string("cast"); },
                       [](const Swap&) { return std::string("swap"); },
                       [](const Call& n) { return "call " + n.function; },
                       [](const ContextPointer&) { return std::string("context"); },
                       [](const ir::Text& n) { return "text " + n.text; },
                       [](const Aggregate&) { return std::string("struct"); },
                   },
                   expr->node);
    std::string children;
    ForEachChild(*expr, [&](ExprPtr& child) { children += " " + Text(child); });
    return children.empty() ? head : "(" + head + children + ")";
  }

  void Line(int depth, const std::string& text) {
    out += std::string(depth * 2, ' ') + text + "\n";
  }

  void Dump(const Block& block, int depth) {
    for (const Statement& statement : block) Dump(statement, depth);
  }

  void Dump(const Statement& statement, int depth) {
    std::visit(
        Overload{
            [&](const Declare& n) { Line(depth, "let " + Name(n.var) + " = " + Text(n.value)); },
            [&](const Assign& n) { Line(depth, Text(n.target) + " = " + Text(n.value)); },
            [&](const If& n) {
              Line(depth, "if " + Text(n.condition));
              Dump(n.then, depth + 1);
              if (!n.otherwise.empty()) Line(depth, "else");
              Dump(n.otherwise, depth + 1);
            },
            [&](const Loop& n) {
              Line(depth, fmt::format("for {} = {} below {}{}", Name(n.var), Text(n.first),
                                      Text(n.last), n.unroll ? " unrolled" : ""));
              Dump(n.body, depth + 1);
            },
            [&](const Break&) { Line(depth, "break"); },
            [&](const Continue&) { Line(depth, "continue"); },
            [&](const Held& n) {
              Line(depth, "hold " + Name(n.object) + " until " + n.release);
              Dump(n.body, depth + 1);
            },
            [&](const Labeled& n) {
              Line(depth, "block " + n.label);
              Dump(n.body, depth + 1);
            },
            [&](const Leave& n) { Line(depth, "leave " + n.label); },
            [&](const Do& n) { Line(depth, "do " + Text(n.call)); },
            [&](const Comment& n) {
              Line(depth, fmt::format("# {}: {}", statement.origin.line, n.text));
            },
            [&](const Barrier&) { Line(depth, "barrier"); },
            [&](const OpaquePresent&) { Line(depth, "opaque present"); },
            [&](const Opaque& n) {
              Line(depth, (n.for_verifier ? "forget " : "opaque ") + Name(n.var));
            },
            [&](const Return& n) { Line(depth, "return " + Text(n.value)); },
            [&](const Exit& n) {
              Line(depth, fmt::format("exit {}{}", n.verdict->word,
                                      n.rule ? fmt::format(" rule {}", *n.rule) : ""));
            },
            [&](const FailUnreadable&) { Line(depth, "exit unreadable"); },
            [&](const MarkPresent& n) { Line(depth, "present " + SlotName(n.slot)); },
            [&](const MarkUnreadable& n) { Line(depth, fmt::format("unreadable {:#x}", n.mask)); },
            [&](const Access& n) {
              Line(depth, fmt::format("access {} at {} bytes {} limit {} else", Name(n.pointer),
                                      Text(n.at), n.bytes, Text(n.limit)));
              Dump(n.fail, depth + 1);
            },
            [&](const Reload& n) {
              std::string names;
              for (SlotId slot : n.keep) names += " " + SlotName(slot);
              Line(depth, "reload" + names);
              Dump(n.fail, depth + 1);
            },
            [&](const Reparse& n) { Line(depth, fmt::format("reparse {}", n.parser)); },
            [&](const RunPart& n) { Line(depth, fmt::format("run part {}", n.part + 1)); },
            [&](const Record& n) {
              std::string fields;
              for (const ExprPtr& field : n.fields) fields += " " + Text(field);
              Line(depth, "emit " + program_.events[n.event].name + fields);
            },
        },
        statement.node);
  }

  const Program& program_;
  const Hook* hook_ = nullptr;
  const Function* function_ = nullptr;
};

}  // namespace

std::string Dump(const Program& program) {
  Dumper dumper(program);
  for (const Map& map : program.maps) {
    dumper.out += fmt::format("map {} {} of {}\n", map.name, map.type, map.entries);
  }
  for (const Hook& hook : program.hooks) dumper.Dump(hook);
  return std::move(dumper.out);
}

}  // namespace netc::ir
