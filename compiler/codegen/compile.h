// Compiles C to a BPF object with Clang 19, in this process and in memory.
//
// Clang and LLVM stand in a plugin, libnetc_codegen.so, which is opened by the
// first call: who only checks a pipeline does not pay for them. No file is read
// but the plugin, none is written, no process is started.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace netc::codegen {

// A section that is added to the object and never loaded into the kernel.
struct Section {
  std::string name;  // e.g. ".netc"
  std::vector<uint8_t> bytes;
};

// A file that c_source may include by this path.
struct Header {
  std::string path;  // relative, e.g. "count.h"
  std::string text;
};

struct CompileRequest {
  // Name that messages, BTF and debug information give to the source; relative,
  // so that the object says nothing of the machine, e.g. "edge_firewall.bpf.c".
  std::string c_name;
  // May include libbpf's bpf/bpf_helpers.h, bpf_endian.h, bpf_core_read.h and
  // bpf_tracing.h, and `headers`; nothing of the file system.
  std::string c_source;
  std::vector<Header> headers;  // C of the user's that the pipeline imports
  std::string cpu = "v3";       // -mcpu: v1 to v4
  std::vector<Section> extra_sections;
  bool debug_info = true;  // -g: BTF and source lines; DWARF is always stripped
};

enum class Severity { kError, kWarning, kNote };

struct CompileMessage {
  Severity severity = Severity::kError;
  std::string file;       // path of one of the request's headers; empty: c_source
  uint32_t c_line = 0;    // 1-based; 0 if the message has no place in `file`
  uint32_t c_column = 0;  // 1-based, in bytes
  std::string text;
};

enum class Failure {
  kNone,
  kPluginMissing,  // not found, or built for another netc
  kClangErrors,    // Clang refused the source: `messages` say why
  kTooLarge,       // beyond the BPF backend: a jump over 32,767 instructions
  kCrashed,        // Clang or LLVM failed; netc lives on
  kStack,          // a function takes over 512 bytes of stack, alone or with those that it calls
};

struct FunctionSize {
  std::string section;  // e.g. "xdp", or ".text" for functions that are called
  std::string function;
  uint32_t instructions = 0;  // of 8 bytes, so a 64-bit load counts as two
};

struct CompileResult {
  bool ok = false;
  std::vector<uint8_t> object;  // ELF
  std::vector<CompileMessage> messages;
  Failure failure = Failure::kNone;
  std::string reason;                   // of the failure, one sentence without full stop
  std::vector<FunctionSize> functions;  // in the order of the object's symbols
  uint32_t stack_bytes = 0;             // of the deepest chain of calls
};

// The same request gives the same bytes, in any directory and however often it
// is asked. Thread-safe; one compilation runs at a time. Any source is safe: what
// aborts or overflows inside Clang comes back as a Failure. After a crash by
// signal (kCrashed) the state of LLVM is unknown, and each further call in this
// process returns kCrashed at once; kTooLarge leaves the process fit to compile.
CompileResult Compile(const CompileRequest& request);

}  // namespace netc::codegen
