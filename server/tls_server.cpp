#include "server/tls_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <string_view>
#include <utility>

namespace evidenced::server {

namespace asio = boost::asio;
namespace ssl = asio::ssl;

struct TlsServer::Context {
  ssl::context ssl{ssl::context::tls_server};
};

namespace {

constexpr auto as_tls_values = asio::as_tuple(asio::use_awaitable);
constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";
constexpr std::string_view http11_protocol = "\x08http/1.1";
constexpr std::string_view session_scope = "evidenced";

/// OpenSSL asks for our choice among the client's ALPN offers; without a match we go on without.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length,
                    const unsigned char* offers, unsigned int offers_length, void*) {
  unsigned char* chosen = nullptr;
  const auto* ours =
      reinterpret_cast<const unsigned char*>(http11_protocol.data());  // what OpenSSL takes
  const int verdict =
      SSL_select_next_proto(&chosen, out_length, ours,
                            static_cast<unsigned>(http11_protocol.size()), offers, offers_length);
  if (verdict != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<void> load_into(ssl::context& context, const std::string& certificate,
                       const std::string& key) {
  SSL_CTX* raw = context.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(
      raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(raw, tls12_ciphers);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  SSL_CTX_set_session_id_context(
      raw, reinterpret_cast<const unsigned char*>(session_scope.data()),  // what OpenSSL takes
      static_cast<unsigned>(session_scope.size()));
  boost::system::error_code error;
  context.use_certificate_chain_file(certificate, error);
  if (error) {
    return fail("tls.unusable",
                fmt::format("server.tls_certificate {}: {}.", certificate, error.message()));
  }
  context.use_private_key_file(key, ssl::context::pem, error);
  if (error || SSL_CTX_check_private_key(raw) != 1) {
    const std::string why = error ? error.message() : "it does not belong to the certificate";
    return fail("tls.unusable", fmt::format("server.tls_key {}: {}.", key, why));
  }
  return {};
}

class TlsStream final : public Stream {
 public:
  TlsStream(asio::ip::tcp::socket socket, std::shared_ptr<void> owner, ssl::context& context)
      : owner_(std::move(owner)), stream_(std::move(socket), context) {}

  Task<Done> handshake() override {
    return stream_.async_handshake(ssl::stream_base::server, as_tls_values);
  }

  Task<Transferred> read_some(asio::mutable_buffer into) override {
    return stream_.async_read_some(into, as_tls_values);
  }

  Task<Transferred> write_some(Buffers from) override {
    return stream_.async_write_some(from, as_tls_values);
  }

  Task<void> end() override {
    // Only our close_notify has to go out; without this line its peer would be waited for, and
    // some never send one.
    SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
    [[maybe_unused]] const Done done = co_await stream_.async_shutdown(as_tls_values);
    boost::system::error_code gone_already;
    socket().shutdown(asio::ip::tcp::socket::shutdown_send, gone_already);
  }

  Task<Transferred> discard_some(asio::mutable_buffer into) override {
    return stream_.next_layer().async_read_some(into, as_tls_values);
  }

  asio::ip::tcp::socket& socket() override { return stream_.next_layer(); }
  bool is_tls() const override { return true; }

 private:
  std::shared_ptr<void> owner_;  // of the context
  ssl::stream<asio::ip::tcp::socket> stream_;
};

}  // namespace

TlsServer::TlsServer(std::string certificate, std::string key, std::shared_ptr<Context> context)
    : certificate_(std::move(certificate)), key_(std::move(key)), context_(std::move(context)) {}
TlsServer::TlsServer(TlsServer&&) noexcept = default;
TlsServer& TlsServer::operator=(TlsServer&&) noexcept = default;
TlsServer::~TlsServer() = default;

Result<TlsServer> TlsServer::load(std::string certificate, std::string key) {
  TlsServer server(std::move(certificate), std::move(key), nullptr);
  Result<void> loaded = server.reload();
  if (!loaded) return fail(loaded);
  return server;
}

Result<void> TlsServer::reload() {
  auto fresh = std::make_shared<Context>();
  Result<void> loaded = load_into(fresh->ssl, certificate_, key_);
  if (!loaded) return loaded;
  context_ = std::move(fresh);
  return {};
}

std::unique_ptr<Stream> TlsServer::wrap(asio::ip::tcp::socket socket) const {
  return std::make_unique<TlsStream>(std::move(socket), context_, context_->ssl);
}

}  // namespace evidenced::server
