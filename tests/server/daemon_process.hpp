#pragma once

#include "config/secret.hpp"
#include "config/settings.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>

namespace evidenced::server {

/// `run_daemon` in a process of its own. Fork happens in the constructor: no other thread may run.
class DaemonProcess {
 public:
  DaemonProcess(const Settings& settings, Secret master_key);
  ~DaemonProcess();  ///< kills what is left
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  /// Waits for the line that says where it listens; the port, 0 when it ended instead.
  unsigned short wait_until_listening();

  /// Waits until `text` stands in what it wrote to standard error.
  bool wait_for_line(const std::string& text);

  void signal(int number);

  /// The exit code, -1 after a signal or when it still runs after ten seconds.
  int wait_for_end();

  /// How long the last `wait_for_end` took.
  std::chrono::milliseconds took() const { return took_; }
  const std::string& said() const { return said_; }
  pid_t pid() const { return pid_; }

 private:
  bool listen_on();

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string said_;
  std::chrono::milliseconds took_{};
};

}  // namespace evidenced::server
