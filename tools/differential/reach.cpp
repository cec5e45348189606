// netc-reach: whether generated pipelines reach all of the language. They are checked, not run.
//
//   netc-reach [--seed N] [--most PIPELINES] [--without NAME]
#include <CLI/CLI.hpp>
#include <cstdio>

#include "compiler/diagnostics/render.h"
#include "tools/differential/coverage.h"
#include "tools/differential/generate.h"

namespace {

using namespace netc;
using namespace netc::differential;

struct Found {
  Coverage coverage;
  uint32_t refused = 0;
};

// Of a pipeline that the checker takes: one that it doesn't is for netc-differential to tell of.
void Add(const Catalog& catalog, uint64_t seed, uint64_t number, Found& found) {
  Choices choices(Mix(seed, number), static_cast<uint32_t>(number));
  driver::Options options;
  options.path = "generated.np";
  options.text = GeneratePipeline(catalog, choices);
  driver::Checked checked = driver::Check(options);
  if (!checked.ok()) {
    if (found.refused++ > 0) return;
    for (const auto& diagnostic : checked.diagnostics.Sorted()) {
      if (diagnostic.severity == diag::Severity::kError)
        fputs(diag::RenderText(diagnostic, checked.sources, {}).c_str(), stdout);
    }
    return;
  }
  found.coverage.merge(CoverageOf(*checked.program));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Whether generated pipelines reach all of the language.");
  uint64_t seed = 1, most = 1000, pipelines = 0;
  std::string without;
  app.add_option("--seed", seed, "which run");
  app.add_option("--most", most, "pipelines, until all is reached");
  app.add_option("--without", without, "as if this had not been reached: shows that it is told of");
  CLI11_PARSE(app, argc, argv);
  std::unique_ptr<Catalog> catalog = ReadCatalog();
  if (!catalog) return 1;
  Found found;
  std::vector<std::string> unmet, met;
  do {
    Add(*catalog, seed, pipelines, found);
    if (++pipelines % 20 != 0 && pipelines < most) continue;
    found.coverage.erase(without);
    unmet = Unmet(*catalog, found.coverage);
    // Of headers there are too many for a short run to come by each: a pipeline has one that
    // comes often, by its number, and a long one goes through all.
    for (const char* what : {"read", "rewrite"}) {
      auto headers = HeadersNotMet(*catalog, found.coverage, what);
      if (headers.size() > catalog->protocols.size() / 4)
        unmet.insert(unmet.end(), headers.begin(), headers.end());
    }
  } while (pipelines < most && (pipelines % 20 != 0 || !unmet.empty()));
  met = MetAfterAll(found.coverage);
  for (const std::string& name : unmet) printf("not reached: %s\n", name.c_str());
  for (const std::string& name : met) printf("reached, but said not to be: %s\n", name.c_str());
  if (found.refused > 0) printf("refused by the checker: %u\n", found.refused);
  printf("%lu pipelines reach %zu of the language's parts\n", pipelines, found.coverage.size());
  return unmet.empty() && met.empty() && found.refused == 0 ? 0 : 1;
}
