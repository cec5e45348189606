// The way of attaching to tc before tcx (6.6): a filter in a clsact qdisc.
#pragma once

#include <bpf/libbpf.h>

#include "runtime/attach_site.h"
#include "runtime/interface.h"

namespace netc::runtime {

// Adds a filter to the interface's clsact qdisc, which is made if it is not there
// and removed at the end by whoever made it, unless others use it by then. There
// is no link: a process that is killed leaves the filter behind, and the
// attachment's notes say so.
Result<Attachment> AttachClsact(const Site& site, const Interface& interface,
                                bpf_tc_attach_point point);

}  // namespace netc::runtime
