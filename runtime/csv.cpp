#include "runtime/csv.h"

#include <fmt/format.h>

namespace netc::runtime {

namespace {

std::string Trimmed(const std::string& text) {
  constexpr const char* kBlank = " \t\r";
  size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::variant<std::vector<CsvRow>, std::string> Read() {
    while (at_ < text_.size()) {
      if (SkipsLine()) continue;
      if (!ReadRow()) return fmt::format("line {}: a quote is not closed", rows_.back().line);
    }
    return std::move(rows_);
  }

 private:
  bool SkipsLine() {
    size_t end = text_.find('\n', at_);
    std::string line = Trimmed(std::string(text_.substr(at_, end - at_)));
    if (!line.empty() && line.front() != '#') return false;
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    ++line_;
    return true;
  }

  bool ReadRow() {
    rows_.push_back({line_, {}});
    for (bool more = true; more;) {
      if (!ReadCell()) return false;
      more = at_ < text_.size() && text_[at_] == ',';
      if (at_ < text_.size()) ++at_;
    }
    ++line_;
    return true;
  }

  // Leaves `at_` on the comma or line end behind the cell.
  bool ReadCell() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    if (at_ < text_.size() && text_[at_] == '"') return ReadQuoted();
    size_t end = text_.find_first_of(",\n", at_);
    if (end == std::string_view::npos) end = text_.size();
    rows_.back().cells.push_back(Trimmed(std::string(text_.substr(at_, end - at_))));
    at_ = end;
    return true;
  }

  bool ReadQuoted() {
    std::string cell;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      cell += text_[at_];
    }
    if (at_ == text_.size()) return false;
    rows_.back().cells.push_back(std::move(cell));
    at_ = std::min(text_.find_first_of(",\n", at_), text_.size());
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
  std::vector<CsvRow> rows_;
};

}  // namespace

std::variant<std::vector<CsvRow>, std::string> ParseCsv(std::string_view text) {
  return Reader(text).Read();
}

}  // namespace netc::runtime
