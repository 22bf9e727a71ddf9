// The one file that knows CLI11.
#include "server/cli/parse.hpp"

#include "config/redact.hpp"
#include "config/settings_table.hpp"
#include "config/suggest.hpp"
#include "server/cli/help.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace evidenced::cli {
namespace {

/// An option of CLI11 and the name its values get in the invocation.
struct Bound {
  std::string name;
  const CLI::Option* option;
  bool is_switch;
};

struct BoundCommand {
  const Command* row;
  const CLI::App* app;
  std::deque<Bound> options;
};

/// "-o,--output" → "--output".
std::string long_name(std::string_view flag) {
  return std::string(flag.substr(flag.find("--")));
}

void bind(BoundCommand& bound, CLI::App& app, const Option& option) {
  const std::string flag(option.flag);
  const std::string sentence =
      std::string(option.sentence) + (option.repeated ? " (repeatable)" : "");
  CLI::Option* made = nullptr;
  if (option.value.empty()) {
    made = app.add_flag(flag)->description(sentence);
  } else {
    made = app.add_option(flag)->description(sentence)->expected(1)->type_name(
        std::string(option.value));
    if (option.repeated) made->expected(1, 1000)->allow_extra_args(false);
  }
  bound.options.push_back({long_name(option.flag), made, option.value.empty()});
}

/// Each setting that may be set so is a flag; one that is true or false may stand alone.
void bind_settings(BoundCommand& bound, CLI::App& app) {
  for (const Setting& setting : settings_table()) {
    if (setting.file_only) continue;
    const std::string sentence(setting.sentence);
    CLI::Option* made = app.add_option(setting.flag())->description(sentence);
    made->group("Settings");
    made->type_name(setting.type())->expected(setting.type() == "boolean" ? 0 : 1, 1);
    bound.options.push_back({setting.flag(), made, false});
  }
}

class Parser {
 public:
  Parser() {
    app_.name("evidenced");
    app_.set_help_flag("-h,--help", "Show this help");
    app_.add_flag("--version")->description("Print the version");
    app_.require_subcommand(1);
    for (const Command& row : command_table()) add(row);
  }

  Outcome<Parsed> parse(std::vector<std::string> arguments) {
    Parsed parsed;
    const std::vector<std::string> typed = arguments;
    std::ranges::reverse(arguments);  // CLI11 takes them from the back
    try {
      app_.parse(arguments);
    } catch (const CLI::CallForHelp&) {
      parsed.help = help_text(asked_path());
      return parsed;
    } catch (const CLI::ParseError& error) {
      return failed("cli.usage", redact(error.what()) + meant_flag(typed));
    }
    const auto bound = std::ranges::find_if(
        commands_, [](const BoundCommand& command) { return command.app->parsed(); });
    if (bound == commands_.end()) return failed("cli.usage", "no command was given");
    parsed.command = bound->row;
    parsed.given.path = bound->row->path;
    for (const Bound& option : bound->options) {
      if (option.option->count() == 0) continue;
      std::vector<std::string> values = option.option->results();
      if (option.is_switch) values.clear();
      parsed.given.values[option.name] = std::move(values);
    }
    return parsed;
  }

 private:
  void add(const Command& row) {
    const std::size_t space = row.path.find(' ');
    CLI::App* parent = &app_;
    std::string_view name = row.path;
    if (space != std::string_view::npos) {
      parent = group(row.path.substr(0, space));
      name = row.path.substr(space + 1);
    }
    CLI::App* app = parent->add_subcommand(std::string(name), std::string(row.sentence));
    BoundCommand& bound = commands_.emplace_back(&row, app, std::deque<Bound>());
    for (const Argument& argument : row.arguments) {
      CLI::Option* made = app->add_option(std::string(argument.name));
      made->description(std::string(argument.sentence));
      made->required()->expected(1)->type_name(" ");
      bound.options.push_back({std::string(argument.name), made, false});
    }
    for (const Option& option : options_of(row)) bind(bound, *app, option);
    if (row.kind == CommandKind::local) bind_settings(bound, *app);
  }

  /// What help is asked of.
  std::string asked_path() const {
    for (const BoundCommand& command : commands_) {
      if (command.app->parsed()) return std::string(command.row->path);
    }
    for (const CLI::App* group : groups_) {
      if (group->parsed()) return group->get_name();
    }
    return "";
  }

  /// "; did you mean --name?" for a flag that the command does not have.
  std::string meant_flag(const std::vector<std::string>& typed) const {
    const auto command =
        std::ranges::find_if(commands_, [](const BoundCommand& one) { return one.app->parsed(); });
    if (command == commands_.end()) return "";
    std::vector<std::string_view> known = {"--help"};
    for (const Bound& option : command->options) known.push_back(option.name);
    for (const std::string& word : typed) {
      const std::string flag = word.substr(0, word.find('='));
      if (!flag.starts_with("--") || std::ranges::find(known, flag) != known.end()) continue;
      const auto near = suggest(flag, known);
      return near ? fmt::format("; did you mean {}?", *near) : "";
    }
    return "";
  }

  CLI::App* group(std::string_view name) {
    const auto it = std::ranges::find(groups_, name, [](CLI::App* app) { return app->get_name(); });
    if (it != groups_.end()) return *it;
    const auto row =
        std::ranges::find(command_groups(), name, [](const auto& g) { return g.first; });
    CLI::App* app = app_.add_subcommand(std::string(name), std::string(row->second));
    app->require_subcommand(1);
    groups_.push_back(app);
    return app;
  }

  CLI::App app_;
  std::vector<CLI::App*> groups_;
  std::deque<BoundCommand> commands_;
};

/// Secrets are never arguments: other users of the machine see the arguments of every process.
Outcome<void> refuse_secrets(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    const std::string flag = argument.substr(0, argument.find('='));
    if (flag == "--token" || flag == "--password" || flag == "--api-token") {
      return failed("cli.usage",
                    "A token is never an argument: pipe it to standard input, or use --token-file. "
                    "If it is a real one, revoke it: the shell's history and the process list have "
                    "seen it.");
    }
    if (flag == "--api-key" || flag == "--key") {
      return failed("cli.usage",
                    "An API key is never an argument: set EVIDENCED_API_KEY, or use "
                    "--api-key-file.");
    }
  }
  return {};
}

/// Names a command that is not there, with the one that was probably meant.
Outcome<void> check_names(const std::vector<std::string>& arguments) {
  std::vector<std::string_view> firsts;
  for (const Command& row : command_table()) {
    firsts.push_back(row.path.substr(0, row.path.find(' ')));
  }
  const auto no_such = [](const std::string& typed, const std::vector<std::string_view>& known) {
    const auto near = suggest(typed, known);
    return failed("cli.usage", near ? fmt::format("there is no command {}; did you mean {}?",
                                                  redact(typed), *near)
                                    : fmt::format("there is no command {}", redact(typed)));
  };
  if (arguments.empty() || arguments.front().starts_with('-')) return {};
  const std::string& first = arguments.front();
  if (std::ranges::find(firsts, first) == firsts.end()) return no_such(first, firsts);

  std::vector<std::string_view> seconds;
  for (const Command& row : command_table()) {
    if (row.path.starts_with(first + " ")) seconds.push_back(row.path);
  }
  if (seconds.empty() || arguments.size() < 2 || arguments[1].starts_with('-')) return {};
  const std::string both = first + " " + arguments[1];
  if (std::ranges::find(seconds, both) == seconds.end()) return no_such(both, seconds);
  return {};
}

}  // namespace

Outcome<Parsed> parse_arguments(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = arguments;
  if (words.size() == 1 && words.front() == "--version") words.front() = "version";
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  for (const auto& check : {refuse_secrets(words), check_names(words)}) {
    if (!check) return failed(check);
  }
  return Parser().parse(std::move(words));
}

}  // namespace evidenced::cli
