#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/explain_files.h"
#include "cli/explain_language.h"
#include "cli/output.h"
#include "compiler/base/nearest.h"
#include "compiler/base/source.h"
#include "compiler/hooks/names.h"
#include "compiler/reference/page.h"
#include "compiler/reference/subject.h"

namespace netc::cli {
namespace {

namespace fs = std::filesystem;
using reference::Subject;
using runtime::Exit;

struct ExplainOptions {
  std::vector<std::string> words;
  std::string table;
  std::string hook;
  std::string pages;
  std::string examples;
  bool json = false;
};

int Refuse(const std::string& message, std::vector<std::string> details, bool json) {
  return ShowFailure({Exit::kUsage, message, std::move(details)}, json);
}

std::vector<std::string> DidYouMean(const std::vector<std::string>& near) {
  if (near.empty()) return {};
  return {fmt::format("did you mean {}?", AnyOf(near))};
}

// Of the terminal; a file gets lines that most terminals show whole.
size_t Width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 40) return 100;
  return size.ws_col;
}

int ShowDiagnostic(const std::string& name) {
  ReadResult page = ReadSource((ExplainFolder() / (name + ".md")).string());
  if (!page.ok) {
    return Refuse(fmt::format("the page of `{}` can't be read: {}", name, page.error), {}, false);
  }
  fmt::print("{}", WithoutLinks(page.text));
  return 0;
}

int Show(const Subject& subject) {
  if (subject.category == reference::Category::kDiagnostic) return ShowDiagnostic(subject.name);
  fmt::print("{}", RenderText(reference::PageOf(subject, ReadMakings()), Width()));
  return 0;
}

int List(const std::string& word, const std::vector<const Subject*>& found,
         const std::vector<Explained>& more) {
  fmt::print("`{}` can mean:\n", word);
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Subject* subject : found) {
    rows.emplace_back(fmt::format("netc explain {} {}", Name(subject->category), subject->name),
                      subject->summary);
  }
  for (const Explained& each : more)
    rows.emplace_back("netc explain " + each.command, each.summary);
  size_t longest = 0;
  for (const auto& [command, summary] : rows) longest = std::max(longest, command.size());
  for (const auto& [command, summary] : rows) {
    fmt::print("  {:<{}}  {}\n", command, longest, summary);
  }
  return 0;
}

// Of the language and of the library's protocols; `options` may say of which.
std::vector<Explained> OfLanguage(const std::vector<std::string>& words) {
  std::string word = words[0];
  bool language = true, protocol = true;
  if (words.size() == 2) {
    language = words[0] == "language";
    protocol = words[0] == "protocol";
    word = words[1];
  }
  if (words.size() > 2) return {};
  std::vector<Explained> found;
  if (language) found = ExplainLanguage(word);
  if (protocol) {
    for (Explained& each : ExplainProtocol(word)) found.push_back(std::move(each));
  }
  return found;
}

std::string Joined(const std::vector<std::string>& words, size_t from) {
  return fmt::format("{}",
                     fmt::join(words.begin() + static_cast<ptrdiff_t>(from), words.end(), " "));
}

int ExplainWord(const ExplainOptions& options) {
  std::string word = Joined(options.words, 0);
  std::optional<reference::Category> category;
  std::vector<const Subject*> found = reference::Find(word);
  if (found.empty() && options.words.size() > 1) {
    category = reference::FindCategory(options.words[0]);
    if (category) {
      word = Joined(options.words, 1);
      found = reference::Find(word, category);
    }
  }
  const std::vector<Explained> more = OfLanguage(options.words);
  if (found.size() == 1 && more.empty()) return Show(*found[0]);
  if (found.empty() && more.size() == 1) {
    fmt::print("{}", more[0].page);
    return 0;
  }
  if (!found.empty() || !more.empty()) return List(word, found, more);
  if (options.words.size() == 1 && word == "language") {
    fmt::print("{}", LanguageIndex());
    return 0;
  }
  const std::string what = category ? fmt::format("there is no {} `{}`", Name(*category), word)
                                    : fmt::format("netc knows nothing that is called `{}`", word);
  std::vector<std::string> near = reference::NearNames(word, category);
  if (near.empty() && !category) near = NearestNames(word, ProtocolNames());
  std::vector<std::string> details = DidYouMean(near);
  details.emplace_back(
      "all there is: netc explain --table hooks|helpers|kfuncs|fields|storage|verdicts|words, and "
      "netc explain language");
  return Refuse(what, std::move(details), options.json);
}

int ShowTable(const ExplainOptions& options) {
  reference::TableRequest request{options.table, {}};
  for (const hooks::Hook& hook : hooks::AllHooks()) request.hooks = request.hooks | hook.id;
  if (!options.hook.empty()) {
    const auto resolved = hooks::ResolveName(options.hook);
    const hooks::Hook* row = hooks::FindHook(options.hook);
    if (!resolved && row == nullptr) {
      return Refuse(fmt::format("there is no hook `{}`", options.hook),
                    DidYouMean(hooks::Nearest(options.hook, hooks::AllNames())), options.json);
    }
    request.hooks = resolved ? resolved->hooks : hooks::HookSet(row->id);
  }
  const reference::Table table = reference::TableOf(request);
  if (!options.json) {
    fmt::print("{}", RenderText(table, Width()));
    return 0;
  }
  for (const std::vector<std::string>& row : table.rows) {
    Json json = {{"type", "row"}, {"table", options.table}};
    for (size_t i = 0; i < row.size(); ++i) {
      std::string key = table.header[i];
      std::replace(key.begin(), key.end(), ' ', '_');
      std::string value = row[i];
      value.erase(std::remove(value.begin(), value.end(), '`'), value.end());
      json[key] = value;
    }
    WriteJson(json);
  }
  return 0;
}

int Explain(const ExplainOptions& options) {
  if (!options.pages.empty()) return WritePages(options.pages);
  if (!options.examples.empty()) return WriteExamples(options.examples);
  if (!options.table.empty()) return ShowTable(options);
  if (!options.words.empty()) return ExplainWord(options);
  return Refuse("explain what?",
                {"a word: netc explain xdp", "a table: netc explain --table verdicts"},
                options.json);
}

}  // namespace

void AddExplain(CLI::App& app, Action& action) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command = app.add_subcommand("explain", "Say what a word, a hook or an error means");
  command->footer(
      "WHAT is a hook, verdict, word, field, helper, kfunc, map type, effect, attribute, socket\n"
      "option, callback or diagnostic: what it is, where it is legal, since when, an example. Or "
      "a\n"
      "word of the language, a protocol or its field. If a word means several things, netc lists\n"
      "them and how to ask for each.\n\n"
      "Examples:\n"
      "  netc explain tcp.dport\n"
      "  netc explain limiter                   netc explain language lists such words\n"
      "  netc explain xdp\n"
      "  netc explain bpf_setsockopt            which object it takes in each hook\n"
      "  netc explain field mark\n"
      "  netc explain presence-unclear          an error's name, as in [presence-unclear]\n"
      "  netc explain --table helpers --hook sockops\n"
      "  netc explain --table verdicts --json   one object a line\n\n"
      "Exit code: 0, or 2 if there is no such thing.");
  command->add_option("WHAT", options->words, "What to explain, perhaps behind what kind it is");
  command
      ->add_option("--table", options->table,
                   "List all: hooks, helpers, kfuncs, fields, storage, verdicts or words")
      ->option_text("NAME")
      ->check(CLI::IsMember(reference::TableNames()));
  command->add_option("--hook", options->hook, "Only what this hook allows")
      ->option_text("HOOK")
      ->needs("--table");
  command->add_flag("--json", options->json, "Answer in JSON, one object a line")->needs("--table");
  command->add_option("--pages", options->pages, "Write a page for each hook, as in docs/hooks")
      ->option_text("DIR");
  command->add_option("--examples", options->examples, "Write every example there is")
      ->option_text("DIR");
  command->callback([options, &action] { action = [options] { return Explain(*options); }; });
}

}  // namespace netc::cli
