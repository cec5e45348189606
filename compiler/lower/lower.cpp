#include "compiler/lower/lower.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/lower/body.h"
#include "compiler/lower/hook_context.h"
#include "compiler/lower/import_c.h"
#include "compiler/lower/parse.h"
#include "compiler/lower/state_map.h"
#include "compiler/lower/uses.h"

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
      program_.maps.push_back(MapOf(state, context_.types));
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
    hook.main.name = CName(block.name);
    hook.main.result = ir::Signed(32);
    if (block.member) AddMember(block, hook);
    hook.rule_count = static_cast<uint32_t>(block.rules.size());
    program_.rule_count = std::max(program_.rule_count, block.first_rule + hook.rule_count);
    hook.packet.method = MethodOf(block, block.hook->packet);

    hook.tells_verdict = RunsOnDevice(block);

    HookContext context{context_, block, hook, {}, {}};
    Uses uses = UsesOf(checked_, block.body);
    AddChecksummed(uses);
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

  // A rewrite needs what the checksum over it covers.
  void AddChecksummed(Uses& uses) {
    for (sema::HeaderRef ref : uses.rewritten) {
      for (size_t i = 0; i < checked_.headers.size(); ++i) {
        if (checked_.headers[i].checksum)
          AddIfCovers({static_cast<sema::HeaderId>(i), ref.scope}, ref, uses);
      }
    }
  }
  void AddIfCovers(sema::HeaderRef summed, sema::HeaderRef changed, Uses& uses);

  void AddSlots(HookContext& context, const Uses& uses) {
    for (sema::HeaderRef ref : context.plan.slots) {
      const sema::Header& header = context_.header(ref.header);
      auto bit =
          context_.bits.emplace(ref, static_cast<uint32_t>(context_.bits.size())).first->second;
      ir::Slot slot;
      slot.name = CName(context_.NameOf(ref));
      slot.layout = context_.layout(ref.header).layout;
      slot.bytes = header.fixed_size;
      slot.bit = uint64_t{1} << bit;
      bool moved =
          !uses.rewritten.empty() && context.hook.packet.method != ir::AccessMethod::kDirect;
      slot.keep_offset = moved || uses.payloads.contains(ref);
      context.slots[ref] = static_cast<ir::SlotId>(context.hook.packet.slots.size());
      context.hook.packet.slots.push_back(std::move(slot));
    }
    context.hook.packet.keep_limit =
        !uses.payloads.empty() &&
        std::any_of(
            context.plan.parsed.begin(), context.plan.parsed.end(),
            [&](sema::HeaderRef ref) { return context_.header(ref.header).extent != nullptr; });
    const hooks::PacketModel& model = context.block.hook->packet;
    context.hook.packet.load_helper = model.load;
    context.hook.packet.pull_helper = model.pull;
    context.hook.packet.need = Need(context);
  }

  // Bytes that the headers of a packet can take at most, chains aside.
  uint32_t Need(const HookContext& context) const {
    uint32_t total = 0;
    for (sema::HeaderRef ref : context.plan.parsed) {
      const sema::Header& header = context_.header(ref.header);
      total += std::max(header.fixed_size, std::min(header.max_size, 64u));
    }
    return std::min(total, 512u);
  }

  const sema::Program& checked_;
  ir::Program program_;
  ProgramContext context_;
};

// A sum that takes this header's fields in: a pseudo header.
void ProgramWriter::AddIfCovers(sema::HeaderRef summed, sema::HeaderRef changed, Uses& uses) {
  for (const sema::ExprPtr& summand : context_.header(summed.header).checksum->summands) {
    if (Mentions(*summand, changed.header)) uses.headers.insert(summed);
  }
}

}  // namespace

}  // namespace lower

ir::Program Lower(const SourceSet& sources, const sema::Program& program, const Plan& plan) {
  return lower::ProgramWriter(sources, program, plan).Run();
}

}  // namespace netc
