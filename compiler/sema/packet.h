// Packets that tests describe, as bytes: layout fields, lengths and checksums are
// filled in from the header declarations unless the test gives them.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "compiler/sema/constant.h"
#include "compiler/sema/program.h"

namespace netc::sema {

// A header, or an option of the header before it and its other options.
struct PacketLayer {
  HeaderId header{};
  std::map<uint32_t, Constant> given;  // by index into Header::fields
  std::optional<HeaderId> options_of;  // bytes as they stand among that header's options
  object::Bytes bytes{};               // of these
};

struct PacketModel {
  std::vector<PacketLayer> layers;
  object::Bytes payload;
  std::optional<uint32_t> cut;  // the packet's length, where it is cut off
};

struct PlacedField {
  uint32_t layer = 0;
  uint32_t field = 0;
  uint32_t bit_offset = 0;  // from the packet's start
};

struct BuiltPacket {
  object::Bytes bytes;
  std::vector<PlacedField> fields;
};

BuiltPacket BuildPacket(const Program& program, const PacketModel& model);

// The value that `inner` has as what follows `outer`, with the selector's field in
// `outer`; nullopt if `outer` does not lead to it.
struct LinkValue {
  std::optional<uint32_t> field;
  uint64_t value = 0;
};
std::optional<LinkValue> LinkBetween(const Program& program, const Header& outer, HeaderId inner);

}  // namespace netc::sema
