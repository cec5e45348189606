// Linked as long as the driver does not lower: objects run, sources are checked,
// and what needs an object made from source says that this build cannot make one.
#include "compiler/driver/driver.h"

namespace netc::driver {

Lowered Lower(const Checked&) {
  return {};
}

Compiled Compile(const Checked&) {
  Compiled compiled;
  compiled.failure = "this build of netc checks pipelines and runs objects, but compiles none yet";
  return compiled;
}

}  // namespace netc::driver
