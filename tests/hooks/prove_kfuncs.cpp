// (hook, kfunc): does the kernel resolve the call there, and does an argument fit?
#include "tests/hooks/call_builder.h"
#include "tests/hooks/prover.h"

namespace netc::prove {
namespace {

using hooks::Args;
using hooks::Call;

// An error about the first argument, or that none would do in such a program. Later ones
// are not made here, so the call itself always fails.
bool RefusesFirst(const Answer& answer) {
  return answer.says("arg#0") || answer.says("args#0") || answer.says("R1 ") ||
         answer.says("is only allowed in");
}

}  // namespace

void Prover::ProveKfuncs() {
  std::vector<std::pair<const KfuncFacts*, KfuncPlace>> present;
  for (const KfuncFacts& facts : tables_.kfuncs) {
    const std::string name(facts.kfunc.name);
    const auto place = kernel_.FindKfunc(name, std::string(facts.kfunc.module));
    if (place) {
      present.emplace_back(&facts, *place);
    } else if (!Reached(facts.kfunc.since)) {
      continue;
    } else if (!facts.kfunc.module.empty()) {
      report_.Skip("in the module " + std::string(facts.kfunc.module) +
                   ", which isn't loaded here");
    } else {
      report_.Check("kfunc " + name + " exists", true, false, "no such function in the BTF");
    }
  }
  const auto cast = kernel_.FindKfunc("bpf_cast_to_kern_ctx", "");
  ForEach([&](const Variant& variant) {
    CallBuilder builder(kernel_, variant);
    for (const auto& [facts, place] : present) {
      const std::string name(facts->kfunc.name);
      const std::string in = " in " + variant.name;
      const int16_t module = place.module_fd >= 0 ? 1 : 0;
      const std::vector<int> modules =
          place.module_fd >= 0 ? std::vector<int>{place.module_fd} : std::vector<int>{};
      const Call* call = FormIn(facts->calls, variant.id());
      const Answer answer =
          kernel_.Load(variant.form,
                       Assembler().CallKfunc(place.btf_id, module).Finish(variant.result), modules);
      const bool known = !answer.says("is not allowed");
      report_.Check("kfunc " + name + in, call != nullptr && Reached(call->since), known,
                    Reason(answer));
      if (!known || call == nullptr || (call->fits && call->arity == 0)) continue;
      for (Args kind : {Args::kCtx, Args::kKernCtx, Args::kCtxSk}) {
        Assembler code;
        code.Copy(6, 1);
        if (kind == Args::kCtxSk) {
          if (!builder.CanMake(kind)) continue;
          builder.Make(code, kind);
          code.Copy(1, 0);
        } else if (kind == Args::kKernCtx) {
          if (!cast) continue;
          code.CallKfunc(cast->btf_id, 0).Copy(1, 0);
        }
        const Answer with = kernel_.Load(
            variant.form, code.CallKfunc(place.btf_id, module).Finish(variant.result), modules);
        if (with.says("device-bound")) {
          report_.Skip("metadata of a device, for programs bound to one");
          continue;
        }
        if (with.says("kern ctx type id")) continue;  // the context has no kernel form
        const char* word = kind == Args::kCtx     ? "ctx"
                           : kind == Args::kCtxSk ? "ctx->sk"
                                                  : "kernel ctx";
        report_.Check("kfunc " + name + " takes " + word + in,
                      call->fits && Takes(call->arguments[0], kind), !RefusesFirst(with),
                      Reason(with));
      }
    }
  });
}

}  // namespace netc::prove
