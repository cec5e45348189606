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
    const std::vector<size_t> ends = Groups();
    for (size_t i = 0; i < header_.fields.size(); i = ends[i]) {
      if (ends[i] == i + 1 && IsWhole(header_.fields[i])) {
        AddWhole(i, places);
      } else {
        AddRun(i, ends[i], places);
      }
    }
    return std::move(result_);
  }

 private:
  bool IsWhole(const sema::HeaderField& field) const {
    ir::TypeKind kind = types_.Of(field.type).kind;
    bool number = kind == ir::TypeKind::kNumber || kind == ir::TypeKind::kBool;
    return field.bit_offset % 8 == 0 && (!number || IsUnit(field.bits));
  }

  // Numbers can share a member; addresses can't.
  bool IsRunnable(const sema::HeaderField& field) const {
    ir::TypeKind kind = types_.Of(field.type).kind;
    return kind == ir::TypeKind::kNumber || kind == ir::TypeKind::kBool;
  }

  // For each field, where the member that begins with it ends. A run of fields is as
  // large as a unit; where several ways lead to the header's end, the one with the most
  // fields of their own is taken, and no unit may reach beyond what it holds.
  std::vector<size_t> Groups() const {
    constexpr uint32_t kPadded = 1'000;
    size_t count = header_.fields.size();
    std::vector<size_t> ends(count, count);
    std::vector<uint32_t> costs(count + 1, 0);
    for (size_t i = count; i-- > 0;) {
      costs[i] = ~0u;
      auto offer = [&](size_t end, uint32_t cost) {
        if (cost + costs[end] >= costs[i]) return;
        costs[i] = cost + costs[end];
        ends[i] = end;
      };
      if (IsWhole(header_.fields[i])) offer(i + 1, 0);
      uint32_t bits = 0;
      for (size_t end = i; end < count && IsRunnable(header_.fields[end]) && bits < 64;) {
        bits += header_.fields[end++].bits;
        if (IsUnit(bits)) offer(end, static_cast<uint32_t>(end - i));
        if (bits % 8 == 0 && bits < 64) offer(end, kPadded);
      }
    }
    return ends;
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

  void AddWhole(size_t i, std::vector<FieldPlace>& places) {
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
  }

  void AddRun(size_t first, size_t end, std::vector<FieldPlace>& places) {
    uint32_t bits = 0;
    std::string name;
    for (size_t i = first; i < end; ++i) {
      name += (name.empty() ? "" : "_") + header_.fields[i].name;
      bits += header_.fields[i].bits;
    }
    if (!IsUnit(bits)) bits = bits <= 16 ? 16 : bits <= 32 ? 32 : 64;
    uint32_t used = 0;
    for (size_t i = first; i < end; ++i) {
      used += header_.fields[i].bits;
      places.push_back({Next(), bits - used, header_.fields[i].bits, false});
    }
    ir::Type type = bits == 8 ? ir::Unsigned(8) : ir::Network(bits);
    AddMember(type, name, header_.fields[first].bit_offset, bits / 8);
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
