// `state[key] += n`: an entry changed where it stands, in one step.
#include "compiler/lower/body.h"

namespace netc::lower {

namespace {

// The builtin that does it at once, in hardware; null where there is none.
const char* AtomicOf(sema::BinaryOp op, bool whole) {
  switch (op) {
    case sema::BinaryOp::kAdd:
      return whole ? "__sync_fetch_and_add" : nullptr;
    case sema::BinaryOp::kSub:
      return whole ? "__sync_fetch_and_sub" : nullptr;
    case sema::BinaryOp::kAnd:
      return "__sync_fetch_and_and";
    case sema::BinaryOp::kOr:
      return "__sync_fetch_and_or";
    case sema::BinaryOp::kXor:
      return "__sync_fetch_and_xor";
    default:
      return nullptr;
  }
}

constexpr uint32_t kTries = 8;

}  // namespace

// What runs where a change was not made: the block that is given, or the fault.
void Body::FailOtherwise(const sema::Block& otherwise, bool given, const std::string& fault) {
  if (given) return Statements(otherwise);
  CountFault(fault);
}

void Body::Update(const sema::StateUpdate& node) {
  const sema::State& declared = state(node.state);
  bool beside = sema::IsStorage(declared.scope);
  ir::ExprPtr address = beside ? nullptr : KeyAddress(node.state, node.key.get());
  ir::ExprPtr value = Repeatable("amount", Value(*node.value));
  ir::ExprPtr entry =
      beside ? Storage(node.state, *node.key, nullptr) : LookupAt(node.state, std::move(address));
  ir::VarId changed = code_.Keep("changed", ir::Num(0, ir::Bool()));
  ir::ExprPtr there = ir::CastTo(ir::Bool(), ir::Clone(*entry));
  code_.When(std::move(there), [&] {
    ir::ExprPtr place = AtPlace(ir::Pointed(ir::Clone(*entry)), *declared.value, node.path);
    bool whole = types_.BitsOf(node.type) == place->type.bits;
    const char* atomic = AtomicOf(node.op, whole);
    if (Alone(declared)) {
      ir::ExprPtr result = Combined(node.op, ir::Clone(*place), std::move(value), node.type);
      code_.Add(ir::Assign{std::move(place), std::move(result)});
    } else if (atomic) {
      ir::Type type = place->type;
      code_.Add(ir::Do{ir::CallTo(atomic, type, ir::Pointing(std::move(place)), std::move(value))});
    } else {
      ir::ExprPtr cell = ir::Pointing(std::move(place));
      ir::Type pointer = cell->type;
      ir::VarId kept = code_.Keep("cell", pointer, std::move(cell));
      return Exchange(node, *code_.Use(kept), std::move(value), changed);
    }
    code_.Set(changed, ir::Num(1, ir::Bool()));
  });
  ir::Block otherwise = Scoped([&] {
    FailOtherwise(node.otherwise, node.has_otherwise, declared.name + " has no such entry");
  });
  code_.Add(ir::If{ir::Not(code_.Use(changed)), std::move(otherwise), {}});
}

// Others may change the place at the same time; who loses eight times in a row fails.
void Body::Exchange(const sema::StateUpdate& node, const ir::Expr& cell, ir::ExprPtr value,
                    ir::VarId changed) {
  ir::Type type = cell.type.Pointee();
  ir::VarId tries = code_.NewVar("tries", ir::Unsigned(32));
  const char* read = type.bits == 32 ? "netc_seen32" : "netc_seen64";
  ir::Block body = Scoped([&] {
    ir::Type bits = ir::Unsigned(type.bits);
    ir::VarId seen =
        code_.Keep("seen", type, ir::CastTo(type, ir::CallTo(read, bits, ir::Clone(cell))));
    ir::ExprPtr next = Combined(node.op, code_.Use(seen), ir::Clone(*value), node.type);
    ir::ExprPtr was = ir::CallTo("__sync_val_compare_and_swap", type, ir::Clone(cell),
                                 code_.Use(seen), std::move(next));
    code_.When(ir::Op(ir::BinaryOp::kEq, std::move(was), code_.Use(seen)), [&] {
      code_.Set(changed, ir::Num(1, ir::Bool()));
      code_.Add(ir::Break{});
    });
  });
  code_.Add(ir::Loop{tries, ir::Num(0), ir::Num(kTries), true, std::move(body)});
}

}  // namespace netc::lower
