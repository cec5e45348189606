#include "compiler/ast/dump.h"

#include <string_view>

namespace netc::ast {
namespace {

constexpr std::string_view kLiteralNames[] = {
    "integer", "quantity",    "frequency", "ipv4",   "ipv4_prefix",
    "ipv6",    "ipv6_prefix", "mac",       "string", "bool",
};
constexpr std::string_view kBinaryNames[] = {"*", "/", "%", "+", "-", "<<", ">>", "&", "^", "|"};
constexpr std::string_view kCompareNames[] = {
    "==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "has",
};

template <class Enum, size_t N>
std::string NameOf(const std::string_view (&names)[N], Enum value) {
  return std::string(names[static_cast<size_t>(value)]);
}

// In quotes, with everything but printable ASCII escaped.
std::string Quoted(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte >= 0x20 && byte < 0x7F) {
      quoted += c;
    } else {
      quoted += "\\x";
      quoted += kDigits[byte >> 4];
      quoted += kDigits[byte & 15];
    }
  }
  return quoted + "\"";
}

std::string Text(const Path& path) {
  std::string text;
  for (const Name& part : path.parts) text += (text.empty() ? "" : ".") + part.text;
  return text;
}

class Dumper {
 public:
  std::string Run(const File& file) {
    Line((file.is_module ? "module " : "pipeline ") + Text(file.name));
    Nest([&] {
      Documentation(file.documentation);
      for (const Item& item : file.items) Dump(item);
    });
    return std::move(out_);
  }

 private:
  void Line(const std::string& text) { out_.append(2 * depth_, ' ').append(text) += '\n'; }

  template <class Body>
  void Nest(Body body) {
    ++depth_;
    body();
    --depth_;
  }

  template <class Body>
  void Group(const std::string& title, Body body) {
    Line(title);
    Nest(body);
  }

  // A titled child that may be missing.
  void Part(const std::string& title, const ExprPtr& expr) {
    if (expr) Group(title, [&] { Dump(*expr); });
  }
  void Part(const std::string& title, const std::optional<Type>& type) {
    if (type) Line(title + " " + TypeText(*type));
  }
  void Part(const std::string& title, const std::vector<ExprPtr>& exprs) {
    if (exprs.empty()) return;
    Group(title, [&] {
      for (const ExprPtr& expr : exprs) Dump(*expr);
    });
  }

  void Documentation(const std::string& text) {
    if (!text.empty()) Line("doc " + Quoted(text));
  }

  // --- Types: on one line; an array's count, the only expression, in a form of its own.

  std::string TypeText(const Type& type) {
    return std::visit([&](const auto& node) { return TypeText(node); }, type.node);
  }
  std::string TypeText(const NamedType& type) {
    std::string text = Text(type.path);
    if (!type.arguments.empty()) text += "<" + TypeTexts(type.arguments) + ">";
    return text;
  }
  std::string TypeText(const TupleType& type) { return "(" + TypeTexts(type.elements) + ")"; }
  std::string TypeText(const ArrayType& type) {
    return "[" + TypeText(type.element[0]) + "; " + OneLine(*type.count) + "]";
  }
  std::string TypeTexts(const std::vector<Type>& types) {
    std::string text;
    for (const Type& type : types) text += (text.empty() ? "" : ", ") + TypeText(type);
    return text;
  }

  // An expression's lines joined by blanks, in parentheses if they are several.
  static std::string OneLine(const Expr& expr) {
    Dumper inner;
    inner.Dump(expr);
    std::string text, word;
    size_t lines = 0;
    for (char c : inner.out_) {
      if (c == '\n') {
        size_t begin = word.find_first_not_of(' ');
        text += (lines++ ? " " : "") + word.substr(begin);
        word.clear();
      } else {
        word += c;
      }
    }
    return lines > 1 ? "(" + text + ")" : text;
  }

  // --- Expressions

  void Dump(const Expr& expr) {
    std::visit([&](const auto& node) { Dump(node); }, expr.node);
  }
  void Dump(const Literal& node) {
    std::string text = node.kind == LiteralKind::kString ? Quoted(node.text) : node.text;
    Line(NameOf(kLiteralNames, node.kind) + " " + text);
  }
  void Dump(const NameRef& node) { Line("name " + node.text); }
  void Dump(const Member& node) {
    Group("member " + node.name.text, [&] { Dump(*node.object); });
  }
  void Dump(const Index& node) {
    Group("index", [&] {
      Dump(*node.object);
      Dump(*node.index);
    });
  }
  void Dump(const Call& node) {
    Group("call", [&] {
      Dump(*node.callee);
      DumpAll(node.arguments);
    });
  }
  void DumpAll(const std::vector<Argument>& arguments) {
    for (const Argument& argument : arguments) {
      Group(argument.name ? "argument " + argument.name->text : "argument",
            [&] { Dump(*argument.value); });
    }
  }
  void Dump(const Unary& node) {
    Group(node.op == UnaryOp::kNegate ? "negate" : "complement", [&] { Dump(*node.operand); });
  }
  void Dump(const Cast& node) {
    Group("as " + TypeText(node.type), [&] { Dump(*node.operand); });
  }
  void Dump(const Binary& node) {
    Pair("binary " + NameOf(kBinaryNames, node.op), node.left, node.right);
  }
  void Dump(const Range& node) {
    Pair(node.inclusive ? "range .." : "range ..<", node.first, node.last);
  }
  void Dump(const Compare& node) {
    Pair("compare " + NameOf(kCompareNames, node.op), node.left, node.right);
  }
  void Dump(const OrInsert& node) { Pair("or_insert", node.lookup, node.value); }
  void Pair(const std::string& title, const ExprPtr& left, const ExprPtr& right) {
    Group(title, [&] {
      Dump(*left);
      Dump(*right);
    });
  }
  void Dump(const Not& node) {
    Group("not", [&] { Dump(*node.operand); });
  }
  void Dump(const And& node) { List("and", node.operands); }
  void Dump(const Or& node) { List("or", node.operands); }
  void Dump(const Tuple& node) { List("tuple", node.elements); }
  void Dump(const SetLiteral& node) { List("set", node.elements); }
  void Dump(const ArrayLiteral& node) { List("array", node.elements); }
  void List(const std::string& title, const std::vector<ExprPtr>& elements) {
    Group(title, [&] {
      for (const ExprPtr& element : elements) Dump(*element);
    });
  }
  void Dump(const StructLiteral& node) {
    Group("struct " + Text(node.path), [&] { DumpAll(node.fields); });
  }
  void DumpAll(const std::vector<Initializer>& fields) {
    for (const Initializer& field : fields) Part("field " + field.name.text, field.value);
  }

  // --- Statements

  void Dump(const Block& block) {
    for (const Statement& statement : block.statements) Dump(statement);
  }
  void Dump(const std::unique_ptr<Block>& otherwise) {
    if (otherwise) Group("else", [&] { Dump(*otherwise); });
  }
  void Dump(const Statement& statement) {
    std::visit([&](const auto& node) { DumpStatement(node); }, statement.node);
  }
  void DumpStatement(const Let& node) {
    Group((node.is_var ? "var " : "let ") + node.name.text, [&] {
      Part("type", node.type);
      if (node.value) Dump(*node.value);
    });
  }
  void DumpStatement(const If& node) {
    Group("if", [&] {
      for (const If::Branch& branch : node.branches) {
        const std::optional<Name>& binding = branch.condition.binding;
        Part(binding ? "let " + binding->text : "condition", branch.condition.value);
        Group("then", [&] { Dump(branch.block); });
      }
      if (node.otherwise) Group("else", [&] { Dump(*node.otherwise); });
    });
  }
  void DumpStatement(const Match& node) {
    Group("match", [&] {
      Dump(*node.subject);
      for (const Match::Arm& arm : node.arms) {
        Group(arm.patterns.empty() ? "else" : "arm", [&] {
          Part("patterns", arm.patterns);
          Dump(*arm.body);
        });
      }
    });
  }
  void DumpStatement(const For& node) {
    Group("for " + node.variable.text, [&] {
      Dump(*node.range);
      Group("do", [&] { Dump(node.body); });
    });
  }
  void DumpStatement(const Case& node) {
    Group("case " + node.name.text, [&] {
      Part("when", node.when);
      Group("do", [&] { Dump(node.body); });
    });
  }
  void DumpStatement(const Emit& node) {
    Group("emit " + node.event.text, [&] {
      DumpAll(node.fields);
      Part("when", node.when);
    });
  }
  void DumpStatement(const Return& node) {
    Line("return");
    if (node.value) Nest([&] { Dump(*node.value); });
  }
  void DumpStatement(const Break& node) { Leave("break", node.when); }
  void DumpStatement(const Continue& node) { Leave("continue", node.when); }
  void Leave(const std::string& word, const ExprPtr& when) {
    Group(word, [&] { Part("when", when); });
  }
  void DumpStatement(const Action& node) {
    Group("action " + node.word.text, [&] {
      for (const ExprPtr& argument : node.arguments) Dump(*argument);
      Part("when", node.when);
      Dump(node.otherwise);
    });
  }
  void DumpStatement(const Assign& node) {
    Group("assign " + (node.op ? NameOf(kBinaryNames, *node.op) : std::string()) + "=", [&] {
      Dump(*node.target);
      Dump(*node.value);
      Part("when", node.when);
      Dump(node.otherwise);
    });
  }
  void DumpStatement(const Evaluate& node) {
    Group("evaluate", [&] {
      Dump(*node.value);
      Part("when", node.when);
      Dump(node.otherwise);
    });
  }
  void DumpStatement(const Block& node) {
    Group("block", [&] { Dump(node); });
  }

  // --- Items

  void Dump(const Item& item) {
    documentation_ = &item.documentation;
    std::visit([&](const auto& node) { DumpItem(node); }, item.node);
  }
  // An item's first line and its documentation, then what it holds.
  template <class Body>
  void Titled(const std::string& title, Body body) {
    Group(title, [&] {
      Documentation(*documentation_);
      body();
    });
  }
  void DumpItem(const Import& node) {
    Titled("import " + Text(node.path) + (node.alias ? " as " + node.alias->text : ""), [] {});
  }
  void DumpItem(const ImportC& node) {
    Titled("import " + Text(node.language) + " " + Quoted(node.header.text), [&] {
      for (const CFunction& function : node.functions) {
        Group("function " + function.name.text, [&] {
          for (const Parameter& parameter : function.parameters) {
            Line("parameter " + parameter.name.text +
                 (parameter.type ? " " + TypeText(*parameter.type) : ""));
          }
          Part("result", function.result);
        });
      }
    });
  }
  void DumpItem(const KernelFloor& node) {
    Titled("kernel " + std::to_string(node.major) + "." + std::to_string(node.minor), [] {});
  }
  void DumpItem(const Param& node) {
    Titled((node.is_const ? "const param " : "param ") + node.name.text, [&] {
      Line("type " + TypeText(node.type));
      Part("value", node.value);
    });
  }
  void DumpItem(const Const& node) { Definition("const", node); }
  void DumpItem(const Alias& node) { Definition("let", node); }
  template <class Node>
  void Definition(const std::string& word, const Node& node) {
    Titled(word + " " + node.name.text, [&] {
      Part("type", node.type);
      Dump(*node.value);
    });
  }
  void DumpItem(const State& node) {
    Titled("state " + node.name.text, [&] {
      if (node.per) Line("per " + node.per->text);
      Line("kind " + TypeText(node.kind));
      DumpAll(node.arguments);
      if (node.has_entries) Line("entries");
      Nest([&] {
        for (const State::Entry& entry : node.entries) {
          Part("key", entry.key);
          Part("value", entry.value);
        }
      });
    });
  }
  void DumpItem(const Event& node) {
    Titled("event " + node.name.text, [&] { DumpAll(node.fields); });
  }
  void DumpItem(const Struct& node) {
    Titled("struct " + node.name.text, [&] { DumpAll(node.fields); });
  }
  void DumpAll(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      Line("field " + field.name.text + ": " + TypeText(field.type));
      Nest([&] { Part("initial", field.initial); });
    }
  }
  void DumpItem(const Enum& node) {
    Titled((node.is_flags ? "flags " : "enum ") + node.name.text, [&] {
      Part("type", node.type);
      for (const Enum::Member& member : node.members) {
        Group("member " + member.name.text, [&] {
          if (member.value) Dump(*member.value);
        });
      }
    });
  }
  void DumpItem(const Function& node) {
    Titled("fn " + node.name.text, [&] { Signature(node); });
  }
  template <class Node>
  void Signature(const Node& node) {
    for (const Parameter& parameter : node.parameters) {
      Line("parameter " + parameter.name.text +
           (parameter.type ? ": " + TypeText(*parameter.type) : ""));
    }
    Part("result", node.result);
    Group("do", [&] { Dump(node.body); });
  }
  void DumpItem(const Selector& node) {
    Titled("selector " + node.name.text, [&] {
      Line("type " + TypeText(node.type));
      if (node.depth) Line("depth " + std::to_string(*node.depth));
    });
  }
  void DumpItem(const Header& node) {
    Titled("header " + node.name.text, [&] {
      for (const Place& place : node.places) {
        DumpPlace(std::string(place.inner ? "on inner " : "on ") + place.selector.text,
                  place.values);
      }
      if (node.within) Line("within " + node.within->text);
      for (const HeaderMember& member : node.members) Dump(member);
    });
  }
  void DumpPlace(const std::string& title, const std::vector<ExprPtr>& exprs) {
    Group(title, [&] {
      for (const ExprPtr& expr : exprs) Dump(*expr);
    });
  }
  void Dump(const HeaderMember& member) {
    Documentation(member.documentation);
    std::visit([&](const auto& node) { DumpMember(node); }, member.node);
  }
  void DumpMember(const HeaderField& node) {
    Line((node.is_layout ? "layout " : "field ") + node.name.text + ": " + TypeText(node.type));
    Nest([&] { Part("initial", node.initial); });
  }
  void DumpMember(const HeaderProperty& node) { Part("let " + node.name.text, node.value); }
  void DumpMember(const HeaderRequire& node) { Part("require", node.condition); }
  void DumpMember(const HeaderSize& node) { Part("size", node.bytes); }
  void DumpMember(const HeaderExtent& node) { Part("extent", node.bytes); }
  void DumpMember(const HeaderChecksum& node) {
    Part("checksum " + node.field.text, node.algorithm);
  }
  void DumpMember(const HeaderNext& node) {
    Group(std::string(node.inner ? "next inner " : "next ") + node.selector.text, [&] {
      Dump(*node.value);
      Part("when", node.when);
    });
  }
  void DumpMember(const HeaderOptions& node) {
    Group("options", [&] {
      DumpAll(node.fields);
      for (const HeaderOptions::Mark& mark : node.marks) Part("mark " + mark.name.text, mark.when);
      Part("size", node.size);
    });
  }
  void DumpMember(const HeaderOption& node) {
    Group("option " + node.name.text, [&] {
      Part("kinds", node.kinds);
      for (const HeaderMember& member : node.members) Dump(member);
    });
  }
  void DumpItem(const View& node) {
    Titled("view " + node.name.text, [&] {
      for (const Name& name : node.alternatives) Line("of " + name.text);
      for (const View::Member& member : node.members) {
        Group("member " + member.name.text + ": " + TypeText(member.type), [&] {
          for (const Path& source : member.sources) Line("from " + Text(source));
        });
      }
    });
  }
  void DumpItem(const Hook& node) {
    Titled("on " + Text(node.hook) + (node.name ? " " + node.name->text : ""), [&] {
      DumpAll(node.attributes);
      Group("do", [&] { Dump(node.body); });
    });
  }
  void DumpAll(const std::vector<Attribute>& attributes) {
    for (const Attribute& attribute : attributes) {
      Part("attribute " + attribute.name.text, attribute.value);
    }
  }
  void DumpItem(const CongestionControl& node) {
    Titled("cc " + node.name.text, [&] {
      DumpAll(node.attributes);
      for (const CongestionControl::Storage& storage : node.storage) {
        Group("per " + storage.scope.text, [&] { DumpAll(storage.fields); });
      }
      for (const CongestionControl::Function& function : node.functions) {
        Group((function.is_event ? "on " : "fn ") + function.name.text,
              [&] { Signature(function); });
      }
    });
  }
  void DumpItem(const Sweep& node) {
    Titled("sweep " + node.name.text + " over " + node.over.text, [&] {
      DumpAll(node.attributes);
      Part("every", node.every);
      Group("do", [&] { Dump(node.body); });
    });
  }

  // --- Tests

  void DumpItem(const Test& node) {
    Titled("test " + Quoted(node.title.text) + " on " + node.hook.text, [&] {
      for (const TestStep& step : node.steps) {
        std::visit([&](const auto& each) { DumpStep(each); }, step.node);
      }
    });
  }
  void DumpStep(const SendStep& node) {
    std::string times =
        node.times_word ? " " + node.times_word->text + " " + std::to_string(node.times) : "";
    Group("send" + times, [&] { Dump(node.packet); });
  }
  void Dump(const Packet& packet) {
    for (const Layer& layer : packet.layers) {
      std::string option = layer.option ? "." + layer.option->text : "";
      Group("layer " + layer.name.text + option, [&] {
        DumpAll(layer.fields);
        if (layer.text) Line("text " + Quoted(*layer.text));
        DumpAll(layer.arguments);
      });
    }
  }
  void DumpStep(const ExpectEvent& node) {
    Group("expect event " + node.event.text, [&] { DumpAll(node.fields); });
  }
  void DumpStep(const ExpectNoEvent& node) {
    Line("expect not event" + (node.event ? " " + node.event->text : ""));
  }
  void DumpStep(const ExpectPacket& node) {
    Group("expect " + node.word.text + " =", [&] { Dump(node.packet); });
  }
  void DumpStep(const ExpectValue& node) { Part("expect", node.value); }
  void DumpStep(const ExpectPhrase& node) { Part("expect " + node.word.text, node.argument); }
  void DumpStep(const GivenStep& node) {
    if (!node.value) return Part("given", node.target);
    Pair("given", node.target, node.value);
  }
  void DumpStep(const StateStep& node) {
    Group(node.value ? "set" : "evaluate", [&] {
      Dump(*node.target);
      if (node.value) Dump(*node.value);
    });
  }

  std::string out_;
  size_t depth_ = 0;
  const std::string* documentation_ = nullptr;  // of the item that is dumped
};

}  // namespace

std::string Dump(const File& file) {
  return Dumper().Run(file);
}

}  // namespace netc::ast
