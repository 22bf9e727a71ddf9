#pragma once

#include "server/cli/command_table.hpp"

#include <string>
#include <vector>

namespace evidenced::cli {

/// The row of a command and what was typed for it.
struct Parsed {
  const Command* command = nullptr;  ///< nullptr: `help` is what was asked for
  Invocation given;
  std::string help;
};

/// Understands the arguments (without the program's name). Errors: cli.usage, with a suggestion
/// where a name is misspelt; an argument that looks like a secret is not repeated.
Outcome<Parsed> parse_arguments(const std::vector<std::string>& arguments);

}  // namespace evidenced::cli
