// Map types, and what each hook can do with them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "compiler/hooks/access.h"
#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

// What the first program that uses a map binds it to; programs of another kind are
// then refused (EINVAL), so netc makes one map a kind and keeps them in step.
enum class MapOwner : uint8_t {
  kNobody,
  kType,           // program type, and XDP's frags flag
  kTypeAndAttach,  // also the expected attach type
};

struct MapUse {
  std::string_view helper;  // "bpf_map_lookup_elem"
  HookSet hooks;
  KernelVersion since{};
};

struct MapType {
  std::string_view name;  // "LpmTrie"
  uint32_t number = 0;    // enum bpf_map_type
  KernelVersion since{};
  MapOwner owner{};
  uint8_t most = 0;          // maps of the type in one program; 0: any number
  std::string_view why_not;  // why hooks without a row can't use it
  std::span<const MapUse> uses;
};

// As the kernel's header writes it: BPF_MAP_TYPE_LPM_TRIE of LpmTrie.
std::string CNameOf(const MapType& type);

std::span<const MapType> AllMapTypes();
const MapType* FindMapType(uint32_t number);  // or null

// May programs of this hook call the helper on a map of this type?
Access AccessMap(HookId id, const MapType& map, std::string_view helper, KernelVersion floor);

// May programs of both hooks use one map of this type? `a_frags`: XDP loaded with frags.
bool CanShare(const MapType& map, HookId a, HookId b, bool a_frags = false, bool b_frags = false);

}  // namespace netc::hooks
