// `netc explain --table`.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/reference/page.h"
#include "compiler/reference/page_parts.h"
#include "compiler/reference/phrases.h"
#include "compiler/reference/text.h"
#include "compiler/reference/word.h"

namespace netc::reference {

using namespace hooks;

namespace {

// Rows that are the same in all but the hooks become one, in the order of the first.
class Merged {
 public:
  explicit Merged(std::vector<std::string> header) : header_(std::move(header)) {}

  void Add(std::vector<std::string> cells, HookId id) {
    const auto same = std::find_if(rows_.begin(), rows_.end(),
                                   [&](const auto& row) { return row.first == cells; });
    if (same == rows_.end()) {
      rows_.emplace_back(std::move(cells), id);
    } else {
      same->second = same->second | id;
    }
  }

  // The hooks are a column of their own, unless they are just those asked about.
  Table Take(HookSet asked) && {
    const bool one = asked.size() == 1;
    Table table{std::move(header_), {}};
    if (!one) table.header.emplace_back("hooks");
    for (auto& [cells, hooks] : rows_) {
      if (!one) cells.push_back(HooksPhrase(hooks));
      table.rows.push_back(std::move(cells));
    }
    return table;
  }

 private:
  std::vector<std::string> header_;
  std::vector<std::pair<std::vector<std::string>, HookSet>> rows_;
};

Table Hooks(HookSet hooks) {
  Table table{{"hook", "program type", "attach type", "since", "what"}, {}};
  for (HookId id : hooks) {
    const Hook& hook = Get(id);
    table.rows.push_back({std::string(hook.name), std::string(Name(hook.prog_type)),
                          std::string(Name(hook.attach_type)), Version(hook.since),
                          std::string(hook.summary)});
  }
  return table;
}

Table Helpers(HookSet hooks) {
  Merged table({"helper", "object", "needs", "since"});
  for (const Helper& helper : AllHelpers()) {
    for (HookId id : hooks) {
      const Access access = AccessHelper(id, helper, kAnyKernel);
      if (!access.allowed()) continue;
      table.Add({std::string(helper.name), ObjectPhrase(id, *access.call),
                 NeedsPhrase(helper.flags), Version(access.since)},
                id);
    }
  }
  return std::move(table).Take(hooks);
}

Table Kfuncs(HookSet hooks) {
  Merged table({"kfunc", "object", "module", "since"});
  for (const Kfunc& kfunc : AllKfuncs()) {
    for (HookId id : hooks) {
      const Access access = AccessKfunc(id, kfunc, kAnyKernel);
      if (!access.allowed()) continue;
      table.Add({std::string(kfunc.name), ObjectPhrase(id, *access.call), std::string(kfunc.module),
                 Version(access.since)},
                id);
    }
  }
  return std::move(table).Take(hooks);
}

Table Fields(HookSet hooks) {
  Merged table({"word", "struct", "member", "type", "access", "since"});
  for (HookId id : hooks) {
    for (const Field& field : Get(id).fields) {
      table.Add({std::string(field.word), std::string(field.context), std::string(field.name),
                 std::string(field.c_type), AccessPhrase(field),
                 Version(std::max(field.since, Get(id).since))},
                id);
    }
  }
  return std::move(table).Take(hooks);
}

Table Storage(HookSet hooks) {
  Merged table({"map type", "operation", "since", "shared"});
  for (const MapType& map : AllMapTypes()) {
    for (const MapUse& use : map.uses) {
      for (HookId id : hooks) {
        const Access access = AccessMap(id, map, use.helper, kAnyKernel);
        if (!access.allowed()) continue;
        table.Add(
            {MapName(map), std::string(use.helper), Version(access.since), OwnerPhrase(map.owner)},
            id);
      }
    }
  }
  return std::move(table).Take(hooks);
}

Table Verdicts(HookSet hooks) {
  Merged table({"verdict", "code", "in C", "takes", "meaning"});
  for (HookId id : hooks) {
    for (const Verdict& verdict : Get(id).verdicts) {
      table.Add(
          {std::string(verdict.word), std::to_string(verdict.code), std::string(verdict.c_name),
           FormPhrase(verdict.form), std::string(verdict.meaning)},
          id);
    }
  }
  return std::move(table).Take(hooks);
}

Table Words(HookSet hooks) {
  Merged table({"word", "made of", "access", "since"});
  for (const std::string& word : AllWrittenWords()) {
    for (HookId id : hooks) {
      const WordUse use = UseOf(word, id);
      if (!use.made_of.empty()) table.Add({word, use.made_of, use.access, Version(use.since)}, id);
    }
  }
  return std::move(table).Take(hooks);
}

struct Named {
  std::string_view name;
  Table (*compose)(HookSet);
};
constexpr Named kTables[] = {{"hooks", Hooks},   {"helpers", Helpers}, {"kfuncs", Kfuncs},
                             {"fields", Fields}, {"storage", Storage}, {"verdicts", Verdicts},
                             {"words", Words}};

}  // namespace

std::vector<std::string> TableNames() {
  std::vector<std::string> names;
  for (const Named& named : kTables) names.emplace_back(named.name);
  return names;
}

Table TableOf(const TableRequest& request) {
  for (const Named& named : kTables) {
    if (named.name == request.what) return named.compose(request.hooks);
  }
  return {};
}

}  // namespace netc::reference
