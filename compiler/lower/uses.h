// What of a packet a block of the source uses.
#pragma once

#include <set>
#include <span>

#include "compiler/sema/program.h"

namespace netc::lower {

struct Uses {
  std::set<sema::HeaderRef> headers;                         // read, tested, or written
  std::set<sema::HeaderRef> payloads;                        // headers whose payload is read
  std::set<std::pair<sema::HeaderRef, uint32_t>> rewritten;  // fields
  bool encaps = false;                                       // the packet is put into a tunnel
  bool loops = false;                                        // something is done in rounds

  void Add(const Uses& other);
};

// Calls of functions are followed.
Uses UsesOf(const sema::Program& program, std::span<const sema::Statement> block);

}  // namespace netc::lower
