// A route netlink socket (rtnetlink(7)).
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <functional>

#include "runtime/fd.h"

namespace netc::runtime {

// Subscribed to `groups` (RTMGRP_…), or to none. Invalid if it cannot be opened.
Fd OpenRouteSocket(uint32_t groups);

// Sends a request and calls `each` with every message of the answer; false if the
// kernel answered with an error. `request` is a whole message.
bool Ask(const Fd& socket, const nlmsghdr& request,
         const std::function<void(const nlmsghdr&)>& each);

// Calls `each` with the messages that have come, without waiting.
void ReadNotices(const Fd& socket, const std::function<void(const nlmsghdr&)>& each);

}  // namespace netc::runtime
