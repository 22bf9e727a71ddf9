#include "connector/egress/io_failure.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <string>

namespace evidenced::connector {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

struct Row {
  long value;
  Code code;
};

/// Verdicts on a certificate (X509_V_ERR_…); every other one is upstream.tls_untrusted.
constexpr std::array<Row, 4> verdicts = {{
    {X509_V_ERR_HOSTNAME_MISMATCH, "upstream.tls_hostname"},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, "upstream.tls_hostname"},
    {X509_V_ERR_CERT_HAS_EXPIRED, "upstream.tls_expired"},
    {X509_V_ERR_CERT_NOT_YET_VALID, "upstream.tls_expired"},
}};

/// Reasons of a failed handshake that speak of versions (SSL_R_…).
constexpr std::array<long, 5> version_reasons = {
    SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW,
    SSL_R_WRONG_SSL_VERSION, SSL_R_NO_PROTOCOLS_AVAILABLE};

Error error_of(Code code, std::string detail) {
  Error error;
  error.code = code;
  error.detail = std::move(detail);
  return error;
}

Error verdict_on_certificate(long verdict) {
  const auto row = std::ranges::find(verdicts, verdict, &Row::value);
  const Code code = row == verdicts.end() ? Code("upstream.tls_untrusted") : row->code;
  return error_of(code, X509_verify_cert_error_string(verdict));
}

}  // namespace

bool is_end_of_stream(error_code code) {
  return code == asio::error::eof || code == asio::ssl::error::stream_truncated;
}

Error io_failure(error_code code) {
  if (code == boost::beast::error::timeout)
    return error_of("upstream.timeout", "no whole answer within the time allowed");
  if (code == asio::error::operation_aborted) return error_of("upstream.cancelled", "");
  return error_of("upstream.reset", code.message());
}

Error connect_failure(error_code code) {
  if (code == asio::error::operation_aborted) return error_of("upstream.cancelled", "");
  if (code == boost::beast::error::timeout)
    return error_of("upstream.connect", "no connection within the time allowed");
  return error_of("upstream.connect", code.message());
}

Error handshake_failure(error_code code, const ssl_st* ssl) {
  if (code.category() != asio::error::get_ssl_category()) return io_failure(code);
  // The verdict first: the code is the oldest of OpenSSL's queue, and a bad signature puts others
  // before "certificate verify failed".
  if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK)
    return verdict_on_certificate(verdict);
  const auto packed = static_cast<unsigned long>(static_cast<unsigned int>(code.value()));
  const int reason = ERR_GET_REASON(packed);
  if (std::ranges::find(version_reasons, reason) != version_reasons.end())
    return error_of("upstream.tls_version", code.message());
  return error_of("upstream.tls_failed", code.message());
}

}  // namespace evidenced::connector
