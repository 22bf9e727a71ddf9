#include "server/exit_guard.hpp"

#include "config/log.hpp"

#include <unistd.h>

namespace evidenced::server {

ExitGuard::~ExitGuard() {
  {
    const std::lock_guard lock(mutex_);
    disarmed_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ExitGuard::arm(std::chrono::milliseconds limit) {
  if (!thread_.joinable()) thread_ = std::thread([this, limit] { watch(limit); });
}

void ExitGuard::settle(int exit_code) {
  const std::lock_guard lock(mutex_);
  exit_code_ = exit_code;
}

void ExitGuard::watch(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, limit, [this] { return disarmed_; })) return;
  log::warning("the end took too long and was cut short", {{"exit_code", exit_code_}});
  _exit(exit_code_);
}

}  // namespace evidenced::server
