#pragma once

#include "api/exchange.hpp"

namespace evidenced::api {

// What the cookie of a session is worth.

/// What a request says of the page that sent it (Origin: RFC 6454; Sec-Fetch-Site: W3C Fetch
/// Metadata). Browsers say it, scripts of pages cannot change it; programs say nothing.
enum class SentFrom { our_page, elsewhere, unsaid };
SentFrom sent_from(const Exchange& exchange);

/// Whether the request is to be answered by the session of its cookie: an Authorization field goes
/// before it.
bool uses_session(const Exchange& exchange);

/// Finds the session of the cookie and puts it, and the key whose rights it has, into the exchange.
/// What changes something must come from a page of ours and show the token of the session. Errors:
/// session.ended, session.csrf, quota.exceeded, storage.*.
Task<Result<void>> admit_session(Call call);

/// Whether the session is still there, for requests that go on for long; this is no use of it.
Task<Result<void>> check_session_again(Call call);

}  // namespace evidenced::api
