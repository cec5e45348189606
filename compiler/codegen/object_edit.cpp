#include "compiler/codegen/object_edit.h"

#include <llvm/ObjCopy/ConfigManager.h>
#include <llvm/ObjCopy/ObjCopy.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

namespace netc::codegen {

// An eBPF instruction (Documentation/bpf/standardization/instruction-set.rst).
static constexpr uint64_t kInstructionBytes = 8;

static llvm::Expected<std::unique_ptr<llvm::object::ObjectFile>> Open(llvm::StringRef elf) {
  return llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(elf, "object"));
}

llvm::Expected<llvm::SmallVector<char, 0>> EditObject(llvm::StringRef elf,
                                                      llvm::ArrayRef<abi::Section> sections) {
  auto object = Open(elf);
  if (!object) return object.takeError();
  llvm::objcopy::ConfigManager config;
  config.Common.StripDebug = true;
  for (const abi::Section& section : sections) {
    llvm::StringRef bytes(static_cast<const char*>(section.bytes.data), section.bytes.size);
    config.Common.AddSection.emplace_back(
        section.name, llvm::MemoryBuffer::getMemBufferCopy(bytes, section.name));
  }
  llvm::SmallVector<char, 0> edited;
  llvm::raw_svector_ostream out(edited);
  if (llvm::Error error = llvm::objcopy::executeObjcopyOnBinary(config, **object, out)) {
    return error;
  }
  return edited;
}

static llvm::Error Report(const llvm::object::ELFSymbolRef& symbol, const abi::Sink& sink) {
  auto type = symbol.getType();
  if (!type) return type.takeError();
  if (*type != llvm::object::SymbolRef::ST_Function || symbol.getSize() == 0) {
    return llvm::Error::success();
  }
  auto name = symbol.getName();
  if (!name) return name.takeError();
  auto section = symbol.getSection();
  if (!section) return section.takeError();
  auto section_name = (*section)->getName();
  if (!section_name) return section_name.takeError();
  sink.function(sink.self, section_name->str().c_str(), name->str().c_str(),
                static_cast<uint32_t>(symbol.getSize() / kInstructionBytes));
  return llvm::Error::success();
}

llvm::Error ReportFunctions(llvm::StringRef elf, const abi::Sink& sink) {
  auto object = Open(elf);
  if (!object) return object.takeError();
  for (const llvm::object::SymbolRef& symbol : (*object)->symbols()) {
    if (llvm::Error error = Report(symbol, sink)) return error;
  }
  return llvm::Error::success();
}

}  // namespace netc::codegen
