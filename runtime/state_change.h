// Changes of a state that runs, by several entries at once: all of them or none.
#pragma once

#include <vector>

#include "runtime/failure.h"
#include "runtime/state_map.h"

namespace netc::runtime {

// Puts the entries into the state's map and its copies. If one is refused, those that
// were put before are taken out again, and what they replaced is put back. What can't
// be undone is told of: slots of sockets, and entries that an lru gave up for new ones.
// In between, programs see a part of the change.
Status AddEntries(const std::vector<StateMap>& maps, const std::vector<object::Entry>& entries);

// Takes the entries out; if the state lacks one of the keys, none.
Status RemoveEntries(const std::vector<StateMap>& maps, const std::vector<object::Bytes>& keys);

}  // namespace netc::runtime
