// Types of checked programs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/hooks/kernel_struct.h"
#include "compiler/object/object_info.h"

namespace netc::sema {

// Index into TypeTable. Types are interned: the same type has the same id.
enum class TypeId : uint32_t {};

enum class TypeKind {
  kError,  // of an expression that was refused; suppresses further errors
  kUnit,   // no value
  kBool,
  kInteger,  // `bits` 1..64; stored in the next of 8, 16, 32, 64
  kLiteral,  // an integer literal that has not met another type yet
  kPort,
  kDuration,
  kFrequency,
  kBitrate,
  kSize,
  kTime,
  kIpv4,
  kIpv6,
  kIp,
  kMac,
  kPrefix,    // `element`: kIpv4, kIpv6, kIp or kMac
  kBytes,     // `count` bytes
  kString,    // a string literal; `count` bytes with its NUL where it is stored
  kEnum,      // `decl` in Program::enums; `bits` of its representation
  kFlags,     // the same, a set of bits
  kStruct,    // `decl` in Program::structs; tuples are structs without a name
  kArray,     // `count` of `element`
  kOptional,  // `element`, or nothing
  kObject,    // of the kernel's: `decl` into hooks::AllObjectKinds()
  kRange,     // literal range of `element`
  kSet,       // literal set of `element`
};

struct Type {
  TypeKind kind = TypeKind::kError;
  uint32_t bits = 0;
  bool is_signed = false;
  TypeId element{};
  uint32_t count = 0;
  uint32_t decl = 0;

  friend bool operator==(const Type&, const Type&) = default;
};

struct StructField {
  std::string name;
  TypeId type{};
  uint32_t offset = 0;  // bytes, at its natural alignment
};

// Named structs, and tuples (name empty, fields "0", "1", …).
struct StructDecl {
  std::string name;
  std::string documentation;
  std::vector<StructField> fields;
  uint32_t size = 0;  // bytes, a multiple of `align`
  uint32_t align = 1;
  const hooks::KernelStruct* kernel = nullptr;  // its fields may lie at one offset
};

struct EnumMember {
  std::string name;
  uint64_t value = 0;
};
struct EnumDecl {
  std::string name;
  std::string documentation;
  bool is_flags = false;
  uint32_t bits = 32;
  std::vector<EnumMember> members;
};

class TypeTable {
 public:
  TypeTable();

  TypeId Intern(const Type& type);
  const Type& operator[](TypeId id) const { return types_[static_cast<uint32_t>(id)]; }

  TypeId Simple(TypeKind kind);  // a kind without parameters
  TypeId Unsigned(uint32_t bits) { return Integer(bits, false); }
  TypeId Integer(uint32_t bits, bool is_signed);
  TypeId Of(TypeKind kind, TypeId element, uint32_t count = 0);  // prefix, optional, array, …
  TypeId AddStruct(StructDecl decl);  // lays out; a tuple is found again if equal
  TypeId AddKernelStruct(const hooks::KernelStruct& row);
  TypeId AddEnum(EnumDecl decl);

  const StructDecl& struct_of(TypeId id) const { return structs_[(*this)[id].decl]; }
  const EnumDecl& enum_of(TypeId id) const { return enums_[(*this)[id].decl]; }
  const std::vector<StructDecl>& structs() const { return structs_; }
  const std::vector<EnumDecl>& enums() const { return enums_; }

  // Of a value as it lies in BPF memory (map keys and values, events, locals).
  uint32_t SizeOf(TypeId id) const;  // bytes
  uint32_t AlignOf(TypeId id) const;
  // Bits of arithmetic: 8, 16, 32 or 64.
  uint32_t StorageBits(TypeId id) const;
  bool IsNumber(TypeId id) const;   // integers, port, and the quantities
  bool IsInteger(TypeId id) const;  // kInteger and kLiteral

  // As written in the source: `u16`, `prefix<ipv4_addr>`, `(ipv4_addr, port)`.
  std::string Name(TypeId id) const;
  object::TypeInfo Info(TypeId id) const;

 private:
  std::vector<Type> types_;
  std::vector<StructDecl> structs_;
  std::vector<EnumDecl> enums_;
};

}  // namespace netc::sema
