// Types of the IR: what C has, with byte order told apart.
#pragma once

#include <cstdint>

namespace netc::ir {

enum class TypeKind : uint8_t {
  kVoid,
  kBool,
  kNumber,    // host order; `bits` 8, 16, 32 or 64
  kNetwork,   // network order; `bits` 16, 32 or 64
  kAddress6,  // 16 bytes in network order: struct netc_ipv6
  kMac,       // 6 bytes: struct netc_mac
  kBytes,     // `decl` bytes, in a struct so that they can be assigned
  kStruct,    // Program::structs[decl]
  kKernel,    // a struct of the kernel's interface: `decl` is a KernelStruct
};

struct Type {
  TypeKind kind = TypeKind::kVoid;
  uint8_t bits = 0;
  bool is_signed = false;
  uint8_t pointers = 0;  // levels of indirection
  uint32_t decl = 0;

  Type Pointer() const {
    Type type = *this;
    ++type.pointers;
    return type;
  }
  Type Pointee() const {
    Type type = *this;
    --type.pointers;
    return type;
  }
  bool is_pointer() const { return pointers > 0; }
  bool is_number() const { return kind == TypeKind::kNumber && pointers == 0; }
  bool is_network() const { return kind == TypeKind::kNetwork && pointers == 0; }
  friend bool operator==(const Type&, const Type&) = default;
};

constexpr Type Unsigned(uint32_t bits) {
  return {.kind = TypeKind::kNumber, .bits = static_cast<uint8_t>(bits)};
}
constexpr Type Signed(uint32_t bits) {
  return {.kind = TypeKind::kNumber, .bits = static_cast<uint8_t>(bits), .is_signed = true};
}
constexpr Type Network(uint32_t bits) {
  return {.kind = TypeKind::kNetwork, .bits = static_cast<uint8_t>(bits)};
}
constexpr Type Bool() {
  return {.kind = TypeKind::kBool, .bits = 8};
}
enum class KernelStruct : uint8_t { kBpfSock, kBpfTcpSock };
constexpr Type KernelType(KernelStruct which) {
  return {.kind = TypeKind::kKernel, .decl = static_cast<uint32_t>(which)};
}
constexpr const char* KernelName(KernelStruct which) {
  return which == KernelStruct::kBpfSock ? "bpf_sock" : "bpf_tcp_sock";
}
constexpr Type StructType(uint32_t decl) {
  return {.kind = TypeKind::kStruct, .decl = decl};
}

}  // namespace netc::ir
