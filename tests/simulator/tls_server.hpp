#pragma once

#include "tests/simulator/private_ca.hpp"
#include "tests/simulator/simulator.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace evidenced::simulator {

struct TlsServerOptions {
  std::uint16_t port = 0;  ///< 0: any free one
  Certificate certificate;
  bool only_tls_1_1 = false;  ///< offers nothing newer
  bool chunked = false;       ///< bodies in chunks, without Content-Length
};

/// HTTP/1.1 over TLS on 127.0.0.1: one thread a connection, keep-alive, gzip when asked, and the
/// damage of a SimResponse really done to the socket. The handler is called under one lock.
class TlsServer {
 public:
  /// `body` is the request's own body: control requests have one.
  using Handler = std::function<SimResponse(const SimRequest& request, const std::string& body)>;

  TlsServer(TlsServerOptions options, Handler handler);
  ~TlsServer();  ///< stop()
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  std::uint16_t port() const;

  /// Ends every connection and waits for the threads.
  void stop();

  /// Runs `work` under the handlers' lock.
  void locked(const std::function<void()>& work);

  std::uint64_t connections() const;        ///< accepted so far
  std::uint64_t failed_handshakes() const;  ///< clients that would not have it, or could not

 private:
  class Connection;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace evidenced::simulator
