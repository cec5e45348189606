// Types of checked programs as types of the IR.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/sema/type.h"

namespace netc::lower {

// A name of the source as an identifier of C: what C or the emitted file has
// taken gets an underscore.
std::string CName(std::string_view name);

class Types {
 public:
  Types(const sema::TypeTable& types, std::vector<ir::Struct>& structs)
      : types_(types), structs_(structs) {}

  // Of a value. Structs are added to the program when they are first asked for.
  ir::Type Of(sema::TypeId id);
  // The key of a prefix map with elements of this address type.
  ir::Type PrefixOf(sema::TypeId address);
  uint32_t AddStruct(ir::Struct lowered);
  const sema::TypeTable& table() const { return types_; }
  const ir::Struct& struct_of(ir::Type type) const { return structs_[type.decl]; }
  // Index of the member that holds the struct's n-th field.
  uint32_t MemberIndex(sema::TypeId id, uint32_t field) const;
  // Bits that a number of this type has, e.g. 13 of a u13.
  uint32_t BitsOf(sema::TypeId id) const;

 private:
  ir::Type StructOf(sema::TypeId id);
  ir::Type ArrayOf(sema::TypeId id);
  std::string StructName(sema::TypeId id) const;

  const sema::TypeTable& types_;
  std::vector<ir::Struct>& structs_;
  std::map<uint32_t, uint32_t> lowered_;  // sema struct → ir struct
  std::map<sema::TypeId, uint32_t> arrays_;
  std::map<std::string, uint32_t> prefixes_;
};

}  // namespace netc::lower
