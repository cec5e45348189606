#include "compiler/hooks/encap.h"

#include "compiler/hooks/hook_sets.h"

namespace netc::hooks {
namespace {

using namespace rows;

struct Rule {
  constexpr Rule(EncapRule rule) : rule(rule) {}  // NOLINT(google-explicit-constructor)
  EncapRule rule;
  uint64_t number = 0;
  std::string_view function{};
};
constexpr Rule Function(std::string_view name) {
  Rule rule = EncapRule::kFunction;
  rule.function = name;
  return rule;
}
constexpr Rule Number(uint64_t number) {
  Rule rule = EncapRule::kNumber;
  rule.number = number;
  return rule;
}
constexpr EncapField Row(std::string_view header, std::string_view field, std::string_view name,
                         Rule rule) {
  return {header, field, name, rule.rule, rule.number, rule.function};
}

constexpr bool kPacket = false, kFrame = true;
using enum EncapRule;

#define ENCAP(kind, carries, first, second, third) {kind, carries, {first, second, third}},
#define ENCAP_FIELD(header, field, name, rule)
#define ENCAP_FAMILY(header, flag)
#define ENCAP_LAYER(header, flag)
#define ENCAP_COMES_IN(hooks)
constexpr Encap kEncaps[] = {
#include "compiler/hooks/encap.def"
};
#undef ENCAP
#undef ENCAP_FIELD
#define ENCAP(kind, carries, first, second, third)
#define ENCAP_FIELD(header, field, name, rule) Row(header, field, name, rule),
constexpr EncapField kEncapFields[] = {
#include "compiler/hooks/encap.def"
};
#undef ENCAP_FIELD
#undef ENCAP_FAMILY
#undef ENCAP_LAYER
#define ENCAP_FIELD(header, field, name, rule)
#define ENCAP_FAMILY(header, flag) {header, flag, true},
#define ENCAP_LAYER(header, flag) {header, flag, false},
constexpr EncapFlag kEncapFlags[] = {
#include "compiler/hooks/encap.def"
};
#undef ENCAP_FAMILY
#undef ENCAP_LAYER
#undef ENCAP_COMES_IN
#define ENCAP_FAMILY(header, flag)
#define ENCAP_LAYER(header, flag)
#define ENCAP_COMES_IN(hooks) constexpr HookSet kComeIn = hooks;
#include "compiler/hooks/encap.def"
#undef ENCAP
#undef ENCAP_FIELD
#undef ENCAP_FAMILY
#undef ENCAP_LAYER
#undef ENCAP_COMES_IN

}  // namespace

std::span<const Encap> AllEncaps() {
  return kEncaps;
}

const Encap* FindEncap(std::string_view kind) {
  for (const Encap& encap : kEncaps) {
    if (encap.kind == kind) return &encap;
  }
  return nullptr;
}

std::span<const EncapField> AllEncapFields() {
  return kEncapFields;
}

std::span<const EncapFlag> AllEncapFlags() {
  return kEncapFlags;
}

const EncapFlag* FindEncapFlag(std::string_view header) {
  for (const EncapFlag& flag : kEncapFlags) {
    if (flag.header == header) return &flag;
  }
  return nullptr;
}

bool FramesComeIn(HookId hook) {
  return kComeIn.has(hook);
}

}  // namespace netc::hooks
