#include "cli/histogram.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/object/host_order.h"

namespace netc::cli {

namespace {

uint64_t BucketAt(const object::Bytes& value, uint32_t bucket) {
  return object::LoadAs<uint64_t>(value.data() + size_t{bucket} * sizeof(uint64_t));
}

uint32_t Buckets(const object::Bytes& value) {
  return static_cast<uint32_t>(value.size() / sizeof(uint64_t));
}

struct Range {
  uint64_t from = 0;
  std::optional<uint64_t> to;
};

Range RangeOf(const object::State& state, uint32_t bucket, uint32_t buckets) {
  uint64_t from = bucket;
  if (state.step > 0)
    from = bucket * state.step;
  else if (bucket > 0)
    from = uint64_t{1} << (bucket - 1);
  if (bucket + 1 >= buckets) return {from, std::nullopt};
  uint64_t next = state.step > 0 ? (bucket + 1) * state.step : uint64_t{1} << bucket;
  return {from, next - 1};
}

}  // namespace

uint64_t HistogramTotal(const object::Bytes& value) {
  uint64_t total = 0;
  for (uint32_t i = 0; i < Buckets(value); ++i) total += BucketAt(value, i);
  return total;
}

Json BucketsJson(const object::State& state, const object::Bytes& value) {
  Json buckets = Json::array();
  for (uint32_t i = 0; i < Buckets(value); ++i) {
    uint64_t count = BucketAt(value, i);
    if (count == 0) continue;
    Range range = RangeOf(state, i, Buckets(value));
    buckets.push_back(
        {{"from", range.from}, {"to", range.to ? Json(*range.to) : Json()}, {"count", count}});
  }
  return buckets;
}

std::vector<std::string> BucketLines(const object::State& state, const object::Bytes& value) {
  constexpr double kWidest = 40;
  uint64_t most = 1;
  for (uint32_t i = 0; i < Buckets(value); ++i) most = std::max(most, BucketAt(value, i));
  std::vector<std::string> lines;
  for (uint32_t i = 0; i < Buckets(value); ++i) {
    uint64_t count = BucketAt(value, i);
    if (count == 0) continue;
    Range range = RangeOf(state, i, Buckets(value));
    std::string text = fmt::format("{}", range.from);
    if (!range.to)
      text += "..";
    else if (*range.to != range.from)
      text += fmt::format("..{}", *range.to);
    double width = static_cast<double>(count) / static_cast<double>(most) * kWidest;
    std::string bar(static_cast<size_t>(std::max(1.0, width)), '#');
    lines.push_back(fmt::format("{:>12}  {:<24} {}", count, text, bar));
  }
  return lines;
}

}  // namespace netc::cli
