#include <algorithm>

#include <fmt/format.h>

#include "compiler/codegen/compile.h"
#include "compiler/driver/driver.h"
#include "compiler/emit/emit.h"
#include "compiler/ir/passes.h"
#include "compiler/lower/lower.h"

namespace netc::driver {
namespace {

// Plans from the most readable to the tightest; the first that Clang can take wins.
constexpr Plan kPlans[] = {
    {.barrier_every = 1, .barrier_from = 8},
    {.barrier_every = 1, .barrier_from = 1},
};

Lowered LowerWith(const Checked& checked, const Plan& plan) {
  ir::Program program = netc::Lower(checked.sources, *checked.program, plan);
  program.version = NETC_VERSION;
  ir::RunPasses(program);
  CSource source = Emit(program);
  Lowered lowered;
  lowered.c_name = checked.program->name + ".bpf.c";
  lowered.info = Describe(checked.sources, *checked.program, program);
  DescribeEmitted(program, source, lowered.info);
  lowered.c_source = std::move(source.text);
  lowered.ir = ir::Dump(program);
  return lowered;
}

codegen::CompileResult CompileC(const Lowered& lowered) {
  codegen::CompileRequest request;
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

}  // namespace

Lowered Lower(const Checked& checked) { return LowerWith(checked, kPlans[0]); }

Compiled Compile(const Checked& checked) {
  Compiled compiled;
  for (const Plan& plan : kPlans) {
    compiled.lowered = LowerWith(checked, plan);
    codegen::CompileResult result = CompileC(compiled.lowered);
    compiled.ok = result.ok;
    compiled.too_large = result.failure == codegen::Failure::kTooLarge;
    if (result.ok) {
      compiled.object = std::move(result.object);
      return compiled;
    }
    compiled.failure = Explain(result, compiled.lowered);
    if (!compiled.too_large) return compiled;
  }
  return compiled;
}

}  // namespace netc::driver
