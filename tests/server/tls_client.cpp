#include "tests/server/tls_client.hpp"

#include <openssl/x509.h>

namespace evidenced::server {

TlsClient::TlsClient(unsigned short port, Options options)
    : tcp_(port),
      context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      ssl_(nullptr, SSL_free) {
  if (options.weak) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  }
  if (options.most != 0) SSL_CTX_set_max_proto_version(context_.get(), options.most);
  const unsigned char offers[] = "\x02h2\x08http/1.1";
  SSL_CTX_set_alpn_protos(context_.get(), offers, sizeof offers - 1);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), tcp_.descriptor());
  connected_ = SSL_connect(ssl_.get()) == 1;
}

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

std::string TlsClient::server_name() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(ssl_.get()), X509_free);
  char name[256] = "";
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                            sizeof name);
  return name;
}

std::string TlsClient::ask(std::string_view request, std::string_view end) {
  SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size()));
  std::string answer;
  char bytes[4096];
  while (answer.find(end) == std::string::npos) {
    const int got = SSL_read(ssl_.get(), bytes, sizeof bytes);
    if (got <= 0) break;
    answer.append(bytes, static_cast<std::size_t>(got));
  }
  return answer;
}

}  // namespace evidenced::server
