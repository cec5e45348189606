#include "compiler/emit/writer.h"

#include <algorithm>

namespace netc::emit {

void Writer::Map() {
  ++lines_;
  bool same = !mappings_.empty() && mappings_.back().origin.file == origin_.file &&
              mappings_.back().origin.line == origin_.line;
  if (origin_.line != 0 && !same) mappings_.push_back({lines_, origin_});
}

void Writer::Line(std::string_view text) {
  Map();
  if (!text.empty()) text_.append(static_cast<size_t>(std::max(depth_, 0)), '\t');
  text_.append(text);
  text_ += '\n';
}

void Writer::Label(std::string_view text) {
  Map();
  text_.append(text);
  text_ += '\n';
}

void Writer::Text(std::string_view lines) {
  text_.append(lines);
  lines_ += static_cast<uint32_t>(std::count(lines.begin(), lines.end(), '\n'));
}

void Writer::Comment(std::string_view text) {
  if (text.empty()) return;
  std::string safe(text);
  while (!safe.empty() && safe.back() == '\n') safe.pop_back();
  for (size_t at; (at = safe.find("*/")) != std::string::npos;) safe.replace(at, 2, "* /");
  for (size_t at; (at = safe.find("/*")) != std::string::npos;) safe.replace(at, 2, "/ *");
  if (safe.find('\n') == std::string::npos) return Line("/* " + safe + " */");
  bool first = true;
  for (size_t begin = 0; begin <= safe.size();) {
    size_t end = std::min(safe.find('\n', begin), safe.size());
    Line((first ? "/* " : " * ") + safe.substr(begin, end - begin));
    first = false;
    begin = end + 1;
  }
  Line(" */");
}

}  // namespace netc::emit
