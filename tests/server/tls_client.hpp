#pragma once

#include "tests/server/raw_client.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace evidenced::server {

/// A TLS client over a RawClient, by OpenSSL itself: nothing of ours is on this side.
class TlsClient {
 public:
  struct Options {
    int most = 0;  ///< the newest version offered, TLS1_1_VERSION…; 0: any
    bool weak =
        false;  ///< allow what today's defaults forbid, so that it is the server that refuses
  };

  explicit TlsClient(unsigned short port) : TlsClient(port, Options()) {}
  TlsClient(unsigned short port, Options options);

  bool connected() const { return connected_; }
  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string cipher() const { return SSL_get_cipher_name(ssl_.get()); }
  std::string protocol() const;  ///< by ALPN, "" when none was agreed on

  /// The common name in the server's certificate.
  std::string server_name() const;

  /// Sends a request and reads its answer's bytes up to and including `end`.
  std::string ask(std::string_view request, std::string_view end);

 private:
  RawClient tcp_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool connected_ = false;
};

}  // namespace evidenced::server
