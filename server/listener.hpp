#pragma once

#include "config/clock.hpp"
#include "config/error.hpp"
#include "config/task_group.hpp"
#include "server/connections.hpp"
#include "server/exchange.hpp"
#include "server/tls_server.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>
#include <string>

namespace evidenced::server {

/// Accepts connections and serves them within the limits of the Exchange. All calls on the io
/// thread; everything given to it outlives it. After `start` it must be joined before it goes.
class Listener {
 public:
  /// Binds `listen` ("127.0.0.1:8080", "[::]:443"; port 0 lets the system choose). Errors:
  /// address.in_use, address.unusable.
  static Result<std::unique_ptr<Listener>> open(boost::asio::any_io_executor io,
                                                const std::string& listen, Exchange& exchange,
                                                std::optional<TlsServer> tls);
  ~Listener();

  /// Where it listens, "127.0.0.1:41234".
  std::string address() const;
  std::size_t connections() const { return house_.size(); }

  void start();

  /// Reads certificate and key again; connections stay. Errors: tls.unusable; then the old ones
  /// serve on.
  Result<void> reload_certificate();

  /// The polite end: nothing new is accepted, waiting connections close, answers in progress are
  /// the last of their connections.
  void drain();

  /// The other end: whatever is left is cut off.
  void abort();

  /// Waits until every connection has ended.
  Task<void> join();

 private:
  Listener(boost::asio::any_io_executor io, boost::asio::ip::tcp::acceptor acceptor,
           Exchange& exchange, std::optional<TlsServer> tls);

  Task<void> accept_loop();
  Task<void> sweep_loop();
  Task<void> back_off(boost::system::error_code error);
  Task<void> make_room();
  void admit(boost::asio::ip::tcp::socket socket);
  void turn_away(boost::asio::ip::tcp::socket socket);
  void cancel(const std::vector<std::uint64_t>& tasks);

  Exchange& exchange_;
  std::optional<TlsServer> tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::socket spare_;  ///< a descriptor kept for the day there is none
  Connections house_;
  TaskGroup sessions_;
  TaskGroup keepers_;  ///< accept and sweep
  bool stopping_ = false;
  SteadyTime last_complaint_{};
};

}  // namespace evidenced::server
