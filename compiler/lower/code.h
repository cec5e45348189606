// Appends statements to a function of the IR.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "compiler/ir/build.h"
#include "compiler/ir/program.h"

namespace netc::lower {

class Code {
 public:
  explicit Code(ir::Function& function) : function_(function), out_(&function.body) {}

  // A name that no variable may have.
  void Reserve(const std::string& name) { names_.insert(name); }
  ir::VarId NewVar(const std::string& name, ir::Type type);
  ir::ExprPtr Use(ir::VarId id) const {
    return ir::Use(id, function_.vars[static_cast<size_t>(id)].type);
  }
  // Declares a variable that holds the value.
  ir::VarId Keep(const std::string& name, ir::ExprPtr value);
  ir::VarId Keep(const std::string& name, ir::Type type, ir::ExprPtr value);

  template <typename Node>
  void Add(Node node) {
    out_->push_back({origin_, std::move(node)});
  }
  void Set(ir::VarId id, ir::ExprPtr value) { Add(ir::Assign{Use(id), std::move(value)}); }
  // Appends what `write` adds to a block of its own.
  template <typename Write>
  ir::Block Within(Write write) {
    ir::Block block;
    ir::Block* outer = std::exchange(out_, &block);
    write();
    out_ = outer;
    return block;
  }
  template <typename Write>
  void When(ir::ExprPtr condition, Write write) {
    ir::Block then = Within(write);
    Add(ir::If{std::move(condition), std::move(then), {}});
  }

  ir::Block* out() { return out_; }
  void Redirect(ir::Block* out) { out_ = out; }
  void SetOrigin(ir::Origin origin) { origin_ = origin; }
  ir::Origin origin() const { return origin_; }

 private:
  ir::Function& function_;
  ir::Block* out_;
  ir::Origin origin_;
  std::set<std::string> names_;
  std::map<std::string, int> last_;  // number that was put behind a name
};

}  // namespace netc::lower
