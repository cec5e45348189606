#include <fmt/format.h>

#include "runtime/attach_site.h"

namespace netc::runtime {

// A program behind the entries of a device or CPU map: it is written into each.
Result<Attachment> AttachSlots(const Site& site) {
  auto name = site.Required("map");
  if (!name) return name.failure();
  for (const object::State& state : site.loaded().info().states) {
    if (state.name != *name) continue;
    if (auto failure = site.loaded().SetSlotProgram(state, site.fd())) {
      Failure told = site.Failed(fmt::format("`{}`", *name), failure->message);
      return told;
    }
    Attachment attachment = site.Begin();
    attachment.where = fmt::format("slots of `{}`", *name);
    // The map goes with the pipeline; until then, what is redirected runs no program.
    attachment.undo = Cleanup(
        [&loaded = site.loaded(), &state] { static_cast<void>(loaded.SetSlotProgram(state, -1)); });
    return attachment;
  }
  return site.Failed(fmt::format("`{}`", *name), "there is no such state");
}

}  // namespace netc::runtime
