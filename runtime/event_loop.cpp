#include "runtime/event_loop.h"

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace netc::runtime {

EventLoop::EventLoop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

void EventLoop::OnReadable(int fd, std::function<void()> ready) {
  if (fd < 0) return;
  callbacks_.push_back(std::make_unique<std::function<void()>>(std::move(ready)));
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.ptr = callbacks_.back().get();
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
}

void EventLoop::OnTimer(std::chrono::nanoseconds period, bool repeat, std::function<void()> due) {
  // A zero would disarm the timer.
  long long length = std::max<long long>(period.count(), 1);
  itimerspec when = {};
  when.it_value = {static_cast<time_t>(length / 1'000'000'000),
                   static_cast<long>(length % 1'000'000'000)};
  if (repeat) when.it_interval = when.it_value;
  Fd timer(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  timerfd_settime(timer.get(), 0, &when, nullptr);
  OnReadable(timer.get(), [fd = timer.get(), due = std::move(due)] {
    uint64_t expired = 0;
    if (read(fd, &expired, sizeof expired) == sizeof expired) due();
  });
  owned_.push_back(std::move(timer));
}

void EventLoop::OnSignals(std::initializer_list<int> signals, std::function<void()> came) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  Fd source(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  OnReadable(source.get(), [fd = source.get(), came = std::move(came)] {
    signalfd_siginfo info;
    if (read(fd, &info, sizeof info) == sizeof info) came();
  });
  owned_.push_back(std::move(source));
}

void EventLoop::Run() {
  std::array<epoll_event, 16> events;
  while (!stopped_) {
    int count = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    if (count < 0 && errno != EINTR) return;
    for (int i = 0; i < count && !stopped_; ++i) {
      (*static_cast<std::function<void()>*>(events[static_cast<size_t>(i)].data.ptr))();
    }
  }
}

}  // namespace netc::runtime
