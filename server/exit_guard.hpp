#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace evidenced::server {

/// Ends the process when its orderly end takes too long: a name look-up that hangs in the C library
/// cannot be cancelled, and the service manager's patience ends in SIGKILL anyway. Everything
/// acknowledged is durable by then.
class ExitGuard {
 public:
  ExitGuard() = default;
  ExitGuard(const ExitGuard&) = delete;
  ExitGuard& operator=(const ExitGuard&) = delete;
  ~ExitGuard();  ///< disarms

  /// After `limit` the process ends with the exit code set last, or 70. Armed once; later calls
  /// change nothing.
  void arm(std::chrono::milliseconds limit);

  /// Nothing of value is left to do: from now on this is the code to end with.
  void settle(int exit_code);

 private:
  void watch(std::chrono::milliseconds limit);

  std::mutex mutex_;
  std::condition_variable changed_;
  int exit_code_ = 70;
  bool disarmed_ = false;
  std::thread thread_;
};

}  // namespace evidenced::server
