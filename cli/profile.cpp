#include "cli/profile.h"

#include <fstream>
#include <iterator>

#include "cli/output.h"

namespace netc::cli {

std::optional<sema::Profile> ReadProfile(const std::string& path, std::string& problem) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  problem = "is no profile: `netc doctor --json` writes one";
  bool shaped = json.is_object() && json.value("type", "") == "profile" &&
                json.contains("kernel") && json["kernel"].is_string() && json.contains("hooks") &&
                json["hooks"].is_object() && json.contains("maps") && json["maps"].is_object();
  if (!shaped) return std::nullopt;
  auto kernel = ParseKernel(json["kernel"].get<std::string>());
  if (!kernel) return std::nullopt;
  sema::Profile profile;
  profile.kernel = *kernel;
  profile.release = json["kernel"].get<std::string>();
  if (json.contains("release") && json["release"].is_string()) {
    profile.release = json["release"].get<std::string>();
  }
  for (const auto& [name, hook] : json["hooks"].items()) {
    const hooks::Hook* row = hooks::FindHook(name);
    if (!row || !hook.is_object()) continue;
    if (hook.contains("works") && hook["works"] == true) profile.hooks = profile.hooks | row->id;
    if (!hook.contains("helpers") || !hook["helpers"].is_array()) continue;
    for (const Json& helper : hook["helpers"]) {
      if (helper.is_string()) profile.helpers[name].insert(helper.get<std::string>());
    }
  }
  for (const auto& [name, works] : json["maps"].items()) {
    if (works == false) profile.missing_maps.insert(name);
  }
  return profile;
}

}  // namespace netc::cli
