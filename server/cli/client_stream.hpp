#pragma once

#include "server/cli/http_client.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace evidenced::cli {

/// What a read brought: bytes, or 0 at the end of the stream, or what went wrong.
struct Received {
  std::size_t size = 0;
  std::string problem;
};

/// A connection, plain or TLS, whose every step has a deadline. One thread, blocking.
class ClientStream {
 public:
  virtual ~ClientStream() = default;

  /// Why there is no connection; "" when there is one.
  virtual const std::string& problem() const = 0;

  /// "" on success.
  virtual std::string write(std::string_view bytes) = 0;
  virtual Received read_some(void* data, std::size_t size) = 0;
};

/// Resolves, connects and shakes hands: TLS ≥ 1.2, peer and host name verified, SNI. `timeout` is
/// that of everything together, or of each step alone.
std::unique_ptr<ClientStream> connect(const Endpoint& endpoint, std::chrono::seconds timeout,
                                      bool each_step);

}  // namespace evidenced::cli
