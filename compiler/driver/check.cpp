#include "compiler/sema/check.h"

#include "compiler/driver/driver.h"

namespace netc::driver {

Checked Check(const Options& options) {
  Checked checked;
  ModulePaths paths{options.module_folders,
                    options.stdlib.empty() ? StdlibFolder() : options.stdlib};
  checked.unit = LoadUnit(options.path, options.text, paths, checked.sources, checked.diagnostics);
  if (checked.unit.files.empty()) return checked;
  sema::Program program = sema::Check(
      checked.sources, checked.unit,
      {options.profile ? &*options.profile : nullptr, options.kernel}, checked.diagnostics);
  if (!checked.diagnostics.has_errors()) {
    checked.program = std::make_unique<sema::Program>(std::move(program));
  }
  return checked;
}

}  // namespace netc::driver
