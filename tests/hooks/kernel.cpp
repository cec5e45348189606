#include "tests/hooks/kernel.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace netc::prove {
namespace {

// The kernel copies what it knows and insists that the rest is zero.
long Bpf(int command, bpf_attr& attr) {
  return syscall(SYS_bpf, command, &attr, sizeof attr);
}

uint64_t Address(const void* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

}  // namespace

Kernel::Kernel() : log_(1 << 18) {
  utsname name{};
  uname(&name);
  release_ = name.release;
  unsigned major = 0, minor = 0;
  sscanf(name.release, "%u.%u", &major, &minor);
  version_ = {static_cast<uint8_t>(major), static_cast<uint8_t>(minor)};
  vmlinux_ = btf__load_vmlinux_btf();
}

Kernel::~Kernel() {
  for (auto& [key, map] : maps_) {
    if (map.first >= 0) close(map.first);
  }
  for (auto& [name, module] : modules_) {
    btf__free(module.first);
    if (module.second >= 0) close(module.second);
  }
  btf__free(vmlinux_);
  if (int_btf_ >= 0) close(int_btf_);
}

Answer Kernel::Load(const LoadForm& form, const Program& program, const std::vector<int>& modules) {
  std::vector<int> fds{0};
  fds.insert(fds.end(), modules.begin(), modules.end());
  bpf_attr attr{};
  attr.prog_type = form.prog_type;
  attr.expected_attach_type = form.attach_type;
  attr.attach_btf_id = form.attach_btf_id;
  attr.prog_flags = form.flags;
  attr.insns = Address(program.data());
  attr.insn_cnt = static_cast<uint32_t>(program.size());
  attr.license = Address(form.gpl ? "Dual MIT/GPL" : "Proprietary");
  attr.fd_array = modules.empty() ? 0 : Address(fds.data());
  attr.log_buf = Address(log_.data());
  attr.log_size = static_cast<uint32_t>(log_.size());
  attr.log_level = 1;
  log_[0] = '\0';
  Answer answer;
  const long fd = Bpf(BPF_PROG_LOAD, attr);
  if (fd >= 0) {
    close(static_cast<int>(fd));
  } else {
    answer.error = errno;
  }
  answer.log = log_.data();
  return answer;
}

int Kernel::LoadFd(const LoadForm& form, const Program& program) {
  bpf_attr attr{};
  attr.prog_type = form.prog_type;
  attr.expected_attach_type = form.attach_type;
  attr.attach_btf_id = form.attach_btf_id;
  attr.prog_flags = form.flags;
  attr.insns = Address(program.data());
  attr.insn_cnt = static_cast<uint32_t>(program.size());
  attr.license = Address("Dual MIT/GPL");
  return static_cast<int>(Bpf(BPF_PROG_LOAD, attr));
}

int Kernel::TestRun(int program_fd, const std::vector<uint8_t>& data) {
  std::vector<uint8_t> out(data.size() + 512);
  bpf_attr attr{};
  attr.test.prog_fd = static_cast<uint32_t>(program_fd);
  attr.test.data_in = data.empty() ? 0 : Address(data.data());
  attr.test.data_size_in = static_cast<uint32_t>(data.size());
  attr.test.data_out = data.empty() ? 0 : Address(out.data());
  attr.test.data_size_out = data.empty() ? 0 : static_cast<uint32_t>(out.size());
  return Bpf(BPF_PROG_TEST_RUN, attr) < 0 ? errno : 0;
}

std::optional<uint32_t> Kernel::TypeId(std::string_view name, uint32_t kind) const {
  if (vmlinux_ == nullptr) return std::nullopt;
  const int id = btf__find_by_name_kind(vmlinux_, std::string(name).c_str(), kind);
  if (id < 0) return std::nullopt;
  return static_cast<uint32_t>(id);
}

std::optional<KfuncPlace> Kernel::FindKfunc(const std::string& name, const std::string& module) {
  if (const auto id = TypeId(name, BTF_KIND_FUNC)) return KfuncPlace{*id, -1};
  if (module.empty()) return std::nullopt;
  auto [entry, is_new] = modules_.try_emplace(module, nullptr, -1);
  if (is_new) {
    entry->second.first = btf__load_module_btf(module.c_str(), vmlinux_);
    if (entry->second.first != nullptr) {
      // The descriptor that the verifier wants is that of the module's own BTF object.
      for (uint32_t id = 0;;) {
        bpf_attr next{};
        next.start_id = id;
        if (Bpf(BPF_BTF_GET_NEXT_ID, next) < 0) break;
        id = next.next_id;
        bpf_attr get{};
        get.btf_id = id;
        const int fd = static_cast<int>(Bpf(BPF_BTF_GET_FD_BY_ID, get));
        if (fd < 0) continue;
        char text[64] = {};
        bpf_btf_info info{};
        info.name = Address(text);
        info.name_len = sizeof text;
        bpf_attr ask{};
        ask.info.bpf_fd = static_cast<uint32_t>(fd);
        ask.info.info_len = sizeof info;
        ask.info.info = Address(&info);
        if (Bpf(BPF_OBJ_GET_INFO_BY_FD, ask) == 0 && module == text) {
          entry->second.second = fd;
          break;
        }
        close(fd);
      }
    }
  }
  if (entry->second.first == nullptr || entry->second.second < 0) return std::nullopt;
  const int id = btf__find_by_name_kind(entry->second.first, name.c_str(), BTF_KIND_FUNC);
  if (id < 0) return std::nullopt;
  return KfuncPlace{static_cast<uint32_t>(id), entry->second.second};
}

std::optional<uint32_t> Kernel::MemberIndex(std::string_view structure,
                                            std::string_view name) const {
  const auto id = TypeId(structure, BTF_KIND_STRUCT);
  if (!id) return std::nullopt;
  const btf_type* type = btf__type_by_id(vmlinux_, *id);
  const btf_member* members = btf_members(type);
  for (uint32_t i = 0; i < btf_vlen(type); ++i) {
    if (name == btf__name_by_offset(vmlinux_, members[i].name_off)) return i;
  }
  return std::nullopt;
}

namespace {

// Finds `name` in a struct or in the anonymous ones inside it; bits from its start.
bool FindIn(const btf* types, uint32_t id, std::string_view name, uint32_t& bits, uint32_t& found) {
  const btf_type* type = btf__type_by_id(types, id);
  while (btf_is_mod(type) || btf_is_typedef(type)) type = btf__type_by_id(types, type->type);
  if (!btf_is_composite(type)) return false;
  const btf_member* members = btf_members(type);
  for (uint32_t i = 0; i < btf_vlen(type); ++i) {
    const std::string_view member = btf__name_by_offset(types, members[i].name_off);
    uint32_t inner = 0;
    if (member == name) {
      bits = btf_member_bit_offset(type, i);
      found = members[i].type;
      return true;
    }
    if (member.empty() && FindIn(types, members[i].type, name, inner, found)) {
      bits = btf_member_bit_offset(type, i) + inner;
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<Kernel::Member> Kernel::FindMember(std::string_view structure,
                                                 std::string_view path) const {
  auto id = TypeId(structure, BTF_KIND_STRUCT);
  if (!id) return std::nullopt;
  uint32_t at = 0;
  uint32_t type = *id;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    uint32_t bits = 0;
    if (!FindIn(vmlinux_, type, path.substr(0, dot), bits, type)) return std::nullopt;
    at += bits / 8;
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return Member{at, static_cast<uint32_t>(btf__resolve_size(vmlinux_, type))};
}

// One BTF object with one type: a 32-bit integer (id 1).
int Kernel::IntBtf() {
  if (int_btf_ >= 0) return int_btf_;
  btf* types = btf__new_empty();
  btf__add_int(types, "int", 4, BTF_INT_SIGNED);
  uint32_t size = 0;
  const void* data = btf__raw_data(types, &size);
  bpf_attr attr{};
  attr.btf = Address(data);
  attr.btf_size = size;
  int_btf_ = static_cast<int>(Bpf(BPF_BTF_LOAD, attr));
  btf__free(types);
  return int_btf_;
}

int Kernel::NewMap(const MapSpec& spec, int inner_fd) {
  bpf_attr attr{};
  attr.map_type = spec.type;
  attr.key_size = spec.key_size;
  attr.value_size = spec.value_size;
  attr.max_entries = spec.entries;
  attr.map_flags = spec.flags;
  if (inner_fd >= 0) attr.inner_map_fd = static_cast<uint32_t>(inner_fd);
  if (spec.typed) {
    attr.btf_fd = static_cast<uint32_t>(IntBtf());
    attr.btf_key_type_id = 1;
    attr.btf_value_type_id = 1;
  }
  return static_cast<int>(Bpf(BPF_MAP_CREATE, attr));
}

int Kernel::Map(const MapSpec& spec, int* error) {
  const std::vector<uint32_t> key{spec.type,    spec.key_size, spec.value_size,
                                  spec.entries, spec.flags,    spec.typed};
  auto [entry, is_new] = maps_.try_emplace(key, -1, 0);
  if (is_new) {
    int inner = -1;
    if (spec.type == BPF_MAP_TYPE_ARRAY_OF_MAPS || spec.type == BPF_MAP_TYPE_HASH_OF_MAPS) {
      inner = Map({.type = BPF_MAP_TYPE_ARRAY});
    }
    entry->second.first = NewMap(spec, inner);
    entry->second.second = entry->second.first < 0 ? errno : 0;
  }
  if (error != nullptr) *error = entry->second.second;
  return entry->second.first;
}

}  // namespace netc::prove
