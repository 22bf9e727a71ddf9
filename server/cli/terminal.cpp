#include "server/cli/terminal.hpp"

#include "config/settings.hpp"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

namespace evidenced::cli {
namespace {

constexpr int cancelled_exit = 2;

// What the handler of signals needs: restoring a mode, writing and _exit are all that it does.
termios usual_mode{};
volatile std::sig_atomic_t echo_is_off = 0;

void set_echo(bool shown) {
  if (shown) {
    if (echo_is_off != 0) tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual_mode);
    echo_is_off = 0;
    return;
  }
  if (echo_is_off != 0 || tcgetattr(STDIN_FILENO, &usual_mode) != 0) return;
  termios hidden = usual_mode;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  // Who stops the program here would find a shell that shows nothing.
  hidden.c_cc[VSUSP] = _POSIX_VDISABLE;
  echo_is_off = 1;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
}

void end_cancelled(int) {
  if (echo_is_off != 0) tcsetattr(STDIN_FILENO, TCSANOW, &usual_mode);
  constexpr std::string_view words = "\nevidenced: cancelled\n";
  // The line end is for a prompt or a bar that the cursor stands behind.
  const std::string_view text = isatty(STDERR_FILENO) == 1 ? words : words.substr(1);
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
  _exit(cancelled_exit);
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

void end_on_signals() {
  for (const int signal : {SIGINT, SIGTERM, SIGQUIT, SIGHUP}) {
    struct sigaction before{};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;  // nohup
    struct sigaction action{};
    action.sa_handler = end_cancelled;
    sigfillset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
  }
}

}  // namespace evidenced::cli
