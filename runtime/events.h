// Typed records from a pipeline's ring buffer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "runtime/load.h"

struct ring_buffer;

namespace netc::runtime {

// `record` holds event.size bytes, with the id in front; both live for the call.
using EventSink = std::function<void(const object::Event& event, const uint8_t* record)>;

class EventReader {
 public:
  // Of a pipeline without events: a reader that never has any, with fd() < 0.
  // `loaded` must outlive the reader.
  static Result<EventReader> Open(const Loaded& loaded, EventSink sink);

  // Readable, for epoll, when records have come.
  int fd() const;
  // Hands what has come to the sink, without waiting.
  void Read();
  // Records that no event of the pipeline explains; a bug in netc if there are any.
  uint64_t unknown() const { return context_ ? context_->unknown : 0; }

 private:
  struct Context {
    const object::ObjectInfo* info;
    EventSink sink;
    uint64_t unknown = 0;
  };
  struct Free {
    void operator()(ring_buffer* ring) const;
  };
  static int Receive(void* context, void* data, size_t size);

  std::unique_ptr<Context> context_;
  std::unique_ptr<ring_buffer, Free> ring_;
};

}  // namespace netc::runtime
