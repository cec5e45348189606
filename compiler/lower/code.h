// Appends statements to a function of the IR.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/ir/build.h"
#include "compiler/ir/program.h"

namespace netc::lower {

class Code {
 public:
  explicit Code(ir::Function& function) : function_(function), out_(&function.body) {
    open_.emplace_back(out_, 0);
  }

  // A name that no variable may have.
  void Reserve(const std::string& name) { names_.insert(name); }
  ir::VarId NewVar(const std::string& name, ir::Type type);
  ir::Var& var(ir::VarId id) { return function_.vars[static_cast<size_t>(id)]; }
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
    size_t depth = open_.size();
    open_.emplace_back(out_, ++last_block_);
    write();
    open_.resize(depth);
    out_ = outer;
    return block;
  }
  // The same for what the caller appends to the current block: what is declared in it is
  // then the current block's.
  template <typename Write>
  ir::Block Ahead(Write write) {
    uint64_t here = block();
    return Within([&] {
      open_.back().second = here;
      write();
    });
  }
  template <typename Write>
  void When(ir::ExprPtr condition, Write write) {
    ir::Block then = Within(write);
    Add(ir::If{std::move(condition), std::move(then), {}});
  }

  ir::Block* out() { return out_; }
  // To a new block inside the current one, or back to one around it.
  void Redirect(ir::Block* out);
  // The block that is written to; and whether it, or one inside it, still is: then what
  // was declared in it can be used.
  uint64_t block() const { return open_.back().second; }
  bool IsOpen(uint64_t block) const;
  void SetOrigin(ir::Origin origin) { origin_ = origin; }
  ir::Origin origin() const { return origin_; }

 private:
  ir::Function& function_;
  ir::Block* out_;
  ir::Origin origin_;
  std::set<std::string> names_;
  std::vector<std::pair<const ir::Block*, uint64_t>> open_;  // outermost first
  uint64_t last_block_ = 0;
  std::map<std::string, int> last_;  // number that was put behind a name
};

}  // namespace netc::lower
