// Pipelines to try as examples.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/hooks.h"
#include "compiler/reference/page.h"

namespace netc::reference {

// A block to be put on a hook, and what it needs beside it.
struct Sketch {
  std::string items;             // declarations of the file, each line ended
  std::string body;              // statements, each line ended, without indentation
  hooks::KernelVersion since{};  // of what stands in it
};

// The whole file: the sketch on the hook that is written `name`, with the kernel and
// the attributes that it takes. A sketch for a member of a congestion control stands in
// one that is whole.
std::string Pipeline(std::string_view name, hooks::KernelVersion since, const Sketch& sketch);

// Whether the C has a program of the hook's kind: an item without effect has none.
bool HasProgramOf(const hooks::Hook& hook, const std::string& c);

// Whether the emitted C is what the example is to show.
using Shows = std::function<bool(const std::string& c)>;

// The first sketch that netc accepts on the first hook that does; empty if none.
std::string FirstAccepted(hooks::HookSet hooks, hooks::KernelVersion since,
                          const std::vector<Sketch>& sketches, const Translate& translate,
                          const Shows& shows = nullptr);

// What netc makes of a field that no word stands for.
struct FieldUse {
  std::string_view field;
  std::string_view meaning;     // "netc reads it for …"
  std::string_view statements;  // that make it; may be empty
};
std::span<const FieldUse> AllFieldUses();

// Sketches that use a value or condition, a verdict, an option, a map type.
std::vector<Sketch> ReadSketches(std::string_view word);
std::vector<Sketch> SetSketches(std::string_view word);
std::vector<Sketch> VerdictSketches(const hooks::Verdict& verdict);
std::vector<Sketch> EffectSketches(const hooks::Effect& effect);
// Calls of the function by its name, as this hook makes them.
std::vector<Sketch> CallSketches(const hooks::Helper& helper, hooks::HookId hook);
std::vector<Sketch> CallSketches(const hooks::Kfunc& kfunc, hooks::HookId hook);
// Members of a congestion control that have a sample as this call takes it.
hooks::HookSet HooksThatHandOn(const hooks::Kfunc& kfunc);
// What reaches most helpers and map types without naming them.
std::vector<Sketch> StorageSketches();

}  // namespace netc::reference
