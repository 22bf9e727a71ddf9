#pragma once

#include "config/error.hpp"

#include <boost/system/error_code.hpp>

struct ssl_st;

namespace evidenced::connector {

/// What a failed connect means: upstream.connect, or upstream.cancelled.
Error connect_failure(boost::system::error_code code);

/// What a failed handshake means: upstream.tls_hostname, .tls_expired, .tls_untrusted,
/// .tls_version, .tls_failed, or one of io_failure(). `ssl` tells the verdict on the certificate.
Error handshake_failure(boost::system::error_code code, const ssl_st* ssl);

/// What a failed read or write means: upstream.timeout, .cancelled, or .reset.
Error io_failure(boost::system::error_code code);

/// Whether the peer ended the stream, in order or not.
bool is_end_of_stream(boost::system::error_code code);

}  // namespace evidenced::connector
