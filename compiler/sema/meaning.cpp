#include "compiler/sema/meaning.h"

#include <algorithm>
#include <set>

namespace netc::sema {
namespace {

// Parts of names as RFCs, C's headers and other tools write them, and what they mean.
struct MeaningRow {
  std::string_view part;
  std::string_view first, second;  // the second may be empty
};
constexpr MeaningRow kParts[] = {
    {"dport", "destination", "port"},
    {"sport", "source", "port"},
    {"daddr", "destination", "address"},
    {"saddr", "source", "address"},
    {"dst", "destination", ""},
    {"dest", "destination", ""},
    {"dstport", "destination", "port"},
    {"srcport", "source", "port"},
    {"src", "source", ""},
    {"addr", "address", ""},
    {"ip", "address", ""},
    {"len", "length", ""},
    {"proto", "protocol", ""},
    {"nexthdr", "protocol", ""},
    {"csum", "checksum", ""},
    {"check", "checksum", ""},
    {"hop", "ttl", ""},
    {"hops", "ttl", ""},
    {"hoplimit", "ttl", ""},
    {"limit", "ttl", ""},
    {"win", "window", ""},
    {"seqno", "seq", ""},
    {"sequence", "seq", ""},
    {"acknowledgement", "ack", ""},
    {"tos", "dscp", ""},
    {"vid", "id", ""},
    {"identifier", "id", ""},
    {"identification", "id", ""},
    {"prio", "priority", ""},
    {"pcp", "priority", ""},
    {"frag", "fragment", ""},
    {"ethertype", "type", ""},
    {"th", "", ""},
    {"number", "", ""},
    {"field", "", ""},
    {"hdr", "header", ""},
};

std::set<std::string> MeaningOf(std::string_view word) {
  std::set<std::string> meaning;
  while (!word.empty()) {
    std::string part(word.substr(0, word.find('_')));
    word.remove_prefix(std::min(part.size() + 1, word.size()));
    for (char& c : part) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    const MeaningRow* row = std::find_if(std::begin(kParts), std::end(kParts),
                                         [&](const MeaningRow& each) { return each.part == part; });
    if (row == std::end(kParts)) {
      if (!part.empty()) meaning.insert(part);
      continue;
    }
    for (std::string_view each : {row->first, row->second}) {
      if (!each.empty()) meaning.insert(std::string(each));
    }
  }
  return meaning;
}

}  // namespace

std::vector<std::string> SameMeaning(std::string_view word, const std::vector<std::string>& known) {
  const std::set<std::string> wanted = MeaningOf(word);
  std::vector<std::string> same, alike;
  if (wanted.empty()) return same;
  for (const std::string& name : known) {
    const std::set<std::string> meaning = MeaningOf(name);
    if (meaning == wanted) {
      same.push_back(name);
      continue;
    }
    // `destination` alone is `dport` where there are only ports; an address has none.
    bool within = std::includes(meaning.begin(), meaning.end(), wanted.begin(), wanted.end()) ||
                  (!meaning.empty() &&
                   std::includes(wanted.begin(), wanted.end(), meaning.begin(), meaning.end()));
    if (within) alike.push_back(name);
  }
  if (same.empty()) same = std::move(alike);
  if (same.size() > 3) same.resize(3);
  return same;
}

}  // namespace netc::sema
