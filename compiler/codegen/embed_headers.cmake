# Writes OUTPUT, a C++ file with the bytes of FILES, for embedded_headers.h.
set(text "#include \"compiler/codegen/embedded_headers.h\"\n\nnamespace netc::codegen {\n\n")
set(table "")
set(index 0)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND text "static const unsigned char kFile${index}[] = {${bytes}0};\n")
  string(APPEND table
    "      {\"bpf/${name}\", {reinterpret_cast<const char*>(kFile${index}), "
    "sizeof kFile${index} - 1}},\n")
  math(EXPR index "${index} + 1")
endforeach()
string(APPEND text
  "\nstd::span<const EmbeddedHeader> EmbeddedHeaders() {\n"
  "  static const EmbeddedHeader headers[] = {\n${table}  };\n  return headers;\n}\n\n"
  "}  // namespace netc::codegen\n")
file(WRITE "${OUTPUT}" "${text}")
