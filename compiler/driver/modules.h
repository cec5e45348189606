// Finds and parses the modules that a pipeline leads to.
//
// `import net.dns as dns;` is the file net/dns.np; `import net;` where net is a
// folder makes each protocol in it usable by its name, and only those that the
// file names are read: `tcp` is net/tcp.np.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"
#include "compiler/sema/check.h"

namespace netc::driver {

// Where imports are looked for, in this order: the importing file's folder, these
// folders, the standard library.
struct ModulePaths {
  std::vector<std::string> folders;
  std::string stdlib;  // StdlibFolder() unless a test says otherwise
};

// The standard library beside this executable: ../share/netc/stdlib.
std::string StdlibFolder();

// Reads `path`, or takes `text` in its place, and all that it imports. Files that can't be read,
// unknown modules and import cycles are emitted; what could be read is in the unit all the same.
// The unit is empty only if `path` itself could not be read.
sema::Unit LoadUnit(const std::string& path, const std::optional<std::string>& text,
                    const ModulePaths& paths, SourceSet& sources, diag::Diagnostics& diagnostics);

}  // namespace netc::driver
