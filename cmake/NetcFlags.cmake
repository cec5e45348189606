# netc_flags carries the language level, warnings and sanitizers; every target
# of the project links it, and nothing else sets compiler flags.
add_library(netc_flags INTERFACE)
target_compile_features(netc_flags INTERFACE cxx_std_20)
target_include_directories(netc_flags INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
target_compile_options(netc_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
if(NETC_SANITIZE OR NETC_FUZZ)
  # vptr would need the libraries that are linked to carry type information.
  target_compile_options(netc_flags INTERFACE -fsanitize=address,undefined -fno-sanitize=vptr
    -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(netc_flags INTERFACE -fsanitize=address,undefined)
endif()
if(NETC_FUZZ)
  target_compile_options(netc_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
endif()

# For speed, as ./dev builds: several sources of a library are compiled as one, since most
# of a file's compile time goes into the same few headers. Off by default, so that a
# missing include is noticed. APART are files whose local names meet another's.
option(NETC_UNITY "Compile several sources of a library at once" OFF)
function(netc_unity target batch)
  cmake_parse_arguments(ARG "" "" "APART" ${ARGN})
  if(NETC_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${batch})
    set_source_files_properties(${ARG_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()
