// Any bytes as a pipeline: parsed and checked with the standard library behind it; what is
// accepted is lowered and printed, which nothing that was accepted may stop.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "compiler/driver/driver.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string kPath = "/dev/shm/netc-fuzz-" + std::to_string(getpid()) + ".np";
  FILE* file = fopen(kPath.c_str(), "wb");
  if (file == nullptr || fwrite(data, 1, size, file) != size || fclose(file) != 0) abort();
  netc::driver::Options options;
  options.path = kPath;
  options.stdlib = NETC_STDLIB;
  netc::driver::Checked checked = netc::driver::Check(options);
  unlink(kPath.c_str());
  if (checked.ok()) netc::driver::Lower(checked);
  return 0;
}
