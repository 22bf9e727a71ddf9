#pragma once

#include "config/error.hpp"
#include "server/stream.hpp"

#include <memory>
#include <string>

namespace evidenced::server {

/// The only place where a TLS server context is made: TLS 1.2 or newer, ciphers with forward
/// secrecy and authentication, no renegotiation, no compression, ALPN "http/1.1".
class TlsServer {
 public:
  /// Reads chain and key (PEM). Errors: tls.unusable, naming the file.
  static Result<TlsServer> load(std::string certificate, std::string key);

  TlsServer(TlsServer&&) noexcept;
  TlsServer& operator=(TlsServer&&) noexcept;
  ~TlsServer();

  /// Reads the files again. New connections get the new certificate, old ones live on with theirs;
  /// after an Error (tls.unusable) everything stays as it was.
  Result<void> reload();

  std::unique_ptr<Stream> wrap(boost::asio::ip::tcp::socket socket) const;

 private:
  struct Context;
  TlsServer(std::string certificate, std::string key, std::shared_ptr<Context> context);

  std::string certificate_;
  std::string key_;
  std::shared_ptr<Context> context_;
};

}  // namespace evidenced::server
