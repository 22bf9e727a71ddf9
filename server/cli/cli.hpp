#pragma once

#include "server/cli/terminal.hpp"

#include <string>
#include <vector>

namespace evidenced::cli {

/// Runs one command and returns the exit code of the process; failures are printed to `err`.
int run(const std::vector<std::string>& arguments, Terminal& terminal);

}  // namespace evidenced::cli
