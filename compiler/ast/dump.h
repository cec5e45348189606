// The tree as text, for `netc compile --emit ast` and for tests.
#pragma once

#include <string>

#include "compiler/ast/ast.h"

namespace netc::ast {

// One node a line, indented by depth; no places, so that it stays the same when
// a file is only formatted anew.
std::string Dump(const File& file);

}  // namespace netc::ast
