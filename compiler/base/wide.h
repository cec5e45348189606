// Arithmetic in 128 bits, for products and scaled literals that must not wrap.
#pragma once

namespace netc {

__extension__ using Wide = unsigned __int128;

}  // namespace netc
