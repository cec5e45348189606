// Places inside values that statements change: fields of structs, elements of arrays.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/sema/body.h"
#include "compiler/sema/same.h"

namespace netc::sema {

using diag::Kind;

// What a target such as `entry.hits[2]` begins with: a name, or the entry of a state.
const ast::Expr& BodyChecker::RootOf(const ast::Expr& target) {
  if (const auto* member = std::get_if<ast::Member>(&target.node)) return RootOf(*member->object);
  const auto* index = std::get_if<ast::Index>(&target.node);
  if (!index || AsState(*index->object)) return target;
  return RootOf(*index->object);
}

// The place that `target` names inside of `root`, of which `type` is the type at first.
bool BodyChecker::FindPlace(const ast::Expr& target, const ast::Expr& root, Path& path,
                            TypeId& type) {
  if (&target == &root) return true;
  if (const auto* member = std::get_if<ast::Member>(&target.node)) {
    return FindPlace(*member->object, root, path, type) && FieldPlace(member->name, path, type);
  }
  const auto& index = std::get<ast::Index>(target.node);
  return FindPlace(*index.object, root, path, type) && ElementPlace(*index.index, path, type);
}

bool BodyChecker::FieldPlace(const ast::Name& name, Path& path, TypeId& type) {
  if (types_[type].kind != TypeKind::kStruct) {
    context_.diagnostics.Emit(
        diag::Error(Kind::kUnknownField, name.span,
                    fmt::format("{} has no field `{}`", types_.Name(type), name.text)));
    return false;
  }
  const StructDecl& decl = types_.struct_of(type);
  for (uint32_t i = 0; i < decl.fields.size(); ++i) {
    if (decl.fields[i].name != name.text) continue;
    type = decl.fields[i].type;
    path.push_back({i, nullptr});
    return true;
  }
  std::vector<std::string> known;
  for (const StructField& field : decl.fields) known.push_back(field.name);
  context_.diagnostics.Emit(
      Unknown(Kind::kUnknownField, name.span, "field of " + types_.Name(type), name.text, known));
  return false;
}

bool BodyChecker::ElementPlace(const ast::Expr& written, Path& path, TypeId& type) {
  if (types_[type].kind != TypeKind::kArray) {
    context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, written.span,
                                          fmt::format("{} can't be indexed", types_.Name(type))));
    return false;
  }
  ExprPtr index = ElementIndex(written);
  if (index->type == error_type()) return false;
  uint32_t count = types_[type].count;
  if (Most(*index) >= count) {
    context_.diagnostics.Emit(IndexError(written, *index, count));
    return false;
  }
  type = types_[type].element;
  path.push_back({0, std::move(index)});
  return true;
}

// An index into an array: an unsigned integer.
ExprPtr BodyChecker::ElementIndex(const ast::Expr& written) {
  ExprPtr index = Check(written, types_.Unsigned(32));
  if (types_[index->type].kind == TypeKind::kLiteral) {
    index = Coerce(std::move(index), types_.Unsigned(32));
  }
  if (index->type == error_type()) return index;
  bool counts = types_[index->type].kind == TypeKind::kInteger && !types_[index->type].is_signed;
  if (counts) return index;
  context_.diagnostics.Emit(diag::Error(Kind::kTypeMismatch, written.span,
                                        "an index is an unsigned integer",
                                        fmt::format("is {}", types_.Name(index->type))));
  return Error(written.span);
}

diag::Diagnostic BodyChecker::IndexError(const ast::Expr& written, const Expr& index,
                                         uint32_t count) {
  std::string text(context_.sources.Text(written.span));
  if (AsConstant(index)) {
    return diag::Error(Kind::kOutOfRange, written.span, fmt::format("there is no element {}", text),
                       fmt::format("the array has {}", count));
  }
  bool power = (count & (count - 1)) == 0;
  return diag::Error(Kind::kOutOfRange, written.span, "this may be beyond the array's end",
                     fmt::format("the array has {} element{}", count, count == 1 ? "" : "s"))
      .WithHint(fmt::format("here: bound it, as in `{} {} {}` or `min({}, {})`", text,
                            power ? "&" : "%", power ? count - 1 : count, text, count - 1));
}

// The value that stands at a place now.
ExprPtr BodyChecker::AtPlace(Span span, ExprPtr root, const Path& path) {
  for (const PathStep& step : path) {
    const Type& type = types_[root->type];
    if (step.index) {
      TypeId element = type.element;
      root = MakeExpr(span, element, ElementOf{std::move(root), Clone(*step.index)});
    } else {
      TypeId field = types_.struct_of(root->type).fields[step.field].type;
      root = MakeExpr(span, field, FieldOf{std::move(root), step.field});
    }
  }
  return root;
}

bool BodyChecker::CallsIn(const Path& path) {
  return std::any_of(path.begin(), path.end(),
                     [](const PathStep& step) { return step.index && HasCall(*step.index); });
}

// Evaluates the path's indexes where `out` ends.
void BodyChecker::BindIndexes(Path& path, Block& out) {
  for (PathStep& step : path) {
    if (!step.index || AsConstant(*step.index)) continue;
    Span span = step.index->span;
    TypeId type = step.index->type;
    uint64_t most = Most(*step.index);
    LocalId local = AddLocal({"", span}, type);
    (*locals_)[static_cast<uint32_t>(local)].most = most;
    out.push_back({span, Let{local, std::move(step.index)}});
    step.index = MakeExpr(span, type, LocalRef{local});
  }
}

// What runs where a statement failed; behind it is known what holds on both ways.
Block BodyChecker::Otherwise(const std::unique_ptr<ast::Block>& block) {
  if (!block) return {};
  Facts before = facts_;
  Block checked = Statements(*block);
  facts_ = Facts::Either(context_, before, facts_);
  return checked;
}

}  // namespace netc::sema
