// Assigning words of the hook: fields of its context, addresses with their ports, and
// options of the socket.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/word_plan.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;
using hooks::WordType;

namespace {

std::string Version(hooks::KernelVersion version) {
  return fmt::format("{}.{}", version.major, version.minor);
}

uint32_t IndexOf(const hooks::Hook& hook, const hooks::Field& field) {
  return static_cast<uint32_t>(&field - hook.fields.data());
}

}  // namespace

bool BodyChecker::RefuseAssignment(Span span, const std::string& word,
                                   const hooks::WordWrite& plan) {
  const hooks::Hook& hook = *block_->hook;
  if (plan.refusal == hooks::Refusal::kTooNew) {
    context_.diagnostics.Emit(
        diag::Error(
            Kind::kKernelTooOld, span,
            fmt::format("`{}` can be set in {} since Linux {}", word, hook.name,
                        Version(plan.since)),
            fmt::format("this pipeline is for {} and newer", Version(context_.program.floor)))
            .WithHint(fmt::format("here: state the floor in the pipeline: `kernel {};`",
                                  Version(plan.since))));
    return true;
  }
  std::string available = hooks::HooksThatWrite(word);
  const bool helper = plan.option != nullptr;
  auto error = diag::Error(helper ? Kind::kHelperUnavailable : Kind::kFieldAccess, span,
                           fmt::format("`{}` cannot be set in `{}`", word, hook.name),
                           helper ? "needs bpf_setsockopt, which this program type may not call"
                           : available.empty() ? "can only be read"
                                               : "can only be read here");
  error.WithLabel(block_->head, fmt::format("this hook runs as {}", hooks::Name(hook.prog_type)));
  if (!available.empty()) error.WithHint("available in: " + available);
  if (const hooks::Word* row = hooks::FindWord(word)) {
    for (const hooks::WordInstead& instead : row->instead) {
      if (instead.hooks.has(hook.id)) error.WithHint(fmt::format("here: {}", instead.advice));
    }
  }
  context_.diagnostics.Emit(std::move(error));
  return true;
}

// What runs where an assignment failed: the `else`, or the end of the hook.
Block BodyChecker::OnFailure(const ast::Statement& statement, const ast::Assign& node,
                             const std::string& what) {
  if (node.otherwise) {
    Facts before = facts_;
    Block block = Statements(*node.otherwise);
    facts_ = Facts::Either(context_, before, facts_);
    return block;
  }
  Block block;
  block.push_back({statement.span, Fail{fmt::format("{} failed in {}", what, block_->name)}});
  return block;
}

// Puts a value into a field of the context. One of either family into a field of IPv4
// must be an IPv4 address: else `otherwise` runs.
void BodyChecker::PutField(Span span, const hooks::Field& field, ExprPtr value, Block otherwise,
                           Block& out) {
  const uint32_t index = IndexOf(*block_->hook, field);
  const bool narrows = types_[value->type].kind == TypeKind::kIp && field.size == 4;
  if (!narrows) {
    out.push_back({span, AssignContext{index, std::move(value)}});
    return;
  }
  TypeId ipv4 = types_.Simple(TypeKind::kIpv4);
  if (auto* widened = std::get_if<Convert>(&value->node);
      widened && widened->operand->type == ipv4) {
    out.push_back({span, AssignContext{index, std::move(widened->operand)}});
    return;
  }
  LocalId local = AddLocal({"", span}, value->type);
  const TypeId either = value->type;
  auto use = [&] { return MakeExpr(span, either, LocalRef{local}); };
  out.push_back({span, Let{local, std::move(value)}});
  // ::ffff:0:0/96, in which IPv4 addresses stand (RFC 4291, 2.5.5.2).
  Contains::Element mapped;
  mapped.form = Contains::Element::Form::kPrefix;
  mapped.length = 96;
  mapped.first.number = 96;
  mapped.first.bytes[10] = mapped.first.bytes[11] = 0xff;
  If fits;
  fits.condition = MakeExpr(span, types_.Simple(TypeKind::kBool), Contains{use(), {mapped}});
  fits.then.push_back({span, AssignContext{index, MakeExpr(span, ipv4, Convert{use()})}});
  fits.otherwise = std::move(otherwise);
  out.push_back({span, std::move(fits)});
}

TypeId BodyChecker::AssignedType(const std::string& word, WordType type) {
  bool address = type == WordType::kIpv4 || type == WordType::kIpv6;
  if (address && !block_->family_of.empty() && word.ends_with(".addr")) {
    return types_.Simple(TypeKind::kIp);
  }
  return TypeOfWord(types_, type);
}

// `remote = backend;`: the address and the port of a struct or tuple.
bool BodyChecker::AssignEnd(const ast::Statement& statement, const ast::Assign& node,
                            const std::string& end, Block& out) {
  const hooks::HookId id = block_->hook->id;
  const hooks::WordWrite address = hooks::PlanWrite(id, end + ".addr", context_.program.floor);
  const hooks::WordWrite port = hooks::PlanWrite(id, end + ".port", context_.program.floor);
  Span span = node.target->span;
  if (!address.allowed()) return RefuseAssignment(span, end + ".addr", address);
  if (!port.allowed()) return RefuseAssignment(span, end + ".port", port);
  // Written here, it takes the types that are wanted.
  TypeId wanted{};
  if (std::holds_alternative<ast::Tuple>(node.value->node)) {
    StructDecl pair;
    pair.fields = {{"0", AssignedType(end + ".addr", address.type), 0},
                   {"1", types_.Simple(TypeKind::kPort), 0}};
    wanted = types_.AddStruct(std::move(pair));
  }
  ExprPtr value = Value(*node.value, wanted);
  if (value->type == error_type()) return true;
  std::optional<uint32_t> where[2];
  if (types_[value->type].kind == TypeKind::kStruct && !node.op) {
    const StructDecl& decl = types_.struct_of(value->type);
    for (uint32_t i = 0; i < decl.fields.size(); ++i) {
      const bool alone = decl.fields.size() == 2;
      TypeKind kind = types_[decl.fields[i].type].kind;
      bool is_address = kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6 || kind == TypeKind::kIp;
      if (decl.fields[i].name == "addr" || (alone && is_address)) where[0] = i;
      if (decl.fields[i].name == "port" || (alone && !is_address)) where[1] = i;
    }
  }
  if (!where[0] || !where[1]) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kTypeMismatch, node.value->span,
                    fmt::format("`{}` is an address and a port, but this is {}", end,
                                types_.Name(value->type)))
            .WithHint(fmt::format("here: a tuple `(ipv4_addr, port)`, a struct with fields `addr` "
                                  "and `port`, or `{}.addr = …; {}.port = …;`",
                                  end, end)));
    return true;
  }
  const TypeId type = value->type;
  LocalId local = AddLocal({"", span}, type);
  out.push_back({statement.span, Let{local, std::move(value)}});
  auto field = [&](uint32_t index) {
    TypeId field_type = types_.struct_of(type).fields[index].type;
    ExprPtr whole = MakeExpr(node.value->span, type, LocalRef{local});
    return MakeExpr(node.value->span, field_type, FieldOf{std::move(whole), index});
  };
  ExprPtr new_address = Coerce(field(*where[0]), AssignedType(end + ".addr", address.type));
  ExprPtr new_port = Coerce(field(*where[1]), types_.Simple(TypeKind::kPort));
  if (new_address->type == error_type() || new_port->type == error_type()) return true;
  // The port only where the address could be set: both or none.
  Block set;
  PutField(statement.span, *address.field, std::move(new_address), OnFailure(statement, node, end),
           set);
  Block* then = &set;
  if (auto* fits = std::get_if<If>(&set.back().node)) then = &fits->then;
  PutField(statement.span, *port.field, std::move(new_port), {}, *then);
  for (Statement& each : set) out.push_back(std::move(each));
  return true;
}

// `packet.cb[2] = 7;`
bool BodyChecker::AssignPart(const ast::Statement& statement, const ast::Assign& node, Block& out) {
  const auto* index = std::get_if<ast::Index>(&node.target->node);
  auto part = index ? PartOfWord(*index) : std::nullopt;
  if (!part) return false;
  const hooks::Field& field = block_->hook->fields[part->field];
  if (!field.writes.allows(4, static_cast<unsigned>(part->word) * 4)) {
    hooks::WordWrite refused;
    refused.refusal = hooks::Refusal::kNotHere;
    return RefuseAssignment(node.target->span, std::string(field.word), refused);
  }
  TypeId u32 = types_.Unsigned(32);
  ExprPtr current = MakeExpr(node.target->span, u32, *part);
  ExprPtr value = Combined(*this, node, std::move(current), u32);
  if (value->type == error_type()) return true;
  out.push_back({statement.span, AssignContext{part->field, std::move(value), part->word}});
  return true;
}

bool BodyChecker::AssignOption(const ast::Statement& statement, const ast::Assign& node,
                               const std::string& word, const hooks::WordWrite& plan, Block& out) {
  TypeId type = TypeOfWord(types_, plan.type);
  ExprPtr value;
  if (node.op) {
    ExprPtr current = HookWord(node.target->span, word);
    if (!current || current->type == error_type()) return true;
    value = Combined(*this, node, std::move(current), type);
  } else {
    value = Value(*node.value, type);
  }
  if (value->type == error_type()) return true;
  if (plan.type == WordType::kText && !AsConstant(*value)) {
    context_.diagnostics.Emit(diag::Error(Kind::kNotConstant, node.value->span,
                                          fmt::format("`{}` is set to a constant", word),
                                          "is not known when the pipeline is compiled"));
    return true;
  }
  SetOption set{plan.option, plan.object, std::move(value), {}};
  set.otherwise = OnFailure(statement, node, word);
  out.push_back({statement.span, std::move(set)});
  return true;
}

// Whether the target is a word of the hook; then it is assigned, or refused.
bool BodyChecker::AssignWord(const ast::Statement& statement, const ast::Assign& node, Block& out) {
  if (!block_) return false;
  if (AssignPart(statement, node, out)) return true;
  if (AssignSocketValue(statement, node, out)) return true;
  auto dotted = DottedWord(*node.target);
  if (!dotted || context_.symbols.Find(file_, dotted->substr(0, dotted->find('.')))) return false;
  const std::string& word = *dotted;
  if (word == "remote" || word == "local") return AssignEnd(statement, node, word, out);
  if (!hooks::IsWord(word)) {
    return HookWord(node.target->span, word) != nullptr;  // says what is alike
  }
  Span span = node.target->span;
  hooks::WordWrite plan = hooks::PlanWrite(block_->hook->id, word, context_.program.floor);
  if (!plan.allowed()) return RefuseAssignment(span, word, plan);
  if (plan.option) return AssignOption(statement, node, word, plan, out);
  TypeId type = AssignedType(word, plan.type);
  ExprPtr current;
  if (node.op) current = HookWord(span, word);
  if (node.op && (!current || current->type == error_type())) return true;
  ExprPtr value = Combined(*this, node, std::move(current), type);
  if (value->type == error_type()) return true;
  Block otherwise;
  bool narrows = types_[type].kind == TypeKind::kIp && plan.field->size == 4;
  if (narrows) otherwise = OnFailure(statement, node, word);
  PutField(statement.span, *plan.field, std::move(value), std::move(otherwise), out);
  return true;
}

}  // namespace netc::sema
