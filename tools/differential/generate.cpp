#include "tools/differential/generate.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/differential/body.h"

namespace netc::differential {
namespace {

// An alias that no block could use is refused.
void WriteAlias(Pipeline& pipeline, const std::vector<const hooks::Hook*>& blocks) {
  Body body(pipeline, nullptr, nullptr);
  Body::Condition condition = body.MakeCondition(2, false);
  AliasDecl made{pipeline.Name("a"), condition.negatable, body.used_frame(), body.used_packet(),
                 condition.yes.all()};
  bool usable = std::ranges::any_of(blocks, [&](const hooks::Hook* hook) {
    hooks::PacketStart start = hook->packet.start;
    return made.frame ? start == hooks::PacketStart::kFrame
                      : !made.packet || start != hooks::PacketStart::kNone;
  });
  if (!usable) return;
  pipeline.items += fmt::format("let {} = {};\n", made.name, condition.text.s);
  pipeline.aliases.push_back(std::move(made));
}

void WriteFunction(Pipeline& pipeline) {
  Choices& choices = pipeline.choices;
  FunctionDecl made;
  made.name = pipeline.Name("f");
  made.writes_packet = choices.Chance(25);
  std::vector<Variable> parameters;
  std::string list;
  for (uint32_t i = choices.Below(4); i > 0; --i) {
    Type type = AnyType(pipeline);
    made.parameters.push_back(type);
    parameters.push_back({pipeline.Name("q"), type, false});
    list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", parameters.back().name,
                        pipeline.TypeName(type));
  }
  if (choices.Chance(65)) made.result = AnyType(pipeline);
  Body body(pipeline, nullptr, &made);
  std::string block = body.Write(choices.Between(1, 6), parameters);
  made.reads_packet = body.used_packet();
  made.reads_frame = body.used_frame();
  std::string result = made.result ? " -> " + pipeline.TypeName(*made.result) : "";
  pipeline.items += fmt::format("fn {}({}){} {}", made.name, list, result, block);
  pipeline.functions.push_back(std::move(made));
}

std::string Attributes(Pipeline& pipeline, const hooks::Hook& hook) {
  Choices& choices = pipeline.choices;
  std::string list;
  auto add = [&](std::string_view name, const std::string& value) {
    list += fmt::format("{}{}: {}", list.empty() ? "" : ", ", name, value);
  };
  // As it is, or by a parameter or constant.
  auto text = [&](std::string_view name, const char* type, const std::string& value) {
    if (!choices.Chance(20)) return add(name, value);
    std::string named = pipeline.Name("w");
    const char* what = choices.OneOf({"param", "const param", "const"});
    pipeline.items += fmt::format("{} {}: {} = {};\n", what, named, type, value);
    add(name, named);
  };
  for (const hooks::AttachAttribute& attribute : hook.attributes) {
    switch (attribute.type) {
      case hooks::AttributeType::kInterface:
        text(attribute.name, "interface", "\"lo\"");
        break;
      case hooks::AttributeType::kCgroup:
        text(attribute.name, "string", "\"/sys/fs/cgroup\"");
        break;
      case hooks::AttributeType::kFlag:
        if (choices.Chance(12)) add(attribute.name, "yes");
        break;
      default:
        break;
    }
  }
  if (hook.unreadable && hook.packet.start != hooks::PacketStart::kNone && choices.Chance(30)) {
    std::vector<std::string_view> words;
    for (const hooks::Verdict& verdict : hook.verdicts) {
      bool one_word = verdict.word.find(' ') == std::string_view::npos;
      if (verdict.form == hooks::VerdictForm::kPlain && one_word) words.push_back(verdict.word);
    }
    add("unreadable", std::string(choices.Of(words)));
  }
  return list.empty() ? "" : " (" + list + ")";
}

}  // namespace

std::string GeneratePipeline(const Catalog& catalog, Choices& choices) {
  Pipeline pipeline{
      catalog, choices, catalog.enums, catalog.protocols, {}, {}, {}, {}, {}, {}, {}, {}, {},
      "",      0};
  WriteItems(pipeline);
  std::vector<const hooks::Hook*> blocks(1 + choices.Weighted({7, 2, 1}));
  for (const hooks::Hook*& hook : blocks) hook = choices.Of(catalog.runnable);
  for (uint32_t i = choices.Below(3); i > 0; --i) WriteAlias(pipeline, blocks);
  for (uint32_t i = choices.Below(4); i > 0; --i) WriteFunction(pipeline);
  for (size_t i = 0; i < blocks.size(); ++i) {
    const hooks::Hook& hook = *blocks[i];
    Body body(pipeline, &hook, nullptr);
    std::string attributes = Attributes(pipeline, hook);
    std::string block = body.Write(choices.Between(1, 16));
    pipeline.items += fmt::format("on {} b{}{} {}", hook.name, i, attributes, block);
  }
  const char* kernel = choices.Chance(25)
                           ? choices.OneOf({"kernel 6.6;\n", "kernel 6.12;\n", "kernel 6.18;\n"})
                           : "";
  return fmt::format("pipeline generated;\n{}import net;\n{}", kernel, pipeline.items);
}

}  // namespace netc::differential
