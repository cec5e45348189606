# Writes OUTPUT, a C++ source that holds the text of the FILES.
set(source "// Made from compiler/emit/library by embed_library.cmake.\n#include \"compiler/emit/library.h\"\n\nnamespace netc::emit {\n\nstatic constexpr LibraryText kLibrary[] = {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" text)
  string(APPEND source "    {\"${name}\", R\"c(${text})c\"},\n")
endforeach()
string(APPEND source "};\n\nstd::span<const LibraryText> Library() { return kLibrary; }\n\n}  // namespace netc::emit\n")
file(WRITE "${OUTPUT}" "${source}")
