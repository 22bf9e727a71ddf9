#include "server/cli/help.hpp"

#include "config/settings_table.hpp"
#include "config/version.hpp"
#include "server/cli/command_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace evidenced::cli {
namespace {

constexpr std::size_t columns = 80;
constexpr std::size_t name_columns = 24;  // a longer name has a line of its own

/// Cuts text into lines at its blanks. A word that is longer than a line stays whole.
std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    std::string& line = lines.back();
    if (!line.empty() && line.size() + 1 + word.size() > width) {
      lines.emplace_back(word);
    } else {
      line += (line.empty() ? "" : " ") + std::string(word);
    }
  }
  return lines;
}

class Help {
 public:
  void paragraph(std::string_view text) {
    for (const std::string& line : wrapped(text, columns)) text_ += line + '\n';
  }
  void heading(std::string_view title) { text_ += fmt::format("\n{}:\n", title); }

  void row(std::string_view name, std::string_view sentence) {
    std::string lead = fmt::format("  {:<{}}", name, name_columns);
    if (name.size() > name_columns - 1) {
      text_ += fmt::format("  {}\n", name);
      lead.assign(name_columns + 2, ' ');
    }
    for (const std::string& line : wrapped(sentence, columns - name_columns - 2)) {
      text_ += lead + line + '\n';
      lead.assign(name_columns + 2, ' ');
    }
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void write_option(Help& help, const Option& option) {
  std::string name(option.flag);
  if (const std::size_t comma = name.find(','); comma != std::string::npos) {
    name.insert(comma + 1, " ");
  }
  if (!option.value.empty()) name += fmt::format(" {}", option.value);
  help.row(name, std::string(option.sentence) + (option.repeated ? " (repeatable)" : ""));
}

std::string help_of(const Command& command) {
  Help help;
  help.paragraph(command.sentence);
  std::string usage = fmt::format("Usage: evidenced {} [OPTIONS]", command.path);
  for (const Argument& argument : command.arguments) usage += fmt::format(" {}", argument.name);
  help.paragraph("");
  help.paragraph(usage);
  if (!command.arguments.empty()) help.heading("Arguments");
  for (const Argument& argument : command.arguments) help.row(argument.name, argument.sentence);
  help.heading("Options");
  for (const Option& option : options_of(command)) write_option(help, option);
  help.row("-h, --help", "Show this help");
  if (command.kind == CommandKind::local) {
    help.heading("Settings, in place of those of the file");
    for (const Setting& setting : settings_table()) {
      if (setting.file_only) continue;
      help.row(fmt::format("{} <{}>", setting.flag(), setting.type()), setting.sentence);
    }
  }
  return help.take();
}

std::string help_of_group(std::string_view name, std::string_view sentence) {
  Help help;
  help.paragraph(sentence);
  help.paragraph("");
  help.paragraph(fmt::format("Usage: evidenced {} COMMAND [OPTIONS]", name));
  help.heading("Commands");
  const std::string prefix = std::string(name) + " ";
  for (const Command& command : command_table()) {
    if (command.path.starts_with(prefix)) {
      help.row(command.path.substr(prefix.size()), command.sentence);
    }
  }
  help.paragraph("");
  help.paragraph(fmt::format("evidenced {} COMMAND --help tells of one of them.", name));
  return help.take();
}

std::string help_of_all() {
  Help help;
  help.paragraph(fmt::format("evidenced {}: evidence from Bitbucket Cloud", version));
  help.paragraph("");
  help.paragraph("Usage: evidenced COMMAND [OPTIONS]");
  help.heading("Commands");
  std::set<std::string_view> groups;
  for (const Command& command : command_table()) {
    const std::string_view first = command.path.substr(0, command.path.find(' '));
    if (first == command.path) {
      help.row(command.path, command.sentence);
    } else if (groups.insert(first).second) {
      const auto& named = command_groups();
      help.row(first,
               std::ranges::find(named, first, [](const auto& g) { return g.first; })->second);
    }
  }
  help.heading("Options");
  help.row("-h, --help", "Show this help");
  help.row("--version", "Print the version");
  help.paragraph("");
  help.paragraph("evidenced COMMAND --help tells of one of them.");
  return help.take();
}

}  // namespace

std::string help_text(std::string_view path) {
  for (const Command& command : command_table()) {
    if (command.path == path) return help_of(command);
  }
  for (const auto& [name, sentence] : command_groups()) {
    if (name == path) return help_of_group(name, sentence);
  }
  return help_of_all();
}

}  // namespace evidenced::cli
