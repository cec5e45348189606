// What can stand behind what in a packet, by declarations alone.
#pragma once

#include "compiler/sema/program.h"

namespace netc::sema {

// Whether some packet has `to` behind `from`: in the same scope, or inside.
std::vector<HeaderRef> Behind(const Program& program, HeaderRef from);
bool LeadsTo(const Program& program, HeaderRef from, HeaderRef to);

// The header in which an option stands; any other header itself.
HeaderRef OwnerOf(const Program& program, HeaderRef ref);

// A checksum that changes when a field does.
struct Covering {
  enum class How {
    kHeader,  // over the field's own header
    kPseudo,  // the field is a summand of it
    kExtent,  // over a header and all that it carries
  };
  HeaderRef header;
  How how{};
  bool certain = false;  // it is there whenever the field is
};
// In the order in which they are settled: the header's own, those with a pseudo header,
// then those around it from the inside out.
std::vector<Covering> CoveringsOf(const Program& program, HeaderRef changed, uint32_t field);

// Whether the expression reads this field of the header, in whatever scope.
bool ReadsField(const Expr& expr, HeaderId header, uint32_t field);

}  // namespace netc::sema
