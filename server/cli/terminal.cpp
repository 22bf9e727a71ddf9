#include "server/cli/terminal.hpp"

#include "config/settings.hpp"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

namespace evidenced::cli {
namespace {

void set_echo(bool shown) {
  termios mode{};
  if (tcgetattr(STDIN_FILENO, &mode) != 0) return;
  const tcflag_t echo = ECHO;
  mode.c_lflag = shown ? mode.c_lflag | echo : mode.c_lflag & ~echo;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode);
}

std::size_t terminal_columns() {
  winsize size{};
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return 80;
}

}  // namespace

std::optional<std::string> Terminal::ask(std::string_view question) {
  if (!in_is_terminal) return std::nullopt;
  err << question << std::flush;
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  return line;
}

std::optional<Secret> Terminal::ask_secret(std::string_view question) {
  if (!in_is_terminal) return std::nullopt;
  echo(false);
  std::optional<std::string> line = ask(question);
  echo(true);
  err << '\n';
  if (!line) return std::nullopt;
  return Secret(std::move(*line));
}

std::string Terminal::variable(const std::string& name) const {
  const auto it = environment.find(name);
  return it == environment.end() ? "" : it->second;
}

Terminal process_terminal() {
  return {.in = std::cin,
          .out = std::cout,
          .err = std::cerr,
          .in_is_terminal = isatty(STDIN_FILENO) == 1,
          .out_is_terminal = isatty(STDOUT_FILENO) == 1,
          .err_is_terminal = isatty(STDERR_FILENO) == 1,
          .columns = terminal_columns(),
          .environment = process_environment(),
          .echo = set_echo};
}

}  // namespace evidenced::cli
