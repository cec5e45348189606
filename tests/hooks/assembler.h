// BPF instructions by hand, as few as the proof needs.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <vector>

namespace netc::prove {

using Register = uint8_t;

inline uint8_t SizeCode(unsigned bytes) {
  return bytes == 1 ? BPF_B : bytes == 2 ? BPF_H : bytes == 4 ? BPF_W : BPF_DW;
}

class Assembler {
 public:
  Assembler& Move(Register to, int32_t number) {
    return Add({BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, number});
  }
  Assembler& Copy(Register to, Register from) {
    return Add({BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0});
  }
  Assembler& AddNumber(Register to, int32_t number) {
    return Add({BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, number});
  }
  Assembler& LoadFrom(unsigned bytes, Register to, Register base, int16_t offset) {
    return Add({static_cast<uint8_t>(BPF_LDX | BPF_MEM | SizeCode(bytes)), to, base, offset, 0});
  }
  Assembler& StoreTo(unsigned bytes, Register base, int16_t offset, Register from) {
    return Add({static_cast<uint8_t>(BPF_STX | BPF_MEM | SizeCode(bytes)), base, from, offset, 0});
  }
  Assembler& StoreNumber(unsigned bytes, Register base, int16_t offset, int32_t number) {
    return Add({static_cast<uint8_t>(BPF_ST | BPF_MEM | SizeCode(bytes)), base, 0, offset, number});
  }
  Assembler& MapFd(Register to, int fd) {
    Add({BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_FD, 0, fd});
    return Add({0, 0, 0, 0, 0});
  }
  // First value of an array map, as a pointer.
  Assembler& MapValue(Register to, int fd) {
    Add({BPF_LD | BPF_DW | BPF_IMM, to, BPF_PSEUDO_MAP_VALUE, 0, fd});
    return Add({0, 0, 0, 0, 0});
  }
  Assembler& Call(uint32_t helper) {
    return Add({BPF_JMP | BPF_CALL, 0, 0, 0, static_cast<int32_t>(helper)});
  }
  Assembler& CallKfunc(uint32_t btf_id, int16_t module) {
    return Add(
        {BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, module, static_cast<int32_t>(btf_id)});
  }
  // To Finish(), if the register is zero.
  Assembler& LeaveIfZero(Register tested) {
    leaves_.push_back(code_.size());
    return Add({BPF_JMP | BPF_JEQ | BPF_K, tested, 0, 0, 0});
  }
  // To Finish(), if a > b.
  Assembler& LeaveIfGreater(Register a, Register b) {
    leaves_.push_back(code_.size());
    return Add({BPF_JMP | BPF_JGT | BPF_X, a, b, 0, 0});
  }
  // Ends the program; every Leave jumps here.
  std::vector<bpf_insn> Finish(int32_t result) {
    for (size_t at : leaves_) code_[at].off = static_cast<int16_t>(code_.size() - at - 1);
    Move(0, result);
    Add({BPF_JMP | BPF_EXIT, 0, 0, 0, 0});
    return code_;
  }
  Assembler& Exit() { return Add({BPF_JMP | BPF_EXIT, 0, 0, 0, 0}); }
  const std::vector<bpf_insn>& code() const { return code_; }

 private:
  Assembler& Add(bpf_insn instruction) {
    code_.push_back(instruction);
    return *this;
  }

  std::vector<bpf_insn> code_;
  std::vector<size_t> leaves_;
};

}  // namespace netc::prove
