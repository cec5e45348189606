#include "compiler/reference/phrases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "compiler/hooks/names.h"
#include "compiler/reference/text.h"

namespace netc::reference {

using namespace hooks;

std::string Ticked(std::string_view code) {
  return code.empty() ? "" : fmt::format("`{}`", code);
}

std::string Version(KernelVersion version) {
  if (version == KernelVersion{}) return "never";
  return fmt::format("{}.{}", version.major, version.minor);
}

namespace {

// One row of two that are written alike is told by its own name, which has a `+`.
std::vector<std::string> NamesApart(HookSet hooks) {
  HookSet alike;
  std::vector<std::string> apart;
  for (HookId id : hooks) {
    const std::string_view name = Get(id).name;
    const size_t plus = name.find('+');
    const Hook* partner = plus == std::string_view::npos ? nullptr : FindHook(name.substr(0, plus));
    if (partner == nullptr || hooks.has(partner->id)) continue;
    alike = alike | id;
    apart.emplace_back(name);
  }
  std::vector<std::string> names = NamesOf(hooks - alike);
  names.insert(names.end(), apart.begin(), apart.end());
  return names;
}

}  // namespace

std::string HooksPhrase(HookSet hooks) {
  const HookSet all = HookSet::FromBits((uint64_t{1} << kHookCount) - 1);
  if (hooks.empty()) return "none";
  if (hooks == all) return "all";
  const std::string named = Join(NamesApart(hooks));
  const std::string but = "all but " + Join(NamesApart(all - hooks));
  return but.size() < named.size() ? but : named;
}

std::string WidthsPhrase(const Widths& widths) {
  std::vector<std::string> sizes;
  for (unsigned size : {1u, 2u, 4u, 8u}) {
    if (widths.offsets[Widths::SizeIndex(size)] != 0) sizes.push_back(std::to_string(size));
  }
  if (sizes.empty()) return "never";
  const std::string last = sizes.back();
  sizes.pop_back();
  const std::string unit = last == "1" && sizes.empty() ? " byte" : " bytes";
  return (sizes.empty() ? last : Join(sizes) + " or " + last) + unit;
}

std::string AccessPhrase(const Field& field) {
  std::string phrase = "read " + WidthsPhrase(field.reads);
  if (field.writable()) phrase += "; write " + WidthsPhrase(field.writes);
  return phrase;
}

std::string YieldsPhrase(Yields yields) {
  switch (yields) {
    case Yields::kScalar:
      return "a number";
    case Yields::kPacketData:
      return "the start of the packet's bytes";
    case Yields::kPacketEnd:
      return "the end of the packet's bytes";
    case Yields::kPacketMeta:
      return "the start of the metadata before the packet";
    case Yields::kSock:
      return "a full socket, never null";
    case Yields::kSockOrNull:
      return "a full socket, or null";
    case Yields::kSockCommonOrNull:
      return "a socket that may be a request or time-wait one, or null";
    case Yields::kBtfSockCommonOrNull:
      return "a BTF socket (struct sock_common), or null";
    case Yields::kBtfIterMeta:
      return "struct bpf_iter_meta by BTF";
  }
  return {};
}

std::string FormPhrase(VerdictForm form) {
  switch (form) {
    case VerdictForm::kPlain:
      return "";
    case VerdictForm::kErrno:
      return "an errno, if wanted";
    case VerdictForm::kTarget:
      return "where to";
    case VerdictForm::kSocket:
      return "a socket";
    case VerdictForm::kValue:
      return "a number";
  }
  return {};
}

std::string EndsPhrase(Ends ends) {
  return ends == Ends::kFinal ? "final" : "what comes next may decide otherwise";
}

std::string ScopePhrase(AttachScope scope) {
  switch (scope) {
    case AttachScope::kDevice:
      return "a network interface";
    case AttachScope::kNetns:
      return "a network namespace";
    case AttachScope::kCgroup:
      return "a cgroup v2 directory";
    case AttachScope::kGroup:
      return "a reuseport group, through any of its sockets";
    case AttachScope::kMap:
      return "an entry of a device or CPU map";
    case AttachScope::kGlobal:
      return "the whole machine, as a congestion control";
    case AttachScope::kReader:
      return "nothing: it runs when netc reads the iterator";
  }
  return {};
}

std::string LegacyPhrase(Legacy legacy) {
  switch (legacy) {
    case Legacy::kNone:
      return "none";
    case Legacy::kNetlinkXdp:
      return "netlink (IFLA_XDP)";
    case Legacy::kClsact:
      return "a clsact queueing discipline with a direct-action filter";
    case Legacy::kProgAttach:
      return "BPF_PROG_ATTACH";
    case Legacy::kSockopt:
      return "SO_ATTACH_REUSEPORT_EBPF";
    case Legacy::kMapUpdate:
      return "written into the map";
  }
  return {};
}

std::string ReentryPhrase(Reentry reentry) {
  switch (reentry) {
    case Reentry::kNone:
      return "can't be interrupted by itself on one CPU";
    case Reentry::kNested:
      return "can be interrupted by itself on one CPU, if it clones a packet into its own device";
    case Reentry::kInterrupted:
      return "can be interrupted by itself on one CPU (preemption, soft interrupts)";
  }
  return {};
}

std::string StartPhrase(PacketStart start) {
  switch (start) {
    case PacketStart::kNone:
      return "none";
    case PacketStart::kFrame:
      return "from the link-layer header on";
    case PacketStart::kNetwork:
      return "from the IPv4 or IPv6 header on";
    case PacketStart::kTransport:
      return "from the TCP or UDP header on";
    case PacketStart::kOption:
      return "none: the bytes are the socket option's value";
  }
  return {};
}

std::string OwnerPhrase(MapOwner owner) {
  switch (owner) {
    case MapOwner::kNobody:
      return "programs of all hooks can share one";
    case MapOwner::kType:
      return "only programs of one type can share one (for XDP, all with frags or all without)";
    case MapOwner::kTypeAndAttach:
      return "only programs of one type and expected attach type can share one";
  }
  return {};
}

std::string ChangesPhrase(Changes changes) {
  switch (changes) {
    case Changes::kNothing:
      return "nothing else changes";
    case Changes::kBytes:
      return "headers keep their places";
    case Changes::kEnds:
      return "the packet's ends move, so headers must be tested again";
  }
  return {};
}

std::string UnitPhrase(OptionUnit unit) {
  switch (unit) {
    case OptionUnit::kNumber:
      return "a number";
    case OptionUnit::kYesNo:
      return "yes or no";
    case OptionUnit::kText:
      return "text";
    case OptionUnit::kSeconds:
      return "seconds";
    case OptionUnit::kMilliseconds:
      return "milliseconds";
    case OptionUnit::kMicroseconds:
      return "microseconds";
    case OptionUnit::kBytesPerSecond:
      return "bytes a second";
    case OptionUnit::kBytes:
      return "bytes";
    case OptionUnit::kPackets:
      return "packets";
    case OptionUnit::kInterface:
      return "an interface's index";
  }
  return {};
}

std::string SocketsPhrase(OptionSockets sockets) {
  switch (sockets) {
    case OptionSockets::kTcp:
      return "TCP";
    case OptionSockets::kAnySocket:
      return "TCP and UDP";
    case OptionSockets::kAny6:
      return "TCP and UDP over IPv6";
  }
  return {};
}

std::string PointerPhrase(Pointer pointer) {
  switch (pointer) {
    case Pointer::kSockCommon:
      return "any socket (struct bpf_sock, common part)";
    case Pointer::kSock:
      return "a full socket (struct bpf_sock)";
    case Pointer::kTcpSock:
      return "a TCP socket (bpf_tcp_sock)";
    case Pointer::kXdpSock:
      return "an AF_XDP socket";
  }
  return {};
}

std::string CallbackSocketPhrase(CallbackSocket socket) {
  switch (socket) {
    case CallbackSocket::kFull:
      return "a full socket";
    case CallbackSocket::kActive:
      return "a full socket where this machine connects, else none";
    case CallbackSocket::kNotSynAck:
      return "a full socket, unless a SYN-ACK is being built";
  }
  return {};
}

std::string CallbackReplyPhrase(CallbackReply reply) {
  switch (reply) {
    case CallbackReply::kNothing:
      return "nothing";
    case CallbackReply::kJiffies:
      return "a duration (in C: jiffies)";
    case CallbackReply::kPackets:
      return "packets";
    case CallbackReply::kYesNo:
      return "yes or no";
    case CallbackReply::kMicroseconds:
      return "a duration (in C: microseconds)";
  }
  return {};
}

std::string HeaderOptionsPhrase(HeaderOptions options) {
  switch (options) {
    case HeaderOptions::kNoOptions:
      return "no access";
    case HeaderOptions::kReads:
      return "reads them";
    case HeaderOptions::kReserves:
      return "reserves room for them";
    case HeaderOptions::kWrites:
      return "reads and writes them";
  }
  return {};
}

std::string WayPhrase(Way way) {
  return way == Way::kUp ? "▲ received" : way == Way::kDown ? "▼ sent" : "";
}

std::string AttributeTypePhrase(AttributeType type) {
  switch (type) {
    case AttributeType::kInterface:
      return "interface";
    case AttributeType::kMode:
      return "mode";
    case AttributeType::kNetns:
      return "network namespace";
    case AttributeType::kCgroup:
      return "cgroup directory";
    case AttributeType::kNumber:
      return "number";
    case AttributeType::kDevices:
      return "state of devices";
    case AttributeType::kCpus:
      return "state of CPUs";
    case AttributeType::kSockets:
      return "state of sockets";
    case AttributeType::kFlag:
      return "yes or no";
  }
  return {};
}

std::string MapName(const MapType& map) {
  std::string name;
  for (char c : map.name) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
    if (upper && !name.empty()) name += '_';
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

}  // namespace netc::reference
