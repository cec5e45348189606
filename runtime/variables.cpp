#include "runtime/variables.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>

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

std::span<uint8_t> InitialValue(const bpf_map* map) {
  size_t size = 0;
  auto memory = static_cast<uint8_t*>(bpf_map__initial_value(map, &size));
  return memory == nullptr ? std::span<uint8_t>() : std::span(memory, size);
}

// The part of `memory`, a whole section, that the variable has.
std::span<uint8_t> Part(const btf* types, const btf_type* section, std::string_view name,
                        std::span<uint8_t> memory) {
  const btf_var_secinfo* variable = btf_var_secinfos(section);
  for (int i = 0; i < btf_vlen(section); ++i, ++variable) {
    const btf_type* type = btf__type_by_id(types, variable->type);
    if (name != btf__name_by_offset(types, type->name_off)) continue;
    if (uint64_t{variable->offset} + variable->size > memory.size()) return {};
    return memory.subspan(variable->offset, variable->size);
  }
  return {};
}

}  // namespace

Variables::~Variables() {
  for (const auto& [map, memory] : mapped_) munmap(memory.data(), memory.size());
}

void Variables::Map(bpf_object* object) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    bool writable =
        (bpf_map__map_flags(map) & (BPF_F_MMAPABLE | BPF_F_RDONLY_PROG)) == BPF_F_MMAPABLE;
    if (!bpf_map__is_internal(map) || !writable) continue;
    size_t size = bpf_map__value_size(map);
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
    if (memory != MAP_FAILED) mapped_[map] = {static_cast<uint8_t*>(memory), size};
  }
}

std::span<uint8_t> Variables::Find(bpf_object* object, std::string_view section,
                                   std::string_view name) const {
  btf* types = bpf_object__btf(object);
  bpf_map* map = FindSectionMap(object, section);
  if (types == nullptr || map == nullptr) return {};
  int id = btf__find_by_name_kind(types, std::string(section).c_str(), BTF_KIND_DATASEC);
  if (id < 0) return {};
  auto mapped = mapped_.find(map);
  bool loaded = bpf_map__fd(map) >= 0;
  if (loaded && mapped == mapped_.end()) return {};
  return Part(types, btf__type_by_id(types, static_cast<uint32_t>(id)), name,
              loaded ? mapped->second : InitialValue(map));
}

}  // namespace netc::runtime
