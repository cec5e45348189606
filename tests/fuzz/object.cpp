// Any bytes as an object of netc's: as an ELF file, and as the text of its .netc section.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "compiler/object/object_info.h"
#include "runtime/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  netc::runtime::ReadObject(netc::object::Bytes(data, data + size));
  netc::object::ParseResult parsed =
      netc::object::Parse({reinterpret_cast<const char*>(data), size});
  // What was read can be written, and reads as the same.
  if (!parsed.info) return 0;
  std::string text = netc::object::Serialize(*parsed.info);
  netc::object::ParseResult again = netc::object::Parse(text);
  if (!again.info || netc::object::Serialize(*again.info) != text) abort();
  return 0;
}
