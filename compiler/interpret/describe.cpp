#include "compiler/interpret/describe.h"

#include <fmt/format.h>

#include <algorithm>

namespace netc::interpret {

using sema::Block;
using sema::EffectKind;
using sema::HookBlock;
using sema::StateKind;

namespace {

object::TypeInfo PrefixOf(object::TypeInfo address) {
  object::TypeInfo prefix;
  prefix.form = object::Form::kPrefix;
  prefix.name = "prefix<" + address.name + ">";
  prefix.size = 4 + address.size;
  prefix.element.push_back(std::move(address));
  return prefix;
}

// Collects what can fail, in the order of the statements.
class FaultFinder {
 public:
  explicit FaultFinder(const sema::Program& program) : program_(program) {}

  std::vector<std::string> Find() {
    for (const HookBlock& block : program_.hooks) {
      if (block.unreadable) Add(UnreadableIn(block));
      In(block.body, &block);
    }
    for (const sema::Function& function : program_.functions) In(function.body, nullptr);
    return std::move(names_);
  }

 private:
  void Add(std::string name) {
    if (std::find(names_.begin(), names_.end(), name) == names_.end())
      names_.push_back(std::move(name));
  }
  void AddState(sema::StateId id) { Add(FaultOf(program_.states[static_cast<size_t>(id)])); }

  void In(const Block& statements, const HookBlock* block) {
    for (const sema::Statement& statement : statements) {
      std::visit([&](const auto& node) { Of(node, block); }, statement.node);
    }
  }
  void Of(const sema::If& node, const HookBlock* block) {
    In(node.then, block);
    In(node.otherwise, block);
  }
  void Of(const sema::IfLet& node, const HookBlock* block) {
    In(node.then, block);
    In(node.otherwise, block);
  }
  void Of(const sema::Match& node, const HookBlock* block) {
    for (const sema::Match::Arm& arm : node.arms) In(arm.body, block);
    In(node.otherwise, block);
  }
  void Of(const sema::For& node, const HookBlock* block) { In(node.body, block); }
  void Of(const sema::CounterAdd& node, const HookBlock*) {
    if (node.key) AddState(node.state);
  }
  void Of(const sema::StateWrite& node, const HookBlock* block) {
    if (node.otherwise.empty()) return AddState(node.state);
    In(node.otherwise, block);
  }
  void Of(const sema::Effect& node, const HookBlock* block) {
    In(node.then, block);
    if (node.has_otherwise) return In(node.otherwise, block);
    if (block) Add(FaultOf(program_, node, *block));
  }
  void Of(const sema::StateUpdate& node, const HookBlock* block) {
    if (node.has_otherwise) return In(node.otherwise, block);
    Add(program_.states[static_cast<size_t>(node.state)].name + " has no such entry");
  }
  void Of(const sema::HistogramRecord& node, const HookBlock*) {
    if (node.key) AddState(node.state);
  }
  template <typename Other>
  void Of(const Other&, const HookBlock*) {}

  const sema::Program& program_;
  std::vector<std::string> names_;
};

object::Place PlaceOf(const SourceSet& sources, Span span) {
  if (static_cast<uint32_t>(span.file) >= sources.size()) return {};
  const SourceFile& file = sources.file(span.file);
  LineColumn at = file.Locate(span.begin);
  std::string path = file.path();
  return {path.substr(path.rfind('/') + 1), at.line, at.column};
}

}  // namespace

object::Program DescribeBlock(const SourceSet& sources, const HookBlock& block) {
  object::Program program;
  program.name = block.name;
  program.hook = block.hook->name;
  program.place = PlaceOf(sources, block.head);
  for (const hooks::Verdict& verdict : block.hook->verdicts) {
    program.verdicts.push_back({std::string(verdict.word), verdict.code});
  }
  uint32_t index = block.first_rule;
  for (const sema::Rule& rule : block.rules) {
    program.rules.push_back({index++, PlaceOf(sources, rule.span), rule.text,
                             rule.verdict ? std::string(rule.verdict->word) : ""});
  }
  return program;
}

object::State DescribeState(const sema::Program& program, const sema::State& state) {
  object::State described;
  described.name = state.name;
  if (state.kind == StateKind::kCounter) described.kind = "counter";
  bool prefixes = state.kind == StateKind::kPrefixes || state.kind == StateKind::kPrefixSet;
  if (state.key) {
    object::TypeInfo key = program.types.Info(*state.key);
    described.key = prefixes ? PrefixOf(std::move(key)) : std::move(key);
  }
  if (state.value) described.value = program.types.Info(*state.value);
  return described;
}

object::Event DescribeEvent(const sema::Program& program, sema::EventId id) {
  const sema::Event& event = program.events[static_cast<size_t>(id)];
  object::Event described{
      static_cast<uint32_t>(id), event.name, event.documentation, event.size, {}};
  for (const sema::EventField& field : event.fields) {
    described.fields.push_back({field.name, field.offset, program.types.Info(field.type)});
  }
  return described;
}

std::vector<std::string> FaultNames(const sema::Program& program) {
  return FaultFinder(program).Find();
}

std::string FaultOf(const sema::Program& program, const sema::Effect& effect,
                    const HookBlock& block) {
  std::string what(effect.row->word);
  bool of_header =
      effect.effect == EffectKind::kPushHeader || effect.effect == EffectKind::kPopHeader;
  if (of_header) what += " " + program.headers[static_cast<size_t>(effect.header.header)].name;
  if (effect.effect == EffectKind::kEncap) what += " " + std::string(effect.row->kind);
  return fmt::format("{} failed in {}", what, block.name);
}

std::string FaultOf(const sema::State& state) {
  return state.name + " is full";
}

std::string UnreadableIn(const HookBlock& block) {
  return "unreadable in " + block.name;
}

}  // namespace netc::interpret
