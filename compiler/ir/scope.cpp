#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "compiler/ir/build.h"
#include "compiler/ir/passes.h"
#include "compiler/ir/visit.h"

namespace netc::ir {

namespace {

// Less is left as it reads best: a quarter of the stack.
constexpr uint32_t kFew = 128;

const Variable* VariableOf(const Expr& expr) {
  if (const auto* member = std::get_if<Member>(&expr.node)) return VariableOf(*member->object);
  if (const auto* element = std::get_if<Element>(&expr.node)) return VariableOf(*element->object);
  return std::get_if<Variable>(&expr.node);
}

class Scoper {
 public:
  Scoper(const Program& program, Function& function) : program_(program), function_(function) {}

  void Run() {
    uint32_t bytes = 0;
    Walk(
        function_.body, [](Statement&) {},
        [&](ExprPtr& expr) {
          const auto* address = std::get_if<AddressOf>(&expr->node);
          const Variable* variable = address ? VariableOf(*address->object) : nullptr;
          if (variable && addressed_.insert(variable->id).second) bytes += BytesOf(variable->id);
        });
    if (bytes >= kFew) Within(function_.body);
  }

 private:
  struct Range {
    size_t first, last;
  };

  void Within(Block& block) {
    for (Statement& statement : block)
      ForEachPart(statement, [](ExprPtr&) {}, [&](Block& inner) { Within(inner); });
    std::map<VarId, size_t> last = LastUses(block);
    std::vector<Range> ranges;
    for (size_t i = 0; i < block.size(); ++i) {
      const auto* declare = std::get_if<Declare>(&block[i].node);
      if (!declare || !addressed_.contains(declare->var)) continue;
      size_t end = last.at(declare->var);
      bool short_lived = block[end].origin.line == block[i].origin.line &&
                         block[end].origin.file == block[i].origin.file;
      if (!short_lived) continue;
      if (!ranges.empty() && ranges.back().last >= i) {
        ranges.back().last = std::max(ranges.back().last, end);
      } else {
        ranges.push_back({i, end});
      }
    }
    for (auto range = ranges.rbegin(); range != ranges.rend(); ++range)
      Enclose(block, *range, last);
  }

  // What is used behind it is declared ahead of it.
  void Enclose(Block& block, const Range& range, const std::map<VarId, size_t>& last) {
    std::vector<size_t> ahead;
    for (size_t i = range.first; i <= range.last; ++i) {
      std::optional<VarId> var = DeclaredBy(block[i]);
      auto used = var ? last.find(*var) : last.end();
      if (used == last.end() || used->second <= range.last) continue;
      bool plain = std::holds_alternative<Declare>(block[i].node) && !addressed_.contains(*var);
      if (!plain) return;
      ahead.push_back(i);
    }
    Block out(std::make_move_iterator(block.begin()),
              std::make_move_iterator(block.begin() + static_cast<ptrdiff_t>(range.first)));
    for (size_t i : ahead) {
      auto& declare = std::get<Declare>(block[i].node);
      VarId var = declare.var;
      ExprPtr value = std::move(declare.value);
      out.push_back({block[i].origin, Declare{var, nullptr}});
      ExprPtr target = Use(var, function_.vars[static_cast<size_t>(var)].type);
      block[i].node = Assign{std::move(target), std::move(value)};
    }
    Block inside;
    for (size_t i = range.first; i <= range.last; ++i) {
      const auto* assign = std::get_if<Assign>(&block[i].node);
      if (!assign || assign->value) inside.push_back(std::move(block[i]));
    }
    out.push_back({inside.front().origin, Labeled{"", std::move(inside)}});
    std::move(block.begin() + static_cast<ptrdiff_t>(range.last) + 1, block.end(),
              std::back_inserter(out));
    block = std::move(out);
  }

  static std::optional<VarId> DeclaredBy(const Statement& statement) {
    if (const auto* declare = std::get_if<Declare>(&statement.node)) return declare->var;
    if (const auto* access = std::get_if<Access>(&statement.node)) return access->pointer;
    return std::nullopt;
  }

  // The last statement of the block that has the variable in it.
  static std::map<VarId, size_t> LastUses(Block& block) {
    std::map<VarId, size_t> last;
    for (size_t i = 0; i < block.size(); ++i) {
      auto note = [&](Statement& statement) {
        if (auto var = DeclaredBy(statement)) last[*var] = i;
        if (const auto* opaque = std::get_if<Opaque>(&statement.node)) last[opaque->var] = i;
        if (const auto* loop = std::get_if<Loop>(&statement.node)) last[loop->var] = i;
      };
      auto use = [&](auto& self, ExprPtr& expr) -> void {
        if (const auto* variable = std::get_if<Variable>(&expr->node)) last[variable->id] = i;
        ForEachChild(*expr, [&](ExprPtr& child) {
          if (child) self(self, child);
        });
      };
      note(block[i]);
      ForEachPart(
          block[i], [&](ExprPtr& expr) { use(use, expr); },
          [&](Block& inner) { Walk(inner, note, [&](ExprPtr& expr) { use(use, expr); }); });
    }
    return last;
  }

  uint32_t BytesOf(VarId id) const { return BytesOf(function_.vars[static_cast<size_t>(id)].type); }
  uint32_t BytesOf(const Type& type) const {
    if (type.is_pointer()) return 8;
    switch (type.kind) {
      case TypeKind::kAddress6:
        return 16;
      case TypeKind::kMac:
        return 6;
      case TypeKind::kBytes:
        return type.decl;
      case TypeKind::kStruct: {
        uint32_t bytes = 0;
        for (const StructMember& member : program_.structs[type.decl].members)
          bytes += BytesOf(member.type) * std::max(member.count, 1u);
        return bytes;
      }
      default:
        return type.bits / 8;
    }
  }

  const Program& program_;
  Function& function_;
  std::set<VarId> addressed_;
};

}  // namespace

void Scope(Program& program) {
  ForEachFunction(program, [&](Function& function) { Scoper(program, function).Run(); });
}

}  // namespace netc::ir
