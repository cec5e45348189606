#include "runtime/slots.h"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>

#include "runtime/process_socket.h"

namespace netc::runtime {

using object::Bytes;

namespace {

Bytes FromText(const std::string& text, size_t size) {
  Bytes bytes(size);
  std::memcpy(bytes.data(), text.data(), std::min(text.size(), size - 1));
  return bytes;
}

// A number, and the program that runs behind it: struct bpf_devmap_val and
// bpf_cpumap_val, in which a descriptor of 0 stands for none (6.1 kernel/bpf/devmap.c,
// cpumap.c).
Bytes WithProgram(uint32_t number, int program, uint32_t size) {
  uint32_t words[2] = {number, program > 0 ? static_cast<uint32_t>(program) : 0};
  Bytes bytes(size);
  std::memcpy(bytes.data(), words, std::min<size_t>(size, sizeof words));
  return bytes;
}

}  // namespace

std::string SlotText(const Bytes& written) {
  auto text = reinterpret_cast<const char*>(written.data());
  return std::string(text, strnlen(text, written.size()));
}

std::vector<object::Entry> WithStandIns(const object::State& state,
                                        std::vector<object::Entry> entries) {
  if (state.kind != "devices") return entries;
  for (object::Entry& entry : entries) {
    bool there = if_nametoindex(SlotText(entry.value).c_str()) != 0;
    if (!there) entry.value = FromText("lo", entry.value.size());
  }
  return entries;
}

bool IsSlots(const std::string& kind) {
  return kind == "sockets" || kind == "reuseport_sockets" || kind == "devices" || kind == "cpus" ||
         kind == "xdp_sockets";
}

Result<SlotValue> SlotToKernel(const object::State& state, const Bytes& written, uint32_t size,
                               int program) {
  if (state.kind == "cpus") {
    uint32_t queue = 0;
    std::memcpy(&queue, written.data(), std::min(written.size(), sizeof queue));
    return SlotValue{WithProgram(queue, program, size), Fd()};
  }
  std::string text = SlotText(written);
  if (state.kind == "devices") {
    uint32_t index = if_nametoindex(text.c_str());
    if (index == 0) {
      return Failure{Exit::kUsage,
                     fmt::format("state `{}`: there is no interface `{}`", state.name, text)};
    }
    return SlotValue{WithProgram(index, program, size), Fd()};
  }
  auto socket = FindSocket(text);
  if (!socket) return socket.failure();
  int fd = socket->get();
  Bytes bytes(size);
  std::memcpy(bytes.data(), &fd, std::min<size_t>(size, sizeof fd));
  return SlotValue{std::move(bytes), std::move(*socket)};
}

Bytes SlotWithProgram(const Bytes& stored, int program) {
  uint32_t number = 0;
  std::memcpy(&number, stored.data(), std::min(stored.size(), sizeof number));
  return WithProgram(number, program, static_cast<uint32_t>(stored.size()));
}

Bytes SlotFromKernel(const object::State& state, const Bytes& stored) {
  uint64_t number = 0;
  std::memcpy(&number, stored.data(), std::min(stored.size(), sizeof number));
  size_t size = state.value->size;
  if (state.kind == "cpus") return Bytes(stored.begin(), stored.begin() + static_cast<long>(size));
  if (state.kind == "devices") {
    char name[IF_NAMESIZE] = {};
    uint32_t index = static_cast<uint32_t>(number);
    if (if_indextoname(index, name) == nullptr) return FromText(fmt::format("#{}", index), size);
    return FromText(name, size);
  }
  return FromText(fmt::format("cookie:{}", number), size);
}

}  // namespace netc::runtime
