#include <fmt/format.h>

#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/front_end.h"
#include "cli/output.h"
#include "cli/session_report.h"
#include "compiler/object/host_order.h"
#include "compiler/object/value.h"
#include "runtime/session.h"

namespace netc::cli {

namespace {

struct RunOptions {
  SourceOptions source;
  std::string dev, mode;
  std::vector<std::string> set, load, sockets, attributes;
  std::string duration, interval = "10s";
  bool count_rules = false;
  bool audit = false;
  bool once = false;
};

const object::TypeInfo kDuration{.form = object::Form::kDuration, .name = "duration", .size = 8};

std::string DurationProblem(const std::string& text) {
  object::ValueResult value = object::ParseValue(kDuration, text);
  auto* why = std::get_if<std::string>(&value);
  if (why != nullptr) return *why;
  // A timer counts in signed 64 bits.
  auto nanoseconds = object::LoadAs<uint64_t>(std::get<object::Bytes>(value).data());
  return nanoseconds == 0 || nanoseconds >> 62 ? "a duration must lie between 1ns and 146 years"
                                               : "";
}

std::chrono::nanoseconds Duration(const std::string& text) {
  object::Bytes value = std::get<object::Bytes>(object::ParseValue(kDuration, text));
  return std::chrono::nanoseconds(object::LoadAs<int64_t>(value.data()));
}

std::string PairProblem(const std::string& text) {
  size_t equals = text.find('=');
  bool pair = equals != std::string::npos && equals > 0;
  return pair ? "" : fmt::format("`{}` is not NAME=VALUE", text);
}

std::string AttributeProblem(const std::string& text) {
  size_t equals = text.find('=');
  size_t dot = text.find('.');
  bool good =
      dot != std::string::npos && dot > 0 && equals != std::string::npos && dot + 1 < equals;
  return good ? "" : fmt::format("`{}` is not BLOCK.NAME=VALUE", text);
}

std::vector<std::pair<std::string, std::string>> Pairs(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& text : texts) {
    size_t equals = text.find('=');
    pairs.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return pairs;
}

runtime::AttachOptions AttachOptionsOf(const RunOptions& options) {
  runtime::AttachOptions attach;
  if (!options.dev.empty()) attach.dev = options.dev;
  if (!options.mode.empty()) attach.mode = options.mode;
  for (const std::string& text : options.attributes) {
    size_t dot = text.find('.');
    size_t equals = text.find('=', dot);
    attach.overrides.push_back(
        {text.substr(0, dot), text.substr(dot + 1, equals - dot - 1), text.substr(equals + 1)});
  }
  return attach;
}

int Run(const RunOptions& options) {
  auto opened = OpenPipeline(options.source);
  if (auto* code = std::get_if<int>(&opened)) return *code;
  const Pipeline& pipeline = std::get<Pipeline>(opened);
  runtime::LoadOptions load;
  load.count_rules = options.count_rules;
  load.audit = options.audit;
  load.set = Pairs(options.set);
  load.load = Pairs(options.load);
  load.sockets = Pairs(options.sockets);
  auto loaded = runtime::Load(pipeline.file, load);
  if (!loaded) return ShowFailure(loaded.failure(), options.source.json);
  runtime::SessionOptions session;
  session.attach = AttachOptionsOf(options);
  if (!options.duration.empty()) session.duration = Duration(options.duration);
  session.interval = Duration(options.interval);
  session.count_rules = options.count_rules;
  session.once = options.once;
  session.source = options.source.path;
  auto failure =
      runtime::RunSession(*loaded, session, options.source.json ? JsonReports() : TextReports());
  return failure ? ShowFailure(*failure, options.source.json) : 0;
}

constexpr const char* kFooter =
    "Says what it attached where, and in which mode; then events and counters as they come.\n"
    "Everything is removed on Ctrl-C, on SIGTERM, and when a later step fails.\n\n"
    "Examples:\n"
    "  sudo netc run edge.np\n"
    "  sudo netc run edge.bpf.o --dev eth1 --mode any\n"
    "  sudo netc run edge.np --set allowed_syns=50/s --load blocked=blocked.csv\n"
    "  sudo netc run edge.np --count-rules --duration 10s --json\n\n"
    "Modes of xdp: native (default), generic, offload; any takes generic where native fails, and\n"
    "says so. --attr reaches any attribute of a block: --attr guard.dev=eth1\n\n"
    "Exit code: 0; 1 errors in the pipeline; 3 the kernel refused the program; 4 attaching "
    "failed,\n"
    "or the last interface went away; 6 not permitted.";

}  // namespace

void AddRun(CLI::App& app, Action& action) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command =
      app.add_subcommand("run", "Load and attach a pipeline, and tell what happens");
  command
      ->add_option("FILE", options->source.path, "Pipeline (.np), or an object that netc compiled")
      ->required();
  command->add_option("--dev", options->dev, "Interface, instead of every `dev`")
      ->option_text("NAME");
  command
      ->add_option("--mode", options->mode,
                   "native, generic, offload or any, instead of every `mode`")
      ->option_text("MODE")
      ->check(CLI::IsMember({"native", "generic", "offload", "any"}));
  command->add_option("--set", options->set, "Value of a parameter; may be repeated")
      ->option_text("NAME=VALUE")
      ->allow_extra_args(false)
      ->check(PairProblem);
  command
      ->add_option("--load", options->load,
                   "Fill a state from a .csv or .json file; may be repeated")
      ->option_text("STATE=FILE")
      ->allow_extra_args(false)
      ->check(PairProblem);
  command
      ->add_option("--socket", options->sockets,
                   "Fill a slot of a state of sockets: pid:PID,port:PORT, with proto:udp if need "
                   "be; pid:PID,fd:N; fd:N; may be repeated")
      ->option_text("STATE[SLOT]=SOCKET")
      ->allow_extra_args(false)
      ->check(PairProblem);
  command->add_option("--attr", options->attributes, "An attribute of one block; may be repeated")
      ->option_text("BLOCK.NAME=VALUE")
      ->allow_extra_args(false)
      ->check(AttributeProblem);
  command->add_flag("--count-rules", options->count_rules, "Count how often each rule matches");
  command->add_flag("--audit", options->audit, "Drop nothing: tell what would be dropped");
  command->add_flag("--once", options->once, "End when each sweep has run once");
  command->add_option("--duration", options->duration, "Stop after this long, e.g. 10s")
      ->option_text("T")
      ->check(DurationProblem);
  command->add_option("--interval", options->interval, "Time between counters (default: 10s)")
      ->option_text("T")
      ->check(DurationProblem);
  options->source.AddTo(*command);
  command->footer(kFooter);
  command->callback([options, &action] { action = [options] { return Run(*options); }; });
}

}  // namespace netc::cli
