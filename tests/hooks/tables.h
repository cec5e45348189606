// A copy of the tables that can be made wrong on purpose.
#pragma once

#include <string>
#include <vector>

#include "compiler/hooks/cc.h"
#include "compiler/hooks/hooks.h"
#include "compiler/hooks/maps.h"
#include "compiler/hooks/setsockopt.h"

namespace netc::prove {

struct HookFacts {
  hooks::Hook hook;
  std::vector<hooks::Field> fields;
  std::vector<hooks::Verdict> verdicts;
};
struct HelperFacts {
  hooks::Helper helper;
  std::vector<hooks::Call> calls;
};
struct KfuncFacts {
  hooks::Kfunc kfunc;
  std::vector<hooks::Call> calls;
};
struct MapFacts {
  hooks::MapType map;
  std::vector<hooks::MapUse> uses;
};

struct Tables {
  std::vector<HookFacts> hooks;  // by HookId
  std::vector<HelperFacts> helpers;
  std::vector<KfuncFacts> kfuncs;
  std::vector<hooks::PointeeField> pointees;
  std::vector<MapFacts> maps;
  std::vector<hooks::CcField> cc_fields;
  std::vector<hooks::SocketOption> options;

  const HelperFacts* FindHelper(uint32_t number) const;
};

Tables CopyTables();

// The form of a call in a hook, or null.
const hooks::Call* FormIn(const std::vector<hooks::Call>& calls, hooks::HookId id);

// Makes one row wrong. `family` and `hook` limit what must be asked again to find
// it; the difference that is found must contain `name`.
struct Mutation {
  std::string description;
  std::string family;
  std::string hook;  // empty: all
  std::string name;
  void (*apply)(Tables&);
};
const std::vector<Mutation>& AllMutations();

}  // namespace netc::prove
