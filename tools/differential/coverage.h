// Which parts of the language a checked program has.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/sema/program.h"

namespace netc::differential {

struct Catalog;

// Names without blanks: nodes of the checked program, and of some nodes what there is of them.
using Coverage = std::set<std::string>;

Coverage CoverageOf(const sema::Program& program);

// What is neither in `coverage` nor said to be out of reach.
std::vector<std::string> Unmet(const Catalog& catalog, const Coverage& coverage);
// Headers of which no field was read, or none rewritten: `what` is "read" or "rewrite".
std::vector<std::string> HeadersNotMet(const Catalog& catalog, const Coverage& coverage,
                                       std::string_view what);
// What is said to be out of reach, but is in `coverage`.
std::vector<std::string> MetAfterAll(const Coverage& coverage);

}  // namespace netc::differential
