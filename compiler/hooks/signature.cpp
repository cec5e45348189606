#include "compiler/hooks/signature.h"

#include <algorithm>
#include <array>

#include "compiler/hooks/c_text.h"
#include "compiler/hooks/cc.h"
#include "compiler/hooks/kernel_struct.h"
#include "compiler/hooks/rows.h"

namespace netc::hooks {

namespace {

using rows::V;

enum class Id : uint8_t {
#define GIVES(...)
#define BEGINS_WITH(...)
#define OBJECT(id, ...) k##id,
#include "compiler/hooks/objects.def"
#undef OBJECT
};

#define OBJECT(id, word, c_struct, kind, release, since) \
  {word, #c_struct, Args::kind, release, since},
constexpr ObjectKind kObjects[] = {
#include "compiler/hooks/objects.def"
};
#undef OBJECT
#undef GIVES

struct GivesRow {
  std::string_view function;
  Id id;
};
#define OBJECT(...)
#define GIVES(function, id) {function, Id::k##id},
constexpr GivesRow kGives[] = {
#include "compiler/hooks/objects.def"
};
#undef GIVES
#undef BEGINS_WITH

struct BeginRow {
  Id id;
  std::string_view c_struct;
};
#define GIVES(...)
#define BEGINS_WITH(id, c_struct) {Id::k##id, #c_struct},
constexpr BeginRow kBegins[] = {
#include "compiler/hooks/objects.def"
};
#undef BEGINS_WITH
#undef GIVES
#undef OBJECT

constexpr Args kSockets = Args::kCtxSk | Args::kFullSock | Args::kTcpSock | Args::kListener |
                          Args::kBtfSk | Args::kAcquiredSk;

// Why a pipeline can't write a call, by what it would have to hand over.
struct Reason {
  std::string_view why, instead;
};
constexpr Reason kTakesCallback{"takes a function of the program that the kernel calls back",
                                "a bounded `for`, or C of your own with `import c`"};
constexpr Reason kTakesLock{"takes a lock inside a map's value",
                            "nothing: counters, limiters and `or_insert` need no lock"};
constexpr Reason kTakesTimer{"takes a timer inside a map's value",
                             "`sweep … every`, or compare `now()` with a time that state keeps"};
constexpr Reason kTakesKept{"takes a kernel pointer that a map's value keeps",
                            "state `per socket`, `per task` or `per cgroup`, or C with `import c`"};
constexpr Reason kTakesPerCpu{"takes a per-CPU variable of the kernel's",
                              "state `per cpu`, or C of your own with `import c`"};
constexpr Reason kTakesDynptr{"takes a dynptr, a pointer that knows its bounds",
                              "headers and `payload`, or C of your own with `import c`"};
constexpr Reason kTakesRecord{"takes a record of a ring buffer", "`emit`"};
constexpr Reason kTakesIterator{"steps through an iterator of the kernel's", "a bounded `for`"};
constexpr Reason kChangesMode{"leaves the processor in another mode, which every path must undo",
                              "nothing: state is kept right where programs interrupt each other"};
constexpr Reason kGivesPointer{"gives a pointer that only C can use",
                               "C of your own with `import c`"};
constexpr Reason kGivesUnowned{"gives an object that can't be given back on every path",
                               "C of your own with `import c`"};

struct NamedReason {
  std::string_view function;
  Reason reason;
};
constexpr NamedReason kNamed[] = {
    {"bpf_tail_call", {"leaves the pipeline for a program of another", "functions, and blocks"}},
    {"bpf_ringbuf_reserve", {"reserves a record of a ring buffer", "`emit`"}},
    {"bpf_preempt_disable", kChangesMode},
    {"bpf_preempt_enable", kChangesMode},
    {"bpf_rcu_read_lock", kChangesMode},
    {"bpf_rcu_read_unlock", kChangesMode},
    {"bpf_get_func_ip",
     {"tells of the function that a program is attached to, and hooks are none", "nothing"}},
    {"bpf_xdp_output",
     {"takes a `struct xdp_buff`, which only programs that trace XDP have", "`emit`"}},
    {"bpf_bprm_opts_set",
     {"takes a program that is about to run, which no check of the network's "
      "has",
      "nothing"}},
    {"bpf_throw", {"ends the program without giving anything back", "a verdict"}},
};

const NamedReason* FindNamed(std::string_view function) {
  for (const NamedReason& each : kNamed) {
    if (each.function == function) return &each;
  }
  return nullptr;
}

// Map values that a call gives, and whether there may be none.
constexpr std::array kMapValues = {"bpf_map_lookup_elem",  "bpf_map_lookup_percpu_elem",
                                   "bpf_sk_storage_get",   "bpf_task_storage_get",
                                   "bpf_cgrp_storage_get", "bpf_inode_storage_get",
                                   "bpf_get_local_storage"};

std::string_view WithoutConst(std::string_view type) {
  constexpr std::string_view kConst = "const ";
  return type.starts_with(kConst) ? type.substr(kConst.size()) : type;
}

// "struct X *" → "X", "__u32 *" → "__u32".
std::string_view PointeeOf(std::string_view type) {
  type = WithoutConst(type);
  if (!type.ends_with('*')) return {};
  type.remove_suffix(1);
  while (type.ends_with(' ')) type.remove_suffix(1);
  constexpr std::string_view kStruct = "struct ";
  return type.starts_with(kStruct) ? type.substr(kStruct.size()) : type;
}

class Reader {
 public:
  Signature result;

  void Refuse(const Reason& reason) {
    if (!result.why_not.empty()) return;
    result.why_not = reason.why;
    result.instead = reason.instead;
  }

  // By the kinds of registers that the verifier takes.
  void Add(const CParameter& parameter, Args takes) {
    CallParameter made{Pass::kScalar, parameter.type, parameter.name, takes, false, false, {}};
    made.pointee = PointeeOf(parameter.type);
    // Memory that must not change is taken only where the kernel just reads it.
    made.is_const = parameter.type.starts_with("const ") || Takes(takes, Args::kBtfRo);
    made.may_be_null = Takes(takes, Args::kNull);
    bool memory = Takes(takes, Args::kMem | Args::kPkt | Args::kBtfRo);
    if (Takes(takes, Args::kCallback)) Refuse(kTakesCallback);
    if (Takes(takes, Args::kSpinLock)) Refuse(kTakesLock);
    if (Takes(takes, Args::kTimer)) Refuse(kTakesTimer);
    if (Takes(takes, Args::kKptrSlot)) Refuse(kTakesKept);
    if (Takes(takes, Args::kPerCpuPtr)) Refuse(kTakesPerCpu);
    if (Takes(takes, Args::kDynptr | Args::kDynptrUninit)) Refuse(kTakesDynptr);
    if (Takes(takes, Args::kRecord)) Refuse(kTakesRecord);
    if (Takes(takes, Args::kCtx))
      made.pass = Pass::kContext;
    else if (Takes(takes, Args::kKernCtx))
      made.pass = Pass::kKernelContext;
    else if (Takes(takes, Args::kMap))
      made.pass = Pass::kMap;
    else if (Takes(takes, Args::kConstStr))
      made.pass = Pass::kText;
    else if (Takes(takes, Args::kSize | Args::kSizeOrZero))
      made.pass = SizeOrNumber();
    else if (Takes(takes, Args::kCtxSk))
      made.pass = Pass::kSocket;
    else if (Takes(takes, kSockets))
      made.pass = Pass::kObject;
    else if (Takes(takes, Args::kTask))
      made.pass = Pass::kTask;
    else if (Takes(takes, Args::kCgroupPtr | Args::kBtf))
      made.pass = Pass::kObject;
    else if (memory)
      made.pass = Pass::kMemory;
    else if (takes == Args::kNull)
      made.pass = Pass::kNull;
    result.parameters.push_back(made);
  }

  // By the C text alone, as kfuncs have it: the kernel reads the names' suffixes.
  void Add(const CParameter& parameter) {
    CallParameter made{Pass::kScalar, parameter.type, parameter.name, {}, false, false, {}};
    std::string_view name = parameter.name;
    made.pointee = PointeeOf(parameter.type);
    made.is_const = parameter.type.starts_with("const ");
    made.may_be_null = name.ends_with("__nullable") || name.ends_with("__opt");
    auto pointee_has = [&](std::string_view text) { return made.pointee.starts_with(text); };
    if (parameter.type.find('(') != std::string_view::npos ||
        parameter.type.find("callback") != std::string_view::npos ||
        name.find(')') != std::string_view::npos || pointee_has("bpf_wq") ||
        pointee_has("bpf_task_work")) {
      Refuse(kTakesCallback);
    }
    if (pointee_has("bpf_dynptr")) Refuse(kTakesDynptr);
    if (pointee_has("bpf_iter_")) Refuse(kTakesIterator);
    if (pointee_has("bpf_res_spin_lock")) Refuse(kTakesLock);
    if (name.ends_with("__irq_flag")) Refuse(kChangesMode);
    if (pointee_has("bpf_list_") || pointee_has("bpf_rb_") || name.ends_with("__alloc") ||
        name.ends_with("__refcounted_kptr") || name.ends_with("type_id__k")) {
      Refuse(kTakesKept);
    }
    bool pointer = parameter.type.ends_with('*');
    bool number_behind = pointee_has("u") || pointee_has("__u") || pointee_has("__be") ||
                         pointee_has("enum ") || pointee_has("s32") || pointee_has("int") ||
                         pointee_has("void") || pointee_has("char");
    if (pointee_has("union ")) Refuse(kGivesPointer);
    if (name.ends_with("__prog") || (name.ends_with("__ign") && pointee_has("void"))) {
      made.pass = Pass::kNull;
    } else if (name.ends_with("__map") || made.pointee == "bpf_map") {
      made.pass = Pass::kMap;
    } else if (name.ends_with("__str") || (name.ends_with("__ign") && pointee_has("char"))) {
      made.pass = Pass::kText;
    } else if (name.ends_with("__sz") || name.ends_with("__szk")) {
      made.pass = SizeOrNumber();
    } else if (pointer) {
      bool memory = number_behind || IsKernelStruct(made.pointee);
      made.pass = memory ? Pass::kMemory : Pass::kObject;
      if (made.pointee == "task_struct") made.takes = Args::kTask;
    }
    result.parameters.push_back(made);
  }

  void Result(std::string_view function, std::string_view type, bool acquires, bool may_be_null) {
    constexpr std::string_view kFastcall = "__bpf_fastcall ";
    if (type.starts_with(kFastcall)) type.remove_prefix(kFastcall.size());
    if (const NamedReason* named = FindNamed(function)) Refuse(named->reason);
    if (std::find(kMapValues.begin(), kMapValues.end(), function) != kMapValues.end()) {
      result.gives = Gives::kMapValue;
      result.may_be_absent = function != "bpf_get_local_storage";
      return;
    }
    if (type == "void") return;
    result.gives = Gives::kNumber;
    if (!type.ends_with('*')) return;
    result.gives = Gives::kObject;
    for (const GivesRow& row : kGives) {
      if (row.function == function) result.object = &kObjects[static_cast<size_t>(row.id)];
    }
    for (const ObjectKind& each : kObjects) {
      bool owned = !each.release.empty();
      if (!result.object && each.c_struct == PointeeOf(type) && owned == acquires)
        result.object = &each;
    }
    result.may_be_absent = may_be_null || acquires;
    if (!result.object) Refuse(acquires ? kGivesUnowned : kGivesPointer);
  }

 private:
  // A size is that of what stands before it, if that is memory.
  Pass SizeOrNumber() const {
    if (result.parameters.empty()) return Pass::kScalar;
    Pass before = result.parameters.back().pass;
    return before == Pass::kMemory || before == Pass::kText ? Pass::kSize : Pass::kScalar;
  }
};

}  // namespace

bool ObjectKind::is_socket() const {
  return Takes(kSockets, kind);
}

std::span<const ObjectKind> AllObjectKinds() {
  return kObjects;
}

bool Fits(const ObjectKind& kind, const CallParameter& parameter) {
  bool by_struct = Takes(parameter.takes, Args::kBtf) || parameter.takes == Args::kNone;
  if (!by_struct) return Takes(parameter.takes, kind.kind);
  if (kind.c_struct == parameter.pointee) return true;
  return std::any_of(std::begin(kBegins), std::end(kBegins), [&](const BeginRow& row) {
    return &kObjects[static_cast<size_t>(row.id)] == &kind && row.c_struct == parameter.pointee;
  });
}

bool IsOutOfReach(const CallParameter& parameter) {
  if (parameter.pass != Pass::kObject || parameter.may_be_null) return false;
  const bool given = std::any_of(std::begin(kObjects), std::end(kObjects),
                                 [&](const auto& kind) { return Fits(kind, parameter); });
  if (given) return false;
  for (const CcMember& member : AllCcMembers()) {
    for (const CParameter& each : SplitParameters(member.parameters)) {
      if (each.type == parameter.type) return false;
    }
  }
  return true;
}

bool IsRelease(std::string_view function) {
  return std::any_of(std::begin(kObjects), std::end(kObjects),
                     [&](const ObjectKind& each) { return each.release == function; });
}

Signature SignatureOf(const Helper& helper, const Call& form) {
  Reader reader;
  size_t index = 0;
  for (const CParameter& parameter : SplitParameters(helper.parameters)) {
    if (parameter.type == "...") {
      constexpr uint32_t kMore = 3;  // registers that are left
      reader.result.more = kMore;
      continue;
    }
    Args takes = index < form.arity ? form.arguments[index] : Args::kAny;
    ++index;
    reader.Add(parameter, takes);
  }
  bool always = helper.name == "bpf_get_current_task_btf";
  reader.Result(helper.name, helper.result, Has(helper.flags, CallFlags::kAcquires), !always);
  return std::move(reader.result);
}

Signature SignatureOf(const Kfunc& kfunc, const Call& form) {
  Reader reader;
  bool first = true;
  for (const CParameter& parameter : SplitParameters(kfunc.parameters)) {
    bool known = first && form.arity > 0 && form.arguments[0] != Args::kNone;
    first = false;
    if (known)
      reader.Add(parameter, form.arguments[0]);
    else
      reader.Add(parameter);
  }
  reader.Result(kfunc.name, kfunc.result, Has(kfunc.flags, CallFlags::kAcquires),
                Has(kfunc.flags, CallFlags::kMayBeNull));
  return std::move(reader.result);
}

}  // namespace netc::hooks
