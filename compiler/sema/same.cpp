#include "compiler/sema/same.h"

#include <algorithm>
#include <variant>

#include "compiler/sema/children.h"

namespace netc::sema {

namespace {

bool SamePtr(const ExprPtr& a, const ExprPtr& b) {
  return a && b ? Same(*a, *b) : !a && !b;
}

bool SameAll(const std::vector<ExprPtr>& a, const std::vector<ExprPtr>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), SamePtr);
}

bool SameConstant(const Constant& a, const Constant& b) {
  return a.number == b.number && a.bytes == b.bytes && a.text == b.text;
}

bool SameElement(const Contains::Element& a, const Contains::Element& b) {
  return a.form == b.form && a.length == b.length && SameConstant(a.first, b.first) &&
         SameConstant(a.last, b.last);
}

// One overload a node that always yields the same.
struct Comparer {
  bool operator()(const Constant& a, const Constant& b) const { return SameConstant(a, b); }
  bool operator()(const LocalRef& a, const LocalRef& b) const { return a.local == b.local; }
  bool operator()(const FieldRead& a, const FieldRead& b) const {
    return a.header == b.header && a.field == b.field;
  }
  bool operator()(const Present& a, const Present& b) const { return a.header == b.header; }
  bool operator()(const FieldOf& a, const FieldOf& b) const {
    return a.field == b.field && SamePtr(a.object, b.object);
  }
  bool operator()(const StructValue& a, const StructValue& b) const {
    return SameAll(a.fields, b.fields);
  }
  bool operator()(const ElementOf& a, const ElementOf& b) const {
    return SamePtr(a.object, b.object) && SamePtr(a.index, b.index);
  }
  bool operator()(const Unary& a, const Unary& b) const {
    return a.op == b.op && SamePtr(a.operand, b.operand);
  }
  bool operator()(const Binary& a, const Binary& b) const {
    return a.op == b.op && SamePtr(a.left, b.left) && SamePtr(a.right, b.right);
  }
  bool operator()(const Compare& a, const Compare& b) const {
    return a.op == b.op && SamePtr(a.left, b.left) && SamePtr(a.right, b.right);
  }
  bool operator()(const Not& a, const Not& b) const { return SamePtr(a.operand, b.operand); }
  bool operator()(const And& a, const And& b) const { return SameAll(a.operands, b.operands); }
  bool operator()(const Or& a, const Or& b) const { return SameAll(a.operands, b.operands); }
  bool operator()(const Select& a, const Select& b) const {
    return SamePtr(a.condition, b.condition) && SamePtr(a.yes, b.yes) && SamePtr(a.no, b.no);
  }
  bool operator()(const Contains& a, const Contains& b) const {
    return SamePtr(a.subject, b.subject) &&
           std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(),
                      SameElement);
  }
  bool operator()(const Convert& a, const Convert& b) const {
    return SamePtr(a.operand, b.operand);
  }
  // Its entries may change meanwhile, but whoever asks twice means the same.
  bool operator()(const StateContains& a, const StateContains& b) const {
    return a.state == b.state && SamePtr(a.key, b.key);
  }
  bool operator()(const ContextField& a, const ContextField& b) const {
    return a.field == b.field && a.word == b.word;
  }
  bool operator()(const ArgumentRead& a, const ArgumentRead& b) const { return a.index == b.index; }
  bool operator()(const ValueRead& a, const ValueRead& b) const {
    return a.at == b.at && a.bits == b.bits;
  }
  bool operator()(const WordRead& a, const WordRead& b) const {
    return a.word == b.word && a.known == b.known;
  }
  bool operator()(const SocketTest& a, const SocketTest& b) const { return a.level == b.level; }
  bool operator()(const BuiltinCall& a, const BuiltinCall& b) const {
    return a.builtin == b.builtin && a.builtin == Builtin::kPacketLength;
  }
  template <typename A, typename B>
  bool operator()(const A&, const B&) const {
    return false;
  }
};

// What acts itself, or is made of what does.
struct CallFinder {
  bool operator()(const QueueTake& n) const { return !n.peek; }
  bool operator()(const OrInsert&) const { return true; }  // it changes the state
  bool operator()(const FunctionCall&) const { return true; }
  bool operator()(const CCall&) const { return true; }
  bool operator()(const HelperCall&) const { return true; }
  template <typename Node>
  bool operator()(const Node& n) const {
    bool calls = false;
    ForEachChild(n, [&](const ExprPtr& child) { calls = calls || HasCall(*child); });
    return calls;
  }
};

}  // namespace

bool Same(const Expr& a, const Expr& b) {
  return a.type == b.type && std::visit(Comparer{}, a.node, b.node);
}

bool HasCall(const Expr& expr) {
  return std::visit(CallFinder{}, expr.node);
}

}  // namespace netc::sema
