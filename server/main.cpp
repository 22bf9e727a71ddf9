#include "server/cli/cli.hpp"

#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  evidenced::cli::Terminal terminal = evidenced::cli::process_terminal();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool daemon = !arguments.empty() && arguments.front() == "serve";
  if (!daemon) evidenced::cli::end_on_signals();
  return evidenced::cli::run(arguments, terminal);
}
