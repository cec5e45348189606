#include "compiler/driver/c_headers.h"

#include <fmt/format.h>

#include <string_view>

namespace netc::driver {

namespace fs = std::filesystem;
using diag::Kind;

namespace {

// What `#include "…"` names on one line; empty if the line is none.
std::string_view IncludedBy(std::string_view line) {
  auto skip = [&] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  skip();
  if (!line.starts_with('#')) return {};
  line.remove_prefix(1);
  skip();
  if (!line.starts_with("include")) return {};
  line.remove_prefix(7);
  skip();
  if (!line.starts_with('"')) return {};
  line.remove_prefix(1);
  size_t end = line.find('"');
  return end == std::string_view::npos ? std::string_view{} : line.substr(0, end);
}

}  // namespace

void CHeaderLoader::Load(const std::string& written, Span from, const fs::path& beside) {
  fs::path path = fs::path(written).lexically_normal();
  if (path.empty() || path.is_absolute() || *path.begin() == "..") {
    diagnostics_.Emit(
        diag::Error(Kind::kUnreadableFile, from,
                    fmt::format("`{}` is no path below the importing file's folder", written))
            .WithHint("here: the object must be the same wherever it is compiled"));
    return;
  }
  fs::path file = fs::weakly_canonical(beside / path);
  auto [known, fresh] = read_.try_emplace(path.string(), file);
  if (!fresh) {
    if (known->second == file) return;
    diagnostics_.Emit(diag::Error(Kind::kDuplicateName, from,
                                  fmt::format("two headers are called `{}`", path.string()),
                                  "another module imports one of this name from its own folder"));
    return;
  }
  ReadResult read = ReadSource(file.string());
  if (!read.ok) {
    diagnostics_.Emit(
        diag::Error(Kind::kUnreadableFile, from, fmt::format("`{}`: {}", written, read.error)));
    return;
  }
  FileId id = sources_.Add((beside / path).lexically_normal().string(), std::move(read.text));
  headers_.push_back({path.string(), id});
  Follow(id, path.parent_path(), beside);
}

// What a header includes and does not find is Clang's to report.
void CHeaderLoader::Follow(FileId id, const fs::path& within, const fs::path& beside) {
  std::string text(sources_.file(id).text());  // loading more may move the sources
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view included = IncludedBy(std::string_view(text).substr(begin, end - begin));
    std::error_code ignored;
    fs::path path = (within / included).lexically_normal();
    bool mine = !included.empty() && fs::is_regular_file(beside / path, ignored);
    Span line{id, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
    if (mine) Load(path.string(), line, beside);
    begin = end + 1;
  }
}

}  // namespace netc::driver
