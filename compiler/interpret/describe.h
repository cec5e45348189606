// What reports of tests tell of a program. Internal to this folder.
#pragma once

#include <string>
#include <vector>

#include "compiler/base/source.h"
#include "compiler/object/object_info.h"
#include "compiler/sema/program.h"

namespace netc::interpret {

object::Program DescribeBlock(const SourceSet& sources, const sema::HookBlock& block);
object::State DescribeState(const sema::Program& program, const sema::State& state);
object::Event DescribeEvent(const sema::Program& program, sema::EventId id);

// All faults that the pipeline can count, each once.
std::vector<std::string> FaultNames(const sema::Program& program);
// "push vlan failed in guard"
std::string FaultOf(const sema::Program& program, const sema::Effect& effect,
                    const sema::HookBlock& block);
std::string FaultOf(const sema::State& state);
std::string UnreadableIn(const sema::HookBlock& block);

}  // namespace netc::interpret
