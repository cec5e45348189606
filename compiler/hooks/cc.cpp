#include "compiler/hooks/cc.h"

#include "compiler/hooks/rows.h"

namespace netc::hooks {
namespace {

using namespace rows;

#define CC_FIELD(...)
#define CC_SAMPLE(...)
#define CC_MEMBER(hook, name, need, result, parameters, before) \
  {HookId::k##hook, name, CcNeed::need, result, parameters, before},
constexpr CcMember kMembers[] = {
#include "compiler/hooks/cc.def"
};
#undef CC_MEMBER
#undef CC_FIELD
#undef CC_SAMPLE

#define CC_MEMBER(...)
#define CC_SAMPLE(...)
#define CC_FIELD(word, path, size, writable_since, c_type) \
  {word, path, size, writable_since, c_type},
constexpr CcField kFields[] = {
#include "compiler/hooks/cc.def"
};
#undef CC_MEMBER
#undef CC_FIELD
#undef CC_SAMPLE

#define CC_MEMBER(...)
#define CC_FIELD(...)
#define CC_SAMPLE(type, word, name, c_type) {type, word, name, c_type},
constexpr CcSampleField kSampleFields[] = {
#include "compiler/hooks/cc.def"
};
#undef CC_MEMBER
#undef CC_FIELD
#undef CC_SAMPLE

}  // namespace

std::span<const CcMember> AllCcMembers() {
  return kMembers;
}
std::span<const CcField> AllCcFields() {
  return kFields;
}

std::span<const CcSampleField> AllCcSampleFields() {
  return kSampleFields;
}

const CcMember* FindCcMember(HookId hook) {
  for (const CcMember& member : kMembers) {
    if (member.hook == hook) return &member;
  }
  return nullptr;
}

const CcField* FindCcField(std::string_view word) {
  for (const CcField& field : kFields) {
    if (field.word == word) return &field;
  }
  return nullptr;
}

const CcField& PrivateArea() {
  return *FindCcField("");
}

}  // namespace netc::hooks
