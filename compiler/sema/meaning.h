// Names that mean the same in other places: `dst_port` is what `dport` is here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace netc::sema {

// Of `known`, those that mean what `word` means, at most three.
std::vector<std::string> SameMeaning(std::string_view word, const std::vector<std::string>& known);

}  // namespace netc::sema
