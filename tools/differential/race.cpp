#include "tools/differential/race.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "compiler/driver/driver.h"
#include "compiler/interpret/interpret.h"
#include "compiler/object/host_order.h"
#include "runtime/program_run.h"

namespace netc::differential {
namespace {

constexpr int kRuns = 300'000;  // a thread

// An IPv4 packet with UDP, which is as good as any.
object::Bytes SomePacket() {
  object::Bytes packet(64);
  packet[12] = 0x08;
  packet[14] = 0x45, packet[17] = 50, packet[22] = 64, packet[23] = 17;
  packet[26] = 10, packet[29] = 1;
  packet[39] = 30;
  return packet;
}

}  // namespace

std::string RunRace(const std::string& source) {
  driver::Options options;
  options.path = "race.np";
  options.text = source;
  driver::Checked checked = driver::Check(options);
  if (!checked.ok()) return "the pipeline has errors";
  driver::Compiled compiled = driver::Compile(checked);
  if (!compiled.ok) return compiled.failure;
  auto file = runtime::ReadObject(std::move(compiled.object));
  if (!file) return file.failure().message;
  runtime::LoadOptions load;
  load.test = true;
  auto loaded = runtime::Load(*file, load);
  if (!loaded) return loaded.failure().message;

  auto processors = static_cast<uint32_t>(std::max(2L, sysconf(_SC_NPROCESSORS_ONLN)));
  object::Bytes packet = SomePacket();
  std::atomic<uint32_t> ready{0}, failed{0};
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < processors; ++i) {
    threads.emplace_back([&, i] {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(i, &one);
      sched_setaffinity(0, sizeof one, &one);
      runtime::ProgramRunner runner(*loaded);
      for (++ready; ready < processors;) std::this_thread::yield();
      failed += runner.Run(file->info.programs[0], packet, {}, kRuns).error != 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failed > 0) return "the kernel did not run it";

  interpret::Machine machine(*checked.program);
  for (uint64_t i = 0; i < uint64_t{kRuns} * processors; ++i) machine.Run(0, packet);
  std::string differences;
  for (uint32_t i = 0; i < file->info.states.size(); ++i) {
    const object::State& state = file->info.states[i];
    if (state.kind != "counter") continue;
    auto map = loaded->OpenState(state);
    auto got = map ? map->List() : runtime::Result<std::vector<object::Entry>>(map.failure());
    auto expected = machine.Entries(sema::StateId{i});
    uint64_t counted = !got || got->empty() ? 0 : object::LoadUnsigned((*got)[0].value.data(), 8);
    uint64_t right = expected.empty() ? 0 : object::LoadUnsigned(expected[0].value.data(), 8);
    if (counted != right) differences += fmt::format("{}: {} of {}; ", state.name, counted, right);
  }
  return differences;
}

}  // namespace netc::differential
