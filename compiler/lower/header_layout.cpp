#include "compiler/lower/header_layout.h"

#include <algorithm>
#include <cassert>

namespace netc::lower {

namespace {

bool IsUnit(uint32_t bits) {
  return bits == 8 || bits == 16 || bits == 32 || bits == 64;
}

class Layouter {
 public:
  Layouter(const sema::Header& header, Types& types) : header_(header), types_(types) {}

  ir::Struct Run(std::vector<FieldPlace>& places) {
    for (size_t i = 0; i < header_.fields.size();) {
      i = IsWhole(header_.fields[i]) ? AddWhole(i, places) : AddRun(i, places);
    }
    return std::move(result_);
  }

 private:
  bool IsWhole(const sema::HeaderField& field) const {
    ir::TypeKind kind = types_.Of(field.type).kind;
    bool number = kind == ir::TypeKind::kNumber || kind == ir::TypeKind::kBool;
    return field.bit_offset % 8 == 0 && (!number || IsUnit(field.bits));
  }

  // The largest alignment that a member at `bit` may claim: the struct's size must
  // stay a multiple of it.
  uint32_t Align(uint32_t bit, uint32_t bytes) const {
    uint32_t align = bytes;
    while (bit / 8 % align != 0 || header_.fixed_size % align != 0) align /= 2;
    return align;
  }

  void AddMember(ir::Type type, std::string name, uint32_t bit, uint32_t natural) {
    uint32_t align = Align(bit, natural);
    result_.members.push_back({type, CName(name), 0, align == natural ? 0 : align});
  }

  size_t AddWhole(size_t i, std::vector<FieldPlace>& places) {
    const sema::HeaderField& field = header_.fields[i];
    ir::Type type = types_.Of(field.type);
    uint32_t natural = 1;
    if (type.is_number()) {
      natural = field.bits / 8;
      if (field.bits > 8)
        type = ir::Network(field.bits);
      else
        type = ir::Unsigned(8);
    } else if (type.kind == ir::TypeKind::kNetwork || type.kind == ir::TypeKind::kAddress6) {
      natural = 4;
    }
    places.push_back({Next(), 0, field.bits, true});
    AddMember(type, field.name, field.bit_offset, natural);
    return i + 1;
  }

  size_t AddRun(size_t first, std::vector<FieldPlace>& places) {
    uint32_t bits = 0;
    size_t end = first;
    std::string name;
    while (end < header_.fields.size() && !(IsUnit(bits))) {
      const sema::HeaderField& field = header_.fields[end++];
      name += (name.empty() ? "" : "_") + field.name;
      bits += field.bits;
    }
    if (!IsUnit(bits)) bits = bits <= 16 ? 16 : bits <= 32 ? 32 : 64;
    uint32_t used = 0;
    for (size_t i = first; i < end; ++i) {
      used += header_.fields[i].bits;
      places.push_back({Next(), bits - used, header_.fields[i].bits, false});
    }
    ir::Type type = bits == 8 ? ir::Unsigned(8) : ir::Network(bits);
    AddMember(type, name, header_.fields[first].bit_offset, bits / 8);
    return end;
  }

  uint32_t Next() const { return static_cast<uint32_t>(result_.members.size()); }

  const sema::Header& header_;
  Types& types_;
  ir::Struct result_;
};

}  // namespace

HeaderLayout LayOut(const sema::Header& header, const std::string& name, Types& types) {
  HeaderLayout layout;
  ir::Struct lowered = Layouter(header, types).Run(layout.fields);
  lowered.name = CName(name) + "_header";
  layout.layout = types.AddStruct(std::move(lowered));
  return layout;
}

}  // namespace netc::lower
