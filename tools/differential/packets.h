// Packets for a pipeline: built of the headers that it knows, right ones and broken ones.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/sema/program.h"
#include "tools/differential/choices.h"

namespace netc::differential {

class PacketMaker {
 public:
  // `source` is the pipeline's text: headers that it names come more often.
  PacketMaker(const sema::Program& program, std::string_view source, Choices& choices);

  // A packet that begins with a frame's first header; the one made before is gone.
  const object::Bytes& Make(size_t least, size_t most);

 private:
  struct Shape {
    object::Bytes bytes;
    std::vector<uint32_t> boundaries;                   // where headers begin
    std::vector<std::pair<uint32_t, uint32_t>> fields;  // bit offset, bits
  };
  friend class PacketBuilder;

  void Mutate(const Shape& shape);

  const sema::Program& program_;
  Choices& choices_;
  std::vector<uint32_t> weights_;  // by header
  std::vector<Shape> shapes_;
  object::Bytes packet_;
};

// Bytes of an address as packets and literals have it: see literal.cpp.
void FillAddress(Choices& choices, uint8_t* to, size_t size);

}  // namespace netc::differential
