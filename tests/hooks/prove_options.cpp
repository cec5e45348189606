// Socket options, by a sweep over one listening socket in a network namespace of
// its own: which does bpf_setsockopt take, which does bpf_getsockopt answer?
#include <arpa/inet.h>
#include <linux/btf.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "compiler/hooks/setsockopt.h"
#include "tests/hooks/prover.h"

namespace netc::prove {
namespace {

using hooks::OptionSockets;
using hooks::OptionUnit;
using hooks::SocketOption;

constexpr int32_t kNotCalled = 0x7fff;

struct Results {
  int32_t set = kNotCalled;
  int32_t get = kNotCalled;
};

long Bpf(int command, bpf_attr& attr) {
  return syscall(SYS_bpf, command, &attr, sizeof attr);
}

int Listen(int family) {
  const int fd = socket(family, SOCK_STREAM, 0);
  sockaddr_in6 any6{};
  sockaddr_in any4{};
  any6.sin6_family = AF_INET6;
  any4.sin_family = AF_INET;
  const auto* address = family == AF_INET6 ? reinterpret_cast<const sockaddr*>(&any6)
                                           : reinterpret_cast<const sockaddr*>(&any4);
  if (fd < 0 || bind(fd, address, family == AF_INET6 ? sizeof any6 : sizeof any4) < 0 ||
      listen(fd, 1) < 0) {
    return -1;
  }
  return fd;
}

// Sets and gets the option of the sweep's socket; results go into the array map.
Program TryOption(const SocketOption& option, int map) {
  constexpr int16_t kValue = -16, kAnswer = -32;
  Assembler code;
  code.LoadFrom(8, 6, 1, 8).LeaveIfZero(6);
  for (int16_t at = kAnswer; at < 0; at = static_cast<int16_t>(at + 8))
    code.StoreNumber(8, 10, at, 0);
  if (option.unit == OptionUnit::kText) {
    const char text[8] = "reno";  // every kernel has it; as a device name: none is bound
    int32_t word = 0;
    memcpy(&word, text, sizeof word);
    if (option.c_name == "TCP_CONGESTION") code.StoreNumber(4, 10, kValue, word);
  } else {
    code.StoreNumber(4, 10, kValue, option.valid);
  }
  const auto call = [&](uint32_t helper, int16_t value, int16_t result) {
    code.Copy(1, 6).Move(2, option.level).Move(3, option.number);
    code.Copy(4, 10).AddNumber(4, value).Move(5, static_cast<int32_t>(option.bytes)).Call(helper);
    code.MapValue(1, map).StoreTo(4, 1, result, 0);
  };
  call(49, kValue, 0);   // bpf_setsockopt
  call(57, kAnswer, 4);  // bpf_getsockopt
  return code.Finish(0);
}

// Runs the iterator to its end.
void Sweep(int program) {
  bpf_attr attr{};
  attr.link_create.prog_fd = static_cast<uint32_t>(program);
  attr.link_create.attach_type = BPF_TRACE_ITER;
  const int link = static_cast<int>(Bpf(BPF_LINK_CREATE, attr));
  bpf_attr create{};
  create.iter_create.link_fd = static_cast<uint32_t>(link);
  const int iterator = link < 0 ? -1 : static_cast<int>(Bpf(BPF_ITER_CREATE, create));
  char bytes[512];
  while (iterator >= 0 && read(iterator, bytes, sizeof bytes) > 0) {
  }
  if (iterator >= 0) close(iterator);
  if (link >= 0) close(link);
}

Results Try(Kernel& kernel, const LoadForm& form, const SocketOption& option, int map) {
  Results results;
  uint32_t key = 0;
  bpf_attr attr{};
  attr.map_fd = static_cast<uint32_t>(map);
  attr.key = reinterpret_cast<uint64_t>(&key);
  attr.value = reinterpret_cast<uint64_t>(&results);
  Bpf(BPF_MAP_UPDATE_ELEM, attr);
  const int program = kernel.LoadFd(form, TryOption(option, map));
  if (program < 0) return results;
  Sweep(program);
  close(program);
  Bpf(BPF_MAP_LOOKUP_ELEM, attr);
  return results;
}

// Every option of the levels that programs may touch, with the table's rows first.
std::vector<SocketOption> Candidates(const std::vector<SocketOption>& rows) {
  std::vector<SocketOption> all = rows;
  const auto has = [&](int level, int number) {
    for (const SocketOption& row : rows) {
      if (row.level == level && row.number == number) return true;
    }
    return false;
  };
  constexpr struct {
    int level, last;
  } kLevels[] = {{SOL_SOCKET, 89}, {6, 49}, {0, 59}, {41, 84}};
  for (const auto& level : kLevels) {
    for (int number = 1; number <= level.last; ++number) {
      if (has(level.level, number)) continue;
      all.push_back(
          {.level = level.level, .number = number, .bytes = 4, .since = {0, 0}, .valid = 1});
    }
  }
  return all;
}

}  // namespace

void Prover::ProveOptions() {
  const auto sweep = std::find_if(variants_.begin(), variants_.end(), [](const Variant& variant) {
    return variant.id() == hooks::HookId::kSweep;
  });
  const auto options = Candidates(tables_.options);
  const int map = kernel_.NewMap({.type = BPF_MAP_TYPE_ARRAY, .entries = 1});
  int pipe_ends[2];
  if (map < 0 || pipe(pipe_ends) < 0) return;
  // A child, so that the network namespace is gone with it.
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWNET) < 0) _exit(1);
    const int listener6 = Listen(AF_INET6);
    std::vector<Results> results(options.size());
    for (size_t i = 0; i < options.size(); ++i) {
      if (options[i].level == 41) results[i] = Try(kernel_, sweep->form, options[i], map);
    }
    close(listener6);
    const int listener4 = Listen(AF_INET);
    for (size_t i = 0; i < options.size(); ++i) {
      if (options[i].level != 41) results[i] = Try(kernel_, sweep->form, options[i], map);
    }
    close(listener4);
    const size_t bytes = results.size() * sizeof(Results);
    _exit(write(pipe_ends[1], results.data(), bytes) == static_cast<ssize_t>(bytes) ? 0 : 1);
  }
  close(pipe_ends[1]);
  std::vector<Results> results(options.size());
  const auto bytes = static_cast<ssize_t>(results.size() * sizeof(Results));
  const bool whole = read(pipe_ends[0], results.data(), static_cast<size_t>(bytes)) == bytes;
  close(pipe_ends[0]);
  waitpid(child, nullptr, 0);
  close(map);
  report_.Check("option results", true, whole, "no network namespace, or no listener");
  for (size_t i = 0; whole && i < options.size(); ++i) {
    const SocketOption& option = options[i];
    const std::string name =
        option.c_name.empty() ? std::to_string(option.level) + "/" + std::to_string(option.number)
                              : std::string(option.c_name);
    report_.Check("option " + name + " set", Reached(option.since), results[i].set == 0,
                  std::to_string(results[i].set));
    if (option.c_name.empty()) continue;
    report_.Check("option " + name + " get", Reached(option.read_since),
                  results[i].get >= 0 && results[i].get != kNotCalled,
                  std::to_string(results[i].get));
  }
}

}  // namespace netc::prove
