// Pages about functions of the kernel.
#pragma once

#include "compiler/reference/page.h"

namespace netc::reference {

Document HelperPage(const hooks::Helper& helper, const Translate& translate);
Document KfuncPage(const hooks::Kfunc& kfunc, const Translate& translate);

}  // namespace netc::reference
