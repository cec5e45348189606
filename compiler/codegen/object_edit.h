// Changes to a BPF object in memory: DWARF out, netc's own sections in.
#pragma once

#include <llvm/ADT/ArrayRef.h>
#include <llvm/ADT/SmallVector.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/Support/Error.h>

#include "compiler/codegen/plugin_abi.h"

namespace netc::codegen {

// The object without .debug_* and what only they use; .BTF and .BTF.ext stay.
// The sections are added behind the others, not allocated.
llvm::Expected<llvm::SmallVector<char, 0>> EditObject(llvm::StringRef elf,
                                                      llvm::ArrayRef<abi::Section> sections);

// Reports the size of each function to the sink.
llvm::Error ReportFunctions(llvm::StringRef elf, const abi::Sink& sink);

}  // namespace netc::codegen
