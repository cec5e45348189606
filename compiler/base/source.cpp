#include "compiler/base/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace netc {

Span Cover(Span a, Span b) {
  return {a.file, std::min(a.begin, b.begin), std::max(a.end, b.end)};
}

SourceFile::SourceFile(std::string path, std::string text)
    : path_(std::move(path)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (uint32_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

LineColumn SourceFile::Locate(uint32_t offset) const {
  auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  uint32_t line = static_cast<uint32_t>(next - line_starts_.begin());
  uint32_t start = line_starts_[line - 1];
  uint32_t column = 1;
  for (uint32_t i = start; i < offset && i < text_.size(); ++i) {
    bool continuation = (static_cast<unsigned char>(text_[i]) & 0xC0) == 0x80;
    if (!continuation) ++column;
  }
  return {line, column};
}

std::string_view SourceFile::Line(uint32_t line) const {
  uint32_t begin = line_starts_[line - 1];
  size_t end = line < line_starts_.size() ? line_starts_[line] : text_.size();
  while (end > begin && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  return std::string_view(text_).substr(begin, end - begin);
}

FileId SourceSet::Add(std::string path, std::string text) {
  files_.emplace_back(std::move(path), std::move(text));
  return static_cast<FileId>(files_.size() - 1);
}

std::string_view SourceSet::Text(Span span) const {
  return file(span.file).text().substr(span.begin, span.end - span.begin);
}

size_t FindInvalidUtf8(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  for (size_t i = 0; i < text.size();) {
    unsigned char lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : -1;
    if (more < 0 || lead > 0xF4 || i + more >= text.size()) return i;
    uint32_t code = lead & (0x3F >> more);
    for (int k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return i;
      code = code << 6 | (byte(i + k) & 0x3F);
    }
    // Overlong forms and surrogates encode nothing (RFC 3629, section 3).
    bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return i;
    i += more + 1;
  }
  return std::string_view::npos;
}

static ReadResult Failed(std::string why) {
  return {false, {}, std::move(why)};
}

ReadResult ReadSource(const std::string& path) {
  int fd = path == "-" ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed(std::strerror(errno));
  struct stat info{};
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) {
    close(fd);
    return Failed("is a directory");
  }
  std::string text;
  char chunk[1 << 16];
  ssize_t got = 0;
  while ((got = read(fd, chunk, sizeof chunk)) > 0 && text.size() <= kMaxSourceBytes) {
    text.append(chunk, static_cast<size_t>(got));
  }
  int error = errno;
  close(fd);
  if (got < 0) return Failed(std::strerror(error));
  if (text.size() > kMaxSourceBytes) {
    return Failed(
        fmt::format("is larger than {} KiB, the most that netc reads", kMaxSourceBytes >> 10));
  }
  if (size_t at = text.find('\0'); at != std::string::npos) {
    return Failed(fmt::format("is not text: byte {} is NUL", at));
  }
  if (size_t at = FindInvalidUtf8(text); at != std::string::npos) {
    return Failed(fmt::format("is not valid UTF-8 at byte {}", at));
  }
  return {true, std::move(text), {}};
}

}  // namespace netc
