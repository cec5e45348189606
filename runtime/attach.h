// From loaded programs to hooks that call them.
//
// Everything that can be is attached through a link, so that the kernel detaches
// it when this process ends, however it ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cleanup.h"
#include "runtime/failure.h"
#include "runtime/fd.h"
#include "runtime/load.h"

namespace netc::runtime {

struct AttachOptions {
  std::optional<std::string> dev;   // instead of every `dev`
  std::optional<std::string> mode;  // instead of every `mode`
  struct Override {
    std::string block;
    std::string name;
    std::string value;
  };
  std::vector<Override> overrides;  // instead of one block's attribute; these win
};

// One program, or one group of members, at its hook, as long as this lives.
struct Attachment {
  std::string block;  // the block's name in the source
  std::string hook;
  std::string where;  // "eth0", "netns self", "/sys/fs/cgroup/web", …
  std::string mode;   // as obtained: "native", "tcx", …; empty if there is only one way
  std::vector<std::string> notes;  // what the user must hear, e.g. a fallback
  uint32_t program_id = 0;         // of the kernel; 0 for a group
  uint32_t ifindex = 0;            // of the interface it depends on, or 0
  // A sweep: what to call, and how often.
  std::function<Status()> sweep;
  std::chrono::nanoseconds every{};

  // One of them detaches; `undo` is for what has no link of its own.
  Fd link;
  Cleanup undo;
};

// Detached in the reverse order of attaching.
class Attachments {
 public:
  Attachments() = default;
  Attachments(Attachments&&) noexcept = default;
  Attachments& operator=(Attachments&&) noexcept = default;
  ~Attachments() { DetachAll(); }

  const std::vector<Attachment>& all() const { return all_; }
  void Add(Attachment attachment) { all_.push_back(std::move(attachment)); }
  // Lets go of what hung on an interface that is gone, and returns it.
  std::vector<Attachment> DropInterface(uint32_t ifindex);
  void DetachAll();

 private:
  std::vector<Attachment> all_;
};

// Attaches every program, or none: what was attached before one that fails is
// detached again. `loaded` must outlive the result.
Result<Attachments> AttachAll(const Loaded& loaded, const AttachOptions& options);

}  // namespace netc::runtime
