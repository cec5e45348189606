#include "compiler/parse/builder.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "compiler/parse/nesting.h"

namespace netc::parse {

std::string Builder::Text(const Token& token) const {
  Span span = SpanOf(token);
  return std::string(source_.text().substr(span.begin, span.end - span.begin));
}

Span Builder::SpanOf(antlr4::ParserRuleContext& context) const {
  return Cover(SpanOf(*context.start), SpanOf(*context.stop));
}

ast::Name Builder::BuildName(const Token& token) const {
  return {Text(token), SpanOf(token)};
}

ast::Name Builder::BuildName(P::IdentContext& context) const {
  return BuildName(*context.start);
}

std::optional<ast::Name> Builder::BuildOptionalName(P::IdentContext* context) const {
  if (!context) return std::nullopt;
  return BuildName(*context);
}

ast::Path Builder::BuildPath(P::PathContext& context) const {
  ast::Path path;
  path.span = SpanOf(context);
  for (P::IdentContext* part : context.ident()) path.parts.push_back(BuildName(*part));
  return path;
}

ast::Type Builder::BuildType(P::TypeContext& context) {
  ast::Type type;
  type.span = SpanOf(context);
  auto all = [&](const std::vector<P::TypeContext*>& contexts) {
    std::vector<ast::Type> types;
    for (P::TypeContext* each : contexts) types.push_back(BuildType(*each));
    return types;
  };
  if (auto* named = As<P::NamedTypeContext>(&context)) {
    type.node = ast::NamedType{BuildPath(*named->path()), all(named->type())};
  } else if (auto* tuple = As<P::TupleTypeContext>(&context)) {
    type.node = ast::TupleType{all(tuple->type())};
  } else {
    auto& array = static_cast<P::ArrayTypeContext&>(context);
    ast::ArrayType node;
    node.element.push_back(BuildType(*array.type()));
    node.count = BuildExpr(*array.expr());
    type.node = std::move(node);
  }
  return type;
}

std::optional<ast::Type> Builder::BuildOptionalType(P::TypeContext* context) {
  if (!context) return std::nullopt;
  return BuildType(*context);
}

// The `///` lines just before a token, joined, each without its slashes and one
// blank behind them.
std::string Builder::Documentation(const Token& first) const {
  size_t begin = first.getTokenIndex();
  while (begin > 0 && tokens_.get(begin - 1)->getType() == NetcLexer::DOC) --begin;
  std::string documentation;
  for (size_t at = begin; at < first.getTokenIndex(); ++at) {
    std::string line = Text(*tokens_.get(at)).substr(3);
    if (line.starts_with(' ')) line.erase(0, 1);
    while (line.ends_with(' ') || line.ends_with('\t')) line.pop_back();
    if (at > begin) documentation += '\n';
    documentation += line;
  }
  return documentation;
}

// The byte of `\xHH`, or -1.
static int HexByte(std::string_view text, size_t at) {
  unsigned value = 0;
  if (at + 2 > text.size()) return -1;
  auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
  return error == std::errc() && end == text.data() + at + 2 ? static_cast<int>(value) : -1;
}

// The text of a string literal: `\"`, `\\`, `\n`, `\r`, `\t`, `\0` and `\xHH` are
// known; a byte of `\xHH` need not be UTF-8, for payloads are bytes.
std::string Builder::BuildString(const Token& token) {
  static constexpr std::string_view kEscapes = "\"\\nrt0";
  static constexpr std::string_view kMeanings("\"\\\n\r\t\0", 6);
  std::string text = Text(token);
  bool closed = text.size() >= 2 && text.ends_with('"');
  std::string_view inside = std::string_view(text).substr(1, text.size() - (closed ? 2 : 1));
  std::string result;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\' || i + 1 == inside.size()) {
      result += inside[i];
      continue;
    }
    size_t known = kEscapes.find(inside[++i]);
    int byte = inside[i] == 'x' ? HexByte(inside, i + 1) : -1;
    if (known != std::string_view::npos) {
      result += kMeanings[known];
    } else if (byte >= 0) {
      result += static_cast<char>(byte);
      i += 2;
    } else {
      uint32_t at = SpanOf(token).begin + 1 + static_cast<uint32_t>(i);
      Report(diag::Error(diag::Kind::kBadLiteral, {file_, at - 1, at + 1},
                         "unknown escape in a string", "not an escape")
                 .WithHint(R"(escapes: \" \\ \n \r \t \0 \xHH)"));
    }
  }
  return result;
}

// Once an item: what holds too deep a part is too deep itself.
void Builder::ReportTooDeep(Span span) {
  if (!std::exchange(too_deep_, true)) Report(NestingTooDeep(span));
}

// An INT token as a number from 0 to `most`; reports one that is larger.
uint64_t Builder::BuildNumber(const Token& token, uint64_t most) {
  std::string digits = Text(token);
  std::erase(digits, '_');
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) base = 16;
  if (digits.starts_with("0b") || digits.starts_with("0B")) base = 2;
  if (base != 10) digits.erase(0, 2);
  uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  if (error == std::errc() && stop == end && value <= most) return value;
  Report(diag::Error(diag::Kind::kBadLiteral, SpanOf(token),
                     "`" + Text(token) + "` is not a number from 0 to " + std::to_string(most)));
  return 0;
}

}  // namespace netc::parse
