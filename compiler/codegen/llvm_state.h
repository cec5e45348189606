// State that LLVM 19's BPF backend keeps from one module to the next, and must
// not.
//
// BPFAbstractMemberAccess caches the globals that it makes for CO-RE relocations
// in a static map, by access string. The globals die with their module; the map
// keeps the pointers, and a second module with the same access (the same struct
// and field) is given a dangling one (llvm/lib/Target/BPF/
// BPFAbstractMemberAccess.cpp, GEPGlobals, release 19). BPFCoreSharedInfo counts
// its pass-through calls in a static as well.
#pragma once

namespace netc::codegen {

// Makes the backend forget earlier modules. To be called before each compilation
// while none runs.
void ForgetModules();

}  // namespace netc::codegen
