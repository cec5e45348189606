// The one canonical form of a file.
#pragma once

#include <optional>
#include <string>

#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"

namespace netc::format {

// Columns that a line keeps to, where it can be broken.
inline constexpr int kLineWidth = 100;
// Blanks a level of indentation.
inline constexpr int kIndent = 4;

// The file with its tokens and comments in their order, and blanks and lines as
// the canonical form has them: formatting again changes nothing, and neither does
// formatting change the syntax tree. None if the file has a syntax error, which is
// emitted.
std::optional<std::string> Format(const SourceSet& sources, FileId file,
                                  diag::Diagnostics& diagnostics);

}  // namespace netc::format
