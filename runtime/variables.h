// Global variables of a BPF object.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>

struct bpf_object;
struct bpf_map;

namespace netc::runtime {

class Variables {
 public:
  Variables() = default;
  Variables(Variables&& other) noexcept { mapped_.swap(other.mapped_); }
  Variables& operator=(Variables&& other) noexcept {
    mapped_.swap(other.mapped_);
    return *this;
  }
  ~Variables();

  // To be called once the object is loaded: from then on Find gives the memory that
  // the programs see. libbpf 1.4 does so only for skeletons.
  void Map(bpf_object* object);

  // The bytes of a variable in `section` (".rodata", ".data.params", …), empty if
  // there is none. Before loading they are its initial value; afterwards .rodata
  // is gone. Valid as long as this and the object.
  std::span<uint8_t> Find(bpf_object* object, std::string_view section,
                          std::string_view name) const;

 private:
  std::map<const bpf_map*, std::span<uint8_t>> mapped_;
};

}  // namespace netc::runtime
