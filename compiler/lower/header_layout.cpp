#include "compiler/lower/header_layout.h"

#include <algorithm>
#include <set>

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

  // For each field, where the members that begin with it end. A run of fields is as
  // large as a unit; where several ways lead to the header's end, the one with the most
  // fields of their own is taken. What is as large as no unit is split, if need be.
  std::vector<size_t> Groups() const {
    constexpr uint32_t kSplit = 1'000, kNoWay = 1'000'000'000;
    size_t count = header_.fields.size();
    std::vector<size_t> ends(count, count);
    std::vector<uint32_t> costs(count + 1, 0);
    for (size_t i = count; i-- > 0;) {
      costs[i] = kNoWay;
      auto offer = [&](size_t end, uint32_t cost) {
        if (cost + costs[end] >= costs[i]) return;
        costs[i] = cost + costs[end];
        ends[i] = end;
      };
      if (IsWhole(header_.fields[i])) offer(i + 1, 0);
      uint32_t bits = 0;
      for (size_t end = i; end < count && IsRunnable(header_.fields[end]);) {
        bits += header_.fields[end++].bits;
        if (IsUnit(bits)) offer(end, static_cast<uint32_t>(end - i));
        if (bits % 8 == 0 && !IsUnit(bits)) offer(end, kSplit + bits);
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
    name = CName(name);
    while (!names_.insert(name).second) name += "_";
    result_.members.push_back({type, std::move(name), 0, align == natural ? 0 : align});
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
    places.push_back({{Next(), 0, field.bits}, true, {}});
    AddMember(type, field.name, field.bit_offset, natural);
  }

  // Fields that share members: one as large as a unit, or as many as it takes.
  void AddRun(size_t first, size_t end, std::vector<FieldPlace>& places) {
    uint32_t begin = header_.fields[first].bit_offset;
    uint32_t bits = header_.fields[end - 1].bit_offset + header_.fields[end - 1].bits - begin;
    for (size_t i = first; i < end; ++i) places.emplace_back();
    auto placed = places.end() - static_cast<std::ptrdiff_t>(end - first);
    std::vector<bool> begun(end - first, false);
    for (uint32_t at = begin, unit = 0; at < begin + bits; at += unit) {
      unit = IsUnit(bits) ? bits : LargestUnit(at, begin + bits - at);
      std::string name;
      for (size_t i = first; i < end; ++i) {
        const sema::HeaderField& field = header_.fields[i];
        uint32_t from = std::max(at, field.bit_offset);
        uint32_t to = std::min(at + unit, field.bit_offset + field.bits);
        if (from >= to) continue;
        name += (name.empty() ? "" : "_") + field.name;
        FieldPart part{Next(), at + unit - to, to - from};
        FieldPlace& place = placed[static_cast<std::ptrdiff_t>(i - first)];
        if (begun[i - first]) {
          place.more.push_back(part);
        } else {
          static_cast<FieldPart&>(place) = part;
        }
        begun[i - first] = true;
      }
      ir::Type type = unit == 8 ? ir::Unsigned(8) : ir::Network(unit);
      AddMember(type, name, at, unit / 8);
    }
  }

  // Of so many bits at most, aligned to itself in the header.
  static uint32_t LargestUnit(uint32_t at, uint32_t most) {
    uint32_t unit = 64;
    while (unit > most || at % unit != 0) unit /= 2;
    return unit;
  }

  uint32_t Next() const { return static_cast<uint32_t>(result_.members.size()); }

  const sema::Header& header_;
  Types& types_;
  ir::Struct result_;
  std::set<std::string> names_;
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
