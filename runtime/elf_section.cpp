#include "runtime/elf_section.h"

#include <elf.h>
#include <gelf.h>
#include <libelf.h>

#include <memory>

namespace netc::runtime {

namespace {

struct EndElf {
  void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, EndElf>;

// libelf reads in place and takes no const pointer; it only writes to files of
// the other byte order, which are turned away first.
ElfHandle OpenElf(std::span<const uint8_t> file) {
  elf_version(EV_CURRENT);
  if (!IsElf(file)) return nullptr;
  auto bytes = reinterpret_cast<char*>(const_cast<uint8_t*>(file.data()));
  return ElfHandle(elf_memory(bytes, file.size()));
}

}  // namespace

bool IsElf(std::span<const uint8_t> file) {
  bool magic = file.size() >= sizeof(Elf64_Ehdr) && file[EI_MAG0] == ELFMAG0 &&
               file[EI_MAG1] == 'E' && file[EI_MAG2] == 'L' && file[EI_MAG3] == 'F';
  return magic && file[EI_CLASS] == ELFCLASS64 && file[EI_DATA] == ELFDATA2LSB;
}

std::optional<object::Bytes> FindSection(std::span<const uint8_t> file, std::string_view name) {
  ElfHandle elf = OpenElf(file);
  size_t names = 0;
  if (!elf || elf_getshdrstrndx(elf.get(), &names) != 0) return std::nullopt;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf.get(), section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr) continue;
    const char* found = elf_strptr(elf.get(), names, header.sh_name);
    if (found == nullptr || name != found) continue;
    Elf_Data* data = elf_rawdata(section, nullptr);
    if (data == nullptr || data->d_buf == nullptr) return std::nullopt;
    auto begin = static_cast<const uint8_t*>(data->d_buf);
    return object::Bytes(begin, begin + data->d_size);
  }
  return std::nullopt;
}

}  // namespace netc::runtime
