// A failing pipeline made small.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace netc::differential {

// `make` turns a tape into a pipeline, `fails` says whether one still fails in the same way. Gives
// up looking for smaller ones after `seconds`.
std::string Shrink(std::vector<uint32_t> tape,
                   const std::function<std::string(const std::vector<uint32_t>&)>& make,
                   const std::function<bool(const std::string&)>& fails, double seconds);

// Takes lines and blocks out of a text while it still fails.
std::string ShrinkText(std::string text, const std::function<bool(const std::string&)>& fails,
                       double seconds);

}  // namespace netc::differential
