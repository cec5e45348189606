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

// What names an interface: text, or a constant or parameter of text.
struct NamedText {
  std::optional<ParamId> param;
  std::string text;  // of a parameter its default
  std::string name;  // as it is written, without quotes
};
// Nothing if the expression is none of these, or can't be an interface's name.
std::optional<NamedText> InterfaceText(Context& context, uint32_t file, const ast::Expr& expr);

}  // namespace netc::sema
