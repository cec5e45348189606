// Verdicts and rules; assignments to locals, header fields and context fields.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/base/nearest.h"
#include "compiler/hooks/verdict_notes.h"
#include "compiler/sema/body.h"
#include "compiler/sema/reach.h"
#include "compiler/sema/same.h"

namespace netc::sema {

using diag::Kind;

namespace {

// The text of a statement on one line, for reports.
std::string OneLine(std::string_view text) {
  std::string line;
  bool blank = false;
  for (char c : text) {
    bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (space) {
      blank = !line.empty();
      continue;
    }
    if (blank) line += ' ';
    blank = false;
    line += c;
  }
  return line;
}

// Hooks that have the verdict, for "available in".
std::string HooksWith(std::string_view word) {
  std::string list;
  for (const hooks::Hook& hook : hooks::AllHooks()) {
    if (!hook.FindVerdict(word)) continue;
    if (!list.empty()) list += ", ";
    list += hook.name;
  }
  return list;
}

}  // namespace

uint32_t BodyChecker::AddRule(const ast::Statement& statement, const hooks::Verdict* verdict) {
  block_->rules.push_back(
      {statement.span, OneLine(context_.sources.Text(statement.span)), verdict});
  return block_->first_rule + static_cast<uint32_t>(block_->rules.size()) - 1;
}

bool BodyChecker::VerdictStatement(const ast::Statement& statement, const ast::Action& node,
                                   Block& out) {
  std::string phrase = node.word.text;
  size_t used = 0;
  if (!node.arguments.empty()) {
    // Verdicts of two words: `drop congest`.
    const auto* second = std::get_if<ast::NameRef>(&node.arguments[0]->node);
    if (second && block_->hook->FindVerdict(phrase + " " + second->text)) {
      phrase += " " + second->text;
      used = 1;
    }
  }
  const hooks::Verdict* verdict = block_->hook->FindVerdict(phrase);
  if (!verdict) return false;
  if (block_->lsm && !block_->lsm->can_refuse && verdict->form == hooks::VerdictForm::kErrno) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kVerdictUnavailable, statement.span,
                    fmt::format("lsm_cgroup.{} has no verdict `{}`", block_->lsm->name, phrase),
                    "the kernel asks nothing here: the hook returns nothing")
            .WithLabel(block_->head, "this hook knows `pass`"));
    return true;
  }
  bool takes = verdict->form == hooks::VerdictForm::kTarget ||
               verdict->form == hooks::VerdictForm::kSocket ||
               verdict->form == hooks::VerdictForm::kValue;
  bool error = verdict->form == hooks::VerdictForm::kErrno;
  if (!takes && node.arguments.size() > used + (error ? 1 : 0)) {
    context_.diagnostics.Emit(diag::Error(Kind::kWrongArguments, node.arguments[used]->span,
                                          fmt::format("`{}` takes no argument", phrase)));
  }
  uint32_t rule = AddRule(statement, verdict);
  Under(
      statement, node.when, out,
      [&](Block& inner) {
        Verdict checked;
        checked.verdict = verdict;
        if (!node.when) checked.rule = rule;
        if (error && !RefusesWith(node, used, checked)) return;
        bool value = verdict->form == hooks::VerdictForm::kValue;
        if (takes &&
            !(value ? Reply(statement, node, checked) : Target(statement, node, checked))) {
          return;
        }
        // Where the slot is empty, the next statement runs.
        bool ends = !checked.target;
        inner.push_back({statement.span, std::move(checked)});
        if (ends) facts_.SetUnreachable();
      },
      rule);
  return true;
}

// `refuse EACCES;`: the error that the call fails with.
bool BodyChecker::RefusesWith(const ast::Action& node, size_t used, Verdict& checked) {
  if (node.arguments.size() == used) return true;
  const ast::Expr& argument = *node.arguments[used];
  const auto* name = std::get_if<ast::NameRef>(&argument.node);
  std::optional<int32_t> number = name ? hooks::ErrorNumber(name->text) : std::nullopt;
  if (!number) {
    std::string text(context_.sources.Text(argument.span));
    auto error = Unknown(Kind::kUnknownName, argument.span, "error", text, hooks::AllErrorNames());
    context_.diagnostics.Emit(
        std::move(error.WithHint("here: an error by its name, as in `refuse EACCES;`")));
    return false;
  }
  hooks::Access access = hooks::AccessHelper(block_->hook->id, *hooks::FindHelper("bpf_set_retval"),
                                             context_.program.floor);
  if (!access.allowed()) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kKernelTooOld, argument.span,
                    fmt::format("another error than EPERM can be given since Linux {}.{}",
                                access.since.major, access.since.minor))
            .WithHint("here: `refuse;`"));
    return false;
  }
  checked.error = *number;
  return true;
}

void BodyChecker::CheckAction(const ast::Statement& statement, const ast::Action& node,
                              Block& out) {
  if (!block_) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongPlace, statement.span,
                    fmt::format("`{}` stands only in a hook", node.word.text)));
    return;
  }
  if (VerdictStatement(statement, node, out)) return;
  if (control_) {
    context_.diagnostics.Emit(diag::Error(
        Kind::kWrongPlace, statement.span,
        fmt::format("`{}`: members of a congestion control have no verdicts", node.word.text)));
    return;
  }
  if (EffectStatement(statement, node, out)) return;
  std::vector<std::string> known;
  for (const hooks::Verdict& verdict : block_->hook->verdicts) known.emplace_back(verdict.word);
  std::string elsewhere = HooksWith(node.word.text);
  if (!elsewhere.empty()) {
    auto error =
        diag::Error(Kind::kVerdictUnavailable, node.word.span,
                    fmt::format("{} has no verdict `{}`", block_->hook->name, node.word.text))
            .WithLabel(block_->head, fmt::format("this hook knows {}", AnyOf(known)))
            .WithHint("available in: " + elsewhere);
    std::string_view why = hooks::WhyLacking(block_->hook->id, node.word.text);
    if (!why.empty()) error.WithHint(fmt::format("here: {}", why));
    context_.diagnostics.Emit(std::move(error));
    return;
  }
  context_.diagnostics.Emit(
      Unknown(Kind::kUnknownVerdict, node.word.span,
              fmt::format("verdict or effect of {}", block_->hook->name), node.word.text, known)
          .WithLabel(block_->head, fmt::format("this hook knows {}", AnyOf(known))));
}

// `value` op= makes target = target op value.
ExprPtr Combined(BodyChecker& checker, const ast::Assign& node, ExprPtr current, TypeId type) {
  ExprPtr value = checker.Value(*node.value, type);
  if (!node.op || value->type == TypeId{}) return value;
  TypeTable& types = checker.context().program.types;
  if (!types.IsNumber(type) && types[type].kind != TypeKind::kFlags) {
    checker.context().diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.target->span,
                    fmt::format("{} can't be counted with", types.Name(type))));
    return MakeExpr(node.value->span, TypeId{}, Constant{});
  }
  auto op = static_cast<BinaryOp>(static_cast<int>(*node.op));
  return MakeExpr(node.value->span, type, Binary{op, std::move(current), std::move(value)});
}

bool BodyChecker::AssignPlace(const ast::Statement& statement, const ast::Assign& node,
                              Block& out) {
  const ast::Expr& origin = RootOf(*node.target);
  const auto* name = std::get_if<ast::NameRef>(&origin.node);
  const std::string* root = name ? &name->text : nullptr;
  bool of_socket = control_ && root && *root == "sk" && !FindLocal(*root);
  if (of_socket) return AssignWord(statement, node, out);
  if (control_ && !(root && FindLocal(*root))) return AssignMemberWord(statement, node, out);
  if (const LocalInfo* local = root ? FindLocal(*root) : nullptr) {
    AssignLocalPath(statement, node, *local, origin, out);
    return true;
  }
  if (const auto* member = std::get_if<ast::Member>(&node.target->node)) {
    auto protocol = AsProtocol(*member->object);
    if (protocol && protocol->header) {
      AssignHeaderField(statement, node, *protocol->header, member->name, out);
      return true;
    }
    if (protocol) {
      RefuseViewField(node, *protocol->view, member->name);
      return true;
    }
  }
  if (AssignWord(statement, node, out)) return true;
  context_.diagnostics.Emit(
      diag::Error(Kind::kNotAssignable, node.target->span, "this can't be assigned to"));
  return true;
}

// Which header it would be is decided by the packet, so each is assigned by itself.
void BodyChecker::RefuseViewField(const ast::Assign& node, ViewRef ref, const ast::Name& name) {
  const View& view = context_.views[ref.view];
  auto error = diag::Error(Kind::kNotAssignable, node.target->span,
                           fmt::format("fields of the view `{}` can't be assigned", view.name));
  auto found = std::find_if(view.members.begin(), view.members.end(),
                            [&](const ViewMember& m) { return m.name == name.text; });
  if (found == view.members.end()) {
    Check(*node.target, {});  // there is no such field, which is what is said
    return;
  }
  std::string_view rest =
      context_.sources.Text({node.target->span.file, node.target->span.end, node.value->span.end});
  std::string each;
  for (size_t i = 0; i < view.alternatives.size(); ++i) {
    const std::string& header = context_.header(view.alternatives[i]).name;
    each += fmt::format("{}`{}.{}{} when {};`", i == 0 ? "" : " ", header, found->sources[i], rest,
                        header);
  }
  context_.diagnostics.Emit(std::move(error.WithHint("here, for each header: " + each)));
}

void BodyChecker::AssignLocalPath(const ast::Statement& statement, const ast::Assign& node,
                                  const LocalInfo& local, const ast::Expr& root, Block& out) {
  const Local declared = (*locals_)[static_cast<uint32_t>(local.id)];
  if (types_[declared.type].kind == TypeKind::kObject) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotAssignable, node.target->span,
                    fmt::format("the fields of a {} that a call gave are only read",
                                types_.Name(declared.type)),
                    "is the kernel's")
            .WithLabel(declared.span, "is bound here"));
    return;
  }
  if (!local.is_var) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kNotAssignable, node.target->span,
                    fmt::format("`{}` is bound once, by `let`", declared.name))
            .WithLabel(declared.span, "is bound here")
            .WithHint("here: bind it with `var` if it is to change"));
    return;
  }
  AssignLocal checked{local.id, {}, nullptr};
  TypeId type = declared.type;
  if (type == error_type()) return;  // what it was bound to is refused
  if (!FindPlace(*node.target, root, checked.path, type)) return;
  ExprPtr current =
      AtPlace(node.target->span, MakeExpr(node.target->span, declared.type, LocalRef{local.id}),
              checked.path);
  checked.value = Combined(*this, node, std::move(current), type);
  if (checked.value->type == error_type()) return;
  if (HasCall(*checked.value) || CallsIn(checked.path)) {
    // Indexes are evaluated once, and before the value.
    BindIndexes(checked.path, out);
    if (node.op) {
      std::get<Binary>(checked.value->node).left =
          AtPlace(node.target->span, MakeExpr(node.target->span, declared.type, LocalRef{local.id}),
                  checked.path);
    }
  }
  out.push_back({statement.span, std::move(checked)});
}

// A CRC covers what it covers bit by bit: where another checksum in it changes as well,
// there are two changes, of which lowering follows one.
bool BodyChecker::CanKeepChecksums(Span span, HeaderRef ref, uint32_t field) {
  std::vector<Covering> coverings = CoveringsOf(context_.program, ref, field);
  for (size_t i = 1; i < coverings.size(); ++i) {
    const Header& header = context_.header(coverings[i].header.header);
    if (header.checksum->algorithm != Checksum::Algorithm::kCrc32c) continue;
    const Header& before = context_.header(coverings[i - 1].header.header);
    context_.diagnostics.Emit(diag::Error(
        Kind::kUnsupported, span,
        fmt::format("{} can't be rewritten in {}", context_.header(ref.header).name, header.name),
        fmt::format("the checksum of {} changes too, and the CRC32c of {} covers both", before.name,
                    header.name)));
    return false;
  }
  return true;
}

void BodyChecker::AssignHeaderField(const ast::Statement& statement, const ast::Assign& node,
                                    HeaderRef ref, const ast::Name& name, Block& out) {
  ExprPtr current = HeaderMemberValue(node.target->span, ref, name);
  if (current->type == error_type()) return;
  const auto* read = std::get_if<FieldRead>(&current->node);
  if (!read) {
    context_.diagnostics.Emit(diag::Error(Kind::kNotAssignable, node.target->span,
                                          fmt::format("`{}` is computed, not a field", name.text)));
    return;
  }
  uint32_t index = read->field;
  const HeaderField& field = context_.header(ref.header).fields[index];
  if (field.is_layout) {
    context_.diagnostics.Emit(
        diag::Error(
            Kind::kNotAssignable, node.target->span,
            fmt::format("`{}` says how the packet is laid out and can't be assigned", field.name))
            .WithLabel(field.span, "is a layout field")
            .WithHint("here: `push HEADER` and `pop HEADER` change the layout and keep such fields "
                      "right"));
    return;
  }
  if (!CanChangePackets()) {
    context_.diagnostics.Emit(PacketsAreKept(node.target->span));
    return;
  }
  if (function_ && !control_) {
    auto& first = OwnNeeds().assigned;
    if (!first) first = node.target->span;
  }
  if (!CanKeepChecksums(node.target->span, ref, index)) return;
  TypeId type = current->type;
  ExprPtr value = Combined(*this, node, std::move(current), type);
  if (value->type == error_type()) return;
  if (types_.IsInteger(type) && !FitsField(context_.program, *value, field, locals_)) {
    context_.diagnostics.Emit(NotFitting(*value, field));
    return;
  }
  out.push_back({statement.span, AssignField{ref, index, std::move(value)}});
}

bool BodyChecker::CanChangePackets() const {
  return !block_ || block_->hook->packet.direct_write || !block_->hook->packet.store.empty();
}

diag::Diagnostic BodyChecker::PacketsAreKept(Span span) const {
  return diag::Error(Kind::kFieldAccess, span,
                     fmt::format("packets can't be changed in {}", block_->hook->name))
      .WithLabel(block_->head, "this hook can only read them")
      .WithHint("available in: xdp, tc.ingress, tc.egress");
}

ExprPtr BodyChecker::ValueFor(const ast::Expr& expr, const HeaderField& field) {
  ExprPtr value = Value(expr, field.type);
  if (value->type == error_type()) return nullptr;
  if (!types_.IsInteger(field.type) || FitsField(context_.program, *value, field)) return value;
  context_.diagnostics.Emit(NotFitting(*value, field));
  return nullptr;
}

diag::Diagnostic BodyChecker::NotFitting(const Expr& value, const HeaderField& field) const {
  uint64_t most = field.bits >= 64 ? ~0ull : (1ull << field.bits) - 1;
  std::string how = types_[field.type].is_signed
                        ? fmt::format("cast it, as in `… as {}`", types_.Name(field.type))
                        : fmt::format("mask it, as in `… & {:#x}`", most);
  return diag::Error(
             Kind::kNarrowing, value.span,
             fmt::format("this may not fit into the {} bits of `{}`", field.bits, field.name))
      .WithHint("here: " + how);
}

}  // namespace netc::sema
