// Pages about hooks and what they allow, composed of the rows of compiler/hooks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/hooks.h"
#include "compiler/reference/document.h"
#include "compiler/reference/subject.h"

namespace netc::reference {

// The C that netc makes of this pipeline; nothing if it refuses it. Only pipelines
// that it accepts are shown as examples.
using Translate = std::function<std::optional<std::string>(const std::string& source)>;

// A pipeline with C of its own, for what only C can call: explain/c/NAME.np and NAME.h.
struct CExample {
  std::string name, pipeline, header;
};

// What examples are made with.
struct Makings {
  Translate translate;
  std::vector<CExample> c;
};

struct Example {
  std::string pipeline;               // empty: there is none
  std::string header_name, header{};  // of the C beside it; empty if there is none

  bool empty() const { return pipeline.empty(); }
};
// An example of the subject that compiles.
Example ExampleOf(const Subject& subject, const Makings& makings);
// Whether any hook may call the helper or kfunc, on some kernel; true for other subjects.
bool CanBeUsed(const Subject& subject);

// The page of anything but a diagnostic, whose page is a file.
Document PageOf(const Subject& subject, const Makings& makings);

// All that the tables say of one hook: the page of docs/hooks.
Document HookPage(const hooks::Hook& hook, const Makings& makings);
// docs/hooks/README.md.
Document IndexPage();
// "cgroup.connect4.md"
std::string PageName(const hooks::Hook& hook);

// The stack with these hooks marked.
std::string Picture(hooks::HookSet here);

struct TableRequest {
  std::string what;      // a name of TableNames()
  hooks::HookSet hooks;  // rows that concern one of them
};
std::vector<std::string> TableNames();
Table TableOf(const TableRequest& request);

}  // namespace netc::reference
