// What a congestion control is made of.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

enum class CcNeed : uint8_t { kAlways, kOneOf, kOptional };

struct CcMember {
  HookId hook{};
  std::string_view name;  // C member of struct tcp_congestion_ops
  CcNeed need{};
  std::string_view result;                  // C
  std::string_view parameters;              // C; the first is the connection
  std::string_view parameters_before_6_10;  // empty: the same
};

struct CcField {
  std::string_view word;
  std::string_view path;           // member of struct tcp_sock
  uint32_t size = 0;               // bytes
  KernelVersion writable_since{};  // {0, 0}: never
  std::string_view c_type;
};

// A member of a struct that a parameter points to, e.g. the sample of packets_acked.
struct CcSampleField {
  std::string_view type;  // C name of the struct
  std::string_view word;
  std::string_view name;  // C member
  std::string_view c_type;
};

std::span<const CcMember> AllCcMembers();
std::span<const CcField> AllCcFields();
std::span<const CcSampleField> AllCcSampleFields();
const CcMember* FindCcMember(HookId hook);          // or null
const CcField* FindCcField(std::string_view word);  // or null
// The bytes of a connection that are the algorithm's own.
const CcField& PrivateArea();

// Longest name of an algorithm, in bytes (TCP_CA_NAME_MAX without its NUL).
inline constexpr size_t kCcNameBytes = 15;

}  // namespace netc::hooks
