// Types by name.
#include <fmt/format.h>

#include <charconv>

#include "compiler/sema/body.h"

namespace netc::sema {

using diag::Kind;

namespace {

struct SimpleRow {
  std::string_view name;
  TypeKind kind;
};
constexpr SimpleRow kSimpleTypes[] = {
    {"bool", TypeKind::kBool},         {"port", TypeKind::kPort},
    {"duration", TypeKind::kDuration}, {"frequency", TypeKind::kFrequency},
    {"bitrate", TypeKind::kBitrate},   {"size", TypeKind::kSize},
    {"time", TypeKind::kTime},         {"ipv4_addr", TypeKind::kIpv4},
    {"ipv6_addr", TypeKind::kIpv6},    {"ip_addr", TypeKind::kIp},
    {"mac_addr", TypeKind::kMac},
};

// u1 to u64, i1 to i64.
TypeId IntegerType(TypeTable& types, std::string_view name) {
  if (name.size() < 2 || (name[0] != 'u' && name[0] != 'i')) return {};
  uint32_t bits = 0;
  auto result = std::from_chars(name.data() + 1, name.data() + name.size(), bits);
  bool whole = result.ec == std::errc{} && result.ptr == name.data() + name.size();
  if (!whole || name[1] == '0' || bits < 1 || bits > 64) return {};
  return types.Integer(bits, name[0] == 'i');
}

TypeId NamedType(Context& context, uint32_t file, const ast::NamedType& named) {
  TypeTable& types = context.program.types;
  const std::string& name = named.path.parts.back().text;
  if (named.path.parts.size() == 1) {
    for (const SimpleRow& row : kSimpleTypes) {
      if (row.name == name) return types.Simple(row.kind);
    }
    if (TypeId integer = IntegerType(types, name); integer != TypeId{}) return integer;
    if (name == "prefix" && named.arguments.size() == 1) {
      TypeId element = ResolveType(context, file, named.arguments[0]);
      TypeKind kind = types[element].kind;
      bool address = kind == TypeKind::kIpv4 || kind == TypeKind::kIpv6 || kind == TypeKind::kIp;
      if (address) return types.Of(TypeKind::kPrefix, element);
      if (element != TypeId{}) {
        context.diagnostics.Emit(
            diag::Error(Kind::kTypeMismatch, named.arguments[0].span, "a prefix is of addresses"));
      }
      return {};
    }
  }
  uint32_t where = file;
  if (named.path.parts.size() == 2) {
    // A protocol of the module's name doesn't hide the module here.
    const auto& own = context.symbols.files[file].names;
    auto module = own.find(named.path.parts[0].text);
    if (module != own.end() && module->second.kind == SymbolKind::kModule) {
      where = module->second.index;
    }
  }
  const Symbol* symbol = context.symbols.Find(where, name);
  if (symbol && symbol->kind == SymbolKind::kType) return context.types[symbol->index];
  const hooks::KernelStruct* kernel =
      named.path.parts.size() == 1 ? hooks::FindKernelStruct(name) : nullptr;
  if (kernel) {
    if (context.kernel_types) return types.AddKernelStruct(*kernel);
    context.diagnostics.Emit(
        diag::Error(Kind::kWrongPlace, named.path.span,
                    fmt::format("`{}` is the kernel's: only locals have this type", name))
            .WithHint("here: declare a struct with the fields that you need"));
    return {};
  }
  if (named.path.parts.size() == 1 && (name == "string" || name == "interface")) {
    context.diagnostics.Emit(
        diag::Error(Kind::kUnknownType, named.path.span,
                    fmt::format("`{}` is a type of parameters and constants alone", name)));
    return {};
  }
  std::vector<std::string> known;
  for (const SimpleRow& row : kSimpleTypes) known.emplace_back(row.name);
  for (const char* integer : {"u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"}) {
    known.emplace_back(integer);
  }
  for (const auto& [other, declared] : context.symbols.files[where].names) {
    if (declared.kind == SymbolKind::kType) known.push_back(other);
  }
  context.diagnostics.Emit(Unknown(Kind::kUnknownType, named.path.span, "type", name, known));
  return {};
}

}  // namespace

TypeId ResolveType(Context& context, uint32_t file, const ast::Type& type) {
  TypeTable& types = context.program.types;
  if (const auto* named = std::get_if<ast::NamedType>(&type.node)) {
    return NamedType(context, file, *named);
  }
  if (const auto* tuple = std::get_if<ast::TupleType>(&type.node)) {
    StructDecl decl;
    for (const ast::Type& element : tuple->elements) {
      TypeId id = ResolveType(context, file, element);
      if (id == TypeId{}) return {};
      decl.fields.push_back({std::to_string(decl.fields.size()), id, 0});
    }
    return types.AddStruct(std::move(decl));
  }
  const auto& array = std::get<ast::ArrayType>(type.node);
  TypeId element = ResolveType(context, file, array.element[0]);
  BodyChecker checker(context, file, nullptr);
  ExprPtr count = checker.ConstantOf(*array.count, types.Unsigned(32));
  if (element == TypeId{} || !count) return {};
  uint64_t n = AsConstant(*count)->number;
  if (n == 0 || n * types.SizeOf(element) > 1 << 16) {
    context.diagnostics.Emit(diag::Error(Kind::kBadLiteral, array.count->span,
                                         "an array has 1 to 65,536 bytes' worth of elements"));
    return {};
  }
  return types.Of(TypeKind::kArray, element, static_cast<uint32_t>(n));
}

}  // namespace netc::sema
