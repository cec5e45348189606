#include "tools/differential/worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "tools/differential/generate.h"
#include "tools/differential/shrink.h"

namespace netc::differential {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kBatch = 40;     // pipelines a process
constexpr unsigned kLongest = 120;  // seconds that one may take

double Since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

uint64_t PacketSeed(uint64_t seed, uint64_t number) {
  return Mix(seed + 1, number);
}

std::string Joined(const Coverage& coverage) {
  std::string list;
  for (const std::string& name : coverage) list += name + " ";
  return list;
}

// Tells the parent one line a fact.
void Tell(int to, const std::string& line) {
  std::string text = line + "\n";
  for (size_t done = 0; done < text.size();) {
    ssize_t put = write(to, text.data() + done, text.size() - done);
    if (put <= 0) _exit(1);
    done += static_cast<size_t>(put);
  }
}

class Worker {
 public:
  Worker(const Catalog& catalog, const Plan& plan, int out, Clock::time_point begin)
      : catalog_(catalog), plan_(plan), out_(out), begin_(begin) {}

  void Run(uint64_t first, uint64_t last) {
    for (uint64_t number = first; number < last; ++number) {
      if (plan_.seconds > 0 && Since(begin_) > plan_.seconds) return;
      Tell(out_, fmt::format("b {}", number));
      alarm(kLongest);
      Choices choices(Mix(plan_.seed, number), static_cast<uint32_t>(number));
      std::string source = GeneratePipeline(catalog_, choices);
      CaseReport report = RunCase(source, Options(number, plan_.packets));
      Tell(out_,
           fmt::format("p {} {} {} {} {} {} {} {} {} {}", number, static_cast<int>(report.result),
                       report.packets, report.not_taken, report.by_wire, report.microseconds[0],
                       report.microseconds[1], report.microseconds[2], report.microseconds[3],
                       Joined(report.coverage)));
      if (IsProblem(report.result)) Keep(number, choices, source, report);
      alarm(0);
    }
  }

 private:
  static CaseOptions MakeOptions(uint64_t seed, uint32_t packets) { return {packets, seed}; }
  CaseOptions Options(uint64_t number, uint32_t packets) const {
    return MakeOptions(PacketSeed(plan_.seed, number), packets);
  }

  void Keep(uint64_t number, const Choices& choices, const std::string& source, CaseReport report) {
    std::string small = source;
    if (plan_.shrink_seconds > 0 && !shrunk_ && report.result != Result::kFailed) {
      shrunk_ = true;
      alarm(static_cast<unsigned>(plan_.shrink_seconds) + kLongest);
      uint32_t packets =
          static_cast<uint32_t>(std::min<uint64_t>(plan_.packets, 2 * report.packets + 50));
      std::string cause = CauseOf(report);
      auto fails = [&](const std::string& candidate) {
        CaseReport again = RunCase(candidate, Options(number, packets));
        return again.result == report.result && CauseOf(again) == cause;
      };
      auto make = [&](const std::vector<uint32_t>& tape) {
        Choices repeated(tape);
        return GeneratePipeline(catalog_, repeated);
      };
      small = Shrink(choices.tape(), make, fails, plan_.shrink_seconds);
      report = RunCase(small, Options(number, packets));
    }
    std::string text = fmt::format(
        "// seed {}, pipeline {}, --replay with --seed {} --packets {}: {}\n", plan_.seed, number,
        PacketSeed(plan_.seed, number), plan_.packets, NameOf(report.result));
    std::istringstream details(report.details);
    for (std::string line; std::getline(details, line);) text += "// " + line + "\n";
    text += small;
    std::string path;
    if (!plan_.keep.empty()) {
      path = fmt::format("{}/{}-{}.np", plan_.keep, plan_.seed, number);
      std::ofstream(path) << text;
      std::ofstream(fmt::format("{}/{}-{}.whole.np", plan_.keep, plan_.seed, number)) << source;
    } else {
      fputs(text.c_str(), stderr);
    }
    std::string first = report.details.substr(0, report.details.find('\n'));
    Tell(out_, fmt::format("x {} {}: {} {}", number, NameOf(report.result), first, path));
  }

  // Of two failures whether they are the same: the kind of a diagnostic, what it was that differed.
  static std::string CauseOf(const CaseReport& report) {
    const std::string& text = report.details;
    if (report.result == Result::kRefused) {
      size_t end = text.find(']');
      size_t open = text.rfind('[', end);
      return open == std::string::npos ? "" : text.substr(open, end - open);
    }
    if (report.result == Result::kDifferent) {
      // Names of states are others in a smaller pipeline.
      return text.starts_with("state ")
                 ? "state"
                 : text.substr(0, std::min(text.find(" differs"), size_t{12}));
    }
    return "";
  }

  const Catalog& catalog_;
  const Plan& plan_;
  int out_;
  Clock::time_point begin_;
  bool shrunk_ = false;
};

// The processes that run, and what they tell.
class Pool {
 public:
  Pool(const Catalog& catalog, const Plan& plan) : catalog_(catalog), plan_(plan) {}

  Totals Run() {
    while (true) {
      bool enough = totals_.problems.size() >= plan_.problems ||
                    (plan_.seconds > 0 && Since(begin_) > plan_.seconds) ||
                    (next_ >= plan_.pipelines && left_.empty());
      while (!enough && running_.size() < plan_.jobs &&
             (next_ < plan_.pipelines || !left_.empty())) {
        Start();
      }
      if (running_.empty()) break;
      Listen();
      Progress();
    }
    totals_.seconds = Since(begin_);
    return totals_;
  }

 private:
  struct Process {
    pid_t pid = 0;
    std::string text;     // told and not yet read
    uint64_t number = 0;  // that it is at
    uint64_t last = 0;    // where its batch ends
  };

  void Start() {
    auto [first, last] = NextBatch();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) _exit(1);
    fflush(nullptr);
    pid_t pid = fork();
    if (pid == 0) {
      Worker(catalog_, plan_, ends[1], begin_).Run(first, last);
      exit(0);  // not _exit: what measures coverage writes its numbers now
    }
    close(ends[1]);
    running_[ends[0]] = {pid, {}, first, last};
  }

  // What a process that died left comes before new pipelines.
  std::pair<uint64_t, uint64_t> NextBatch() {
    if (!left_.empty()) {
      auto batch = left_.back();
      left_.pop_back();
      return batch;
    }
    uint64_t first = next_;
    next_ = std::min(next_ + kBatch, plan_.pipelines);
    return {first, next_};
  }

  void Listen() {
    std::vector<pollfd> waiting;
    for (const auto& [fd, process] : running_) waiting.push_back({fd, POLLIN, 0});
    poll(waiting.data(), waiting.size(), 1000);
    for (const pollfd& each : waiting) {
      if (each.revents == 0) continue;
      Process& process = running_[each.fd];
      char buffer[65536];
      ssize_t got = read(each.fd, buffer, sizeof buffer);
      if (got > 0) {
        process.text.append(buffer, static_cast<size_t>(got));
        ReadLines(process);
      } else {
        End(each.fd, process);
      }
    }
  }

  void End(int fd, const Process& process) {
    int status = 0;
    waitpid(process.pid, &status, 0);
    if (WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) != 0)) {
      int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
      Problem(fmt::format("pipeline {}: {}", process.number,
                          signal == SIGALRM
                              ? "took too long"
                              : fmt::format("the process died ({})", strsignal(signal))));
      ++totals_.by_result[static_cast<size_t>(Result::kFailed)];
      if (process.number + 1 < process.last) left_.emplace_back(process.number + 1, process.last);
    }
    close(fd);
    running_.erase(fd);
  }

  void ReadLines(Process& process) {
    for (size_t end; (end = process.text.find('\n')) != std::string::npos;) {
      std::istringstream line(process.text.substr(0, end));
      process.text.erase(0, end + 1);
      char what = 0;
      line >> what >> process.number;
      if (what == 'p') {
        int result = 0;
        uint64_t packets = 0, not_taken = 0, by_wire = 0, spent = 0;
        line >> result >> packets >> not_taken >> by_wire;
        for (uint64_t& sum : totals_.microseconds) line >> spent, sum += spent;
        ++totals_.pipelines;
        totals_.packets += packets;
        totals_.not_taken += not_taken;
        totals_.by_wire += by_wire;
        ++totals_.by_result[result];
        for (std::string met; line >> met;) totals_.coverage.insert(met);
      } else if (what == 'x') {
        std::string rest;
        std::getline(line, rest);
        Problem(fmt::format("pipeline {}:{}", process.number, rest));
      }
    }
  }

  void Problem(const std::string& text) {
    printf("%s\n", text.c_str());
    totals_.problems.push_back(text);
  }

  void Progress() {
    if (Since(told_) < 10) return;
    told_ = Clock::now();
    printf("%.0f s: %lu pipelines, %lu packets, %zu problems\n", Since(begin_), totals_.pipelines,
           totals_.packets, totals_.problems.size());
    fflush(stdout);
  }

  const Catalog& catalog_;
  const Plan& plan_;
  Clock::time_point begin_ = Clock::now(), told_ = begin_;
  uint64_t next_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> left_;
  std::map<int, Process> running_;  // by the end of its pipe
  Totals totals_;
};

}  // namespace

std::string PipelineOf(const Catalog& catalog, uint64_t seed, uint64_t number) {
  Choices choices(Mix(seed, number), static_cast<uint32_t>(number));
  return GeneratePipeline(catalog, choices);
}

Totals RunAll(const Catalog& catalog, const Plan& plan) {
  return Pool(catalog, plan).Run();
}

}  // namespace netc::differential
