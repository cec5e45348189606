// Words that a hook gives: what they are made of there, whether they have a value, and
// why the hook has not got them.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/hooks/c_text.h"
#include "compiler/hooks/word_plan.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;
using hooks::Needs;
using hooks::SourceKind;
using hooks::WordType;

namespace {

// Below these words of a hook stand, and nothing else.
constexpr std::string_view kRoots[] = {"sk",     "remote", "local", "netns",
                                       "cgroup", "task",   "packet"};

std::string_view FirstPart(std::string_view word) {
  return word.substr(0, word.find('.'));
}

std::string Version(hooks::KernelVersion version) {
  return fmt::format("{}.{}", version.major, version.minor);
}

std::optional<std::string> Dotted(const ast::Expr& expr) {
  if (const auto* name = std::get_if<ast::NameRef>(&expr.node)) return name->text;
  const auto* member = std::get_if<ast::Member>(&expr.node);
  if (!member) return std::nullopt;
  auto object = Dotted(*member->object);
  return object ? std::optional(*object + "." + member->name.text) : std::nullopt;
}

}  // namespace

TypeId TypeOfWord(TypeTable& types, WordType type) {
  switch (type) {
    case WordType::kNone:
      return {};
    case WordType::kCondition:
    case WordType::kBool:
      return types.Simple(TypeKind::kBool);
    case WordType::kU8:
      return types.Unsigned(8);
    case WordType::kU16:
      return types.Unsigned(16);
    case WordType::kU32:
      return types.Unsigned(32);
    case WordType::kU64:
      return types.Unsigned(64);
    case WordType::kI32:
      return types.Integer(32, true);
    case WordType::kPort:
      return types.Simple(TypeKind::kPort);
    case WordType::kIpv4:
      return types.Simple(TypeKind::kIpv4);
    case WordType::kIpv6:
      return types.Simple(TypeKind::kIpv6);
    case WordType::kIp:
      return types.Simple(TypeKind::kIp);
    case WordType::kDuration:
      return types.Simple(TypeKind::kDuration);
    case WordType::kSize:
      return types.Simple(TypeKind::kSize);
    case WordType::kBitrate:
      return types.Simple(TypeKind::kBitrate);
    case WordType::kText:
      return types.Intern({.kind = TypeKind::kString, .count = kTextBytes});
  }
  return {};
}

// The dotted name that an expression is, unless a local begins it.
std::optional<std::string> BodyChecker::DottedWord(const ast::Expr& expr) const {
  auto word = Dotted(expr);
  if (!word || FindLocal(std::string(FirstPart(*word)))) return std::nullopt;
  return word;
}

// `packet.cb[2]`: 32 bits of a word that is an array.
std::optional<ContextField> BodyChecker::PartOfWord(const ast::Index& node) {
  auto word = DottedWord(*node.object);
  if (!word || !block_ || !block_->hook) return std::nullopt;
  auto fields = block_->hook->fields;
  for (uint32_t i = 0; i < fields.size(); ++i) {
    bool array = fields[i].c_type.find('[') != std::string_view::npos &&
                 fields[i].order == hooks::ByteOrder::kHost;
    if (fields[i].word != *word || !array) continue;
    uint32_t count = fields[i].size / 4;
    ExprPtr index = ConstantOf(*node.index, types_.Unsigned(32));
    if (!index) return ContextField{i, 0};
    uint64_t at = AsConstant(*index)->number;
    if (at >= count) {
      context_.diagnostics.Emit(
          diag::Error(Kind::kTooMany, node.index->span,
                      fmt::format("`{}` has elements 0 to {}", *word, count - 1)));
      return ContextField{i, 0};
    }
    return ContextField{i, static_cast<int>(at)};
  }
  return std::nullopt;
}

// What is known of the hook's socket here.
Needs BodyChecker::KnownSocket() const {
  if (facts_.unreachable()) return Needs::kTcp;
  return std::max(facts_.socket(), hooks::SocketModelOf(block_->hook->id).least);
}

// What must be known for the word to have a value for certain.
static Needs WantedFor(Needs has) {
  return has == Needs::kFound ? Needs::kSocket : has;
}

// `sk` and `sk.tcp` are conditions: what must be there for them to hold.
std::optional<Needs> BodyChecker::AsSocketTest(const ast::Expr& expr) {
  if (!block_ || !block_->hook) return std::nullopt;
  auto word = DottedWord(expr);
  if (word != "sk" && word != "sk.tcp") return std::nullopt;
  hooks::SocketModel model = hooks::SocketModelOf(block_->hook->id);
  if (model.full == Needs::kNothing) return std::nullopt;
  return word == "sk" ? Needs::kFull : Needs::kTcp;
}

// The condition behind which a word has a value.
std::string_view BodyChecker::SocketWordFor(Needs has) const {
  bool tcp = has == Needs::kTcp && hooks::SocketModelOf(block_->hook->id).full != Needs::kTcp;
  return tcp ? "sk.tcp" : "sk";
}

CheckedCondition BodyChecker::CheckSocketTest(Span span, Needs level) {
  CheckedCondition result{nullptr, facts_, facts_};
  hooks::SocketModel model = hooks::SocketModelOf(block_->hook->id);
  result.if_true.AddSocket(std::max(level, model.full));
  if (KnownSocket() >= level) {
    result.expr = MakeBool(types_, span, true);
  } else {
    result.expr = MakeExpr(span, types_.Simple(TypeKind::kBool), SocketTest{level});
  }
  return result;
}

ExprPtr BodyChecker::RefuseWord(Span span, const std::string& word, const hooks::WordPlan& plan) {
  const hooks::Hook& hook = *block_->hook;
  if (plan.refusal == hooks::Refusal::kTooNew) {
    context_.diagnostics.Emit(
        diag::Error(
            Kind::kKernelTooOld, span,
            fmt::format("`{}` can be read in {} since Linux {}", word, hook.name,
                        Version(plan.since)),
            fmt::format("this pipeline is for {} and newer", Version(context_.program.floor)))
            .WithHint(fmt::format("here: state the floor in the pipeline: `kernel {};`",
                                  Version(plan.since))));
    return Error(span);
  }
  bool helper = !plan.needs.empty();
  std::string label =
      helper ? fmt::format("needs {}, which this program type may not call", plan.needs)
             : fmt::format("{} tells nothing of it", hook.context);
  auto error = diag::Error(helper ? Kind::kHelperUnavailable : Kind::kFieldAccess, span,
                           fmt::format("`{}` cannot be read in `{}`", word, hook.name), label);
  error.WithLabel(block_->head, fmt::format("this hook runs as {}", hooks::Name(hook.prog_type)));
  std::string available = hooks::HooksThatRead(word);
  if (!available.empty()) error.WithHint("available in: " + available);
  if (!plan.instead.empty()) error.WithHint(fmt::format("here: {}", plan.instead));
  context_.diagnostics.Emit(std::move(error));
  return Error(span);
}

// An argument of the LSM hook: numbers are values, pointers are none.
ExprPtr BodyChecker::LsmArgument(Span span, const std::string& word) {
  auto parameters = hooks::SplitParameters(block_->lsm->parameters);
  for (uint32_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].name != word) continue;
    std::string_view type = parameters[i].type;
    bool is_signed = type == "int";
    if (is_signed || type == "u32" || type == "gfp_t" || type == "unsigned int") {
      return MakeExpr(span, types_.Integer(32, is_signed), ArgumentRead{i});
    }
    context_.diagnostics.Emit(diag::Error(
        Kind::kNotAValue, span, fmt::format("`{}` is a pointer of the kernel's, not a value", word),
        fmt::format("is {}", type)));
    return Error(span);
  }
  return nullptr;
}

ExprPtr BodyChecker::HookWord(Span span, const std::string& word) {
  if (word == "cpu") {
    return MakeExpr(span, types_.Unsigned(32), BuiltinCall{Builtin::kCpu, {}});
  }
  if (!block_) return nullptr;
  if (control_) {
    if (ExprPtr own = MemberWord(span, word)) return own;
    if (!word.starts_with("sk.")) return nullptr;
  }
  if (block_->lsm) {
    if (ExprPtr argument = LsmArgument(span, word)) return argument;
  }
  if (word == "packet.length" && block_->hook->packet.start != hooks::PacketStart::kNone) {
    return MakeExpr(span, types_.Unsigned(32), BuiltinCall{Builtin::kPacketLength, {}});
  }
  // Functions, which a test can give: `now()`, `random()`, `numa_node()`.
  if (word == "now" || word == "random" || word == "numa_node") return nullptr;
  if (!hooks::IsWord(word)) {
    bool below =
        word.find('.') != std::string::npos &&
        std::find(std::begin(kRoots), std::end(kRoots), FirstPart(word)) != std::end(kRoots);
    if (!below) return nullptr;
    context_.diagnostics.Emit(Unknown(Kind::kUnknownName, span,
                                      fmt::format("word of {}", block_->hook->name), word,
                                      hooks::WordsOf(block_->hook->id))
                                  .WithHint("all words: netc explain --table fields"));
    return Error(span);
  }
  hooks::WordPlan plan = hooks::PlanRead(block_->hook->id, word, context_.program.floor);
  if (!plan.allowed()) return RefuseWord(span, word, plan);
  if (plan.type == WordType::kNone) return nullptr;
  if (plan.type == WordType::kCondition) {
    return std::move(CheckSocketTest(span, word == "sk" ? Needs::kFull : Needs::kTcp).expr);
  }
  return ReadWord(span, word, std::move(plan));
}

ExprPtr BodyChecker::ReadWord(Span span, const std::string& word, hooks::WordPlan plan) {
  const TypeId type = TypeOfWord(types_, plan.type);
  const Needs wanted = WantedFor(plan.source.has);
  const bool known = wanted <= Needs::kTcp && KnownSocket() >= wanted;
  // A block for both families has addresses of either.
  const bool both = !block_->family_of.empty() &&
                    (plan.type == WordType::kIpv4 || plan.type == WordType::kIpv6) &&
                    word.ends_with(".addr");
  auto of_block = [&](ExprPtr value) {
    return both ? Coerce(std::move(value), types_.Simple(TypeKind::kIp)) : std::move(value);
  };
  bool plain =
      plan.source.kind == SourceKind::kField && plan.scale == 1 && plan.type != WordType::kBool;
  if (known && plain) {
    auto index = static_cast<uint32_t>(plan.field - block_->hook->fields.data());
    return of_block(MakeExpr(span, type, ContextField{index}));
  }
  auto shared = std::make_shared<const hooks::WordPlan>(std::move(plan));
  if (known) return of_block(MakeExpr(span, type, WordRead{word, shared, true}));
  ExprPtr read =
      MakeExpr(span, types_.Of(TypeKind::kOptional, type), WordRead{word, shared, false});
  if (!pending_ || !locals_) {
    auto error =
        diag::Error(Kind::kMaybeAbsent, span, fmt::format("`{}` may have no value here", word),
                    shared->source.has == Needs::kTcp      ? "only a TCP socket has it"
                    : shared->source.has == Needs::kAnswer ? "the kernel may have no answer"
                                                           : "there may be no socket");
    error.WithHint(fmt::format("here: bind it first: `if let x = {} {{ … }}`", word));
    if (shared->source.has != Needs::kAnswer) {
      error.WithHint(
          fmt::format("here: or put it under `if {} {{ … }}`", SocketWordFor(shared->source.has)));
    }
    context_.diagnostics.Emit(std::move(error));
    return Error(span);
  }
  LocalId local = AddLocal({"", span}, type);
  pending_->optionals.emplace_back(local, std::move(read));
  return of_block(MakeExpr(span, type, LocalRef{local}));
}

}  // namespace netc::sema
