# What netc is built from, with the oldest version that is known to work. A
# machine that lacks one is told the Debian package that brings it.
find_package(PkgConfig REQUIRED)

find_package(fmt 9.1 REQUIRED)             # libfmt-dev
find_package(nlohmann_json 3.11 REQUIRED)  # nlohmann-json3-dev
find_package(CLI11 2.1 REQUIRED)           # libcli11-dev
pkg_check_modules(LIBBPF REQUIRED IMPORTED_TARGET libbpf>=1.4)  # libbpf-dev, on Debian 12 from backports
pkg_check_modules(LIBELF REQUIRED IMPORTED_TARGET libelf)      # libelf-dev, which libbpf needs anyway

find_path(ANTLR4_INCLUDE_DIR antlr4-runtime.h PATH_SUFFIXES antlr4-runtime REQUIRED)
# libantlr4-runtime-dev. Static: resolving the shared one's symbols costs as much at
# start as parsing a small file.
find_library(ANTLR4_LIBRARY NAMES libantlr4-runtime.a antlr4-runtime REQUIRED)
add_library(antlr4_runtime INTERFACE IMPORTED)
target_include_directories(antlr4_runtime SYSTEM INTERFACE "${ANTLR4_INCLUDE_DIR}")
target_link_libraries(antlr4_runtime INTERFACE "${ANTLR4_LIBRARY}")
find_program(ANTLR4_TOOL antlr4 REQUIRED)  # antlr4

find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19)
find_package(Clang REQUIRED CONFIG HINTS /usr/lib/llvm-19 "${LLVM_DIR}/../clang")
if(NETC_TESTS)
  find_package(GTest REQUIRED)  # libgtest-dev
  enable_testing()
endif()
