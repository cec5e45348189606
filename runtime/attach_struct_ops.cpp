#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "runtime/attach_site.h"
#include "runtime/libbpf_log.h"

namespace netc::runtime {

// The map of a congestion control: its members' functions begin with its name, which
// is the block's unless C has taken that.
static bpf_map* MapOf(const Site& site) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, site.loaded().object()) {
    if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS) continue;
    std::string prefix = std::string(bpf_map__name(map)) + "_";
    bool named = bpf_map__name(map) == site.program().name;
    if (named || site.program().function.starts_with(prefix)) return map;
  }
  return nullptr;
}

// A congestion control: the block's name is that of its struct_ops map.
Result<Attachment> AttachStructOps(const Site& site) {
  const std::string& name = site.program().name;
  bpf_map* map = MapOf(site);
  std::string where = "the kernel's congestion controls";
  if (map == nullptr) {
    return Failure{Exit::kPipeline, fmt::format("the object has no congestion control `{}`", name)};
  }
  LogCapture log;
  bpf_link* link = bpf_map__attach_struct_ops(map);
  if (link == nullptr) {
    int error = errno;
    if (error == EEXIST) return site.Failed(where, "one of that name is registered already");
    Failure failure = site.Failed(where, error);
    if (!log.text().empty()) failure.details.push_back(log.LastLine());
    return failure;
  }
  Attachment attachment = site.Begin();
  attachment.program_id = 0;
  attachment.where = "tcp_congestion_control";
  if ((bpf_map__map_flags(map) & BPF_F_LINK) == 0) {
    attachment.notes.push_back(
        "this kernel registers congestion controls without a link: if netc is "
        "killed, it stays; `bpftool struct_ops unregister` removes it");
  }
  attachment.undo = Cleanup([link] { bpf_link__destroy(link); });
  return attachment;
}

}  // namespace netc::runtime
