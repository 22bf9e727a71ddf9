#pragma once

#include "config/clock.hpp"
#include "connector/http_transport.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace evidenced::connector {

struct TlsTransportOptions {
  std::string base_url{};  ///< "https://api.bitbucket.org"
  std::string ca_file{};   ///< further trusted certificates, PEM; "" for none
  int connections = 8;     ///< kept alive while idle; more are opened when needed
  std::size_t header_limit = 64 * 1024;
  std::size_t body_limit = 4 * 1024 * 1024;  ///< after decoding
  int gzip_ratio_limit = 100;
  std::string user_agent{};  ///< "" for "evidenced/<version>"
};

/// HTTPS over TCP, HTTP/1.1: peer and host name verified, SNI, TLS ≥ 1.2, no redirects, every phase
/// with a deadline, every buffer with a limit. Used on the thread of `io` only; `clock` and the
/// transport outlive all calls. Cancellation ends a call with upstream.cancelled. Idle connections
/// beyond 30 s are closed when the next request looks at them. Errors of construction:
/// config.invalid (the URL is not https://host[:port], or the CA file cannot be read).
Result<std::unique_ptr<HttpTransport>> make_tls_transport(boost::asio::any_io_executor io,
                                                          Clock& clock,
                                                          TlsTransportOptions options);

}  // namespace evidenced::connector
