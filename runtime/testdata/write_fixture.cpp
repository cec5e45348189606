// write_fixture NAME SOURCE.bpf.c OUTPUT.json: the metadata of a fixture.
#include <fstream>
#include <iostream>
#include <iterator>

#include "runtime/testdata/fixture_info.h"

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "write_fixture NAME SOURCE.bpf.c OUTPUT.json\n";
    return 2;
  }
  std::ifstream source(argv[2]);
  std::string text{std::istreambuf_iterator<char>(source), {}};
  std::ofstream(argv[3]) << netc::object::Serialize(netc::runtime::fixture::Info(argv[1], text));
}
