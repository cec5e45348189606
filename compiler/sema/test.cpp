#include "compiler/sema/context.h"
namespace netc::sema { void DefineTests(Context&) {} }
