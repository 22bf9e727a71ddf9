// Goal: the command line is understood as its table says, and never takes a secret.
// Method: runs commands in this process; nothing listens, so that only parsing can answer.
#include "server/cli/command_table.hpp"
#include "tests/catch.hpp"
#include "tests/server/cli_world.hpp"

#include <set>

namespace evidenced {
namespace {

using test::Cli;
using test::CliResult;

TEST_CASE("version and help need no daemon") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"version"}, std::vector<std::string>{"--version"}}) {
    const CliResult result = Cli().run(arguments);
    CHECK(result.exit_code == 0);
    CHECK(result.out.starts_with("evidenced "));
  }
  const CliResult help = Cli().run({"--help"});
  CHECK(help.exit_code == 0);
  for (const cli::Command& command : cli::command_table()) {
    const std::string first(command.path.substr(0, command.path.find(' ')));
    CAPTURE(first);
    CHECK(help.out.contains(first));
  }
  CHECK(Cli().run({"help", "source", "add"}).out.contains("--token-file"));
  CHECK(Cli().run({"serve", "--help"}).out.contains("--server-listen"));
  // An export is no table.
  const std::string of_export = Cli().run({"artifact", "export", "--help"}).out;
  CHECK(of_export.contains("jsonl or csv (default jsonl)"));
  CHECK_FALSE(of_export.contains("table, json"));
}

TEST_CASE("help fits a terminal of 80 columns, and names everything that can be given") {
  std::set<std::string> groups;
  std::vector<std::vector<std::string>> asked = {{"--help"}, {"help"}};
  for (const cli::Command& command : cli::command_table()) {
    const std::string path(command.path);
    const std::size_t space = path.find(' ');
    std::vector<std::string> words = {path.substr(0, space)};
    if (space != std::string::npos) {
      if (groups.insert(words.front()).second) asked.push_back({words.front(), "--help"});
      words.push_back(path.substr(space + 1));
    }
    words.emplace_back("--help");
    asked.push_back(words);
    const CliResult help = Cli().run(words);
    CAPTURE(path, help.out);
    CHECK(help.out.contains("Usage: evidenced " + path + " "));
    for (const cli::Argument& argument : command.arguments) CHECK(help.out.contains(argument.name));
    for (const cli::Option& option : command.options) {
      CHECK(help.out.contains(option.flag.substr(option.flag.find("--"))));
    }
  }
  for (const std::vector<std::string>& words : asked) {
    const CliResult help = Cli().run(words);
    CHECK(help.exit_code == 0);
    CHECK(help.out.contains("Usage: evidenced "));
    std::string_view rest = help.out;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      CAPTURE(line);
      CHECK(line.size() <= 80);
      CHECK_FALSE(line.ends_with(' '));
      rest.remove_prefix(line.size() + 1);
    }
  }
}

TEST_CASE("a misspelt command leads to the one that was meant") {
  const CliResult first = Cli().run({"sorce", "list"});
  CHECK(first.exit_code == 2);
  CHECK(first.err.contains("did you mean source?"));
  const CliResult second = Cli().run({"source", "lst"});
  CHECK(second.exit_code == 2);
  CHECK(second.err.contains("did you mean source list?"));
  const CliResult flag = Cli().run({"source", "list", "--limti=5"});
  CHECK(flag.exit_code == 2);
  CHECK(flag.err.contains("did you mean --limit?"));
  CHECK(Cli().run({"serve", "--server-listn", "x"}).err.contains("did you mean --server-listen?"));
}

TEST_CASE("what cannot be understood is a usage error: 2, and 64 for the daemon") {
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"source"},
                                                       {"source", "show"},
                                                       {"source", "show", "a", "b"},
                                                       {"source", "list", "--colour"},
                                                       {"source", "list", "--limit"},
                                                       {"config"},
                                                       {"xyzzy"}};
  for (const auto& arguments : wrong) {
    CAPTURE(arguments);
    const CliResult result = Cli().run(arguments);
    CHECK(result.exit_code == 2);
    CHECK(result.err.contains("(cli.usage)"));
    CHECK(result.out.empty());
  }
  CHECK(Cli().run({"serve", "--colour"}).exit_code == 64);
}

TEST_CASE("a token or a key is never an argument, and is not repeated when it was one") {
  const std::string token = "ATATT3xFfGF0invented0invented";
  for (const std::string flag : {"--token", "--password", "--api-key"}) {
    for (const std::vector<std::string>& form :
         {std::vector<std::string>{flag, token}, std::vector<std::string>{flag + "=" + token}}) {
      std::vector<std::string> arguments = {"source", "add", "--name", "x"};
      arguments.insert(arguments.end(), form.begin(), form.end());
      const CliResult result = Cli().run(arguments);
      CHECK(result.exit_code == 2);
      CHECK(result.err.contains("never an argument"));
      CHECK_FALSE(result.err.contains("invented"));
    }
  }
  const CliResult stray = Cli().run({"source", "list", token});
  CHECK(stray.exit_code == 2);
  CHECK_FALSE(stray.err.contains("invented"));
}

TEST_CASE("no option of any command could hold a secret") {
  const std::set<std::string_view> forbidden = {"--token", "--api-key", "--password", "--key"};
  for (const cli::Command& command : cli::command_table()) {
    for (const cli::Option& option : command.options) CHECK_FALSE(forbidden.contains(option.flag));
  }
}

TEST_CASE("a daemon that is not there is named with its address and a remedy") {
  Cli cli;
  cli.environment = {{"EVIDENCED_URL", "http://127.0.0.1:1"}, {"EVIDENCED_API_KEY", "ev_x"}};
  const CliResult result = cli.run({"status"});
  CHECK(result.exit_code == 1);
  CHECK(result.err.contains("(cli.unreachable)"));
  CHECK(result.err.contains("127.0.0.1:1: Connection refused"));
  CHECK(result.err.contains("remedy:"));
}

TEST_CASE("without a key nothing is sent") {
  Cli cli;
  const CliResult result = cli.run({"source", "list"});
  CHECK(result.exit_code == 4);
  CHECK(result.err.contains("(auth.missing)"));
  cli.environment["EVIDENCED_API_KEY_FILE"] = "/nowhere/key";
  CHECK(cli.run({"source", "list"}).err.contains("/nowhere/key"));
}

TEST_CASE("an address that is none is refused") {
  for (const char* url : {"127.0.0.1:8080", "ftp://x", "http://", "http://user@x", "http://x/?y"}) {
    Cli cli;
    cli.environment["EVIDENCED_API_KEY"] = "ev_x";
    CHECK(cli.run({"source", "list", "--url", url}).exit_code == 2);
  }
}

}  // namespace
}  // namespace evidenced
