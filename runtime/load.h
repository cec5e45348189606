// From the bytes of an object to programs and maps in the kernel.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compiler/object/object_info.h"
#include "runtime/failure.h"
#include "runtime/state_map.h"
#include "runtime/variables.h"

struct bpf_object;
struct bpf_map;
struct bpf_program;

namespace netc::runtime {

// An object file and what it says of itself.
struct ObjectFile {
  object::Bytes bytes;
  object::ObjectInfo info;
};

// Reads the metadata out of an object's bytes. Any bytes are safe; those that are
// no netc object fail with Exit::kPipeline.
Result<ObjectFile> ReadObject(object::Bytes bytes);

struct LoadOptions {
  bool count_rules = false;
  bool audit = false;  // log what would be dropped, drop nothing
  bool test = false;   // the program reads the test's world
  std::string only;    // function of the one program that is wanted; empty: all
  std::vector<std::pair<std::string, std::string>> set;      // parameter, value as text
  std::vector<std::pair<std::string, std::string>> load;     // state, file
  std::vector<std::pair<std::string, std::string>> sockets;  // STATE[SLOT], see process_socket.h
};

// Programs and maps of one pipeline in the kernel; they leave it with this.
class Loaded {
 public:
  Loaded(const ObjectFile& file, bpf_object* object);
  // Entries are put at the begin of the test's time.
  void BeginTest() { test_ = true; }
  // Once the kernel has it: variables are then what the programs see.
  void MapVariables() { variables_.Map(object()); }

  const object::ObjectInfo& info() const { return *info_; }
  bpf_object* object() const { return object_.get(); }
  // Null if the object has none of that name.
  bpf_program* FindProgram(const object::Program& program) const;
  bpf_map* FindMap(const std::string& name) const;
  // -1 if the object has none of that name.
  int MapFd(const std::string& name) const;
  Result<StateMap> OpenState(const object::State& state) const;
  // The state's map and its copies.
  Result<std::vector<StateMap>> OpenMaps(const object::State& state) const;
  Status Fill(const object::State& state, const std::vector<object::Entry>& entries);
  // Those that a state of sockets was filled with, until they are closed here: by what
  // is kept, a listener would outlive its process.
  const std::vector<ProcessSocket>& Sockets(const std::string& state) const;
  void CloseSockets() { sockets_.clear(); }
  // Sets what runs behind the slots of a state of devices or CPUs; -1: nothing.
  Status SetSlotProgram(const object::State& state, int program) const;

  // A parameter's value as it stands; writing one to a live parameter takes
  // effect with the next packet.
  object::Bytes ParameterValue(const object::Parameter& parameter) const;
  Status SetParameter(const object::Parameter& parameter, const object::Bytes& value);
  // Bytes of a variable in `section`, empty if there is none; see Variables.
  std::span<uint8_t> Variable(const std::string& section, const std::string& name) const;

 private:
  struct Close {
    void operator()(bpf_object* object) const;
  };
  const object::ObjectInfo* info_;
  std::unique_ptr<bpf_object, Close> object_;
  Variables variables_;
  bool test_ = false;
  std::map<std::string, object::Bytes> texts_;  // parameters of text that were set
  std::map<std::string, std::vector<ProcessSocket>> sockets_;
};

// Loads the object with its parameters and initial entries set. `file` must
// outlive the result. Nothing stays in the kernel when it fails. What the
// verifier refuses fails with Exit::kRefused at the place of the source.
Result<Loaded> Load(const ObjectFile& file, const LoadOptions& options);

}  // namespace netc::runtime
