// What `netc explain` says of the language itself, and of the protocols of the standard
// library.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace netc::cli {

// One thing that a word means: as it is asked for, in a line, and in full.
struct Explained {
  std::string command;  // "language limiter", "protocol tcp.dport"
  std::string summary;
  std::string page;
};

// Words of the language: keywords, kinds of state, types, options that pipelines need.
std::vector<Explained> ExplainLanguage(std::string_view word);
// All of them, a line each.
std::string LanguageIndex();

// `tcp`, `tcp.dport`, or a field's name alone, from the library's sources.
std::vector<Explained> ExplainProtocol(std::string_view word);
std::vector<std::string> ProtocolNames();

// The page of a diagnostic, whose links lead to other pages: as a terminal shows it.
std::string WithoutLinks(std::string_view markdown);

}  // namespace netc::cli
