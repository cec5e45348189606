// Source files and places in them.
//
// A Span names bytes of one file by offset; line and column exist only where a
// person reads them. Every phase keeps spans, so that an error, the emitted C
// and a verifier message can all be led back to the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netc {

// Index of a file in its SourceSet.
enum class FileId : uint32_t {};

// Half-open range of byte offsets [begin, end) in one file.
struct Span {
  FileId file{};
  uint32_t begin = 0;
  uint32_t end = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

// The smallest span that holds both; they must lie in the same file.
Span Cover(Span a, Span b);

// 1-based; the column counts Unicode code points, as editors do.
struct LineColumn {
  uint32_t line = 1;
  uint32_t column = 1;
};

class SourceFile {
 public:
  // `path` is shown to users as it was given; `text` is valid UTF-8.
  SourceFile(std::string path, std::string text);

  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }
  uint32_t line_count() const { return static_cast<uint32_t>(line_starts_.size()); }

  LineColumn Locate(uint32_t offset) const;
  // Text of a 1-based line, without its line end.
  std::string_view Line(uint32_t line) const;
  // Byte offset at which a 1-based line begins.
  uint32_t LineStart(uint32_t line) const { return line_starts_[line - 1]; }

 private:
  std::string path_;
  std::string text_;
  std::vector<uint32_t> line_starts_;
};

// The files of one compilation: the pipeline and every module it imports. Files
// are only ever added, so a FileId stays valid.
class SourceSet {
 public:
  FileId Add(std::string path, std::string text);
  const SourceFile& file(FileId id) const { return files_[static_cast<uint32_t>(id)]; }
  uint32_t size() const { return static_cast<uint32_t>(files_.size()); }
  std::string_view Text(Span span) const;

 private:
  std::vector<SourceFile> files_;
};

// Largest source file that is read (bytes). Beyond it ANTLR's time and memory
// leave the range of an interactive tool: 5 MB took 10.7 s and 2.7 GB.
inline constexpr size_t kMaxSourceBytes = 1 << 20;

struct ReadResult {
  bool ok = false;
  std::string text;   // the file's bytes, if ok
  std::string error;  // why not, e.g. "is a directory"
};

// Reads a source file: a regular file or a pipe ("-" is standard input), at most
// kMaxSourceBytes long, without NUL bytes, valid UTF-8. Never throws.
ReadResult ReadSource(const std::string& path);

// Offset of the first byte that is not valid UTF-8, or npos.
size_t FindInvalidUtf8(std::string_view text);

}  // namespace netc
