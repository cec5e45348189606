#include "compiler/reference/word.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/cc.h"
#include "compiler/reference/phrases.h"
#include "compiler/reference/text.h"

namespace netc::reference {

using namespace hooks;

namespace {

constexpr std::string_view kStorage = "storage.";

const Field* FieldWithWord(HookId id, std::string_view word) {
  for (const Field& field : Get(id).fields) {
    if (field.word == word) return &field;
  }
  return nullptr;
}

void UseAbstract(const Word& word, HookId id, WordUse& use) {
  const WordAccess access = AccessWord(id, word, kAnyKernel);
  if (access.source == nullptr) {
    use.instead = access.instead;
    use.needs = access.needs;
    return;
  }
  use.made_of = SourcePhrase(id, *access.source);
  use.access = word.name.starts_with(kStorage) ? "state" : "read";
  use.since = access.since;
}

void UseField(const Field& field, HookId id, WordUse& use) {
  if (use.made_of.empty()) {
    use.made_of = fmt::format("`ctx->{}`", field.name);
    use.since = std::max(field.since, Get(id).since);
    if (field.readable()) use.access = "read";
  }
  if (field.writable()) use.access += use.access.empty() ? "write" : ", write";
}

// What stands behind a socket pointer is also read through the context's socket.
void UsePointee(std::string_view word, HookId id, WordUse& use) {
  for (const PointeeField& row : AllPointeeFields()) {
    if (row.field.word != word || row.pointer != Pointer::kTcpSock) continue;
    const Access access = AccessHelper(id, *FindHelper("bpf_tcp_sock"), kAnyKernel);
    if (!access.allowed()) continue;
    use.made_of = fmt::format("`{}` of TCP socket", row.field.name);
    use.access = "read";
    use.since = std::max(access.since, row.field.since);
    return;
  }
}

void UseOption(const SocketOption& option, HookId id, WordUse& use) {
  const Access access = AccessOption(id, option, kAnyKernel);
  if (!access.allowed()) return;
  if (use.made_of.empty()) {
    use.made_of = fmt::format("`bpf_setsockopt`, {}, of {}", option.c_name,
                              ArgumentPhrase(id, access.call->arguments[0]));
    use.since = access.since;
  }
  use.access += use.access.empty() ? "set" : ", set";
}

void UseConnection(const CcField& field, HookId id, WordUse& use) {
  if (FindCcMember(id) == nullptr || !use.made_of.empty()) return;
  use.made_of = fmt::format("`tcp_sock->{}`", field.path);
  use.since = Get(id).since;
  use.access = "read";
  if (field.writable_since != KernelVersion{}) {
    use.access += field.writable_since <= use.since
                      ? ", write"
                      : fmt::format(", write since {}", Version(field.writable_since));
  }
}

}  // namespace

std::vector<std::string> AllWrittenWords() {
  std::vector<std::string> words;
  const auto add = [&](std::string_view word) {
    if (word.empty() || std::find(words.begin(), words.end(), word) != words.end()) return;
    words.emplace_back(word);
  };
  for (const Word& word : AllWords()) add(word.name);
  for (const Hook& hook : AllHooks()) {
    for (const Field& field : hook.fields) add(field.word);
  }
  for (const PointeeField& row : AllPointeeFields()) add(row.field.word);
  for (const SocketOption& option : AllSocketOptions()) add(option.word);
  for (const CcField& field : AllCcFields()) add(field.word);
  return words;
}

std::string WordMeaning(std::string_view word) {
  if (const Word* row = FindWord(word)) return std::string(row->meaning);
  if (const SocketOption* option = FindSocketOption(word)) {
    return fmt::format("{} of the socket, {}", option->c_name, UnitPhrase(option->unit));
  }
  if (const CcField* field = FindCcField(word)) {
    return fmt::format("{} of the connection", field->path);
  }
  for (const Hook& hook : AllHooks()) {
    if (const Field* field = FieldWithWord(hook.id, word)) {
      return fmt::format("{} of the hook's context", field->name);
    }
  }
  return "read through a socket";
}

std::string WordAlias(std::string_view word) {
  if (!word.starts_with(kStorage)) return {};
  return "per " + std::string(word.substr(kStorage.size()));
}

WordUse UseOf(std::string_view word, HookId id) {
  WordUse use;
  if (const Word* row = FindWord(word)) UseAbstract(*row, id, use);
  if (const Field* field = FieldWithWord(id, word)) UseField(*field, id, use);
  if (use.made_of.empty()) UsePointee(word, id, use);
  if (const SocketOption* option = FindSocketOption(word)) UseOption(*option, id, use);
  if (const CcField* field = FindCcField(word)) UseConnection(*field, id, use);
  return use;
}

}  // namespace netc::reference
