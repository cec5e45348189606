// Words of the hook: as the world gives them, and as the run has assigned them.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/interpret/interpreter.h"

namespace netc::interpret {

namespace {

// "packet.mark", "packet.cb[2]"
std::string NameOfField(const hooks::Field& field, int part) {
  return part < 0 ? std::string(field.word) : fmt::format("{}[{}]", field.word, part);
}

}  // namespace

std::optional<Value> Interpreter::GivenWord(std::string_view word) const {
  for (const auto& [name, number] : assigned_) {
    if (name == word) return Value::Of(number);
  }
  for (const auto& [name, number] : world.words) {
    if (name == word) return Value::Of(number);
  }
  for (const auto& [name, address] : world.addresses) {
    if (name == word) return Value{0, address, nullptr};
  }
  return std::nullopt;
}

Value Interpreter::ReadWord(const sema::ContextField& node) {
  const hooks::Field& field = block_->hook->fields[node.field];
  if (field.word == "packet.protocol" && protocol_) return Value::Of(*protocol_);
  if (auto given = GivenWord(NameOfField(field, node.word))) return *given;
  return Value::Of(field.word == "packet.protocol" ? PacketProtocol() : 0);
}

Interpreter::Found Interpreter::ReadWord(const sema::WordRead& node) {
  const hooks::Needs needs = node.plan->source.has;
  bool graded = needs <= hooks::Needs::kTcp;
  if (!node.known && graded && world.socket && *world.socket < needs) return {};
  auto given = GivenWord(node.word);
  if (!given) throw NotInterpretable{fmt::format("`{}` is the kernel's", node.word)};
  return {true, *given, {}, nullptr};
}

bool Interpreter::HasSocket(const sema::SocketTest& node) const {
  if (!world.socket) throw NotInterpretable{"whether there is a socket is the kernel's"};
  return *world.socket >= node.level;
}

void Interpreter::Execute(const sema::AssignContext& node) {
  const hooks::Field& field = block_->hook->fields[node.field];
  Value value = Evaluate(*node.value);
  if (IsAddress(types(), node.value->type))
    throw NotInterpretable{"an address of the hook's is assigned"};
  AssignWord(NameOfField(field, node.word), value.number);
}

void Interpreter::AssignWord(std::string name, uint64_t value) {
  std::erase_if(assigned_, [&](const auto& each) { return each.first == name; });
  assigned_.emplace_back(std::move(name), value);
}

}  // namespace netc::interpret
