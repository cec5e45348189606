#include "runtime/load_failure.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "runtime/line_info.h"
#include "runtime/permission.h"
#include "runtime/verifier_log.h"

namespace netc::runtime {

namespace {

const object::Program* FindFunction(const object::ObjectInfo& info, const std::string& function) {
  auto found = std::find_if(info.programs.begin(), info.programs.end(),
                            [&](const object::Program& p) { return p.function == function; });
  return found == info.programs.end() ? nullptr : &*found;
}

std::string Blame(const object::ObjectInfo& info) {
  if (info.beyond_guarantee) {
    return "the pipeline calls the kernel's helpers by name or imports C: there netc cannot "
           "promise what the verifier says";
  }
  return "this is a bug in netc: what it accepts the kernel should accept; please report it with "
         "this message and the pipeline";
}

// Not what the program does, but how much of it there is: limits of kernel/bpf/verifier.c, and of
// a jump's 16 bits where the kernel makes an instruction into many (kernel/bpf/core.c).
bool IsTooMuch(const std::string& log) {
  constexpr const char* kLimits[] = {"BPF program is too large", "jumps is too complex",
                                     "cannot be patched due to 16-bit range",
                                     "combined stack size of"};
  return std::any_of(std::begin(kLimits), std::end(kLimits),
                     [&](const char* text) { return log.find(text) != std::string::npos; });
}

Failure TooMuch(const std::string& log) {
  Failure failure{Exit::kRefused,
                  "the pipeline is too large for this kernel's verifier [too-large]"};
  failure.details = {
      "here: put addresses and ports that many rules compare with into a state, and ask that in "
      "one rule",
      "more: netc explain too-large"};
  failure.log = log;
  return failure;
}

Failure Explain(const ObjectFile& file, Rejection rejection) {
  if (rejection.c_line == 0) rejection.c_line = FindLine(file.bytes, rejection.c_text);
  const object::Program* program = FindFunction(file.info, rejection.program);
  std::string name = program ? program->name : rejection.program;
  std::string hook = program ? fmt::format(" ({})", program->hook) : "";
  Failure failure{Exit::kRefused, fmt::format("the kernel's verifier refused `{}`{}: {}", name,
                                              hook, rejection.message)};
  failure.place = SourceOf(file.info.lines, rejection.c_line);
  if (!failure.place && program) failure.place = program->place;
  if (!rejection.c_text.empty()) {
    std::string line = rejection.c_line ? fmt::format(" line {}", rejection.c_line) : "";
    failure.details.push_back(fmt::format("emitted C{}: {}", line, rejection.c_text));
  }
  failure.details.push_back(Blame(file.info));
  failure.log = std::move(rejection.log);
  return failure;
}

bool HasKernelTypes() {
  return access("/sys/kernel/btf/vmlinux", R_OK) == 0;
}

bool NeedsKernelTypes(const std::string& log) {
  return log.find("BTF") != std::string::npos || log.find("CO-RE") != std::string::npos ||
         log.find("attach to") != std::string::npos || log.find("struct_ops") != std::string::npos;
}

// libbpf's lines, without its name and without the verifier's log.
std::vector<std::string> LibbpfLines(const std::string& log) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < log.size();) {
    size_t end = std::min(log.find('\n', begin), log.size());
    std::string line = log.substr(begin, end - begin);
    if (line.starts_with("libbpf: ")) lines.push_back(line.substr(8));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

Failure NotPermittedToLoad() {
  return NotPermitted("loading BPF programs");
}

Failure ExplainLoad(const ObjectFile& file, int error, const std::string& log) {
  if (IsTooMuch(log)) return TooMuch(log);
  if (auto rejection = FindRejection(log); rejection && !rejection->message.empty()) {
    return Explain(file, std::move(*rejection));
  }
  if (error == EPERM) return NotPermittedToLoad();
  if (!HasKernelTypes() && NeedsKernelTypes(log)) {
    return {
        Exit::kRefused,
        "this kernel carries no BTF, which the pipeline needs",
        {"/sys/kernel/btf/vmlinux is missing: the kernel was built without CONFIG_DEBUG_INFO_BTF"}};
  }
  Failure failure{Exit::kRefused,
                  fmt::format("the kernel refused the pipeline: {}", std::strerror(error))};
  failure.details = LibbpfLines(log);
  return failure;
}

}  // namespace netc::runtime
