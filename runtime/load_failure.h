// Why the kernel did not take an object.
#pragma once

#include <string>

#include "runtime/load.h"

namespace netc::runtime {

Failure NotPermittedToLoad();

// `error` is the errno of bpf_object__load, `log` what libbpf said meanwhile.
Failure ExplainLoad(const ObjectFile& file, int error, const std::string& log);

}  // namespace netc::runtime
