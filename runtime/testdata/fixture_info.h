// What netc would say about the objects of this folder.
#pragma once

#include <string>
#include <vector>

#include "compiler/object/object_info.h"

namespace netc::runtime::fixture {

// "firewall", "refused", "xdp", "tc", "cgroup", "sk_lookup", "cc" or "sweep".
// `c_source` is the text of the .bpf.c, whose `np: N` marks give the lines.
object::ObjectInfo Info(const std::string& name, const std::string& c_source);

}  // namespace netc::runtime::fixture
