// A request to rtnetlink, built attribute by attribute.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace netc::runtime {

class RouteMessage {
 public:
  template <typename Head>
  RouteMessage(uint16_t type, uint16_t flags, const Head& head) {
    bytes_.resize(NLMSG_LENGTH(0));
    Append(&head, sizeof head);
    auto& header = *reinterpret_cast<nlmsghdr*>(bytes_.data());
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  }

  RouteMessage& Put(uint16_t type, const void* data, size_t size) {
    rtattr attribute{static_cast<uint16_t>(RTA_LENGTH(size)), type};
    Append(&attribute, sizeof attribute);
    Append(data, size);
    return *this;
  }
  RouteMessage& Put(uint16_t type, uint32_t value) { return Put(type, &value, sizeof value); }
  RouteMessage& Put(uint16_t type, const std::string& text) {
    return Put(type, text.c_str(), text.size() + 1);
  }
  // Attributes up to the matching Close are inside.
  size_t Open(uint16_t type) {
    size_t at = bytes_.size();
    Put(type, nullptr, 0);
    return at;
  }
  template <typename Head>
  size_t Open(uint16_t type, const Head& head) {
    size_t at = Open(type);
    Append(&head, sizeof head);
    return at;
  }
  void Close(size_t at) {
    reinterpret_cast<rtattr*>(bytes_.data() + at)->rta_len =
        static_cast<uint16_t>(bytes_.size() - at);
  }

  const nlmsghdr& Finish() {
    auto& header = *reinterpret_cast<nlmsghdr*>(bytes_.data());
    header.nlmsg_len = static_cast<uint32_t>(bytes_.size());
    return header;
  }

 private:
  void Append(const void* data, size_t size) {
    size_t at = bytes_.size();
    bytes_.resize(NLMSG_ALIGN(at + size));
    if (size > 0) std::memcpy(bytes_.data() + at, data, size);
  }

  std::vector<uint8_t> bytes_;
};

}  // namespace netc::runtime
