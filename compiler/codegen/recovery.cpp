#include "compiler/codegen/recovery.h"

#include <llvm/Support/CrashRecoveryContext.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/Process.h>
#include <llvm/Support/thread.h>

#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

namespace netc::codegen {

static constexpr int kFatalExit = 70;
static constexpr size_t kSignalStackBytes = 64 << 10;

// Called by report_fatal_error and must not return. Process::Exit jumps back to
// the recovery context of this thread (llvm/Support/Process.cpp).
[[noreturn]] static void OnFatalError(void* text, const char* reason, bool) {
  static_cast<std::string*>(text)->assign(reason);
  llvm::sys::Process::Exit(kFatalExit, /*NoCleanup=*/true);
}

// LLVM's handler would run on the stack that has just overflowed; this lets it
// run on the thread's alternate stack.
static void HandleOnAlternateStack(int signal) {
  struct sigaction action{};
  sigaction(signal, nullptr, &action);
  action.sa_flags |= SA_ONSTACK;
  sigaction(signal, &action, nullptr);
}

namespace {

// A stack for the signal handlers of this thread, as long as it lives.
class AlternateStack {
 public:
  AlternateStack() : bytes_(kSignalStackBytes) {
    stack_t mine{};
    mine.ss_sp = bytes_.data();
    mine.ss_size = bytes_.size();
    sigaltstack(&mine, &before_);
  }
  ~AlternateStack() { sigaltstack(&before_, nullptr); }
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;

 private:
  std::vector<char> bytes_;
  stack_t before_{};
};

}  // namespace

// The outer context is for what fails on the calling thread: that the other one
// cannot be started is a fatal error to LLVM.
static bool RunOnThread(const std::function<void()>& work, int& exit_code) {
  llvm::CrashRecoveryContext outer;
  llvm::CrashRecoveryContext inner;
  bool finished = false;
  bool started = outer.RunSafely([&] {
    llvm::thread worker(std::optional<unsigned>(kStackBytes), [&] {
      AlternateStack stack;
      finished = inner.RunSafely(work);
    });
    worker.join();
  });
  exit_code = started ? inner.RetCode : outer.RetCode;
  return started && finished;
}

Outcome RunRecovering(const std::function<void()>& work) {
  std::string fatal;
  llvm::install_fatal_error_handler(OnFatalError, &fatal);
  llvm::CrashRecoveryContext::Enable();
  for (int signal : {SIGSEGV, SIGBUS}) HandleOnAlternateStack(signal);
  int exit_code = 0;
  bool finished = RunOnThread(work, exit_code);
  llvm::CrashRecoveryContext::Disable();
  llvm::remove_fatal_error_handler();
  if (finished) return {};
  if (!fatal.empty()) return {Outcome::Kind::kFatalError, fatal};
  // LLVM reports a signal as 128 + its number, as shells do.
  return {Outcome::Kind::kSignal, strsignal(exit_code - 128)};
}

}  // namespace netc::codegen
