// What netc says: text for people, JSON lines for programs.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "compiler/diagnostics/diagnostic.h"
#include "runtime/failure.h"

namespace netc::cli {

using Json = nlohmann::ordered_json;

// Writes a whole line and flushes it; false once nobody reads standard output.
bool WriteLine(const std::string& text);
bool WriteJson(const Json& json);

// Whether standard error is a terminal that wants colours.
bool WantsColor();

// All diagnostics and how many there are: on standard error, or as one line
// {"type":"diagnostics","file":…,"ok":…,"errors":N,"warnings":N,"diagnostics":[…]}.
void ShowDiagnostics(const std::string& path, const diag::Diagnostics& diagnostics,
                     const SourceSet& sources, bool json);

// The failure, with the line of the source if it can be read: on standard error, or
// as {"type":"error","exit":N,"message":…,"details":[…],"place":…,"log":…}.
// Returns its exit code.
int ShowFailure(const runtime::Failure& failure, bool json);

// {"file":…,"line":N,"column":N}
Json PlaceJson(const object::Place& place);

}  // namespace netc::cli
