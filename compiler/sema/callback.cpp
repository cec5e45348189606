// Callbacks of sockops: `case established { … }`, and `reply`, which answers one.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/base/nearest.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;
using hooks::CallbackReply;

namespace {

std::vector<std::string> CallbackWords() {
  std::vector<std::string> words;
  for (const hooks::Callback& callback : hooks::AllCallbacks()) {
    bool known = std::find(words.begin(), words.end(), callback.word) != words.end();
    if (!known) words.emplace_back(callback.word);
  }
  return words;
}

std::string CallbacksWithReply() {
  std::string list;
  for (const hooks::Callback& callback : hooks::AllCallbacks()) {
    if (callback.reply == CallbackReply::kNothing) continue;
    list += fmt::format("{}`case {}`", list.empty() ? "" : ", ", callback.word);
  }
  return list;
}

// `op` is one of the callbacks' numbers.
ExprPtr IsOneOf(TypeTable& types, Span span, const hooks::Hook& hook,
                const std::vector<const hooks::Callback*>& callbacks) {
  auto field = std::find_if(hook.fields.begin(), hook.fields.end(),
                            [](const hooks::Field& row) { return row.name == "op"; });
  TypeId u32 = types.Unsigned(32), boolean = types.Simple(TypeKind::kBool);
  Or any;
  for (const hooks::Callback* callback : callbacks) {
    ExprPtr op =
        MakeExpr(span, u32, ContextField{static_cast<uint32_t>(field - hook.fields.begin())});
    any.operands.push_back(
        MakeExpr(span, boolean,
                 Compare{CompareOp::kEq, std::move(op), MakeNumber(span, u32, callback->number)}));
  }
  if (any.operands.size() == 1) return std::move(any.operands[0]);
  return MakeExpr(span, boolean, std::move(any));
}

}  // namespace

void BodyChecker::CheckCase(const ast::Statement& statement, const ast::Case& node, Block& out) {
  if (!block_ || !hooks::HasCallbacks(block_->hook->id)) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongPlace, statement.span, "`case` names a callback of sockops"));
    return;
  }
  if (!callbacks_.empty()) {
    context_.diagnostics.Emit(diag::Error(Kind::kWrongPlace, statement.span,
                                          "a `case` can't stand in another",
                                          "one run of the program is one callback"));
    return;
  }
  std::vector<const hooks::Callback*> callbacks;
  for (const hooks::Callback& callback : hooks::AllCallbacks()) {
    if (callback.word == node.name.text) callbacks.push_back(&callback);
  }
  if (callbacks.empty()) {
    context_.diagnostics.Emit(Unknown(Kind::kUnknownName, node.name.span, "callback of sockops",
                                      node.name.text, CallbackWords())
                                  .WithHint("callbacks: " + AnyOf(CallbackWords())));
    return;
  }
  for (const hooks::Callback* callback : callbacks) {
    block_->callback_flags |= hooks::FlagValue(*callback);
  }
  If checked;
  checked.condition = IsOneOf(types_, node.name.span, *block_->hook, callbacks);
  Facts before = facts_;
  bool full = std::all_of(callbacks.begin(), callbacks.end(), [](const hooks::Callback* callback) {
    return callback->socket == hooks::CallbackSocket::kFull;
  });
  if (full) facts_.AddSocket(hooks::SocketModelOf(block_->hook->id).full);
  callbacks_ = std::move(callbacks);
  Under(statement, node.when, checked.then, [&](Block& inner) {
    for (Statement& each : Statements(node.body)) inner.push_back(std::move(each));
  });
  callbacks_.clear();
  facts_ = Facts::Either(context_, facts_, before);
  out.push_back({statement.span, std::move(checked)});
}

bool BodyChecker::Reply(const ast::Statement& statement, const ast::Action& node,
                        Verdict& checked) {
  if (callbacks_.empty()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongPlace, statement.span, "`reply` answers a callback: which?")
            .WithHint("here: put it into one, as in `case syn_timeout { reply 200ms; }`"));
    return false;
  }
  const hooks::Callback& callback = *callbacks_.front();
  if (callback.reply == CallbackReply::kNothing) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kVerdictUnavailable, statement.span,
                    fmt::format("the kernel asks nothing in `case {}`", callback.word))
            .WithHint("available in: " + CallbacksWithReply()));
    return false;
  }
  if (node.arguments.size() != 1) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongArguments, statement.span, "`reply` takes one value, the answer"));
    return false;
  }
  checked.reply = callback.reply;
  TypeId type = types_.Unsigned(32);
  if (callback.reply == CallbackReply::kYesNo) type = types_.Simple(TypeKind::kBool);
  bool time =
      callback.reply == CallbackReply::kJiffies || callback.reply == CallbackReply::kMicroseconds;
  if (time) type = types_.Simple(TypeKind::kDuration);
  ExprPtr value = Value(*node.arguments[0], type);
  if (value->type == error_type()) return false;
  checked.arguments.push_back(std::move(value));
  return true;
}

}  // namespace netc::sema
