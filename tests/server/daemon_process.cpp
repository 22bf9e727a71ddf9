#include "tests/server/daemon_process.hpp"

#include "config/log.hpp"
#include "server/daemon.hpp"
#include "server/hardening.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

namespace evidenced::server {
namespace {

constexpr auto patience = std::chrono::seconds(10);

}  // namespace

DaemonProcess::DaemonProcess(const Settings& settings, Secret master_key) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    log::configure(log::Level::info, log::Format::text);
    harden_process();
    _exit(run_daemon(settings, std::move(master_key)));
  }
  close(ends[1]);
  pipe_ = ends[0];
}

DaemonProcess::~DaemonProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(pipe_);
}

bool DaemonProcess::listen_on() {
  pollfd waiting{.fd = pipe_, .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) <= 0) {
    return false;
  }
  char bytes[4096];
  const ssize_t got = read(pipe_, bytes, sizeof bytes);
  if (got <= 0) return false;
  said_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

bool DaemonProcess::wait_for_line(const std::string& text) {
  std::size_t at = said_.find(text);
  while (at == std::string::npos || said_.find('\n', at) == std::string::npos) {
    if (!listen_on()) return false;
    at = said_.find(text);
  }
  return true;
}

unsigned short DaemonProcess::wait_until_listening() {
  const std::string mark = "listening address=127.0.0.1:";
  if (!wait_for_line(mark)) return 0;
  return static_cast<unsigned short>(std::stoi(said_.substr(said_.find(mark) + mark.size())));
}

void DaemonProcess::signal(int number) {
  kill(pid_, number);
}

int DaemonProcess::wait_for_end() {
  const auto begin = std::chrono::steady_clock::now();
  int status = 0;
  pid_t ended = 0;
  while (ended == 0 && std::chrono::steady_clock::now() - begin < patience) {
    ended = waitpid(pid_, &status, WNOHANG);
    if (ended == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  took_ = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                begin);
  if (ended == 0) return -1;
  pid_ = -1;
  while (listen_on()) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace evidenced::server
