// What an attach function is given: one program and its attributes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/attach.h"

namespace netc::runtime {

class Site {
 public:
  Site(const Loaded& loaded, const object::Program& program, const AttachOptions& options)
      : loaded_(loaded), program_(program), options_(options) {}

  const Loaded& loaded() const { return loaded_; }
  const object::Program& program() const { return program_; }
  // Null if the object lacks it, which AttachAll has ruled out.
  bpf_program* bpf() const { return loaded_.FindProgram(program_); }
  int fd() const;

  // The attribute's value: of an override, the command line, or the source.
  std::optional<std::string> Attribute(const std::string& name) const;
  // The same, or how to give it.
  Result<std::string> Required(const std::string& name) const;
  Result<std::chrono::nanoseconds> RequiredDuration(const std::string& name) const;

  // An attachment with what all have: block, hook, program id.
  Attachment Begin() const;
  // "`guard` cannot be attached to `eth0`: …" with exit code 4, or 6 for EPERM.
  Failure Failed(const std::string& where, const std::string& why) const;
  Failure Failed(const std::string& where, int error) const;

 private:
  const Loaded& loaded_;
  const object::Program& program_;
  const AttachOptions& options_;
};

// Of a `netns` attribute: "self", a name that `ip netns` knows, or a path.
std::string NetnsPath(const std::string& name);

using AttachFunction = Result<Attachment> (*)(const Site&);

Result<Attachment> AttachXdp(const Site& site);
Result<Attachment> AttachTcIngress(const Site& site);
Result<Attachment> AttachTcEgress(const Site& site);
Result<Attachment> AttachCgroup(const Site& site);
Result<Attachment> AttachNetns(const Site& site);
Result<Attachment> AttachStructOps(const Site& site);
Result<Attachment> AttachReuseport(const Site& site);
Result<Attachment> AttachSlots(const Site& site);
Result<Attachment> AttachSweep(const Site& site);

}  // namespace netc::runtime
