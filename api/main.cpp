// evidenced-openapi FILE: writes the document that the daemon serves at /openapi.json, for those
// who are built from it.
#include "api/openapi.hpp"

#include <fstream>
#include <iostream>

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: evidenced-openapi FILE\n";
    return 2;
  }
  std::ofstream file(arguments[1], std::ios::binary | std::ios::trunc);
  file << evidenced::api::write_openapi(evidenced::api::Schemas()) << std::flush;
  return file ? 0 : 74;
}
