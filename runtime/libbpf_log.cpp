#include "runtime/libbpf_log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>

namespace netc::runtime {

namespace {

// libbpf has one callback for the process; what it says concerns the calling
// thread, so each thread has its own place for it.
thread_local std::string* sink = nullptr;

int Keep(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (sink == nullptr || level > LIBBPF_WARN) return 0;
  va_list again;
  va_copy(again, arguments);
  int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  size_t before = sink->size();
  sink->resize(before + static_cast<size_t>(length) + 1);
  std::vsnprintf(sink->data() + before, static_cast<size_t>(length) + 1, format, arguments);
  sink->pop_back();
  return length;
}

}  // namespace

LogCapture::LogCapture() {
  libbpf_set_print(Keep);
  sink = &text_;
}

LogCapture::~LogCapture() {
  sink = nullptr;
}

std::string LogCapture::LastLine() const {
  size_t end = text_.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  size_t begin = text_.rfind('\n', end);
  std::string line = text_.substr(begin == std::string::npos ? 0 : begin + 1,
                                  end - (begin == std::string::npos ? -1 : begin));
  constexpr std::string_view kPrefix = "libbpf: ";
  return line.starts_with(kPrefix) ? line.substr(kPrefix.size()) : line;
}

}  // namespace netc::runtime
