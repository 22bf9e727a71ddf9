#include <cstdio>

#include "config/version.hpp"

int main() { std::printf("evidenced %s\n", EVIDENCED_VERSION); }
