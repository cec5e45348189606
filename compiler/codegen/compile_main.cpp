// netc-cc FILE.c [OUT.o] [TIMES]: compiles C as netc does, to try the code
// generator by itself.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "compiler/codegen/compile.h"

static void Print(const netc::codegen::CompileResult& result, const std::string& name) {
  static constexpr const char* kSeverities[] = {"error", "warning", "note"};
  for (const auto& message : result.messages) {
    fmt::print(stderr, "{}:{}:{}: {}: {}\n", name, message.c_line, message.c_column,
               kSeverities[static_cast<int>(message.severity)], message.text);
  }
  if (!result.ok)
    fmt::print(stderr, "failure {}: {}\n", static_cast<int>(result.failure), result.reason);
  for (const auto& function : result.functions) {
    fmt::print("{} {} {}\n", function.section, function.function, function.instructions);
  }
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: netc-cc FILE.c [OUT.o] [TIMES]\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  netc::codegen::CompileRequest request;
  request.c_name = std::filesystem::path(argv[1]).filename().string();
  request.c_source.assign(std::istreambuf_iterator<char>(in), {});
  netc::codegen::CompileResult result;
  for (int left = argc > 3 ? std::atoi(argv[3]) : 1; left > 0; --left) {
    result = netc::codegen::Compile(request);
    Print(result, request.c_name);
  }
  if (argc > 2 && result.ok) {
    std::ofstream out(argv[2], std::ios::binary);
    out.write(reinterpret_cast<const char*>(result.object.data()),
              static_cast<std::streamsize>(result.object.size()));
  }
  return result.ok ? 0 : 1;
}
