// What of a packet a block of the source uses.
#pragma once

#include <set>
#include <span>

#include "compiler/sema/program.h"

namespace netc::lower {

struct Uses {
  std::set<sema::HeaderRef> headers;   // read, tested, or written
  std::set<sema::HeaderRef> payloads;  // headers whose payload is read
  std::set<sema::HeaderRef> rewritten;
  bool moves = false;  // the packet's pointers die on the way

  void Add(const Uses& other);
};

// Calls of functions are followed.
Uses UsesOf(const sema::Program& program, std::span<const sema::Statement> block);

// Whether the expression reads or tests this header, of whatever scope.
bool Mentions(const sema::Expr& expr, sema::HeaderId header);
bool MentionsField(const sema::Expr& expr, sema::HeaderId header, uint32_t field);

}  // namespace netc::lower
