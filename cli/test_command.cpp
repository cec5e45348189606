#include <fmt/format.h>

#include <memory>

#include "cli/command.h"
#include "cli/front_end.h"
#include "cli/output.h"
#include "compiler/interpret/test_run.h"
#include "runtime/test_run.h"

namespace netc::cli {

namespace {

struct TestOptions {
  SourceOptions source;
  std::string filter;
  std::string object;
  bool interpret = false;
};

const char* Word(object::TestResult result) {
  switch (result) {
    case object::TestResult::kPassed:
      return "passed";
    case object::TestResult::kFailed:
      return "failed";
    default:
      return "skipped";
  }
}

void TellText(const object::TestPlan& plan, const object::TestOutcome& outcome) {
  std::string text = fmt::format("{:<7} {}", Word(outcome.result), plan.name);
  if (!outcome.reason.empty()) text += ": " + outcome.reason;
  for (const object::Problem& problem : outcome.problems) {
    text += fmt::format("\n  {}:{}:{}: {}", problem.place.file, problem.place.line,
                        problem.place.column, problem.message);
    if (!problem.step.empty()) text += fmt::format("\n      {}", problem.step);
    for (const std::string& detail : problem.details) text += fmt::format("\n    = {}", detail);
  }
  WriteLine(text);
}

void TellJson(const object::TestPlan& plan, const object::TestOutcome& outcome) {
  Json problems = Json::array();
  for (const object::Problem& problem : outcome.problems) {
    Json json = PlaceJson(problem.place);
    json["step"] = problem.step;
    json["message"] = problem.message;
    json["details"] = problem.details;
    problems.push_back(std::move(json));
  }
  Json json = {{"type", "test"}, {"name", plan.name}, {"result", Word(outcome.result)}};
  json.update(PlaceJson(plan.place));
  if (!outcome.reason.empty()) json["reason"] = outcome.reason;
  json["problems"] = std::move(problems);
  WriteJson(json);
}

// Shows each test's outcome, and at the end how many came out how.
template <typename RunOne>
int TestAll(const TestOptions& options, const std::vector<object::TestPlan>& tests, RunOne run) {
  bool json = options.source.json;
  size_t counts[3] = {};
  for (const object::TestPlan& plan : tests) {
    if (plan.name.find(options.filter) == std::string::npos) continue;
    runtime::Result<object::TestOutcome> outcome = run(plan);
    if (!outcome) return ShowFailure(outcome.failure(), json);
    ++counts[static_cast<size_t>(outcome->result)];
    json ? TellJson(plan, *outcome) : TellText(plan, *outcome);
  }
  auto [passed, failed, skipped] = counts;
  if (json) {
    WriteJson({{"type", "summary"}, {"passed", passed}, {"failed", failed}, {"skipped", skipped}});
  } else {
    WriteLine(fmt::format("{} passed, {} failed, {} skipped", passed, failed, skipped));
  }
  return static_cast<int>(failed == 0 ? runtime::Exit::kDone : runtime::Exit::kTest);
}

// No kernel is asked for anything, and nothing is compiled.
int Interpret(const TestOptions& options) {
  driver::Checked checked = CheckSource(options.source);
  if (!checked.ok()) return RefusedCode(checked);
  return TestAll(options, checked.program->tests, [&](const object::TestPlan& plan) {
    return interpret::RunTest(checked.sources, *checked.program, plan);
  });
}

int Test(const TestOptions& options) {
  if (options.interpret) return Interpret(options);
  bool json = options.source.json;
  auto opened = options.object.empty() ? OpenPipeline(options.source)
                                       : OpenTests(options.source, options.object);
  if (auto* code = std::get_if<int>(&opened)) return *code;
  const Pipeline& pipeline = std::get<Pipeline>(opened);
  if (!pipeline.from_source) {
    return ShowFailure(
        {runtime::Exit::kUsage,
         "an object carries no tests",
         {"give the pipeline's source as well: netc test FILE.np --object FILE.bpf.o"}},
        json);
  }
  bool taken = false;
  return TestAll(options, pipeline.tests, [&](const object::TestPlan& plan) {
    auto outcome = runtime::RunTest(pipeline.file, plan, taken);
    taken = true;
    return outcome;
  });
}

}  // namespace

void AddTest(CLI::App& app, Action& action) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* command =
      app.add_subcommand("test", "Run the tests that stand in a pipeline, in the kernel");
  command->add_option("FILE", options->source.path, "Pipeline (.np), or - for standard input")
      ->required();
  command->add_option("--filter", options->filter, "Only tests whose name holds this")
      ->option_text("TEXT");
  command->add_flag(
      "--interpret", options->interpret,
      "Run them in the reference interpreter: nothing is compiled, no kernel is asked");
  command
      ->add_option("--object", options->object,
                   "Load this, which `netc compile` made of the same source, instead of compiling")
      ->option_text("FILE")
      ->excludes("--interpret");
  options->source.AddTo(*command);
  command->footer(
      "Each test loads the pipeline afresh, attaches it nowhere, and hands its packets to the\n"
      "program through the kernel's test run. It takes root, or CAP_BPF and CAP_NET_ADMIN.\n"
      "With --interpret it takes nothing; what only a kernel has is skipped.\n\n"
      "Examples:\n"
      "  sudo netc test edge.np\n"
      "  sudo netc test edge.np --filter blocked\n"
      "  netc test edge.np --interpret\n"
      "  netc test edge.np --object out/edge.bpf.o\n\n"
      "Exit code: 0; 1 errors in the pipeline; 3 the kernel refused the program; 5 a test\n"
      "failed; 6 not permitted.");
  command->callback([options, &action] { action = [options] { return Test(*options); }; });
}

}  // namespace netc::cli
