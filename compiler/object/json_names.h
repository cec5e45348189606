// Keys of the JSON in kObjectSection that writer and reader must spell alike
// more than once. Bytes are hexadecimal text.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "compiler/object/object_info.h"

namespace netc::object {

// The names of emitter-made variables and maps: JSON key and member.
struct NameMember {
  const char* key;
  std::string ObjectInfo::* member;
};

inline constexpr std::array<NameMember, 8> kNameMembers = {{
    {"event_ring", &ObjectInfo::event_ring},
    {"lost_events", &ObjectInfo::lost_events},
    {"rule_counters", &ObjectInfo::rule_counters},
    {"fault_counters", &ObjectInfo::fault_counters},
    {"count_rules_flag", &ObjectInfo::count_rules_flag},
    {"audit_flag", &ObjectInfo::audit_flag},
    {"test_flag", &ObjectInfo::test_flag},
    {"test_world", &ObjectInfo::test_world},
}};

}  // namespace netc::object
