#include "compiler/hooks/slots.h"

#include "compiler/hooks/access.h"
#include "compiler/hooks/maps.h"

namespace netc::hooks {
namespace {

constexpr uint32_t kDevmap = 14, kSockmap = 15, kDevmapHash = 25;

bool May(HookId hook, std::string_view helper, KernelVersion floor) {
  const Helper* found = FindHelper(helper);
  return found != nullptr && AccessHelper(hook, *found, floor).allowed();
}

bool May(HookId hook, std::string_view helper, uint32_t map_type, KernelVersion floor) {
  const MapType* map = FindMapType(map_type);
  return map != nullptr && May(hook, helper, floor) &&
         AccessMap(hook, *map, helper, floor).allowed();
}

}  // namespace

SlotUse UseOfSlots(HookId hook, VerdictForm form, uint32_t map_type, KernelVersion floor) {
  if (form == VerdictForm::kTarget) {
    if (May(hook, "bpf_redirect_map", map_type, floor)) return SlotUse::kRedirectMap;
    bool devices = map_type == kDevmap || map_type == kDevmapHash;
    bool by_number = devices && May(hook, "bpf_redirect", floor);
    return by_number ? SlotUse::kRedirect : SlotUse::kNone;
  }
  if (May(hook, "bpf_sk_select_reuseport", floor)) {
    return May(hook, "bpf_sk_select_reuseport", map_type, floor) ? SlotUse::kSelect
                                                                 : SlotUse::kNone;
  }
  // Of the maps of sockets, a program may only look sockets up in these.
  bool assigns = map_type == kSockmap && May(hook, "bpf_sk_assign", floor);
  return assigns ? SlotUse::kAssign : SlotUse::kNone;
}

}  // namespace netc::hooks
