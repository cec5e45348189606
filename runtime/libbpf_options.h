// An options struct of libbpf, empty, with the size by which libbpf tells its
// versions apart.
#pragma once

namespace netc::runtime {

template <typename Type>
Type Options() {
  Type options = {};
  options.sz = sizeof options;
  return options;
}

}  // namespace netc::runtime
