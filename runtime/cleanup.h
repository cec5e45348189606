// What is to be done at the end, done once, by whoever holds it last.
#pragma once

#include <functional>
#include <utility>

namespace netc::runtime {

class Cleanup {
 public:
  Cleanup() = default;
  explicit Cleanup(std::function<void()> action) : action_(std::move(action)) {}
  Cleanup(Cleanup&& other) noexcept : action_(std::exchange(other.action_, nullptr)) {}
  Cleanup& operator=(Cleanup&& other) noexcept {
    std::swap(action_, other.action_);
    return *this;
  }
  ~Cleanup() {
    if (action_) action_();
  }

 private:
  std::function<void()> action_;
};

}  // namespace netc::runtime
