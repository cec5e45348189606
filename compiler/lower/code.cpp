#include "compiler/lower/code.h"

#include <fmt/format.h>

#include "compiler/lower/types.h"

namespace netc::lower {

ir::VarId Code::NewVar(const std::string& name, ir::Type type) {
  std::string unique = CName(name);
  for (int i = 2; !names_.insert(unique).second; ++i) unique = fmt::format("{}{}", CName(name), i);
  function_.vars.push_back({unique, type});
  return static_cast<ir::VarId>(function_.vars.size() - 1);
}

ir::VarId Code::Keep(const std::string& name, ir::Type type, ir::ExprPtr value) {
  ir::VarId id = NewVar(name, type);
  Add(ir::Declare{id, std::move(value)});
  return id;
}

ir::VarId Code::Keep(const std::string& name, ir::ExprPtr value) {
  ir::Type type = value->type;
  return Keep(name, type, std::move(value));
}

}  // namespace netc::lower
