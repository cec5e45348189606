#include "runtime/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>
#include <string_view>

#include "compiler/object/host_order.h"
#include "compiler/object/value.h"
#include "runtime/attach_site.h"
#include "runtime/near_names.h"
#include "runtime/permission.h"

namespace netc::runtime {

namespace {

// How a hook's programs are attached. A name that ends in `*` stands for all that
// begin like it.
struct AttachRow {
  std::string_view hook;
  AttachFunction attach;
  // The block's programs are one thing, attached once.
  bool grouped = false;
};

constexpr AttachRow kRows[] = {
    {"xdp", AttachXdp},
    {"tc.ingress", AttachTcIngress},
    {"tc.egress", AttachTcEgress},
    {"sk_lookup", AttachNetns},
    {"sockops", AttachCgroup},
    {"cgroup.*", AttachCgroup},
    {"lsm_cgroup*", AttachCgroup},
    {"reuseport*", AttachReuseport},
    {"xdp.devmap", AttachSlots},
    {"xdp.cpumap", AttachSlots},
    {"cc*", AttachStructOps, true},
    {"sweep", AttachSweep},
};

const AttachRow* FindRow(std::string_view hook) {
  for (const AttachRow& row : kRows) {
    bool prefix = row.hook.ends_with('*');
    std::string_view name = prefix ? row.hook.substr(0, row.hook.size() - 1) : row.hook;
    if (prefix ? hook.starts_with(name) : hook == name) return &row;
  }
  return nullptr;
}

Status CheckOverrides(const object::ObjectInfo& info, const AttachOptions& options) {
  std::vector<std::string> blocks;
  for (const auto& program : info.programs) blocks.push_back(program.name);
  for (const auto& given : options.overrides) {
    if (std::find(blocks.begin(), blocks.end(), given.block) != blocks.end()) continue;
    return Failure{Exit::kUsage, fmt::format("the pipeline has no block `{}`", given.block),
                   DescribeNames("block", blocks, given.block)};
  }
  return std::nullopt;
}

}  // namespace

void Attachments::DetachAll() {
  while (!all_.empty()) all_.pop_back();
}

// A link knows whether its interface is there: one that moved to another namespace
// is reported as gone too, and keeps its program.
static bool IsDetached(const Attachment& attachment) {
  if (!attachment.link) return true;
  bpf_link_info info = {};
  uint32_t size = sizeof info;
  if (bpf_link_get_info_by_fd(attachment.link.get(), &info, &size) != 0) return true;
  return info.type == BPF_LINK_TYPE_TCX ? info.tcx.ifindex == 0 : info.xdp.ifindex == 0;
}

std::vector<Attachment> Attachments::DropInterface(uint32_t ifindex) {
  auto gone = std::stable_partition(all_.begin(), all_.end(), [&](const Attachment& each) {
    return each.ifindex != ifindex || !IsDetached(each);
  });
  std::vector<Attachment> dropped(std::make_move_iterator(gone),
                                  std::make_move_iterator(all_.end()));
  all_.erase(gone, all_.end());
  return dropped;
}

int Site::fd() const {
  return bpf_program__fd(bpf());
}

static std::string ParameterText(const Loaded& loaded, const std::string& name) {
  for (const object::Parameter& parameter : loaded.info().parameters) {
    if (parameter.name != name) continue;
    object::Bytes value = loaded.ParameterValue(parameter);
    if (parameter.type.form == object::Form::kString) {
      auto text = reinterpret_cast<const char*>(value.data());
      return std::string(text, strnlen(text, value.size()));
    }
    return object::FormatValue(parameter.type, value.data());
  }
  return {};
}

std::optional<std::string> Site::Attribute(const std::string& name) const {
  for (const auto& given : options_.overrides) {
    if (given.block == program_.name && given.name == name) return given.value;
  }
  if (name == "dev" && options_.dev) return options_.dev;
  if (name == "mode" && options_.mode) return options_.mode;
  for (const object::Attribute& attribute : program_.attributes) {
    if (attribute.name != name) continue;
    return attribute.is_param ? ParameterText(loaded_, attribute.value) : attribute.value;
  }
  return std::nullopt;
}

Result<std::string> Site::Required(const std::string& name) const {
  auto value = Attribute(name);
  if (value && !value->empty()) return *value;
  std::string option =
      name == "dev" ? "--dev NAME" : fmt::format("--attr {}.{}=VALUE", program_.name, name);
  return Failure{Exit::kUsage,
                 fmt::format("`{}` does not say its `{}`", program_.name, name),
                 {fmt::format("write `on {} {} ({}: …)`, or give {}", program_.hook, program_.name,
                              name, option)},
                 program_.place};
}

Result<std::chrono::nanoseconds> Site::RequiredDuration(const std::string& name) const {
  auto text = Required(name);
  if (!text) return text.failure();
  object::TypeInfo type{.form = object::Form::kDuration, .name = "duration", .size = 8};
  object::ValueResult value = object::ParseValue(type, *text);
  if (auto* why = std::get_if<std::string>(&value))
    return Failure{Exit::kUsage, *why, {}, program_.place};
  auto nanoseconds = object::LoadAs<uint64_t>(std::get<object::Bytes>(value).data());
  return std::chrono::nanoseconds(static_cast<int64_t>(nanoseconds));
}

Attachment Site::Begin() const {
  Attachment attachment;
  attachment.block = program_.name;
  attachment.hook = program_.hook;
  bpf_prog_info info = {};
  uint32_t size = sizeof info;
  if (bpf() != nullptr && bpf_prog_get_info_by_fd(fd(), &info, &size) == 0) {
    attachment.program_id = info.id;
  }
  return attachment;
}

Failure Site::Failed(const std::string& where, const std::string& why) const {
  return {Exit::kAttach,
          fmt::format("`{}` cannot be attached to {}: {}", program_.name, where, why),
          {},
          program_.place};
}

Failure Site::Failed(const std::string& where, int error) const {
  if (error == EPERM)
    return NotPermitted(fmt::format("attaching `{}` to {}", program_.name, where));
  return Failed(where, std::strerror(error));
}

Result<Attachments> AttachAll(const Loaded& loaded, const AttachOptions& options) {
  if (auto failure = CheckOverrides(loaded.info(), options)) return *failure;
  Attachments attached;
  std::set<std::string> groups;
  for (const object::Program& program : loaded.info().programs) {
    const AttachRow* row = FindRow(program.hook);
    if (row == nullptr) {
      return Failure{Exit::kAttach,
                     fmt::format("netc run cannot attach to `{}`", program.hook),
                     {},
                     program.place};
    }
    if (row->grouped && !groups.insert(program.name).second) continue;
    Site site(loaded, program, options);
    if (!row->grouped && site.bpf() == nullptr) {
      return Failure{Exit::kPipeline,
                     fmt::format("the object has no program for `{}`", program.name)};
    }
    auto attachment = row->attach(site);
    if (!attachment) return attachment.failure();
    attached.Add(std::move(*attachment));
  }
  return attached;
}

}  // namespace netc::runtime
