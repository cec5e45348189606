// The tables' consistency with themselves; with the kernel: tests/hooks.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "compiler/hooks/hooks.h"
#include "compiler/hooks/lsm.h"

namespace netc::hooks {
namespace {

TEST(HookTables, EveryHookHasItsRows) {
  for (const Hook& hook : AllHooks()) {
    SCOPED_TRACE(hook.name);
    EXPECT_EQ(&Get(hook.id), &hook);
    EXPECT_FALSE(hook.section.empty());
    EXPECT_FALSE(hook.context.empty());
    EXPECT_FALSE(hook.summary.empty());
    EXPECT_LE(hook.since, (KernelVersion{6, 18}));
    EXPECT_FALSE(hook.attach.order.empty());
    EXPECT_FALSE(Name(hook.prog_type).empty());
    EXPECT_FALSE(Name(hook.attach_type).empty());
    EXPECT_TRUE(hook.attach.link_since != KernelVersion{} || hook.attach.legacy != Legacy::kNone);
  }
}

TEST(HookTables, HookNamesAreUnique) {
  std::set<std::string_view> names;
  for (const Hook& hook : AllHooks()) EXPECT_TRUE(names.insert(hook.name).second) << hook.name;
}

TEST(HookTables, VerdictsLieInTheReturnRange) {
  for (const Hook& hook : AllHooks()) {
    SCOPED_TRACE(hook.name);
    std::set<std::string_view> words;
    for (const Verdict& verdict : hook.verdicts) {
      EXPECT_GE(verdict.code, hook.returns.least) << verdict.word;
      EXPECT_LE(verdict.code, hook.returns.most) << verdict.word;
      EXPECT_TRUE(words.insert(verdict.word).second) << verdict.word << " twice";
    }
  }
}

TEST(HookTables, NoVerdictIsMisread) {
  for (const Hook& hook : AllHooks()) {
    for (const Verdict& verdict : hook.verdicts) {
      for (const Misread& misread : hook.misreads) {
        EXPECT_FALSE(misread.first <= verdict.code && verdict.code <= misread.last)
            << hook.name << " " << verdict.word;
      }
    }
  }
}

TEST(HookTables, HooksWithVerdictsHaveTheirRoles) {
  for (const Hook& hook : AllHooks()) {
    SCOPED_TRACE(hook.name);
    EXPECT_EQ(hook.at_end != nullptr, !hook.verdicts.empty());
    EXPECT_EQ(hook.abort != nullptr, !hook.verdicts.empty());
    const bool has_headers =
        hook.packet.start == PacketStart::kFrame || hook.packet.start == PacketStart::kNetwork;
    if (has_headers) {
      EXPECT_NE(hook.unreadable, nullptr);
    }
  }
}

TEST(HookTables, FieldsLieInOneContextAndDontRepeat) {
  for (const Hook& hook : AllHooks()) {
    SCOPED_TRACE(hook.name);
    std::set<std::string_view> names, words;
    for (const Field& field : hook.fields) {
      EXPECT_EQ(field.context, hook.context) << field.name;
      EXPECT_TRUE(field.readable()) << field.name;
      EXPECT_TRUE(names.insert(field.name).second) << field.name << " twice";
      if (!field.word.empty()) {
        EXPECT_TRUE(words.insert(field.word).second) << field.word << " twice";
      }
    }
  }
}

// An access may reach beyond the field only where the kernel allows it: the port
// fields of two bytes, which older programs read as four.
TEST(HookTables, AccessesStayInTheField) {
  for (const Hook& hook : AllHooks()) {
    for (const Field& field : hook.fields) {
      for (unsigned size : {1u, 2u, 4u, 8u}) {
        for (unsigned at = 0; at < 32; ++at) {
          if (!field.reads.allows(size, at) && !field.writes.allows(size, at)) continue;
          const bool old_port = field.size == 2 && at + size <= 4;
          const bool wide_uid = field.name == "uid" && at == 0;
          EXPECT_TRUE(at + size <= field.size || old_port || wide_uid)
              << hook.name << " " << field.name << " " << size << " at " << at;
        }
      }
    }
  }
}

TEST(CallTables, EveryFunctionCanBeCalledSomewhere) {
  for (const Helper& helper : AllHelpers()) EXPECT_FALSE(helper.calls.empty()) << helper.name;
  for (const Kfunc& kfunc : AllKfuncs()) EXPECT_FALSE(kfunc.calls.empty()) << kfunc.name;
}

TEST(CallTables, AHookStandsInOneRowAFunction) {
  const auto once = [](const auto& function) {
    HookSet seen;
    for (const Call& call : function.calls) {
      EXPECT_TRUE((seen & call.hooks).empty()) << function.name;
      seen = seen | call.hooks;
    }
  };
  for (const Helper& helper : AllHelpers()) once(helper);
  for (const Kfunc& kfunc : AllKfuncs()) once(kfunc);
}

TEST(CallTables, HelperNumbersAndNamesAreUnique) {
  std::set<uint32_t> numbers;
  std::set<std::string_view> names;
  for (const Helper& helper : AllHelpers()) {
    EXPECT_TRUE(numbers.insert(helper.number).second) << helper.name;
    EXPECT_TRUE(names.insert(helper.name).second) << helper.name;
  }
}

TEST(CallTables, FormsHaveAsManyArgumentsAsTheSignature) {
  for (const Helper& helper : AllHelpers()) {
    const size_t parameters =
        helper.parameters.empty()
            ? 0
            : 1 + static_cast<size_t>(
                      std::count(helper.parameters.begin(), helper.parameters.end(), ','));
    // Of a call that no argument fits, none are listed.
    for (const Call& call : helper.calls)
      EXPECT_EQ(call.arity, call.fits ? parameters : 0) << helper.name;
  }
}

TEST(EffectTables, EachIsMadeOfAHelperThatItsHooksHave) {
  for (const Effect& effect : AllEffects()) {
    if (effect.helper.empty()) continue;
    const Helper* helper = FindHelper(effect.helper);
    const Kfunc* kfunc = FindKfunc(effect.helper);
    ASSERT_TRUE(helper != nullptr || kfunc != nullptr) << effect.helper;
    const HookSet hooks = helper != nullptr ? helper->hooks() : kfunc->hooks();
    EXPECT_TRUE((effect.hooks - hooks).empty()) << effect.word << " " << effect.helper;
  }
}

TEST(LsmTables, ParametersFitTheContext) {
  for (const LsmHook& lsm : AllLsmHooks()) {
    EXPECT_EQ(FindLsmHook(lsm.name), &lsm);
    EXPECT_EQ(Get(lsm.hook).prog_type, ProgType::kLsm);
  }
}

}  // namespace
}  // namespace netc::hooks
