#include "runtime/registry.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "runtime/permission.h"
#include "runtime/read_file.h"

namespace netc::runtime {

using Json = nlohmann::json;

namespace {

// When a process started, in clock ticks since boot: with its pid this names it
// for good. Field 22 of /proc/PID/stat (proc(5)); 0 if there is no such process, or
// only what is left of it until its parent looks.
uint64_t StartTime(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line);
  // The second field is the program's name in parentheses, and may hold blanks.
  size_t at = line.rfind(')');
  if (at == std::string::npos || at + 2 >= line.size()) return 0;
  if (char state = line[at + 2]; state == 'Z' || state == 'X') return 0;
  for (int field = 2; field < 22 && at != std::string::npos; ++field) at = line.find(' ', at + 1);
  if (at == std::string::npos) return 0;
  uint64_t ticks = 0;
  std::from_chars(line.data() + at + 1, line.data() + line.size(), ticks);
  return ticks;
}

uint32_t MapId(int fd) {
  bpf_map_info info = {};
  uint32_t size = sizeof info;
  return bpf_map_get_info_by_fd(fd, &info, &size) == 0 ? info.id : 0;
}

Json Describe(const Loaded& loaded, const Attachments& attachments, const std::string& source) {
  Json json;
  json["pid"] = getpid();
  json["start_time"] = StartTime(getpid());
  json["source"] = source;
  json["info"] = object::Serialize(loaded.info());
  json["parts"] = Json::array();
  for (const Attachment& part : attachments.all()) {
    json["parts"].push_back({{"block", part.block},
                             {"hook", part.hook},
                             {"where", part.where},
                             {"mode", part.mode},
                             {"program_id", part.program_id}});
  }
  json["maps"] = Json::object();
  for (const object::State& state : loaded.info().states) {
    json["maps"][state.name] = MapId(loaded.MapFd(state.map));
    if (!state.table.empty()) json["maps"][state.table] = MapId(loaded.MapFd(state.table));
    for (const std::string& copy : state.copies) json["maps"][copy] = MapId(loaded.MapFd(copy));
  }
  return json;
}

Failure Unwritable(const std::string& path) {
  return {Exit::kUsage,
          fmt::format("`{}` cannot be written: {}", path, std::strerror(errno)),
          {"`netc state` will not find this pipeline"}};
}

// Readers see the whole file or none.
Status WriteWhole(const std::string& path, const std::string& text) {
  std::string draft = path + ".new";
  Fd file(open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return Unwritable(draft);
  for (size_t done = 0; done < text.size();) {
    ssize_t put = write(file.get(), text.data() + done, text.size() - done);
    if (put < 0) return Unwritable(draft);
    done += static_cast<size_t>(put);
  }
  if (std::rename(draft.c_str(), path.c_str()) != 0) return Unwritable(path);
  return std::nullopt;
}

std::optional<Running> ReadEntry(const std::string& path, bool& stale) {
  auto text = ReadFile(path);
  Json json = text ? Json::parse(*text, nullptr, false) : Json();
  if (!json.is_object()) return std::nullopt;
  try {
    Running running;
    running.pid = json.at("pid").get<int>();
    stale = StartTime(running.pid) != json.at("start_time").get<uint64_t>();
    running.source = json.at("source").get<std::string>();
    for (const Json& part : json.at("parts")) {
      running.parts.push_back(
          {part.at("block").get<std::string>(), part.at("hook").get<std::string>(),
           part.at("where").get<std::string>(), part.at("mode").get<std::string>(),
           part.at("program_id").get<uint32_t>()});
    }
    for (const auto& map : json.at("maps").items()) {
      running.maps.emplace_back(map.key(), map.value().get<uint32_t>());
    }
    auto parsed = object::Parse(json.at("info").get_ref<const std::string&>());
    if (!parsed.info) return std::nullopt;
    running.info = std::move(*parsed.info);
    return running;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

Result<Cleanup> Register(const Loaded& loaded, const Attachments& attachments,
                         const std::string& source, const std::string& directory) {
  mkdir(directory.c_str(), 0755);
  std::string path = fmt::format("{}/{}.json", directory, getpid());
  auto failure = WriteWhole(
      path,
      Describe(loaded, attachments, source).dump(-1, ' ', false, Json::error_handler_t::replace));
  if (failure) return *failure;
  return Cleanup([path, directory] {
    unlink(path.c_str());
    rmdir(directory.c_str());  // only the last one out succeeds
  });
}

std::vector<Running> ListRunning(const std::string& directory) {
  std::vector<Running> found;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(directory, error)) {
    if (file.path().extension() != ".json") continue;
    bool stale = false;
    auto running = ReadEntry(file.path(), stale);
    if (stale) unlink(file.path().c_str());
    if (running && !stale) found.push_back(std::move(*running));
  }
  std::sort(found.begin(), found.end(),
            [](const Running& a, const Running& b) { return a.pid < b.pid; });
  return found;
}

static Result<Fd> OpenMap(const Running& running, const std::string& wanted) {
  for (const auto& [name, id] : running.maps) {
    if (name != wanted) continue;
    if (int fd = bpf_map_get_fd_by_id(id); fd >= 0) return Fd(fd);
    if (errno == EPERM) return NotPermitted(fmt::format("looking into state `{}`", name));
    return Failure{Exit::kUsage, fmt::format("state `{}` of process {} is gone: {}", name,
                                             running.pid, std::strerror(errno))};
  }
  return Failure{Exit::kUsage, fmt::format("process {} has no state `{}`", running.pid, wanted)};
}

Result<Fd> OpenRunningState(const Running& running, const object::State& state) {
  return OpenMap(running, state.name);
}

Result<std::vector<Fd>> OpenRunningMaps(const Running& running, const object::State& state) {
  std::vector<std::string> names = {state.name};
  names.insert(names.end(), state.copies.begin(), state.copies.end());
  std::vector<Fd> maps;
  for (const std::string& name : names) {
    auto map = OpenMap(running, name);
    if (!map) return map.failure();
    maps.push_back(std::move(*map));
  }
  return maps;
}

Result<Fd> OpenRunningTables(const Running& running, const object::State& state) {
  return state.table.empty() ? Fd() : OpenMap(running, state.table);
}

Fd SlotProgram(const Running& running, const object::State& state) {
  for (const object::Program& program : running.info.programs) {
    bool behind = std::any_of(
        program.attributes.begin(), program.attributes.end(),
        [&](const auto& each) { return each.name == "map" && each.value == state.name; });
    if (!behind) continue;
    for (const Running::Part& part : running.parts) {
      if (part.block == program.name) return Fd(bpf_prog_get_fd_by_id(part.program_id));
    }
  }
  return Fd();
}

}  // namespace netc::runtime
