// Histograms as text and as JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/output.h"
#include "compiler/object/object_info.h"

namespace netc::cli {

// How many values were recorded.
uint64_t HistogramTotal(const object::Bytes& value);
// Those of its buckets that are not empty, with the least and largest value of each; the
// last bucket has no end.
Json BucketsJson(const object::State& state, const object::Bytes& value);
// The same, a line each, with a bar.
std::vector<std::string> BucketLines(const object::State& state, const object::Bytes& value);

}  // namespace netc::cli
