// What a test says of the machine around its program.
#pragma once

#include <optional>
#include <variant>

#include "compiler/object/test_plan.h"
#include "compiler/sema/body.h"

namespace netc::sema {

// `route(PREFIX, via: ADDRESS, mac: ADDRESS)` or `listener(tcp, ADDRESS, PORT)`.
// Nothing, and an error, if it is neither.
using World = std::variant<object::AddRoute, object::AddListener>;
std::optional<World> WorldOf(Context& context, BodyChecker& checker, const ast::Expr& written);

// `fault("trim failed in guard") == 1`; nothing, and no error, if it is something else.
std::optional<object::ExpectFault> FaultOf(Context& context, BodyChecker& checker,
                                           const ast::Compare& compare);

}  // namespace netc::sema
