#include "compiler/hooks/hooks.h"

namespace netc::hooks {

std::string_view Name(ProgType type) {
  switch (type) {
#define PROG_TYPE(id, number, name) \
  case ProgType::k##id:             \
    return name;
#define ATTACH_TYPE(...)
#include "compiler/hooks/types.def"
#undef PROG_TYPE
#undef ATTACH_TYPE
  }
  return {};
}

std::string_view Name(AttachType type) {
  switch (type) {
#define PROG_TYPE(...)
#define ATTACH_TYPE(id, number, name) \
  case AttachType::k##id:             \
    return name;
#include "compiler/hooks/types.def"
#undef PROG_TYPE
#undef ATTACH_TYPE
  }
  return {};
}

const Verdict* Hook::FindVerdict(std::string_view word) const {
  for (const Verdict& verdict : verdicts) {
    if (verdict.word == word) return &verdict;
  }
  return nullptr;
}

const Field* Hook::FindField(std::string_view word_or_name) const {
  for (const Field& field : fields) {
    if (!field.word.empty() && field.word == word_or_name) return &field;
  }
  for (const Field& field : fields) {
    if (field.name == word_or_name) return &field;
  }
  return nullptr;
}

const Hook* FindHook(std::string_view name) {
  for (const Hook& hook : AllHooks()) {
    if (hook.name == name) return &hook;
  }
  return nullptr;
}

}  // namespace netc::hooks
