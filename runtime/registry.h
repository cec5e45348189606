// Which pipelines run on this machine: each `netc run` writes down what it loaded
// in a file that goes with it, so that `netc state` finds its maps.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/attach.h"
#include "runtime/cleanup.h"

namespace netc::runtime {

inline constexpr const char* kRunDirectory = "/run/netc";

struct Running {
  int pid = 0;
  std::string source;  // file that was run
  struct Part {
    std::string block, hook, where, mode;
    uint32_t program_id = 0;
  };
  std::vector<Part> parts;
  std::vector<std::pair<std::string, uint32_t>> maps;  // state, id of its map
  object::ObjectInfo info;
};

// Writes DIRECTORY/PID.json; the result removes it.
Result<Cleanup> Register(const Loaded& loaded, const Attachments& attachments,
                         const std::string& source, const std::string& directory = kRunDirectory);

// Those that still run, by pid. Files of processes that are gone are removed.
std::vector<Running> ListRunning(const std::string& directory = kRunDirectory);

// A descriptor of a running pipeline's map.
Result<Fd> OpenRunningState(const Running& running, const object::State& state);

// The state's map and those that are kept in step with it.
Result<std::vector<Fd>> OpenRunningMaps(const Running& running, const object::State& state);

// Of a ring, the map of its tables; no descriptor: no program looks into them.
Result<Fd> OpenRunningTables(const Running& running, const object::State& state);

// The program behind the slots of a state of devices or CPUs; no descriptor: none.
Fd SlotProgram(const Running& running, const object::State& state);

}  // namespace netc::runtime
