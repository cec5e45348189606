// What is known about a packet's headers at a point of the program.
#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "compiler/sema/context.h"
#include "compiler/sema/program.h"

namespace netc::sema {

// One of a view's headers is present, without its being known which.
struct ViewRef {
  uint32_t view = 0;
  Scope scope = Scope::kOuter;
  friend auto operator<=>(const ViewRef&, const ViewRef&) = default;
};

// Headers and views that are known to be present. Where control can't come,
// everything is known (`unreachable`), so that joining paths is intersection.
class Facts {
 public:
  bool Has(const Context& context, HeaderRef header) const;
  bool Has(const Context& context, ViewRef view) const;

  void Add(HeaderRef header) { headers_.insert(header); }
  void Add(ViewRef view) { views_.insert(view); }
  // What is known of the hook's socket: kNothing, kSocket, kFull or kTcp.
  void AddSocket(hooks::Needs level) { socket_ = std::max(socket_, level); }
  hooks::Needs socket() const { return socket_; }
  void AddAll(const Facts& other);
  // Of headers; the socket stays the packet's.
  void Forget() { headers_.clear(), views_.clear(); }
  void SetUnreachable() { unreachable_ = true; }
  bool unreachable() const { return unreachable_; }
  const std::set<ViewRef>& views() const { return views_; }

  // What holds after either path.
  static Facts Either(const Context& context, const Facts& a, const Facts& b);

 private:
  std::set<HeaderRef> headers_;
  std::set<ViewRef> views_;
  hooks::Needs socket_ = hooks::Needs::kNothing;
  bool unreachable_ = false;
};

// Headers that every packet with `header` has too, itself included; and whether
// one of the view's headers is always among them.
bool Implies(const Context& context, HeaderRef present, HeaderRef wanted);
bool Implies(const Context& context, HeaderRef present, ViewRef wanted);

}  // namespace netc::sema
