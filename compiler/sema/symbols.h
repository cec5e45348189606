// What each name means: one table a file for its own names, and one for all
// protocols, which are used without qualification.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "compiler/ast/ast.h"

namespace netc::sema {

enum class SymbolKind {
  kParam,
  kConst,
  kAlias,
  kState,
  kEvent,
  kType,
  kFunction,
  kCFunction,
  kHook,
  kHeader,
  kView,
  kSelector,  // protocols
  kModule,    // an import's name; `index` is the file
};

struct Symbol {
  SymbolKind kind{};
  uint32_t index = 0;  // into the vector that holds what it names
  Span span;           // of the declaration's name
};

// "state", "parameter", … for messages.
std::string_view Describe(SymbolKind kind);

struct FileSymbols {
  std::unordered_map<std::string, Symbol> names;
};

struct Symbols {
  std::vector<FileSymbols> files;                     // as in Unit::files
  std::unordered_map<std::string, Symbol> protocols;  // headers, views, selectors
  std::unordered_map<std::string, uint32_t> modules;  // "net.tcp" → file

  // Own names first, then protocols; null if unknown.
  const Symbol* Find(uint32_t file, std::string_view name) const;
  // All names that Find would find, for near matches.
  std::vector<std::string> Names(uint32_t file) const;
};

}  // namespace netc::sema
