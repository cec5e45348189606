#include "compiler/emit/context_struct.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace netc::emit {

namespace {

bool HasPointer(const ir::Hook& hook) {
  return hook.packet.parse.has_value();
}

std::set<std::string> UsedFields(const ir::Hook& hook) {
  std::set<std::string> used = hook.context;
  if (HasPointer(hook)) used.insert({"data", "data_end"});
  if (hook.hook->packet.start == hooks::PacketStart::kOption) used.insert("optlen");
  if (HasPointer(hook) && hook.packet.method == ir::AccessMethod::kPull) used.insert("len");
  return used;
}

// `__u32[4]` name → `__u32 name[4]`; kernel pointers are plain ones here.
std::string Declare(const hooks::Field& field) {
  std::string type(field.c_type);
  if (auto bracket = type.find('['); bracket != std::string::npos) {
    return type.substr(0, bracket) + " " + std::string(field.name) + type.substr(bracket);
  }
  if (type.find('*') != std::string::npos) return "void *" + std::string(field.name);
  if (type.starts_with("uid_t")) type = "__u32";
  return type + " " + std::string(field.name);
}

}  // namespace

std::string ContextStructs(const ir::Program& program) {
  std::map<std::string, std::map<uint16_t, const hooks::Field*>> contexts;
  for (const ir::Hook& hook : program.hooks) {
    if (!ContextType(hook).starts_with("struct ")) continue;
    auto& fields = contexts[std::string(hook.hook->context)];
    std::set<std::string> used = UsedFields(hook);
    for (const hooks::Field& field : hook.hook->fields) {
      if (used.contains(std::string(field.name))) fields[field.offset] = &field;
    }
  }
  for (const auto& [which, members] : program.kernel_members) {
    auto& fields = contexts[ir::KernelName(which)];
    for (const hooks::PointeeField& row : hooks::AllPointeeFields()) {
      bool own = row.field.context == ir::KernelName(which);
      if (own && members.contains(std::string(row.field.name))) {
        fields[row.field.offset] = &row.field;
      }
    }
  }
  std::string text;
  for (const auto& [name, fields] : contexts) {
    text += "struct " + name + " {\n";
    uint32_t offset = 0;
    for (const auto& [at, field] : fields) {
      if (at > offset) text += fmt::format("\t__u8 unused_{}[{}];\n", offset, at - offset);
      text += "\t" + Declare(*field) + ";\n";
      offset = at + field->size;
    }
    text += "} __attribute__((preserve_static_offset));\n\n";
  }
  return text;
}

// Of some hooks the context is an array of the arguments.
std::string ContextType(const ir::Hook& hook) {
  std::string name(hook.hook->context);
  return name.find(' ') == std::string::npos ? "struct " + name : name;
}

std::string PointerField(const ir::Hook& hook, const std::string& name) {
  for (const hooks::Field& field : hook.hook->fields) {
    if (field.name == name && field.size == 4) return "(void *)(long)ctx->" + name;
  }
  return "ctx->" + name;
}

std::string SectionName(const ir::Hook& hook) {
  std::string section(hook.hook->section);
  bool frags = hook.packet.method == ir::AccessMethod::kCopy && hook.hook->packet.direct_write;
  if (!hook.target.empty()) return section + "/" + hook.target;
  return frags ? section + ".frags" : section;
}

bool Denies(const hooks::Verdict& verdict) {
  return verdict.word.starts_with("drop") || verdict.word == "abort" || verdict.word == "refuse";
}

}  // namespace netc::emit
