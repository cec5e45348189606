// How the runtime says that something did not work.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/object/object_info.h"

namespace netc::runtime {

// Exit codes of netc; part of its interface.
enum class Exit {
  kDone = 0,
  kPipeline = 1,    // the pipeline, or the object, has errors
  kUsage = 2,       // the command line, or a file that it names
  kRefused = 3,     // the kernel refused the program
  kAttach = 4,      // attaching failed
  kTest = 5,        // a test failed
  kPermission = 6,  // not permitted
};

struct Failure {
  Exit exit = Exit::kUsage;
  std::string message;               // lower case, without full stop, code in backticks
  std::vector<std::string> details;  // what else is known, what to do; one line each
  std::optional<object::Place> place = std::nullopt;
  std::string log = {};  // the verifier's log, if it is that which refused
};

// Nothing, or why it failed.
using Status = std::optional<Failure>;

// A value, or why there is none. `*result` only after `if (result)`.
template <typename Value>
class Result {
 public:
  Result(Value value) : state_(std::move(value)) {}
  Result(Failure failure) : state_(std::move(failure)) {}

  explicit operator bool() const { return state_.index() == 0; }
  Value& operator*() { return std::get<0>(state_); }
  const Value& operator*() const { return std::get<0>(state_); }
  Value* operator->() { return &std::get<0>(state_); }
  const Value* operator->() const { return &std::get<0>(state_); }
  Failure& failure() { return std::get<1>(state_); }
  const Failure& failure() const { return std::get<1>(state_); }

 private:
  std::variant<Value, Failure> state_;
};

}  // namespace netc::runtime
