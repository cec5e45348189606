#include "runtime/line_info.h"

#include <linux/btf.h>

#include <cstring>
#include <optional>

#include "runtime/elf_section.h"

namespace netc::runtime {

namespace {

// Head of .BTF.ext; the layout stands in Documentation/bpf/btf.rst, not in a
// header of user space.
struct ExtHeader {
  uint16_t magic;
  uint8_t version;
  uint8_t flags;
  uint32_t header_size;
  uint32_t func_info_offset, func_info_size;
  uint32_t line_info_offset, line_info_size;
};

struct LineRecord {
  uint32_t instruction_offset;
  uint32_t file_name;
  uint32_t text;             // offset into the strings of .BTF
  uint32_t line_and_column;  // line << 10 | column
};

template <typename Value>
std::optional<Value> ReadAt(std::span<const uint8_t> bytes, uint64_t offset) {
  if (offset + sizeof(Value) > bytes.size()) return std::nullopt;
  Value value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view TrimFront(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? "" : text.substr(begin);
}

class Strings {
 public:
  explicit Strings(std::span<const uint8_t> btf) {
    auto header = ReadAt<btf_header>(btf, 0);
    if (!header || header->magic != BTF_MAGIC) return;
    uint64_t begin = uint64_t{header->hdr_len} + header->str_off;
    if (begin + header->str_len <= btf.size()) text_ = btf.subspan(begin, header->str_len);
  }

  std::string_view At(uint32_t offset) const {
    if (offset >= text_.size()) return {};
    auto begin = reinterpret_cast<const char*>(text_.data() + offset);
    return {begin, strnlen(begin, text_.size() - offset)};
  }

 private:
  std::span<const uint8_t> text_;
};

}  // namespace

uint32_t FindLine(std::span<const uint8_t> object, std::string_view text) {
  auto btf = FindSection(object, ".BTF");
  auto ext = FindSection(object, ".BTF.ext");
  if (!btf || !ext || TrimFront(text).empty()) return 0;
  Strings strings(*btf);
  auto header = ReadAt<ExtHeader>(*ext, 0);
  if (!header || header->magic != BTF_MAGIC) return 0;
  uint64_t at = uint64_t{header->header_size} + header->line_info_offset;
  uint64_t end = at + header->line_info_size;
  auto record_size = ReadAt<uint32_t>(*ext, at);
  if (!record_size || *record_size < sizeof(LineRecord)) return 0;
  at += sizeof(uint32_t);
  while (at < end) {
    // Each section of code: name, number of records, records.
    auto count = ReadAt<uint32_t>(*ext, at + sizeof(uint32_t));
    if (!count) return 0;
    at += 2 * sizeof(uint32_t);
    for (uint32_t i = 0; i < *count; ++i, at += *record_size) {
      auto record = ReadAt<LineRecord>(*ext, at);
      if (!record) return 0;
      if (TrimFront(strings.At(record->text)) == TrimFront(text)) {
        return record->line_and_column >> 10;
      }
    }
  }
  return 0;
}

}  // namespace netc::runtime
