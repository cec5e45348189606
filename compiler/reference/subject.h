// What a word that a user asks about can mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netc::reference {

enum class Category : uint8_t {
  kHook,
  kVerdict,
  kWord,
  kField,
  kHelper,
  kKfunc,
  kStorage,
  kEffect,
  kAttribute,
  kOption,
  kCallback,
  kDiagnostic,
};
inline constexpr size_t kCategories = 12;

// "hook", "verdict", …: as written in `netc explain hook xdp`.
std::string_view Name(Category category);
std::optional<Category> FindCategory(std::string_view name);

struct Subject {
  Category category{};
  std::string name;                  // as written in a pipeline, or the kernel's
  std::vector<std::string> aliases;  // other names, e.g. the kernel's constant
  std::string summary;               // one line
};

// Everything there is a page for, in the order of the tables.
const std::vector<Subject>& AllSubjects();

// Those that `word` names; only of one category if it is given.
std::vector<const Subject*> Find(std::string_view word, std::optional<Category> category = {});

// Names closest to `word`, best first.
std::vector<std::string> NearNames(std::string_view word, std::optional<Category> category = {});

}  // namespace netc::reference
