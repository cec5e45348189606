#include "cli/explain_language.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "compiler/base/source.h"
#include "compiler/driver/modules.h"
#include "compiler/parse/parse.h"

namespace netc::cli {
namespace {

namespace fs = std::filesystem;

struct WordRow {
  std::string_view names, summary, text, example;
};
constexpr WordRow kWords[] = {
#define WORDS(names, summary, text, example) {names, summary, text, example},
#include "cli/explain_language.def"
#undef WORDS
};

std::vector<std::string> NamesIn(std::string_view names) {
  std::istringstream words{std::string(names)};
  std::vector<std::string> all;
  for (std::string word; words >> word;) all.push_back(word);
  return all;
}

std::string InOneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// The library's files as syntax trees: where protocols and their fields are described.
struct Library {
  SourceSet sources;
  std::vector<ast::File> files;
};

const Library& TheLibrary() {
  static const Library library = [] {
    Library made;
    std::vector<fs::path> paths;
    std::error_code error;
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(driver::StdlibFolder()), error)) {
      if (entry.path().extension() == ".np") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const fs::path& path : paths) {
      ReadResult read = ReadSource(path.string());
      if (!read.ok) continue;
      diag::Diagnostics diagnostics;
      FileId id = made.sources.Add(path.string(), std::move(read.text));
      made.files.push_back(parse::Parse(made.sources, id, diagnostics));
    }
    return made;
  }();
  return library;
}

std::string SourceOf(Span span) {
  return std::string(TheLibrary().sources.Text(span));
}

// A header, view or selector, and what is read of it.
struct Protocol {
  std::string name, documentation, place;
  struct Field {
    std::string name, type, documentation;
  };
  std::vector<Field> fields;
};

void AddMember(const ast::HeaderMember& member, Protocol& to) {
  if (const auto* field = std::get_if<ast::HeaderField>(&member.node)) {
    std::string type = SourceOf(field->type.span) + (field->is_layout ? ", layout" : "");
    to.fields.push_back({field->name.text, type, InOneLine(member.documentation)});
  } else if (const auto* property = std::get_if<ast::HeaderProperty>(&member.node)) {
    std::string meaning = "is " + InOneLine(SourceOf(property->value->span));
    std::string text = member.documentation.empty() ? meaning : InOneLine(member.documentation);
    to.fields.push_back({property->name.text, "computed", text});
  }
}

std::vector<Protocol> AllProtocols() {
  std::vector<Protocol> all;
  for (const ast::File& file : TheLibrary().files) {
    for (const ast::Item& item : file.items) {
      Protocol made;
      made.documentation = item.documentation;
      if (const auto* header = std::get_if<ast::Header>(&item.node)) {
        made.name = header->name.text;
        std::vector<std::string> places;
        for (const ast::Place& place : header->places)
          places.push_back(InOneLine(SourceOf(place.span)));
        made.place = fmt::format("It stands on {}.", fmt::join(places, ", "));
        for (const ast::HeaderMember& member : header->members) AddMember(member, made);
      } else if (const auto* view = std::get_if<ast::View>(&item.node)) {
        made.name = view->name.text;
        std::vector<std::string> of;
        for (const ast::Name& name : view->alternatives) of.push_back(name.text);
        made.place = fmt::format("A view: one of {}. Its fields can be read, not assigned.",
                                 fmt::join(of, ", "));
        for (const ast::View::Member& member : view->members) {
          made.fields.push_back({member.name.text, SourceOf(member.type.span), {}});
        }
      } else if (const auto* selector = std::get_if<ast::Selector>(&item.node)) {
        made.name = selector->name.text;
        made.place = "A selector: headers stand on its values.";
      } else {
        continue;
      }
      all.push_back(std::move(made));
    }
  }
  return all;
}

std::string ProtocolPage(const Protocol& protocol) {
  std::string page = protocol.name + "\n\n";
  if (!protocol.documentation.empty()) page += protocol.documentation + "\n";
  page += protocol.place + "\n";
  size_t longest = 0, widest = 0;
  for (const Protocol::Field& field : protocol.fields) {
    longest = std::max(longest, field.name.size());
    widest = std::max(widest, field.type.size());
  }
  if (!protocol.fields.empty()) page += "\n";
  for (const Protocol::Field& field : protocol.fields) {
    std::string line = fmt::format("  {}.{:<{}}  {:<{}}  {}", protocol.name, field.name, longest,
                                   field.type, widest, field.documentation);
    page += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return page;
}

}  // namespace

std::vector<Explained> ExplainLanguage(std::string_view word) {
  std::vector<Explained> found;
  for (const WordRow& row : kWords) {
    std::vector<std::string> names = NamesIn(row.names);
    if (std::find(names.begin(), names.end(), word) == names.end()) continue;
    std::string page = fmt::format("{}: {}\n\n{}\n", fmt::join(names, ", "), row.summary, row.text);
    std::istringstream lines{std::string(row.example)};
    if (!row.example.empty()) page += "\nExample:\n\n";
    for (std::string line; std::getline(lines, line);) page += "    " + line + "\n";
    page += "\nThe whole is in docs/language.md.\n";
    found.push_back({fmt::format("language {}", word), std::string(row.summary), std::move(page)});
  }
  return found;
}

std::string LanguageIndex() {
  std::string index;
  for (const WordRow& row : kWords) {
    index += fmt::format("{:<44}  {}\n", fmt::format("{}", fmt::join(NamesIn(row.names), ", ")),
                         row.summary);
  }
  return index;
}

std::vector<Explained> ExplainProtocol(std::string_view word) {
  size_t dot = word.find('.');
  std::string_view header = word.substr(0, dot);
  std::string_view field = dot == std::string_view::npos ? word : word.substr(dot + 1);
  std::vector<Explained> found;
  for (const Protocol& protocol : AllProtocols()) {
    if (dot == std::string_view::npos && protocol.name == word) {
      std::string summary = InOneLine(protocol.documentation);
      if (summary.empty()) summary = protocol.place;
      found.push_back({"protocol " + protocol.name, summary, ProtocolPage(protocol)});
    }
    if (dot != std::string_view::npos && protocol.name != header) continue;
    for (const Protocol::Field& each : protocol.fields) {
      if (each.name != field) continue;
      std::string name = protocol.name + "." + each.name;
      std::string page = fmt::format("{}: {}\n", name, each.type);
      if (!each.documentation.empty()) page += "\n" + each.documentation + "\n";
      page += fmt::format("\nThe whole: netc explain protocol {}\n", protocol.name);
      std::string summary = each.documentation.empty() ? each.type : each.documentation;
      found.push_back({"protocol " + name, summary, std::move(page)});
    }
  }
  return found;
}

std::vector<std::string> ProtocolNames() {
  std::vector<std::string> names;
  for (const Protocol& protocol : AllProtocols()) {
    names.push_back(protocol.name);
    for (const Protocol::Field& field : protocol.fields) {
      names.push_back(protocol.name + "." + field.name);
    }
  }
  for (const WordRow& row : kWords) {
    for (std::string& name : NamesIn(row.names)) names.push_back(std::move(name));
  }
  return names;
}

std::string WithoutLinks(std::string_view markdown) {
  static const std::regex kLink(R"(\[([a-z0-9-]+)\]\(([a-z0-9-]+)\.md\))");
  return std::regex_replace(std::string(markdown), kLink, "`netc explain $2`");
}

}  // namespace netc::cli
