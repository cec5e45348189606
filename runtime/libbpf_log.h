// What libbpf says while a LogCapture lives, kept instead of printed.
#pragma once

#include <string>

namespace netc::runtime {

// Captures warnings of libbpf calls made by this thread. Captures do not nest.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  const std::string& text() const { return text_; }
  // The last line, without "libbpf: "; empty if nothing was said.
  std::string LastLine() const;

 private:
  std::string text_;
};

}  // namespace netc::runtime
