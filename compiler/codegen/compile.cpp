#include "compiler/codegen/compile.h"

#include <mutex>
#include <utility>

#include "compiler/codegen/plugin_abi.h"
#include "compiler/codegen/plugin_file.h"

namespace netc::codegen {

static CompileResult& Result(void* self) {
  return *static_cast<CompileResult*>(self);
}

static abi::Sink SinkInto(CompileResult& result) {
  abi::Sink sink{};
  sink.self = &result;
  sink.message = [](void* self, int severity, uint32_t line, uint32_t column, const char* text) {
    Result(self).messages.push_back({static_cast<Severity>(severity), line, column, text});
  };
  sink.function = [](void* self, const char* section, const char* name, uint32_t instructions) {
    Result(self).functions.push_back({section, name, instructions});
  };
  sink.object = [](void* self, abi::Bytes elf) {
    auto* bytes = static_cast<const uint8_t*>(elf.data);
    Result(self).object.assign(bytes, bytes + elf.size);
  };
  sink.failure = [](void* self, int failure, const char* reason) {
    Result(self).failure = static_cast<Failure>(failure);
    Result(self).reason = reason;
  };
  return sink;
}

static void Call(abi::CompileFunction& compile, const CompileRequest& request,
                 CompileResult& result) {
  std::vector<abi::Section> sections;
  for (const Section& section : request.extra_sections) {
    sections.push_back({section.name.c_str(), {section.bytes.data(), section.bytes.size()}});
  }
  abi::Request plain{request.c_name.c_str(), {request.c_source.data(), request.c_source.size()},
                     request.cpu.c_str(),    sections.data(),
                     sections.size(),        request.debug_info};
  abi::Sink sink = SinkInto(result);
  compile(&plain, &sink);
}

CompileResult Compile(const CompileRequest& request) {
  // Signal handlers and LLVM's fatal error handler belong to the whole process.
  static std::mutex one_at_a_time;
  static Plugin plugin;
  std::lock_guard lock(one_at_a_time);
  if (plugin.compile == nullptr) plugin = OpenPlugin(PluginPath());
  CompileResult result;
  if (plugin.compile == nullptr) {
    result.failure = Failure::kPluginMissing;
    result.reason = plugin.error;
    return result;
  }
  Call(*plugin.compile, request, result);
  result.ok = result.failure == Failure::kNone;
  return result;
}

}  // namespace netc::codegen
