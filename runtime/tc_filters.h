// Whether an interface's clsact qdisc is in use.
#pragma once

#include <cstdint>

namespace netc::runtime {

// Whether the clsact qdisc of the interface holds a filter, ingress or egress;
// true as well where the kernel does not say.
bool HasTcFilters(uint32_t ifindex);

}  // namespace netc::runtime
