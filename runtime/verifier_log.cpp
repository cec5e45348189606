#include "runtime/verifier_log.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace netc::runtime {

namespace {

constexpr std::string_view kBegin = "-- BEGIN PROG LOAD LOG --\n";
constexpr std::string_view kEnd = "-- END PROG LOAD LOG --";

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

// "12: (85) call …" or "12: R1=ctx() …", as the verifier numbers instructions.
bool IsInstruction(std::string_view line) {
  size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits]))) ++digits;
  return digits > 0 && digits < line.size() && line[digits] == ':';
}

// Lines in which the verifier reports on itself after it has given up.
bool IsSummary(std::string_view line) {
  return line.starts_with("processed ") || line.starts_with("verification time") ||
         line.starts_with("stack depth") || line.starts_with("last_idx ") ||
         line.starts_with("regs=") || line.starts_with("parent ") ||
         line.starts_with("mark_precise");
}

// "; TEXT @ file.c:12" since 6.9, "; TEXT" before (kernel/bpf/log.c).
void ReadSourceLine(std::string_view line, Rejection& to) {
  line.remove_prefix(2);
  size_t at = line.rfind(" @ ");
  size_t colon = line.rfind(':');
  to.c_line = 0;
  if (at != std::string_view::npos && colon != std::string_view::npos && colon > at) {
    std::from_chars(line.data() + colon + 1, line.data() + line.size(), to.c_line);
    line = line.substr(0, at);
  }
  to.c_text = line;
}

std::string_view Between(std::string_view text, char open, size_t from) {
  size_t begin = text.find(open, from);
  if (begin == std::string_view::npos) return {};
  size_t end = text.find(open, begin + 1);
  return end == std::string_view::npos ? "" : text.substr(begin + 1, end - begin - 1);
}

}  // namespace

std::optional<Rejection> FindRejection(std::string_view libbpf_log) {
  // The last one: libbpf may have tried the program more than once.
  size_t begin = libbpf_log.rfind(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  Rejection rejection;
  // The line reads "libbpf: prog 'guard': -- BEGIN PROG LOAD LOG --".
  size_t line = libbpf_log.rfind('\n', begin);
  rejection.program = Between(libbpf_log, '\'', line == std::string_view::npos ? 0 : line);
  std::string_view log = libbpf_log.substr(begin + kBegin.size());
  log = log.substr(0, log.find(kEnd));
  // What precedes the end mark on its line is libbpf's own prefix.
  log = log.substr(0, log.rfind('\n') + 1);
  rejection.log = log;
  for (std::string_view text : SplitLines(log)) {
    if (text.starts_with("; ")) {
      ReadSourceLine(text, rejection);
    } else if (IsInstruction(text)) {
      rejection.message.clear();
    } else if (!text.empty() && !IsSummary(text) && rejection.message.empty()) {
      rejection.message = text;
    }
  }
  return rejection;
}

std::optional<object::Place> SourceOf(const std::vector<object::LineMapping>& lines,
                                      uint32_t c_line) {
  auto after = std::upper_bound(
      lines.begin(), lines.end(), c_line,
      [](uint32_t line, const object::LineMapping& mapping) { return line < mapping.c_line; });
  if (c_line == 0 || after == lines.begin()) return std::nullopt;
  return std::prev(after)->place;
}

}  // namespace netc::runtime
