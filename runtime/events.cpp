#include "runtime/events.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "compiler/object/host_order.h"

namespace netc::runtime {

void EventReader::Free::operator()(ring_buffer* ring) const {
  ring_buffer__free(ring);
}

int EventReader::Receive(void* context, void* data, size_t size) {
  auto* self = static_cast<Context*>(context);
  auto* record = static_cast<const uint8_t*>(data);
  uint32_t id = size >= sizeof(uint32_t) ? object::LoadAs<uint32_t>(record) : 0;
  for (const object::Event& event : self->info->events) {
    if (event.id != id || size < event.size) continue;
    self->sink(event, record);
    return 0;
  }
  ++self->unknown;
  return 0;
}

Result<EventReader> EventReader::Open(const Loaded& loaded, EventSink sink) {
  EventReader reader;
  int map = loaded.MapFd(loaded.info().event_ring);
  if (map < 0) return reader;
  reader.context_ = std::make_unique<Context>(Context{&loaded.info(), std::move(sink)});
  reader.ring_.reset(ring_buffer__new(map, Receive, reader.context_.get(), nullptr));
  if (reader.ring_ == nullptr) {
    return Failure{Exit::kPipeline,
                   fmt::format("the ring of events cannot be read: {}", std::strerror(errno))};
  }
  return reader;
}

int EventReader::fd() const {
  return ring_ ? ring_buffer__epoll_fd(ring_.get()) : -1;
}

void EventReader::Read() {
  if (ring_) ring_buffer__consume(ring_.get());
}

}  // namespace netc::runtime
