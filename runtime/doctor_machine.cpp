#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "runtime/doctor_probe.h"
#include "runtime/libbpf_options.h"
#include "runtime/permission.h"

namespace netc::runtime {

namespace {

std::string FirstWord(const char* path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

// Where a file system of this type is mounted first; empty: nowhere.
std::string MountOf(std::string_view wanted) {
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string device, path, type;
    if (fields >> device >> path >> type && type == wanted) return path;
  }
  return {};
}

std::string Jit() {
  const std::string value = FirstWord("/proc/sys/net/core/bpf_jit_enable");
  if (value.empty()) return "unknown";
  return value == "0" ? "off" : "on";
}

// kernel.unprivileged_bpf_disabled (Documentation/admin-guide/sysctl/kernel.rst).
std::string Unprivileged() {
  const std::string value = FirstWord("/proc/sys/kernel/unprivileged_bpf_disabled");
  if (value == "0") return "everyone";
  return value == "1" || value == "2" ? "privileged processes" : "unknown";
}

std::string Lockdown() {
  std::ifstream file("/sys/kernel/security/lockdown");
  std::string text;
  std::getline(file, text);
  const size_t open = text.find('['), close = text.find(']');
  return open == std::string::npos || close == std::string::npos
             ? ""
             : text.substr(open + 1, close - open - 1);
}

// An XDP program whose result is the kernel's tick count.
Fd LoadTicks() {
  const bpf_insn program[] = {
      {BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_jiffies64},
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
  };
  return Fd(bpf_prog_load(BPF_PROG_TYPE_XDP, "netc_hz", "Dual MIT/GPL", program, std::size(program),
                          nullptr));
}

bool Ticks(int program, uint32_t& ticks) {
  char packet[64] = {};
  auto run = Options<bpf_test_run_opts>();
  run.data_in = packet;
  run.data_size_in = sizeof packet;
  if (bpf_prog_test_run_opts(program, &run) != 0) return false;
  ticks = run.retval;
  return true;
}

}  // namespace

Machine DescribeMachine() {
  utsname name{};
  uname(&name);
  unsigned major = 0, minor = 0;
  std::sscanf(name.release, "%u.%u", &major, &minor);
  Machine machine;
  machine.release = name.release;
  machine.version = {static_cast<uint8_t>(major), static_cast<uint8_t>(minor)};
  machine.architecture = name.machine;
  machine.libbpf = fmt::format("{}.{}", libbpf_major_version(), libbpf_minor_version());
  machine.jit = Jit();
  machine.unprivileged = Unprivileged();
  machine.lockdown = Lockdown();
  machine.btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  machine.bpffs = MountOf("bpf");
  machine.cgroup2 = MountOf("cgroup2");
  machine.missing = MissingPermissions();
  return machine;
}

unsigned MeasureHz() {
  using Clock = std::chrono::steady_clock;
  const Fd program = LoadTicks();
  uint32_t first = 0, last = 0;
  if (!program || !Ticks(program.get(), first)) return 0;
  const auto begin = Clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  if (!Ticks(program.get(), last)) return 0;
  const std::chrono::duration<double> passed = Clock::now() - begin;
  const double rate = (last - first) / passed.count();
  // Those that a kernel can be configured with (kernel/Kconfig.hz).
  for (unsigned hz : {100u, 250u, 300u, 1000u}) {
    if (std::abs(rate - hz) < hz * 0.1) return hz;
  }
  return 0;
}

}  // namespace netc::runtime
