#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/command.h"
#include "cli/output.h"
#include "compiler/format/format.h"

namespace netc::cli {
namespace {

struct FmtOptions {
  std::vector<std::string> paths;
  bool check = false;
};

constexpr int kDone = 0;
constexpr int kErrors = static_cast<int>(runtime::Exit::kPipeline);
constexpr int kUnreadable = static_cast<int>(runtime::Exit::kUsage);

int Fail(const std::string& path, const std::string& why) {
  fmt::print(stderr, "error: {}: {}\n", path, why);
  return kUnreadable;
}

// All of the text or nothing: an interrupted write leaves the file as it was.
std::optional<std::string> Replace(const std::string& path, const std::string& text) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path target = fs::canonical(path, error);
  if (error) return error.message();
  std::string draft = target.string() + ".XXXXXX";
  int fd = mkstemp(draft.data());
  if (fd < 0) return std::generic_category().message(errno);
  FILE* file = fdopen(fd, "w");
  bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  written = std::fclose(file) == 0 && written;
  if (!written) error = std::make_error_code(std::errc::io_error);
  if (!error) fs::permissions(draft, fs::status(target).permissions(), error);
  if (!error) fs::rename(draft, target, error);
  if (!error) return std::nullopt;
  std::string why = error.message();
  fs::remove(draft, error);
  return why;
}

int FormatFile(const std::string& path, bool check) {
  ReadResult read = ReadSource(path);
  if (!read.ok) return Fail(path, read.error);
  bool from_input = path == "-";
  SourceSet sources;
  FileId file = sources.Add(from_input ? "<stdin>" : path, read.text);
  diag::Diagnostics diagnostics;
  std::optional<std::string> formatted = format::Format(sources, file, diagnostics);
  if (!formatted) {
    ShowDiagnostics(path, diagnostics, sources, false);
    return kErrors;
  }
  if (from_input && !check) {
    return std::fwrite(formatted->data(), 1, formatted->size(), stdout) == formatted->size()
               ? kDone
               : Fail("<stdout>", "can't be written");
  }
  if (*formatted == read.text) return kDone;
  if (check) {
    WriteLine(fmt::format("{}: is not in canonical form", path));
    return kErrors;
  }
  if (std::optional<std::string> why = Replace(path, *formatted)) return Fail(path, *why);
  WriteLine(fmt::format("{}: formatted", path));
  return kDone;
}

int FormatAll(const FmtOptions& options) {
  int result = kDone;
  for (const std::string& path : options.paths) {
    result = std::max(result, FormatFile(path, options.check));
  }
  return result;
}

}  // namespace

void AddFmt(CLI::App& app, Action& action) {
  auto options = std::make_shared<FmtOptions>();
  CLI::App* command = app.add_subcommand("fmt", "Bring pipelines into their canonical form");
  command
      ->add_option("FILE", options->paths,
                   "Pipelines (.np), rewritten in place; - writes standard input's form to "
                   "standard output")
      ->required();
  command->add_flag("--check", options->check, "Change nothing; name the files that would change");
  command->footer(
      "Examples:\n"
      "  netc fmt edge.np\n"
      "  netc fmt --check *.np      in a test: exit code 1 if a file would change\n"
      "  netc fmt - < edge.np       for editors\n\n"
      "Exit code: 0; 1 if a file has a syntax error, or with --check would change; 2 if one\n"
      "can't be read or written.");
  command->callback([options, &action] { action = [options] { return FormatAll(*options); }; });
}

}  // namespace netc::cli
