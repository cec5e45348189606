// Pages about functions of the kernel.
#pragma once

#include "compiler/reference/page.h"

namespace netc::reference {

Document HelperPage(const hooks::Helper& helper, const Makings& makings);
Document KfuncPage(const hooks::Kfunc& kfunc, const Makings& makings);

}  // namespace netc::reference
