#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/front_end.h"
#include "cli/output.h"
#include "compiler/ast/dump.h"

namespace netc::cli {

namespace {

struct CompileOptions {
  SourceOptions source;
  std::string folder;
  std::string emit;  // empty: C and object
};

int CannotWrite(const std::string& path, const char* why, bool json) {
  return ShowFailure({runtime::Exit::kUsage, fmt::format("`{}` cannot be written: {}", path, why)},
                     json);
}

// 0, or the exit code; `written` gets the path.
int WriteFile(const CompileOptions& options, const std::string& name, std::string_view bytes,
              std::vector<std::string>& written) {
  std::filesystem::path path =
      std::filesystem::path(options.folder.empty() ? "." : options.folder) / name;
  std::error_code error;
  if (!options.folder.empty()) std::filesystem::create_directories(options.folder, error);
  if (error) return CannotWrite(options.folder, error.message().c_str(), options.source.json);
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return CannotWrite(path, std::strerror(errno), options.source.json);
  bool whole = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
  if (std::fclose(file) != 0 || !whole)
    return CannotWrite(path, std::strerror(errno), options.source.json);
  written.push_back(path.lexically_normal().string());
  return 0;
}

// Text goes to standard output unless a folder was given.
int WriteText(const CompileOptions& options, const std::string& name, const std::string& text,
              std::vector<std::string>& written) {
  if (!options.folder.empty()) return WriteFile(options, name, text, written);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int Done(const CompileOptions& options, const std::vector<std::string>& written) {
  if (options.source.json) {
    WriteJson({{"type", "compiled"}, {"files", written}});
  } else {
    for (const std::string& path : written) WriteLine(path);
  }
  return 0;
}

std::string_view View(const std::vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "edge_firewall.bpf.c" → "edge_firewall" + `ending`.
std::string Named(const driver::Lowered& lowered, const std::string& ending) {
  constexpr std::string_view kEnding = ".bpf.c";
  std::string name = lowered.c_name;
  if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
  return name + ending;
}

int Compile(const CompileOptions& options) {
  driver::Checked checked = CheckSource(options.source);
  std::vector<std::string> written;
  if (options.emit == "ast" && !checked.unit.files.empty()) {
    std::string name = std::filesystem::path(options.source.path).stem().string() + ".ast";
    if (int code = WriteText(options, name, ast::Dump(checked.unit.files.front()), written))
      return code;
    return checked.ok() ? Done(options, written) : static_cast<int>(runtime::Exit::kPipeline);
  }
  if (!checked.ok()) return RefusedCode(checked);
  if (options.emit == "c" || options.emit == "ir") {
    driver::Lowered lowered = driver::Lower(checked);
    bool c = options.emit == "c";
    if (int code = WriteText(options, c ? lowered.c_name : Named(lowered, ".ir"),
                             c ? lowered.c_source : lowered.ir, written)) {
      return code;
    }
    return Done(options, written);
  }
  driver::Compiled compiled = driver::Compile(checked);
  if (!compiled.ok) return ShowCompileFailure(options.source, checked, compiled);
  const driver::Lowered& lowered = compiled.lowered;
  if (options.emit.empty()) {
    if (int code = WriteFile(options, lowered.c_name, lowered.c_source, written)) return code;
  }
  if (int code = WriteFile(options, Named(lowered, ".bpf.o"), View(compiled.object), written))
    return code;
  return Done(options, written);
}

}  // namespace

void AddCompile(CLI::App& app, Action& action) {
  auto options = std::make_shared<CompileOptions>();
  CLI::App* command =
      app.add_subcommand("compile", "Write a pipeline as readable BPF C and as an object");
  command->add_option("FILE", options->source.path, "Pipeline (.np), or - for standard input")
      ->required();
  command->add_option("-o,--output", options->folder, "Folder to write to, made if it is not there")
      ->option_text("DIR");
  command
      ->add_option("--emit", options->emit,
                   "Only this: c, obj, ir (lowered form) or ast (syntax tree)")
      ->option_text("WHAT")
      ->check(CLI::IsMember({"c", "obj", "ir", "ast"}));
  options->source.AddTo(*command);
  command->footer(
      "Writes NAME.bpf.c and NAME.bpf.o. The object carries all that `netc run` needs, on a\n"
      "machine without the source. With --emit, text goes to standard output unless -o is "
      "given.\n\n"
      "Examples:\n"
      "  netc compile edge.np -o out\n"
      "  netc compile edge.np --emit c | less\n\n"
      "Exit code: 0; 1 if there are errors; 2 if the file can't be read.");
  command->callback([options, &action] { action = [options] { return Compile(*options); }; });
}

}  // namespace netc::cli
