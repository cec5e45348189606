// A program that is test-run uses the copies of per-CPU state that are of the processor
// that runs it: always the first, if this thread may run there.
#pragma once

#include <sched.h>

namespace netc::runtime {

class OnFirstProcessor {
 public:
  OnFirstProcessor() {
    cpu_set_t first;
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    moved_ = sched_getaffinity(0, sizeof before_, &before_) == 0 &&
             sched_setaffinity(0, sizeof first, &first) == 0;
  }
  ~OnFirstProcessor() {
    if (moved_) sched_setaffinity(0, sizeof before_, &before_);
  }
  OnFirstProcessor(const OnFirstProcessor&) = delete;
  OnFirstProcessor& operator=(const OnFirstProcessor&) = delete;

 private:
  cpu_set_t before_;
  bool moved_ = false;
};

}  // namespace netc::runtime
