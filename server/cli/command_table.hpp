#pragma once

#include "server/cli/failure.hpp"
#include "server/cli/terminal.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::cli {

/// A positional argument.
struct Argument {
  std::string_view name;  ///< "SOURCE"
  std::string_view sentence;
};

/// An option of one command.
struct Option {
  std::string_view flag;   ///< "--name"
  std::string_view value;  ///< "NAME"; "" for a switch
  std::string_view sentence;
  bool repeated = false;
};

/// A command as it was typed.
struct Invocation {
  std::string path;                                                     ///< "source add"
  std::map<std::string, std::vector<std::string>, std::less<>> values;  ///< "--name", "SOURCE"

  bool has(std::string_view name) const { return values.contains(name); }
  std::string text(std::string_view name) const;  ///< "" when it was not given
  std::vector<std::string> all(std::string_view name) const;
};

/// What a command works with.
struct Context {
  const Invocation& given;
  Terminal& terminal;
};

/// Which common options a command has.
enum class CommandKind {
  client,  ///< speaks HTTP: --url, --api-key-file, --ca-file, --output
  local,   ///< reads the configuration: --config and a flag for each setting
  plain,   ///< neither
};

/// One row of the table of commands; the command line, its help and its suggestions come from it.
struct Command {
  std::string_view path;  ///< one or two words
  std::string_view sentence;
  CommandKind kind;
  std::vector<Argument> arguments;
  std::vector<Option> options;
  Outcome<int> (*run)(Context&);  ///< the exit code, or why there is none
};

/// All commands, in the order of the help.
std::span<const Command> command_table();

/// What the first words of two-word commands are about: ("source", "Register and manage sources").
std::span<const std::pair<std::string_view, std::string_view>> command_groups();

/// How what is shown is written.
inline constexpr Option output_option = {"-o,--output", "FORMAT",
                                         "table, json, jsonl or csv (default table)"};

/// The options of a command: its own, and those of its kind that it does not have itself.
std::vector<Option> options_of(const Command& command);

}  // namespace evidenced::cli
