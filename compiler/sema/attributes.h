// Attributes of hook blocks, and the types of text that only they take. Internal to
// this folder.
#pragma once

#include <optional>

#include "compiler/sema/context.h"

namespace netc::sema {

// `string` or `interface`, which a parameter or constant may be; nothing if the type
// is another.
std::optional<TypeId> TextType(Context& context, uint32_t file, const ast::Type& type);

// Adds the attribute to the block, or says why not.
void CheckAttribute(Context& context, HookBlock& block, const ast::Attribute& attribute);

}  // namespace netc::sema
