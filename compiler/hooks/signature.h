// What a call by the kernel's name takes in a hook, and what it gives: the rows of
// helpers.def and kfuncs.def, read for whoever writes or checks such a call.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/hooks/helper.h"

namespace netc::hooks {

// An object of the kernel's that a call gives; see objects.def.
struct ObjectKind {
  std::string_view word;      // "socket"
  std::string_view c_struct;  // "bpf_sock"
  Args kind{};                // one of them
  std::string_view release;   // what gives the reference back; empty: nothing to give back
  KernelVersion since{};

  bool is_socket() const;
};
std::span<const ObjectKind> AllObjectKinds();
// Whether a function gives back references, which the compiler does.
bool IsRelease(std::string_view function);

enum class Pass : uint8_t {
  // By the compiler.
  kContext,
  kKernelContext,  // the kernel's own form of it: bpf_cast_to_kern_ctx
  kSize,           // bytes of the memory or text before it
  kNull,
  // By the compiler, if the caller leaves it out.
  kSocket,  // the hook's own, or an object
  kTask,    // the running one, or an object
  // By the caller.
  kScalar,
  kMemory,
  kMap,
  kText,
  kObject,
};

struct CallParameter {
  Pass pass{};
  std::string_view type, name;  // C
  Args takes{};                 // of objects: the kinds
  bool may_be_null = false;     // 0 may be given
  bool is_const = false;        // memory that the kernel only reads
  std::string_view pointee;     // C type behind a pointer, without `struct`; may be empty

  bool optional() const { return pass == Pass::kSocket || pass == Pass::kTask; }
  bool given() const { return pass >= Pass::kSocket; }
};

// Whether the verifier takes such an object as that parameter.
bool Fits(const ObjectKind& kind, const CallParameter& parameter);
// Whether it is an object that no call gives, nor a member of a congestion control.
bool IsOutOfReach(const CallParameter& parameter);

enum class Gives : uint8_t { kNothing, kNumber, kObject, kMapValue };

struct Signature {
  std::vector<CallParameter> parameters;
  uint32_t more = 0;  // numbers that may follow
  Gives gives{};
  const ObjectKind* object = nullptr;  // Gives::kObject
  bool may_be_absent = false;          // of an object or a map's value
  // Where a pipeline can't write the call: why, and what to write there.
  std::string_view why_not, instead;
};

Signature SignatureOf(const Helper& helper, const Call& form);
Signature SignatureOf(const Kfunc& kfunc, const Call& form);

}  // namespace netc::hooks
