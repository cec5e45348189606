// How a program ends, and what the kernel makes of it.
#pragma once

#include <cstdint>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

// What a verdict's word takes.
enum class VerdictForm : uint8_t {
  kPlain,
  kErrno,   // optionally an errno, set by bpf_set_retval
  kTarget,  // where to; a helper tells the kernel before the return
  kSocket,  // a socket; a helper tells the kernel before the return
  kValue,   // a number, stored in the context's reply
};

enum class Ends : uint8_t {
  kFinal,  // no other program on the hook can change the outcome
  kNext,   // what comes next may still decide otherwise
};

struct Verdict {
  std::string_view word;    // "drop", "drop congest"
  int32_t code = 0;         // return value
  std::string_view c_name;  // what the emitted C returns: "XDP_DROP", or the number
  VerdictForm form{};
  Ends ends{};
  std::string_view meaning;
};

// Where netc picks the verdict itself.
enum class Role : uint8_t {
  kAtEnd,       // a block that ends without a verdict
  kUnreadable,  // a condition on a header that can't be read
  kAbort,       // an effect that failed
};

// Return values that mean something; `checked`: the verifier refuses all others.
struct Returns {
  int32_t least = 0;
  int32_t most = 0;
  bool checked = false;
};

// Codes that the verifier lets pass and the kernel takes for something else.
struct Misread {
  int32_t first = 0;
  int32_t last = 0;
  std::string_view meaning;
};

}  // namespace netc::hooks
