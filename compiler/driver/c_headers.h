// Headers of the user's C, with the ones that they include.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/diagnostics/diagnostic.h"
#include "compiler/sema/check.h"

namespace netc::driver {

// Reads headers into `sources` and notes them in `headers`. Clang sees them by the
// path that the source gives, so that the object says nothing of the machine.
class CHeaderLoader {
 public:
  CHeaderLoader(SourceSet& sources, diag::Diagnostics& diagnostics,
                std::vector<sema::Unit::CHeader>& headers)
      : sources_(sources), diagnostics_(diagnostics), headers_(headers) {}

  // `path` as written at `from`, in a file of the folder `beside`.
  void Load(const std::string& path, Span from, const std::filesystem::path& beside);

 private:
  void Follow(FileId id, const std::filesystem::path& within, const std::filesystem::path& beside);

  SourceSet& sources_;
  diag::Diagnostics& diagnostics_;
  std::vector<sema::Unit::CHeader>& headers_;
  std::map<std::string, std::filesystem::path> read_;  // by path: the file that it is
};

}  // namespace netc::driver
