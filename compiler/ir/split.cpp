#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "compiler/ir/passes.h"
#include "compiler/ir/visit.h"

namespace netc::ir {

namespace {

constexpr uint32_t kCallWeight = 4;
constexpr uint32_t kRecordWeight = 12;

uint32_t WeightOf(const ExprPtr& expr) {
  uint32_t weight = 1;
  ForEachChild(*expr, [&](ExprPtr& child) {
    if (child) weight += WeightOf(child);
  });
  return weight;
}

// Where control goes from a block other than to its end or out of the hook.
struct Escapes {
  std::set<std::string> labels;
  bool otherwise = false;  // out of a loop or of the function
};

void FindEscapes(Block& block, std::set<std::string> inside, bool in_loop, Escapes& found) {
  for (Statement& statement : block) {
    if (const auto* leave = std::get_if<Leave>(&statement.node)) {
      if (!inside.contains(leave->label)) found.labels.insert(leave->label);
    } else if (const auto* run = std::get_if<RunPart>(&statement.node)) {
      if (!run->leave.empty() && !inside.contains(run->leave)) found.labels.insert(run->leave);
    } else if (std::holds_alternative<Return>(statement.node)) {
      found.otherwise = true;
    } else if (std::holds_alternative<Break>(statement.node) ||
               std::holds_alternative<Continue>(statement.node)) {
      found.otherwise |= !in_loop;
    }
    auto known = inside;
    if (const auto* labeled = std::get_if<Labeled>(&statement.node)) known.insert(labeled->label);
    bool loop = in_loop || std::holds_alternative<Loop>(statement.node);
    ForEachPart(statement, [](ExprPtr&) {}, [&](Block& b) { FindEscapes(b, known, loop, found); });
  }
}

class Splitter {
 public:
  Splitter(Hook& hook, uint32_t limit) : hook_(hook), limit_(limit) {}

  void Run() {
    Shrink(hook_.main.body);
    if (hook_.parts.empty()) return;
    Share(hook_.main.body, 0);
    for (uint32_t i = 0; i < hook_.parts.size(); ++i) Share(hook_.parts[i].body, i + 1);
  }

 private:
  // Makes parts until the block is no heavier than the limit, where it can be done;
  // yields what it then weighs.
  uint32_t Shrink(Block& block) {
    uint32_t sum = 0, kept = 0;
    size_t first = 0;  // of what would become the next part
    for (size_t i = 0; i < block.size(); ++i) {
      uint32_t weight = Shrink(block[i]);
      if (sum + weight > limit_ && i > first) {
        bool extracted = Extract(block, first, i);
        kept += extracted ? kCallWeight : sum;
        i = first = extracted ? first + 1 : i;
        sum = 0;
      }
      sum += weight;
    }
    return sum + kept;
  }

  uint32_t Shrink(Statement& statement) {
    uint32_t weight = std::holds_alternative<Record>(statement.node) ? kRecordWeight : 1;
    std::vector<std::pair<uint32_t, Block*>> blocks;
    // A loop's variable stays in a register, which its bound needs on Linux 6.1.
    bool loop = std::holds_alternative<Loop>(statement.node);
    ForEachPart(
        statement, [&](ExprPtr& expr) { weight += WeightOf(expr); },
        [&](Block& inner) { blocks.push_back({loop ? WeightOf(inner) : Shrink(inner), &inner}); });
    for (const auto& [inner, block] : blocks) weight += inner;
    std::sort(blocks.begin(), blocks.end());
    while (!loop && weight > limit_ && !blocks.empty()) {
      auto [inner, block] = blocks.back();
      blocks.pop_back();
      if (inner > kCallWeight && Extract(*block, 0, block->size())) weight -= inner - kCallWeight;
    }
    return weight;
  }

  uint32_t WeightOf(Block& block) {
    uint32_t weight = 0;
    Walk(block, [&](Statement&) { ++weight; }, [&](ExprPtr&) { ++weight; });
    return weight;
  }
  uint32_t WeightOf(const ExprPtr& expr) { return ir::WeightOf(expr); }

  // Moves [first, last) of the block into a part of its own.
  bool Extract(Block& block, size_t first, size_t last) {
    HookPart part;
    auto begin = block.begin() + static_cast<ptrdiff_t>(first);
    auto end = block.begin() + static_cast<ptrdiff_t>(last);
    part.body.assign(std::make_move_iterator(begin), std::make_move_iterator(end));
    Escapes escapes;
    FindEscapes(part.body, {}, false, escapes);
    if (escapes.otherwise || escapes.labels.size() > 1) {
      std::move(part.body.begin(), part.body.end(), begin);
      return false;
    }
    if (!escapes.labels.empty()) part.leave = *escapes.labels.begin();
    Walk(part.body, [&](Statement& statement) { Note(statement, part); }, [](ExprPtr&) {});
    Statement run{part.body.front().origin,
                  RunPart{static_cast<uint32_t>(hook_.parts.size()), part.leave}};
    hook_.parts.push_back(std::move(part));
    block.erase(begin + 1, end);
    block[first] = std::move(run);
    return true;
  }

  void Note(const Statement& statement, HookPart& part) const {
    part.exits |= std::holds_alternative<Exit>(statement.node);
    part.fails_unreadable |= std::holds_alternative<FailUnreadable>(statement.node);
    part.moves_packet |= std::holds_alternative<Reload>(statement.node) ||
                         std::holds_alternative<Reparse>(statement.node);
    if (const auto* run = std::get_if<RunPart>(&statement.node)) {
      const HookPart& called = hook_.parts[run->part];
      part.exits |= called.exits;
      part.fails_unreadable |= called.fails_unreadable;
      part.moves_packet |= called.moves_packet;
    }
  }

  // What two functions use stands in the frame that they share.
  void Share(Block& block, uint32_t function) {
    auto use = [&](VarId id) {
      auto [owner, fresh] = owners_.try_emplace(id, function);
      if (!fresh && owner->second != function) Var(id).shared = true;
    };
    Walk(
        block,
        [&](Statement& statement) {
          if (const auto* declare = std::get_if<Declare>(&statement.node)) use(declare->var);
          if (const auto* access = std::get_if<Access>(&statement.node)) use(access->pointer);
          if (const auto* opaque = std::get_if<Opaque>(&statement.node)) use(opaque->var);
          if (const auto* loop = std::get_if<Loop>(&statement.node)) use(loop->var);
        },
        [&](ExprPtr& expr) {
          if (const auto* variable = std::get_if<Variable>(&expr->node)) use(variable->id);
        });
  }
  ir::Var& Var(VarId id) { return hook_.main.vars[static_cast<size_t>(id)]; }

  Hook& hook_;
  uint32_t limit_;
  std::map<VarId, uint32_t> owners_;
};

}  // namespace

void Split(Program& program, uint32_t limit) {
  for (Hook& hook : program.hooks) {
    if (!hook.is_member) Splitter(hook, limit).Run();
  }
}

}  // namespace netc::ir
