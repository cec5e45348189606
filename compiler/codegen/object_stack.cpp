#include "compiler/codegen/object_stack.h"

#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace netc::codegen {

namespace {

// Of eBPF (Documentation/bpf/standardization/instruction-set.rst).
struct Instruction {
  uint8_t code;
  uint8_t registers;  // destination: the low half
  int16_t offset;
  int32_t imm;

  uint32_t to() const { return registers & 15; }
  uint32_t from() const { return registers >> 4; }
  uint32_t kind() const { return code & 7; }
};
static_assert(sizeof(Instruction) == 8);

constexpr uint32_t kFramePointer = 10, kRegisters = 11;
constexpr uint32_t kLoad = 0x01, kStoreNumber = 0x02, kStore = 0x03;
constexpr uint8_t kMove64 = 0xbf, kAddNumber64 = 0x07, kCall = 0x85, kLoad64 = 0x18;
constexpr uint32_t kLocalCall = 1;  // BPF_PSEUDO_CALL

using Place = std::pair<uint64_t, uint64_t>;  // section, byte in it

struct Function {
  uint32_t stack = 0;
  std::vector<Place> calls;
};

class Reader {
 public:
  explicit Reader(const llvm::object::ObjectFile& object) : object_(object) {}

  llvm::Error Read() {
    for (const llvm::object::SectionRef& section : object_.sections()) {
      auto relocated = section.getRelocatedSection();
      if (!relocated) return relocated.takeError();
      if (*relocated == object_.section_end()) continue;
      for (const llvm::object::RelocationRef& each : section.relocations())
        relocations_.emplace(Place{(*relocated)->getIndex(), each.getOffset()}, each.getSymbol());
    }
    for (const llvm::object::ELFSymbolRef symbol :
         static_cast<const llvm::object::ELFObjectFileBase&>(object_).symbols()) {
      auto type = symbol.getType();
      if (!type) return type.takeError();
      if (*type != llvm::object::SymbolRef::ST_Function || symbol.getSize() == 0) continue;
      if (llvm::Error error = ReadFunction(symbol)) return error;
    }
    return llvm::Error::success();
  }

  uint32_t Deepest() const {
    uint32_t deepest = 0;
    for (const auto& [place, function] : functions_) deepest = std::max(deepest, From(place, 0));
    return deepest;
  }

 private:
  llvm::Error ReadFunction(const llvm::object::ELFSymbolRef& symbol) {
    auto section = symbol.getSection();
    if (!section) return section.takeError();
    auto text = (*section)->getContents();
    if (!text) return text.takeError();
    auto begin = symbol.getValue();
    if (!begin) return begin.takeError();
    uint64_t index = (*section)->getIndex(), size = symbol.getSize();
    if (*begin > text->size() || size > text->size() - *begin) return llvm::Error::success();
    Function& function = functions_[{index, *begin}];
    int64_t offsets[kRegisters] = {};  // from r10, of registers that hold an address of the stack
    bool holds[kRegisters] = {};
    holds[kFramePointer] = true;
    int64_t lowest = 0;
    for (uint64_t at = *begin; at + 8 <= *begin + size; at += 8) {
      Instruction each{};
      std::memcpy(&each, text->data() + at, sizeof each);
      uint32_t to = each.to(), from = each.from();
      if (to >= kRegisters || from >= kRegisters) continue;
      bool load = each.kind() == kLoad;
      bool store = each.kind() == kStore || each.kind() == kStoreNumber;
      if (load && holds[from]) lowest = std::min(lowest, offsets[from] + each.offset);
      if (store && holds[to]) lowest = std::min(lowest, offsets[to] + each.offset);
      if (each.code == kLoad64 || each.code == kCall) Follow(function, {index, at}, each);
      if (store) continue;
      if (each.code == kCall) std::fill_n(holds, 6, false);
      if (each.code == kMove64) {
        holds[to] = holds[from];
        offsets[to] = offsets[from];
      } else if (each.code == kAddNumber64 && holds[to] && to != kFramePointer) {
        offsets[to] += each.imm;
        lowest = std::min(lowest, offsets[to]);
      } else if (to != kFramePointer && each.kind() != 0x05 && each.kind() != 0x06) {
        holds[to] = false;
      }
      if (each.code == kLoad64) at += 8;
    }
    function.stack = static_cast<uint32_t>(-lowest);
    return llvm::Error::success();
  }

  // A function that is called, or whose address is taken for a helper that calls it.
  void Follow(Function& function, Place at, const Instruction& each) {
    bool call = each.code == kCall;
    auto found = relocations_.find(at);
    if (found != relocations_.end()) {
      auto target = Target(*found->second);
      if (!target) return;
      int64_t beyond = call ? (int64_t{each.imm} + 1) * 8 : int64_t{each.imm};
      target->second += static_cast<uint64_t>(beyond);
      function.calls.push_back(*target);
    } else if (call && each.from() == kLocalCall) {
      function.calls.push_back(
          {at.first, at.second + 8 + static_cast<uint64_t>(int64_t{each.imm} * 8)});
    }
  }

  std::optional<Place> Target(const llvm::object::SymbolRef& symbol) const {
    auto section = symbol.getSection();
    auto value = symbol.getValue();
    if (!section || !value || *section == object_.section_end()) {
      if (!section) llvm::consumeError(section.takeError());
      if (!value) llvm::consumeError(value.takeError());
      return std::nullopt;
    }
    return Place{(*section)->getIndex(), *value};
  }

  uint32_t From(Place place, uint32_t depth) const {
    constexpr uint32_t kMostCalls = 16, kUnit = 32;
    auto found = functions_.find(place);
    if (found == functions_.end() || depth > kMostCalls) return 0;
    const Function& function = found->second;
    uint32_t deepest = 0;
    for (const Place& called : function.calls) deepest = std::max(deepest, From(called, depth + 1));
    return deepest + std::max((function.stack + kUnit - 1) / kUnit * kUnit, kUnit);
  }

  const llvm::object::ObjectFile& object_;
  std::map<Place, llvm::object::symbol_iterator> relocations_;
  std::map<Place, Function> functions_;
};

}  // namespace

llvm::Expected<uint32_t> DeepestStack(llvm::StringRef elf) {
  auto object = llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(elf, "object"));
  if (!object) return object.takeError();
  Reader reader(**object);
  if (llvm::Error error = reader.Read()) return error;
  return reader.Deepest();
}

}  // namespace netc::codegen
