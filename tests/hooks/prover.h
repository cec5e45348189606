// Asks the kernel for every fact of the tables. One function a family of facts.
#pragma once

#include <functional>
#include <string>

#include "tests/hooks/assembler.h"
#include "tests/hooks/kernel.h"
#include "tests/hooks/report.h"
#include "tests/hooks/tables.h"

namespace netc::prove {

// A way to load programs for a hook: the hook's own, or a variant that must obey
// the same rows (XDP with frags, clsact instead of tcx).
struct Variant {
  const HookFacts* facts = nullptr;
  std::string name;  // "xdp", "xdp (frags)"
  LoadForm form;
  int32_t result = 0;  // a return value that is always legal

  hooks::HookId id() const { return facts->hook.id; }
};

struct Filter {
  std::string family;  // empty: all
  std::string hook;    // empty: all
  // Every so many-th way to load programs, from this one; what is of no hook is the first's.
  size_t part = 1;
  size_t parts = 1;
};

class Prover {
 public:
  Prover(Kernel& kernel, const Tables& tables, Report& report, Filter filter);

  void Run();

 private:
  void ProveHooks();
  void ProveLsmHooks();
  void ProveHelpers();
  void ProveHelperLicences();
  void ProveObjects();
  void ProveKfuncs();
  void ProveFields();
  void ProvePointees();
  void ProveReturns();
  void ProveMaps();
  void ProveMapLimits();
  void ProveOwners();
  void ProvePackets();
  void ProveTestRuns();
  void ProveCc();
  void ProveOptions();

  // Kernels of the same facts as the tables'; `since` is {0, 0} for never.
  bool Reached(hooks::KernelVersion since) const {
    return since != hooks::KernelVersion{} && since <= kernel_.version();
  }
  bool Wants(const std::string& family) const;
  bool Wants(const Variant& variant) const;
  // For each variant that the kernel loads and the filter wants.
  void ForEach(const std::function<void(const Variant&)>& ask);

  void ProveContext(const Variant& variant);
  void ProveAccess(const std::string& fact, const LoadForm& form, const Program& program,
                   bool table);

  Kernel& kernel_;
  const Tables& tables_;
  Report& report_;
  Filter filter_;
  std::vector<Variant> variants_;
};

// Load form of an LSM hook; attach_btf_id is 0 if the kernel has none of that name.
LoadForm LsmForm(const Kernel& kernel, std::string_view name);
std::vector<Variant> MakeVariants(const Kernel& kernel, const Tables& tables);

// First line of a log that tells why; for the report.
std::string Reason(const Answer& answer);

}  // namespace netc::prove
