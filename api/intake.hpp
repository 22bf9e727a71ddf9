#pragma once

#include "api/exchange.hpp"

#include <optional>
#include <string_view>

namespace evidenced::api {

// What happens to a request between its route and its handler.

/// Who asks, and whether they may: key or session, quota, role. Errors: auth.*, session.*,
/// quota.exceeded, storage.*.
Task<Result<void>> admit(Call call);

/// The media type to answer with, of those the route has. Errors: request.not_acceptable.
Result<std::string_view> choose_media(std::string_view accept, std::string_view offered);

/// How much a field such as Accept (RFC 9110, section 12.5) likes `offered`, by the range that
/// names it most exactly: 0 to 1, 0 when none does.
double acceptance(std::string_view accept, std::string_view offered);

/// How much an Accept-Encoding field likes a coding: as above; "*" stands for those it does not
/// name (RFC 9110, section 12.5.3).
double coding_quality(std::string_view accept_encoding, std::string_view coding);

/// Reads and checks the body. Errors: request.media_type, request.malformed, .unknown_field,
/// .duplicate_key, .invalid_field.
Result<void> read_body(Exchange& exchange);

/// Looks for an answer under the request's Idempotency-Key and marks the request as in flight.
/// Errors: idempotency.*.
Task<Result<std::optional<Response>>> find_replay(Call call);

}  // namespace evidenced::api
