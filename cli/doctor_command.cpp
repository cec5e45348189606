#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/command.h"
#include "cli/front_end.h"
#include "cli/output.h"
#include "compiler/hooks/names.h"
#include "runtime/doctor.h"

namespace netc::cli {
namespace {

using runtime::Exit;
using runtime::HookHealth;
using runtime::Machine;
using runtime::Profile;

std::string Or(const std::string& text, const char* otherwise) {
  return text.empty() ? otherwise : text;
}

void TellMachine(const Machine& machine) {
  WriteLine(fmt::format("Linux {} ({}), libbpf {}", machine.release, machine.architecture,
                        machine.libbpf));
  WriteLine(fmt::format("  JIT {}, {} ticks a second, BTF {}, lockdown {}, bpf() for {}",
                        machine.jit, machine.hz == 0 ? "unknown" : std::to_string(machine.hz),
                        machine.btf ? "there" : "missing", Or(machine.lockdown, "none"),
                        machine.unprivileged));
  WriteLine(fmt::format("  bpffs {}, cgroup v2 {}, own network namespaces {}",
                        machine.bpffs.empty() ? "not mounted" : "at " + machine.bpffs,
                        machine.cgroup2.empty() ? "not mounted" : "at " + machine.cgroup2,
                        machine.netns ? "yes" : "no"));
  for (const std::string& line : machine.missing) WriteLine("  " + line);
}

// Hooks of which the same is true are one line.
void TellHooks(const Profile& profile) {
  std::vector<std::pair<std::string, hooks::HookSet>> lines;
  for (const HookHealth& health : profile.hooks) {
    const std::string verdict = Verdict(health, profile.machine);
    auto same = std::find_if(lines.begin(), lines.end(),
                             [&](const auto& line) { return line.first == verdict; });
    if (same == lines.end()) {
      lines.emplace_back(verdict, health.id);
    } else {
      same->second = same->second | health.id;
    }
  }
  for (const auto& [verdict, hooks] : lines) {
    WriteLine("");
    WriteLine(fmt::format("{}:", verdict));
    std::string line = " ";
    for (const std::string& name : hooks::NamesOf(hooks)) {
      if (line.size() + name.size() > 98) {
        WriteLine(line);
        line = " ";
      }
      line += " " + name;
    }
    WriteLine(line);
  }
}

void TellMaps(const Profile& profile) {
  std::string missing;
  for (const runtime::MapHealth& map : profile.maps) {
    if (!map.create.works()) missing += (missing.empty() ? "" : ", ") + map.name;
  }
  WriteLine("");
  WriteLine("map types: " + (missing.empty() ? "all that netc knows" : "all but " + missing));
}

Json AnswerJson(const runtime::ProbeAnswer& answer) {
  if (!answer.asked) return nullptr;
  return answer.error == 0 ? Json("works") : Json(fmt::format("errno {}", answer.error));
}

Json ProfileJson(const Profile& profile) {
  const Machine& machine = profile.machine;
  Json json = {{"type", "profile"},
               {"release", machine.release},
               {"kernel", fmt::format("{}.{}", machine.version.major, machine.version.minor)},
               {"architecture", machine.architecture},
               {"libbpf", machine.libbpf},
               {"jit", machine.jit},
               {"hz", machine.hz},
               {"btf", machine.btf},
               {"lockdown", machine.lockdown},
               {"bpf_for", machine.unprivileged},
               {"bpffs", machine.bpffs},
               {"cgroup2", machine.cgroup2},
               {"netns", machine.netns},
               {"missing", machine.missing},
               {"hooks", Json::object()},
               {"maps", Json::object()}};
  for (const HookHealth& health : profile.hooks) {
    json["hooks"][std::string(hooks::Get(health.id).name)] = {
        {"verdict", Verdict(health, machine)}, {"works", health.works()},
        {"load", AnswerJson(health.load)},     {"link", AnswerJson(health.link)},
        {"legacy", AnswerJson(health.legacy)}, {"helpers", health.helpers}};
  }
  for (const runtime::MapHealth& map : profile.maps) json["maps"][map.name] = map.create.works();
  return json;
}

void TellBlock(const object::Program& program, const std::string& verdict, bool json) {
  if (json) {
    WriteJson(
        {{"type", "block"}, {"block", program.name}, {"hook", program.hook}, {"verdict", verdict}});
  } else {
    WriteLine(fmt::format("{} ({}): {}", program.name, program.hook, verdict));
  }
}

// The pipeline is loaded, but attached nowhere.
int ExamineFile(const SourceOptions& options, const Profile& profile) {
  auto opened = OpenPipeline(options);
  if (auto* code = std::get_if<int>(&opened)) return *code;
  const Pipeline& pipeline = std::get<Pipeline>(opened);
  Exit exit = Exit::kDone;
  for (const object::Program& program : pipeline.file.info.programs) {
    const HookHealth* health = profile.Find(program.hook);
    const std::vector<std::string> places = runtime::MissingPlaces(program);
    if (health != nullptr && !health->works()) {
      TellBlock(program, Verdict(*health, profile.machine), options.json);
      exit = !profile.machine.missing.empty() ? Exit::kPermission
             : health->load.works()           ? Exit::kAttach
                                              : Exit::kRefused;
    } else if (!places.empty()) {
      for (const std::string& place : places) TellBlock(program, place, options.json);
      if (exit == Exit::kDone) exit = Exit::kAttach;
    } else {
      TellBlock(program, "can run here", options.json);
    }
  }
  if (exit == Exit::kDone || exit == Exit::kAttach) {
    auto loaded = runtime::Load(pipeline.file, {});
    if (!loaded) return ShowFailure(loaded.failure(), options.json);
  }
  return static_cast<int>(exit);
}

int Doctor(const SourceOptions& options) {
  const Profile profile = runtime::ExamineMachine();
  if (!options.path.empty()) return ExamineFile(options, profile);
  if (options.json) {
    WriteJson(ProfileJson(profile));
    return 0;
  }
  TellMachine(profile.machine);
  TellHooks(profile);
  TellMaps(profile);
  return 0;
}

}  // namespace

void AddDoctor(CLI::App& app, Action& action) {
  auto options = std::make_shared<SourceOptions>();
  CLI::App* command =
      app.add_subcommand("doctor", "Find out what this machine's kernel supports, by trying");
  command->add_option("FILE", options->path, "Pipeline (.np) or object: can it run here?");
  options->AddTo(*command);
  command->footer(
      "Loads and attaches a smallest program at every hook, in a network namespace and a cgroup\n"
      "of its own, and says what works, what is refused, and what it needs. With FILE, loads that\n"
      "pipeline as well, and says what is missing here for each block; it is attached nowhere.\n\n"
      "Examples:\n"
      "  sudo netc doctor\n"
      "  sudo netc doctor --json > machine.json     a profile of this machine\n"
      "  sudo netc doctor edge.np\n\n"
      "Exit code: 0 without FILE, and if it can run here; 1 errors in the pipeline; 3 the kernel\n"
      "refuses a program; 4 a place to attach to is missing; 6 not permitted.");
  command->callback([options, &action] { action = [options] { return Doctor(*options); }; });
}

}  // namespace netc::cli
