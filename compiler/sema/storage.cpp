// State that is kept beside an object of the kernel's: `per socket`, `per cgroup`,
// `per task`. Which hooks can reach it, and by which object.
#include <fmt/format.h>

#include "compiler/hooks/maps.h"
#include "compiler/hooks/words.h"
#include "compiler/sema/body.h"
#include "compiler/sema/kernel_call.h"

namespace netc::sema {

using diag::Kind;
using hooks::Args;

namespace {

std::string_view OwnerOf(StateScope scope) {
  return scope == StateScope::kSocket ? "socket" : scope == StateScope::kCgroup ? "cgroup" : "task";
}

// What the key is written as.
std::string_view KeyOf(StateScope scope) {
  return scope == StateScope::kSocket ? "sk" : OwnerOf(scope);
}

// What reads the state, and what takes it away; empty where nothing does.
struct Helpers {
  std::string_view get, remove;
};
Helpers HelpersOf(StateScope scope, hooks::KernelVersion floor) {
  if (scope == StateScope::kSocket) return {"bpf_sk_storage_get", "bpf_sk_storage_delete"};
  if (scope == StateScope::kTask) return {"bpf_task_storage_get", "bpf_task_storage_delete"};
  if (floor < hooks::kCgroupLocalStorage) return {"bpf_get_local_storage", ""};
  return {"bpf_cgrp_storage_get", "bpf_cgrp_storage_delete"};
}

// From which kernel on a hook has cgroup-local storage: hooks of packets ask for the
// cgroup by its number, the others for that of the running task.
hooks::KernelVersion CgroupStorageSince(hooks::HookId hook) {
  bool by_number = hooks::FindHelper("bpf_skb_cgroup_id")->In(hook) != nullptr;
  const hooks::Call* call = hooks::FindKfunc("bpf_cgroup_from_id")->In(hook);
  return by_number && call ? hooks::Since(hook, *call) : hooks::kCgroupLocalStorage;
}

}  // namespace

// Says why the hook can't reach it, where else it is, and what to write here.
bool BodyChecker::CanKeep(const State& state, Span span, std::string_view name) {
  const hooks::Helper& helper = *hooks::FindHelper(name);
  hooks::HookId hook = block_->hook->id;
  hooks::KernelVersion floor = context_.program.floor;
  const hooks::Word& word = *hooks::FindWord(fmt::format("storage.{}", OwnerOf(state.scope)));
  hooks::Access access = hooks::AccessHelper(hook, helper, floor);
  bool local = state.scope == StateScope::kCgroup && floor >= hooks::kCgroupLocalStorage;
  if (local && access.allowed() && floor < CgroupStorageSince(hook)) {
    access.refusal = hooks::Refusal::kTooNew;
    access.since = CgroupStorageSince(hook);
  }
  hooks::WordAccess source = hooks::AccessWord(hook, word, floor);
  bool has_object = source.allowed() || access.refusal == hooks::Refusal::kTooNew;
  if (access.allowed() && has_object) return MachineHasHelper(context_, span, *block_->hook, name);
  std::string label = fmt::format("needs {}, which this program type may not call", name);
  if (access.refusal == hooks::Refusal::kTooNew) {
    label = fmt::format("needs {}, which this program type may call since Linux {}", name,
                        VersionText(access.since));
  } else if (access.allowed()) {
    label = fmt::format("this hook has no {} to keep it at", OwnerOf(state.scope));
  }
  auto error = diag::Error(
      Kind::kHelperUnavailable, span,
      fmt::format("state `per {}` can't be kept in {}", OwnerOf(state.scope), block_->hook->name),
      std::move(label));
  error.WithLabel(block_->head,
                  fmt::format("this hook runs as {}", hooks::Name(block_->hook->prog_type)));
  error.WithHint("available in: " + AvailableIn(helper));
  if (access.refusal == hooks::Refusal::kTooNew) {
    error.WithHint(fmt::format("here: state the floor in the pipeline: `kernel {};`",
                               VersionText(access.since)));
  }
  // The same state, kept another way on newer kernels.
  bool newer = state.scope == StateScope::kCgroup && floor < hooks::kCgroupLocalStorage &&
               source.refusal == hooks::Refusal::kTooNew;
  if (newer) {
    error.WithHint(
        fmt::format("here: since Linux {0} this hook has cgroup-local storage: state "
                    "the floor in the pipeline, `kernel {0};`",
                    VersionText(CgroupStorageSince(hook))));
  }
  if (!source.instead.empty()) error.WithHint(fmt::format("here: {}", source.instead));
  context_.diagnostics.Emit(std::move(error));
  return false;
}

// Of some map types a program has one at most (bpf_cgroup_storage_assign, EBUSY).
bool BodyChecker::OneOfAKind(StateId state, Span span) {
  hooks::KernelVersion floor = context_.program.floor;
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  const hooks::MapType* type = hooks::FindMapType(MapTypeNumber(declared, floor));
  for (const auto& [other, where] : storages_) {
    if (other == state) return true;
    const State& used = context_.program.states[static_cast<uint32_t>(other)];
    if (type->most != 1 || MapTypeNumber(used, floor) != type->number) continue;
    context_.diagnostics.Emit(
        diag::Error(Kind::kTooMany, span,
                    fmt::format("before Linux {} a program has one state `per cgroup`",
                                VersionText(hooks::kCgroupLocalStorage)),
                    fmt::format("`{}` is another", declared.name))
            .WithLabel(where, fmt::format("`{}` is used here", used.name))
            .WithHint("here: keep both in one struct")
            .WithHint(fmt::format("here: state the floor in the pipeline: `kernel {};` has any "
                                  "number of them",
                                  VersionText(hooks::kCgroupLocalStorage))));
    return false;
  }
  storages_.emplace_back(state, span);
  return true;
}

bool BodyChecker::CanRemove(StateId state, Span span) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  std::string_view remove = HelpersOf(declared.scope, context_.program.floor).remove;
  if (!block_) return true;  // the key says so
  if (!remove.empty()) return CanKeep(declared, span, remove);
  context_.diagnostics.Emit(
      diag::Error(Kind::kHelperUnavailable, span,
                  fmt::format("before Linux {} state `per cgroup` stays as long as its cgroup",
                              VersionText(hooks::kCgroupLocalStorage)))
          .WithHint("here: set it to zero"));
  return false;
}

ExprPtr BodyChecker::StorageKey(StateId state, const ast::Expr& key) {
  const State& declared = context_.program.states[static_cast<uint32_t>(state)];
  if (!block_) {
    context_.diagnostics.Emit(diag::Error(
        Kind::kWrongPlace, key.span,
        fmt::format("state `per {}` is used by hooks, not by functions", OwnerOf(declared.scope))));
    return Error(key.span);
  }
  std::string_view get = HelpersOf(declared.scope, context_.program.floor).get;
  const auto* name = std::get_if<ast::NameRef>(&key.node);
  bool own = name && name->text == KeyOf(declared.scope);
  const LocalInfo* local = AsObject(key);
  Args owner = declared.scope == StateScope::kCgroup ? Args::kCgroupPtr : Args::kTask;
  const hooks::Call* form = hooks::FindHelper(get)->In(block_->hook->id);
  bool fits = false;
  if (local) {
    TypeId type = (*locals_)[static_cast<uint32_t>(local->id)].type;
    const hooks::ObjectKind& kind = hooks::AllObjectKinds()[types_[type].decl];
    if (declared.scope == StateScope::kSocket) {
      fits = kind.is_socket() && form && form->arity > 1 && Takes(form->arguments[1], kind.kind);
    } else {
      fits = kind.kind == owner && get != "bpf_get_local_storage";
    }
  }
  if (!own && !fits) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, key.span,
                    fmt::format("`{}` is kept per {}", declared.name, OwnerOf(declared.scope)),
                    fmt::format("is no {}", OwnerOf(declared.scope)))
            .WithLabel(declared.span, "is declared here")
            .WithHint(fmt::format(
                "here: `{}[{}]`, the hook's own{}", declared.name, KeyOf(declared.scope),
                declared.scope == StateScope::kSocket ? ", or an object that a call gave" : "")));
    return Error(key.span);
  }
  bool allowed = own ? CanKeep(declared, key.span, get) : true;
  if (!allowed || !OneOfAKind(state, key.span)) return Error(key.span);
  if (own) return MakeExpr(key.span, types_.Simple(TypeKind::kObject), OwnObject{});
  TypeId type = (*locals_)[static_cast<uint32_t>(local->id)].type;
  return MakeExpr(key.span, type, LocalRef{local->id});
}

}  // namespace netc::sema
