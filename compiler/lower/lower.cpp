#include "compiler/lower/lower.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/body.h"
#include "compiler/lower/hook_context.h"
#include "compiler/lower/import_c.h"
#include "compiler/lower/parse.h"
#include "compiler/lower/settle.h"
#include "compiler/lower/state_map.h"
#include "compiler/lower/uses.h"
#include "compiler/sema/reach.h"

namespace netc {

namespace lower {

namespace {

std::string BaseName(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// Chosen from what the hook's packets are, not from which hook it is.
ir::AccessMethod MethodOf(const sema::HookBlock& block, const hooks::PacketModel& packet) {
  if (packet.start == hooks::PacketStart::kNone || packet.start == hooks::PacketStart::kOption) {
    return ir::AccessMethod::kNone;
  }
  // Segments in sockops are for TCP options alone: headers are absent there.
  if (!block.hook->FindField("data")) return ir::AccessMethod::kNone;
  if (!packet.pull.empty()) return ir::AccessMethod::kPull;
  bool frags = std::any_of(
      block.attributes.begin(), block.attributes.end(),
      [](const auto& attribute) { return attribute.name == "frags" && attribute.value == "yes"; });
  bool linear = packet.direct_write && !frags;
  return linear || packet.load.empty() ? ir::AccessMethod::kDirect : ir::AccessMethod::kCopy;
}

class ProgramWriter {
 public:
  ProgramWriter(const SourceSet& sources, const sema::Program& checked, const Plan& plan)
      : checked_(checked),
        context_{sources, checked, plan, program_, Types(checked.types, program_.structs), {}, {}} {
  }

  ir::Program Run() {
    program_.name = checked_.name;
    program_.documentation = checked_.documentation;
    for (uint32_t i = 0; i < context_.sources.size(); ++i) {
      program_.files.push_back(BaseName(context_.sources.file(static_cast<FileId>(i)).path()));
    }
    for (const sema::State& state : checked_.states) {
      program_.maps.push_back(MapOf(state, context_.types, checked_.floor));
      ir::Map& map = program_.maps.back();
      if (map.comment.empty()) map.comment = Declaration(state.span);
    }
    for (const sema::Event& event : checked_.events) AddEvent(event);
    AddIncludes(context_);
    for (const sema::Control& control : checked_.controls) {
      program_.controls.push_back({CName(control.name), control.name, control.documentation, {}});
    }
    for (const sema::HookBlock& block : checked_.hooks) AddHook(block);
    for (const sema::Param& param : checked_.params) AddParameter(param);
    return std::move(program_);
  }

 private:
  // "edge.np:7: state blocked: prefixes<ipv4_addr>(65_536)", for what its author
  // left without a word.
  std::string Declaration(Span span) const {
    ir::Origin origin = context_.Locate(span);
    std::string_view text = context_.sources.file(span.file).text();
    text = text.substr(text.substr(0, span.begin).rfind('\n') + 1);
    text = text.substr(0, text.find_first_of("=;\n"));
    while (text.ends_with(' ')) text.remove_suffix(1);
    return fmt::format("{}:{}: {}", program_.files[origin.file], origin.line, text);
  }

  void AddEvent(const sema::Event& event) {
    ir::Struct record{CName(event.name), event.documentation, {}};
    record.members.push_back({ir::Unsigned(32), "netc_id"});
    record.members.push_back({ir::Unsigned(32), "netc_size"});
    uint32_t offset = 8;
    for (const sema::EventField& field : event.fields) {
      if (field.offset > offset) {
        record.members.push_back(
            {ir::Unsigned(8), fmt::format("pad{}", offset), field.offset - offset});
      }
      record.members.push_back({context_.types.Of(field.type), CName(field.name)});
      offset = field.offset + checked_.types.SizeOf(field.type);
    }
    if (event.size > offset) {
      record.members.push_back(
          {ir::Unsigned(8), fmt::format("pad{}", offset), event.size - offset});
    }
    auto id = static_cast<uint32_t>(program_.events.size());
    program_.events.push_back(
        {event.name, id, context_.types.AddStruct(std::move(record)), event.size});
  }

  void AddParameter(const sema::Param& param) {
    bool is_text = checked_.types[param.type].kind == sema::TypeKind::kString;
    if (param.is_const || is_text) return;
    ir::Hook none;
    sema::HookBlock no_block;
    HookContext context{context_, no_block, none, {}, {}};
    ir::Function function;
    Body body(context, function);
    program_.parameters.push_back({CName(param.name), param.documentation,
                                   context_.types.Of(param.type), body.Value(*param.value)});
  }

  void AddHook(const sema::HookBlock& block) {
    program_.hooks.emplace_back();
    ir::Hook& hook = program_.hooks.back();
    hook.name = block.name;
    hook.documentation = block.documentation;
    hook.origin = context_.Locate(block.head);
    hook.hook = block.hook;
    hook.unreadable = block.unreadable;
    hook.audit_pass = block.hook->FindVerdict("pass");
    if (block.lsm) hook.target = block.lsm->name;
    // One block for both families is a program for each.
    hook.main.name = CName(block.name);
    if (!block.family_of.empty()) hook.main.name += block.hook->name.back();
    hook.main.result = ir::Signed(32);
    if (block.member) AddMember(block, hook);
    hook.rule_count = static_cast<uint32_t>(block.rules.size());
    program_.rule_count = std::max(program_.rule_count, block.first_rule + hook.rule_count);
    hook.packet.method = MethodOf(block, block.hook->packet);

    hook.tells_verdict = RunsOnDevice(block);

    HookContext context{context_, block, hook, {}, {}};
    Uses uses = UsesOf(checked_, block.body);
    bool skb = hook.packet.method == ir::AccessMethod::kPull;
    hook.changes_sums = AddChecksummed(uses) && !skb;
    if (hook.packet.method != ir::AccessMethod::kNone) {
      context.plan = MakeParsePlan(checked_, block.hook->packet.start, uses.headers);
      AddSlots(context, uses);
    }
    if (!context.plan.empty()) {
      if (block.unreadable) hook.unreadable_fault = context_.Fault("unreadable in " + block.name);
      WriteParser(context);
    }
    Body body(context, hook.main);
    body.EnterFrame(block.locals);
    body.code().SetOrigin(hook.origin);
    body.Begin();
    body.TopLevel(block.body);
    body.code().SetOrigin(hook.origin);
    if (!AlwaysLeaves(block.body) && block.at_end)
      body.code().Add(ir::Exit{block.at_end, std::nullopt});
  }

  // Whether a test sends what BPF_PROG_TEST_RUN may not take with an skb: packets
  // that end in their headers, or that fill more than a page with what is around
  // them (net/bpf/test_run.c).
  bool RunsOnDevice(const sema::HookBlock& block) const {
    constexpr size_t kLeast = 54, kMost = 3'000;
    const hooks::Hook& hook = *block.hook;
    if (hook.attach.scope != hooks::AttachScope::kDevice || hook.packet.pull.empty()) return false;
    auto index = static_cast<uint32_t>(program_.hooks.size() - 1);
    return std::any_of(checked_.tests.begin(), checked_.tests.end(), [&](const auto& test) {
      return test.program == index &&
             std::any_of(test.steps.begin(), test.steps.end(), [&](const object::Step& step) {
               const auto* send = std::get_if<object::Send>(&step.what);
               return send && (send->packet.size() < kLeast || send->packet.size() > kMost);
             });
    });
  }

  void AddMember(const sema::HookBlock& block, ir::Hook& hook) {
    ir::Control& control = program_.controls[*block.control];
    std::string member(block.member->name);
    hook.is_member = true;
    hook.main.name = control.name + "_" + member;
    hook.main.result = context_.types.Of(block.result);
    control.members.emplace_back(std::move(member), hook.main.name);
  }

  // A rewrite needs the headers whose checksums cover it; whether there are any that a
  // device may have been left to complete.
  bool AddChecksummed(Uses& uses) {
    bool any = false;
    for (const auto& [ref, field] : uses.rewritten) {
      for (const sema::Covering& covering : sema::CoveringsOf(checked_, ref, field)) {
        uses.headers.insert(covering.header);
        any = any || covering.how != sema::Covering::How::kHeader;
      }
    }
    return any;
  }

  // What a rewrite must know of a header besides its pointer: where it is, and where
  // what it carries ends.
  void KeepForRewrites(HookContext& context, const Uses& uses) {
    bool moved = context.hook.packet.method != ir::AccessMethod::kDirect;
    for (auto& [ref, id] : context.slots) {
      ir::Slot& slot = context.slot(id);
      const auto& checksum = context_.header(ref.header).checksum;
      bool crc = checksum && checksum->algorithm == sema::Checksum::Algorithm::kCrc32c;
      for (const auto& [changed, field] : uses.rewritten) {
        bool loose = sema::OwnerOf(checked_, changed) == ref &&
                     (moved || IsLoose(checked_, changed) || ref.scope == sema::Scope::kInner);
        for (const sema::Covering& covering : sema::CoveringsOf(checked_, changed, field)) {
          if (covering.header != ref) continue;
          loose = loose || crc || IsLoose(checked_, changed) || IsLoose(checked_, ref);
          slot.keep_end = slot.keep_end || crc;
        }
        slot.keep_offset = slot.keep_offset || moved || loose;
        if (crc && slot.keep_end) KeepOffset(context, changed);
      }
    }
  }
  static void KeepOffset(HookContext& context, sema::HeaderRef ref) {
    if (auto slot = context.slots.find(ref); slot != context.slots.end()) {
      context.slot(slot->second).keep_offset = true;
    }
  }

  // Bits are the same in all hooks, so that they have one name; a program with more than
  // 64 headers has hooks with bits of their own.
  void ChooseBits(HookContext& context) {
    constexpr size_t kBits = 64;
    auto of_program = context_.bits;
    for (sema::HeaderRef ref : context.plan.slots) {
      if (context.IsOption(ref)) continue;
      of_program.emplace(ref, static_cast<uint32_t>(of_program.size()));
    }
    context.hook.packet.own_bits = of_program.size() > kBits;
    if (!context.hook.packet.own_bits) context_.bits = std::move(of_program);
  }

  // Inside tunnels the ways multiply: a packet can come to its inner TCP header on
  // hundreds. What puts it into one asks of both families and each transport what its
  // headers say, which must not be done once for each way. Nor must the rounds of a loop:
  // what a way knows of the headers makes all its rounds its own.
  bool TakesManyWays(const HookContext& context, const Uses& uses) const {
    const auto& parsed = context.plan.parsed;
    return uses.encaps || uses.loops ||
           std::any_of(parsed.begin(), parsed.end(),
                       [](sema::HeaderRef ref) { return ref.scope == sema::Scope::kInner; });
  }

  void AddSlots(HookContext& context, const Uses& uses) {
    ChooseBits(context);
    context.hook.packet.by_offset = TakesManyWays(context, uses);
    uint32_t own_bit = 0;
    for (sema::HeaderRef ref : context.plan.slots) {
      const sema::Header& header = context_.header(ref.header);
      ir::Slot slot;
      slot.name = CName(context_.NameOf(ref));
      slot.layout = context_.layout(ref.header).layout;
      slot.bytes = header.fixed_size;
      slot.is_option = header.option_of.has_value();
      if (!slot.is_option) {
        bool own = context.hook.packet.own_bits;
        slot.bit = uint64_t{1} << (own ? own_bit++ : context_.bits.at(ref));
      }
      slot.beside = context.MayStandBeside(ref);
      slot.copied = context.hook.packet.method == ir::AccessMethod::kCopy &&
                    !context.hook.packet.by_offset && !slot.is_option;
      slot.keep_offset = context.hook.packet.by_offset || slot.is_option || slot.beside ||
                         uses.payloads.contains(ref);
      context.slots[ref] = static_cast<ir::SlotId>(context.hook.packet.slots.size());
      context.hook.packet.slots.push_back(std::move(slot));
    }
    KeepForRewrites(context, uses);
    KeepEndsOfPayloads(context, uses);
    const hooks::PacketModel& model = context.block.hook->packet;
    context.hook.packet.load_helper = model.load;
    context.hook.packet.pull_helper = model.pull;
    context.hook.packet.need = Need(context);
  }

  // Without extents all of them end with the packet.
  void KeepEndsOfPayloads(HookContext& context, const Uses& uses) {
    const auto& parsed = context.plan.parsed;
    bool bounded = std::any_of(parsed.begin(), parsed.end(), [&](sema::HeaderRef ref) {
      return context_.header(ref.header).extent != nullptr;
    });
    for (sema::HeaderRef ref : uses.payloads) {
      auto slot = context.slots.find(ref);
      if (bounded && slot != context.slots.end()) context.slot(slot->second).keep_end = true;
    }
  }

  // Bytes that the headers of a packet can take at most, chains aside.
  uint32_t Need(const HookContext& context) const {
    uint32_t total = 0;
    for (sema::HeaderRef ref : context.plan.parsed) {
      const sema::Header& header = context_.header(ref.header);
      bool walked = !context.plan.OptionsOf(checked_, ref).empty();
      total += std::max(header.fixed_size, std::min(header.max_size, walked ? 512u : 64u));
    }
    return std::min(total, 512u);
  }

  const sema::Program& checked_;
  ir::Program program_;
  ProgramContext context_;
};

}  // namespace

}  // namespace lower

ir::Program Lower(const SourceSet& sources, const sema::Program& program, const Plan& plan) {
  return lower::ProgramWriter(sources, program, plan).Run();
}

}  // namespace netc
