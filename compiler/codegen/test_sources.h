// C that the tests of the code generator compile.
#pragma once

#include <string>

#include "compiler/codegen/compile.h"

namespace netc::codegen {

// What emitted C begins with: libbpf's helpers need these names.
inline constexpr char kTypes[] = R"(
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>
struct xdp_md { __u32 data; __u32 data_end; };
char LICENSE[] SEC("license") = "Dual MIT/GPL";
)";

// A program in section xdp with `body` in braces, after `before`.
inline CompileRequest Program(const std::string& body, const std::string& before = {}) {
  CompileRequest request;
  request.c_name = "sample.bpf.c";
  request.c_source = std::string(kTypes) + before +
                     "SEC(\"xdp\") int guard(struct xdp_md *ctx) {\n" + body + "\n}\n";
  return request;
}

inline CompileRequest SmallProgram() {
  return Program("return ctx->data & 1 ? 1 : 2;");
}

inline std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace netc::codegen
