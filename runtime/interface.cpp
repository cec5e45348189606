#include "runtime/interface.h"

#include <fmt/format.h>
#include <net/if.h>

#include <memory>

#include "runtime/near_names.h"

namespace netc::runtime {

namespace {

std::vector<std::string> InterfaceNames() {
  std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all(if_nameindex(),
                                                                        if_freenameindex);
  std::vector<std::string> names;
  for (auto* each = all.get(); each != nullptr && each->if_index != 0; ++each) {
    names.push_back(each->if_name);
  }
  return names;
}

}  // namespace

Result<Interface> FindInterface(const Site& site) {
  auto name = site.Required("dev");
  if (!name) return name.failure();
  if (uint32_t index = if_nametoindex(name->c_str()); index != 0) return Interface{*name, index};
  Failure failure = site.Failed(fmt::format("`{}`", *name), "there is no such interface");
  failure.details = DescribeNames("interface", InterfaceNames(), *name);
  return failure;
}

}  // namespace netc::runtime
