// Writes well-typed pipelines over the whole language, for the hooks that BPF_PROG_TEST_RUN runs.
#pragma once

#include <string>

#include "tools/differential/catalog.h"
#include "tools/differential/choices.h"

namespace netc::differential {

std::string GeneratePipeline(const Catalog& catalog, Choices& choices);

}  // namespace netc::differential
