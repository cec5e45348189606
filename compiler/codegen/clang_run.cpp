#include "compiler/codegen/clang_run.h"

#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/SourceManager.h>
#include <clang/CodeGen/CodeGenAction.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/CompilerInvocation.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/Support/raw_ostream.h>

#include <memory>
#include <string>
#include <vector>

#include "compiler/codegen/compile.h"
#include "compiler/codegen/embedded_headers.h"

extern "C" {
void LLVMInitializeBPFTargetInfo();
void LLVMInitializeBPFTarget();
void LLVMInitializeBPFTargetMC();
void LLVMInitializeBPFAsmPrinter();
void LLVMInitializeBPFAsmParser();
}

namespace netc::codegen {

// Where the in-memory file system keeps libbpf's headers. Relative, as all of it
// is: nothing here may name a directory of the machine.
static constexpr char kIncludeDirectory[] = "include";

// The backend knows no -ferror-limit: a program that is too large by far got one
// error for each of 39,578 spilled values.
static constexpr int kMaxMessages = 100;

static void InitializeBackend() {
  static bool once = [] {
    LLVMInitializeBPFTargetInfo();
    LLVMInitializeBPFTarget();
    LLVMInitializeBPFTargetMC();
    LLVMInitializeBPFAsmPrinter();
    LLVMInitializeBPFAsmParser();
    return true;
  }();
  static_cast<void>(once);
}

namespace {

class MessagesToSink : public clang::DiagnosticConsumer {
 public:
  MessagesToSink(const abi::Request& request, const abi::Sink& sink, ClangProduct& product)
      : request_(request), sink_(sink), product_(product) {}

  void HandleDiagnostic(clang::DiagnosticsEngine::Level level,
                        const clang::Diagnostic& info) override {
    DiagnosticConsumer::HandleDiagnostic(level, info);
    llvm::SmallString<256> text;
    info.FormatDiagnostic(text);
    Severity severity = level >= clang::DiagnosticsEngine::Error     ? Severity::kError
                        : level == clang::DiagnosticsEngine::Warning ? Severity::kWarning
                                                                     : Severity::kNote;
    if (severity == Severity::kError) NoteLimit(text);
    if (++messages_ > kMaxMessages) return;
    clang::PresumedLoc place = Place(info, text);
    unsigned line = place.isValid() ? place.getLine() : 0;
    unsigned column = place.isValid() ? place.getColumn() : 0;
    const char* header = place.isValid() ? FindHeader(place.getFilename()) : nullptr;
    sink_.message(sink_.self, static_cast<int>(severity), header ? header : "", line, column,
                  text.c_str());
  }

 private:
  // Errors that the backend raises about the size of a program that is valid C.
  void NoteLimit(llvm::StringRef text) {
    if (text.contains("BPF stack limit is exceeded")) product_.stack_exceeded = true;
    if (text.contains("out of insn range") && product_.limit.empty()) product_.limit = text.str();
  }

  // One of the request's own headers, or null.
  const char* FindHeader(llvm::StringRef name) const {
    name.consume_front("./");
    for (const abi::Header& header : llvm::ArrayRef(request_.headers, request_.header_count)) {
      if (name == header.path) return header.path;
    }
    return nullptr;
  }

  // The place in the main file or in one of the request's headers. Of a message
  // about another header, where it was included from is none, so its own place
  // becomes part of the text.
  clang::PresumedLoc Place(const clang::Diagnostic& info, llvm::SmallString<256>& text) const {
    if (!info.hasSourceManager() || info.getLocation().isInvalid()) return {};
    const clang::SourceManager& sources = info.getSourceManager();
    clang::SourceLocation location = sources.getExpansionLoc(info.getLocation());
    clang::PresumedLoc place = sources.getPresumedLoc(location, /*UseLineDirectives=*/false);
    if (sources.isWrittenInMainFile(location)) return place;
    if (place.isValid() && FindHeader(place.getFilename())) return place;
    if (place.isValid()) {
      llvm::raw_svector_ostream(text)
          << " (in " << place.getFilename() << ':' << place.getLine() << ')';
    }
    return {};
  }

  const abi::Request& request_;
  const abi::Sink& sink_;
  ClangProduct& product_;
  int messages_ = 0;
};

}  // namespace

// Arguments of clang -cc1, as `clang-19 -### -O2 -g -target bpf -c` prints them,
// less those that look at the machine.
static constexpr const char* kAlways[] = {
    "-triple", "bpf", "-emit-obj", "-clear-ast-before-backend", "-disable-llvm-verifier",
    "-discard-value-names", "-mrelocation-model", "static", "-mframe-pointer=all", "-fmath-errno",
    "-ffp-contract=on", "-fno-rounding-math", "-mconstructor-aliases", "-O2", "-ferror-limit", "19",
    "-fgnuc-version=4.2.1", "-vectorize-loops", "-vectorize-slp", "-D__GCC_HAVE_DWARF2_CFI_ASM=1",
    // Headers come from memory alone, and __DATE__ neither from the clock nor
    // from the environment.
    "-nostdsysteminc", "-nobuiltininc", "-internal-isystem", kIncludeDirectory,
    "-source-date-epoch", "0"};

// The source is embedded in the debug information because the BTF writer would
// otherwise read it from the disk (llvm/lib/Target/BPF/BTFDebug.cpp,
// populateFileContent).
static constexpr const char* kDebugInfo[] = {"-debug-info-kind=constructor", "-dwarf-version=5",
                                             "-debugger-tuning=gdb", "-gembed-source",
                                             "-fdebug-compilation-dir=."};

static std::vector<const char*> Arguments(const abi::Request& request) {
  std::vector<const char*> arguments(std::begin(kAlways), std::end(kAlways));
  if (request.debug_info) {
    arguments.insert(arguments.end(), std::begin(kDebugInfo), std::end(kDebugInfo));
  }
  for (const char* argument :
       {"-main-file-name", request.c_name, "-target-cpu", request.cpu, "-x", "c", request.c_name}) {
    arguments.push_back(argument);
  }
  return arguments;
}

static llvm::StringRef Text(const abi::Bytes& bytes) {
  return {static_cast<const char*>(bytes.data), bytes.size};
}

static llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> Files(const abi::Request& request) {
  auto files = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  files->setCurrentWorkingDirectory("/");
  files->addFile(request.c_name, 0,
                 llvm::MemoryBuffer::getMemBufferCopy(Text(request.c_source), request.c_name));
  for (const abi::Header& header : llvm::ArrayRef(request.headers, request.header_count)) {
    files->addFile(header.path, 0,
                   llvm::MemoryBuffer::getMemBufferCopy(Text(header.text), header.path));
  }
  for (const EmbeddedHeader& header : EmbeddedHeaders()) {
    std::string path = std::string(kIncludeDirectory) + "/" + std::string(header.path);
    files->addFile(path, 0, llvm::MemoryBuffer::getMemBuffer(header.text, path));
  }
  return files;
}

void RunClang(const abi::Request& request, const abi::Sink& sink, ClangProduct& product) {
  InitializeBackend();
  MessagesToSink messages(request, sink, product);
  clang::CompilerInstance clang;
  clang.createDiagnostics(&messages, /*ShouldOwnClient=*/false);
  if (!clang::CompilerInvocation::CreateFromArgs(clang.getInvocation(), Arguments(request),
                                                 clang.getDiagnostics())) {
    return;
  }
  // With carets, Clang would write "1 error generated" to standard error.
  clang.getDiagnosticOpts().ShowCarets = false;
  clang.createFileManager(Files(request));
  clang.setOutputStream(std::make_unique<llvm::raw_svector_ostream>(product.object));
  clang::EmitObjAction action;
  product.ok = clang.ExecuteAction(action) && !clang.getDiagnostics().hasErrorOccurred();
}

}  // namespace netc::codegen
