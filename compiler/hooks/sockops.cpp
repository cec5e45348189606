#include "compiler/hooks/sockops.h"

#include "compiler/hooks/rows.h"

namespace netc::hooks {
namespace {

using namespace rows;

#define CALLBACK_FLAG(...)
#define CALLBACK(word, c_name, number, since, flag, socket, reply, options) \
  {word,                                                                    \
   c_name,                                                                  \
   number,                                                                  \
   since,                                                                   \
   flag,                                                                    \
   CallbackSocket::socket,                                                  \
   CallbackReply::reply,                                                    \
   HeaderOptions::options},
constexpr Callback kCallbacks[] = {
#include "compiler/hooks/sockops.def"
};
#undef CALLBACK
#undef CALLBACK_FLAG

#define CALLBACK(...)
#define CALLBACK_FLAG(c_name, value) {c_name, value},
constexpr CallbackFlag kFlags[] = {
#include "compiler/hooks/sockops.def"
};
#undef CALLBACK
#undef CALLBACK_FLAG

}  // namespace

std::span<const Callback> AllCallbacks() {
  return kCallbacks;
}
std::span<const CallbackFlag> AllCallbackFlags() {
  return kFlags;
}

bool HasCallbacks(HookId hook) {
  return hook == HookId::kSockops;
}

uint32_t FlagValue(const Callback& callback) {
  for (const CallbackFlag& flag : kFlags) {
    if (flag.c_name == callback.flag) return flag.value;
  }
  return 0;
}

}  // namespace netc::hooks
