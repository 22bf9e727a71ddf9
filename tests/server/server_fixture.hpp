#pragma once

#include "api/message.hpp"
#include "config/clock.hpp"
#include "config/random.hpp"
#include "console/assets.hpp"
#include "server/exchange.hpp"
#include "server/listener.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace evidenced::server {

/// A handler small enough to see through. It answers
///   /hello          "hello"
///   /echo           the body (limit 1 MiB)
///   /upload         the body's length (limit 1 MiB, chunked allowed)
///   /headers        the names and values that arrived, a line each
///   /big?N          N times "x"
///   /stream?N       N chunks of 1,000 bytes, with trailers
///   /stream-breaks  a stream that fails after its first chunk
///   /sleep?MS       after so long, or at once when cancelled
///   /throw, /throw-int, /throw-alloc, /split (a field with a line end in it)
/// and anything else with 404.
class SmallHandler {
 public:
  explicit SmallHandler(Clock& clock) : clock_(clock) {}

  Handler handler();

  std::atomic<int> calls{0};
  std::atomic<int> asleep{0};  ///< requests for /sleep that are not answered yet

 private:
  Task<api::Response> handle(api::Request request, std::string buffer);
  Clock& clock_;
};

/// A real listener on a port of its own, on a thread of its own.
class TestServer {
 public:
  struct Options {
    Limits limits = test_limits();
    Settings::Server settings;  ///< `listen` becomes 127.0.0.1:0
    std::string tls_certificate;
    std::string tls_key;
    std::span<const console::Asset> console = {};
  };

  TestServer() : TestServer(Options()) {}
  explicit TestServer(Options options);
  ~TestServer();  ///< drains, aborts, joins

  /// The documented limits but for the anonymous rate, which would be in every test's way.
  static Limits test_limits();

  unsigned short port() const { return port_; }
  std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
  int calls() const { return small_.calls; }
  int asleep() const { return small_.asleep; }

  /// Runs `f` on the server's thread and gives its result.
  template <class F>
  auto on_io(F f) {
    return boost::asio::post(io_, boost::asio::use_future(std::move(f))).get();
  }
  Counters counters() {
    return on_io([this] { return exchange_->counters; });
  }
  std::size_t connections() {
    return on_io([this] { return listener_->connections(); });
  }
  Listener& listener() { return *listener_; }
  Exchange& exchange() { return *exchange_; }

  /// Drains, then aborts after `grace`; gives how long it took until everything had ended.
  std::chrono::milliseconds stop(std::chrono::milliseconds grace);

 private:
  boost::asio::io_context io_{1};
  SystemClock clock_;
  SystemRandom random_;
  SmallHandler small_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<Listener> listener_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::thread thread_;
  unsigned short port_ = 0;
  bool stopped_ = false;
};

}  // namespace evidenced::server
