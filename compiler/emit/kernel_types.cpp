#include "compiler/emit/kernel_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "compiler/emit/context_struct.h"

namespace netc::emit {

namespace {

// Names behind `keyword ` in a prototype.
void Collect(const std::string& text, const std::string& keyword, std::set<std::string>& names) {
  for (size_t at = text.find(keyword); at != std::string::npos; at = text.find(keyword, at + 1)) {
    size_t begin = at + keyword.size(), end = begin;
    while (end < text.size() &&
           (isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_')) {
      ++end;
    }
    names.insert(text.substr(begin, end - begin));
  }
}

// Structs that are printed for other reasons.
std::set<std::string> Printed(const ir::Program& program) {
  std::set<std::string> printed;
  for (const ir::Struct& each : program.structs) printed.insert(each.name);
  for (const auto& [which, members] : program.kernel_members) printed.insert(ir::KernelName(which));
  for (const auto& [name, members] : program.samples) printed.insert(name);
  for (const ir::Hook& hook : program.hooks) {
    std::string type = ContextType(hook);
    if (type.starts_with("struct ")) printed.insert(type.substr(7));
  }
  if (!program.controls.empty()) printed.insert({"sock", "tcp_sock"});
  return printed;
}

}  // namespace

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      quoted += fmt::format("\\{}", c);
    else if (byte < 0x20 || byte >= 0x7f)
      quoted += fmt::format("\\{:03o}", byte);
    else
      quoted += c;
  }
  return quoted + "\"";
}

// Complete, if empty: libbpf compares the kinds of types in prototypes, and a
// declaration is another kind than a struct (1.4 relo_core.c).
std::string KernelCalls(const ir::Program& program) {
  if (program.kfuncs.empty()) return {};
  std::set<std::string> structs, enums, unions;
  for (const auto& [name, prototype] : program.kfuncs) {
    Collect(prototype, "struct ", structs);
    Collect(prototype, "enum ", enums);
    Collect(prototype, "union ", unions);
  }
  std::string text;
  std::set<std::string> printed = Printed(program);
  for (const std::string& name : structs) {
    if (!printed.contains(name)) text += fmt::format("struct {} {{}};\n", name);
  }
  for (const std::string& name : unions) text += fmt::format("union {} {{}};\n", name);
  for (const std::string& name : enums)
    text += fmt::format("enum {0} {{\n\t{0}_first = 0,\n}};\n", name);
  for (const auto& [name, prototype] : program.kfuncs) {
    text += "extern " + prototype + " __ksym;\n";
  }
  return text + "\n";
}

}  // namespace netc::emit
