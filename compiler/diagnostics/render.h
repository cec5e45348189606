// Diagnostics as text for a terminal, and as JSON.
#pragma once

#include <string>

#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"

namespace netc::diag {

struct RenderOptions {
  bool color = false;  // ANSI colours
  int context = 0;     // lines of source shown around a label, at most
};

// The form of shared prose: header, place, source with labels, hints, and where
// to read more. Tabs are shown as four blanks; a line over 160 columns is cut
// around the label.
std::string RenderText(const Diagnostic& diagnostic, const SourceSet& sources,
                       const RenderOptions& options);

// A JSON array; each element has name, severity, message, file, line, column,
// end {line, column}, labels, hints, fix (null where there is none).
std::string RenderJson(const std::vector<Diagnostic>& diagnostics, const SourceSet& sources);

}  // namespace netc::diag
