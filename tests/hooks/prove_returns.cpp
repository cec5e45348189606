// (hook, return code), where packet bytes are, and what BPF_PROG_TEST_RUN does.
#include <errno.h>
#include <unistd.h>

#include "tests/hooks/prover.h"

namespace netc::prove {
namespace {

using hooks::Hook;
using hooks::HookId;
using hooks::PacketStart;
using hooks::ProgType;

constexpr int kNotSupported = 524;  // the kernel's ENOTSUPP, which no header gives to programs

// Where a context keeps the start and the end of its bytes.
struct Bounds {
  int16_t start = 0;
  int16_t end = 0;
  unsigned size = 0;  // of each pointer field; 0: there are none
};
Bounds BoundsOf(const HookFacts& facts) {
  Bounds bounds;
  for (const hooks::Field& field : facts.fields) {
    if (field.yields == hooks::Yields::kPacketData) {
      bounds.start = static_cast<int16_t>(field.offset);
      bounds.size = field.size;
    }
    if (field.yields == hooks::Yields::kPacketEnd) bounds.end = static_cast<int16_t>(field.offset);
  }
  return bounds;
}

}  // namespace

void Prover::ProveReturns() {
  ForEach([&](const Variant& variant) {
    const Hook& hook = variant.facts->hook;
    if (hook.prog_type == ProgType::kStructOps) return;
    const hooks::Returns& range = hook.returns;
    for (int32_t code = range.least - 2; code <= range.most + 2; ++code) {
      const bool legal = !range.checked || (range.least <= code && code <= range.most);
      const Answer answer = kernel_.Load(variant.form, Assembler().Finish(code));
      report_.Check("return " + std::to_string(code) + " in " + variant.name, legal,
                    answer.loaded(), Reason(answer));
    }
    for (const hooks::Verdict& verdict : variant.facts->verdicts) {
      const Answer answer = kernel_.Load(variant.form, Assembler().Finish(verdict.code));
      report_.Check("return " + std::string(verdict.word) + " in " + variant.name, true,
                    answer.loaded(), Reason(answer));
    }
  });
}

// Bytes of the packet, or of a socket option's value, behind a bounds check.
void Prover::ProvePackets() {
  ForEach([&](const Variant& variant) {
    const Hook& hook = variant.facts->hook;
    const Bounds bounds = BoundsOf(*variant.facts);
    report_.Compare("packet start in " + variant.name, hook.packet.direct_read ? "a field" : "none",
                    bounds.size > 0 ? "a field" : "none");
    if (bounds.size == 0) return;
    const auto touch = [&](bool write) {
      Assembler code;
      code.LoadFrom(bounds.size, 2, 1, bounds.start).LoadFrom(bounds.size, 3, 1, bounds.end);
      code.Copy(4, 2).AddNumber(4, 1).LeaveIfGreater(4, 3);
      if (write) {
        code.Move(5, 0).StoreTo(1, 2, 0, 5);
      } else {
        code.LoadFrom(1, 5, 2, 0);
      }
      return kernel_.Load(variant.form, code.Finish(variant.result));
    };
    const Answer read = touch(false);
    report_.Check("packet read in " + variant.name, hook.packet.direct_read, read.loaded(),
                  Reason(read));
    const Answer write = touch(true);
    report_.Check("packet write in " + variant.name, hook.packet.direct_write, write.loaded(),
                  Reason(write));
  });
}

void Prover::ProveTestRuns() {
  ForEach([&](const Variant& variant) {
    const Hook& hook = variant.facts->hook;
    if (hook.prog_type == ProgType::kLsm) return;
    const int fd = kernel_.LoadFd(variant.form, Assembler().Finish(variant.result));
    if (fd < 0) return;
    const bool packet = hook.test_run.least_bytes > 0 || !hook.test_run.supported;
    std::vector<uint8_t> data(packet ? 64 : 0);
    if (packet) data[12] = 0x08, data[14] = 0x45;  // an IPv4 packet of nothing
    const int error = kernel_.TestRun(fd, data);
    close(fd);
    // An empty sk_lookup run needs a context; that it is asked for shows the support.
    const bool runs = error == 0 || (hook.id == HookId::kSkLookup && error != kNotSupported);
    report_.Check("testrun " + variant.name, hook.test_run.supported, runs,
                  "errno " + std::to_string(error));
  });
}

}  // namespace netc::prove
