// Functions of the IR as C.
#pragma once

#include <map>

#include "compiler/emit/expression.h"
#include "compiler/emit/writer.h"

namespace netc::emit {

class Statements {
 public:
  Statements(const ir::Program& program, Expressions& expressions, Needs& needs, Writer& out)
      : program_(program), expressions_(expressions), needs_(needs), out_(out) {}

  // The hook with its parser.
  void Print(const ir::Hook& hook, uint32_t index);

 private:
  void PrintPacketStruct();
  void PrintWalk(const ir::Function& walk);
  void PrintOptionsWalk(const ir::OptionsWalk& walk);
  void PrintParser(const ir::Function& parse);
  void PrintMain(uint32_t index);
  void PrintHead(bool parses, bool fails);
  // parts.cpp
  void PrintFrame();
  void PrintPart(uint32_t index);
  void Print(const ir::RunPart& node);
  void Leave(const std::string& label);
  std::string PartName(uint32_t index) const;
  void PrintMember();
  void PrintPull();
  void PrintParse(const ir::Function& parser);
  void PrintOpaque(const std::string& value);
  void PrintShared(const ir::Access& node, const std::string& at, const std::string& over);
  void PrintData();
  void PrintAnswer(bool fails);
  void PrintAudit(uint32_t index);

  void Print(const ir::Block& block);
  void Print(const ir::Statement& statement);
  void Print(const ir::Declare& node);
  void Print(const ir::If& node, const std::string& head = "if");
  void Print(const ir::Loop& node);
  void Print(const ir::Exit& node, bool last);
  void Print(const ir::Access& node);
  void Print(const ir::Record& node);
  void Print(const ir::Reload& node);
  void Print(const ir::Reparse& node);
  void RefreshData();
  void Print(const ir::Opaque& node);
  void Print(const ir::Return& node);
  void Print(const ir::Comment& node, ir::Origin origin);

  const ir::Program& program_;
  Expressions& expressions_;
  Needs& needs_;
  Writer& out_;
  const ir::Hook* hook_ = nullptr;
  bool goes_to_end_ = false;
  bool fails_unreadable_ = false;
  bool in_parser_ = false;
  bool has_data_ = false;  // the hook's function has data and data_end
  std::string frame_;      // before what the parts of a hook share: "frame->", or nothing
  const ir::HookPart* part_ = nullptr;  // that is being printed
  std::string copies_;                  // "copies->" or "copies."
};

}  // namespace netc::emit
