#include "runtime/variables.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <string>

namespace netc::runtime {

namespace {

// libbpf calls the map of .rodata "NAME.rodata", that of .data.params just so.
bpf_map* FindSectionMap(bpf_object* object, std::string_view section) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (std::string_view(bpf_map__name(map)).ends_with(section)) return map;
  }
  return nullptr;
}

}  // namespace

std::span<uint8_t> FindVariable(bpf_object* object, std::string_view section,
                                std::string_view name) {
  btf* types = bpf_object__btf(object);
  bpf_map* map = FindSectionMap(object, section);
  if (types == nullptr || map == nullptr) return {};
  int id = btf__find_by_name_kind(types, std::string(section).c_str(), BTF_KIND_DATASEC);
  size_t size = 0;
  auto memory = static_cast<uint8_t*>(bpf_map__initial_value(map, &size));
  if (id < 0 || memory == nullptr) return {};
  const btf_type* data = btf__type_by_id(types, static_cast<uint32_t>(id));
  const btf_var_secinfo* variable = btf_var_secinfos(data);
  for (int i = 0; i < btf_vlen(data); ++i, ++variable) {
    const btf_type* type = btf__type_by_id(types, variable->type);
    if (name != btf__name_by_offset(types, type->name_off)) continue;
    if (uint64_t{variable->offset} + variable->size > size) return {};
    return {memory + variable->offset, variable->size};
  }
  return {};
}

}  // namespace netc::runtime
