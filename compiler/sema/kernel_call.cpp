// Calls of the kernel's functions by their names: which this hook may make, what
// netc hands over by itself, and what the caller gives.
#include "compiler/sema/kernel_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compiler/hooks/access.h"
#include "compiler/hooks/maps.h"
#include "compiler/hooks/word_plan.h"
#include "compiler/hooks/words.h"
#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;
using hooks::Args;
using hooks::Pass;

namespace {

// "xdp, tc.egress (since 6.18)": hooks by the kernel since which they may, newest last.
template <typename Function>
std::string ListHooks(const Function& function) {
  std::map<hooks::KernelVersion, hooks::HookSet> hooks;
  for (hooks::HookId id : function.hooks()) {
    hooks::KernelVersion since = hooks::Since(id, *function.In(id));
    hooks[since] = hooks[since] | id;
  }
  std::string text = hooks::Grouped(hooks);
  return text.empty() ? "no hook" : text;
}

// What the words that rest on this helper have to say of hooks that lack it.
std::string_view InsteadOf(std::string_view helper, hooks::HookId hook) {
  for (const hooks::Word& word : hooks::AllWords()) {
    bool rests = std::any_of(word.sources.begin(), word.sources.end(),
                             [&](const hooks::WordSource& s) { return s.what == helper; });
    if (!rests) continue;
    for (const hooks::WordInstead& each : word.instead) {
      if (each.hooks.has(hook)) return each.advice;
    }
  }
  return {};
}

// As it is called here: `bpf_fib_lookup(params, flags)`.
std::string Form(std::string_view name, const hooks::Signature& signature) {
  std::string text;
  for (const hooks::CallParameter& parameter : signature.parameters) {
    if (!parameter.given() || parameter.optional()) continue;
    text += (text.empty() ? "" : ", ") + std::string(parameter.name);
  }
  return fmt::format("{}({})", name, text);
}

// A word about a parameter that netc hands over.
std::string ByNetc(const hooks::Signature& signature) {
  std::string text;
  for (const hooks::CallParameter& parameter : signature.parameters) {
    if (parameter.given()) continue;
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", parameter.name);
  }
  return text;
}

}  // namespace

std::string VersionText(hooks::KernelVersion version) {
  return fmt::format("{}.{}", version.major, version.minor);
}

std::string AvailableIn(const hooks::Helper& helper) {
  return ListHooks(helper);
}
std::string AvailableIn(const hooks::Kfunc& kfunc) {
  return ListHooks(kfunc);
}

TypeId TypeOfKernel(TypeTable& types, std::string_view c_type) {
  constexpr std::string_view kFastcall = "__bpf_fastcall ";
  if (c_type.starts_with(kFastcall)) c_type.remove_prefix(kFastcall.size());
  if (c_type == "void") return types.Simple(TypeKind::kUnit);
  if (c_type == "bool") return types.Simple(TypeKind::kBool);
  if (c_type == "u8" || c_type == "__u8" || c_type == "char") return types.Unsigned(8);
  if (c_type == "u16" || c_type == "__u16" || c_type == "__be16") return types.Unsigned(16);
  if (c_type == "int" || c_type == "s32" || c_type == "__s32") return types.Integer(32, true);
  if (c_type == "long" || c_type == "s64" || c_type == "__s64" || c_type == "long int") {
    return types.Integer(64, true);
  }
  bool narrow = c_type == "u32" || c_type == "__u32" || c_type == "__be32" || c_type == "__wsum" ||
                c_type == "unsigned int" || c_type.starts_with("enum ");
  return types.Unsigned(narrow ? 32 : 64);
}

// Checks the arguments of one call, each by its own parameter.
class KernelArguments {
 public:
  KernelArguments(BodyChecker& body, const std::string& name, const hooks::Signature& signature,
                  HelperCall& call)
      : body_(body),
        context_(body.context_),
        types_(body.types_),
        name_(name),
        signature_(signature),
        call_(call) {}

  // The arguments of the parameters that the caller gives, in their order.
  bool Check(const std::vector<const ast::Expr*>& written) {
    size_t next = 0;
    size_t needed = 0;
    for (const auto& each : signature_.parameters) needed += each.given() && !each.optional();
    bool optional = written.size() > needed;
    for (const hooks::CallParameter& parameter : signature_.parameters) {
      KernelArgument made{.pass = parameter.pass};
      bool given = parameter.given() && (!parameter.optional() || optional);
      if (parameter.pass == Pass::kSize) {
        made.bytes = bytes_;
        // Where the kernel is told how long it is, a header is given with its options.
        KernelArgument& memory = call_.given.back();
        memory.whole = memory.header && context_.header(memory.header->header).options &&
                       !body_.block_->hook->packet.load.empty();
      } else if (given && !Argument(parameter, *written[next++], made))
        return false;
      call_.given.push_back(std::move(made));
    }
    for (; next < written.size(); ++next) {
      KernelArgument made{.pass = Pass::kScalar};
      if (!Number(*written[next], types_.Unsigned(64), made)) return false;
      call_.given.push_back(std::move(made));
    }
    return true;
  }
  const State* map() const { return map_; }

 private:
  bool Refuse(Span span, std::string message, std::string label = {}, std::string hint = {}) {
    auto error = diag::Error(Kind::kTypeMismatch, span, std::move(message), std::move(label));
    if (!hint.empty()) error.WithHint(std::move(hint));
    context_.diagnostics.Emit(std::move(error));
    return false;
  }

  static bool IsZero(const ast::Expr& expr) {
    const auto* literal = std::get_if<ast::Literal>(&expr.node);
    return literal && literal->text == "0";
  }

  bool Argument(const hooks::CallParameter& parameter, const ast::Expr& expr,
                KernelArgument& made) {
    if (parameter.may_be_null && IsZero(expr)) {
      made.pass = Pass::kNull;
      bytes_ = 0;
      return true;
    }
    switch (parameter.pass) {
      case Pass::kMap:
        return Map(expr, made);
      case Pass::kText:
        return Text(parameter, expr, made);
      case Pass::kMemory:
        return Memory(parameter, expr, made);
      case Pass::kSocket:
      case Pass::kTask:
      case Pass::kObject:
        return Object(parameter, expr, made);
      default:
        break;
    }
    made.big_endian = parameter.type.starts_with("__be");
    return Number(expr, TypeOfKernel(types_, parameter.type), made);
  }

  bool Number(const ast::Expr& expr, TypeId type, KernelArgument& made) {
    made.value = body_.Coerce(body_.Check(expr, type), type);
    return made.value->type != TypeId{};
  }

  bool Map(const ast::Expr& expr, KernelArgument& made) {
    made.state = body_.AsState(expr);
    if (!made.state) {
      return Refuse(expr.span, fmt::format("`{}` takes a state here", name_), "is no state's name");
    }
    map_ = &context_.program.states[static_cast<uint32_t>(*made.state)];
    context_.state_read[static_cast<uint32_t>(*made.state)] = true;
    const hooks::MapType* type = hooks::FindMapType(MapTypeNumber(*map_, context_.program.floor));
    bool has_row = false, listed = false;
    for (const hooks::MapType& each : hooks::AllMapTypes()) {
      for (const hooks::MapUse& use : each.uses) {
        if (use.helper != name_) continue;
        listed = true;
        has_row = has_row || (type && each.number == type->number);
      }
    }
    if (!listed || has_row) return true;
    return Refuse(expr.span, fmt::format("`{}` doesn't work on `{}`", name_, map_->name),
                  type ? fmt::format("is kept in a map of type {}", type->name) : "");
  }

  bool Text(const hooks::CallParameter& parameter, const ast::Expr& expr, KernelArgument& made) {
    const auto* literal = std::get_if<ast::Literal>(&expr.node);
    if (!literal || literal->kind != ast::LiteralKind::kString) {
      return Refuse(expr.span, fmt::format("`{}` is text: write it here", parameter.name),
                    "is no string");
    }
    made.pass = Pass::kText;
    made.text = literal->text;
    bytes_ = made.text.size() + 1;
    return true;
  }

  bool Object(const hooks::CallParameter& parameter, const ast::Expr& expr, KernelArgument& made) {
    const BodyChecker::LocalInfo* local = body_.AsObject(expr);
    std::string wanted;
    bool fits = false;
    for (const hooks::ObjectKind& kind : hooks::AllObjectKinds()) {
      if (!hooks::Fits(kind, parameter)) continue;
      std::string word = fmt::format("a {}", kind.word);
      if (wanted.find(word) == std::string::npos) wanted += (wanted.empty() ? "" : " or ") + word;
      if (local) {
        TypeId type = (*body_.locals_)[static_cast<uint32_t>(local->id)].type;
        fits = fits || &hooks::AllObjectKinds()[types_[type].decl] == &kind;
      }
    }
    if (wanted.empty())
      wanted = fmt::format("a `struct {}`, which no call gives", parameter.pointee);
    if (!fits) {
      return Refuse(expr.span, fmt::format("`{}` takes {} as `{}`", name_, wanted, parameter.name),
                    local ? fmt::format("is a {}", types_.Name(TypeOfLocal(*local)))
                          : "is no object that a call gave");
    }
    made.value = MakeExpr(expr.span, TypeOfLocal(*local), LocalRef{local->id});
    return true;
  }
  TypeId TypeOfLocal(const BodyChecker::LocalInfo& local) const {
    return (*body_.locals_)[static_cast<uint32_t>(local.id)].type;
  }

  // What stands behind the pointer must be as large as the kernel takes it to be.
  bool Fits(const hooks::CallParameter& parameter, TypeId type, Span span) {
    std::string_view behind = parameter.pointee;
    if (hooks::IsKernelStruct(behind)) {
      const Type& made = types_[type];
      const hooks::KernelStruct* kernel =
          made.kind == TypeKind::kStruct ? types_.struct_of(type).kernel : nullptr;
      if (kernel && kernel->c_struct == behind) return true;
      std::string known;
      for (const hooks::KernelStruct& each : hooks::AllKernelStructs()) {
        if (each.c_struct == behind) {
          known += fmt::format("{}`{}`", known.empty() ? "" : " or ", each.name);
        }
      }
      return Refuse(span, fmt::format("`{}` takes a {} as `{}`", name_, known, parameter.name),
                    fmt::format("is {}", types_.Name(type)));
    }
    if (map_ && parameter.name == "key" && map_->key) return Same(*map_->key, type, span);
    if (map_ && parameter.name == "value" && map_->value) return Same(*map_->value, type, span);
    uint32_t bytes = types_.SizeOf(type), least = 0;
    if (behind == "iphdr" || behind == "tcphdr") least = 20;
    if (behind == "ipv6hdr") least = 40;
    if (bytes < least) {
      return Refuse(span, fmt::format("`{}` reads {} bytes here", name_, least),
                    fmt::format("are {}", bytes));
    }
    bool sized = behind == "void" || behind == "char" || behind == "__be32" || behind == "u8" ||
                 behind == "const u8" || least > 0 || behind == "sockaddr";
    if (sized) return true;
    uint32_t wanted = types_.SizeOf(TypeOfKernel(types_, behind));
    return bytes == wanted ||
           Refuse(span, fmt::format("`{}` takes {} bytes as `{}`", name_, wanted, parameter.name),
                  fmt::format("is {}, which has {}", types_.Name(type), bytes));
  }
  bool Same(TypeId wanted, TypeId type, Span span) {
    if (wanted == type) return true;
    context_.diagnostics.Emit(Mismatch(context_, span, wanted, type));
    return false;
  }

  bool Memory(const hooks::CallParameter& parameter, const ast::Expr& expr, KernelArgument& made) {
    const auto* literal = std::get_if<ast::Literal>(&expr.node);
    bool text = literal && literal->kind == ast::LiteralKind::kString;
    if (text && parameter.is_const) return Text(parameter, expr, made);
    auto protocol = body_.AsProtocol(expr);
    if (protocol && protocol->header) {
      if (!Takes(parameter.takes, Args::kPkt)) {
        return Refuse(expr.span, fmt::format("`{}` takes no bytes of the packet", name_),
                      "is a header", "here: copy what it needs into a `var`");
      }
      body_.Require(expr.span, *protocol->header);
      made.header = *protocol->header;
      bytes_ = context_.header(protocol->header->header).fixed_size;
      return true;
    }
    const auto* name = std::get_if<ast::NameRef>(&expr.node);
    const BodyChecker::LocalInfo* local = name ? body_.FindLocal(name->text) : nullptr;
    bool read = parameter.is_const || (local && local->is_var);
    if (!read) {
      return Refuse(
          expr.span, fmt::format("`{}` writes `{}`", name_, parameter.name),
          local ? "can't be written: it is bound by `let`" : "is no local",
          fmt::format("here: `var {}: …;` before, which is zero at first", parameter.name));
    }
    TypeId wanted = map_ && parameter.name == "key" && map_->key       ? *map_->key
                    : map_ && parameter.name == "value" && map_->value ? *map_->value
                                                                       : TypeId{};
    made.value = body_.Check(expr, wanted);
    if (wanted != TypeId{} && !local) made.value = body_.Coerce(std::move(made.value), wanted);
    TypeId type = made.value->type;
    if (type == TypeId{}) return false;
    if (types_[type].kind == TypeKind::kLiteral) {
      return Refuse(expr.span, "how many bytes has this number?", "has no type of its own",
                    "here: a cast, as in `0 as u32`");
    }
    made.in_place = local != nullptr && std::holds_alternative<LocalRef>(made.value->node);
    bytes_ = types_.SizeOf(type);
    return Fits(parameter, type, expr.span);
  }

  BodyChecker& body_;
  Context& context_;
  TypeTable& types_;
  const std::string& name_;
  const hooks::Signature& signature_;
  HelperCall& call_;
  const State* map_ = nullptr;
  uint64_t bytes_ = 0;  // of the memory before a size
};

bool BodyChecker::IsKernelCall(const ast::Expr& value) const {
  const auto* call = std::get_if<ast::Call>(&value.node);
  const auto* name = call ? std::get_if<ast::NameRef>(&call->callee->node) : nullptr;
  if (!name || context_.symbols.Find(file_, name->text)) return false;
  return hooks::FindHelper(name->text) || hooks::FindKfunc(name->text);
}

bool BodyChecker::ChangesPacket(const ast::Expr& value) const {
  if (!IsKernelCall(value)) return false;
  const auto& call = std::get<ast::Call>(value.node);
  const std::string& name = std::get<ast::NameRef>(call.callee->node).text;
  const hooks::Helper* helper = hooks::FindHelper(name);
  return Has(helper ? helper->flags : hooks::FindKfunc(name)->flags,
             hooks::CallFlags::kChangesPacket);
}

static void RefuseAccess(Context& context, const HookBlock& block, Span span,
                         const std::string& name, const hooks::Access& access,
                         std::string_view why_not, const std::string& available) {
  const hooks::Hook& hook = *block.hook;
  std::string label;
  switch (access.refusal) {
    case hooks::Refusal::kTooNew:
      label =
          fmt::format("this hook may call it since Linux {}, and this pipeline is for {} and newer",
                      VersionText(access.since), VersionText(context.program.floor));
      break;
    case hooks::Refusal::kNoObject:
      label = access.available.empty() && !why_not.empty()
                  ? std::string(why_not)
                  : "takes an object that this hook doesn't have";
      break;
    case hooks::Refusal::kSleepable:
      label = "only programs that may sleep can call it, and no hook of the network's may";
      break;
    default:
      label = "this program type may not call it";
      break;
  }
  auto error =
      diag::Error(Kind::kHelperUnavailable, span,
                  fmt::format("`{}` can't be called in {}", name, hook.name), std::move(label));
  error.WithLabel(block.head, fmt::format("this hook runs as {}", hooks::Name(hook.prog_type)));
  if (access.refusal != hooks::Refusal::kSleepable) error.WithHint("available in: " + available);
  if (access.refusal == hooks::Refusal::kTooNew) {
    error.WithHint(fmt::format("here: state the floor in the pipeline: `kernel {};`",
                               VersionText(access.since)));
  }
  std::string_view instead = InsteadOf(name, hook.id);
  if (!instead.empty()) error.WithHint(fmt::format("here: {}", instead));
  context.diagnostics.Emit(std::move(error));
}

ExprPtr BodyChecker::CheckKernelCall(const ast::Expr& expr, const ast::Call& node,
                                     const std::string& name) {
  Span span = node.callee->span;
  if (!block_) {
    context_.diagnostics.Emit(diag::Error(
        Kind::kWrongPlace, span, fmt::format("`{}` is called by a hook, not by a function", name),
        "which hooks may call it stands in a table"));
    return Error(expr.span);
  }
  const hooks::Helper* helper = hooks::FindHelper(name);
  const hooks::Kfunc* kfunc = helper ? nullptr : hooks::FindKfunc(name);
  hooks::HookId hook = block_->hook->id;
  hooks::KernelVersion floor = context_.program.floor;
  if (hooks::IsRelease(name)) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kCallNotExpressible, span, fmt::format("`{}` is called by netc", name),
                    "an object is given back on every way out of the block that binds it"));
    return Error(expr.span);
  }
  hooks::Access access =
      helper ? hooks::AccessHelper(hook, *helper, floor) : hooks::AccessKfunc(hook, *kfunc, floor);
  if (!access.allowed()) {
    hooks::Signature known;
    if (access.call) {
      known = helper ? hooks::SignatureOf(*helper, *access.call)
                     : hooks::SignatureOf(*kfunc, *access.call);
    }
    RefuseAccess(context_, *block_, span, name, access, known.why_not,
                 helper ? AvailableIn(*helper) : AvailableIn(*kfunc));
    return Error(expr.span);
  }
  if (helper && !MachineHasHelper(context_, span, *block_->hook, name)) return Error(expr.span);
  hooks::Signature signature =
      helper ? hooks::SignatureOf(*helper, *access.call) : hooks::SignatureOf(*kfunc, *access.call);
  if (!signature.why_not.empty()) {
    context_.diagnostics.Emit(diag::Error(Kind::kCallNotExpressible, span,
                                          fmt::format("`{}` can't be called from a pipeline", name),
                                          std::string(signature.why_not))
                                  .WithHint(fmt::format("here: {}", signature.instead)));
    return Error(expr.span);
  }
  size_t least = 0, optional = 0;
  for (const hooks::CallParameter& parameter : signature.parameters) {
    least += parameter.given() && !parameter.optional();
    optional += parameter.optional();
  }
  size_t count = node.arguments.size();
  bool fits = count == least || count == least + optional ||
              (count > least && count <= least + signature.more);
  if (!fits) {
    std::string by_netc = ByNetc(signature);
    auto error = diag::Error(
        Kind::kWrongArguments, expr.span,
        fmt::format("`{}` takes {} argument{}, not {}", name, least, least == 1 ? "" : "s", count),
        by_netc.empty() ? "" : fmt::format("netc hands over {}", by_netc));
    error.WithHint(fmt::format("here: `{}`", Form(name, signature)));
    error.WithHint(fmt::format("in C: {} {}({})", helper ? helper->result : kfunc->result, name,
                               helper ? helper->parameters : kfunc->parameters));
    for (const ast::Argument& argument : node.arguments) {
      const LocalInfo* object = AsObject(*argument.value);
      if (!object) continue;
      const Local& local = (*locals_)[static_cast<uint32_t>(object->id)];
      error.WithLabel(argument.value->span, "here no object is taken");
      if (hooks::AllObjectKinds()[types_[local.type].decl].is_socket())
        error.WithHint(SocketInstead(local.name));
    }
    context_.diagnostics.Emit(std::move(error));
    return Error(expr.span);
  }
  HelperCall call{helper, kfunc, {}, signature.object, ChangesPacket(expr)};
  if (call.changes_packet && &expr != alone_) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kWrongPlace, expr.span, fmt::format("`{}` stands alone", name),
                    "changes the packet")
            .WithHint(fmt::format("here: bind what it gives first: `let x = {};`",
                                  context_.sources.Text(expr.span))));
    return Error(expr.span);
  }
  bool outermost = &expr == alone_;
  alone_ = nullptr;
  std::vector<const ast::Expr*> written;
  for (const ast::Argument& argument : node.arguments) written.push_back(argument.value.get());
  KernelArguments arguments(*this, name, signature, call);
  if (!arguments.Check(written)) return Error(expr.span);
  if (!context_.told_unverified) {
    context_.told_unverified = true;
    context_.diagnostics.Emit(
        diag::Warning(Kind::kUnverified, span,
                      "netc can't check what is asked of the kernel by name: that its verifier "
                      "takes the program is up to you",
                      "is a function of the kernel")
            .WithHint("a pipeline without `import c` and kernel calls is never refused"));
  }
  if (call.changes_packet) facts_.Forget();
  TypeId type = TypeOfKernel(types_, helper ? helper->result : kfunc->result);
  if (signature.gives == hooks::Gives::kObject) {
    uint32_t index = static_cast<uint32_t>(signature.object - hooks::AllObjectKinds().data());
    type = types_.Intern({.kind = TypeKind::kObject, .decl = index});
  } else if (signature.gives == hooks::Gives::kMapValue) {
    const State* map = arguments.map();
    if (!map || !map->value) {
      context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, expr.span,
                                            fmt::format("`{}` gives a value, which this state "
                                                        "has none of",
                                                        name)));
      return Error(expr.span);
    }
    type = *map->value;
  }
  bool absent = signature.may_be_absent && signature.gives != hooks::Gives::kNumber;
  if (signature.gives == hooks::Gives::kMapValue) absent = true;
  if (absent) type = types_.Of(TypeKind::kOptional, type);
  if (signature.gives == hooks::Gives::kObject && !outermost) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kObjectEscapes, expr.span,
                    fmt::format("what `{}` gives must be bound", name),
                    "is an object of the kernel's")
            .WithHint(fmt::format("here: `{} x = {}`", absent ? "if let" : "let",
                                  context_.sources.Text(expr.span))));
    return Error(expr.span);
  }
  return MakeExpr(expr.span, type, std::move(call));
}

const BodyChecker::LocalInfo* BodyChecker::AsObject(const ast::Expr& expr) const {
  const auto* name = std::get_if<ast::NameRef>(&expr.node);
  const LocalInfo* local = name ? FindLocal(name->text) : nullptr;
  if (!local) return nullptr;
  TypeId type = (*locals_)[static_cast<uint32_t>(local->id)].type;
  return types_[type].kind == TypeKind::kObject ? local : nullptr;
}

void BodyChecker::RefuseObject(Span span, const std::string& name) {
  const LocalInfo* local = FindLocal(name);
  const Local& declared = (*locals_)[static_cast<uint32_t>(local->id)];
  context_.diagnostics.Emit(
      diag::Error(
          Kind::kObjectEscapes, span,
          fmt::format("`{}` is a {}, which can't be copied", name, types_.Name(declared.type)),
          "is no value")
          .WithLabel(declared.span, "is bound here, for this block alone")
          .WithHint("here: its fields are values, and calls by a kernel name take it"));
}

ExprPtr BodyChecker::ObjectMember(const ast::Expr& expr, const LocalInfo& object,
                                  const ast::Name& name) {
  TypeId type = (*locals_)[static_cast<uint32_t>(object.id)].type;
  const hooks::ObjectKind& kind = hooks::AllObjectKinds()[types_[type].decl];
  std::vector<std::string> known;
  auto fields = hooks::AllPointeeFields();
  for (uint32_t i = 0; i < fields.size(); ++i) {
    const hooks::Field& field = fields[i].field;
    hooks::Pointer through =
        kind.kind == Args::kTcpSock ? hooks::Pointer::kTcpSock : hooks::Pointer::kSock;
    if (fields[i].pointer != through || field.context != kind.c_struct) continue;
    known.emplace_back(field.name);
    if (field.name != name.text) continue;
    TypeId made = types_.Unsigned(std::min<uint32_t>(field.size * 8u, 64));
    if (field.name.ends_with("_ip4")) made = types_.Simple(TypeKind::kIpv4);
    if (field.name.ends_with("_ip6")) made = types_.Simple(TypeKind::kIpv6);
    if (field.name.ends_with("_port")) made = types_.Simple(TypeKind::kPort);
    if (field.c_type == "__s32") made = types_.Integer(32, true);
    return MakeExpr(expr.span, made, ObjectField{object.id, i});
  }
  if (kind.is_socket() && LacksWord(expr.span, fmt::format("sk.{}", name.text), object)) {
    return Error(expr.span);
  }
  context_.diagnostics.Emit(Unknown(Kind::kUnknownField, name.span,
                                    fmt::format("field of {}", types_.Name(type)), name.text,
                                    known));
  return Error(expr.span);
}

// What is a word of the hook's own socket may be out of reach of one that was found.
bool BodyChecker::LacksWord(Span span, const std::string& word, const LocalInfo& object) {
  const hooks::Word* row = hooks::FindWord(word);
  if (!row) return false;
  std::string_view needs;
  for (const hooks::WordSource& source : row->sources) {
    if (needs.empty() || source.hooks.has(block_->hook->id)) needs = source.what;
  }
  const Local& found = (*locals_)[static_cast<uint32_t>(object.id)];
  const hooks::Helper* helper = hooks::FindHelper(needs);
  const hooks::Call* form = helper ? helper->In(block_->hook->id) : nullptr;
  std::string label = "is known of the hook's own socket alone";
  if (form) {
    bool context = Takes(form->arguments[0], Args::kCtx);
    label = fmt::format("needs {}, which takes {} in this hook", needs,
                        context ? "the context, no socket," : "the hook's own socket");
  } else if (helper) {
    label = fmt::format("needs {}, which this program type may not call", needs);
  }
  auto error = diag::Error(Kind::kHelperUnavailable, span,
                           fmt::format("`{}` of a socket that was found cannot be read in `{}`",
                                       word.substr(3), block_->hook->name),
                           std::move(label));
  error.WithLabel(found.span, "is bound here");
  std::string available = hooks::HooksThatRead(word);
  if (!available.empty()) {
    error.WithHint(fmt::format("available in, of the hook's own socket: {}", available));
  }
  error.WithHint(SocketInstead(found.name));
  context_.diagnostics.Emit(std::move(error));
  return true;
}

// What tells sockets that were found from each other, and keeps what is known of them.
std::string BodyChecker::SocketInstead(const std::string& name) const {
  const hooks::Call* keep = hooks::FindHelper("bpf_sk_storage_get")->In(block_->hook->id);
  bool keeps = keep && Takes(keep->arguments[1], Args::kAcquiredSk);
  std::string ends = fmt::format("key by `({0}.src_ip4, {0}.src_port)`", name);
  return keeps ? fmt::format("here: state `per socket`, whose key is `{}`; or {}", name, ends)
               : fmt::format("here: {}", ends);
}

}  // namespace netc::sema
