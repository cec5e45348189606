#include "tools/differential/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "compiler/diagnostics/render.h"

namespace netc::differential {
namespace {

driver::Checked CheckText(const std::string& text) {
  driver::Options options;
  options.path = "library.np";
  options.text = text;
  return driver::Check(options);
}

// --- What a header implies (docs/language.md, section 12) ----------------------------

class Implications {
 public:
  explicit Implications(const sema::Program& program) : program_(program) {}

  // Whether every packet with `present` has one of `wanted` in the same scope.
  bool Always(sema::HeaderId present, bool inner, const std::vector<sema::HeaderId>& wanted,
              int depth = 8) const {
    if (std::find(wanted.begin(), wanted.end(), present) != wanted.end()) return true;
    if (depth == 0) return false;
    const sema::Header& header = HeaderOf(present);
    if (header.option_of && Always(*header.option_of, inner, wanted, depth - 1)) return true;
    if (header.within && Always(*header.within, inner, wanted, depth - 1)) return true;
    std::vector<sema::HeaderId> carriers = Carriers(present, inner);
    return !carriers.empty() &&
           std::all_of(carriers.begin(), carriers.end(), [&](sema::HeaderId carrier) {
             return Always(carrier, inner, wanted, depth - 1);
           });
  }

 private:
  const sema::Header& HeaderOf(sema::HeaderId id) const {
    return program_.headers[static_cast<uint32_t>(id)];
  }
  bool StandsOn(const sema::Header& header, sema::SelectorId selector) const {
    return std::any_of(header.places.begin(), header.places.end(), [&](const auto& place) {
      return !place.at_start && !place.inner && place.selector == selector;
    });
  }
  bool BeginsInner(sema::SelectorId selector) const {
    return std::any_of(program_.headers.begin(), program_.headers.end(), [&](const auto& header) {
      return std::any_of(header.next.begin(), header.next.end(),
                         [&](const auto& next) { return next.inner && next.selector == selector; });
    });
  }
  // Empty: it may stand at the begin.
  std::vector<sema::HeaderId> Carriers(sema::HeaderId id, bool inner) const {
    std::vector<sema::HeaderId> carriers;
    for (const sema::HeaderPlace& place : HeaderOf(id).places) {
      if (place.at_start && !inner) return {};
      if (inner && (place.inner || BeginsInner(place.selector))) return {};
      if (place.inner || place.at_start) continue;
      for (uint32_t i = 0; i < program_.headers.size(); ++i) {
        const sema::Header& below = program_.headers[i];
        bool leads = std::any_of(below.next.begin(), below.next.end(), [&](const auto& next) {
          return !next.inner && next.selector == place.selector;
        });
        if (leads && !StandsOn(below, place.selector)) carriers.push_back(sema::HeaderId{i});
      }
    }
    return carriers;
  }

  const sema::Program& program_;
};

// --- Reading ---------------------------------------------------------------------------

class Reader {
 public:
  std::unique_ptr<Catalog> Read() {
    if (!Check(NamesOfTheLibrary())) return nullptr;
    ReadProtocols();
    if (!ReadMembers()) return nullptr;
    Imply();
    for (const hooks::Hook& hook : hooks::AllHooks()) {
      if (hook.test_run.supported) catalog_->runnable.push_back(&hook);
    }
    return std::move(catalog_);
  }

 private:
  bool Check(const std::string& text) {
    catalog_->library = CheckText(text);
    if (catalog_->library.ok()) return true;
    for (const auto& diagnostic : catalog_->library.diagnostics.Sorted()) {
      fputs(diag::RenderText(diagnostic, catalog_->library.sources, {}).c_str(), stderr);
    }
    return false;
  }

  void ReadProtocols() {
    const sema::Program& program = catalog_->program();
    for (uint32_t i = 0; i < program.headers.size(); ++i) {
      const sema::Header& header = program.headers[i];
      if (!header.option_of && header.places.empty()) continue;  // what options begin with
      Protocol protocol;
      protocol.name = header.name;
      protocol.header = sema::HeaderId{i};
      protocol.needs_frame =
          !header.option_of &&
          std::all_of(header.places.begin(), header.places.end(),
                      [](const auto& place) { return place.at_start || place.inner; });
      catalog_->protocols.push_back(std::move(protocol));
    }
    for (const ast::File& file : catalog_->library.unit.files) {
      for (const ast::Item& item : file.items) {
        const auto* view = std::get_if<ast::View>(&item.node);
        if (!view) continue;
        Protocol protocol;
        protocol.name = view->name.text;
        protocol.is_view = true;
        for (const ast::Name& name : view->alternatives) {
          for (uint32_t i = 0; i < catalog_->protocols.size(); ++i) {
            if (catalog_->protocols[i].name == name.text) protocol.alternatives.push_back(i);
          }
        }
        for (const auto& member : view->members)
          candidates_[protocol.name].push_back(member.name.text);
        catalog_->protocols.push_back(std::move(protocol));
      }
    }
    for (const ast::File& file : catalog_->library.unit.files) {
      for (const ast::Item& item : file.items) {
        if (const auto* header = std::get_if<ast::Header>(&item.node)) {
          Properties(header->name.text, header->members);
        }
      }
    }
  }

  void Properties(const std::string& owner, const std::vector<ast::HeaderMember>& members) {
    for (const ast::HeaderMember& member : members) {
      if (const auto* property = std::get_if<ast::HeaderProperty>(&member.node)) {
        candidates_[owner].push_back(property->name.text);
      }
      if (const auto* option = std::get_if<ast::HeaderOption>(&member.node)) {
        Properties(owner + "." + option->name.text, option->members);
      }
    }
  }

  // The checker says what type each member has, and whether it can be asked for at all: a
  // line of its own for each question, so that the lines of those with errors tell.
  bool ReadMembers() {
    const sema::Program& program = catalog_->program();
    for (Protocol& protocol : catalog_->protocols) {
      if (protocol.is_view) continue;
      auto& names = candidates_[protocol.name];
      for (const auto& field : program.headers[static_cast<uint32_t>(protocol.header)].fields) {
        names.push_back(field.name);
      }
    }
    const std::string head = NamesOfTheLibrary();
    auto first_line = static_cast<uint32_t>(std::count(head.begin(), head.end(), '\n')) + 1;
    std::string text = head;
    constexpr uint32_t kQuestions = 4;
    for (size_t i = 0; i < catalog_->protocols.size(); ++i) {
      const Protocol& protocol = catalog_->protocols[i];
      text += Block(protocol, fmt::format("p{}", i));
      text += fmt::format("on xdp i{} (dev: \"lo\") {{ drop when inner.{}; }}\n", i, protocol.name);
      // Whichever hook has a row for it.
      text += fmt::format("on xdp x{0} (dev: \"lo\") {{ push {1}; }}\n", i, protocol.name);
      text += fmt::format("on tc.ingress t{0} (dev: \"lo\") {{ push {1}; }}\n", i, protocol.name);
    }
    driver::Checked answers = CheckText(text);
    std::set<uint32_t> refused;
    for (const auto& diagnostic : answers.diagnostics.Sorted()) {
      if (diagnostic.severity != diag::Severity::kError) continue;
      refused.insert(answers.sources.file(diagnostic.primary.span.file)
                         .Locate(diagnostic.primary.span.begin)
                         .line);
    }
    std::vector<Protocol> usable;
    std::string known = head;
    for (uint32_t i = 0; i < catalog_->protocols.size(); ++i) {
      Protocol& protocol = catalog_->protocols[i];
      auto answered = [&](uint32_t question) {
        return !refused.contains(first_line + i * kQuestions + question);
      };
      if (!answered(0)) continue;
      protocol.inner = answered(1) && protocol.name.find('.') == std::string::npos;
      protocol.pushable = answered(2) || answered(3);
      known += Block(protocol, fmt::format("p{}", usable.size()));
      usable.push_back(std::move(protocol));
    }
    Renumber(usable);
    if (!Check(known)) return false;
    for (size_t i = 0; i < catalog_->protocols.size(); ++i) {
      for (const sema::HookBlock& hook : catalog_->program().hooks) {
        if (hook.name == fmt::format("p{}", i)) AddMembers(catalog_->protocols[i], hook);
      }
    }
    return true;
  }

  std::string Block(const Protocol& protocol, const std::string& name) const {
    std::string text = fmt::format("on xdp {} (dev: \"lo\") {{ if {} {{", name, protocol.name);
    auto found = candidates_.find(protocol.name);
    if (found != candidates_.end()) {
      for (const std::string& member : found->second) {
        text += fmt::format(" let m_{0} = {1}.{0};", member, protocol.name);
      }
    }
    return text + " } }\n";
  }

  // Indexes of alternatives, once those that can't be used are gone.
  void Renumber(std::vector<Protocol>& usable) {
    for (Protocol& protocol : usable) {
      std::vector<uint32_t> kept;
      for (uint32_t alternative : protocol.alternatives) {
        // Names of those that moved away are empty.
        for (uint32_t i = 0; i < usable.size(); ++i) {
          bool same = !usable[i].is_view && !catalog_->protocols[alternative].is_view &&
                      usable[i].header == catalog_->protocols[alternative].header;
          if (same) kept.push_back(i);
        }
      }
      protocol.alternatives = std::move(kept);
    }
    catalog_->protocols = std::move(usable);
  }

  void AddMembers(Protocol& protocol, const sema::HookBlock& hook) {
    const sema::Program& program = catalog_->program();
    for (const sema::Local& local : hook.locals) {
      if (!local.name.starts_with("m_")) continue;
      Member member;
      member.name = local.name.substr(2);
      auto type = TypeOf(local.type);
      if (!type) continue;
      member.type = *type;
      if (!protocol.is_view) {
        for (const auto& field : program.headers[static_cast<uint32_t>(protocol.header)].fields) {
          if (field.name != member.name) continue;
          member.is_field = true;
          member.bits = static_cast<uint8_t>(std::min(field.bits, 255u));
          member.assignable = !field.is_layout;
        }
      }
      protocol.members.push_back(std::move(member));
    }
  }

  std::optional<Type> TypeOf(sema::TypeId id) {
    using sema::TypeKind;
    const sema::TypeTable& types = catalog_->program().types;
    const sema::Type& type = types[id];
    switch (type.kind) {
      case TypeKind::kBool:
        return Plain(Kind::kBool);
      case TypeKind::kInteger:
        return Type{Kind::kInteger, static_cast<uint8_t>(type.bits), type.is_signed, 0};
      case TypeKind::kPort:
        return Plain(Kind::kPort);
      case TypeKind::kIpv4:
        return Plain(Kind::kIpv4);
      case TypeKind::kIpv6:
        return Plain(Kind::kIpv6);
      case TypeKind::kIp:
        return Plain(Kind::kIp);
      case TypeKind::kMac:
        return Plain(Kind::kMac);
      case TypeKind::kEnum:
      case TypeKind::kFlags:
        break;
      default:
        return std::nullopt;
    }
    Type made{type.kind == TypeKind::kEnum ? Kind::kEnum : Kind::kFlags, 0, false, 0};
    auto [found, added] =
        enums_.try_emplace(type.decl, static_cast<uint32_t>(catalog_->enums.size()));
    if (added) {
      const sema::EnumDecl& decl = types.enums()[type.decl];
      EnumType written;
      written.bits = static_cast<uint8_t>(decl.bits);
      for (const auto& member : decl.members)
        written.members.emplace_back(member.name, member.value);
      catalog_->enums.push_back(std::move(written));
    }
    made.decl = found->second;
    made.bits = catalog_->enums[made.decl].bits;
    return made;
  }

  void Imply() {
    Implications implications(catalog_->program());
    auto& protocols = catalog_->protocols;
    auto headers = [&](const Protocol& protocol) {
      std::vector<sema::HeaderId> ids;
      if (!protocol.is_view) return std::vector{protocol.header};
      for (uint32_t alternative : protocol.alternatives)
        ids.push_back(protocols[alternative].header);
      return ids;
    };
    for (Protocol& protocol : protocols) {
      for (uint32_t other = 0; other < protocols.size(); ++other) {
        for (bool inner : {false, true}) {
          auto wanted = headers(protocols[other]);
          auto mine = headers(protocol);
          bool always = std::all_of(mine.begin(), mine.end(), [&](sema::HeaderId id) {
            return implications.Always(id, inner, wanted);
          });
          if (always) (inner ? protocol.inner_implies : protocol.implies).insert(other);
        }
      }
    }
  }

  std::unique_ptr<Catalog> catalog_ = std::make_unique<Catalog>();
  std::map<std::string, std::vector<std::string>> candidates_;  // members, by protocol
  std::map<uint32_t, uint32_t> enums_;                          // of the program → of the catalog
};

}  // namespace

std::string NamesOfTheLibrary() {
  static const std::string text = [] {
    std::string made = "// ";
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(driver::StdlibFolder() + "/net")) {
      if (entry.path().extension() == ".np") names.insert(entry.path().stem().string());
    }
    for (const std::string& name : names) made += name + " ";
    return made + "\npipeline library;\nimport net;\n";
  }();
  return text;
}

std::unique_ptr<Catalog> ReadCatalog() {
  return Reader().Read();
}

}  // namespace netc::differential
