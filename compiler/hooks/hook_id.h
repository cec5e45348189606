// Identity of a hook, and sets of hooks.
//
// A hook here is what one BPF program is loaded for: one program type with one
// expected attach type. Words of the language that stand for several of them
// (`cgroup.connect`, `cc`) are in names.def.
#pragma once

#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace netc::hooks {

enum class HookId : uint8_t {
#define HOOK(id, ...) k##id,
#include "compiler/hooks/hooks.def"
#undef HOOK
};

inline constexpr size_t kHookCount = 0
#define HOOK(id, ...) +1
#include "compiler/hooks/hooks.def"
#undef HOOK
    ;
static_assert(kHookCount <= 64, "HookSet is one 64-bit word");

// A set of hooks as one word; iterates in the order of hooks.def.
class HookSet {
 public:
  constexpr HookSet() = default;
  constexpr HookSet(HookId id)
      : bits_(uint64_t{1} << static_cast<unsigned>(id)) {}  // NOLINT: a hook is a set
  static constexpr HookSet FromBits(uint64_t bits) { return HookSet(bits, 0); }

  constexpr bool has(HookId id) const { return bits_ >> static_cast<unsigned>(id) & 1; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr size_t size() const { return static_cast<size_t>(std::popcount(bits_)); }
  constexpr uint64_t bits() const { return bits_; }

  friend constexpr HookSet operator|(HookSet a, HookSet b) { return FromBits(a.bits_ | b.bits_); }
  friend constexpr HookSet operator&(HookSet a, HookSet b) { return FromBits(a.bits_ & b.bits_); }
  friend constexpr HookSet operator-(HookSet a, HookSet b) { return FromBits(a.bits_ & ~b.bits_); }
  friend constexpr bool operator==(HookSet, HookSet) = default;

  class Iterator {
   public:
    constexpr explicit Iterator(uint64_t bits) : bits_(bits) {}
    constexpr HookId operator*() const { return static_cast<HookId>(std::countr_zero(bits_)); }
    constexpr Iterator& operator++() {
      bits_ &= bits_ - 1;
      return *this;
    }
    friend constexpr bool operator==(Iterator, Iterator) = default;

   private:
    uint64_t bits_;
  };
  constexpr Iterator begin() const { return Iterator(bits_); }
  constexpr Iterator end() const { return Iterator(0); }

 private:
  constexpr HookSet(uint64_t bits, int) : bits_(bits) {}
  uint64_t bits_ = 0;
};

constexpr HookSet operator|(HookId a, HookId b) {
  return HookSet(a) | HookSet(b);
}

// A kernel release, e.g. {6, 1}.
struct KernelVersion {
  uint8_t major = 0;
  uint8_t minor = 0;
  friend constexpr auto operator<=>(const KernelVersion&, const KernelVersion&) = default;
};

// The oldest kernel that netc promises anything about.
inline constexpr KernelVersion kOldestKernel{6, 1};

}  // namespace netc::hooks
