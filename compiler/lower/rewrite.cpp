// Writes to header fields, and effects that change a packet.
#include "compiler/lower/body.h"

namespace netc::lower {

void Body::AssignField(const sema::AssignField& node) { (void)node; }
void Body::LowerEffect(const sema::Effect& node) { (void)node; }

}  // namespace netc::lower
