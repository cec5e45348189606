#include "tools/differential/shrink.h"

#include <rapidcheck.h>

#include <chrono>

namespace netc::differential {
namespace {

using Tape = std::vector<uint32_t>;
using rc::Shrinkable;

class Deadline {
 public:
  explicit Deadline(double seconds)
      : end_(std::chrono::steady_clock::now() +
             std::chrono::microseconds(static_cast<int64_t>(seconds * 1e6))) {}
  bool passed() const { return std::chrono::steady_clock::now() > end_; }

 private:
  std::chrono::steady_clock::time_point end_;
};

// Shorter tapes first, then smaller numbers on them: RapidCheck's ways to shrink a vector.
Shrinkable<Tape> Shrinkables(Tape tape) {
  return rc::shrinkable::shrinkRecur(std::move(tape), [](const Tape& from) {
    return rc::seq::concat(rc::shrink::removeChunks(from),
                           rc::shrink::eachElement(
                               from, [](uint32_t number) { return rc::shrink::integral(number); }));
  });
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return lines;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

int Depth(const std::string& line) {
  int depth = 0;
  for (char c : line) depth += c == '{' ? 1 : c == '}' ? -1 : 0;
  return depth;
}

}  // namespace

std::string ShrinkText(std::string text, const std::function<bool(const std::string&)>& fails,
                       double seconds) {
  Deadline deadline(seconds);
  std::vector<std::string> lines = Lines(text);
  for (bool smaller = true; smaller && !deadline.passed();) {
    smaller = false;
    for (size_t i = lines.size(); i-- > 0 && !deadline.passed();) {
      if (i >= lines.size()) continue;
      size_t end = i + 1;
      int depth = Depth(lines[i]);
      bool block = depth > 0;
      for (; block && end < lines.size() && depth > 0; ++end) depth += Depth(lines[end]);
      if (!block && depth < 0) continue;
      // The whole of it, or what it holds without what stands around that.
      for (bool unwrapped : {false, true}) {
        if (unwrapped && !block) break;
        std::vector<std::string> fewer = lines;
        auto from = fewer.begin() + static_cast<std::ptrdiff_t>(i),
             to = fewer.begin() + static_cast<std::ptrdiff_t>(end);
        if (unwrapped) {
          fewer.erase(to - 1);
          fewer.erase(from);
        } else {
          fewer.erase(from, to);
        }
        if (!fails(Join(fewer))) continue;
        lines = std::move(fewer);
        smaller = true;
        break;
      }
    }
  }
  return Join(lines);
}

std::string Shrink(Tape tape, const std::function<std::string(const Tape&)>& make,
                   const std::function<bool(const std::string&)>& fails, double seconds) {
  Deadline deadline(seconds / 2);
  Shrinkable<Tape> smallest = Shrinkables(std::move(tape));
  for (bool smaller = true; smaller && !deadline.passed();) {
    smaller = false;
    auto candidates = smallest.shrinks();
    while (auto candidate = candidates.next()) {
      if (deadline.passed()) break;
      if (!fails(make(candidate->value()))) continue;
      smallest = *candidate;
      smaller = true;
      break;
    }
  }
  return ShrinkText(make(smallest.value()), fails, seconds / 2);
}

}  // namespace netc::differential
