// The plugin's two exported functions.
#include <llvm/Support/Error.h>

#include "compiler/codegen/clang_run.h"
#include "compiler/codegen/compile.h"
#include "compiler/codegen/llvm_state.h"
#include "compiler/codegen/object_edit.h"
#include "compiler/codegen/object_stack.h"
#include "compiler/codegen/plugin_abi.h"
#include "compiler/codegen/recovery.h"

namespace netc::codegen {

// MAX_BPF_STACK (include/linux/filter.h), for a function with all that it calls.
static constexpr uint32_t kMostStack = 512;

static void Fail(const abi::Sink& sink, Failure failure, const std::string& reason) {
  sink.failure(sink.self, static_cast<int>(failure), reason.c_str());
}

static void Deliver(const abi::Request& request, const abi::Sink& sink, llvm::StringRef elf) {
  auto edited = EditObject(elf, {request.sections, request.section_count});
  if (!edited) return Fail(sink, Failure::kCrashed, llvm::toString(edited.takeError()));
  llvm::StringRef bytes(edited->data(), edited->size());
  if (llvm::Error error = ReportFunctions(bytes, sink)) {
    return Fail(sink, Failure::kCrashed, llvm::toString(std::move(error)));
  }
  auto stack = DeepestStack(bytes);
  if (!stack) return Fail(sink, Failure::kCrashed, llvm::toString(stack.takeError()));
  sink.stack(sink.self, *stack);
  if (*stack > kMostStack) {
    return Fail(sink, Failure::kStack,
                "its functions take " + std::to_string(*stack) +
                    " bytes of stack together, and BPF has " + std::to_string(kMostStack));
  }
  sink.object(sink.self, {bytes.data(), bytes.size()});
}

static void Run(const abi::Request& request, const abi::Sink& sink) {
  ClangProduct product;
  RunClang(request, sink, product);
  if (product.stack_exceeded) {
    Fail(sink, Failure::kStack, "a function needs over 512 bytes of stack");
  } else if (!product.limit.empty()) {
    Fail(sink, Failure::kTooLarge, "the program is too large for BPF: " + product.limit);
  } else if (!product.ok) {
    Fail(sink, Failure::kClangErrors, "Clang refused the generated C");
  } else {
    Deliver(request, sink, {product.object.data(), product.object.size()});
  }
}

// A branch has a 16-bit offset up to -mcpu=v3; what needs more, LLVM 19 reports
// as a fatal error (llvm/lib/Target/BPF/MCTargetDesc/BPFAsmBackend.cpp).
static bool IsLimit(const std::string& fatal_error) {
  return fatal_error.find("out of insn range") != std::string::npos;
}

static void Compile(const abi::Request& request, const abi::Sink& sink) {
  static bool damaged = false;  // by a signal, in an earlier call
  if (damaged) {
    return Fail(sink, Failure::kCrashed, "Clang crashed earlier in this process");
  }
  ForgetModules();
  Outcome outcome = RunRecovering([&] { Run(request, sink); });
  if (outcome.kind == Outcome::Kind::kFatalError && IsLimit(outcome.text)) {
    Fail(sink, Failure::kTooLarge, "the program is too large for BPF: " + outcome.text);
  } else if (outcome.kind == Outcome::Kind::kFatalError) {
    Fail(sink, Failure::kCrashed, "LLVM gave up: " + outcome.text);
  } else if (outcome.kind == Outcome::Kind::kSignal) {
    damaged = true;
    Fail(sink, Failure::kCrashed, "Clang crashed: " + outcome.text);
  }
}

}  // namespace netc::codegen

#define NETC_EXPORT extern "C" __attribute__((visibility("default")))

NETC_EXPORT uint32_t netc_codegen_abi() {
  return netc::codegen::abi::kVersion;
}

NETC_EXPORT void netc_codegen_compile(const netc::codegen::abi::Request* request,
                                      const netc::codegen::abi::Sink* sink) {
  netc::codegen::Compile(*request, *sink);
}
