#include "runtime/program_run.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cerrno>

#include "runtime/libbpf_options.h"

namespace netc::runtime {

// Room that effects may need beyond the packet that was sent.
constexpr size_t kGrowth = 20'000;

ProgramRun ProgramRunner::Run(const object::Program& program, std::span<const uint8_t> packet,
                              std::span<const uint8_t> context, int repeat) {
  auto run = Options<bpf_test_run_opts>();
  // A hook without packets takes none, and gives none back.
  if (!packet.empty()) {
    out_.resize(std::max(out_.size(), packet.size() + kGrowth));
    run.data_in = packet.data();
    run.data_size_in = static_cast<uint32_t>(packet.size());
    run.data_out = out_.data();
    run.data_size_out = static_cast<uint32_t>(out_.size());
  }
  if (!context.empty()) {
    context_out_.resize(context.size());
    run.ctx_in = context.data();
    run.ctx_size_in = static_cast<uint32_t>(context.size());
    run.ctx_out = context_out_.data();
    run.ctx_size_out = static_cast<uint32_t>(context_out_.size());
  }
  run.repeat = repeat;
  ProgramRun result;
  if (bpf_prog_test_run_opts(bpf_program__fd(loaded_.FindProgram(program)), &run) != 0) {
    result.error = errno;
    return result;
  }
  result.code = static_cast<int32_t>(run.retval);
  result.packet = {out_.data(),
                   packet.empty() ? 0 : std::min<size_t>(run.data_size_out, out_.size())};
  return result;
}

}  // namespace netc::runtime
