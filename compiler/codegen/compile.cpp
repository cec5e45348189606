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
  sink.message = [](void* self, int severity, const char* file, uint32_t line, uint32_t column,
                    const char* text) {
    Result(self).messages.push_back({static_cast<Severity>(severity), file, line, column, text});
  };
  sink.function = [](void* self, const char* section, const char* name, uint32_t instructions) {
    Result(self).functions.push_back({section, name, instructions});
  };
  sink.stack = [](void* self, uint32_t bytes) { Result(self).stack_bytes = bytes; };
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

static abi::Bytes BytesOf(const auto& container) {
  return {container.data(), container.size()};
}

static void Call(abi::CompileFunction& compile, const CompileRequest& request,
                 CompileResult& result) {
  std::vector<abi::Header> headers;
  for (const Header& header : request.headers) {
    headers.push_back({header.path.c_str(), BytesOf(header.text)});
  }
  std::vector<abi::Section> sections;
  for (const Section& section : request.extra_sections) {
    sections.push_back({section.name.c_str(), BytesOf(section.bytes)});
  }
  abi::Request plain{};
  plain.c_name = request.c_name.c_str();
  plain.c_source = BytesOf(request.c_source);
  plain.headers = headers.data();
  plain.header_count = headers.size();
  plain.cpu = request.cpu.c_str();
  plain.sections = sections.data();
  plain.section_count = sections.size();
  plain.debug_info = request.debug_info;
  abi::Sink sink = SinkInto(result);
  compile(&plain, &sink);
}

namespace {

// The plugin of this process. Its mutex is held while it opens and while it
// compiles: signal handlers and LLVM's fatal error handler belong to the whole
// process.
class SharedPlugin {
 public:
  CompileResult Compile(const CompileRequest& request) {
    std::lock_guard lock(mutex_);
    Open();
    CompileResult result;
    if (plugin_.compile == nullptr) {
      result.failure = Failure::kPluginMissing;
      result.reason = plugin_.error;
      return result;
    }
    Call(*plugin_.compile, request, result);
    result.ok = result.failure == Failure::kNone;
    return result;
  }

 private:
  void Open() {
    if (plugin_.compile == nullptr) plugin_ = OpenPlugin(PluginPath());
  }

  std::mutex mutex_;
  Plugin plugin_;
};

}  // namespace

static SharedPlugin& TheSharedPlugin() {
  static SharedPlugin plugin;
  return plugin;
}

CompileResult Compile(const CompileRequest& request) {
  return TheSharedPlugin().Compile(request);
}

}  // namespace netc::codegen
