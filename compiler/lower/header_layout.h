// Where the fields of a header lie in the C struct that stands for it.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/ir/program.h"
#include "compiler/lower/types.h"
#include "compiler/sema/program.h"

namespace netc::lower {

// `bits` bits of a member, `shift` above its lowest (in host order).
struct FieldPart {
  uint32_t member = 0;
  uint32_t shift = 0;
  uint32_t bits = 0;
};
// Where a field lies. Of one that reaches over several members this is the first part, and
// `more` are the others, down to its lowest bits.
struct FieldPlace : FieldPart {
  bool whole = false;  // the member is just this field
  std::vector<FieldPart> more;
};

struct HeaderLayout {
  uint32_t layout = 0;  // index into ir::Program::structs
  std::vector<FieldPlace> fields;
};

// Adds the struct to the program. Whole fields at byte boundaries become members;
// runs of others are merged into a unit of 8, 16, 32 or 64 bits, or where they are as large
// as none, into several. Members that aren't naturally aligned are marked; the struct is never
// packed, since LLVM's BPF backend would then read it byte by byte.
HeaderLayout LayOut(const sema::Header& header, const std::string& name, Types& types);

}  // namespace netc::lower
