// (hook, helper): may programs of the hook call it at all?
#include <set>

#include "tests/hooks/prover.h"

namespace netc::prove {
namespace {

using hooks::Call;
using hooks::CallFlags;
using hooks::KernelVersion;

// The last helper by number; the kernel adds none any more (bpf_cgrp_storage_delete).
constexpr uint32_t kLastHelper = 211;

bool Denied(const Answer& answer) {
  return answer.says("cannot use helper") || answer.says("unknown func") ||
         answer.says("invalid func");
}

}  // namespace

void Prover::ProveHelpers() {
  std::set<uint32_t> number_proved;  // the kernel names what it refuses
  ForEach([&](const Variant& variant) {
    for (uint32_t number = 1; number <= kLastHelper; ++number) {
      const HelperFacts* facts = tables_.FindHelper(number);
      const Call* call = facts == nullptr ? nullptr : FormIn(facts->calls, variant.id());
      const bool sleepable = facts != nullptr && Has(facts->helper.flags, CallFlags::kSleepable);
      const bool table = call != nullptr && Reached(call->since) && !sleepable;
      const Answer answer =
          kernel_.Load(variant.form, Assembler().Call(number).Finish(variant.result));
      const bool kernel = !Denied(answer) && !answer.says("might sleep");
      const std::string name =
          facts == nullptr ? "#" + std::to_string(number) : std::string(facts->helper.name);
      if (Denied(answer) && !answer.says("unknown#") && facts != nullptr &&
          number_proved.insert(number).second) {
        report_.Check("helper " + name + " has the number " + std::to_string(number), true,
                      answer.says(name + "#"), Reason(answer));
      }
      report_.Check("helper " + name + " in " + variant.name, table, kernel, Reason(answer));
    }
  });
}

// A helper is for GPL-compatible programs only, or for all.
void Prover::ProveHelperLicences() {
  for (const HelperFacts& facts : tables_.helpers) {
    for (const Variant& variant : variants_) {
      const Call* call = FormIn(facts.calls, variant.id());
      if (call == nullptr || !Reached(call->since) || !Reached(variant.facts->hook.since)) continue;
      LoadForm form = variant.form;
      form.gpl = false;
      // These can't be loaded without the licence at all.
      const hooks::ProgType type = variant.facts->hook.prog_type;
      if (type == hooks::ProgType::kStructOps || type == hooks::ProgType::kLsm) continue;
      const Answer answer =
          kernel_.Load(form, Assembler().Call(facts.helper.number).Finish(variant.result));
      if (answer.log.empty() && !answer.loaded()) continue;  // the hook itself is refused here
      if (Denied(answer)) continue;  // older kernels refuse a sleepable helper so
      report_.Compare("licence " + std::string(facts.helper.name) + " in " + variant.name,
                      Has(facts.helper.flags, CallFlags::kGpl) ? "GPL only" : "any",
                      answer.says("GPL") ? "GPL only" : "any");
      break;
    }
  }
}

}  // namespace netc::prove
