#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace evidenced::server {

/// Tells systemd, or whoever set NOTIFY_SOCKET, how we are (sd_notify(3), Type=notify-reload): one
/// datagram each. Without the variable, or when nobody listens, nothing happens.
class ServiceManager {
 public:
  ServiceManager(std::string socket_path, std::optional<std::chrono::microseconds> watchdog)
      : path_(std::move(socket_path)), watchdog_(watchdog) {}

  /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  static ServiceManager from_environment();

  void ready() const { send("READY=1"); }
  void stopping() const { send("STOPPING=1"); }
  void reloading() const;
  void alive() const { send("WATCHDOG=1"); }

  /// How often `alive` is to be called: half of what the manager waits; nullopt: never.
  std::optional<std::chrono::microseconds> heartbeat() const;

 private:
  void send(std::string_view message) const;

  std::string path_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace evidenced::server
