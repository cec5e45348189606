// Parts that several pages have.
#pragma once

#include <span>
#include <string>

#include "compiler/hooks/hooks.h"
#include "compiler/hooks/sockops.h"
#include "compiler/reference/page.h"

namespace netc::reference {

// "encap ipip"
std::string EffectName(const hooks::Effect& effect);

// A name of the hook that can be written behind `on`: for LSM, one of its checks.
std::string ExampleName(const hooks::Hook& hook);

// The example, or that there is none yet.
void AddExample(const Subject& subject, const Makings& makings, Document& page);

// Other ways to the target of a verdict of these hooks, e.g. `redirect peer(…)`; of any
// verdict if `word` is empty.
Table WayTable(hooks::HookSet hooks, std::string_view word);

Table CallbackTable(std::span<const hooks::Callback> callbacks);

}  // namespace netc::reference
