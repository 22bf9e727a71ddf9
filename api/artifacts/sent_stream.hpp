#pragma once

#include "api/message.hpp"

#include <memory>
#include <string_view>

namespace evidenced::api {

/// Whether a client asks for zstd (RFC 8878) by name in Accept-Encoding, and does not like the
/// bytes as they are better (RFC 9110, section 12.5.3).
bool wants_zstd(std::string_view accept_encoding);

/// `body` as it is sent: as it is, or coded as one zstd frame; and behind its trailers
/// Content-Digest (RFC 9530), which covers the bytes that are sent.
std::unique_ptr<BodyStream> sent_as(std::unique_ptr<BodyStream> body, bool zstd);

}  // namespace evidenced::api
