// Syntax trees to a checked program: names, types, presence, hook legality.
#pragma once

#include <optional>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"
#include "compiler/hooks/hooks.h"
#include "compiler/sema/profile.h"
#include "compiler/sema/program.h"

namespace netc::sema {

// A file with the modules that its imports and protocol names lead to, parsed.
// The pipeline is first; each module stands after it, once.
struct Unit {
  // A header of the user's C that some file imports, or that one of those includes.
  struct CHeader {
    std::string path;  // relative; where the emitted C finds it
    FileId file{};
  };
  std::vector<ast::File> files;
  std::vector<CHeader> c_headers;
};

struct CheckOptions {
  // What `--profile` says of the machine that the pipeline is for; null: any kernel.
  const Profile* profile = nullptr;
  std::optional<hooks::KernelVersion> kernel;  // `--kernel`; the source's own floor wins
};

// Emits every error of the unit. The program is whole only if none was emitted.
Program Check(const SourceSet& sources, const Unit& unit, const CheckOptions& options,
              diag::Diagnostics& diagnostics);

}  // namespace netc::sema
