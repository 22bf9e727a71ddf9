#pragma once

#include "config/secret.hpp"

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace evidenced::cli {

/// Where a command reads and writes. Tests give streams of their own.
struct Terminal {
  std::istream& in;
  std::ostream& out;  ///< what was asked for
  std::ostream& err;  ///< everything else: progress, notes, failures
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t columns = 80;                        ///< of the terminal, where there is one
  std::map<std::string, std::string> environment;  ///< the EVIDENCED_* variables
  std::function<void(bool shown)> echo = [](bool) {};

  /// Asks a person for a line; nullopt when nobody is there.
  std::optional<std::string> ask(std::string_view question);

  /// The same without showing what is typed.
  std::optional<Secret> ask_secret(std::string_view question);

  /// The variable, "" when it is not set.
  std::string variable(const std::string& name) const;
};

/// Standard input, output and error of this process.
Terminal process_terminal();

/// From now on SIGINT, SIGTERM, SIGQUIT and SIGHUP end the process with exit code 2 ("cancelled"),
/// the terminal as it was found and its cursor at the start of a line. For commands that are no
/// daemon: what they do is done by the daemon, whole or not at all.
void end_on_signals();

}  // namespace evidenced::cli
