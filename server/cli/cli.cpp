#include "server/cli/cli.hpp"

#include "config/log.hpp"
#include "server/cli/parse.hpp"
#include "server/cli/safe_output.hpp"

#include <optional>
#include <ostream>

namespace evidenced::cli {
namespace {

constexpr int usage_of_daemon = 64;  // sysexits: EX_USAGE

int report(Terminal& terminal, const Failure& failure, bool daemon) {
  if (daemon) {
    print_failure_lines(terminal.err, failure);
  } else {
    print_failure(terminal.err, failure);
  }
  return failure.exit_code;
}

}  // namespace

int run(const std::vector<std::string>& arguments, Terminal& terminal) {
  const bool daemon = !arguments.empty() && arguments.front() == "serve";
  const Outcome<Parsed> parsed = parse_arguments(arguments);
  if (!parsed) {
    const int exit_code = report(terminal, parsed.error(), daemon);
    return daemon ? usage_of_daemon : exit_code;
  }
  std::optional<SafeOutput> safe;
  if (terminal.out_is_terminal && !daemon) safe.emplace(terminal.out);
  if (parsed->command == nullptr) {
    terminal.out << parsed->help << std::flush;
    return 0;
  }
  log::set_level(log::Level::warning);  // what a command does is no news; serve sets its own
  Context context{parsed->given, terminal};
  const Outcome<int> outcome = parsed->command->run(context);
  terminal.out.flush();
  if (!outcome) return report(terminal, outcome.error(), daemon);
  if (!terminal.out) {
    terminal.err << "evidenced: standard output cannot be written\n";
    return 1;
  }
  return *outcome;
}

}  // namespace evidenced::cli
