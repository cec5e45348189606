#include "compiler/emit/congestion.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "compiler/emit/context_struct.h"
#include "compiler/emit/statement.h"

namespace netc::emit {

namespace {

constexpr const char* kRelocated = "} __attribute__((preserve_access_index));\n\n";

// Members by name; those inside another struct below it.
struct Tree {
  std::string type;
  std::map<std::string, Tree> members;
};

void Print(const Tree& tree, const std::string& indent, std::string& text) {
  for (const auto& [name, member] : tree.members) {
    if (!member.members.empty()) {
      text += indent + "struct {\n";
      Print(member, indent + "\t", text);
      text += indent + "} " + name + ";\n";
      continue;
    }
    size_t array = member.type.find('[');
    std::string dimension = array == std::string::npos ? "" : member.type.substr(array);
    text +=
        fmt::format("{}{} {}{};\n", indent, CType(member.type.substr(0, array)), name, dimension);
  }
}

std::string Connection(const ir::Program& program) {
  Tree root;
  for (const auto& [path, type] : program.connection) {
    Tree* at = &root;
    for (size_t from = 0; from <= path.size();) {
      size_t dot = std::min(path.find('.', from), path.size());
      at = &at->members[path.substr(from, dot - from)];
      from = dot + 1;
    }
    at->type = type;
  }
  std::string text = "/* A TCP connection, as far as it is used here. */\nstruct tcp_sock {\n";
  Print(root, "\t", text);
  return text + kRelocated;
}

}  // namespace

std::string CType(const std::string& kernel) {
  for (const char* name : {"u8", "u16", "u32", "u64", "s32"}) {
    if (kernel == name) return "__" + kernel;
  }
  return kernel;
}

std::string KernelTypes(const ir::Program& program) {
  if (program.controls.empty()) return {};
  // Complete, if empty: libbpf compares the kinds of types in prototypes, and a
  // declaration is another kind than a struct (1.4 relo_core.c).
  std::string text = "struct sock {};\n";
  text += program.connection.empty() ? "struct tcp_sock {};\n\n" : "\n" + Connection(program);
  for (const auto& [name, members] : program.samples) {
    text += "struct " + name + " {\n";
    for (const auto& [member, type] : members) text += "\t" + CType(type) + " " + member + ";\n";
    text += kRelocated;
  }
  return text;
}

std::string Controls(const ir::Program& program) {
  if (program.controls.empty()) return {};
  // Members of the kernel's struct are found by their names; the programs know
  // their own arguments.
  std::map<std::string, int> used;
  for (const ir::Control& control : program.controls) {
    for (const auto& [member, function] : control.members) used[member] = 1;
  }
  std::string text = "struct tcp_congestion_ops {\n";
  for (const auto& [member, one] : used) text += fmt::format("\tvoid (*{})(void);\n", member);
  text += "\tchar name[16];\n};\n\n";
  for (const ir::Control& control : program.controls) {
    if (!control.comment.empty()) text += "/* " + control.comment + " */\n";
    text += "SEC(\".struct_ops.link\")\nstruct tcp_congestion_ops " + control.name + " = {\n";
    for (const auto& [member, function] : control.members) {
      text += fmt::format("\t.{} = (void *){},\n", member, function);
    }
    text += fmt::format("\t.name = \"{}\",\n}};\n\n", control.title);
  }
  return text;
}

void Statements::PrintMember() {
  const ir::Function& main = hook_->main;
  expressions_.Enter(hook_, &main, "");
  out_.From(hook_->origin);
  out_.Comment(hook_->documentation);
  out_.Line("SEC(\"" + SectionName(*hook_) + "\")");
  out_.Line(fmt::format("{} {}({} *ctx)", expressions_.TypeName(main.result), main.name,
                        ContextType(*hook_)));
  out_.Open("{");
  out_.Line("struct tcp_sock *netc_tp = (struct tcp_sock *)ctx[0];");
  if (hook_->private_struct) {
    std::string name = program_.structs[*hook_->private_struct].name;
    out_.Line(fmt::format(
        "struct {0} *netc_private = (struct {0} *)netc_tp->inet_conn.icsk_ca_priv;", name));
  }
  for (const ir::Hook::Parameter& parameter : hook_->parameters) {
    bool pointer = parameter.c_type.ends_with('*');
    std::string type = pointer ? parameter.c_type : CType(parameter.c_type) + " ";
    std::string cast = pointer ? parameter.c_type : CType(parameter.c_type);
    out_.Line(fmt::format("{}{} = ({})ctx[{}];", type, parameter.name, cast, parameter.word));
  }
  out_.Line("");
  Print(main.body);
  out_.From(hook_->origin);
  out_.Close("}");
  out_.Line("");
}

}  // namespace netc::emit
