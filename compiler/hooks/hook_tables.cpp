#include "compiler/hooks/field_tables.h"
#include "compiler/hooks/hook_sets.h"
#include "compiler/hooks/hooks.h"
#include "compiler/hooks/per_hook.h"
#include "compiler/hooks/rows.h"

namespace netc::hooks {
namespace {

using namespace rows;

constexpr Row<PacketModel> kPacketRows[] = {
#define PACKET(hooks, start, read, write, pull, load, store, frags) \
  {hooks, {PacketStart::start, read, write, pull, load, store, frags}},
#define REENTRY(...)
#include "compiler/hooks/packet.def"
#undef PACKET
#undef REENTRY
};

constexpr Row<Reentry> kReentryRows[] = {
#define PACKET(...)
#define REENTRY(hooks, kind) {hooks, Reentry::kind},
#include "compiler/hooks/packet.def"
#undef PACKET
#undef REENTRY
};

#define RETURNS(...)
#define VERDICT(...)
#define ROLE(...)
#define MISREAD(...)
constexpr Row<Returns> kReturnRows[] = {
#undef RETURNS
#define RETURNS(hooks, least, most, checked) {hooks, {least, most, checked}},
#include "compiler/hooks/verdicts.def"
#undef RETURNS
#define RETURNS(...)
};
constexpr Row<Verdict> kVerdictRows[] = {
#undef VERDICT
#define VERDICT(hooks, word, code, c_name, form, ends, meaning) \
  {hooks, {word, code, c_name, VerdictForm::form, Ends::ends, meaning}},
#include "compiler/hooks/verdicts.def"
#undef VERDICT
#define VERDICT(...)
};
struct RoleWord {
  Role role{};
  std::string_view word;
};
constexpr Row<RoleWord> kRoleRows[] = {
#undef ROLE
#define ROLE(hooks, role, word) {hooks, {Role::role, word}},
#include "compiler/hooks/verdicts.def"
#undef ROLE
#define ROLE(...)
};
constexpr Row<Misread> kMisreadRows[] = {
#undef MISREAD
#define MISREAD(hooks, first, last, meaning) {hooks, {first, last, meaning}},
#include "compiler/hooks/verdicts.def"
#undef MISREAD
#define MISREAD(...)
};
#undef RETURNS
#undef VERDICT
#undef ROLE
#undef MISREAD

#define ATTACH(...)
#define ATTRIBUTE(...)
#define TEST_RUN(...)
constexpr Row<AttachModel> kAttachRows[] = {
#undef ATTACH
#define ATTACH(hooks, scope, link, legacy, legacy_since, several, replace, order) \
  {hooks, {AttachScope::scope, link, Legacy::legacy, legacy_since, several, replace, order}},
#include "compiler/hooks/attach.def"
#undef ATTACH
#define ATTACH(...)
};
constexpr Row<AttachAttribute> kAttributeRows[] = {
#undef ATTRIBUTE
#define ATTRIBUTE(hooks, name, type, required, initial, meaning) \
  {hooks, {name, AttributeType::type, required, initial, meaning}},
#include "compiler/hooks/attach.def"
#undef ATTRIBUTE
#define ATTRIBUTE(...)
};
constexpr Row<TestRun> kTestRunRows[] = {
#undef TEST_RUN
#define TEST_RUN(hooks, least, most, context, lacks) {hooks, {true, least, most, context, lacks}},
#include "compiler/hooks/attach.def"
#undef TEST_RUN
#define TEST_RUN(...)
};
#undef ATTACH
#undef ATTRIBUTE
#undef TEST_RUN

constexpr PerHook kVerdicts = SplitByHook<CountPerHook(kVerdictRows)>(kVerdictRows);
constexpr PerHook kMisreads = SplitByHook<CountPerHook(kMisreadRows)>(kMisreadRows);
constexpr PerHook kAttributes = SplitByHook<CountPerHook(kAttributeRows)>(kAttributeRows);

constexpr const Verdict* VerdictFor(Role role, HookId id) {
  for (const Row<RoleWord>& row : kRoleRows) {
    if (!row.hooks.has(id) || row.value.role != role) continue;
    for (const Verdict& verdict : kVerdicts.of(id)) {
      if (verdict.word == row.value.word) return &verdict;
    }
  }
  return nullptr;
}

constexpr Hook MakeHook(HookId id, std::string_view name, ProgType prog_type,
                        AttachType attach_type, std::string_view section, std::string_view context,
                        KernelVersion since, std::string_view summary) {
  return {.id = id,
          .name = name,
          .prog_type = prog_type,
          .attach_type = attach_type,
          .section = section,
          .context = context,
          .since = since,
          .summary = summary,
          .packet = OneOf(kPacketRows, id),
          .reentry = OneOf(kReentryRows, id),
          .attach = OneOf(kAttachRows, id),
          .test_run = OneOf(kTestRunRows, id),
          .returns = OneOf(kReturnRows, id),
          .fields = kFields.of(id),
          .verdicts = kVerdicts.of(id),
          .misreads = kMisreads.of(id),
          .attributes = kAttributes.of(id),
          .at_end = VerdictFor(Role::kAtEnd, id),
          .unreadable = VerdictFor(Role::kUnreadable, id),
          .abort = VerdictFor(Role::kAbort, id)};
}

constexpr Hook kHooks[] = {
#define HOOK(id, name, prog_type, attach_type, section, context, since, summary)             \
  MakeHook(HookId::k##id, name, ProgType::k##prog_type, AttachType::k##attach_type, section, \
           context, since, summary),
#include "compiler/hooks/hooks.def"
#undef HOOK
};

}  // namespace

std::span<const Hook> AllHooks() {
  return kHooks;
}

const Hook& Get(HookId id) {
  return kHooks[static_cast<size_t>(id)];
}

std::span<const PointeeField> AllPointeeFields() {
  return kPointeeRows;
}

}  // namespace netc::hooks
