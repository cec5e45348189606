// Context fields: what a program may read and write through its argument.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

// Bytes of a field's raw value as they lie in memory.
enum class ByteOrder : uint8_t {
  kHost,   // a number
  kBig,    // the whole field in network order
  kBig16,  // 16 bits in network order in the first two bytes, the rest zero
};

// What loading a field yields, in the verifier's terms.
enum class Yields : uint8_t {
  kScalar,
  kPacketData,           // start of directly readable bytes
  kPacketEnd,            // end of them
  kPacketMeta,           // start of the metadata before the packet
  kSock,                 // full struct bpf_sock, never null
  kSockOrNull,           // full struct bpf_sock, null to be ruled out
  kSockCommonOrNull,     // may be a request or time-wait socket; null to be ruled out
  kBtfSockCommonOrNull,  // struct sock_common by BTF; null to be ruled out
  kBtfIterMeta,          // struct bpf_iter_meta by BTF
};

// Which accesses the verifier takes: for each size a bit an inner byte offset.
struct Widths {
  std::array<uint32_t, 4> offsets{};  // of 1, 2, 4 and 8 bytes

  // `size` is 1, 2, 4 or 8 bytes, `offset` from the field's start.
  constexpr bool allows(unsigned size, unsigned offset) const {
    return offset < 32 && (offsets[SizeIndex(size)] >> offset & 1) != 0;
  }
  constexpr bool any() const { return (offsets[0] | offsets[1] | offsets[2] | offsets[3]) != 0; }
  static constexpr unsigned SizeIndex(unsigned size) {
    return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
  }
};

struct Field {
  std::string_view context;  // C struct, e.g. "__sk_buff"
  std::string_view name;     // C member, e.g. "mark"
  std::string_view word;     // as written in a pipeline, e.g. "packet.mark"; may be empty
  uint16_t offset = 0;       // bytes
  uint16_t size = 0;         // bytes
  std::string_view c_type;
  ByteOrder order{};
  KernelVersion since{};
  Yields yields{};
  Widths reads;
  Widths writes;

  constexpr bool readable() const { return reads.any(); }
  constexpr bool writable() const { return writes.any(); }
};

// A pointer to a socket's fields, in the verifier's terms.
enum class Pointer : uint8_t { kSockCommon, kSock, kTcpSock, kXdpSock };

// A field that is read through such a pointer.
struct PointeeField {
  Pointer pointer{};
  Field field;
};

}  // namespace netc::hooks
