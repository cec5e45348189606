// A network namespace for one test: the world that it says it needs. It goes with
// the object; nothing of it is seen outside.
#pragma once

#include <string>
#include <vector>

#include "compiler/object/test_plan.h"
#include "runtime/failure.h"
#include "runtime/fd.h"

namespace netc::runtime {

class ScratchNet {
 public:
  // Moves this thread into a new namespace that forwards, with `lo` and two veth
  // pairs up. A failure if that is not permitted here.
  static Result<ScratchNet> Enter();
  ScratchNet(ScratchNet&&) = default;
  ScratchNet& operator=(ScratchNet&&) = default;
  // Back to where the thread came from.
  ~ScratchNet();

  // A route out of `netc0`, with its next hop's address if one is given.
  Status Add(const object::AddRoute& route);
  static constexpr const char* kDevice = "netc0";  // of the routes
  // Another pair: what is sent into one end comes out of the other, and nothing else.
  static constexpr const char* kWireIn = "netc2";
  static constexpr const char* kWireOut = "netc3";

  // A socket that stays as long as the namespace.
  Status Add(const object::AddListener& listener);

 private:
  explicit ScratchNet(Fd home) : home_(std::move(home)) {}
  Status Build();

  Fd home_;  // the namespace that the thread left
  Fd route_socket_;
  uint32_t device_ = 0;  // netc0
  std::vector<Fd> sockets_;
};

}  // namespace netc::runtime
