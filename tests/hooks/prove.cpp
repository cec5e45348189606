// netc-prove: asks the running kernel for every fact of compiler/hooks.
//
//   netc-prove [--explained FILE] [--family NAME] [--hook NAME] [--part N/M] [--verbose]
//       (part N of M: of the ways to load programs, for a machine that is slow)
//       loads tiny programs and compares the kernel's answers with the tables;
//       exit code 0 if no difference is unexplained, 5 otherwise
//   netc-prove --mutate N|all [--explained FILE]
//       makes row N of the list in mutations.cpp wrong (from 1), and wants the
//       proof to name it; exit code 0 if it does
//
// Needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; exit code 6 without.
#include <errno.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>

#include "tests/hooks/prover.h"

namespace netc::prove {
namespace {

struct Options {
  std::string explained;
  Filter filter;
  std::string mutate, part;
  bool verbose = false;
  bool bad = false;
};

Options ReadOptions(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    std::string* value = word == "--explained" ? &options.explained
                         : word == "--family"  ? &options.filter.family
                         : word == "--hook"    ? &options.filter.hook
                         : word == "--mutate"  ? &options.mutate
                         : word == "--part"    ? &options.part
                                               : nullptr;
    if (word == "--verbose") {
      options.verbose = true;
    } else if (value != nullptr && i + 1 < count) {
      *value = words[++i];
    } else {
      options.bad = true;
    }
  }
  Filter& filter = options.filter;
  if (!options.part.empty()) {
    options.bad |= sscanf(options.part.c_str(), "%zu/%zu", &filter.part, &filter.parts) != 2 ||
                   filter.part < 1 || filter.part > filter.parts;
  }
  return options;
}

// Does the proof name the row that was made wrong?
bool Named(Kernel& kernel, const Mutation& mutation, const std::vector<Explanation>& explained) {
  Tables tables = CopyTables();
  mutation.apply(tables);
  Report report(kernel.release(), explained);
  Prover(kernel, tables, report, {mutation.family, mutation.hook}).Run();
  const auto& found = report.unexplained();
  const bool named = std::any_of(found.begin(), found.end(), [&](const Difference& difference) {
    return difference.fact.find(mutation.name) != std::string::npos;
  });
  std::cout << (named ? "named: " : "NOT NAMED: ") << mutation.description << ": "
            << (found.empty() ? "no difference" : found.front().fact) << "\n";
  return named;
}

int Mutate(Kernel& kernel, const Options& options) {
  const auto explained = ReadExplanations(options.explained);
  const auto& mutations = AllMutations();
  size_t named = 0, asked = 0;
  for (size_t i = 0; i < mutations.size(); ++i) {
    if (options.mutate != "all" && options.mutate != std::to_string(i + 1)) continue;
    ++asked;
    named += Named(kernel, mutations[i], explained);
  }
  std::cout << "wrong rows: " << asked << ", named: " << named << "\n";
  return asked > 0 && named == asked ? 0 : 5;
}

int Main(int count, char** words) {
  const Options options = ReadOptions(count, words);
  if (options.bad) {
    std::cerr << "usage: netc-prove [--explained FILE] [--family NAME] [--hook NAME] [--part N/M] "
                 "[--verbose] [--mutate N|all]\n";
    return 2;
  }
  Kernel kernel;
  const LoadForm xdp{.prog_type = BPF_PROG_TYPE_XDP, .attach_type = 37};
  if (const Answer answer = kernel.Load(xdp, Assembler().Finish(2)); !answer.loaded()) {
    std::cerr << "netc-prove: this kernel loads no programs: " << strerror(answer.error) << "\n";
    return 6;
  }
  if (!options.mutate.empty()) return Mutate(kernel, options);
  const Tables tables = CopyTables();
  Report report(kernel.release(), ReadExplanations(options.explained));
  Prover(kernel, tables, report, options.filter).Run();
  report.Print(options.verbose);
  return report.unexplained().empty() ? 0 : 5;
}

}  // namespace
}  // namespace netc::prove

int main(int count, char** words) {
  return netc::prove::Main(count, words);
}
