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
  // Moves this thread into a new namespace with `lo` up and a veth pair `netc0` –
  // `netc1`, both up, that forwards. A failure if that is not permitted here.
  static Result<ScratchNet> Enter();
  ScratchNet(ScratchNet&&) = default;
  ScratchNet& operator=(ScratchNet&&) = default;
  // Back to where the thread came from.
  ~ScratchNet();

  // A route out of `netc0`, with its next hop's address if one is given.
  Status Add(const object::AddRoute& route);
  // The pair's ends; what is sent into one comes out of the other.
  static constexpr const char* kDevice = "netc0";
  static constexpr const char* kPeer = "netc1";

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
