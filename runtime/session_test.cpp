#include "runtime/session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <pthread.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "compiler/object/value.h"
#include "runtime/registry.h"
#include "runtime/test_world.h"

namespace netc::runtime {
namespace {

using std::chrono::milliseconds;

// What a session reported, one line each.
class Story {
 public:
  bool operator()(const Report& report) {
    std::visit([&](const auto& each) { Add(each); }, report);
    return true;
  }
  size_t Count(const std::string& line) const {
    return static_cast<size_t>(std::count(lines_.begin(), lines_.end(), line));
  }
  std::string text() const {
    std::string all;
    for (const std::string& line : lines_) all += line + "\n";
    return all;
  }

 private:
  void Add(const AttachedReport& report) {
    const Attachment& at = *report.attachment;
    lines_.push_back("attached " + at.block + " " + at.where + " " + at.mode);
  }
  void Add(const EventReport& report) {
    std::string line = "event " + report.event->name;
    for (const auto& field : report.event->fields) {
      line += " " + object::FormatValue(field.type, report.record + field.offset);
    }
    lines_.push_back(line);
  }
  void Add(const CountersReport& report) {
    if (!report.last) return;
    const Counters& counters = *report.counters;
    std::string line = "counters rules";
    for (uint64_t count : counters.rules) line += " " + std::to_string(count);
    line += " faults";
    for (uint64_t count : counters.faults) line += " " + std::to_string(count);
    lines_.push_back(line);
  }
  void Add(const WarningReport& report) { lines_.push_back("warning " + report.text); }
  void Add(const DetachedReport& report) {
    lines_.push_back("detached " + report.block + " " + report.reason);
  }

  std::vector<std::string> lines_;
};

uint32_t XdpProgram(const char* interface) {
  bpf_xdp_query_opts query = {};
  query.sz = sizeof query;
  bpf_xdp_query(static_cast<int>(if_nametoindex(interface)), 0, &query);
  return query.prog_id;
}

class RunSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    NETC_NEEDS_BPF();
    if (std::string why = EnterScratchNetns(); !why.empty()) GTEST_SKIP() << why;
    file_ = Fixture("firewall");
    // One token a second, two in the bucket.
    auto loaded = Load(file_, {.count_rules = true, .set = {{"allowed_syns", "1/s"}}});
    ASSERT_TRUE(loaded) << loaded.failure().message;
    loaded_.emplace(std::move(*loaded));
    options_.attach.dev = "vb";
    options_.count_rules = true;
  }

  // Runs the session while `meanwhile` happens in another thread.
  Status Run(const std::function<void()>& meanwhile) {
    std::thread other([&] {
      while (XdpProgram("vb") == 0) std::this_thread::sleep_for(milliseconds(2));
      meanwhile();
    });
    Status status = RunSession(*loaded_, options_, std::ref(story_));
    other.join();
    return status;
  }

  ObjectFile file_;
  std::optional<Loaded> loaded_;
  SessionOptions options_;
  Story story_;
};

TEST_F(RunSessionTest, TellsWhatHappens) {
  options_.duration = milliseconds(2000);  // a busy machine counts packets late
  Status status = Run([] {
    for (int i = 0; i < 4; ++i) SendFrame("va", Frame(9, 6, 1000, 80));
    SendFrame("va", Frame(9, 17, 53, 80));
  });
  EXPECT_FALSE(status) << status->message;
  EXPECT_EQ(story_.Count("attached guard vb native"), 1u) << story_.text();
  EXPECT_EQ(story_.Count("event SynFlood 10.0.0.9 80"), 2u) << story_.text();
  EXPECT_EQ(story_.Count("detached guard duration"), 1u) << story_.text();
  EXPECT_EQ(story_.Count("counters rules 0 1 2 faults 0"), 1u) << story_.text();
  EXPECT_EQ(XdpProgram("vb"), 0u);
}

TEST_F(RunSessionTest, EndsOnASignal) {
  pthread_t self = pthread_self();
  EXPECT_FALSE(Run([&] {
    // The session is announced to `netc state` as long as it runs.
    bool found = false;
    for (int tries = 0; tries < 100 && !found; ++tries) {
      for (const Running& running : ListRunning()) found = found || running.pid == getpid();
      std::this_thread::sleep_for(milliseconds(5));
    }
    EXPECT_TRUE(found);
    pthread_kill(self, SIGTERM);
  }));
  EXPECT_EQ(story_.Count("detached guard signal"), 1u) << story_.text();
  EXPECT_EQ(XdpProgram("vb"), 0u);
  for (const Running& running : ListRunning()) EXPECT_NE(running.pid, getpid());
}

TEST_F(RunSessionTest, NoticesThatTheInterfaceIsGone) {
  Status status = Run([] { EXPECT_EQ(std::system("ip link del vb"), 0); });
  ASSERT_TRUE(status);
  EXPECT_EQ(status->exit, Exit::kAttach);
  EXPECT_EQ(story_.Count("detached guard interface gone"), 1u) << story_.text();
}

TEST_F(RunSessionTest, EndsWhenNobodyReads) {
  options_.duration = std::chrono::seconds(30);
  int reports = 0;
  Status status = RunSession(*loaded_, options_, [&](const Report&) { return ++reports < 1; });
  EXPECT_FALSE(status);
  EXPECT_EQ(XdpProgram("vb"), 0u);
}

TEST_F(RunSessionTest, LeavesNothingWhenAttachingFails) {
  options_.attach.dev = "nothere";
  Status status = RunSession(*loaded_, options_, std::ref(story_));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->exit, Exit::kAttach);
  EXPECT_EQ(story_.text(), "");
}

TEST(Registry, ForgetsThoseThatAreGone) {
  NETC_NEEDS_BPF();
  std::string directory = testing::TempDir() + "/netc-registry-" + std::to_string(getpid());
  ObjectFile file = Fixture("firewall");
  auto loaded = Load(file, {});
  ASSERT_TRUE(loaded) << loaded.failure().message;
  {
    auto registered = Register(*loaded, Attachments(), "edge.np", directory);
    ASSERT_TRUE(registered) << registered.failure().message;
    auto running = ListRunning(directory);
    ASSERT_EQ(running.size(), 1u);
    EXPECT_EQ(running[0].info.pipeline, "edge_firewall");
    auto map = OpenRunningState(running[0], running[0].info.states[1]);
    ASSERT_TRUE(map) << map.failure().message;
    auto state = StateMap::Open(map->get(), running[0].info.states[1]);
    ASSERT_TRUE(state) << state.failure().message;
    EXPECT_EQ(state->List()->size(), 1u);
    // The same file of a process that had this pid before.
    std::string own = directory + "/" + std::to_string(getpid()) + ".json";
    std::string command = "sed -i 's/\"start_time\":[0-9]*/\"start_time\":1/' " + own;
    ASSERT_EQ(std::system(command.c_str()), 0);
    EXPECT_TRUE(ListRunning(directory).empty());
    EXPECT_NE(access(own.c_str(), F_OK), 0) << "the stale file is removed";
  }
  EXPECT_NE(access(directory.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace netc::runtime
