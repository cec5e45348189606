#include "compiler/lower/code.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/types.h"

namespace netc::lower {

ir::VarId Code::NewVar(const std::string& name, ir::Type type) {
  std::string unique = CName(name);
  if (!names_.insert(unique).second) {
    // Goes on from the last one: a chain of rules makes thousands of the same name.
    int& last = last_[unique];
    std::string stem = unique;
    for (last = std::max(last, 1) + 1; !names_.insert(unique).second; ++last) {
      unique = fmt::format("{}{}", stem, last);
    }
    --last;
  }
  function_.vars.push_back({unique, type});
  return static_cast<ir::VarId>(function_.vars.size() - 1);
}

void Code::Redirect(ir::Block* out) {
  out_ = out;
  auto around =
      std::find_if(open_.begin(), open_.end(), [&](const auto& open) { return open.first == out; });
  if (around == open_.end()) {
    open_.emplace_back(out, ++last_block_);
  } else {
    open_.erase(around + 1, open_.end());
  }
}

bool Code::IsOpen(uint64_t block) const {
  return std::any_of(open_.begin(), open_.end(),
                     [&](const auto& open) { return open.second == block; });
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
