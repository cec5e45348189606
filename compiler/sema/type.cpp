#include "compiler/sema/type.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "compiler/hooks/signature.h"

namespace netc::sema {

TypeTable::TypeTable() {
  types_.push_back({});
}  // id 0 is kError

TypeId TypeTable::Intern(const Type& type) {
  auto found = std::find(types_.begin(), types_.end(), type);
  if (found == types_.end()) found = types_.insert(types_.end(), type);
  return static_cast<TypeId>(found - types_.begin());
}

TypeId TypeTable::Simple(TypeKind kind) {
  return Intern({.kind = kind});
}

TypeId TypeTable::Integer(uint32_t bits, bool is_signed) {
  return Intern({.kind = TypeKind::kInteger, .bits = bits, .is_signed = is_signed});
}

TypeId TypeTable::Of(TypeKind kind, TypeId element, uint32_t count) {
  return Intern({.kind = kind, .element = element, .count = count});
}

static uint32_t AlignUp(uint32_t offset, uint32_t align) {
  return (offset + align - 1) / align * align;
}

TypeId TypeTable::AddStruct(StructDecl decl) {
  uint32_t offset = 0;
  decl.align = 1;
  for (StructField& field : decl.fields) {
    uint32_t align = AlignOf(field.type);
    offset = AlignUp(offset, align);
    field.offset = offset;
    offset += SizeOf(field.type);
    decl.align = std::max(decl.align, align);
  }
  decl.size = AlignUp(offset, decl.align);
  auto same = [&](const StructDecl& other) {
    return decl.name.empty() && other.name.empty() &&
           std::equal(decl.fields.begin(), decl.fields.end(), other.fields.begin(),
                      other.fields.end(),
                      [](const auto& a, const auto& b) { return a.type == b.type; });
  };
  auto found = std::find_if(structs_.begin(), structs_.end(), same);
  if (found == structs_.end()) found = structs_.insert(structs_.end(), std::move(decl));
  return Intern(
      {.kind = TypeKind::kStruct, .decl = static_cast<uint32_t>(found - structs_.begin())});
}

// Laid out by the kernel; its types are those that rows of kernel_structs.def name.
TypeId TypeTable::AddKernelStruct(const hooks::KernelStruct& row) {
  for (uint32_t i = 0; i < structs_.size(); ++i) {
    if (structs_[i].kernel == &row) return Intern({.kind = TypeKind::kStruct, .decl = i});
  }
  StructDecl decl;
  decl.name = row.name;
  decl.size = row.bytes;
  decl.align = 4;
  decl.kernel = &row;
  for (const hooks::KernelMember& member : row.members) {
    TypeId type = member.type == "port"        ? Simple(TypeKind::kPort)
                  : member.type == "ipv4_addr" ? Simple(TypeKind::kIpv4)
                  : member.type == "ipv6_addr" ? Simple(TypeKind::kIpv6)
                  : member.type == "mac_addr"  ? Simple(TypeKind::kMac)
                  : member.type == "u8"        ? Unsigned(8)
                  : member.type == "u16"       ? Unsigned(16)
                  : member.type == "u64"       ? Unsigned(64)
                                               : Integer(32, member.type == "i32");
    decl.fields.push_back({std::string(member.name), type, member.offset});
  }
  structs_.push_back(std::move(decl));
  return Intern({.kind = TypeKind::kStruct, .decl = static_cast<uint32_t>(structs_.size() - 1)});
}

TypeId TypeTable::AddEnum(EnumDecl decl) {
  Type type{.kind = decl.is_flags ? TypeKind::kFlags : TypeKind::kEnum,
            .bits = decl.bits,
            .decl = static_cast<uint32_t>(enums_.size())};
  enums_.push_back(std::move(decl));
  return Intern(type);
}

uint32_t TypeTable::StorageBits(TypeId id) const {
  const Type& type = (*this)[id];
  switch (type.kind) {
    case TypeKind::kBool:
      return 8;
    case TypeKind::kPort:
      return 16;
    case TypeKind::kInteger:
    case TypeKind::kEnum:
    case TypeKind::kFlags:
      return type.bits <= 8 ? 8 : type.bits <= 16 ? 16 : type.bits <= 32 ? 32 : 64;
    default:
      return 64;
  }
}

uint32_t TypeTable::SizeOf(TypeId id) const {
  const Type& type = (*this)[id];
  switch (type.kind) {
    case TypeKind::kError:
    case TypeKind::kUnit:
      return 0;
    case TypeKind::kIpv4:
      return 4;
    case TypeKind::kIpv6:
    case TypeKind::kIp:
      return 16;
    case TypeKind::kMac:
      return 6;
    case TypeKind::kPrefix:
      return 4 + AlignUp(SizeOf(type.element), 4);
    case TypeKind::kBytes:
    case TypeKind::kString:
      return type.count;
    case TypeKind::kStruct:
      return structs_[type.decl].size;
    case TypeKind::kArray:
      return SizeOf(type.element) * type.count;
    default:
      return StorageBits(id) / 8;
  }
}

uint32_t TypeTable::AlignOf(TypeId id) const {
  const Type& type = (*this)[id];
  switch (type.kind) {
    case TypeKind::kIpv4:
    case TypeKind::kIpv6:
    case TypeKind::kIp:
    case TypeKind::kPrefix:
      return 4;
    case TypeKind::kMac:
    case TypeKind::kBytes:
    case TypeKind::kString:
      return 1;
    case TypeKind::kStruct:
      return structs_[type.decl].align;
    case TypeKind::kArray:
      return AlignOf(type.element);
    default:
      return std::max(1u, SizeOf(id));
  }
}

bool TypeTable::IsNumber(TypeId id) const {
  switch ((*this)[id].kind) {
    case TypeKind::kInteger:
    case TypeKind::kLiteral:
    case TypeKind::kPort:
    case TypeKind::kDuration:
    case TypeKind::kFrequency:
    case TypeKind::kBitrate:
    case TypeKind::kSize:
    case TypeKind::kTime:
      return true;
    default:
      return false;
  }
}

bool TypeTable::IsInteger(TypeId id) const {
  TypeKind kind = (*this)[id].kind;
  return kind == TypeKind::kInteger || kind == TypeKind::kLiteral;
}

std::string TypeTable::Name(TypeId id) const {
  const Type& type = (*this)[id];
  switch (type.kind) {
    case TypeKind::kError:
      return "an unknown type";
    case TypeKind::kUnit:
      return "nothing";
    case TypeKind::kBool:
      return "bool";
    case TypeKind::kInteger:
      return fmt::format("{}{}", type.is_signed ? 'i' : 'u', type.bits);
    case TypeKind::kLiteral:
      return "integer";
    case TypeKind::kPort:
      return "port";
    case TypeKind::kDuration:
      return "duration";
    case TypeKind::kFrequency:
      return "frequency";
    case TypeKind::kBitrate:
      return "bitrate";
    case TypeKind::kSize:
      return "size";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kIpv4:
      return "ipv4_addr";
    case TypeKind::kIpv6:
      return "ipv6_addr";
    case TypeKind::kIp:
      return "ip_addr";
    case TypeKind::kMac:
      return "mac_addr";
    case TypeKind::kPrefix:
      return fmt::format("prefix<{}>", Name(type.element));
    case TypeKind::kBytes:
      return fmt::format("bytes<{}>", type.count);
    case TypeKind::kString:
      return type.bits != 0 ? "interface" : "string";
    case TypeKind::kEnum:
    case TypeKind::kFlags:
      return enums_[type.decl].name;
    case TypeKind::kArray:
      return fmt::format("[{}; {}]", Name(type.element), type.count);
    case TypeKind::kOptional:
      return fmt::format("optional<{}>", Name(type.element));
    case TypeKind::kObject:
      return std::string(hooks::AllObjectKinds()[type.decl].word);
    case TypeKind::kRange:
      return fmt::format("range of {}", Name(type.element));
    case TypeKind::kSet:
      return fmt::format("set of {}", Name(type.element));
    case TypeKind::kStruct:
      break;
  }
  const StructDecl& decl = structs_[type.decl];
  if (!decl.name.empty()) return decl.name;
  std::string text = "(";
  for (const StructField& field : decl.fields) {
    if (text.size() > 1) text += ", ";
    text += Name(field.type);
  }
  return text + ")";
}

object::TypeInfo TypeTable::Info(TypeId id) const {
  using object::Form;
  const Type& type = (*this)[id];
  object::TypeInfo info;
  info.name = Name(id);
  info.size = SizeOf(id);
  switch (type.kind) {
    case TypeKind::kBool:
      info.form = Form::kBool;
      break;
    case TypeKind::kPort:
      info.form = Form::kPort;
      break;
    case TypeKind::kDuration:
      info.form = Form::kDuration;
      break;
    case TypeKind::kFrequency:
      info.form = Form::kFrequency;
      break;
    case TypeKind::kBitrate:
      info.form = Form::kBitrate;
      break;
    case TypeKind::kSize:
      info.form = Form::kSize;
      break;
    case TypeKind::kTime:
      info.form = Form::kTime;
      break;
    case TypeKind::kIpv4:
      info.form = Form::kIpv4;
      break;
    case TypeKind::kIpv6:
      info.form = Form::kIpv6;
      break;
    case TypeKind::kIp:
      info.form = Form::kIp;
      break;
    case TypeKind::kMac:
      info.form = Form::kMac;
      break;
    case TypeKind::kBytes:
      info.form = Form::kBytes;
      break;
    case TypeKind::kString:
      info.form = Form::kString;
      break;
    case TypeKind::kPrefix:
      info.form = Form::kPrefix;
      info.element.push_back(Info(type.element));
      break;
    case TypeKind::kArray:
      info.form = Form::kArray;
      info.count = type.count;
      info.element.push_back(Info(type.element));
      break;
    case TypeKind::kEnum:
    case TypeKind::kFlags:
      info.form = Form::kEnum;
      info.bits = type.bits;
      for (const EnumMember& member : enums_[type.decl].members) {
        info.names.emplace_back(member.name, member.value);
      }
      break;
    case TypeKind::kStruct:
      info.form = Form::kStruct;
      for (const StructField& field : structs_[type.decl].fields) {
        info.fields.push_back({field.name, field.offset, Info(field.type)});
      }
      break;
    default:
      info.form = type.is_signed ? Form::kSigned : Form::kUnsigned;
      info.bits = type.bits == 0 ? 64 : type.bits;
      break;
  }
  return info;
}

}  // namespace netc::sema
