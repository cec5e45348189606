// The rows of fields.def as tables. Included by hook_tables.cpp alone.
#pragma once

#include "compiler/hooks/field.h"
#include "compiler/hooks/hook_sets.h"
#include "compiler/hooks/per_hook.h"
#include "compiler/hooks/rows.h"

namespace netc::hooks::rows {

struct Layout {
  uint16_t offset;
  uint16_t size;
  std::string_view c_type;
  ByteOrder order;
  KernelVersion since;
};

#define ACCESS(...)
#define POINTEE(...)
#define FIELD(context, name, offset, size, c_type, order, since) \
  inline constexpr Layout kLayout_##context##_##name{offset, size, c_type, ByteOrder::order, since};
#include "compiler/hooks/fields.def"
#undef FIELD
#undef ACCESS
#undef POINTEE

constexpr Field MakeField(std::string_view context, std::string_view name, std::string_view word,
                          const Layout& layout, Yields yields, Widths reads, Widths writes) {
  return {context,      name,         word,   layout.offset, layout.size, layout.c_type,
          layout.order, layout.since, yields, reads,         writes};
}

#define FIELD(...)
#define POINTEE(...)
#define ACCESS(context, name, word, hooks, yields, reads, writes) \
  {hooks,                                                         \
   MakeField(#context, #name, word, kLayout_##context##_##name, Yields::yields, reads, writes)},
inline constexpr Row<Field> kAccessRows[] = {
#include "compiler/hooks/fields.def"
};
#undef ACCESS
#undef POINTEE

#define ACCESS(...)
#define POINTEE(context, name, word, pointer, reads) \
  {Pointer::pointer,                                 \
   MakeField(#context, #name, word, kLayout_##context##_##name, Yields::kScalar, reads, kNever)},
inline constexpr PointeeField kPointeeRows[] = {
#include "compiler/hooks/fields.def"
};
#undef FIELD
#undef ACCESS
#undef POINTEE

inline constexpr PerHook kFields = SplitByHook<CountPerHook(kAccessRows)>(kAccessRows);

}  // namespace netc::hooks::rows
