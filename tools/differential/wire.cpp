#include "tools/differential/wire.h"

#include <fmt/format.h>

namespace netc::differential {

bool StandsAtDevice(const hooks::Hook& hook) {
  return hook.attach.scope == hooks::AttachScope::kDevice && !hook.packet.pull.empty();
}

std::string WireTests(const sema::Program& program) {
  std::string tests;
  for (const sema::HookBlock& block : program.hooks) {
    if (!StandsAtDevice(*block.hook)) continue;
    tests += fmt::format("test \"over a wire, {}\" on {} {{ send ethernet; }}\n", block.name,
                         block.name);
  }
  return tests;
}

runtime::Result<std::optional<runtime::TestDevice::Outcome>> Wire::Send(
    uint32_t block, const object::Bytes& packet) {
  constexpr int kPatience = 100;  // for what the stack drops before the program
  if (!net_) {
    auto net = runtime::ScratchNet::Enter();
    if (!net) return net.failure();
    net_.emplace(std::move(*net));
  }
  if (!device_ || block_ != block) {
    device_.reset();
    auto attached = runtime::TestDevice::Attach(loaded_, loaded_.info().programs[block]);
    if (!attached) return attached.failure();
    device_.emplace(std::move(*attached));
    block_ = block;
  }
  auto outcome = device_->Send(packet, kPatience);
  if (!outcome) return std::optional<runtime::TestDevice::Outcome>();
  return std::optional(std::move(*outcome));
}

}  // namespace netc::differential
