// What the object tells the runtime about a lowered program.
#include <fmt/format.h>

#include <cassert>
#include <cstring>

#include "compiler/lower/lower.h"
#include "compiler/lower/state_map.h"
#include "compiler/sema/constant.h"

namespace netc {

namespace lower {
namespace {

class Describer {
 public:
  Describer(const SourceSet& sources, const sema::Program& checked, const ir::Program& lowered)
      : sources_(sources), checked_(checked), lowered_(lowered) {}

  object::ObjectInfo Run() {
    info_.pipeline = checked_.name;
    info_.netc_version = lowered_.version;
    info_.kernel_major = checked_.floor.major;
    info_.kernel_minor = checked_.floor.minor;
    for (size_t i = 0; i < checked_.hooks.size(); ++i) Add(checked_.hooks[i], lowered_.hooks[i]);
    for (size_t i = 0; i < checked_.states.size(); ++i) Add(checked_.states[i], lowered_.maps[i]);
    for (const sema::Param& param : checked_.params) Add(param);
    for (size_t i = 0; i < checked_.events.size(); ++i) Add(checked_.events[i], lowered_.events[i]);
    info_.faults = lowered_.faults;
    return std::move(info_);
  }

 private:
  object::Place PlaceOf(Span span) const {
    if (static_cast<uint32_t>(span.file) >= sources_.size()) return {};
    LineColumn at = sources_.file(span.file).Locate(span.begin);
    return {lowered_.files[static_cast<size_t>(span.file)], at.line, at.column};
  }

  object::Bytes BytesOf(const sema::Expr& constant) const {
    auto bytes = sema::ConstantBytes(checked_.types, constant);
    assert(bytes && "the checker lets only constants pass here");
    return *bytes;
  }

  // In a prefix map an address is a prefix of full length.
  object::Bytes KeyBytes(const sema::State& state, const sema::Expr& key) const {
    object::Bytes bytes = BytesOf(key);
    if (!IsPrefixMap(state.kind) || checked_.types[key.type].kind == sema::TypeKind::kPrefix)
      return bytes;
    uint32_t length = static_cast<uint32_t>(bytes.size()) * 8;
    object::Bytes prefix(4 + (bytes.size() + 3) / 4 * 4);
    std::memcpy(prefix.data(), &length, sizeof(length));
    std::memcpy(prefix.data() + 4, bytes.data(), bytes.size());
    return prefix;
  }

  void Add(const sema::HookBlock& block, const ir::Hook& hook) {
    object::Program program;
    program.name = block.name;
    program.function = hook.main.name;
    program.hook = block.hook->name;
    program.place = PlaceOf(block.head);
    for (const sema::AttachAttribute& attribute : block.attributes) {
      bool is_param = attribute.param.has_value();
      program.attributes.push_back(
          {attribute.name,
           is_param ? checked_.params[static_cast<size_t>(*attribute.param)].name : attribute.value,
           is_param});
    }
    for (const hooks::Verdict& verdict : block.hook->verdicts) {
      program.verdicts.push_back({std::string(verdict.word), verdict.code});
    }
    uint32_t index = block.first_rule;
    // Rules of a block for both families are the same; they stand with the first program.
    for (const object::Program& other : info_.programs) {
      if (!block.family_of.empty() && other.name == block.name) {
        info_.programs.push_back(std::move(program));
        return;
      }
    }
    for (const sema::Rule& rule : block.rules) {
      program.rules.push_back({index++, PlaceOf(rule.span), rule.text,
                               rule.verdict ? std::string(rule.verdict->word) : ""});
    }
    program.changes_sums = hook.changes_sums;
    program.sends_copies = hook.sends_copies;
    info_.programs.push_back(std::move(program));
  }

  void Add(const sema::State& state, const ir::Map& map) {
    object::State described;
    described.name = state.name;
    described.map = map.name;
    described.kind = KindName(state.kind);
    described.documentation = state.documentation;
    described.per_cpu = map.type.find("PERCPU") != std::string::npos;
    if (state.key) described.key = KeyInfo(state);
    if (state.value) {
      described.value = checked_.types.Info(*state.value);
    } else if (map.value && map.value->is_number() && map.value->bits == 64) {
      described.value = object::TypeInfo{object::Form::kUnsigned, "u64", 8, 64, 0, {}, {}, {}};
    }
    described.capacity = static_cast<uint32_t>(map.entries);
    described.expires = state.expires_ns;
    described.idle = state.idle_ns;
    described.swappable = state.swappable;
    described.step = state.step;
    // Limiters in bits a second and pacers count sixteenths: see docs/language.md, section 10.
    bool bits = state.rate && checked_.types[state.rate->type].kind == sema::TypeKind::kBitrate;
    if (bits || state.kind == sema::StateKind::kPacer) described.parts = 16;
    for (const ir::Map& other : lowered_.maps) {
      if (other.copy_of && lowered_.maps[*other.copy_of].name == map.name) {
        described.copies.push_back(other.name);
      }
    }
    described.buckets = state.kind == sema::StateKind::kRing ? state.buckets : 0;
    described.by_key = state.ring_key.has_value();
    for (const ir::Map& other : lowered_.maps) {
      if (other.table_of && lowered_.maps[*other.table_of].name == map.name) {
        described.table = other.name;
      }
    }
    if (state.kind == sema::StateKind::kInterfaces) {
      described.key = kInterface;
      described.value.reset();
    } else if (sema::IsSlots(state.kind)) {
      described.value = SlotInfo(state.kind);
    }
    for (const sema::StateEntry& entry : state.entries) {
      object::Entry bytes;
      if (entry.key) bytes.key = KeyBytes(state, *entry.key);
      if (entry.value) bytes.value = BytesOf(*entry.value);
      if (entry.param) bytes.param = checked_.params[static_cast<size_t>(*entry.param)].name;
      described.initial.push_back(std::move(bytes));
    }
    info_.states.push_back(std::move(described));
  }

  inline static const object::TypeInfo kInterface{
      object::Form::kString, "interface", 16, 0, 0, {}, {}, {}};
  // Slots are filled with words that the runtime understands: runtime/slots.h.
  static object::TypeInfo SlotInfo(sema::StateKind kind) {
    using object::Form;
    if (kind == sema::StateKind::kDevices) return kInterface;
    if (kind == sema::StateKind::kCpus) return {Form::kUnsigned, "u32", 4, 32, 0, {}, {}, {}};
    return {Form::kString, "socket", 64, 0, 0, {}, {}, {}};
  }

  object::TypeInfo KeyInfo(const sema::State& state) const {
    object::TypeInfo key = checked_.types.Info(*state.key);
    if (!IsPrefixMap(state.kind) || key.form == object::Form::kPrefix) return key;
    object::TypeInfo prefix;
    prefix.form = object::Form::kPrefix;
    prefix.name = "prefix<" + key.name + ">";
    prefix.size = 4 + (key.size + 3) / 4 * 4;
    prefix.element.push_back(std::move(key));
    return prefix;
  }

  void Add(const sema::Param& param) {
    object::Parameter described;
    described.name = param.name;
    described.documentation = param.documentation;
    described.type = checked_.types.Info(param.type);
    described.initial = BytesOf(*param.value);
    // Text is for attributes alone, which the program doesn't see.
    bool is_text = checked_.types[param.type].kind == sema::TypeKind::kString;
    if (!param.is_const && !is_text) described.symbol = CName(param.name);
    info_.parameters.push_back(std::move(described));
  }

  void Add(const sema::Event& event, const ir::Event& lowered) {
    object::Event described{lowered.id, event.name, event.documentation, event.size, {}};
    for (const sema::EventField& field : event.fields) {
      described.fields.push_back({field.name, field.offset, checked_.types.Info(field.type)});
    }
    info_.events.push_back(std::move(described));
  }

  const SourceSet& sources_;
  const sema::Program& checked_;
  const ir::Program& lowered_;
  object::ObjectInfo info_;
};

}  // namespace
}  // namespace lower

object::ObjectInfo Describe(const SourceSet& sources, const sema::Program& program,
                            const ir::Program& lowered) {
  return lower::Describer(sources, program, lowered).Run();
}

}  // namespace netc
