#include "compiler/sema/symbols.h"

namespace netc::sema {

std::string_view Describe(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::kParam:
      return "parameter";
    case SymbolKind::kConst:
      return "constant";
    case SymbolKind::kAlias:
      return "name for an expression";
    case SymbolKind::kState:
      return "state";
    case SymbolKind::kEvent:
      return "event";
    case SymbolKind::kType:
      return "type";
    case SymbolKind::kFunction:
      return "function";
    case SymbolKind::kCFunction:
      return "C function";
    case SymbolKind::kHook:
      return "hook";
    case SymbolKind::kHeader:
      return "header";
    case SymbolKind::kView:
      return "view";
    case SymbolKind::kSelector:
      return "selector";
    case SymbolKind::kModule:
      return "module";
  }
  return "name";
}

const Symbol* Symbols::Find(uint32_t file, std::string_view name) const {
  std::string key(name);
  const auto& own = files[file].names;
  auto mine = own.find(key);
  // A module and its header share a name: `tcp` is the header.
  bool module = mine != own.end() && mine->second.kind == SymbolKind::kModule;
  if (mine != own.end() && !module) return &mine->second;
  if (auto found = protocols.find(key); found != protocols.end()) return &found->second;
  return module ? &mine->second : nullptr;
}

std::vector<std::string> Symbols::Names(uint32_t file) const {
  std::vector<std::string> names;
  for (const auto& [name, symbol] : files[file].names) names.push_back(name);
  for (const auto& [name, symbol] : protocols) names.push_back(name);
  return names;
}

}  // namespace netc::sema
