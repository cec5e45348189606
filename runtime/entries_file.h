// Entries of a state from a file, as `--load STATE=FILE` takes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/failure.h"

namespace netc::runtime {

// CSV: the first row names the columns: `key` and `value`, or fields of key and
// value by their names (`key.NAME` and `value.NAME` where both have it). A state
// without values has `key` alone.
// JSON: a list of keys, of {"key": …, "value": …}, or of objects with the fields
// of both; or one object, key to value.
// `path` says which (.json or anything else) and stands in messages.
Result<std::vector<object::Entry>> ParseEntries(const object::State& state, const std::string& path,
                                                std::string_view text);
Result<std::vector<object::Entry>> ReadEntries(const object::State& state, const std::string& path);

// KEY, or KEY=VALUE for a state that has values.
Result<object::Entry> ParseEntry(const object::State& state, std::string_view text);

}  // namespace netc::runtime
