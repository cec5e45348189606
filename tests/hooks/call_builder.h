// Whole calls: a program that makes every argument and calls one helper.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "tests/hooks/prover.h"

namespace netc::prove {

// The map a helper is proved with, by its kernel name.
MapSpec MapFor(std::string_view helper);
// A map of a type, in a shape that the kernel creates.
MapSpec SpecOf(uint32_t map_type);

class CallBuilder {
 public:
  CallBuilder(Kernel& kernel, const Variant& variant) : kernel_(kernel), variant_(variant) {}
  ~CallBuilder();
  CallBuilder(const CallBuilder&) = delete;
  CallBuilder& operator=(const CallBuilder&) = delete;

  // Calls `helper` with one kind an argument; nothing if a kind can't be made here.
  std::optional<Program> Build(const hooks::Helper& helper, const std::vector<hooks::Args>& kinds,
                               std::optional<uint32_t> map_type = {});
  // The first kind of the set that can be made here.
  std::optional<hooks::Args> Choose(hooks::Args set) const;
  bool CanMake(hooks::Args kind) const;
  // Leaves the object in register 0; register 6 holds the context.
  void Make(Assembler& code, hooks::Args kind);

 private:
  bool MayCall(std::string_view helper) const;
  void MakeContextSocket(Assembler& code);
  int Map(const MapSpec& spec);

  Kernel& kernel_;
  const Variant& variant_;
  std::map<uint32_t, int> owned_maps_;  // of types that the first program owns, by type
};

// Did the verifier take the call? A reference that is not released at the exit is
// the proof's own doing.
bool Taken(const Answer& answer);

}  // namespace netc::prove
