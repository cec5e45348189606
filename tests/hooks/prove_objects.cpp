// (hook, helper, argument): which object does the helper take there?
#include "tests/hooks/call_builder.h"
#include "tests/hooks/prover.h"

namespace netc::prove {
namespace {

using hooks::Args;
using hooks::Call;

constexpr struct {
  Args kind;
  const char* name;
} kObjects[] = {
    {Args::kCtx, "ctx"},
    {Args::kCtxSk, "ctx->sk"},
    {Args::kFullSock, "full socket"},
    {Args::kTcpSock, "tcp socket"},
    {Args::kListener, "listener"},
    {Args::kBtfSk, "BTF socket"},
    {Args::kAcquiredSk, "looked-up socket"},
    {Args::kNull, "null"},
};

constexpr Args kSockets = Args::kCtxSk | Args::kFullSock | Args::kTcpSock | Args::kListener |
                          Args::kBtfSk | Args::kAcquiredSk;

bool IsObjectPosition(Args set) {
  return Takes(set, kSockets | Args::kCtx);
}

}  // namespace

void Prover::ProveObjects() {
  ForEach([&](const Variant& variant) {
    CallBuilder builder(kernel_, variant);
    for (const HelperFacts& facts : tables_.helpers) {
      const Call* call = FormIn(facts.calls, variant.id());
      if (call == nullptr || !call->fits || !Reached(call->since)) continue;
      if (Has(facts.helper.flags, hooks::CallFlags::kSleepable)) continue;
      std::vector<Args> kinds;
      bool buildable = true;
      bool objects = false;
      for (size_t i = 0; i < call->arity; ++i) {
        const auto kind = builder.Choose(call->arguments[i]);
        buildable = buildable && kind.has_value();
        objects = objects || IsObjectPosition(call->arguments[i]);
        if (buildable) kinds.push_back(*kind);
      }
      const std::string in = " in " + variant.name;
      if (!buildable) {
        report_.Skip("arguments that the proof can't make (callbacks, dynptrs, kernel objects)");
        continue;
      }
      const auto ask = [&](const std::vector<Args>& with) {
        return kernel_.Load(variant.form, *builder.Build(facts.helper, with));
      };
      if (builder.Build(facts.helper, kinds)) {
        const Answer answer = ask(kinds);
        report_.Check("object " + std::string(facts.helper.name) + " as the row says" + in, true,
                      Taken(answer), Reason(answer));
      }
      if (!objects) continue;
      for (size_t i = 0; i < call->arity; ++i) {
        if (!IsObjectPosition(call->arguments[i])) continue;
        for (const auto& object : kObjects) {
          if (!builder.CanMake(object.kind)) continue;
          // Newer kernels take a null for a socket in more hooks; netc never passes one.
          if (object.kind == Args::kNull && !Takes(call->arguments[i], Args::kNull)) continue;
          std::vector<Args> with = kinds;
          with[i] = object.kind;
          const Answer answer = ask(with);
          report_.Check("object " + std::string(facts.helper.name) + " argument " +
                            std::to_string(i + 1) + " " + object.name + in,
                        Takes(call->arguments[i], object.kind), Taken(answer), Reason(answer));
        }
      }
    }
  });
}

}  // namespace netc::prove
