// Runs code of Clang and LLVM so that its failure does not end the process.
#pragma once

#include <functional>
#include <string>

namespace netc::codegen {

struct Outcome {
  enum class Kind {
    kFinished,
    kFatalError,  // LLVM gave up by itself: report_fatal_error
    kSignal,      // SIGSEGV, SIGABRT, …, or the stack overflowed
  };
  Kind kind = Kind::kFinished;
  std::string text;  // LLVM's message, or the name of the signal
};

// Runs `work` on a thread of its own with a stack of kStackBytes. Where it does
// not finish, what it allocated is lost. One call at a time.
Outcome RunRecovering(const std::function<void()>& work);

// Clang's parser, its code generator and the optimizer recurse with the nesting
// of the source: 1 MiB of nested `if` needs some 100 MiB. Only pages that are
// touched are backed by memory.
inline constexpr unsigned kStackBytes = 256u << 20;

}  // namespace netc::codegen
