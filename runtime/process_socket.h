// Sockets of running processes.
#pragma once

#include <string>
#include <string_view>

#include "runtime/failure.h"
#include "runtime/fd.h"

namespace netc::runtime {

// Which one, as it is written:
//   pid:812,port:443            the socket that process 812 has bound to that port; of
//                               TCP the one that listens
//   pid:812,port:443,proto:udp  where it has one of both
//   pid:812,fd:5                its descriptor 5, e.g. an AF_XDP socket, which has no port
//   fd:3                        a socket that netc itself was started with, as
//                               systemd's socket activation does
Result<Fd> FindSocket(std::string_view text);

// A socket that a slot was filled with, and how it was named. Whoever keeps `fd` keeps
// the socket: a listener goes on listening when its process has ended.
struct ProcessSocket {
  std::string text;
  Fd fd;
};

}  // namespace netc::runtime
