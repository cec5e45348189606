#include "runtime/attach.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "compiler/object/host_order.h"
#include "runtime/attach_site.h"
#include "runtime/clsact.h"
#include "runtime/tc_filters.h"
#include "runtime/test_world.h"

namespace netc::runtime {
namespace {

// Each test runs in a namespace of its own; the process ends in the last one.
class Attach : public testing::Test {
 protected:
  void SetUp() override {
    NETC_NEEDS_BPF();
    if (std::string why = EnterScratchNetns(); !why.empty()) GTEST_SKIP() << why;
  }

  // Loads the fixture and attaches it; null with the failure in `failure_`.
  const Attachment* Try(const std::string& fixture, const AttachOptions& options) {
    attachments_ = Attachments();
    loaded_.reset();
    file_ = Fixture(fixture);
    auto loaded = Load(file_, {});
    EXPECT_TRUE(loaded) << loaded.failure().message;
    loaded_.emplace(std::move(*loaded));
    auto attached = AttachAll(*loaded_, options);
    if (!attached) {
      failure_ = attached.failure();
      return nullptr;
    }
    attachments_ = std::move(*attached);
    return &attachments_.all().front();
  }

  // A packet is counted in a soft interrupt, which a busy machine may run late.
  uint64_t Calls(uint8_t slot) {
    auto map = loaded_->OpenState(file_.info.states.at(0));
    uint64_t calls = 0;
    for (int tries = 0; calls == 0 && tries < 200; ++tries) {
      if (tries > 0) usleep(10'000);
      auto value = map->Get({slot, 0, 0, 0});
      calls = object::LoadAs<uint64_t>((*value)->data());
    }
    return calls;
  }

  ObjectFile file_;
  std::optional<Loaded> loaded_;
  Attachments attachments_;
  Failure failure_;
};

uint32_t XdpProgram(const char* interface) {
  bpf_xdp_query_opts query = {};
  query.sz = sizeof query;
  bpf_xdp_query(static_cast<int>(if_nametoindex(interface)), 0, &query);
  return query.prog_id;
}

// Sends one UDP datagram from va's side; it crosses the pair.
void SendDatagram(const char* to) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "va", 3);
  int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(4444);
  inet_pton(AF_INET, to, &address.sin_addr);
  sendto(fd, "x", 1, 0, reinterpret_cast<sockaddr*>(&address), sizeof address);
  close(fd);
}

int ConnectError(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int error = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
  close(fd);
  return error;
}

TEST_F(Attach, XdpNativeOnVeth) {
  const Attachment* at = Try("xdp", {.dev = "vb"});
  ASSERT_TRUE(at) << failure_.message;
  EXPECT_EQ(at->mode, "native");
  EXPECT_EQ(at->where, "vb");
  EXPECT_EQ(at->program_id, XdpProgram("vb"));
  SendDatagram("10.77.0.255");
  EXPECT_GT(Calls(0), 0u);
  attachments_.DetachAll();
  EXPECT_EQ(XdpProgram("vb"), 0u);
}

TEST_F(Attach, XdpModeIsWhatTheKernelSays) {
  const Attachment* generic = Try("xdp", {.dev = "vb", .mode = "generic"});
  ASSERT_TRUE(generic) << failure_.message;
  EXPECT_EQ(generic->mode, "generic");
  EXPECT_TRUE(generic->notes.empty());
  // The loopback driver has no XDP of its own.
  const Attachment* any = Try("xdp", {.dev = "lo", .mode = "any"});
  ASSERT_TRUE(any) << failure_.message;
  EXPECT_EQ(any->mode, "generic");
  ASSERT_EQ(any->notes.size(), 1u);
  EXPECT_NE(any->notes[0].find("native mode failed on lo"), std::string::npos);
  EXPECT_FALSE(Try("xdp", {.dev = "lo"}));
  EXPECT_EQ(failure_.exit, Exit::kAttach);
  EXPECT_NE(failure_.message.find("`lo`, native: its driver cannot"), std::string::npos)
      << failure_.message;
  EXPECT_FALSE(Try("xdp", {.dev = "lo", .mode = "fast"}));
  EXPECT_EQ(failure_.exit, Exit::kUsage);
}

TEST_F(Attach, XdpNamesWhoIsThere) {
  ASSERT_TRUE(Try("xdp", {.dev = "vb"}));
  ObjectFile second = Fixture("firewall");
  auto loaded = Load(second, {});
  ASSERT_TRUE(loaded);
  auto attached = AttachAll(*loaded, {.dev = "vb"});
  ASSERT_FALSE(attached);
  EXPECT_EQ(attached.failure().exit, Exit::kAttach);
  EXPECT_NE(attached.failure().message.find("`drop_all` (program "), std::string::npos)
      << attached.failure().message;
}

TEST_F(Attach, SuggestsInterfaces) {
  EXPECT_FALSE(Try("xdp", {.dev = "vx"}));
  EXPECT_EQ(failure_.exit, Exit::kAttach);
  EXPECT_EQ(failure_.message, "`drop_all` cannot be attached to `vx`: there is no such interface");
  EXPECT_EQ(failure_.details, std::vector<std::string>{"did you mean `va` or `vb`?"});
  EXPECT_FALSE(Try("xdp", {}));
  EXPECT_EQ(failure_.exit, Exit::kUsage);
  EXPECT_EQ(failure_.message, "`drop_all` does not say its `dev`");
}

TEST_F(Attach, TcThroughTcx) {
  const Attachment* at = Try("tc", {.dev = "vb"});
  ASSERT_TRUE(at) << failure_.message;
  if (at->mode != "tcx") GTEST_SKIP() << "this kernel has no tcx";
  SendDatagram("10.77.0.255");
  EXPECT_GT(Calls(0), 0u);
  EXPECT_FALSE(HasTcFilters(if_nametoindex("vb")));
}

TEST_F(Attach, TcThroughClsact) {
  file_ = Fixture("tc");
  auto loaded = Load(file_, {});
  ASSERT_TRUE(loaded);
  loaded_.emplace(std::move(*loaded));
  AttachOptions options{.dev = "vb"};
  Interface interface{"vb", if_nametoindex("vb")};
  Site in(*loaded_, file_.info.programs[0], options);
  Site out(*loaded_, file_.info.programs[1], options);
  auto has_qdisc = [] { return std::system("tc qdisc show dev vb | grep -q clsact") == 0; };
  {
    auto first = AttachClsact(in, interface, BPF_TC_INGRESS);
    ASSERT_TRUE(first) << first.failure().message;
    EXPECT_EQ(first->mode, "clsact");
    auto second = AttachClsact(out, interface, BPF_TC_EGRESS);
    ASSERT_TRUE(second) << second.failure().message;
    SendDatagram("10.77.0.255");
    EXPECT_GT(Calls(0), 0u);
    EXPECT_TRUE(has_qdisc());
  }
  EXPECT_FALSE(has_qdisc()) << "who made the qdisc removes it";
  ASSERT_EQ(std::system("tc qdisc add dev vb clsact"), 0);
  {
    auto at = AttachClsact(in, interface, BPF_TC_INGRESS);
  }
  EXPECT_TRUE(has_qdisc()) << "a qdisc of others stays";
  EXPECT_FALSE(HasTcFilters(interface.index));
}

TEST_F(Attach, AllOrNothing) {
  ObjectFile file = Fixture("tc");
  file.info.programs[1].attributes = {{"dev", "nothere", false}};
  file.info.programs[0].attributes = {{"dev", "vb", false}};
  auto loaded = Load(file, {});
  ASSERT_TRUE(loaded);
  auto attached = AttachAll(*loaded, {});
  ASSERT_FALSE(attached);
  struct bpf_prog_query_opts query = {};
  query.sz = sizeof query;
  int status = bpf_prog_query_opts(static_cast<int>(if_nametoindex("vb")), BPF_TCX_INGRESS, &query);
  if (status != 0) GTEST_SKIP() << "this kernel has no tcx";
  EXPECT_EQ(query.count, 0u) << "the first program was detached again";
}

TEST_F(Attach, SkLookupInANamespace) {
  ASSERT_TRUE(Try("sk_lookup", {})) << failure_.message;
  EXPECT_EQ(ConnectError(10), ECONNREFUSED);
  EXPECT_GT(Calls(0), 0u);
  AttachOptions options;
  options.overrides = {{"anyport", "netns", "nosuchns"}};
  EXPECT_FALSE(Try("sk_lookup", options));
  EXPECT_EQ(failure_.exit, Exit::kAttach);
  options.overrides = {{"anyporr", "netns", "self"}};
  EXPECT_FALSE(Try("sk_lookup", options));
  EXPECT_EQ(failure_.message, "the pipeline has no block `anyporr`");
}

std::string Cgroup2Mount() {
  std::ifstream mounts("/proc/self/mounts");
  std::string device, path, type, rest;
  while (mounts >> device >> path >> type && std::getline(mounts, rest)) {
    if (type == "cgroup2") return path;
  }
  return {};
}

TEST_F(Attach, CgroupAndSockops) {
  std::string root = Cgroup2Mount();
  if (root.empty()) GTEST_SKIP() << "no cgroup v2 is mounted";
  std::string path = root + "/runtime-test-" + std::to_string(getpid());
  ASSERT_EQ(mkdir(path.c_str(), 0755), 0);
  auto own = [&](const std::string& cgroup) {
    std::ofstream(cgroup + "/cgroup.procs") << getpid() << std::flush;
  };
  AttachOptions options;
  options.overrides = {{"refuse_connect", "cgroup", path}, {"policy", "cgroup", path}};
  ASSERT_TRUE(Try("cgroup", options)) << failure_.message;
  own(path);
  EXPECT_EQ(ConnectError(9), EPERM);
  EXPECT_EQ(ConnectError(10), ECONNREFUSED);
  own(root);
  EXPECT_EQ(Calls(0), 2u);
  EXPECT_GT(Calls(1), 0u) << "sockops saw the connect";
  attachments_.DetachAll();
  own(path);
  EXPECT_EQ(ConnectError(9), ECONNREFUSED);
  own(root);
  EXPECT_EQ(rmdir(path.c_str()), 0);
  EXPECT_FALSE(Try("cgroup", {}));
  EXPECT_EQ(failure_.exit, Exit::kAttach) << "the fixture's own cgroup does not exist";
  options.overrides = {{"refuse_connect", "cgroup", "/proc"}};
  EXPECT_FALSE(Try("cgroup", options));
  EXPECT_NE(failure_.message.find("no cgroup of version 2"), std::string::npos) << failure_.message;
}

std::string Available() {
  std::ifstream file("/proc/sys/net/ipv4/tcp_available_congestion_control");
  std::string line;
  std::getline(file, line);
  return line;
}

TEST_F(Attach, CongestionControl) {
  ASSERT_TRUE(Try("cc", {})) << failure_.message;
  EXPECT_EQ(attachments_.all().size(), 1u) << "three members are one congestion control";
  EXPECT_NE(Available().find("netc_plain"), std::string::npos) << Available();
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(setsockopt(fd, IPPROTO_TCP, 13 /* TCP_CONGESTION */, "netc_plain", 10), 0);
  close(fd);
  attachments_.DetachAll();
  EXPECT_EQ(Available().find("netc_plain"), std::string::npos) << Available();
}

TEST_F(Attach, Sweep) {
  const Attachment* at = Try("sweep", {});
  ASSERT_TRUE(at) << failure_.message;
  EXPECT_EQ(at->every, std::chrono::milliseconds(50));
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  listen(fd, 1);
  auto failure = at->sweep();
  EXPECT_FALSE(failure) << failure->message;
  close(fd);
  EXPECT_GT(Calls(0), 0u);
}

}  // namespace
}  // namespace netc::runtime
