// Prototypes as the tables have them: C text.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace netc::hooks {

struct CParameter {
  std::string_view type, name;  // "struct sock *", "sk"
};

// "struct sock *sk, u32 ack" as its parts.
inline std::vector<CParameter> SplitParameters(std::string_view text) {
  std::vector<CParameter> parts;
  while (!text.empty()) {
    std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    size_t name = one.find_last_of(" *") + 1;
    std::string_view type = one.substr(0, name);
    while (type.ends_with(' ')) type.remove_suffix(1);
    parts.push_back({type, one.substr(name)});
  }
  return parts;
}

// Whether that is the connection that a congestion control is about.
inline bool IsConnection(std::string_view type) {
  return type == "struct sock *" || type == "struct tcp_sock *";
}

inline bool TakesConnection(std::string_view parameters) {
  std::vector<CParameter> all = SplitParameters(parameters);
  return std::any_of(all.begin(), all.end(),
                     [](const CParameter& parameter) { return IsConnection(parameter.type); });
}

// The struct that a pointer such as "const struct ack_sample *" leads to; else empty.
inline std::string_view PointedStruct(std::string_view type) {
  constexpr std::string_view kStruct = "const struct ";
  if (!type.starts_with(kStruct) || !type.ends_with('*')) return {};
  type = type.substr(kStruct.size());
  return type.substr(0, type.find(' '));
}

}  // namespace netc::hooks
