// Builds one right packet out of the declarations of headers. Internal to packets.cpp.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "tools/differential/packets.h"

namespace netc::differential {

class PacketBuilder {
 public:
  PacketBuilder(const sema::Program& program, const std::vector<uint32_t>& weights,
                Choices& choices)
      : program_(program), weights_(weights), choices_(choices) {}

  PacketMaker::Shape Build();

 private:
  struct Layer {
    const sema::Header* header = nullptr;
    uint32_t id = 0;
    bool inner = false;
    uint32_t extra = 0;  // bytes behind its fields that belong to it
    uint32_t size = 0;
    uint32_t at = 0;
    std::map<uint32_t, uint64_t> given;
  };

  void Choose();
  bool AddNext();
  bool FitsWithin(const sema::Header& header, bool inner) const;
  void Lead(Layer& layer, const sema::Expr& expr, uint64_t value);
  void MakeHold(Layer& layer, const sema::Expr& condition);
  void Size(Layer& layer);
  void Fill(Layer& layer);
  void FillOptions(const Layer& layer);
  void FillChecksum(Layer& layer);

  uint64_t Evaluate(const Layer& layer, const sema::Expr& expr) const;
  const Layer* Find(const Layer& from, const sema::HeaderRef& ref) const;
  uint64_t Read(uint32_t bit, uint32_t bits) const;
  void Write(uint32_t bit, uint32_t bits, uint64_t value);
  bool IsAddress(sema::TypeId type) const;

  const sema::Program& program_;
  const std::vector<uint32_t>& weights_;
  Choices& choices_;
  std::vector<Layer> layers_;
  object::Bytes bytes_;
};

}  // namespace netc::differential
