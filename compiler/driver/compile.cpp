#include "compiler/codegen/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>

#include "compiler/driver/driver.h"
#include "compiler/emit/emit.h"
#include "compiler/ir/passes.h"
#include "compiler/lower/lower.h"

namespace netc::driver {
namespace {

// Plans from the most readable to the tightest; the first that fits wins.
constexpr Plan kPlans[] = {
    {.barrier_from = 8, .part_weight = 0},
    {.barrier_from = 8, .part_weight = 8'000},
    {.barrier_from = 1, .part_weight = 2'500},
    // What a hook does alone takes less stack than what it does in one function.
    {.barrier_from = 1, .part_weight = 1'000},
    {.barrier_from = 1, .part_weight = 300},
};

// A jump reaches 32,767 instructions, and the kernel makes some into many when it inlines
// lookups ("cannot be patched due to 16-bit range", kernel/bpf/core.c); the most that it was
// seen to add to a chain of lookups is as much again.
constexpr uint32_t kMostInstructions = 14'000;

bool Fits(const codegen::CompileResult& result) {
  return std::all_of(result.functions.begin(), result.functions.end(),
                     [](const auto& each) { return each.instructions <= kMostInstructions; });
}

Lowered LowerWith(const Checked& checked, const Plan& plan) {
  ir::Program program = netc::Lower(checked.sources, *checked.program, plan);
  program.version = NETC_VERSION;
  ir::RunPasses(program);
  if (plan.part_weight > 0) ir::Split(program, plan.part_weight);
  CSource source = Emit(program);
  Lowered lowered;
  lowered.c_name = checked.program->name + ".bpf.c";
  lowered.info = Describe(checked.sources, *checked.program, program);
  DescribeEmitted(program, source, lowered.info);
  lowered.c_source = std::move(source.text);
  lowered.ir = ir::Dump(program);
  return lowered;
}

codegen::CompileResult CompileC(const Checked& checked, const Lowered& lowered) {
  codegen::CompileRequest request;
  for (const sema::Unit::CHeader& header : checked.unit.c_headers) {
    request.headers.push_back({header.path, std::string(checked.sources.file(header.file).text())});
  }
  request.c_name = lowered.c_name;
  request.c_source = lowered.c_source;
  std::string info = object::Serialize(lowered.info);
  request.extra_sections.push_back(
      {std::string(object::kObjectSection), std::vector<uint8_t>(info.begin(), info.end())});
  return codegen::Compile(request);
}

// Clang refusing what netc emitted is a bug in netc: all that is needed to find it.
std::string Explain(const codegen::CompileResult& result, const Lowered& lowered) {
  if (result.failure != codegen::Failure::kClangErrors) return result.reason;
  std::string text = "Clang refuses the C that netc wrote, which is a bug in netc";
  for (const codegen::CompileMessage& message : result.messages) {
    if (message.severity != codegen::Severity::kError) continue;
    text += fmt::format("\n  {}:{}:{}: {}", lowered.c_name, message.c_line, message.c_column,
                        message.text);
    const auto& lines = lowered.info.lines;
    auto after = std::upper_bound(
        lines.begin(), lines.end(), message.c_line,
        [](uint32_t line, const object::LineMapping& mapping) { return line < mapping.c_line; });
    if (after == lines.begin()) continue;
    const object::Place& place = std::prev(after)->place;
    text += fmt::format(" (for {}:{})", place.file, place.line);
  }
  return text;
}

// The text of a line of the emitted C.
std::string_view LineOf(std::string_view text, uint32_t line) {
  for (uint32_t i = 1; i < line; ++i)
    text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
  return text.substr(0, text.find('\n'));
}

// The place of a line and column of a file.
Span PlaceIn(const SourceSet& sources, FileId id, uint32_t line, uint32_t column) {
  std::string_view text = sources.file(id).text();
  size_t at = 0;
  for (uint32_t i = 1; i < line && at < text.size(); ++i) {
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  }
  at = std::min(at + (column > 0 ? column - 1 : 0), text.size());
  size_t end = at;
  auto in_word = [&](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  while (end < text.size() && in_word(text[end])) ++end;
  if (end == at && at < text.size() && text[at] != '\n') ++end;
  return {id, static_cast<uint32_t>(at), static_cast<uint32_t>(end)};
}

// What Clang says of the user's headers is the user's, and so is a function that is
// not what the pipeline says of it: the emitted C asserts each.
void ExplainC(const Checked& checked, const codegen::CompileResult& result, const Lowered& lowered,
              diag::Diagnostics& diagnostics) {
  constexpr std::string_view kAssert = "_Static_assert(__builtin_types_compatible_p(__typeof__(&";
  for (const codegen::CompileMessage& message : result.messages) {
    if (message.severity != codegen::Severity::kError) continue;
    if (!message.file.empty()) {
      for (const sema::Unit::CHeader& header : checked.unit.c_headers) {
        if (header.path != message.file) continue;
        Span place = PlaceIn(checked.sources, header.file, message.c_line, message.c_column);
        diagnostics.Emit(diag::Error(diag::Kind::kBadC, place, message.text));
      }
      continue;
    }
    std::string_view line = LineOf(lowered.c_source, message.c_line);
    if (!line.starts_with(kAssert)) continue;
    std::string_view name = line.substr(kAssert.size());
    name = name.substr(0, name.find(')'));
    for (const sema::CFunction& function : checked.program->c_functions) {
      if (function.name != name) continue;
      size_t quote = line.find('"');
      std::string_view type = line.substr(quote + 1, line.rfind('"') - quote - 1);
      const std::string& header = checked.program->c_imports[function.import].path;
      diagnostics.Emit(diag::Error(diag::Kind::kBadC, function.span,
                                   fmt::format("`{}` has no function `{}`", header, type),
                                   "is not as it is declared here"));
    }
  }
}

// The limits are the kernel's form of instructions: 16 bits for a jump, 512 bytes of
// stack. No plan was tight enough.
diag::Diagnostic TooLarge(const Checked& checked, const std::string& reason, bool stack) {
  return diag::Error(diag::Kind::kTooLarge, checked.unit.files[0].name.span,
                     fmt::format("the pipeline `{}` is too large for BPF", checked.program->name),
                     reason)
      .WithHint(
          stack ? "here: have fewer large values (arrays, structs, tuples) at once: use entries "
                  "where they stand, by `if let`, and smaller keys"
                : "here: put addresses and ports that many rules compare with into a state, "
                  "and ask that in one rule");
}

}  // namespace

Lowered Lower(const Checked& checked) {
  return LowerWith(checked, kPlans[0]);
}

Compiled Compile(const Checked& checked) {
  Compiled compiled;
  bool stack = false;
  for (const Plan& plan : kPlans) {
    compiled.lowered = LowerWith(checked, plan);
    codegen::CompileResult result = CompileC(checked, compiled.lowered);
    compiled.ok = result.ok;
    stack = result.failure == codegen::Failure::kStack;
    compiled.too_large = stack || result.failure == codegen::Failure::kTooLarge;
    bool last = &plan == std::end(kPlans) - 1;
    if (result.ok && !last && !Fits(result)) continue;
    if (result.ok) {
      compiled.object = std::move(result.object);
      return compiled;
    }
    ExplainC(checked, result, compiled.lowered, compiled.diagnostics);
    compiled.failure = Explain(result, compiled.lowered);
    if (!compiled.too_large) return compiled;
  }
  compiled.diagnostics.Emit(TooLarge(checked, compiled.failure, stack));
  return compiled;
}

bool IsMadeFrom(const object::ObjectInfo& info, const Checked& checked) {
  std::string stored = object::Serialize(info);
  return std::ranges::any_of(kPlans, [&](const Plan& plan) {
    return object::Serialize(LowerWith(checked, plan).info) == stored;
  });
}

}  // namespace netc::driver
