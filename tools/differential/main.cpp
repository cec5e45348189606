// netc-differential: generated pipelines through the kernel and the reference interpreter.
//
//   netc-differential [--seed N] [--pipelines N] [--packets N] [--seconds S] [--jobs N] [--keep
//   FOLDER] netc-differential --show N --seed S            the pipeline with number N of that run
//   netc-differential --race FILE                  one pipeline on all processors at once
//   netc-differential --replay FILE [--seed S] [--packets N]   a pipeline from a file
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <random>

#include "compiler/base/source.h"
#include "tools/differential/race.h"
#include "tools/differential/worker.h"

namespace {

using namespace netc::differential;

int Replay(const std::string& path, const Plan& plan) {
  netc::ReadResult read = netc::ReadSource(path);
  if (!read.ok) {
    fprintf(stderr, "%s %s\n", path.c_str(), read.error.c_str());
    return 2;
  }
  CaseReport report = RunCase(read.text, {plan.packets, plan.seed});
  printf("%s\n", NameOf(report.result));
  if (!report.details.empty()) printf("%s\n", report.details.c_str());
  return IsProblem(report.result) ? 1 : 0;
}

int Race(const std::string& path) {
  netc::ReadResult read = netc::ReadSource(path);
  if (!read.ok) {
    fprintf(stderr, "%s %s\n", path.c_str(), read.error.c_str());
    return 2;
  }
  std::string difference = RunRace(read.text);
  printf("%s\n", difference.empty() ? "same" : difference.c_str());
  return difference.empty() ? 0 : 1;
}

int Report(const Catalog& catalog, const Plan& plan, const Totals& totals) {
  printf(
      "seed %lu: %lu pipelines, %lu packets, %lu of them over a wire (%lu more not taken by test "
      "run), in %.0f s\n",
      plan.seed, totals.pipelines, totals.packets, totals.by_wire, totals.not_taken,
      totals.seconds);
  printf("check %.1f s, compile %.1f s, load %.1f s, run %.1f s\n",
         static_cast<double>(totals.microseconds[0]) / 1e6,
         static_cast<double>(totals.microseconds[1]) / 1e6,
         static_cast<double>(totals.microseconds[2]) / 1e6,
         static_cast<double>(totals.microseconds[3]) / 1e6);
  std::string unmet;
  for (const std::string& name : Unmet(catalog, totals.coverage)) unmet += " " + name;
  for (const char* what : {"read", "rewrite"}) {
    for (const std::string& name : HeadersNotMet(catalog, totals.coverage, what))
      unmet += " " + name;
  }
  printf("of the language not met:%s\n", unmet.empty() ? " nothing" : unmet.c_str());
  printf("%lu too large, %lu undetermined\n", totals.of(Result::kTooLarge),
         totals.of(Result::kUndetermined));
  printf(
      "%lu refused by the checker, %lu not compiled, %lu rejected by the verifier, %lu "
      "differences, %lu failed\n",
      totals.of(Result::kRefused), totals.of(Result::kNotCompiled), totals.of(Result::kRejected),
      totals.of(Result::kDifferent), totals.of(Result::kFailed));
  return totals.problems.empty() && totals.pipelines > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Generated pipelines through the kernel and the reference interpreter.");
  Plan plan;
  plan.seed = std::random_device{}();
  uint64_t show = ~0ull;
  std::string replay, race;
  app.add_option("--seed", plan.seed, "which run; by default a fresh one");
  app.add_option("--pipelines", plan.pipelines, "pipelines, at most");
  app.add_option("--packets", plan.packets, "packets a pipeline");
  app.add_option("--seconds", plan.seconds, "time, at most; 0 is without end");
  app.add_option("--jobs", plan.jobs, "processes at once");
  app.add_option("--problems", plan.problems, "give up after so many");
  app.add_option("--shrink", plan.shrink_seconds,
                 "seconds to make a failing pipeline smaller; 0 is not at all");
  app.add_option("--keep", plan.keep, "folder for what failed");
  app.add_option("--show", show, "print the pipeline with this number, and end");
  app.add_option("--replay", replay, "run this pipeline instead");
  app.add_option("--race", race, "run this pipeline on all processors at once");
  CLI11_PARSE(app, argc, argv);
  if (!replay.empty()) return Replay(replay, plan);
  if (!race.empty()) return Race(race);
  std::unique_ptr<Catalog> catalog = ReadCatalog();
  if (!catalog) return 1;
  if (show != ~0ull) {
    fputs(PipelineOf(*catalog, plan.seed, show).c_str(), stdout);
    return 0;
  }
  if (!plan.keep.empty()) std::filesystem::create_directories(plan.keep);
  printf("seed %lu\n", plan.seed);
  fflush(stdout);
  return Report(*catalog, plan, RunAll(*catalog, plan));
}
