// Waits for file descriptors, timers and signals, one thread.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <vector>

#include "runtime/fd.h"

namespace netc::runtime {

class EventLoop {
 public:
  EventLoop();

  // Calls `ready` whenever `fd`, which stays the caller's, is readable.
  void OnReadable(int fd, std::function<void()> ready);
  // First after one period, unless `repeat` is false: then only once.
  void OnTimer(std::chrono::nanoseconds period, bool repeat, std::function<void()> due);
  // Blocks the signals in this thread and calls `came` for each.
  void OnSignals(std::initializer_list<int> signals, std::function<void()> came);

  // Until Stop is called from within a callback.
  void Run();
  void Stop() { stopped_ = true; }

 private:
  Fd epoll_;
  bool stopped_ = false;
  std::vector<Fd> owned_;
  std::vector<std::unique_ptr<std::function<void()>>> callbacks_;
};

}  // namespace netc::runtime
