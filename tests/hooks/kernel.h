// The running kernel, asked through bpf(2) and its BTF. Nothing here is attached;
// every file descriptor is closed before the call that made it returns, but for
// the maps, which live as long as the Kernel.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/hooks/hook_id.h"

struct btf;

namespace netc::prove {

using Program = std::vector<bpf_insn>;

// How a program is loaded.
struct LoadForm {
  uint32_t prog_type = 0;
  uint32_t attach_type = 0;
  uint32_t attach_btf_id = 0;
  uint32_t flags = 0;
  bool gpl = true;
};

struct Answer {
  int error = 0;    // errno, 0 if the program was loaded
  std::string log;  // the verifier's

  bool loaded() const { return error == 0; }
  bool says(std::string_view text) const { return log.find(text) != std::string::npos; }
};

// Where the kernel keeps a kfunc.
struct KfuncPlace {
  uint32_t btf_id = 0;
  int module_fd = -1;  // BTF of the module, -1 for vmlinux
};

struct MapSpec {
  uint32_t type = 0;
  uint32_t key_size = 4;
  uint32_t value_size = 8;
  uint32_t entries = 4;
  uint32_t flags = 0;
  bool typed = false;  // key and value as BTF integers: local storage wants it
};

class Kernel {
 public:
  Kernel();
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  hooks::KernelVersion version() const { return version_; }
  std::string release() const { return release_; }

  // `modules` are file descriptors of module BTF that calls refer to by index + 1.
  Answer Load(const LoadForm& form, const Program& program, const std::vector<int>& modules = {});
  // Loads and returns the descriptor, or -1.
  int LoadFd(const LoadForm& form, const Program& program);
  int TestRun(int program_fd, const std::vector<uint8_t>& data);  // errno, 0 if it ran

  std::optional<uint32_t> TypeId(std::string_view name, uint32_t kind) const;
  std::optional<KfuncPlace> FindKfunc(const std::string& name, const std::string& module);
  // Offset and size in bytes of a member such as "inet_conn.icsk_ca_priv" of a struct.
  struct Member {
    uint32_t offset = 0;
    uint32_t size = 0;
  };
  std::optional<Member> FindMember(std::string_view structure, std::string_view path) const;
  std::optional<uint32_t> MemberIndex(std::string_view structure, std::string_view name) const;

  // A map of that shape, made once; or -1 with the errno in `error`.
  int Map(const MapSpec& spec, int* error = nullptr);
  // A new map of that shape, the caller's to close; or -1.
  int NewMap(const MapSpec& spec, int inner_fd = -1);

 private:
  int IntBtf();

  hooks::KernelVersion version_;
  std::string release_;
  std::vector<char> log_;
  btf* vmlinux_ = nullptr;
  std::map<std::string, std::pair<btf*, int>> modules_;  // null: not there
  std::map<std::vector<uint32_t>, std::pair<int, int>> maps_;
  int int_btf_ = -1;
};

}  // namespace netc::prove
