// Tunnels: which headers `encap` puts before a packet, and what they say.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/hooks/hook_id.h"

namespace netc::hooks {

struct Encap {
  std::string_view kind;  // "gre"
  bool frame = false;     // it carries the whole frame; else what is behind the link header
  // Names of headers, outermost first; "ip" stands for either family.
  std::array<std::string_view, 3> headers{};
};

// What a field of an outer header is where the pipeline doesn't say.
enum class EncapRule : uint8_t {
  kGiven,     // it must
  kOwn,       // what leads to the next header, else what the header's declaration says
  kNumber,    // this
  kFunction,  // what this function of the module net.encap says
};
struct EncapField {
  std::string_view header, field;
  std::string_view name;  // by which it is given; empty: it can't be
  EncapRule rule{};
  uint64_t number = 0;
  std::string_view function;
};

// What bpf_skb_adjust_room is told of an outer header.
struct EncapFlag {
  std::string_view header;
  std::string_view flag;   // kernel constant
  bool is_family = false;  // an IP header: one of these is the outermost
};

std::span<const Encap> AllEncaps();
const Encap* FindEncap(std::string_view kind);
std::span<const EncapField> AllEncapFields();
std::span<const EncapFlag> AllEncapFlags();
const EncapFlag* FindEncapFlag(std::string_view header);
// Whether the frames of the hook were sent to this machine, so that its own address
// is the one that they went to.
bool FramesComeIn(HookId hook);

}  // namespace netc::hooks
