#include "compiler/codegen/llvm_state.h"

#include <llvm/IR/GlobalVariable.h>

#include <cstdint>
#include <map>
#include <string>

// Both are declared in no installed header. The first is internal to its
// translation unit; CMakeLists.txt makes it global in the copy that is linked.
extern std::map<std::string, llvm::GlobalVariable*> relocation_globals asm(
    "_ZN12_GLOBAL__N_123BPFAbstractMemberAccess10GEPGlobalsB5cxx11E");
extern uint32_t passthrough_count asm("_ZN4llvm17BPFCoreSharedInfo6SeqNumE");

namespace netc::codegen {

void ForgetModules() {
  relocation_globals.clear();
  passthrough_count = 0;
}

}  // namespace netc::codegen
