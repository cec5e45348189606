#include "llvm/IR/Module.h"
#include <bpf/libbpf.h>
#include <antlr4-runtime.h>
#include "compiler/codegen/compile.h"
