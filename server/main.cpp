#include "config/version.hpp"

#include <cstdio>

int main() {
  std::printf("evidenced %s\n", EVIDENCED_VERSION);
}
