#include "runtime/slots.h"

#include <fmt/format.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
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

// One that is gone since is shown, and taken away, by its number.
std::string NameOf(uint32_t interface) {
  char name[IF_NAMESIZE] = {};
  if (if_indextoname(interface, name) == nullptr) return fmt::format("#{}", interface);
  return name;
}

// 0: there is none.
uint32_t NumberOf(const std::string& interface) {
  uint32_t number = if_nametoindex(interface.c_str());
  if (number == 0 && interface.starts_with('#')) {
    std::from_chars(interface.data() + 1, interface.data() + interface.size(), number);
  }
  return number;
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
  if (state.kind == "interfaces") {
    for (object::Entry& entry : entries) entry.key = FromText("lo", entry.key.size());
    return entries;
  }
  if (state.kind != "devices") return entries;
  for (object::Entry& entry : entries) {
    bool there = if_nametoindex(SlotText(entry.value).c_str()) != 0;
    if (!there) entry.value = FromText("lo", entry.value.size());
  }
  return entries;
}

bool IsSlots(const std::string& kind) {
  return kind == "sockets" || kind == "reuseport_sockets" || kind == "devices" ||
         kind == "interfaces" || kind == "cpus" || kind == "xdp_sockets";
}

Result<SlotValue> SlotToKernel(const object::State& state, const Bytes& written, uint32_t size,
                               int program) {
  if (state.kind == "cpus") {
    uint32_t queue = 0;
    std::memcpy(&queue, written.data(), std::min(written.size(), sizeof queue));
    return SlotValue{WithProgram(queue, program, size), Fd()};
  }
  std::string text = SlotText(written);
  if (state.kind == "devices" || state.kind == "interfaces") {
    uint32_t index = NumberOf(text);
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

Bytes SlotKeyToKernel(const object::State& state, const Bytes& written) {
  if (state.kind != "interfaces") return written;
  uint32_t number = NumberOf(SlotText(written));
  Bytes key(sizeof number);
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

Bytes SlotKeyFromKernel(const object::State& state, const Bytes& stored) {
  if (state.kind != "interfaces") return stored;
  uint32_t number = 0;
  std::memcpy(&number, stored.data(), std::min(stored.size(), sizeof number));
  return FromText(NameOf(number), state.key->size);
}

Bytes SlotFromKernel(const object::State& state, const Bytes& stored) {
  uint64_t number = 0;
  std::memcpy(&number, stored.data(), std::min(stored.size(), sizeof number));
  size_t size = state.value->size;
  if (state.kind == "cpus") return Bytes(stored.begin(), stored.begin() + static_cast<long>(size));
  if (state.kind == "devices") return FromText(NameOf(static_cast<uint32_t>(number)), size);
  return FromText(fmt::format("cookie:{}", number), size);
}

}  // namespace netc::runtime
