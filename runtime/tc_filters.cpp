#include "runtime/tc_filters.h"

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "runtime/netlink.h"

namespace netc::runtime {

namespace {

bool HasFilters(uint32_t ifindex, uint32_t parent) {
  struct {
    nlmsghdr header;
    tcmsg message;
  } request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETTFILTER;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.message.tcm_family = AF_UNSPEC;
  request.message.tcm_ifindex = static_cast<int>(ifindex);
  request.message.tcm_parent = parent;
  bool any = false;
  Fd socket = OpenRouteSocket(0);
  bool answered = socket && Ask(socket, request.header, [&](const nlmsghdr& answer) {
                    any = any || answer.nlmsg_type == RTM_NEWTFILTER;
                  });
  return any || !answered;
}

}  // namespace

bool HasTcFilters(uint32_t ifindex) {
  return HasFilters(ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)) ||
         HasFilters(ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS));
}

}  // namespace netc::runtime
