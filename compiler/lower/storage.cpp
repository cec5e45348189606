// State that is kept beside a socket, a cgroup or a task. The kernel gives the address
// of the value, and makes it if asked; with the object the value goes.
#include <fmt/format.h>

#include "compiler/hooks/kernel_struct.h"
#include "compiler/lower/body.h"

namespace netc::lower {

using ir::BinaryOp;
using sema::StateScope;

namespace {
constexpr uint64_t kCreate = 1;  // BPF_LOCAL_STORAGE_GET_F_CREATE (include/uapi/linux/bpf.h)

ir::ExprPtr IsThere(ir::ExprPtr pointer) {
  return ir::CastTo(ir::Bool(), std::move(pointer));
}
ir::Type ObjectPointer() {
  return ir::Type{}.Pointer();
}
}  // namespace

// The object in a new variable; it may be null. Null itself where the kernel finds the
// object alone.
ir::ExprPtr Body::StorageOwner(sema::StateId id, const sema::Expr& key) {
  if (const auto* local = std::get_if<sema::LocalRef>(&key.node))
    return code_.Use(VarOf(local->local));
  const hooks::HookId hook = context_.block.hook->id;
  switch (state(id).scope) {
    case StateScope::kSocket: {
      const hooks::Call* form = hooks::FindHelper("bpf_sk_storage_get")->In(hook);
      bool context = form && Takes(form->arguments[1], hooks::Args::kCtx);
      return context ? ir::ContextArgument()
                     : code_.Use(code_.Keep("socket", ObjectPointer(), OwnSocket()));
    }
    case StateScope::kTask:
      return code_.Use(code_.Keep("task", ObjectPointer(),
                                  ir::CallTo("bpf_get_current_task_btf", ObjectPointer())));
    default:
      break;
  }
  if (context_.program.checked.floor < hooks::kCgroupLocalStorage) return nullptr;
  if (hooks::FindHelper("bpf_skb_cgroup_id")->In(hook)) {
    DeclareKfunc("bpf_cgroup_from_id");
    ir::ExprPtr number = ir::CallTo("bpf_skb_cgroup_id", ir::Unsigned(64), ir::ContextArgument());
    return code_.Use(
        code_.Keep("cgroup", ObjectPointer(),
                   ir::CallTo("bpf_cgroup_from_id", ObjectPointer(), std::move(number))));
  }
  return code_.Use(
      code_.Keep("cgroup", ObjectPointer(), ir::CallTo("netc_task_cgroup", ObjectPointer())));
}

ir::ExprPtr Body::Storage(sema::StateId id, const sema::Expr& key, ir::ExprPtr initial) {
  const sema::State& kept = state(id);
  ir::Type pointer = context_.program.lowered.maps[static_cast<size_t>(id)].value->Pointer();
  bool old = kept.scope == StateScope::kCgroup &&
             context_.program.checked.floor < hooks::kCgroupLocalStorage;
  if (old) {
    return code_.Use(code_.Keep("entry", pointer,
                                ir::CallTo("bpf_get_local_storage", pointer, Map(id), ir::Num(0))));
  }
  const char* get = kept.scope == StateScope::kSocket ? "bpf_sk_storage_get"
                    : kept.scope == StateScope::kTask ? "bpf_task_storage_get"
                                                      : "bpf_cgrp_storage_get";
  uint64_t flags = initial ? kCreate : 0;
  ir::ExprPtr owner = StorageOwner(id, key);
  bool own = std::holds_alternative<sema::OwnObject>(key.node);
  bool context = std::holds_alternative<ir::ContextPointer>(owner->node);
  bool packet = own && kept.scope == StateScope::kCgroup &&
                hooks::FindHelper("bpf_skb_cgroup_id")->In(context_.block.hook->id);
  bool may_lack =
      own && !context && ((kept.scope == StateScope::kSocket && MayLackSocket()) || packet);
  ir::ExprPtr value = initial ? std::move(initial) : ir::Num(0);
  ir::ExprPtr call =
      ir::CallTo(get, pointer, Map(id), ir::Clone(*owner), std::move(value), ir::Num(flags));
  if (!may_lack) return code_.Use(code_.Keep("entry", pointer, std::move(call)));
  ir::VarId entry = code_.Keep("entry", pointer, ir::Num(0));
  code_.When(IsThere(ir::Clone(*owner)), [&] {
    code_.Set(entry, std::move(call));
    if (!packet) return;
    DeclareKfunc("bpf_cgroup_release");
    code_.Add(ir::Do{ir::CallTo("bpf_cgroup_release", ir::Type{}, std::move(owner))});
  });
  return code_.Use(entry);
}

void Body::NotKept(const sema::State& kept, const sema::Block& otherwise) {
  if (otherwise.empty())
    CountFault(kept.name + " can't be kept");
  else
    Statements(otherwise);
}

ir::ExprPtr Body::StorageOrInsert(const sema::OrInsert& node, sema::TypeId id) {
  ir::Type type = types_.Of(id);
  ir::VarId fresh = code_.Keep("fresh", type, Value(*node.value));
  ir::ExprPtr entry = Storage(node.state, *node.key, ir::Pointing(code_.Use(fresh)));
  ir::ExprPtr there = IsThere(ir::Clone(*entry));
  return ir::Make(
      type, ir::Conditional{std::move(there), ir::Pointed(std::move(entry)), code_.Use(fresh)});
}

void Body::StorageAdd(const sema::CounterAdd& node) {
  ir::Type u64 = ir::Unsigned(64);
  ir::ExprPtr amount = Repeatable("amount", ir::CastTo(u64, Value(*node.amount)));
  ir::VarId fresh = code_.Keep("fresh", u64, ir::Num(0, u64));
  ir::ExprPtr entry = Storage(node.state, *node.key, ir::Pointing(code_.Use(fresh)));
  ir::Block then = Scoped([&] {
    code_.Add(
        ir::Do{ir::CallTo("__sync_fetch_and_add", u64, ir::Clone(*entry), std::move(amount))});
  });
  ir::Block otherwise = Scoped([&] { NotKept(state(node.state), {}); });
  code_.Add(ir::If{IsThere(ir::Clone(*entry)), std::move(then), std::move(otherwise)});
}

void Body::StorageWrite(const sema::StateWrite& node) {
  ir::Type type = *context_.program.lowered.maps[static_cast<size_t>(node.state)].value;
  ir::VarId value = code_.Keep("value", type, ir::CastTo(type, Value(*node.value)));
  ir::ExprPtr entry = Storage(node.state, *node.key, ir::Pointing(code_.Use(value)));
  ir::Block then =
      Scoped([&] { code_.Add(ir::Assign{ir::Pointed(ir::Clone(*entry)), code_.Use(value)}); });
  ir::Block otherwise = Scoped([&] { NotKept(state(node.state), node.otherwise); });
  code_.Add(ir::If{IsThere(ir::Clone(*entry)), std::move(then), std::move(otherwise)});
}

void Body::StorageRemove(const sema::StateRemove& node) {
  const char* remove = state(node.state).scope == StateScope::kSocket ? "bpf_sk_storage_delete"
                       : state(node.state).scope == StateScope::kTask ? "bpf_task_storage_delete"
                                                                      : "bpf_cgrp_storage_delete";
  bool own = std::holds_alternative<sema::OwnObject>(node.key->node);
  bool socket = state(node.state).scope == StateScope::kSocket;
  bool packet = own && state(node.state).scope == StateScope::kCgroup &&
                hooks::FindHelper("bpf_skb_cgroup_id")->In(context_.block.hook->id);
  ir::ExprPtr owner = StorageOwner(node.state, *node.key);
  ir::ExprPtr there = IsThere(ir::Clone(*owner));
  auto write = [&] {
    code_.Add(ir::Do{ir::CallTo(remove, ir::Signed(64), Map(node.state), ir::Clone(*owner))});
    if (!packet) return;
    DeclareKfunc("bpf_cgroup_release");
    code_.Add(ir::Do{ir::CallTo("bpf_cgroup_release", ir::Type{}, std::move(owner))});
  };
  if (own && ((socket && MayLackSocket()) || packet))
    code_.When(std::move(there), write);
  else
    write();
}

}  // namespace netc::lower
