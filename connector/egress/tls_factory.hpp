#pragma once

#include "config/error.hpp"
#include "connector/egress/base_url.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace evidenced::connector {

/// An encrypted connection: Asio's TLS over a socket with deadlines.
using TlsStream = boost::asio::ssl::stream<boost::beast::tcp_stream>;

/// The only place that makes TLS streams to Bitbucket, because each of its settings is easy to
/// forget and none of them is missed when all goes well (Asio 1.81 with defaults takes any
/// certificate): peer verified, host name or address verified, server name indication, TLS ≥ 1.2,
/// the system's trust store plus `ca_file`. No revocation check. Sessions are resumed. Outlives its
/// streams.
class TlsFactory {
 public:
  /// Errors: config.invalid (`ca_file` cannot be read or holds no certificate).
  static Result<std::unique_ptr<TlsFactory>> create(BaseUrl base, const std::string& ca_file);
  TlsFactory(const TlsFactory&) = delete;
  TlsFactory& operator=(const TlsFactory&) = delete;
  ~TlsFactory() = default;

  /// A stream that is not connected yet and will shake hands with the base host only.
  std::unique_ptr<TlsStream> make_stream(const boost::asio::any_io_executor& io);

  /// After a failed handshake: the next one starts from nothing.
  void forget_session() { session_.reset(); }

 private:
  explicit TlsFactory(BaseUrl base);
  Result<void> configure(const std::string& ca_file);
  static int keep_session(SSL* ssl, SSL_SESSION* session);

  struct FreeSession {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };

  BaseUrl base_;
  boost::asio::ssl::context context_;
  std::unique_ptr<SSL_SESSION, FreeSession> session_;  ///< the latest ticket
};

}  // namespace evidenced::connector
