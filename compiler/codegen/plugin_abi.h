// What crosses between netc and libnetc_codegen.so: plain structs, and callbacks
// for results, so that neither frees what the other allocated. Both are built
// together; the number refuses a plugin that was left over from another build.
#pragma once

#include <cstddef>
#include <cstdint>

namespace netc::codegen::abi {

inline constexpr uint32_t kVersion = 4;

struct Bytes {
  const void* data;
  size_t size;
};

struct Section {
  const char* name;
  Bytes bytes;
};

struct Header {
  const char* path;
  Bytes text;
};

struct Request {
  const char* c_name;
  Bytes c_source;
  const Header* headers;
  size_t header_count;
  const char* cpu;
  const Section* sections;
  size_t section_count;
  bool debug_info;
};

// Numbers are those of Severity and Failure in compile.h. What pointers lead to
// is valid during the call only. The callbacks must not throw.
struct Sink {
  void* self;
  void (*message)(void* self, int severity, const char* file, uint32_t line, uint32_t column,
                  const char* text);
  void (*function)(void* self, const char* section, const char* name, uint32_t instructions);
  void (*stack)(void* self, uint32_t bytes);
  void (*object)(void* self, Bytes elf);
  void (*failure)(void* self, int failure, const char* reason);
};

// extern "C" names of the plugin's two functions, and their types.
inline constexpr char kVersionSymbol[] = "netc_codegen_abi";
inline constexpr char kCompileSymbol[] = "netc_codegen_compile";
using VersionFunction = uint32_t();
using CompileFunction = void(const Request*, const Sink*);

}  // namespace netc::codegen::abi
