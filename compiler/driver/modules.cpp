#include "compiler/driver/modules.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>

#include "compiler/base/nearest.h"
#include "compiler/driver/c_headers.h"
#include "compiler/parse/parse.h"

namespace netc::driver {

namespace fs = std::filesystem;
using diag::Kind;

std::string StdlibFolder() {
  std::error_code error;
  fs::path exe = fs::read_symlink("/proc/self/exe", error);
  return (exe.parent_path().parent_path() / "share/netc/stdlib").string();
}

namespace {

std::string Joined(const ast::Path& path, char separator) {
  std::string text;
  for (const ast::Name& part : path.parts) {
    if (!text.empty()) text += separator;
    text += part.text;
  }
  return text;
}

// The identifiers that stand in a text, comments and strings included: naming a
// protocol there costs a module read for nothing, and nothing else.
std::unordered_set<std::string_view> WordsOf(std::string_view text) {
  std::unordered_set<std::string_view> words;
  auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (size_t i = 0; i < text.size();) {
    size_t begin = i;
    while (i < text.size() && in_word(text[i])) ++i;
    if (i == begin) {
      ++i;
      continue;
    }
    // `icmp_echo` stands in icmp.np: each part before a `_` may name the module.
    std::string_view word = text.substr(begin, i - begin);
    words.insert(word);
    for (size_t cut = word.rfind('_'); cut != std::string_view::npos && cut > 0;
         cut = word.rfind('_', cut - 1)) {
      words.insert(word.substr(0, cut));
    }
  }
  return words;
}

// Which file a path leads to, whatever links and `..` it goes through; a path that
// leads nowhere is none.
using FileIdentity = std::pair<dev_t, ino_t>;

std::optional<FileIdentity> IdentityOf(const fs::path& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) return std::nullopt;
  return FileIdentity{file.st_dev, file.st_ino};
}

class Loader {
 public:
  Loader(const ModulePaths& paths, SourceSet& sources, diag::Diagnostics& diagnostics)
      : paths_(paths),
        sources_(sources),
        diagnostics_(diagnostics),
        c_loader_(sources, diagnostics, unit_.c_headers) {}

  sema::Unit Run(const std::string& path, const std::optional<std::string>& text) {
    ReadResult read = text ? ReadResult{true, *text, {}} : ReadSource(path);
    if (!read.ok) {
      FileId id = sources_.Add(path, "");
      diagnostics_.Emit(diag::Error(Kind::kUnreadableFile, Span{id, 0, 0},
                                    fmt::format("`{}`: {}", path, read.error)));
      return {};
    }
    FileId id = sources_.Add(path, std::move(read.text));
    unit_.files.push_back(parse::Parse(sources_, id, diagnostics_));
    Follow(0, fs::path(path).parent_path());
    return std::move(unit_);
  }

 private:
  struct Found {
    fs::path path;
    bool is_package = false;
  };

  std::optional<Found> Find(const ast::Path& path, const fs::path& beside) {
    std::vector<fs::path> roots = {beside};
    for (const std::string& folder : paths_.folders) roots.emplace_back(folder);
    roots.emplace_back(paths_.stdlib);
    std::error_code ignored;
    for (const fs::path& root : roots) {
      fs::path place = root / Joined(path, '/');
      fs::path file = place;
      file += ".np";
      if (fs::is_regular_file(file, ignored)) return Found{file, false};
      if (fs::is_directory(place, ignored)) return Found{place, true};
    }
    return std::nullopt;
  }

  void Follow(size_t index, const fs::path& beside) {
    std::vector<fs::path> packages;
    // The file vector grows while modules are loaded: copy what is needed of it.
    struct Wanted {
      ast::Path path;
    };
    std::vector<Wanted> imports;
    for (const ast::Item& item : unit_.files[index].items) {
      if (const auto* import = std::get_if<ast::Import>(&item.node)) {
        imports.push_back({import->path});
      }
    }
    FileId id = unit_.files[index].id;
    LoadC(index, beside);
    for (const Wanted& import : imports) {
      auto found = Find(import.path, beside);
      if (!found) {
        UnknownModule(import.path, beside);
      } else if (found->is_package) {
        packages.push_back(found->path);
      } else {
        Load(found->path, import.path.span, beside);
      }
    }
    if (packages.empty()) return;
    // A copy of the text: loading more files may move the source set.
    std::string text(sources_.file(id).text());
    std::unordered_set<std::string_view> words = WordsOf(text);
    for (const fs::path& package : packages) LoadNamed(package, words);
  }

  // Headers of the user's C that the file imports.
  void LoadC(size_t index, const fs::path& beside) {
    struct Wanted {
      std::string path;
      Span span;
    };
    std::vector<Wanted> wanted;
    for (const ast::Item& item : unit_.files[index].items) {
      const auto* import = std::get_if<ast::ImportC>(&item.node);
      if (import) wanted.push_back({import->header.text, import->header.span});
    }
    for (const Wanted& each : wanted) c_loader_.Load(each.path, each.span, beside);
  }

  // Every protocol of the package that the text names, in a fixed order.
  void LoadNamed(const fs::path& package, const std::unordered_set<std::string_view>& words) {
    std::set<fs::path> files;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(package, ignored)) {
      bool module = entry.path().extension() == ".np";
      if (module && words.contains(entry.path().stem().string())) files.insert(entry.path());
    }
    for (const fs::path& file : files) Load(file, Span{}, package.parent_path());
  }

  void Load(const fs::path& path, Span from, const fs::path& root) {
    std::optional<FileIdentity> key = IdentityOf(path);
    auto [state, fresh] = states_.try_emplace(key.value_or(FileIdentity{}), State::kOpen);
    if (key && !fresh) {
      if (state->second == State::kOpen) {
        diagnostics_.Emit(diag::Error(Kind::kImportCycle, from,
                                      fmt::format("`{}` imports itself, directly or through others",
                                                  path.filename().string())));
      }
      return;
    }
    ReadResult read = ReadSource(path.string());
    if (!read.ok) {
      diagnostics_.Emit(diag::Error(Kind::kUnreadableFile, from,
                                    fmt::format("`{}`: {}", path.string(), read.error)));
      state->second = State::kDone;
      return;
    }
    FileId id = sources_.Add(ShownPath(path), std::move(read.text));
    unit_.files.push_back(parse::Parse(sources_, id, diagnostics_));
    size_t index = unit_.files.size() - 1;
    if (!unit_.files[index].is_module) {
      diagnostics_.Emit(
          diag::Error(Kind::kUnknownModule, from,
                      fmt::format("`{}` is a pipeline, not a module", path.filename().string())));
    }
    Follow(index, root);
    state->second = State::kDone;  // std::map: still where it was
  }

  // Modules of the standard library are shown by where they stand in it.
  std::string ShownPath(const fs::path& path) {
    fs::path inside = path.lexically_relative(paths_.stdlib);
    bool in_stdlib = !inside.empty() && *inside.begin() != "..";
    return in_stdlib ? "stdlib/" + inside.string() : path.string();
  }

  void UnknownModule(const ast::Path& path, const fs::path& beside) {
    std::vector<std::string> known;
    std::error_code ignored;
    fs::path package = fs::path(Joined(path, '/')).parent_path();
    std::vector<fs::path> roots = {beside, paths_.stdlib};
    for (const std::string& folder : paths_.folders) roots.emplace_back(folder);
    for (const fs::path& root : roots) {
      for (const auto& entry : fs::directory_iterator(root / package, ignored)) {
        bool module = entry.path().extension() == ".np" || entry.is_directory(ignored);
        if (module) known.push_back(entry.path().stem().string());
      }
    }
    auto error = diag::Error(Kind::kUnknownModule, path.span,
                             fmt::format("there is no module `{}`", Joined(path, '.')));
    std::vector<std::string> near = NearestNames(path.parts.back().text, known);
    if (!near.empty()) error.WithHint(fmt::format("did you mean {}?", AnyOf(near)));
    error.WithHint("looked beside the file, in --module-path, and in the standard library");
    diagnostics_.Emit(std::move(error));
  }

  enum class State { kOpen, kDone };
  const ModulePaths& paths_;
  SourceSet& sources_;
  diag::Diagnostics& diagnostics_;
  sema::Unit unit_;
  CHeaderLoader c_loader_;
  std::map<FileIdentity, State> states_;
};

}  // namespace

sema::Unit LoadUnit(const std::string& path, const std::optional<std::string>& text,
                    const ModulePaths& paths, SourceSet& sources, diag::Diagnostics& diagnostics) {
  return Loader(paths, sources, diagnostics).Run(path, text);
}

}  // namespace netc::driver
