#include "connector/egress/tls_factory.hpp"

#include <boost/asio/ssl/host_name_verification.hpp>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace evidenced::connector {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

/// Where a context keeps its factory for keep_session().
int factory_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// OpenSSL refuses these settings only when memory ran out.
void must(long success, const char* what) {
  if (success != 1) throw std::runtime_error(what);
}

}  // namespace

TlsFactory::TlsFactory(BaseUrl base) : base_(std::move(base)), context_(ssl::context::tls_client) {}

Result<std::unique_ptr<TlsFactory>> TlsFactory::create(BaseUrl base, const std::string& ca_file) {
  std::unique_ptr<TlsFactory> factory(new TlsFactory(std::move(base)));
  if (Result<void> configured = factory->configure(ca_file); !configured) return fail(configured);
  return factory;
}

Result<void> TlsFactory::configure(const std::string& ca_file) {
  context_.set_verify_mode(ssl::verify_peer);
  context_.set_default_verify_paths();
  if (!ca_file.empty()) {
    error_code code;
    context_.load_verify_file(ca_file, code);
    if (code)
      return fail("config.invalid",
                  "connector.ca_file: no certificates can be read from " + ca_file);
  }
  SSL_CTX* native = context_.native_handle();
  must(SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION), "no TLS 1.2");
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  // TLS 1.3 sends its tickets after the handshake, so they come by callback.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  must(SSL_CTX_set_ex_data(native, factory_index(), this), "SSL_CTX_set_ex_data");
  SSL_CTX_sess_set_new_cb(native, &TlsFactory::keep_session);
  return {};
}

std::unique_ptr<TlsStream> TlsFactory::make_stream(const boost::asio::any_io_executor& io) {
  auto stream = std::make_unique<TlsStream>(io, context_);
  SSL* native = stream->native_handle();
  // Verified by OpenSSL itself, whose verdict names the reason, and once more by Asio's callback.
  if (base_.is_address) {
    must(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(native), base_.host.c_str()),
         "verify address");
  } else {
    must(SSL_set1_host(native, base_.host.c_str()), "verify host");
    must(SSL_set_tlsext_host_name(native, base_.host.c_str()), "server name");
  }
  stream->set_verify_callback(ssl::host_name_verification(base_.host));
  if (session_) must(SSL_set_session(native, session_.get()), "session");
  return stream;
}

int TlsFactory::keep_session(SSL* ssl, SSL_SESSION* session) {
  void* data = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), factory_index());
  static_cast<TlsFactory*>(data)->session_.reset(session);
  return 1;  // the reference is ours now
}

}  // namespace evidenced::connector
