// The doctor's questions to the kernel.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/doctor.h"
#include "runtime/fd.h"

struct btf;

namespace netc::runtime {

struct FreeBtf {
  void operator()(btf* types) const;
};
using KernelTypes = std::unique_ptr<btf, FreeBtf>;

// Null where the kernel has no BTF.
KernelTypes LoadKernelTypes();

// The smallest program of the hook; with `helper`, one that calls it first, which
// only tells whether the verifier knows it there. `log` may be null.
Fd LoadSmallest(const hooks::Hook& hook, const btf* types, ProbeAnswer& answer, uint32_t helper = 0,
                std::vector<char>* log = nullptr);

// Names of helpers of the tables that the kernel knows in this hook.
std::vector<std::string> KnownHelpers(const hooks::Hook& hook, const btf* types);

std::vector<MapHealth> ProbeMaps();

// Where programs are tried: the calling thread is in a network namespace of its own
// from then on, and there is a cgroup of its own until this goes.
class ScratchPlaces {
 public:
  explicit ScratchPlaces(const std::string& cgroup2);
  ~ScratchPlaces();
  ScratchPlaces(const ScratchPlaces&) = delete;
  ScratchPlaces& operator=(const ScratchPlaces&) = delete;

  bool own_netns() const { return own_netns_; }
  int cgroup() const { return cgroup_.get(); }  // -1: none
  int netns() const { return netns_.get(); }

 private:
  bool own_netns_ = false;
  std::string path_;
  Fd cgroup_;
  Fd netns_;
};

// Attaches the program and detaches it again, in both ways.
void ProbeAttach(const hooks::Hook& hook, int program, const btf* types,
                 const ScratchPlaces& places, HookHealth& health);

Machine DescribeMachine();
// Ticks a second, from a program that reads the kernel's; 0 if it can't be told.
unsigned MeasureHz();

}  // namespace netc::runtime
