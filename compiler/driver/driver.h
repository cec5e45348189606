// A pipeline's way through all phases, as the command line and tests use it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"
#include "compiler/driver/modules.h"
#include "compiler/hooks/hooks.h"
#include "compiler/object/object_info.h"
#include "compiler/object/test_plan.h"
#include "compiler/sema/program.h"

namespace netc::driver {

struct Options {
  std::string path;                            // of the pipeline; "-" is standard input
  std::optional<std::string> text;             // in the place of what stands at `path`
  std::optional<hooks::KernelVersion> kernel;  // `--kernel`
  std::optional<sema::Profile> profile;        // `--profile`
  std::vector<std::string> module_folders;
  std::string stdlib;  // empty: StdlibFolder()
};

// Everything that is known once the source has been checked.
struct Checked {
  SourceSet sources;
  diag::Diagnostics diagnostics;
  sema::Unit unit;
  std::unique_ptr<sema::Program> program;  // null if there were errors

  bool ok() const { return program != nullptr; }
};
Checked Check(const Options& options);

struct Lowered {
  std::string c_name;  // "edge_firewall.bpf.c"
  std::string c_source;
  std::string ir;  // for `--emit ir`
  object::ObjectInfo info;
};
// Of a program that was checked without errors; can't fail.
Lowered Lower(const Checked& checked);

struct Compiled {
  bool ok = false;
  Lowered lowered;
  std::vector<uint8_t> object;  // ELF with netc's section
  std::string failure;          // an error of netc's own, or a program that is too large
  bool too_large = false;
  diag::Diagnostics diagnostics;  // errors in the user's own C, at their places
};
// Lowers and compiles; where the object is too large for BPF, lowers again with a
// tighter plan before it gives up.
Compiled Compile(const Checked& checked);

// Whether an object with this description was compiled from this source, by this
// version of netc. Clang isn't asked.
bool IsMadeFrom(const object::ObjectInfo& info, const Checked& checked);

}  // namespace netc::driver
