// Queues and stacks: what comes next, if there is anything.
#include "compiler/lower/body.h"

namespace netc::lower {

Body::Optional Body::Next(const sema::QueueTake& node, sema::TypeId type) {
  ir::Type item = types_.Of(type);
  ir::VarId next = code_.Keep("next", item, Zero(item));
  const char* helper = node.peek ? "bpf_map_peek_elem" : "bpf_map_pop_elem";
  ir::ExprPtr failed =
      ir::CallTo(helper, ir::Signed(64), Map(node.state), ir::Pointing(code_.Use(next)));
  ir::VarId got = code_.Keep("got", ir::Bool(), ir::Not(std::move(failed)));
  return {code_.Use(got), code_.Use(next), false};
}

}  // namespace netc::lower
