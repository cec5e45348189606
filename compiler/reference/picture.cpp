#include <fmt/format.h>

#include "compiler/hooks/names.h"
#include "compiler/reference/page.h"
#include "compiler/reference/phrases.h"
#include "compiler/reference/text.h"

namespace netc::reference {

using namespace hooks;

namespace {

constexpr size_t kBox = 18;     // columns inside a layer's box
constexpr size_t kBeside = 70;  // columns of text beside it

std::string Line(std::string_view left, std::string_view middle, std::string_view right,
                 std::string_view beside = {}) {
  std::string line = fmt::format("   {}{}{}", left, middle, right);
  if (!beside.empty()) line += fmt::format("  {}", beside);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string Bar() {
  std::string bar;
  for (size_t i = 0; i < kBox; ++i) bar += "─";
  return bar;
}

HookSet HooksOf(const Layer& layer) {
  HookSet hooks;
  for (const Place& place : AllPlaces()) {
    if (place.layer == layer.name) hooks = hooks | place.hooks;
  }
  return hooks;
}

// The hooks of a layer; those that are asked about with an arrow, and which way.
std::vector<std::string> Beside(const Layer& layer, HookSet here) {
  std::vector<std::string> lines;
  for (HookId id : here& HooksOf(layer)) {
    std::string line = fmt::format("◀━━ {}", Get(id).name);
    const std::string way = WayPhrase(PlaceOf(id).way);
    if (!way.empty()) line += "  " + way;
    lines.push_back(line);
  }
  const HookSet others = HooksOf(layer) - here;
  if (!others.empty()) {
    for (std::string& line : Wrap(Join(NamesOf(others)), kBeside)) lines.push_back("    " + line);
  }
  return lines;
}

}  // namespace

std::string Picture(HookSet here) {
  std::string picture = Line(" ", Padded("    application", kBox), " ") +
                        Line(" ", Padded("    ▲         │", kBox), " ") +
                        Line(" ", Padded("    │         ▼", kBox), " ");
  std::string_view left = "┌", right = "┐";
  for (const Layer& layer : AllLayers()) {
    picture += Line(left, Bar(), right);
    left = "├", right = "┤";
    const std::vector<std::string> beside = Beside(layer, here);
    for (size_t i = 0; i < beside.size(); ++i) {
      picture +=
          Line("│", Padded(i == 0 ? fmt::format(" {}", layer.name) : "", kBox), "│", beside[i]);
    }
  }
  return picture + Line("└", Bar(), "┘") + Line(" ", Padded("    ▲         │", kBox), " ") +
         Line(" ", Padded("    │         ▼", kBox), " ") +
         Line(" ", Padded("    network device", kBox), " ");
}

}  // namespace netc::reference
